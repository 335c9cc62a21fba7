/* paths.h: where the server finds its things. */
#ifndef PATRON_SERVER_PATHS_H
#define PATRON_SERVER_PATHS_H

#include <stdbool.h>

enum { SERVER_PATH_SIZE = 4096 };

/* The option, else the environment variable, else `usual`. */
const char *option_or_environment(const char *option, const char *variable, const char *usual);

bool is_postgres(const char *database);

/* `name` in the directory of the database file; in the working directory for PostgreSQL. */
void path_beside(const char *database, const char *name, char out[SERVER_PATH_SIZE]);

#endif

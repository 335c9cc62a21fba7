/* programme.h: publishing a programme from a file, for the subcommands that may start with one. */
#ifndef PATRON_CLI_PROGRAMME_H
#define PATRON_CLI_PROGRAMME_H

#include "cli/subcommand.h"

/* A whole text file of at most `size_max` bytes, in the call's arena; "-" is standard input. */
enum status cli_read_file(struct cli *cli, const char *path, size_t size_max, struct text *out, struct error *err);

/* Publishes the programme in `path` when none was published yet, and waits until it is in force. */
enum status cli_programme_first(struct cli *cli, const char *path, struct error *err);

#endif

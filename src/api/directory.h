/* directory.h: directories of the files of jobs. */
#ifndef PATRON_API_DIRECTORY_H
#define PATRON_API_DIRECTORY_H

#include <stdbool.h>

bool directory_exists(const char *path);

/* Removes the directory and the files in it; it holds no directories. */
void directory_remove(const char *path);

#endif

/* spool.h: files that outlive the request that brought them, by descriptor. */
#ifndef PATRON_FEATURES_EXCHANGE_SPOOL_H
#define PATRON_FEATURES_EXCHANGE_SPOOL_H

#include "foundation/error.h"
#include "foundation/text.h"

enum { SPOOL_PATH_SIZE = 64 };

/* A second descriptor of `spooled`, or, when that is -1, a file in memory with `body`. Close with spool_close. */
enum status spool_keep(int spooled, struct text body, int *descriptor, struct error *err);
void spool_close(int descriptor); /* accepts -1 */

/* A path by which the content can be opened from its start. */
char *spool_path(int descriptor, char path[SPOOL_PATH_SIZE]);

int spool_open(const char *path); /* for reading; -1: there is none */

#endif

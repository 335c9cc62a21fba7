/* progress.h: how far long work is, on the terminal. */
#ifndef PATRON_CLI_PROGRESS_H
#define PATRON_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* True when standard error is a terminal: progress is shown. */
bool cli_shows_progress(void);
/* "  42 %  12,345 rows"; `total` 0: not known. Ends the line when `done` is negative. */
void cli_progress(int64_t done, int64_t total, int64_t count, const char *what);

#endif

/*
 * commit_times.h: when each commit of this process was made: by the writer that made it, before anybody is told of it, for whoever
 * reads the log. SQLite only.
 */
#ifndef PATRON_STORAGE_COMMIT_TIMES_H
#define PATRON_STORAGE_COMMIT_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct commit_times;

struct commit_times *commit_times_new(void); /* NULL without memory */
void commit_times_free(struct commit_times *times);

/* `frames`: the length of the log after the commit. The oldest are forgotten when nobody takes them. Any thread. */
void commit_times_add(struct commit_times *times, int64_t frames, int64_t at);

/* Takes the oldest with that length; false when there is none: another process made the commit, or it is just being made. */
bool commit_times_take(struct commit_times *times, int64_t frames, int64_t *at);

#endif

/* log.h: one line of JSON an event on standard error; on a terminal, a line for people. */
#ifndef PATRON_FOUNDATION_LOG_H
#define PATRON_FOUNDATION_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Reads the level once from its name ("debug", "info", "warning", "error"); false for another word. */
bool log_level_from(const char *name, enum log_level *out);
void log_set_level(enum log_level level); /* before threads start */

/*
 * `event` is a stable name such as "server.started"; the rest is a sentence. Only the edges log; secrets and personal
 * data never.
 */
void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

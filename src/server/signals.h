/* signals.h: how the server is told to stop, and tells that it is ready. */
#ifndef PATRON_SERVER_SIGNALS_H
#define PATRON_SERVER_SIGNALS_H

/*
 * Before any thread starts: SIGTERM and SIGINT wait for signals_wait; a closed connection or a file at its limit is an
 * error of the write, no signal.
 */
void signals_block(void);

/* While nothing must be finished in order: SIGTERM and SIGINT end the process at once again, as they usually do. */
void signals_release(void);

/* Waits for SIGTERM or SIGINT and returns its number. */
int signals_wait(void);

/* Tells the service manager "READY=1" or "STOPPING=1" (sd_notify); no effect without NOTIFY_SOCKET. */
void signals_notify(const char *state);

#endif

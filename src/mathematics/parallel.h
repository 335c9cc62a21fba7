/* parallel.h: the same work on several threads at once. */
#ifndef PATRON_MATHEMATICS_PARALLEL_H
#define PATRON_MATHEMATICS_PARALLEL_H

#include <stddef.h>

enum { PARALLEL_THREADS_MAX = 16 };

/* As many as the processors of this process, at most PARALLEL_THREADS_MAX. */
size_t parallel_threads(void);

/*
 * Calls work(context, 0) .. work(context, threads - 1), each on a thread of its own, and returns when all are done. When the
 * system gives no more threads, the caller does what is left. So that results do not depend on `threads`, the work on each
 * item must not: a random number takes its seed from the item.
 */
void parallel_run(size_t threads, void (*work)(void *context, size_t thread), void *context);

#endif

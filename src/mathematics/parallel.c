#include "mathematics/parallel.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

struct share {
    void (*work)(void *context, size_t thread);
    void *context;
    size_t thread;
    pthread_t id;
    bool started;
};

size_t parallel_threads(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);

    return count < 1 ? 1 : count > PARALLEL_THREADS_MAX ? PARALLEL_THREADS_MAX : (size_t)count;
}

static void *run_share(void *argument)
{
    const struct share *share = argument;

    share->work(share->context, share->thread);
    return NULL;
}

void parallel_run(size_t threads, void (*work)(void *context, size_t thread), void *context)
{
    struct share shares[PARALLEL_THREADS_MAX];

    assert(threads >= 1 && threads <= PARALLEL_THREADS_MAX);
    for (size_t i = 1; i < threads; i++) {
        shares[i] = (struct share){.work = work, .context = context, .thread = i};
        shares[i].started = pthread_create(&shares[i].id, NULL, run_share, &shares[i]) == 0;
    }
    work(context, 0);
    for (size_t i = 1; i < threads; i++) {
        if (shares[i].started)
            pthread_join(shares[i].id, NULL);
        else
            work(context, i);
    }
}

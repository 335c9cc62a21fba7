#include "storage/commit_times.h"

#include <pthread.h>
#include <stdlib.h>

enum { COMMIT_TIMES_MAX = 65536 };

struct entry {
    int64_t frames, at;
    bool taken;
};

struct commit_times {
    pthread_mutex_t lock;
    uint64_t first, next; /* entries first .. next - 1, modulo the size */
    struct entry entries[COMMIT_TIMES_MAX];
};

struct commit_times *commit_times_new(void)
{
    struct commit_times *times = calloc(1, sizeof *times);

    if (times != NULL)
        pthread_mutex_init(&times->lock, NULL);
    return times;
}

void commit_times_free(struct commit_times *times)
{
    if (times != NULL)
        pthread_mutex_destroy(&times->lock);
    free(times);
}

void commit_times_add(struct commit_times *times, int64_t frames, int64_t at)
{
    pthread_mutex_lock(&times->lock);
    if (times->next - times->first == COMMIT_TIMES_MAX)
        times->first++;
    times->entries[times->next++ % COMMIT_TIMES_MAX] = (struct entry){frames, at, false};
    pthread_mutex_unlock(&times->lock);
}

/* Writers tell of their commits nearly in order, so the wanted one is among the first. */
bool commit_times_take(struct commit_times *times, int64_t frames, int64_t *at)
{
    bool found = false;

    pthread_mutex_lock(&times->lock);
    for (uint64_t i = times->first; i < times->next && !found; i++) {
        struct entry *entry = &times->entries[i % COMMIT_TIMES_MAX];
        found = !entry->taken && entry->frames == frames;
        if (found) {
            entry->taken = true;
            *at = entry->at;
        }
    }
    while (times->first < times->next && times->entries[times->first % COMMIT_TIMES_MAX].taken)
        times->first++;
    pthread_mutex_unlock(&times->lock);
    return found;
}

#include "features/insight/pause_store.h"

#include <math.h>

static const double SHARE = 0.125, PAUSE_MAX_MS = 500;

void pause_start(struct pause *pause)
{
    clock_gettime(CLOCK_MONOTONIC, &pause->started);
}

double pause_take(const struct pause *pause)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    double held_ms =
        (double)(now.tv_sec - pause->started.tv_sec) * 1e3 + (double)(now.tv_nsec - pause->started.tv_nsec) / 1e6;
    const struct timespec length = {.tv_nsec = (long)(fmin(held_ms * SHARE, PAUSE_MAX_MS) * 1e6)};

    nanosleep(&length, NULL);
    return held_ms;
}

/* clock.h: the time of day and the time since boot. Only edges read it; decisions are given `now`. */
#ifndef PATRON_FOUNDATION_CLOCK_H
#define PATRON_FOUNDATION_CLOCK_H

#include <stdint.h>

/* A source of time, so that tests can move it. Both in microseconds. */
struct clock {
    int64_t (*now)(void *context);  /* UTC since 1970 */
    int64_t (*boot)(void *context); /* monotonic, counts suspension */
    void *context;
};

extern const struct clock clock_system;

int64_t clock_now(const struct clock *clock);
int64_t clock_boot(const struct clock *clock);

#endif

/* latency.h: how long things took, counted by bounds, as Prometheus wants histograms. */
#ifndef PATRON_FOUNDATION_LATENCY_H
#define PATRON_FOUNDATION_LATENCY_H

#include <stdatomic.h>
#include <stdint.h>

#include "foundation/text.h"

enum { LATENCY_BOUNDS = 11 };

/* Any thread may add and read. Zeroed is empty. */
struct latency {
    _Atomic int64_t by_time[LATENCY_BOUNDS + 1]; /* the last is above all bounds */
    _Atomic int64_t total_us;
};

int64_t latency_now(void); /* monotonic microseconds */
void latency_add(struct latency *latency, int64_t taken_us);

/* A histogram's lines of `name`; `labels` ("operation=\"redeem\"") may be empty. */
void latency_write(const struct latency *latency, const char *name, const char *labels, struct builder *out);

#endif

/* metrics.h: counts of requests by route, for Prometheus. */
#ifndef PATRON_API_METRICS_H
#define PATRON_API_METRICS_H

#include "api/router.h"

struct metrics;

struct metrics *metrics_new(struct arena *arena, const struct router *router);

/* `route` NULL: none; `started_at` monotonic microseconds, 0: not timed. Any thread. */
void metrics_count(struct metrics *metrics, const struct route *route, int status, int64_t started_at);

/* The text of /metrics. */
struct text metrics_text(const struct metrics *metrics, struct arena *arena, struct engine *engine,
                         struct http_server *http);

#endif

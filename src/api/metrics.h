/* metrics.h: counts of requests by route, for Prometheus. */
#ifndef PATRON_API_METRICS_H
#define PATRON_API_METRICS_H

#include "api/router.h"

struct metrics;

struct metrics *metrics_new(struct arena *arena, const struct router *router);

/* `route` NULL: none; `started_at` monotonic microseconds, 0: not timed. Any thread. */
void metrics_count(struct metrics *metrics, const struct route *route, int status, int64_t started_at);

/* The text of /metrics is written in two parts, between which others add theirs. */
void metrics_engine(struct builder *out, struct engine *engine, struct http_server *http);
void metrics_requests(const struct metrics *metrics, struct builder *out);

#endif

/* metrics.c: counts of requests by route, for Prometheus. */
#include "api/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "foundation/latency.h"

enum { CLASS_COUNT = 4, LABELS_SIZE = 128 };

struct counts {
    _Atomic int64_t by_class[CLASS_COUNT]; /* 2xx .. 5xx */
    struct latency times;
};

struct metrics {
    const struct router *router;
    struct counts *routes; /* one a route; the last is for requests without one */
    size_t route_count;
};

struct metrics *metrics_new(struct arena *arena, const struct router *router)
{
    struct metrics *metrics = arena_alloc(arena, sizeof *metrics);
    metrics->router = router;
    metrics->route_count = router_count(router);
    metrics->routes = arena_array(arena, metrics->route_count + 1, sizeof *metrics->routes);
    return metrics;
}

static size_t index_of(const struct metrics *metrics, const struct route *route)
{
    size_t index = 0;
    while (index < metrics->route_count && router_at(metrics->router, index) != route)
        index++;
    return index;
}

void metrics_count(struct metrics *metrics, const struct route *route, int status, int64_t started_at)
{
    struct counts *counts = &metrics->routes[index_of(metrics, route)];
    int class = status / 100 - 2;
    counts->by_class[class < 0 || class >= CLASS_COUNT ? CLASS_COUNT - 1 : class]++;
    if (started_at == 0)
        return;
    latency_add(&counts->times, latency_now() - started_at);
}

static const char *operation_at(const struct metrics *metrics, size_t index)
{
    return index == metrics->route_count ? "none" : router_at(metrics->router, index)->operation;
}

static int64_t requests_of(const struct counts *counts)
{
    int64_t sum = 0;
    for (int i = 0; i < CLASS_COUNT; i++)
        sum += counts->by_class[i];
    return sum;
}

static void write_requests(const struct metrics *metrics, struct builder *out)
{
    builder_string(out, "# TYPE patron_requests_total counter\n");
    for (size_t i = 0; i <= metrics->route_count; i++)
        for (int class = 0; class < CLASS_COUNT; class ++)
            if (metrics->routes[i].by_class[class] > 0)
                builder_format(out, "patron_requests_total{operation=\"%s\",status=\"%dxx\"} %" PRId64 "\n",
                               operation_at(metrics, i), class + 2, metrics->routes[i].by_class[class]);
}

static void write_times(const struct metrics *metrics, struct builder *out)
{
    builder_string(out, "# TYPE patron_request_seconds histogram\n");
    for (size_t i = 0; i <= metrics->route_count; i++) {
        const struct counts *counts = &metrics->routes[i];
        if (requests_of(counts) == 0)
            continue;
        char labels[LABELS_SIZE];
        snprintf(labels, sizeof labels, "operation=\"%s\"", operation_at(metrics, i));
        latency_write(&counts->times, "patron_request_seconds", labels, out);
    }
}

struct figure {
    const char *name, *type;
    int64_t value;
};

static void write_figures(struct builder *out, const struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        builder_format(out, "# TYPE %s %s\n%s %" PRId64 "\n", figures[i].name, figures[i].type, figures[i].name,
                       figures[i].value);
}

void metrics_engine(struct builder *out, struct engine *engine, struct http_server *http)
{
    struct engine_figures done;
    engine_figures(engine, &done);
    const struct figure of_engine[] = {
        {"patron_engine_batches_total", "counter", done.batches},
        {"patron_engine_commands_total", "counter", done.commands},
        {"patron_engine_rejected_total", "counter", done.rejected},
        {"patron_engine_retries_total", "counter", done.retries},
        {"patron_engine_busy_total", "counter", done.refused_busy},
        {"patron_engine_swept_total", "counter", done.swept},
        {"patron_engine_queue_length", "gauge", done.queue_length},
        {"patron_engine_sweeper_stopped", "gauge", done.sweeper_stopped},
    };
    write_figures(out, of_engine, sizeof of_engine / sizeof of_engine[0]);
    builder_string(out, "# TYPE patron_engine_commit_seconds histogram\n");
    latency_write(engine_commits(engine), "patron_engine_commit_seconds", "", out);
    if (http != NULL) {
        struct http_figures figures;
        http_server_figures(http, &figures);
        const struct figure of_http[] = {
            {"patron_http_connections", "gauge", figures.connections},
            {"patron_http_requests_total", "counter", figures.requests},
            {"patron_http_refused_total", "counter", figures.refused},
            {"patron_http_queue_length", "gauge", figures.queue_length},
            {"patron_http_active", "gauge", figures.active},
            {"patron_http_streams", "gauge", figures.streams},
        };
        write_figures(out, of_http, sizeof of_http / sizeof of_http[0]);
    }
}

void metrics_requests(const struct metrics *metrics, struct builder *out)
{
    write_requests(metrics, out);
    write_times(metrics, out);
}

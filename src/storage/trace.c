/* trace.c: a connection that says each of its operations in one line, without the values. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "storage/driver.h"

struct trace_connection {
    struct driver_connection base;
    struct driver_connection *inner;
    void (*line)(void *context, const char *text);
    void *context;
};

static struct trace_connection *trace_of(struct driver_connection *connection)
{
    return (struct trace_connection *)connection;
}

static int64_t trace_now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* `what` with its duration and its outcome. */
static enum status trace_line(const struct trace_connection *trace, int64_t started_us, const char *what,
                              enum status status, const struct error *err)
{
    char text[512];
    int64_t took_us = trace_now_us() - started_us;

    if (status == STATUS_OK)
        snprintf(text, sizeof text, "%s: %" PRId64 " us", what, took_us);
    else
        snprintf(text, sizeof text, "%s: %" PRId64 " us, %s (%s)", what, took_us, status_name(status),
                 err == NULL ? "" : err->code);
    trace->line(trace->context, text);
    return status;
}

static enum status trace_prepare(struct driver_connection *connection, const struct storage_query *const *queries,
                                 size_t count, bool all, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    char what[64];
    int64_t started_us = trace_now_us();

    snprintf(what, sizeof what, "prepare %zu queries", count);
    return trace_line(trace, started_us, what, trace->inner->driver->prepare(trace->inner, queries, count, all, err),
                      err);
}

static enum status trace_begin(struct driver_connection *connection, enum driver_begin mode, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    int64_t started_us = trace_now_us();

    return trace_line(trace, started_us, mode == DRIVER_BEGIN_READ ? "begin read" : "begin write",
                      trace->inner->driver->begin(trace->inner, mode, err), err);
}

static enum status trace_work(struct trace_connection *trace, const char *verb, const struct driver_work *work,
                              enum status (*run)(struct driver_connection *, const struct driver_work *,
                                                 struct error *),
                              struct error *err)
{
    char what[256];
    int64_t started_us = trace_now_us();

    snprintf(what, sizeof what, "%s %s, %zu rows", verb, work->query->name, work->row_count);
    return trace_line(trace, started_us, what, run(trace->inner, work, err), err);
}

static enum status trace_send(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    return trace_work(trace, "send", work, trace->inner->driver->send, err);
}

static enum status trace_stream(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    return trace_work(trace, "stream", work, trace->inner->driver->stream, err);
}

static enum status trace_flush(struct driver_connection *connection, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    int64_t started_us = trace_now_us();

    return trace_line(trace, started_us, "flush", trace->inner->driver->flush(trace->inner, err), err);
}

static enum status trace_commit(struct driver_connection *connection, bool *owed, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    int64_t started_us = trace_now_us();

    return trace_line(trace, started_us, "commit", trace->inner->driver->commit(trace->inner, owed, err), err);
}

static void trace_rollback(struct driver_connection *connection)
{
    struct trace_connection *trace = trace_of(connection);
    int64_t started_us = trace_now_us();

    trace->inner->driver->rollback(trace->inner);
    trace_line(trace, started_us, "rollback", STATUS_OK, NULL);
}

static enum status trace_script(struct driver_connection *connection, const char *sql, struct error *err)
{
    struct trace_connection *trace = trace_of(connection);
    return trace->inner->driver->script(trace->inner, sql, err);
}

static bool trace_usable(struct driver_connection *connection)
{
    struct trace_connection *trace = trace_of(connection);
    return trace->inner->driver->usable(trace->inner);
}

static void trace_close(struct driver_connection *connection)
{
    struct trace_connection *trace = trace_of(connection);
    trace->inner->driver->close(trace->inner);
    free(trace);
}

static const struct storage_driver trace_driver = {
    .prepare = trace_prepare,
    .begin = trace_begin,
    .send = trace_send,
    .flush = trace_flush,
    .commit = trace_commit,
    .rollback = trace_rollback,
    .stream = trace_stream,
    .script = trace_script,
    .usable = trace_usable,
    .close = trace_close,
};

struct driver_connection *trace_wrap(struct driver_connection *inner, void (*line)(void *context, const char *text),
                                     void *context)
{
    struct trace_connection *trace = calloc(1, sizeof *trace);
    if (trace == NULL) {
        inner->driver->close(inner);
        return NULL;
    }
    trace->base.driver = &trace_driver;
    trace->inner = inner;
    trace->line = line;
    trace->context = context;
    return &trace->base;
}

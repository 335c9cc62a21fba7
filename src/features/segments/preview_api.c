/* preview_api.c: how many an expression would take in, at once or as a job. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "features/programme/programme.h"
#include "features/segments/segment.h"
#include "features/segments/segments_api.h"
#include "features/segments/segments_preview_store.h"

enum { COMPILE_BYTES = RULE_COMPILE_BYTES, SHARE_DECIMALS = 6, WAIT_MS_MAX = 2000, ANSWER_MS = 100 };

struct preview_body {
    struct text when;
};
static const struct field preview_body_fields[] = {
    {.name = "when",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct preview_body, when),
     .minimum = 1,
     .maximum = CONDITION_SIZE_MAX,
     .about = "An expression over a member, as in a segment."},
};
const struct shape segment_preview_body_shape = {
    .name = "SegmentPreviewBody", .size = sizeof(struct preview_body), SHAPE_FIELDS(preview_body_fields)};

static const struct field preview_fields[] = {
    {.name = "complete", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "False: a job counts on; see job."},
    {.name = "job", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "job"},
    {.name = "members",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE,
     .about = "For how many members it holds now; null while a job counts."},
    {.name = "share", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6, .about = "Of all members."},
    {.name = "base", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "How many members there are."},
    {.name = "sample",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "Ids of at most ten of them, always the same ones."},
};
const struct shape segment_preview_shape = {.name = "SegmentPreview", SHAPE_FIELDS(preview_fields)};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool before_deadline(void *context, int done)
{
    (void)done;
    return monotonic_ms() < *(const int64_t *)context;
}

/* ---- as a job ---- */

struct preview_input {
    size_t size;
    char when[];
};

static bool job_goes_on(void *context, int done)
{
    struct job *job = context;
    job_progress(job, done, BUCKET_COUNT);
    return !job_cancelled(job);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *given, struct error *err)
{
    const struct preview_input *input = given;
    struct condition when;
    struct segment_preview_result result;
    enum status status = segment_compile(arena, (struct text){input->when, input->size}, &when, err);
    if (status != STATUS_OK)
        return status;
    struct configuration configuration = engine_configuration(engine);
    const struct segment_preview what = {.when = &when,
                                         .programmes = configuration.programmes,
                                         .now = clock_now(engine_clock(engine)),
                                         .go_on = job_goes_on,
                                         .context = job};
    status = segments_preview(engine, &what, &result, err);
    engine_configuration_release(engine, configuration);
    if (status != STATUS_OK || !result.complete)
        return status;
    job_progress(job, BUCKET_COUNT, BUCKET_COUNT);
    job_count(job, "members", result.count);
    job_count(job, "base", result.base);
    job_message(job, "it holds for %lld of %lld members", (long long)result.count, (long long)result.base);
    return STATUS_OK;
}

const struct job_kind segment_preview_job = {
    .name = "segment_preview", .permission = PERMISSION_PROGRAMME_READ, .run = run, .release = free};

static enum status start_job(struct call *call, struct text when, int64_t *job, struct error *err)
{
    struct preview_input *input = malloc(sizeof *input + when.size);
    if (input == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory for the job");
    input->size = when.size;
    memcpy(input->when, when.bytes, when.size);
    return job_start(call->jobs, &segment_preview_job, call->actor, input, job, err);
}

/* ---- at once ---- */

static void write_preview(struct json_writer *writer, const struct segment_preview_result *result, int64_t job)
{
    char id[ID_TEXT_SIZE];
    writer_boolean(writer, "complete", result->complete);
    writer_id(writer, "job", "job", job);
    if (result->complete) {
        double share = result->base > 0 ? (double)result->count / (double)result->base : 0;
        writer_integer(writer, "members", result->count);
        writer_real(writer, "share", share, SHARE_DECIMALS);
    } else {
        writer_null(writer, "members");
        writer_null(writer, "share");
    }
    writer_integer(writer, "base", result->base);
    writer_list(writer, "sample");
    for (size_t i = 0; result->complete && i < result->sample_count; i++)
        writer_string(writer, NULL, id_format("mbr", result->sample[i], id));
    writer_end(writer);
}

enum status segment_preview_post(struct call *call, struct item *item, struct error *err)
{
    const struct preview_body *body = item->body;
    struct arena *arena = arena_new((size_t)COMPILE_BYTES * 2);
    struct segment_preview_result result;
    struct condition when;
    int64_t deadline = monotonic_ms() + WAIT_MS_MAX - ANSWER_MS, job = 0;
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory for the expression");
    enum status status = segment_compile(arena, body->when, &when, err);
    if (status != STATUS_OK)
        snprintf(err->field, sizeof err->field, "when");
    const struct segment_preview what = {.when = &when,
                                         .programmes = call->programmes,
                                         .now = call->now,
                                         .go_on = before_deadline,
                                         .context = &deadline};
    if (status == STATUS_OK)
        status = segments_preview(call->engine, &what, &result, err);
    arena_free(arena);
    if (status == STATUS_OK && !result.complete)
        status = start_job(call, body->when, &job, err);
    if (status == STATUS_OK)
        write_preview(&item->writer, &result, job);
    return status;
}

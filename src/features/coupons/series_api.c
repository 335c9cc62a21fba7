/* Codes by the thousand over HTTP: made, read in, listed, written into a file. */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/job.h"
#include "api/page.h"
#include "features/coupons/batch_store.h"
#include "features/coupons/coupons_api.h"

static const size_t JOB_MEMORY = (size_t)512 << 20;

/* ---- the job ---- */

struct job_input {
    struct arena *arena;
    struct batch_request request;
};

static void release_input(void *given)
{
    struct job_input *input = given;

    arena_free(input->arena);
}

static bool job_moved(void *context, int64_t done, int64_t total)
{
    struct job *job = context;

    job_progress(job, done, total);
    return job_cancelled(job);
}

static enum status run_job(struct job *job, struct engine *engine, struct arena *arena, void *given, struct error *err)
{
    struct job_input *input = given;
    struct text complaints = {NULL, 0};
    struct code_batch batch;

    (void)arena;
    input->request.watch = (struct batch_watch){.moved = job_moved, .context = job};
    job_message(job, input->request.content.size > 0 ? "reading codes in" : "making codes");
    enum status status = coupon_batch_run(engine, input->arena, &input->request, &batch, &complaints, err);
    if (status != STATUS_OK)
        return status;
    job_count(job, "codes", batch.done - batch.known);
    if (input->request.content.size > 0)
        job_count(job, "known", batch.known);
    if (complaints.size > 0)
        job_message(job, "%.*s", (int)(complaints.size < 300 ? complaints.size : 300), complaints.bytes);
    else
        job_message(job, batch.done >= batch.wanted ? "all codes are there" : "stopped; the same again goes on");
    return STATUS_OK;
}

const struct job_kind coupon_job = {
    .name = "coupons", .permission = PERMISSION_PROGRAMME_PUBLISH, .run = run_job, .release = release_input};

/* A series of the path, in force now. */
static enum status path_series(const struct call *call, const struct coupon_series **out, struct error *err)
{
    bool current = false;

    *out = coupon_series_find(call->programmes, call->parameters[0], call->now, &current);
    return *out != NULL ? STATUS_OK
                        : error_set(err, STATUS_MISSING, "coupon.unknown_series", "code", "there is no such series");
}

static enum status make_input(struct call *call, struct text reference, struct job_input **out, struct error *err)
{
    struct arena *arena = arena_new(JOB_MEMORY);

    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "internal.memory", "", "there is no memory for so many codes");
    *out = arena_alloc(arena, sizeof **out);
    **out = (struct job_input){.arena = arena,
                               .request = {.series = text_copy(arena, call->parameters[0]),
                                           .reference = text_copy(arena, reference),
                                           .actor = text_copy(arena, call->actor)}};
    return STATUS_OK;
}

/* ---- making ---- */

struct batch_input {
    struct text reference;
    int64_t count;
};
#define REFERENCE_FIELD(owner)                                                                                  \
    {                                                                                                           \
        .name = "reference", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(owner, reference), \
        .minimum = 1, .maximum = BATCH_REFERENCE_MAX,                                                           \
        .about = "Names what is asked for: the same again goes on where it stopped, and makes nothing twice."   \
    }
static const struct field batch_input_fields[] = {
    {.name = "count",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct batch_input, count),
     .minimum = 1,
     .maximum = BATCH_CODES_MAX},
    REFERENCE_FIELD(struct batch_input),
};
const struct shape batch_input_shape = {
    .name = "CouponCodeBatchInput", .size = sizeof(struct batch_input), SHAPE_FIELDS(batch_input_fields)};

static enum status check_kind(const struct coupon_series *series, enum coupon_codes kind, struct error *err)
{
    return series->codes == kind
               ? STATUS_OK
               : error_set(err, STATUS_CONFLICT, "coupon.kind", "code",
                           kind == COUPON_UNIQUE ? "codes are made of a series of unique codes only"
                                                 : "codes are read in for a series of imported codes only");
}

enum status batch_make_handle(struct call *call, struct item *item, struct error *err)
{
    const struct batch_input *input = item->body;
    const struct coupon_series *series;
    struct job_input *job;
    enum status status = path_series(call, &series, err);

    if (status == STATUS_OK)
        status = check_kind(series, COUPON_UNIQUE, err);
    if (status == STATUS_OK)
        status = make_input(call, input->reference, &job, err);
    if (status != STATUS_OK)
        return status;
    job->request.count = input->count;
    return call_job(call, item, &coupon_job, job, err);
}

/* ---- reading in ---- */

struct import_query {
    struct text reference;
};
static const struct field import_query_fields[] = {REFERENCE_FIELD(struct import_query)};
const struct shape batch_import_query_shape = {
    .name = "CouponCodeImportQuery", .size = sizeof(struct import_query), SHAPE_FIELDS(import_query_fields)};

static enum status read_body(const struct call *call, struct arena *arena, struct text *out, struct error *err)
{
    int file = call_body_file(call);
    off_t size = file >= 0 ? lseek(file, 0, SEEK_END) : 0, at = 0;

    if (file < 0) {
        *out = text_copy(arena, call_body(call));
    } else {
        char *bytes = arena_alloc(arena, (size_t)size + 1);
        while (at < size) {
            ssize_t got = pread(file, bytes + at, (size_t)(size - at), at);
            if (got <= 0)
                return error_set(err, STATUS_IO, "export.write", "", "the list cannot be read");
            at += got;
        }
        *out = (struct text){bytes, (size_t)size};
    }
    return out->size > 0 ? STATUS_OK
                         : error_set(err, STATUS_INVALID, "coupon.list", "", "the body is the list, and it is empty");
}

enum status batch_import_handle(struct call *call, struct item *item, struct error *err)
{
    const struct import_query *query = call->query;
    const struct coupon_series *series;
    struct job_input *job;
    enum status status = path_series(call, &series, err);

    if (status == STATUS_OK)
        status = check_kind(series, COUPON_IMPORTED, err);
    if (status == STATUS_OK)
        status = make_input(call, query->reference, &job, err);
    if (status != STATUS_OK)
        return status;
    status = read_body(call, job->arena, &job->request.content, err);
    if (status != STATUS_OK) {
        release_input(job);
        return status;
    }
    return call_job(call, item, &coupon_job, job, err);
}

/* ---- lists ---- */

static const char *const batch_kinds[] = {"", "made", "imported"};
static const struct field batch_fields[] = {
    {.name = "reference", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "made or imported."},
    {.name = "wanted", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Codes, or lines of a list."},
    {.name = "done", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "known", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of a list: codes that were there."},
    {.name = "started_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape batch_shape = {
    .name = "CouponCodeBatch", .about = "Codes that were made or read in together.", SHAPE_FIELDS(batch_fields)};

enum status batch_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    struct storage_session *session;
    struct code_batch *batches = NULL;
    size_t count = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = coupon_batches_read(session, call->arena, call->parameters[0], &batches, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "reference", batches[i].reference);
        writer_string(writer, "kind", batch_kinds[batches[i].kind]);
        writer_integer(writer, "wanted", batches[i].wanted);
        writer_integer(writer, "done", batches[i].done);
        writer_integer(writer, "known", batches[i].known);
        writer_instant(writer, "started_at", batches[i].started_at);
        writer_instant(writer, "ended_at", batches[i].ended_at);
        writer_text(writer, "actor", batches[i].actor);
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, NULL, false);
    return STATUS_OK;
}

static const struct field series_code_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "issued_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "valid_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "owner", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "voided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape series_code_shape = {
    .name = "CouponSeriesCode", .about = "A code of the series.", SHAPE_FIELDS(series_code_fields)};

static void write_codes(struct call *call, struct json_writer *writer, const struct coupon_series *series,
                        const struct coupon_code *codes, size_t count)
{
    writer_list(writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "code", code_shown(call->arena, &series->pattern, codes[i].key));
        writer_instant(writer, "issued_at", codes[i].issued_at);
        writer_instant(writer, "valid_until", codes[i].valid_until);
        writer_id(writer, "owner", "mbr", codes[i].owner);
        writer_instant(writer, "voided_at", codes[i].voided_at);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status series_codes_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1, .text_count = 1};
    const struct coupon_series *series;
    struct storage_session *session;
    struct coupon_code *codes = NULL;
    size_t count = 0, limit = (size_t)query->page.limit;
    bool given;
    enum status status = path_series(call, &series, err);

    if (status == STATUS_OK)
        status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    const struct coupon_page page = {.series = series->code,
                                     .bucket = given ? (int)(cursor.integers[0] & (BUCKET_COUNT - 1)) : 0,
                                     .after = given ? cursor.texts[0] : TEXT(""),
                                     .limit = limit + 1};
    status = coupon_page_read(session, call->arena, &page, &codes, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count > limit;
    write_codes(call, &item->writer, series, codes, more ? limit : count);
    if (more) {
        cursor.texts[0] = codes[limit - 1].key;
        cursor.integers[0] = coupon_bucket(cursor.texts[0]);
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

enum status series_file_handle(struct call *call, struct item *item, struct error *err)
{
    const struct coupon_series *series;
    enum status status = path_series(call, &series, err);
    const char *path;
    int descriptor;

    (void)item;
    if (status == STATUS_OK)
        status = call_temporary_file(call, &path, &descriptor, err);
    if (status != STATUS_OK)
        return status;
    (void)unlink(path);
    status = coupon_codes_write(call->engine, series, descriptor, err);
    if (status != STATUS_OK || lseek(descriptor, 0, SEEK_SET) != 0) {
        close(descriptor);
        return status != STATUS_OK ? status
                                   : error_set(err, STATUS_IO, "export.write", "", "the codes cannot be written");
    }
    call_reply_file(call, "text/csv; charset=utf-8", descriptor, "codes.csv");
    return STATUS_OK;
}

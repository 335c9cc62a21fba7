#include <stddef.h>
#include <stdio.h>

#include "api/call.h"
#include "api/scope_store.h"
#include "features/exchange/approval_api.h"
#include "features/exchange/exchange_api.h"
#include "features/exchange/export_store.h"
#include "features/exchange/spool.h"

/* ---- the job ---- */

enum { EXPORT_ARENA_SIZE = 4 * 1024 * 1024 };

struct export_input {
    struct arena *arena;
    const struct export_table *table;
    enum table_format format;
    bool bom, ids;
    const struct scope *scope; /* of who asked */
    bool masked;
};

static bool sees_store(void *context, struct text store)
{
    const struct export_input *input = context;
    return scope_sees(input->scope, store);
}

static bool work_progress(void *context, int64_t rows)
{
    struct job *job = context;
    job_count(job, "rows", rows);
    return !job_cancelled(job);
}

/* Rows of members need the members of the scope first. */
static enum status limit_rows(struct export_input *input, struct engine *engine, struct arena *arena,
                              struct export_options *options, struct error *err)
{
    struct storage_session *session;
    struct map *members = NULL;
    if (input->scope->whole)
        return STATUS_OK;
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = scope_members_all(session, arena, input->scope, &members, err);
    engine_read_end(engine, session);
    options->sees = sees_store;
    options->sees_context = input;
    options->members = members;
    return status;
}

static enum status run_export(struct job *job, struct engine *engine, struct arena *arena, void *data,
                              struct error *err)
{
    struct export_input *input = data;
    char directory[JOB_PATH_SIZE];
    int64_t rows = 0;
    enum status status = job_directory(job, directory, err);
    if (status != STATUS_OK)
        return status;
    /* Under its name only when it is whole. */
    const char *extension = table_format_extension(input->format);
    const char *path = arena_format(arena, "%s/export.part", directory);
    struct export_options options = {.table = input->table,
                                     .file = {input->format, path, input->bom},
                                     .ids = input->ids,
                                     .masked = input->masked,
                                     .progress = work_progress,
                                     .context = job};
    status = limit_rows(input, engine, arena, &options, err);
    if (status == STATUS_OK)
        status = export_run(engine, &options, &rows, err);
    if (job_cancelled(job))
        return STATUS_OK;
    if (status == STATUS_OK && !input->table->open)
        status = export_ask(job, engine, &(struct export_asked){input->table->name, rows, arena}, err);
    if (status == STATUS_OK && rename(path, arena_format(arena, "%s/export.%s", directory, extension)) != 0)
        status = error_set(err, STATUS_IO, "export.write", "", "the file cannot be kept");
    job_count(job, "rows", rows);
    return status;
}

static void release_export(void *data)
{
    struct export_input *input = data;
    arena_free(input->arena);
}

const struct job_kind export_job_kind = {
    .name = "export", .permission = PERMISSION_EXCHANGE_EXPORT, .run = run_export, .release = release_export};

/* ---- starting one ---- */

static const char *const formats[] = {"csv", "jsonl", "xlsx", NULL};

struct export_body {
    struct text table;
    int format;
    bool bom, ids;
};

static const struct field export_body_fields[] = {
    {.name = "table",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct export_body, table),
     .minimum = 1,
     .maximum = 40,
     .about =
         "members, identifiers, purchases, lines, movements, lots, wallets, holds, journal, consents, tags, notes, "
         "preferences, fields, households, scores, segments, items, stores or channels."},
    {.name = "format",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct export_body, format),
     .choices = formats},
    {.name = "bom",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct export_body, bom),
     .about = "CSV begins with the mark that spreadsheets want."},
    {.name = "ids",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct export_body, ids),
     .about = "Generated ids and times of receipt too."},
};
const struct shape export_body_shape = {
    .name = "ExportInput", .size = sizeof(struct export_body), SHAPE_FIELDS(export_body_fields)};

enum status export_post(struct call *call, struct item *item, struct error *err)
{
    const struct export_body *body = item->body;
    const struct export_table *table = export_table_find(body->table);
    if (table == NULL)
        return error_set(err, STATUS_INVALID, "export.table", "table", "there is no table '%.*s'",
                         (int)body->table.size, body->table.bytes);
    struct arena *arena = arena_new(EXPORT_ARENA_SIZE);
    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "exchange.memory", "", "there is no memory to export with");
    struct export_input *input = arena_alloc(arena, sizeof *input);
    *input = (struct export_input){.arena = arena,
                                   .table = table,
                                   .format = (enum table_format)body->format,
                                   .bom = body->bom,
                                   .ids = body->ids,
                                   .scope = scope_copy(arena, call->scope),
                                   .masked = !call_may(call, PERMISSION_MEMBERS_CONTACT)};
    return call_job(call, item, &export_job_kind, input, err);
}

enum status export_get_file(struct call *call, struct item *item, struct error *err)
{
    int64_t id = 0;
    char directory[JOB_PATH_SIZE];
    (void)item;
    enum status status = call_path_id(call, 0, "job", &id, err);
    if (status == STATUS_OK)
        status = export_check(call, id, err);
    if (status == STATUS_OK)
        status = jobs_directory(call->jobs, id, directory, err);
    if (status != STATUS_OK)
        return status;
    for (int i = 0; formats[i] != NULL; i++) {
        enum table_format format = (enum table_format)i;
        const char *name = arena_format(call->arena, "export.%s", table_format_extension(format));
        int descriptor = spool_open(arena_format(call->arena, "%s/%s", directory, name));
        if (descriptor >= 0) {
            call_reply_file(call, table_format_content_type(format), descriptor, name);
            return STATUS_OK;
        }
    }
    return error_set(err, STATUS_MISSING, "job.no_files", "", "this export is not finished");
}

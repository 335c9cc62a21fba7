#include <stddef.h>
#include <stdio.h>

#include "api/call.h"
#include "features/exchange/exchange_api.h"
#include "features/exchange/import_store.h"
#include "features/exchange/spool.h"
#include "features/exchange/table.h"
#include "features/takeover/sheet_store.h"

enum { IMPORT_ARENA_SIZE = 4 * 1024 * 1024 };

/* ---- the job ---- */

/* What a job works on; lives in its own arena. */
struct import_input {
    struct arena *arena;
    struct mapping mapping;
    bool register_unknown, dry_run, strict, expired;
    struct text migration, source, actor;
    int descriptor;            /* of the file's content */
    const struct scope *scope; /* of who asked */
};

struct import_work {
    struct job *job;
    const struct scope *scope;
    struct table *errors;
    struct error write_error;
};

static void count(struct job *job, const struct import_counts *counts)
{
    job_count(job, "rows", counts->rows);
    job_count(job, "imported", counts->imported);
    job_count(job, "known", counts->known);
    job_count(job, "refused", counts->refused);
    job_count(job, "registered", counts->registered);
    job_count(job, "rounded", counts->rounded);
}

static bool work_progress(void *context, int64_t position, int64_t size, const struct import_counts *counts)
{
    struct import_work *work = context;
    job_progress(work->job, position, size);
    count(work->job, counts);
    return !job_cancelled(work->job);
}

static void work_problem(void *context, const struct import_problem *problem)
{
    struct import_work *work = context;
    char line[24];
    snprintf(line, sizeof line, "%lld", (long long)problem->line);
    struct text fields[] = {text_from(line), text_from(problem->column), text_from(problem->code),
                            text_from(problem->reason)};
    if (work->write_error.code[0] == '\0')
        table_row(work->errors, fields, &work->write_error);
}

/* A row of another's store is refused; one without a store is of the only one, when there is one. */
static enum status work_admit(void *context, struct text *store, struct error *err)
{
    const struct import_work *work = context;
    if (store->size == 0)
        *store = work->scope->only_store;
    if (store->size == 0)
        return error_set(err, STATUS_INVALID, "scope.store_required", "store",
                         "the row names no store, and whoever imports it acts in several");
    if (!scope_sees(work->scope, *store))
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "store",
                         "store '%.*s' is none of whoever imports the file", (int)(store->size > 40 ? 40 : store->size),
                         store->bytes);
    return STATUS_OK;
}

static enum status run_import(struct job *job, struct engine *engine, struct arena *arena, void *data,
                              struct error *err)
{
    static const struct table_column columns[] = {
        {"line", true}, {"column", false}, {"code", false}, {"reason", false}};
    struct import_input *input = data;
    struct import_work work = {.job = job, .scope = input->scope};
    struct import_counts counts = {0};
    char directory[JOB_PATH_SIZE], path[SPOOL_PATH_SIZE];
    enum status status = job_directory(job, directory, err);
    if (status != STATUS_OK)
        return status;
    struct table_options table = {.path = arena_format(arena, "%s/errors.csv", directory)};
    status = table_open(&table, columns, sizeof columns / sizeof columns[0], &work.errors, err);
    if (status != STATUS_OK)
        return status;
    struct import_options options = {.path = spool_path(input->descriptor, path),
                                     .mapping = &input->mapping,
                                     .register_unknown = input->register_unknown,
                                     .dry_run = input->dry_run,
                                     .strict = input->strict,
                                     .expired = input->expired,
                                     .migration = input->migration,
                                     .source = input->source,
                                     .actor = input->actor,
                                     .progress = work_progress,
                                     .problem = work_problem,
                                     .admit = input->scope->whole ? NULL : work_admit,
                                     .context = &work};
    status = import_run(engine, &options, &counts, err);
    count(job, &counts);
    struct error closing = {0};
    enum status closed = table_close(work.errors, &closing);
    if (status == STATUS_OK && closed != STATUS_OK) {
        *err = closing;
        return closed;
    }
    return status;
}

static void release_import(void *data)
{
    struct import_input *input = data;
    spool_close(input->descriptor);
    arena_free(input->arena);
}

const struct job_kind import_job_kind = {
    .name = "import", .permission = PERMISSION_EXCHANGE_IMPORT, .run = run_import, .release = release_import};

/* ---- starting one ---- */

struct import_query {
    int kind;
    struct text mapping;
    struct json_list map, set;
    struct text format, columns, header, delimiter, encoding, date_format, zone, currency, migration, source;
    int group;
    bool decimal_comma, register_unknown, dry_run, strict, expired;
};

static const char *const kinds[] = {"purchases", "members", "items",    "reasons", "balances", "tiers",
                                    "coupons",   "answers", "consents", "stays",   NULL};
_Static_assert(sizeof kinds / sizeof kinds[0] == IMPORT_KINDS + 1, "every kind of file has its name");
static const char *const groups[] = {"auto", "none", "receipt", NULL};

#define TEXT_OPTION(option, sentence)                                                                          \
    {                                                                                                          \
        .name = #option, .type = FIELD_TEXT, .offset = offsetof(struct import_query, option), .maximum = 4096, \
        .about = sentence                                                                                      \
    }
#define FACT_OPTION(title, member, sentence)                                                                           \
    {                                                                                                                  \
        .name = title, .type = FIELD_BOOLEAN, .flags = FIELD_DEFAULT, .offset = offsetof(struct import_query, member), \
        .about = sentence                                                                                              \
    }

static const struct field import_query_fields[] = {
    {.name = "kind",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct import_query, kind),
     .choices = kinds,
     .about = "What the rows are."},
    TEXT_OPTION(mapping, "The name of a saved mapping; other parameters add to it."),
    {.name = "map",
     .type = FIELD_LIST,
     .offset = offsetof(struct import_query, map),
     .maximum = IMPORT_FIELDS,
     .element = FIELD_TEXT,
     .about = "field=column: which column, by name or number, gives a field."},
    {.name = "set",
     .type = FIELD_LIST,
     .offset = offsetof(struct import_query, set),
     .maximum = IMPORT_FIELDS,
     .element = FIELD_TEXT,
     .about = "field=value: a value where the column is empty or missing."},
    TEXT_OPTION(format, "csv, blank or jsonl; found out when absent."),
    TEXT_OPTION(columns, "Names of the columns, separated by commas, when the header does not say."),
    TEXT_OPTION(header, "yes, no or auto."),
    TEXT_OPTION(delimiter, "One character, or tab; found out when absent."),
    TEXT_OPTION(encoding, "Such as UTF-8, GB18030 or Big5; found out when absent."),
    TEXT_OPTION(date_format, "Letters d m y H M S and separators, such as d/m/y."),
    TEXT_OPTION(zone, "Time zone of the file's times; the programme's when absent."),
    TEXT_OPTION(currency, "Currency of the amounts; the programme's when absent."),
    {.name = "group",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct import_query, group),
     .choices = groups,
     .about = "Whether rows with one receipt are one purchase."},
    FACT_OPTION("decimal_comma", decimal_comma, "12,90 means twelve ninety."),
    FACT_OPTION("register", register_unknown, "Purchases, balances ... of unknown members register them."),
    FACT_OPTION("dry_run", dry_run, "Nothing is written: counts and problems only."),
    FACT_OPTION("strict", strict, "Nothing is imported when a row would be refused."),
    FACT_OPTION("expired", expired, "Of balances: points that are over come in, and expire at once."),
    TEXT_OPTION(migration, "Of what is taken over: the name of the migration, main when absent."),
    TEXT_OPTION(source, "Of what is taken over: the name of the file within it; the same name replaces its sheet."),
};
const struct shape import_query_shape = {
    .name = "ImportQuery", .size = sizeof(struct import_query), SHAPE_FIELDS(import_query_fields)};

static enum status saved_mapping_of(struct call *call, struct arena *arena, const struct import_query *query,
                                    struct mapping *mapping, struct error *err)
{
    struct storage_session *session = NULL;
    struct saved_mapping saved;
    enum status status = call_read_begin(call, &session, err);
    if (status == STATUS_OK)
        status = mapping_find(session, arena, query->mapping, &saved, err);
    if (session != NULL)
        call_read_end(call, session);
    if (status == STATUS_OK)
        status = mapping_read(arena, saved.document, mapping, err);
    if (status == STATUS_OK && mapping->kind != (enum import_kind)query->kind)
        return error_set(err, STATUS_INVALID, "mapping.kind", "mapping", "this mapping is for %s",
                         import_kind_name(mapping->kind));
    return status;
}

static enum status read_mapping(struct call *call, struct arena *arena, const struct import_query *query,
                                struct mapping *mapping, struct error *err)
{
    enum status status = STATUS_OK;
    mapping_start(mapping, (enum import_kind)query->kind);
    if (query->mapping.size > 0)
        status = saved_mapping_of(call, arena, query, mapping, err);
    const struct {
        struct text from, *to;
    } texts[] = {{query->format, &mapping->format},     {query->columns, &mapping->column_names},
                 {query->header, &mapping->header},     {query->delimiter, &mapping->delimiter},
                 {query->encoding, &mapping->encoding}, {query->date_format, &mapping->date_format},
                 {query->zone, &mapping->zone},         {query->currency, &mapping->constants[IMPORT_CURRENCY]}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].from.size > 0)
            *texts[i].to = text_copy(arena, texts[i].from);
    mapping->decimal_comma |= query->decimal_comma;
    if (query->group > 0)
        mapping->group = (enum import_group)query->group;
    const struct text *map = query->map.items;
    const struct text *set = query->set.items;
    for (size_t i = 0; status == STATUS_OK && i < query->map.count; i++)
        status = mapping_set_column(mapping, arena, map[i], err);
    for (size_t i = 0; status == STATUS_OK && i < query->set.count; i++)
        status = mapping_set_constant(mapping, arena, set[i], err);
    return status;
}

/* What files of a part may hold, and nothing of the others: see docs/concepts.md. */
static enum status check_scope(const struct call *call, enum import_kind kind, struct error *err)
{
    bool fits = kind == IMPORT_PURCHASES || kind == IMPORT_MEMBERS || kind == IMPORT_REASONS;
    if (call->scope->whole)
        return STATUS_OK;
    if (!fits)
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "kind",
                         "this concerns the whole company, and you see a part");
    if (call->scope->home_members)
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "kind",
                         "a file may name any member, and you act for those of your part only");
    return STATUS_OK;
}

static enum status check_names(const struct import_query *query, struct error *err)
{
    if (query->source.size > MIGRATION_SOURCE_MAX)
        return error_set(err, STATUS_INVALID, "migration.name", "source", "the name of a file has at most %d bytes",
                         MIGRATION_SOURCE_MAX);
    return query->migration.size > 0 ? migration_name_check(query->migration, err) : STATUS_OK;
}

enum status import_post(struct call *call, struct item *item, struct error *err)
{
    const struct import_query *query = call->query;
    enum status status = check_scope(call, (enum import_kind)query->kind, err);
    if (status != STATUS_OK)
        return status;
    struct arena *arena = arena_new(IMPORT_ARENA_SIZE);
    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "exchange.memory", "", "there is no memory to import with");
    struct import_input *input = arena_alloc(arena, sizeof *input);
    *input = (struct import_input){.arena = arena,
                                   .register_unknown = query->register_unknown,
                                   .dry_run = query->dry_run,
                                   .strict = query->strict,
                                   .expired = query->expired,
                                   .migration = text_copy(arena, query->migration),
                                   .source = text_copy(arena, query->source),
                                   .actor = text_copy(arena, call->actor),
                                   .descriptor = -1,
                                   .scope = scope_copy(arena, call->scope)};
    status = check_names(query, err);
    if (status == STATUS_OK)
        status = read_mapping(call, arena, query, &input->mapping, err);
    if (status == STATUS_OK)
        status = spool_keep(call_body_file(call), call_body(call), &input->descriptor, err);
    if (status != STATUS_OK) {
        release_import(input);
        return status;
    }
    return call_job(call, item, &import_job_kind, input, err);
}

enum status import_get_errors(struct call *call, struct item *item, struct error *err)
{
    int64_t id = 0;
    char directory[JOB_PATH_SIZE];
    (void)item;
    enum status status = call_path_id(call, 0, "job", &id, err);
    if (status == STATUS_OK)
        status = jobs_directory(call->jobs, id, directory, err);
    if (status != STATUS_OK)
        return status;
    int descriptor = spool_open(arena_format(call->arena, "%s/errors.csv", directory));
    if (descriptor < 0)
        return error_set(err, STATUS_MISSING, "job.no_files", "", "this job has no list of errors");
    call_reply_file(call, "text/csv; charset=utf-8", descriptor, "errors.csv");
    return STATUS_OK;
}

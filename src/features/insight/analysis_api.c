#include "features/insight/analysis_api.h"

#include <stddef.h>

#include "api/analysis.h"
#include "api/page.h"
#include "features/insight/analysis_file_api.h"
#include "features/insight/analysis_store.h"
#include "features/insight/rescore_store.h"
#include "features/measures/measures_api.h"
#include "foundation/id.h"

enum { INPUT_BYTES_MAX = 256 * 1024, MODEL_SIZE_MAX = 40, VALUE_SIZE_MAX = 1000 };

/* ---- the job ---- */

struct analysis_input {
    struct arena *arena;
    const struct analyses *analyses;
    struct analysis_request request;
    struct text options; /* as JSON */
};

/* Whoever asks for lifetime values without naming a model also has the scores rest on what was learned. */
static enum status learn_too(struct engine *engine, const struct analysis_input *input, struct error *err)
{
    static const char *const of_a_part[] = {"model", "until", "from", "sample", "covariates"};
    struct rescore_result result;

    if (!text_equals(text_from(input->request.model), "clv") || input->request.file != NULL)
        return STATUS_OK;
    for (size_t i = 0; i < input->request.option_count; i++)
        for (size_t k = 0; k < sizeof of_a_part / sizeof of_a_part[0]; k++)
            if (text_equals(text_from(input->request.options[i].name), of_a_part[k]))
                return STATUS_OK;
    return rescore_run(engine, &(struct rescore){.choose = true, .keep_only = true}, &result, err);
}

static bool was_cancelled(void *context)
{
    return job_cancelled(context);
}

static void tell(void *context, const char *sentence)
{
    job_message(context, "%s", sentence);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *data, struct error *err)
{
    const struct analysis_input *input = data;
    const struct clock *clock = engine_clock(engine);
    char directory[JOB_PATH_SIZE];
    const struct analysis_watch watch = {directory, was_cancelled, tell, job};
    struct kept_analysis kept = {.id = job_id(job),
                                 .model = text_from(input->request.model),
                                 .options = input->options,
                                 .actor = job_actor(job),
                                 .started_at = clock_now(clock)};
    enum status status = job_directory(job, directory, err);

    if (status != STATUS_OK)
        return status;
    job_message(job, "%s is under way", input->request.model);
    status = input->analyses->run(input->analyses, arena, &input->request, &watch, &kept.result, err);
    if (status != STATUS_OK || job_cancelled(job))
        return status;
    status = learn_too(engine, input, err);
    if (status != STATUS_OK || job_cancelled(job))
        return status;
    kept.ended_at = clock_now(clock);
    return analysis_keep(engine, &kept, err);
}

static void release(void *data)
{
    struct analysis_input *input = data;

    arena_free(input->arena);
}

const struct job_kind analysis_job = {
    .name = "analysis", .permission = PERMISSION_INSIGHT_WRITE, .run = run, .release = release};

/* ---- starting one ---- */

struct option_body {
    struct text name, value;
};
static const struct field option_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct option_body, name),
     .minimum = 1,
     .maximum = MODEL_SIZE_MAX},
    {.name = "value",
     .type = FIELD_TEXT,
     .offset = offsetof(struct option_body, value),
     .minimum = 1,
     .maximum = VALUE_SIZE_MAX,
     .about = "Absent for a switch."},
};
static const struct shape option_shape = {
    .name = "AnalysisOption", .size = sizeof(struct option_body), SHAPE_FIELDS(option_fields)};

struct analysis_body {
    struct text model;
    int64_t file;
    struct json_list options;
};
static const struct field analysis_body_fields[] = {
    {.name = "model",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct analysis_body, model),
     .minimum = 1,
     .maximum = MODEL_SIZE_MAX,
     .about = "As of patron analyze: rfm, clv, cohorts, segments, nps ..."},
    {.name = "file",
     .type = FIELD_ID,
     .offset = offsetof(struct analysis_body, file),
     .prefix = "fil",
     .about = "An uploaded file to analyse; absent: the live base."},
    {.name = "options",
     .type = FIELD_LIST,
     .offset = offsetof(struct analysis_body, options),
     .maximum = ANALYSIS_OPTIONS_MAX,
     .element = FIELD_OBJECT,
     .shape = &option_shape,
     .about = "Those of patron analyze. Where it takes a FILE, the id of an uploaded one."},
};
const struct shape analysis_body_shape = {
    .name = "AnalysisInput", .size = sizeof(struct analysis_body), SHAPE_FIELDS(analysis_body_fields)};
static struct text options_json(struct arena *arena, struct json_list options)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_list(&writer, NULL);
    for (size_t i = 0; i < options.count; i++) {
        const struct option_body *option = &((const struct option_body *)options.items)[i];

        writer_object(&writer, NULL);
        writer_text(&writer, "name", option->name);
        if (option->value.size > 0)
            writer_text(&writer, "value", option->value);
        writer_end(&writer);
    }
    writer_end(&writer);
    return writer_done(&writer);
}

static enum status fill_option(const struct call *call, const struct option_body *from, struct arena *arena,
                               struct analysis_option *out, struct error *err)
{
    int64_t file;

    out->name = arena_string(arena, from->name.bytes, from->name.size);
    if (from->value.size == 0)
        return STATUS_OK;
    out->value = arena_string(arena, from->value.bytes, from->value.size);
    out->file = id_parse("fil", from->value, &file);
    return out->file ? analysis_file_path(call, arena, file, &out->value, err) : STATUS_OK;
}

static enum status fill_input(const struct call *call, const struct analysis_body *body, struct analysis_input *input,
                              struct error *err)
{
    struct analysis_request *request = &input->request;
    enum status status = STATUS_OK;

    input->analyses = call->analyses;
    input->options = options_json(input->arena, body->options);
    request->model = arena_string(input->arena, body->model.bytes, body->model.size);
    if (body->file != 0)
        status = analysis_file_path(call, input->arena, body->file, &request->file, err);
    for (size_t i = 0; status == STATUS_OK && i < body->options.count; i++)
        status = fill_option(call, &((const struct option_body *)body->options.items)[i], input->arena,
                             &request->options[request->option_count++], err);
    return status;
}

enum status analysis_post(struct call *call, struct item *item, struct error *err)
{
    const struct analysis_body *body = item->body;
    if (call->analyses == NULL)
        return error_set(err, STATUS_INVALID, "analysis.model", "model", "this server runs no analyses");
    if (!call->scope->whole && body->file == 0)
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "file",
                         "the live base is that of the whole company, and you see a part: upload a file");
    struct arena *arena = arena_new(INPUT_BYTES_MAX);
    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "job.busy", "", "there is no memory for another job");
    struct analysis_input *input = arena_alloc(arena, sizeof *input);

    input->arena = arena;
    enum status status = fill_input(call, body, input, err);

    if (status == STATUS_OK)
        status = call->analyses->check(&input->request, err);
    if (status != STATUS_OK) {
        arena_free(arena);
        return status;
    }
    return call_job(call, item, &analysis_job, input, err);
}

/* ---- results ---- */

#define ANALYSIS_FIELDS                                                          \
    {.name = "job", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "job"}, \
        {.name = "model", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},          \
        {.name = "options",                                                      \
         .type = FIELD_LIST,                                                     \
         .flags = FIELD_REQUIRED,                                                \
         .element = FIELD_OBJECT,                                                \
         .shape = &option_shape},                                                \
        {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},          \
        {.name = "started_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},  \
    {                                                                            \
        .name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED       \
    }

static const struct field analysis_fields[] = {ANALYSIS_FIELDS};
const struct shape analysis_shape = {.name = "Analysis", .size = 0, SHAPE_FIELDS(analysis_fields)};
static const struct field analysis_result_fields[] = {
    ANALYSIS_FIELDS,
    {.name = "rows",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_JSON,
     .about =
         "As patron analyze --format json prints them: mostly figure, value, low and high of 90 %, and a note; the "
         "figure summary says it in a sentence."},
    MEASURES_FIELD,
};
const struct shape analysis_result_shape = {.name = "AnalysisResult", .size = 0, SHAPE_FIELDS(analysis_result_fields)};

static void write_analysis(struct json_writer *writer, const struct kept_analysis *analysis)
{
    writer_id(writer, "job", "job", analysis->id);
    writer_text(writer, "model", analysis->model);
    writer_raw(writer, "options", analysis->options);
    writer_text(writer, "actor", analysis->actor);
    writer_instant(writer, "started_at", analysis->started_at);
    writer_instant(writer, "ended_at", analysis->ended_at);
}

enum status analysis_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct kept_analysis analysis;
    int64_t id;
    enum status status = call_path_id(call, 0, "job", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = analysis_read(session, call->arena, id, &analysis, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    write_analysis(&item->writer, &analysis);
    writer_raw(&item->writer, "rows", analysis.result);
    measures_write_analysis(&item->writer, call, analysis.model);
    return STATUS_OK;
}

enum status analyses_list(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct kept_analyses found;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK && !given)
        cursor.integers[0] = cursor.integers[1] = INT64_MAX;
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = analyses_read(session, call->arena, cursor.integers, query->page.limit + 1, &found, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = found.count > (size_t)query->page.limit;

    writer_list(&item->writer, "items");
    for (size_t i = 0; i < (more ? found.count - 1 : found.count); i++) {
        if (call_sees_actor(call, found.items[i].actor)) {
            writer_object(&item->writer, NULL);
            write_analysis(&item->writer, &found.items[i]);
            writer_end(&item->writer);
        }
        cursor.integers[0] = found.items[i].ended_at;
        cursor.integers[1] = found.items[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

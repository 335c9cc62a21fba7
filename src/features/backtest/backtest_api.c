#include "features/backtest/backtest_api.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "features/backtest/plan_api.h"
#include "features/backtest/view_api.h"

enum { REPORT_BYTES_MAX = 1 << 20 };
static const char report_name[] = "report.json";

struct backtest_body {
    int64_t from, until, margin;
    struct text document;
    struct json_list definitions;
    struct text ready;
    bool drafts;
};
static const struct field body_fields[] = {
    {.name = "from",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct backtest_body, from),
     .about = "What happened from then on is decided again; the plan is in force since then."},
    {.name = "until",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct backtest_body, until),
     .about = "And before then; now, if it is not said."},
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct backtest_body, document),
     .maximum = PLAN_DOCUMENT_MAX,
     .about = "The programme that is planned; without it the programme stays as it was."},
    {.name = "definitions",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &planned_definition_shape,
     .offset = offsetof(struct backtest_body, definitions),
     .maximum = PLAN_DEFINITIONS_MAX,
     .about = "Parts of the programme that are planned."},
    {.name = "ready",
     .type = FIELD_TEXT,
     .offset = offsetof(struct backtest_body, ready),
     .maximum = CODE_SIZE_MAX,
     .about = "A ready programme, with its parts."},
    {.name = "drafts",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct backtest_body, drafts),
     .about = "And all that is drafted, the programme included."},
    {.name = "margin",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct backtest_body, margin),
     .scale = 4,
     .minimum = 0,
     .maximum = BACKTEST_MARGIN_SCALE,
     .fallback = BACKTEST_MARGIN_USUAL,
     .about = "The share of sales that is left before the programme."},
};
const struct shape backtest_body_shape = {
    .name = "BackTestRequest", .size = sizeof(struct backtest_body), SHAPE_FIELDS(body_fields)};

/* ---- the job ---- */

struct backtest_input {
    struct arena *arena; /* its own, and of the replay */
    struct backtest_request request;
    int64_t margin;
};

static bool cancelled(void *context)
{
    return job_cancelled(context);
}

static void progress(void *context, int64_t done, int64_t total)
{
    job_progress(context, done, total);
}

static enum status save(struct job *job, struct arena *arena, struct text json, struct error *err)
{
    char directory[JOB_PATH_SIZE];
    enum status status = job_directory(job, directory, err);
    if (status != STATUS_OK)
        return status;
    FILE *file = fopen(arena_format(arena, "%s/%s", directory, report_name), "w");
    bool written = file != NULL && fwrite(json.bytes, 1, json.size, file) == json.size;
    if (file != NULL && fclose(file) != 0)
        written = false;
    return written ? STATUS_OK : error_set(err, STATUS_IO, "job.files", "", "the report cannot be written");
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *opaque, struct error *err)
{
    const struct backtest_input *input = opaque;
    const struct backtest_watch watch = {cancelled, progress, job};
    const struct replay_report *report = NULL;
    enum status status = backtest_run(engine, input->arena, &input->request, &watch, &report, err);
    if (status != STATUS_OK || report == NULL)
        return status;
    struct configuration configuration = engine_configuration(engine);
    const struct backtest_view view = {.arena = arena,
                                       .programme = programme_at(configuration.programmes, input->request.until),
                                       .request = input->request,
                                       .margin = input->margin,
                                       .report = report};
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    backtest_write(&writer, &view);
    writer_end(&writer);
    struct text summary = backtest_sentence(&view);
    engine_configuration_release(engine, configuration);
    job_count(job, "purchases", report->purchases);
    job_count(job, "touched", report->touched);
    job_message(job, "%.*s", (int)summary.size, summary.bytes);
    return save(job, arena, writer_done(&writer), err);
}

static void release(void *opaque)
{
    struct backtest_input *input = opaque;
    arena_free(input->arena);
}

const struct job_kind backtest_job = {
    .name = "back-test", .permission = PERMISSION_PROGRAMME_READ, .run = run, .release = release};

/* ---- the routes ---- */

/* Into `arena`, which the job keeps. */
static enum status read_plan(struct call *call, const struct backtest_body *body, struct arena *arena,
                             struct backtest_request *out, struct error *err)
{
    const struct planned_definition *given = body->definitions.items;
    struct planned_definition *definitions = arena_array(arena, body->definitions.count + 1, sizeof *definitions);
    struct storage_session *session;
    for (size_t i = 0; i < body->definitions.count; i++)
        definitions[i] = (struct planned_definition){text_copy(arena, given[i].kind), text_copy(arena, given[i].code),
                                                     text_copy(arena, given[i].document)};
    *out = (struct backtest_request){.until = body->until != 0 ? body->until : call->now,
                                     .plan = {.from = body->from,
                                              .document = text_copy(arena, body->document),
                                              .definitions = definitions,
                                              .definition_count = body->definitions.count}};
    enum status status = backtest_check(out, err);
    if (status == STATUS_OK && body->ready.size > 0)
        status = plan_read_ready(arena, body->ready, &out->plan, err);
    if (status != STATUS_OK || !body->drafts)
        return status;
    status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = plan_read_drafts(session, arena, call->programmes, call->now, &out->plan, err);
    call_read_end(call, session);
    return status;
}

enum status backtest_start(struct call *call, struct item *item, struct error *err)
{
    const struct backtest_body *body = item->body;
    const struct programme_set *made;
    struct arena *arena = arena_new(BACKTEST_MEMORY_BYTES);
    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "backtest.memory", "", "there is no memory for a back-test");
    struct backtest_input *input = arena_alloc(arena, sizeof *input);
    *input = (struct backtest_input){.arena = arena, .margin = body->margin};
    enum status status = read_plan(call, body, arena, &input->request, err);
    if (status == STATUS_OK)
        status = plan_make(arena, call->programmes, &input->request.plan, &made, err);
    if (status == STATUS_OK)
        return call_job(call, item, &backtest_job, input, err);
    arena_free(arena);
    return status;
}

enum status backtest_get(struct call *call, struct item *item, struct error *err)
{
    char directory[JOB_PATH_SIZE];
    int64_t id = 0;
    (void)item;
    enum status status = call_path_id(call, 0, "job", &id, err);
    if (status == STATUS_OK)
        status = jobs_directory(call->jobs, id, directory, err);
    if (status != STATUS_OK)
        return status;
    FILE *file = fopen(arena_format(call->arena, "%s/%s", directory, report_name), "r");
    if (file == NULL)
        return error_set(err, STATUS_MISSING, "job.no_files", "", "this back-test is not finished");
    char *bytes = arena_alloc(call->arena, REPORT_BYTES_MAX);
    size_t size = fread(bytes, 1, REPORT_BYTES_MAX, file);
    fclose(file);
    call_reply_content(call, "application/json", (struct text){bytes, size}, NULL);
    return STATUS_OK;
}

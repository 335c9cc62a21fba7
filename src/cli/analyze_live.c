#include "cli/analyze_live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze.h"
#include "features/insight/live_store.h"
#include "features/programme/programme.h"
#include "foundation/id.h"
#include "foundation/money.h"

enum { LIVE_OPTIONS_MAX = 12 };

static const size_t ROWS_MAX = 8 << 20, MEMORY_MAX = (size_t)16 << 30;

/* ---- purchases ---- */

bool analyze_is_live(const struct cli *cli)
{
    return cli->capture != NULL || cli_value(cli, "database") != NULL;
}

static void fill(struct cli *cli, const struct live_base *base, int32_t until, int exponent, struct purchase_file *out)
{
    double unit = pow(10, -exponent);
    char id[ID_TEXT_SIZE];

    *out = (struct purchase_file){.purchases = base->days,
                                  .names = arena_array(cli->arena, base->person_count + 1, sizeof *out->names),
                                  .last_day = until != INT32_MAX ? until : base->today,
                                  .amounts = true};
    for (size_t i = 0; i < base->day_count; i++) {
        struct clv_purchase purchase = base->days[i];

        if (purchase.day > until)
            continue;
        if (i == 0 || base->days[i - 1].customer != purchase.customer) /* a person's days ascend */
            out->names[out->customer_count++] =
                text_copy(cli->arena, text_from(id_format("mbr", base->persons[purchase.customer], id)));
        purchase.customer = (uint32_t)(out->customer_count - 1);
        purchase.amount *= unit;
        out->first_day = out->count == 0 || purchase.day < out->first_day ? purchase.day : out->first_day;
        out->purchases[out->count++] = purchase;
    }
}

static enum status read_base(struct cli *cli, struct engine *engine, int32_t until, struct purchase_file *out,
                             struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    int64_t now = clock_now(engine_clock(engine));
    const struct programme *programme = programme_at(configuration.programmes, now);
    int32_t today = zone_day(programme->zone, now);
    int exponent = currency_exponent(text_from(programme->currency));
    struct storage_session *session;
    struct live_base base = {0};

    engine_configuration_release(engine, configuration);
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = live_base_read(session, cli->arena, today, &base, err);
    engine_read_end(engine, session);
    if (status == STATUS_OK)
        fill(cli, &base, until, exponent, out);
    return status;
}

enum status purchase_live_read(struct cli *cli, int32_t until, struct purchase_file *out, struct error *err)
{
    struct engine *engine = cli->capture != NULL ? cli->capture->engine : NULL;
    struct purchase_file file;
    enum status status = STATUS_OK;

    if (engine == NULL) {
        status = cli_open(cli, false, err);
        engine = cli->opened.engine;
    }
    if (status == STATUS_OK)
        status = read_base(cli, engine, until, &file, err);
    if (status != STATUS_OK)
        return status;
    if (file.count == 0)
        return error_set(err, STATUS_INVALID, "analyze.empty", "", "nobody has bought yet");
    for (size_t i = 0; i < out->column_count; i++)
        if (out->columns[i].known)
            return error_set(err, STATUS_INVALID, "mapping.column", out->columns[i].option,
                             "days of purchases in the database have no column for --%s", out->columns[i].option);
    file.columns = out->columns;
    file.column_count = out->column_count;
    *out = file;
    return STATUS_OK;
}

/* ---- for the server ---- */

/* Which analyses the server runs, and the options that concern it: none that names a file or a column. */
struct live_analysis {
    const struct subcommand *subcommand;
    const char *options[LIVE_OPTIONS_MAX];
};
static const struct live_analysis allowed[] = {
    {&analyze_rfm, {"bins", "until"}},
    {&analyze_cohorts, {"period", "summary", "until"}},
    {&analyze_clv, {"model", "holdout", "horizon", "discount", "until"}},
    {&analyze_counts, {"since", "until"}},
    {&analyze_loyalty, {"weight", "trend", "check", "until"}},
};
static const char *const names[] = {"rfm", "cohorts", "clv", "counts", "loyalty", NULL};

static const struct live_analysis *find_analysis(const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return &allowed[i];
    return NULL;
}

static const struct cli_option *find_option(const struct live_analysis *analysis, const char *name)
{
    bool listed = false;

    for (size_t i = 0; i < LIVE_OPTIONS_MAX && analysis->options[i] != NULL; i++)
        listed |= strcmp(analysis->options[i], name) == 0;
    for (size_t i = 0; listed && i < analysis->subcommand->option_count; i++)
        if (strcmp(analysis->subcommand->options[i].name, name) == 0)
            return &analysis->subcommand->options[i];
    return NULL;
}

static enum status check(const struct analysis_request *request, struct error *err)
{
    const struct live_analysis *analysis = find_analysis(request->model);

    if (analysis == NULL)
        return error_set(err, STATUS_INVALID, "analysis.model", "model", "there is no analysis '%s'", request->model);
    for (size_t i = 0; i < request->option_count; i++) {
        const struct analysis_option *given = &request->options[i];
        const struct cli_option *option = find_option(analysis, given->name);

        if (option == NULL)
            return error_set(err, STATUS_INVALID, "analysis.option", "options", "'%s' has no option '%s'",
                             request->model, given->name);
        if ((option->argument == NULL) != (given->value == NULL))
            return error_set(err, STATUS_INVALID, "analysis.option", "options", "'%s' %s", given->name,
                             option->argument == NULL ? "is true or absent" : "needs a value");
    }
    return STATUS_OK;
}

static enum status run_call(struct cli *cli, struct arena *arena, struct text *rows, struct error *err)
{
    struct cli_capture *capture = cli->capture;

    if (cli->subcommand->run(cli) != EXIT_DONE) {
        *err = capture->error;
        return capture->error.status != STATUS_OK ? capture->error.status
                                                  : error_set(err, STATUS_DEFECT, "internal.defect", "", "no result");
    }
    if (capture->rows.size > ROWS_MAX)
        return error_set(err, STATUS_LIMIT, "analysis.size", "", "the result has more than %zu bytes", ROWS_MAX);
    *rows = text_copy(arena, capture->rows);
    return STATUS_OK;
}

static enum status run(struct engine *engine, struct arena *arena, const struct analysis_request *request,
                       struct text *rows, struct error *err)
{
    enum status status = check(request, err);

    if (status != STATUS_OK)
        return status;
    const struct live_analysis *analysis = find_analysis(request->model);
    struct cli_capture capture = {.engine = engine};
    struct cli *cli = arena_alloc(arena, sizeof *cli);

    cli->subcommand = analysis->subcommand;
    cli->capture = &capture;
    cli->arena = arena_new(MEMORY_MAX);
    if (cli->arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");
    for (size_t i = 0; i < request->option_count; i++) {
        cli->given[i].option = find_option(analysis, request->options[i].name);
        cli->given[i].value = request->options[i].value;
    }
    cli->given_count = request->option_count;
    status = run_call(cli, arena, rows, err);
    arena_free(cli->arena);
    return status;
}

const struct analyses live_analyses = {.models = names, .check = check, .run = run};

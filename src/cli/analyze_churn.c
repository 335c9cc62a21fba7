#include "cli/analyze_churn.h"

#include <string.h>

static enum status take_columns(struct churn_call *call, struct churn_column **out, size_t *count, struct error *err)
{
    struct cli *cli = call->cli;
    const struct data_column **ignored = NULL;
    size_t ignored_count = 0;
    const char *names = cli_value(cli, "ignore"), *reason = cli_value(cli, "reason");
    struct churn_column *columns = arena_array(cli->arena, call->file.column_count, sizeof *columns);
    enum status status = STATUS_OK;

    if (names != NULL)
        status = data_file_columns(cli->arena, &call->file, names, &ignored, &ignored_count, err);
    if (status != STATUS_OK)
        return status;
    *count = 0;
    for (size_t i = 0; i < call->file.column_count; i++) {
        const struct data_column *column = &call->file.columns[i];
        bool taken = column != call->target && column != call->id;

        for (size_t k = 0; k < ignored_count; k++)
            taken = taken && column != ignored[k];
        /* Only who left has a reason for it. */
        if (taken && (reason == NULL || !text_equals(column->name, reason)))
            columns[(*count)++] = (struct churn_column){.name = column->name,
                                                        .numbers = column->numeric ? column->numbers : NULL,
                                                        .codes = column->codes,
                                                        .levels = column->levels,
                                                        .level_count = column->level_count};
    }
    *out = columns;
    return STATUS_OK;
}

static enum status learn(struct churn_call *call, struct error *err)
{
    struct arena *arena = call->cli->arena;
    struct churn_column *columns;
    struct churn_table table = {.row_count = call->file.row_count};
    enum status status = take_columns(call, &columns, &table.column_count, err);

    if (status != STATUS_OK)
        return status;
    table.columns = columns;
    status = churn_design_make(arena, &table, &call->design, err);
    if (status != STATUS_OK)
        return status;
    call->known = arena_array(arena, call->file.row_count, sizeof *call->known);
    for (uint32_t row = 0; row < call->file.row_count; row++)
        if (call->outcome.values[row] != OUTCOME_UNKNOWN)
            call->known[call->known_count++] = row;
    const struct churn_case known = {
        .design = &call->design, .outcome = call->outcome.values, .known = {call->known, call->known_count}};

    return churn_learn(arena, &known, &call->setup, &call->result, err);
}

static enum status read_file(struct churn_call *call, const struct reader_options *how, struct error *err)
{
    struct cli *cli = call->cli;
    const char *target = cli_value(cli, "target"), *id = cli_value(cli, "customer");
    enum status status = data_file_read(cli, how, &call->file, err);

    if (status == STATUS_OK && target != NULL)
        status = data_file_column(&call->file, target, &call->target, err);
    if (status == STATUS_OK && id != NULL)
        status = data_file_column(&call->file, id, &call->id, err);
    if (status == STATUS_OK && target != NULL)
        status = outcome_read(cli->arena, &call->file, call->target, cli_value(cli, "positive"), &call->outcome, err);
    return status;
}

static bool read_setup(struct churn_call *call)
{
    static const struct {
        const char *name;
        enum churn_kind kind;
    } kinds[] = {{"logistic", CHURN_LOGISTIC}, {"trees", CHURN_TREES}, {"auto", CHURN_BOTH}};
    const char *model = cli_value(call->cli, "model");
    int64_t folds = 5, seed = 1;
    bool known = model == NULL;

    call->setup.kind = CHURN_BOTH;
    for (size_t i = 0; model != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, model) == 0) {
            call->setup.kind = kinds[i].kind;
            known = true;
        }
    if (!known)
        return cli_usage(call->cli, "--model is logistic, trees or auto"), false;
    if (!cli_integer(call->cli, "folds", CHURN_FOLDS_MIN, CHURN_FOLDS_MAX, &folds) ||
        !cli_integer(call->cli, "seed", 0, INT32_MAX, &seed))
        return false;
    if (cli_value(call->cli, "target") == NULL && cli_value(call->cli, "reason") == NULL)
        return cli_usage(call->cli, "say with --target which column tells who left, or with --reason why"), false;
    if (cli_value(call->cli, "target") == NULL && cli_flag(call->cli, "scores"))
        return cli_usage(call->cli, "--scores needs --target"), false;
    call->setup.folds = (size_t)folds;
    call->setup.seed = (uint64_t)seed;
    return true;
}

static enum status print_figures(struct churn_call *call, struct error *err)
{
    struct figures figures;
    bool target = call->target != NULL;
    enum status status = STATUS_OK;

    figures_start(&figures, call->cli);
    if (target)
        status = churn_view_figures(call, &figures, err);
    if (status == STATUS_OK && cli_value(call->cli, "reason") != NULL)
        status = churn_causes_add(call->cli, &call->file, target ? &call->outcome : NULL, &figures, err);
    if (status == STATUS_OK)
        output_end(&figures.output);
    return status;
}

static int run_churn(struct cli *cli)
{
    struct churn_call call = {.cli = cli};
    struct reader_options how;
    struct output output;
    struct error error = {0};
    bool scores = cli_flag(cli, "scores");

    if (!read_setup(&call) || !analyze_reader_options(cli, &how) ||
        !output_start(&output, cli, churn_score_columns, CHURN_SCORE_COLUMNS))
        return EXIT_USAGE;
    enum status status = read_file(&call, &how, &error);

    if (status == STATUS_OK && call.target != NULL)
        status = learn(&call, &error);
    if (status == STATUS_OK)
        status = scores ? churn_view_scores(&call, &output, &error) : print_figures(&call, &error);
    churn_model_release(&call.result.model);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return call.file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct cli_option options[] = {
    {"target", "COLUMN", "tells who left; rows where it is empty are scored only"},
    {"positive", "VALUE", "the value that means: left; default: a plain yes"},
    {"customer", "COLUMN", "names the member; no trait to learn from"},
    {"ignore", "A,B", "columns not to learn from, such as what becomes known only after leaving"},
    {"model", "MODEL", "logistic, trees or auto (both, weighed on rows held out); default auto"},
    {"folds", "N", "parts that are held out in turn; default 5"},
    {"seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1"},
    {"scores", NULL, "print each row with its risk and reasons"},
    {"reason", "COLUMN", "recorded reasons for leaving: their shares by cause"},
    {"segment", "COLUMN", "the same for each value of this column"},
    OPTIONS_FILE,
};

const struct subcommand analyze_churn = {
    .name = "analyze churn",
    .about = "who will leave, how sure that is, and why",
    .usage = "analyze churn FILE --target COLUMN [options]",
    .example = "patron analyze churn members.csv --target left --customer member\n"
               "patron analyze churn members.csv --target left --customer member --scores --format csv\n"
               "patron analyze churn exits.csv --reason why --segment store",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_churn,
};

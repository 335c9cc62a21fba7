#include <math.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/analyze_clv_plot.h"
#include "cli/analyze_covariates.h"
#include "cli/analyze_opportunities.h"
#include "cli/purchase_file.h"
#include "features/insight/clv_choice.h"
#include "features/insight/clv_spend.h"

enum { HORIZON_DEFAULT = 52, HORIZON_MAX = 2600, HOLDOUT_MAX = 2600, DISCOUNT_DEFAULT = 10, DISCOUNT_MAX = 1000 };
enum { HOLDOUT_DAYS_MIN = 28 };

static const double YEAR_WEEKS = 365.25 / 7, NORMAL_95 = 1.6448536269514722, REACH_MAX = 7;

static const size_t SCRATCH_BYTES_MAX = (size_t)16 << 30;

/* A call of `analyze clv`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file;
    int64_t horizon, holdout, discount; /* weeks, weeks, per cent a year */
    struct clv_history history;
    struct clv_rows rows;
    struct clv_choice choice;
    bool chosen; /* by holdout */
    struct clv_fit fit;
    struct clv_spend_fit spend;
    bool spends;
    struct clv_score *scores;
};

static enum status choose(struct analysis *analysis, enum clv_model *model, struct error *err)
{
    struct cli *cli = analysis->cli;
    const struct purchase_file *file = &analysis->file;
    int64_t span = file->last_day - file->first_day;
    int64_t days = analysis->holdout > 0 ? 7 * analysis->holdout : span / 3;
    struct clv_period period = {.end = (int32_t)(file->last_day - days), .until = file->last_day};
    struct clv_history history;

    if (analysis->holdout > 0 && days >= span)
        return error_set(err, STATUS_INVALID, "clv.holdout", "holdout", "the purchases span %lld days only",
                         (long long)span);
    if (days < HOLDOUT_DAYS_MIN && analysis->holdout == 0)
        return STATUS_OK;
    /* The trial's history goes before that of the answer comes. */
    struct arena *scratch = arena_new(SCRATCH_BYTES_MAX);

    if (scratch == NULL)
        return error_set(err, STATUS_LIMIT, "memory.full", "", "there is no memory to try the models with");
    clv_log_sum(scratch, file->purchases, file->count, file->customer_count, &period, &history);
    enum status status = clv_choose(scratch, &history, &analysis->choice, err);

    arena_free(scratch);

    /* Without a holdout asked for, a base too small for a trial takes the model as it is. */
    if (status != STATUS_OK)
        return analysis->holdout > 0 ? status : STATUS_OK;
    analysis->chosen = true;
    *model = cli_value(cli, "model") == NULL ? analysis->choice.chosen : *model;
    return STATUS_OK;
}

static enum status learn(struct analysis *analysis, enum clv_model model, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    const struct purchase_file *file = &analysis->file;
    struct clv_period period = {.end = file->last_day, .until = file->last_day};
    enum status status = choose(analysis, &model, err);
    struct error ignored;

    if (status != STATUS_OK)
        return status;
    clv_log_sum(arena, file->purchases, file->count, file->customer_count, &period, &analysis->history);
    status = clv_history_rows(arena, &analysis->history, &analysis->rows, err);
    struct arena *scratch = arena_new(SCRATCH_BYTES_MAX);

    if (scratch == NULL)
        return error_set(err, STATUS_LIMIT, "memory.full", "", "there is no memory to learn with");
    if (status == STATUS_OK)
        status = clv_fit(scratch, &analysis->rows, model, 0, &analysis->fit, err);
    arena_reset(scratch);
    analysis->spends = status == STATUS_OK && file->amounts &&
                       clv_spend_fit(scratch, analysis->history.spends, analysis->history.count, &analysis->spend,
                                     &ignored) == STATUS_OK;
    arena_reset(scratch);
    if (status != STATUS_OK) {
        arena_free(scratch);
        return status;
    }
    const struct clv_question question = {.time = (double)analysis->horizon,
                                          .discount = log1p((double)analysis->discount / 100) / YEAR_WEEKS};

    analysis->scores = arena_array(arena, analysis->rows.row_count, sizeof *analysis->scores);
    clv_score_rows(scratch, &analysis->rows, &analysis->fit, &question, analysis->scores);
    arena_free(scratch);
    return STATUS_OK;
}

/* ---- each customer ---- */

static int print_scores(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;
    const struct clv_history *history = &analysis->history;

    for (size_t i = 0; i < history->count; i++) {
        const struct clv_score *score = &analysis->scores[analysis->rows.row_of[i]];
        double spend = analysis->spends ? clv_spend_expected(&analysis->spend, &history->spends[i]) : NAN;
        int32_t last = clv_last_day(history, i);
        char day[DAY_TEXT_SIZE];
        const struct text fields[] = {analysis->file.names[history->numbers[i]],
                                      figure_text(arena, history->customers[i].repeats + 1.0),
                                      text_from(day_format(last, day)),
                                      figure_text(arena, score->alive),
                                      figure_text(arena, score->expected),
                                      figure_text(arena, spend),
                                      figure_text(arena, spend * score->expected),
                                      figure_text(arena, spend * score->discounted)};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the base ---- */

static void add_parameter(struct figures *figures, const char *name, double value, double error)
{
    double reach = NORMAL_95 * error / value; /* on the scale of logarithms, where it stays above 0 */
    bool held = reach < REACH_MAX;

    figures_add_interval(figures, name,
                         (double[]){value, held ? value * exp(-reach) : NAN, held ? value * exp(reach) : NAN},
                         held ? "" : "the data do not hold it");
}

static void add_trials(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    char day[DAY_TEXT_SIZE];

    if (!analysis->chosen)
        return;
    for (int i = 0; i < CLV_MODELS; i++) {
        const struct clv_trial *trial = &analysis->choice.trials[i];

        if (!trial->fitted)
            continue;
        figures_add_interval(figures, arena_format(arena, "holdout %s", clv_model_name(trial->model)),
                             (double[]){trial->expected, trial->total.low, trial->total.high},
                             arena_format(arena,
                                          "purchases foretold after %s; there were %.0f; each customer missed by "
                                          "%.4f on average",
                                          day_format(analysis->choice.end, day), trial->actual, trial->absolute));
    }
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    double k = analysis->history.regularity;

    if (!isnan(k))
        figures_add(figures, "check regularity", k,
                    k > 1.5 ? "gaps are more regular than chance: the cnbd-k models suit"
                            : "gaps are as irregular as the models suppose");
    figures_add(figures, "check fit", analysis->fit.converged && !analysis->fit.at_limit,
                !analysis->fit.converged ? "no clear maximum: take the figures with care"
                : analysis->fit.at_limit ? "a parameter ran to its limit: a simpler model says the same"
                                         : "the maximum was found");
    if (analysis->chosen)
        figures_add(figures, "check holdout", analysis->choice.within,
                    analysis->choice.within ? "the model's total for the holdout is within a tenth of the truth"
                                            : "no model foretells the total of the holdout within a tenth: the base "
                                              "behaves differently than before");
    if (analysis->spends)
        figures_add(figures, "check independence", analysis->spend.correlation,
                    fabs(analysis->spend.correlation) < 0.3
                        ? "number and size of purchases go together little, as supposed"
                        : "who buys often also spends differently: values are biased");
    if (analysis->file.amounts && !analysis->spends)
        figures_add(figures, "check spend", 0, "too few repeat purchases with amounts to learn spending from");
}

static void add_totals(struct figures *figures, const struct analysis *analysis, const struct clv_total *total)
{
    const struct clv_history *history = &analysis->history;
    struct arena *arena = figures->cli->arena;
    double alive = 0, value = 0, residual = 0;

    for (size_t i = 0; i < history->count; i++) {
        const struct clv_score *score = &analysis->scores[analysis->rows.row_of[i]];
        double spend = analysis->spends ? clv_spend_expected(&analysis->spend, &history->spends[i]) : NAN;

        alive += score->alive;
        value += spend * score->expected;
        residual += spend * score->discounted;
    }
    figures_add(figures, "alive", alive, "customers who have not left");
    figures_add_interval(
        figures, "expected_purchases", (double[]){total->expected, total->low, total->high},
        arena_format(arena, "by today's customers in the next %lld weeks", (long long)analysis->horizon));
    if (analysis->spends) {
        figures_add(figures, "expected_value", value, "what they will spend on them");
        figures_add(
            figures, "discounted_value", residual,
            arena_format(arena, "of all their purchases to come, at %lld %% a year", (long long)analysis->discount));
    }
    figures_add(
        figures, "summary", NAN,
        arena_format(arena,
                     "Of %zu customers about %.0f still buy here; in the next %lld weeks expect %.0f purchases, "
                     "between %.0f and %.0f with a chance of 90 %%.",
                     history->count, alive, (long long)analysis->horizon, total->expected, total->low, total->high));
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    const struct clv_fit *fit = &analysis->fit;
    struct arena *arena = figures->cli->arena;
    char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];
    struct error error = {0};
    struct clv_total total;

    if (clv_total(&analysis->rows, fit, (double)analysis->horizon, &total, &error) != STATUS_OK)
        return cli_fail(analysis->cli, &error);
    figures_add(figures, "customers", (double)analysis->history.count,
                arena_format(arena, "from %s to %s", day_format(analysis->file.first_day, first),
                             day_format(analysis->file.last_day, last)));
    figures_add(figures, "repeat_purchases", analysis->rows.repeats, "purchases of a customer on one day are one");
    figures_add(figures, "model", fit->regularity,
                arena_format(arena, "%s%s; regularity on the left", clv_model_name(fit->model),
                             cli_value(analysis->cli, "model") != NULL ? ""
                             : analysis->chosen                        ? ", chosen by holdout"
                                                                       : ", too little data for a choice"));
    for (size_t i = 0; i < clv_model_parameter_count(fit->model); i++)
        add_parameter(figures, clv_model_parameter(fit->model, i), fit->parameters[i], fit->errors[i]);
    figures_add(figures, "log_likelihood", fit->log_likelihood, "");
    if (analysis->spends) {
        static const char *const names[] = {"spend p", "spend q", "spend v"};

        for (int i = 0; i < CLV_SPEND_PARAMETERS; i++)
            add_parameter(figures, names[i], analysis->spend.parameters[i], analysis->spend.errors[i]);
    }
    add_trials(figures, analysis);
    add_checks(figures, analysis);
    add_totals(figures, analysis, &total);
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static enum status draw(const struct analysis *analysis, struct error *err)
{
    const struct clv_history *history = &analysis->history;
    double *values = arena_array(analysis->cli->arena, history->count, sizeof *values);

    for (size_t i = 0; i < history->count; i++) {
        double expected = analysis->scores[analysis->rows.row_of[i]].expected;

        values[i] = analysis->spends ? expected * clv_spend_expected(&analysis->spend, &history->spends[i]) : expected;
    }
    const struct clv_picture picture = {
        .cli = analysis->cli,
        .file = &analysis->file,
        .fit = &analysis->fit,
        .held_out_from = analysis->chosen ? analysis->choice.end : analysis->file.last_day,
        .values = values,
        .count = history->count,
        .money = analysis->spends,
        .horizon = analysis->horizon,
    };

    return clv_plot(&picture, err);
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"customer", false},          {"purchases", true},      {"last", false},          {"alive", true},
        {"expected_purchases", true}, {"expected_spend", true}, {"expected_value", true}, {"discounted_value", true}};
    struct analysis analysis = {.cli = cli, .horizon = HORIZON_DEFAULT, .discount = DISCOUNT_DEFAULT};
    const char *name = cli_value(cli, "model");
    enum clv_model model = CLV_PARETO_NBD;
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (!clv_plot_options(cli))
        return EXIT_USAGE;
    if (cli_value(cli, "plot") != NULL &&
        (cli_value(cli, "covariates") != NULL || (name != NULL && strcmp(name, "bg-bb") == 0)))
        return cli_usage(cli, "--plot draws the models without covariates, and not bg-bb: leave one of the two out");
    if (name != NULL && strcmp(name, "bg-bb") == 0)
        return analyze_opportunities(cli);
    if (cli_value(cli, "covariates") != NULL)
        return analyze_covariates(cli);
    if (name != NULL && !clv_model_from(name, &model))
        return cli_usage(cli, "--model is bg-nbd, mbg-nbd, pareto-nbd, nbd, bg-cnbd-k, mbg-cnbd-k or bg-bb");
    if (!cli_integer(cli, "horizon", 1, HORIZON_MAX, &analysis.horizon) ||
        !cli_integer(cli, "holdout", 1, HOLDOUT_MAX, &analysis.holdout) ||
        !cli_integer(cli, "discount", 1, DISCOUNT_MAX, &analysis.discount) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    bool each = cli_flag(cli, "scores");

    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read(cli, &how, &analysis.file, &error) != STATUS_OK ||
        learn(&analysis, model, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_value(cli, "plot") != NULL && draw(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(&analysis, &output) : print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"model", "MODEL",
     "bg-nbd, mbg-nbd, pareto-nbd, nbd, bg-cnbd-k or mbg-cnbd-k; default: the best on the purchases held out; bg-bb: "
     "purchases at given opportunities"},
    {"holdout", "WEEKS", "the last weeks, held out to choose and check the model; default a third of the time"},
    {"horizon", "WEEKS", "how far ahead; default 52; for bg-bb in opportunities, default 5"},
    {"discount", "PERCENT", "a year, for discounted value; default 10"},
    {"scores", NULL, "a row for each customer"},
    OPTIONS_CLV_PLOT,
    OPTIONS_COVARIATES,
    OPTIONS_OPPORTUNITIES,
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_clv = {
    .name = "analyze clv",
    .about = "lifetime value: who will buy again, how often, and what it is worth",
    .usage = "analyze clv FILE [options]",
    .example = "patron analyze clv sales.csv --customer id --date day --amount total --holdout 26 --horizon 52\n"
               "patron analyze clv sales.csv --model pareto-nbd --scores --format csv > members.csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

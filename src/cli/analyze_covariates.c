#include "cli/analyze_covariates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/purchase_file.h"
#include "features/insight/clv_covariate.h"
#include "mathematics/distribution.h"

enum { HORIZON_DEFAULT = 52, HORIZON_MAX = 2600, DISCOUNT_DEFAULT = 10, DISCOUNT_MAX = 1000 };

static const double YEAR_WEEKS = 365.25 / 7, NORMAL_95 = 1.6448536269514722, REACH_MAX = 7;

/* A call of `analyze clv --covariates`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file;
    struct purchase_column columns[CLV_COVARIATES_MAX];
    size_t column_count;
    struct clv_history history;
    const char *names[CLV_COVARIATES_MAX]; /* "age", "sex=f" */
    double *values;
    size_t width;
    size_t changes; /* customers whose covariate is not the same in all rows */
    struct clv_kinds *kinds;
    struct clv_covariate_fit fit;
    int64_t horizon, discount;
};

static enum status name_columns(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    const char *list = cli_value(analysis->cli, "covariates");

    for (const char *at = list; *at != '\0';) {
        size_t size = strcspn(at, ",");

        if (analysis->column_count == CLV_COVARIATES_MAX)
            return error_set(err, STATUS_INVALID, "clv.covariates", "covariates", "there are more than %d covariates",
                             CLV_COVARIATES_MAX);
        analysis->columns[analysis->column_count++] =
            (struct purchase_column){.option = "covariates", .name = arena_string(arena, at, size)};
        at += size + (at[size] == ',');
    }
    return STATUS_OK;
}

/* The level of each customer: that of the first row. */
static uint32_t *find_levels(struct analysis *analysis, const struct purchase_column *column)
{
    struct arena *arena = analysis->cli->arena;
    uint32_t *levels = arena_array(arena, analysis->file.customer_count, sizeof *levels);
    bool *changed = arena_array(arena, analysis->file.customer_count, sizeof *changed);

    memset(levels, 0xFF, analysis->file.customer_count * sizeof *levels);
    for (size_t i = 0; i < analysis->file.count; i++) {
        uint32_t customer = analysis->file.purchases[i].customer, level = column->codes[i];

        if (levels[customer] == PURCHASE_MISSING)
            levels[customer] = level;
        else if (level != PURCHASE_MISSING && level != levels[customer] && !changed[customer]) {
            changed[customer] = true;
            analysis->changes++;
        }
    }
    return levels;
}

static bool read_number(struct text text, double *out)
{
    char copy[64], *end;

    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

/* A column of numbers is one covariate; one of texts is one for each level after the first. */
static enum status add_column(struct analysis *analysis, const struct purchase_column *column, double **values,
                              struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    const uint32_t *levels = find_levels(analysis, column);
    double *numbers = arena_array(arena, column->level_count + 1, sizeof *numbers);
    bool numeric = true;

    for (size_t i = 0; i < column->level_count; i++)
        numeric = numeric && read_number(column->levels[i], &numbers[i]);
    for (size_t level = numeric ? 0 : 1; level < (numeric ? 1 : column->level_count); level++) {
        if (analysis->width == CLV_COVARIATES_MAX)
            return error_set(err, STATUS_INVALID, "clv.covariates", "covariates",
                             "'%s' and the others make more than %d covariates", column->name, CLV_COVARIATES_MAX);
        double *to = values[analysis->width] = arena_array(arena, analysis->file.customer_count, sizeof *to);

        for (size_t i = 0; i < analysis->file.customer_count; i++)
            to[i] = levels[i] == PURCHASE_MISSING ? NAN : numeric ? numbers[levels[i]] : levels[i] == level;
        analysis->names[analysis->width++] =
            numeric ? column->name
                    : arena_format(arena, "%s=%.*s", column->name, (int)column->levels[level].size,
                                   column->levels[level].bytes);
    }
    return STATUS_OK;
}

static enum status learn(struct analysis *analysis, const struct reader_options *how, struct error *err)
{
    struct cli *cli = analysis->cli;
    struct purchase_file *file = &analysis->file;
    double *values[CLV_COVARIATES_MAX];
    enum status status = name_columns(analysis, err);

    if (status == STATUS_OK)
        status = purchase_file_read_columns(cli, how, analysis->columns, analysis->column_count, file, err);
    for (size_t i = 0; status == STATUS_OK && i < analysis->column_count; i++)
        status = add_column(analysis, &analysis->columns[i], values, err);
    if (status != STATUS_OK)
        return status;
    clv_log_sum(cli->arena, file->purchases, file->count, file->customer_count,
                &(struct clv_period){file->last_day, file->last_day}, &analysis->history);
    analysis->values = arena_array(cli->arena, analysis->history.count * analysis->width + 1, sizeof(double));
    for (size_t i = 0; i < analysis->history.count; i++)
        for (size_t j = 0; j < analysis->width; j++)
            analysis->values[i * analysis->width + j] = values[j][analysis->history.numbers[i]];
    const struct clv_known known = {analysis->history.customers, analysis->values, analysis->history.count,
                                    analysis->width};

    status = clv_kinds_build(cli->arena, &known, &analysis->kinds, err);
    return status == STATUS_OK ? clv_covariate_fit(cli->arena, analysis->kinds, &analysis->fit, err) : status;
}

static struct clv_score *score(const struct analysis *analysis)
{
    struct arena *arena = analysis->cli->arena;
    struct clv_score *scores = arena_array(arena, analysis->history.count, sizeof *scores);
    const struct clv_question question = {.time = (double)analysis->horizon,
                                          .discount = log1p((double)analysis->discount / 100) / YEAR_WEEKS};

    clv_covariate_score(arena, analysis->kinds, &analysis->fit, &question, scores);
    return scores;
}

static int print_scores(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;
    const struct clv_history *history = &analysis->history;
    const struct clv_score *scores = score(analysis);

    for (size_t i = 0; i < history->count; i++) {
        int32_t last = clv_last_day(history, i);
        char day[DAY_TEXT_SIZE];
        const struct text fields[] = {
            analysis->file.names[history->numbers[i]], figure_text(arena, history->customers[i].repeats + 1.0),
            text_from(day_format(last, day)),          figure_text(arena, scores[i].alive),
            figure_text(arena, scores[i].expected),    figure_text(arena, scores[i].discounted)};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the base ---- */

static void add_parameters(struct figures *figures, const struct analysis *analysis)
{
    static const char *const names[CLV_PARAMETERS] = {"r", "alpha", "s", "beta"};
    const struct clv_covariate_fit *fit = &analysis->fit;
    struct arena *arena = figures->cli->arena;

    for (int i = 0; i < CLV_PARAMETERS; i++) {
        double value = fit->parameters[i], reach = NORMAL_95 * fit->errors[i] / value;
        bool held = reach < REACH_MAX;

        figures_add_interval(figures, names[i],
                             (double[]){value, held ? value * exp(-reach) : NAN, held ? value * exp(reach) : NAN},
                             held ? "of a customer whose covariates are 0" : "the data do not hold it");
    }
    for (size_t i = 0; i < 2 * fit->width; i++) {
        double value = fit->parameters[CLV_PARAMETERS + i], reach = NORMAL_95 * fit->errors[CLV_PARAMETERS + i];
        bool buying = i < fit->width;

        figures_add_interval(
            figures, arena_format(arena, "%s %s", buying ? "buying" : "leaving", analysis->names[i % fit->width]),
            (double[]){value, value - reach, value + reach},
            arena_format(arena, "one more of it: %s %.3f times as %s%s", buying ? "buys" : "leaves", exp(value),
                         buying ? "often" : "soon", fabs(value) > reach ? "" : "; may be chance"));
    }
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct clv_covariate_fit *fit = &analysis->fit;
    const struct clv_score *scores = score(analysis);
    double gain = 2 * (fit->log_likelihood - fit->plain);
    double chance = chi_square_above(fmax(0, gain), 2.0 * (double)fit->width), alive = 0;
    size_t count = analysis->history.count;
    struct clv_total total;

    clv_covariate_total(arena, analysis->kinds, fit, (double)analysis->horizon, &total);
    for (size_t i = 0; i < count; i++)
        alive += scores[i].alive;
    figures_add(figures, "customers", (double)count, "");
    figures_add(figures, "model", 1, "pareto-nbd with covariates");
    add_parameters(figures, analysis);
    figures_add(figures, "log_likelihood", fit->log_likelihood,
                arena_format(arena, "without covariates %.4f", fit->plain));
    figures_add(figures, "check covariates", chance,
                chance < 0.05 ? "chance of such a gain if covariates told nothing: they tell something"
                              : "chance of such a gain if covariates told nothing: leave them out");
    figures_add(figures, "check static", (double)analysis->changes,
                analysis->changes == 0 ? "covariates are the same in all rows of a customer"
                                       : "customers whose covariates change: their first counts");
    figures_add(figures, "check fit", fit->converged && !fit->at_limit,
                !fit->converged ? "no clear maximum: take the figures with care"
                : fit->at_limit ? "a parameter ran to its limit: a simpler model says the same"
                                : "the maximum was found");
    figures_add(figures, "alive", alive, "customers who have not left");
    figures_add_interval(
        figures, "expected_purchases", (double[]){total.expected, total.low, total.high},
        arena_format(arena, "by today's customers in the next %lld weeks", (long long)analysis->horizon));
    figures_add(
        figures, "summary", NAN,
        arena_format(arena,
                     "Of %zu customers about %.0f still buy here; in the next %lld weeks expect %.0f purchases, "
                     "between %.0f and %.0f with a chance of 90 %%; what is known of them %s.",
                     count, alive, (long long)analysis->horizon, total.expected, total.low, total.high,
                     chance < 0.05 ? "helps to tell them apart" : "does not help to tell them apart"));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

int analyze_covariates(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"customer", false}, {"purchases", true},          {"last", false},
        {"alive", true},     {"expected_purchases", true}, {"discounted_purchases", true}};
    struct analysis analysis = {.cli = cli, .horizon = HORIZON_DEFAULT, .discount = DISCOUNT_DEFAULT};
    const char *model = cli_value(cli, "model");
    bool each = cli_flag(cli, "scores");
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (model != NULL && strcmp(model, "pareto-nbd") != 0)
        return cli_usage(cli, "covariates are for --model pareto-nbd");
    if (!cli_integer(cli, "horizon", 1, HORIZON_MAX, &analysis.horizon) ||
        !cli_integer(cli, "discount", 1, DISCOUNT_MAX, &analysis.discount) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (learn(&analysis, &how, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(&analysis, &output) : print_base(&analysis, &figures);
}

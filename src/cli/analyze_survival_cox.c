#include <math.h>
#include <string.h>

#include "cli/analyze_survival.h"
#include "mathematics/distribution.h"

static const double NORMAL_95 = 1.6448536269514722, DOUBTFUL = 0.05;

/* The model and the traits that it is made of. */
struct model {
    struct churn_design design;
    struct cox_data data;
    struct cox_fit fit;
    struct cox_check check;
};

/* The column in the rows of the call, without those that lack a time or an event. */
static struct churn_column take_column(struct survival_call *call, const struct data_column *column)
{
    struct churn_column taken = {.name = column->name, .levels = column->levels, .level_count = column->level_count};
    struct arena *arena = call->cli->arena;
    double *numbers = column->numeric ? arena_array(arena, call->count, sizeof *numbers) : NULL;
    uint32_t *codes = column->numeric ? NULL : arena_array(arena, call->count, sizeof *codes);

    for (size_t i = 0; i < call->count; i++)
        if (column->numeric)
            numbers[i] = column->numbers[call->rows[i]];
        else
            codes[i] = column->codes[call->rows[i]];
    taken.numbers = numbers;
    taken.codes = codes;
    return taken;
}

static bool is_among(const struct data_column *column, const struct data_column *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == column)
            return true;
    return false;
}

static enum status take_columns(struct survival_call *call, struct churn_table *out, struct error *err)
{
    struct cli *cli = call->cli;
    const char *names = cli_value(cli, "covariates"), *ignore = cli_value(cli, "ignore");
    const struct data_column **wanted, **ignored = NULL;
    size_t wanted_count = 0, ignored_count = 0;
    bool all = strcmp(names, "all") == 0;
    enum status status = data_file_columns(cli->arena, &call->file, all ? NULL : names, &wanted, &wanted_count, err);

    if (status == STATUS_OK && ignore != NULL)
        status = data_file_columns(cli->arena, &call->file, ignore, &ignored, &ignored_count, err);
    if (status != STATUS_OK)
        return status;
    struct churn_column *columns = arena_array(cli->arena, wanted_count + 1, sizeof *columns);

    *out = (struct churn_table){.columns = columns, .row_count = call->count, .straight = true};
    for (size_t i = 0; i < wanted_count; i++)
        if (wanted[i] != call->time && wanted[i] != call->event && !is_among(wanted[i], ignored, ignored_count))
            columns[out->column_count++] = take_column(call, wanted[i]);
    return STATUS_OK;
}

static enum status learn(struct survival_call *call, struct model *model, struct error *err)
{
    struct arena *arena = call->cli->arena;
    struct churn_table table;
    enum status status = take_columns(call, &table, err);

    if (status == STATUS_OK)
        status = churn_design_make(arena, &table, &model->design, err);
    if (status != STATUS_OK)
        return status;
    model->data = (struct cox_data){.rows = model->design.rows,
                                    .times = call->times,
                                    .events = call->events,
                                    .count = call->count,
                                    .column_count = model->design.term_count,
                                    .ties = call->ties};
    if (!cox_learn(arena, &model->data, &model->fit))
        return error_set(err, STATUS_INVALID, "survival.events", "",
                         "nobody's time has ended: there is nothing to learn from yet");
    cox_check_proportional(arena, &model->data, &model->fit, &model->check);
    return STATUS_OK;
}

/* ---- rows ---- */

static const char *term_name(struct arena *arena, const struct churn_design *design, size_t t)
{
    const struct churn_term *term = &design->terms[t];
    const struct churn_column *column = &design->columns[term->source];
    struct text level = term->kind == CHURN_LEVEL   ? column->levels[term->level]
                        : term->kind == CHURN_OTHER ? TEXT("others")
                                                    : TEXT("missing");

    if (term->kind == CHURN_NUMBER)
        return text_string(arena, column->name);
    return arena_format(arena, "%.*s: %.*s", (int)column->name.size, column->name.bytes, (int)level.size, level.bytes);
}

/* The coefficient and the hazard ratio of one trait, for one unit of a number. */
static void add_term(struct figures *figures, const struct model *model, size_t t)
{
    struct arena *arena = figures->cli->arena;
    const struct churn_term *term = &model->design.terms[t];
    const char *name = term_name(arena, &model->design, t);
    double value = model->fit.coefficients[t] / term->scale;
    double error = sqrt(model->fit.covariance[t * (model->fit.column_count + 1)]) / term->scale;
    double reach = NORMAL_95 * error;

    if (!model->fit.used[t]) {
        figures_add(figures, arena_format(arena, "coefficient %s", name), NAN, "says nothing that others do not");
        return;
    }
    if (model->fit.unbounded[t]) {
        figures_add(figures, arena_format(arena, "coefficient %s", name), NAN,
                    value > 0 ? "runs to infinity: the others never end" : "runs to minus infinity: these never end");
        return;
    }
    figures_add_interval(figures, arena_format(arena, "coefficient %s", name),
                         (double[]){value, value - reach, value + reach},
                         arena_format(arena, "standard error %.8g, p %.3g", error, normal_two_sided(value / error)));
    figures_add_interval(
        figures, arena_format(arena, "hazard %s", name), (double[]){exp(value), exp(value - reach), exp(value + reach)},
        term->kind == CHURN_NUMBER ? "times as likely to end at any time, for one more, all else the same"
                                   : "times as likely to end at any time as the commonest value");
}

static void add_fit(struct figures *figures, const struct survival_call *call, const struct model *model)
{
    struct arena *arena = figures->cli->arena;
    const struct cox_fit *fit = &model->fit;
    struct cox_concordance pairs = cox_concordance(arena, &model->data, fit->scores);
    double ratio = 2 * (fit->log_likelihood - fit->null_log_likelihood), freedom = model->check.freedom;

    figures_add(figures, "log_likelihood", fit->log_likelihood,
                arena_format(arena, "partial, ties by %s; %s", call->ties == COX_EFRON ? "Efron" : "Breslow",
                             fit->converged ? "converged" : "some ratio runs to infinity"));
    figures_add(figures, "null_log_likelihood", fit->null_log_likelihood, "without any covariate");
    figures_add(
        figures, "likelihood_ratio", ratio,
        arena_format(arena, "chi-square, %.0f degrees of freedom, p %.3g", freedom, chi_square_above(ratio, freedom)));
    figures_add_interval(
        figures, "concordance",
        (double[]){pairs.value, pairs.value - NORMAL_95 * pairs.error, pairs.value + NORMAL_95 * pairs.error},
        "of two members the one with the higher risk ends first so often; 0.5 is chance");
}

static void add_checks(struct figures *figures, const struct model *model)
{
    struct arena *arena = figures->cli->arena;
    const struct cox_check *check = &model->check;

    for (size_t t = 0; t < model->design.term_count; t++)
        if (!isnan(check->statistics[t]))
            figures_add(figures, arena_format(arena, "proportional %s", term_name(arena, &model->design, t)),
                        check->statistics[t],
                        arena_format(arena, "chi-square, 1 degree of freedom, p %.3g%s", check->p_values[t],
                                     check->p_values[t] < DOUBTFUL ? ": its effect changes with time" : ""));
    if (isnan(check->statistic))
        return;
    figures_add(figures, "check proportional", check->p_value,
                check->p_value < DOUBTFUL
                    ? "hazard ratios change with time: read them as means over time, or look at each group's curve"
                    : "nothing says that hazard ratios change with time");
}

enum status survival_cox_add(struct survival_call *call, struct figures *figures, struct error *err)
{
    struct model model = {0};
    enum status status = learn(call, &model, err);

    if (status != STATUS_OK)
        return status;
    add_fit(figures, call, &model);
    for (size_t t = 0; t < model.design.term_count; t++)
        add_term(figures, &model, t);
    add_checks(figures, &model);
    return STATUS_OK;
}

#include <math.h>

#include "cli/analyze_pls.h"
#include "mathematics/special.h"

const struct output_column pls_figure_columns[] = {
    {"figure", false}, {"from", false}, {"to", false},        {"value", true},       {"low", true},
    {"high", true},    {"error", true}, {"normal_low", true}, {"normal_high", true}, {"note", false}};

/* JSON and CSV give the digits that a computation needs, a table those that a reader does. */
static struct text number_text(const struct pls_rows *rows, double value)
{
    struct arena *arena = rows->call->cli->arena;

    if (rows->output->format == OUTPUT_TABLE || !isfinite(value) || value == floor(value))
        return figure_text(arena, isfinite(value) ? value : NAN);
    return text_from(arena_format(arena, "%.10g", value));
}

static void add_statistic(struct pls_rows *rows, const char *figure, const struct text names[2],
                          const struct pls_statistic *statistic, const char *note)
{
    const double values[] = {statistic->value, statistic->low,        statistic->high,
                             statistic->error, statistic->normal_low, statistic->normal_high};
    struct text fields[PLS_FIGURE_COLUMNS] = {text_from(figure), names[0], names[1]};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        fields[3 + i] = number_text(rows, values[i]);
    fields[PLS_FIGURE_COLUMNS - 1] = text_from(note);
    output_row(rows->output, fields);
}

static void add_pair(struct pls_rows *rows, const char *figure, const struct text names[2], double value,
                     const char *note)
{
    const struct pls_statistic statistic = {
        .value = value, .low = NAN, .high = NAN, .error = NAN, .normal_low = NAN, .normal_high = NAN};

    add_statistic(rows, figure, names, &statistic, note);
}

void pls_add_row(struct pls_rows *rows, const char *figure, struct text of, double value, const char *note)
{
    add_pair(rows, figure, (struct text[]){of, TEXT("")}, value, note);
}

/* ---- what was computed, and from what ---- */

static void add_setting(struct pls_rows *rows)
{
    static const char *const schemes[PLS_SCHEMES] = {
        [PLS_SCHEME_PATH] = "path", [PLS_SCHEME_CENTROID] = "centroid", [PLS_SCHEME_FACTORIAL] = "factorial"};
    const struct pls_call *call = rows->call;
    struct arena *arena = call->cli->arena;

    pls_add_row(rows, "answers", TEXT(""), (double)call->data.row_count,
                arena_format(arena, "of %zu rows", call->file.row_count));
    pls_add_row(rows, "missing", TEXT(""), (double)call->data.missing,
                call->data.missing == 0 ? "every question is answered"
                : call->missing == PLS_MISSING_CASEWISE
                    ? arena_format(arena, "cells; %zu rows with one are left out", call->data.dropped)
                    : arena_format(arena,
                                   "cells; each takes the mean of its column; %zu rows without any answer are left out",
                                   call->data.dropped));
    pls_add_row(rows, "iterations", TEXT(""), call->estimate.final.iterations,
                arena_format(arena, "%s scheme, weights settled to 1e-10%s%s", schemes[call->settings.scheme],
                             call->settings.consistent ? "; consistent (PLSc)" : "",
                             call->plan.two_stages ? "; second of two stages" : ""));
}

static void add_samples(struct pls_rows *rows)
{
    const struct pls_call *call = rows->call;
    const struct pls_results *results = &call->results;
    struct arena *arena = call->cli->arena;
    size_t failed = call->resampling.samples - results->fitted;

    if (call->resampling.samples == 0)
        return;
    pls_add_row(rows, "samples", TEXT(""), (double)results->fitted,
                arena_format(arena,
                             "of %zu drawn with seed %llu%s; low to high is the middle %.0f %% of them, normal_low to "
                             "normal_high the value and %.2f errors either way",
                             call->resampling.samples, (unsigned long long)call->resampling.seed,
                             call->fewer ? ", fewer than usual because the file is large" : "",
                             100 * call->resampling.confidence,
                             normal_quantile((1 + call->resampling.confidence) / 2)));
    pls_add_row(rows, "samples_failed", TEXT(""), (double)failed,
                failed == 0
                    ? "none"
                    : arena_format(
                          arena,
                          "left out: %zu constant, %zu collinear, %zu unrelated, %zu unsettled, %zu inadmissible",
                          results->failed[PLS_CONSTANT], results->failed[PLS_COLLINEAR], results->failed[PLS_UNRELATED],
                          results->failed[PLS_ENDLESS], results->failed[PLS_INADMISSIBLE]));
    pls_add_row(rows, "samples_turned", TEXT(""), (double)results->turned,
                call->resampling.keep_signs ? "signs are kept as each sample gives them"
                : results->turned == 0      ? "no construct came out the other way round"
                                            : "a construct came out the other way round, and was turned");
}

/* ---- the model ---- */

static const char *statistic_note(const struct pls_rows *rows, const struct pls_statistic *statistic)
{
    const struct pls_construct *construct = &rows->call->plan.final.constructs[statistic->b];

    switch (statistic->figure) {
    case PLS_PATH:
    case PLS_TOTAL:
    case PLS_INDIRECT:
        return statistic->low <= 0 && statistic->high >= 0 ? "may be none" : "";
    case PLS_WEIGHT:
        return construct->mode == PLS_MODE_B ? "mode B" : "mode A";
    case PLS_HTMT:
        return statistic->value > PLS_HTMT_MOST ? "hardly told apart" : "";
    case PLS_INDEX:
        return isnan(statistic->value) ? "weights of both signs make no index"
               : statistic->value < 0 || statistic->value > 100
                   ? "outside the scale, because a weight is negative: read with care"
                   : "0 to 100";
    case PLS_LOADING:
    case PLS_EXPLAINED:
        break;
    }
    return "";
}

static void add_statistics(struct pls_rows *rows)
{
    static const char *const figures[] = {
        [PLS_PATH] = "path",     [PLS_TOTAL] = "total_effect", [PLS_INDIRECT] = "indirect_effect",
        [PLS_WEIGHT] = "weight", [PLS_LOADING] = "loading",    [PLS_EXPLAINED] = "r2",
        [PLS_HTMT] = "htmt",     [PLS_INDEX] = "index"};
    const struct pls_model *model = &rows->call->plan.final;
    const struct pls_results *results = &rows->call->results;

    for (size_t i = 0; i < results->count; i++) {
        const struct pls_statistic *statistic = &results->statistics[i];
        bool outer = statistic->figure == PLS_WEIGHT || statistic->figure == PLS_LOADING;
        bool single = statistic->figure == PLS_EXPLAINED || statistic->figure == PLS_INDEX;
        const struct text names[2] = {outer ? model->indicators[statistic->a] : model->constructs[statistic->a].name,
                                      single ? TEXT("") : model->constructs[statistic->b].name};

        if (statistic->figure != PLS_HTMT || !isnan(statistic->value))
            add_statistic(rows, figures[statistic->figure], names, statistic, statistic_note(rows, statistic));
    }
}

/* Of a construct made of constructs: how its parts are measured. */
static void add_first_stage(struct pls_rows *rows)
{
    const struct pls_plan *plan = &rows->call->plan;
    const struct pls_fit *fit = &rows->call->estimate.first;

    for (size_t i = 0; plan->two_stages && i < plan->final.indicator_count; i++) {
        if (plan->origins[i] >= 0)
            continue;
        const struct pls_construct *part = &plan->first.constructs[-1 - plan->origins[i]];

        for (size_t j = part->first; j < part->first + part->count; j++) {
            const struct text names[2] = {plan->first.indicators[j], part->name};

            add_pair(rows, "weight", names, fit->weights[j], "first stage");
            add_pair(rows, "loading", names, fit->loadings[j], "first stage");
        }
    }
}

static void add_causes(struct pls_rows *rows)
{
    const struct pls_model *model = &rows->call->plan.final;
    const struct pls_fit *fit = &rows->call->estimate.final;

    for (size_t to = 0; to < model->construct_count; to++) {
        bool is_target = false;

        for (size_t from = 0; from < model->construct_count; from++) {
            const struct text names[2] = {model->constructs[from].name, model->constructs[to].name};

            if (!model->paths[from][to])
                continue;
            is_target = true;
            add_pair(rows, "f2", names, pls_effect_size(model, fit, from, to),
                     "effect size: .02 small, .15 medium, .35 large");
            add_pair(rows, "vif", names, pls_inflation(model, fit, from, to), "");
        }
        if (is_target)
            pls_add_row(rows, "r2_adjusted", model->constructs[to].name,
                        pls_adjusted(model, fit, to, rows->call->data.row_count), "");
    }
}

static void add_measurement(struct pls_rows *rows)
{
    const struct pls_model *model = &rows->call->plan.final;
    const struct pls_estimate *estimate = &rows->call->estimate;
    size_t k = model->construct_count;

    for (size_t c = 0; c < k; c++) {
        const struct text name = model->constructs[c].name;
        const char *note = model->constructs[c].mode == PLS_MODE_B ? "mode B has no such figure"
                           : model->constructs[c].count == 1       ? "one column: 1 by convention"
                                                                   : "";
        struct pls_reliability reliability;

        pls_reliability_measure(model, estimate->correlations, &estimate->final, c, &reliability);
        pls_add_row(rows, "alpha", name, reliability.alpha, note);
        pls_add_row(rows, "rho_a", name, reliability.rho_a, note);
        pls_add_row(rows, "rho_c", name, reliability.rho_c, note);
        pls_add_row(rows, "ave", name, reliability.shared, note);
    }
    for (size_t a = 0; a < k; a++)
        for (size_t b = a + 1; b < k; b++)
            add_pair(rows, "correlation", (struct text[]){model->constructs[a].name, model->constructs[b].name},
                     estimate->final.correlations[a * k + b], "");
    for (size_t i = 0; cli_flag(rows->call->cli, "cross-loadings") && i < model->indicator_count; i++)
        for (size_t c = 0; c < k; c++)
            add_pair(rows, "cross_loading", (struct text[]){model->indicators[i], model->constructs[c].name},
                     estimate->final.cross[i * k + c], "");
    pls_add_row(rows, "gof", TEXT(""), pls_goodness(model, &estimate->final), "goodness of fit (Tenenhaus)");
}

/* ---- indices by group ---- */

double pls_answer_score(const struct pls_call *call, size_t row, size_t construct)
{
    size_t base = call->data.column_count;
    const double *weights = &call->estimate.effective[construct * base];
    double sum = 0;

    for (size_t i = 0; i < base; i++)
        sum += weights[i] * call->data.values[row * base + i];
    return sum;
}

double pls_answer_index(const struct pls_call *call, size_t row, size_t construct)
{
    size_t base = call->data.column_count;
    double answers[PLS_INDICATORS_MAX];

    for (size_t i = 0; i < base; i++)
        answers[i] = call->data.means[i] + call->data.values[row * base + i] * call->data.deviations[i];
    return pls_index(&call->estimate.effective[construct * base], answers, call->data.deviations, base,
                     call->resampling.scale);
}

static void add_group(struct pls_rows *rows, size_t construct, uint32_t level)
{
    const struct pls_call *call = rows->call;
    double n = 0, sum = 0, squares = 0;

    for (size_t row = 0; row < call->data.row_count; row++) {
        if (call->group->codes[call->data.rows[row]] != level)
            continue;
        double index = pls_answer_index(call, row, construct);

        n++;
        sum += index;
        squares += index * index;
    }
    double mean = sum / n, error = n > 1 ? sqrt(fmax(squares / n - mean * mean, 0) / (n - 1)) : NAN;
    double reach = normal_quantile((1 + call->resampling.confidence) / 2) * error;
    const struct pls_statistic statistic = {.value = mean,
                                            .low = mean - reach,
                                            .high = mean + reach,
                                            .error = error,
                                            .normal_low = mean - reach,
                                            .normal_high = mean + reach};
    const struct text names[2] = {call->plan.final.constructs[construct].name, call->group->levels[level]};

    if (n > 0 && !isnan(mean))
        add_statistic(rows, "group_index", names, &statistic,
                      arena_format(call->cli->arena, "of %.0f answers, by the weights of all", n));
}

static void add_groups(struct pls_rows *rows)
{
    const struct pls_call *call = rows->call;

    for (size_t c = 0; call->group != NULL && c < call->plan.final.construct_count; c++)
        for (size_t level = 0; level < call->group->level_count; level++)
            add_group(rows, c, (uint32_t)level);
}

/* ---- all ---- */

void pls_print_figures(const struct pls_call *call, struct output *output)
{
    struct pls_rows rows = {.call = call, .output = output};

    add_setting(&rows);
    add_samples(&rows);
    add_statistics(&rows);
    add_first_stage(&rows);
    add_causes(&rows);
    add_measurement(&rows);
    add_groups(&rows);
    pls_add_checks(&rows);
    pls_add_summary(&rows);
    output_end(output);
}

/* ---- each answer ---- */

void pls_print_scores(const struct pls_call *call, bool indices)
{
    const struct pls_model *model = &call->plan.final;
    struct output_column columns[PLS_CONSTRUCTS_MAX + 1] = {{"line", true}};
    struct arena *arena = call->cli->arena;
    struct text fields[PLS_CONSTRUCTS_MAX + 1];
    struct output output;

    for (size_t c = 0; c < model->construct_count; c++)
        columns[c + 1] = (struct output_column){text_string(arena, model->constructs[c].name), true};
    if (!output_start(&output, call->cli, columns, model->construct_count + 1))
        return;
    for (size_t row = 0; row < call->data.row_count; row++) {
        fields[0] = figure_text(arena, (double)call->file.lines[call->data.rows[row]]);
        for (size_t c = 0; c < model->construct_count; c++)
            fields[c + 1] =
                figure_text(arena, indices ? pls_answer_index(call, row, c) : pls_answer_score(call, row, c));
        output_row(&output, fields);
    }
    output_end(&output);
}

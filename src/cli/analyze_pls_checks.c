#include <math.h>

#include "cli/analyze_pls.h"

/* What the literature asks for: Nunnally; Fornell, Larcker; Henseler and others; Hair and others. */
static const double RELIABLE = 0.7, SHARED_ENOUGH = 0.5, INFLATION_MOST = 5, ANSWERS_A_CAUSE = 10;
static const double FAILED_MOST = 0.05; /* of the samples */

/* ---- what is supposed ---- */

/* Names of what breaks a rule, for a note. */
struct named {
    struct builder list;
    size_t count;
};

static void name_text(struct named *named, struct text name, const char *before)
{
    builder_string(&named->list, before);
    builder_text(&named->list, name);
}

static void add_check(struct pls_rows *rows, const char *figure, const struct named *named, const char *good,
                      const char *bad)
{
    struct arena *arena = rows->call->cli->arena;
    const struct text list = builder_done(&named->list);

    pls_add_row(rows, figure, TEXT(""), named->count == 0,
                named->count == 0 ? good : arena_format(arena, "%s: %.*s", bad, (int)list.size, list.bytes));
}

static void check_measurement(struct pls_rows *rows)
{
    const struct pls_model *model = &rows->call->plan.final;
    const struct pls_estimate *estimate = &rows->call->estimate;
    struct arena *arena = rows->call->cli->arena;
    struct named weak = {.list = {.arena = arena}}, narrow = weak, alike = weak;

    for (size_t c = 0; c < model->construct_count; c++) {
        struct pls_reliability reliability;

        pls_reliability_measure(model, estimate->correlations, &estimate->final, c, &reliability);
        if (reliability.rho_c < RELIABLE || reliability.rho_a < RELIABLE)
            name_text(&weak, model->constructs[c].name, weak.count++ > 0 ? ", " : "");
        if (reliability.shared < SHARED_ENOUGH)
            name_text(&narrow, model->constructs[c].name, narrow.count++ > 0 ? ", " : "");
        for (size_t other = c + 1; other < model->construct_count; other++)
            if (pls_htmt(model, estimate->correlations, c, other) > PLS_HTMT_MOST) {
                name_text(&alike, model->constructs[c].name, alike.count++ > 0 ? ", " : "");
                name_text(&alike, model->constructs[other].name, " and ");
            }
    }
    add_check(rows, "check reliability", &weak, "rho_A and rho_C are .7 or more", "rho_A or rho_C below .7");
    add_check(rows, "check convergence", &narrow, "constructs share half of what their columns say, or more",
              "AVE below .5");
    add_check(rows, "check discrimination", &alike, "constructs are told apart: HTMT is at most .9",
              "HTMT above .9: hardly told apart");
}

static void check_causes(struct pls_rows *rows)
{
    const struct pls_model *model = &rows->call->plan.final;
    struct arena *arena = rows->call->cli->arena;
    struct named inflated = {.list = {.arena = arena}};
    size_t most = 1;

    for (size_t to = 0; to < model->construct_count; to++) {
        size_t causes = 0;

        for (size_t from = 0; from < model->construct_count; from++) {
            if (!model->paths[from][to])
                continue;
            causes++;
            if (pls_inflation(model, &rows->call->estimate.final, from, to) > INFLATION_MOST) {
                name_text(&inflated, model->constructs[from].name, inflated.count++ > 0 ? ", " : "");
                name_text(&inflated, model->constructs[to].name, " on ");
            }
        }
        causes = model->constructs[to].mode == PLS_MODE_B && model->constructs[to].count > causes
                     ? model->constructs[to].count
                     : causes;
        most = causes > most ? causes : most;
    }
    add_check(rows, "check collinearity", &inflated, "causes of one construct can be told apart: VIF is at most 5",
              "VIF above 5");
    double needed = ANSWERS_A_CAUSE * (double)most;
    bool enough = (double)rows->call->data.row_count >= needed;

    pls_add_row(rows, "check answers", TEXT(""), enough,
                arena_format(arena, "%s: ten for each of the most causes of one construct are %.0f",
                             enough ? "enough answers" : "too few answers", needed));
}

static void check_samples(struct pls_rows *rows)
{
    const struct pls_call *call = rows->call;
    double drawn = (double)call->resampling.samples, failed = drawn - (double)call->results.fitted;
    bool few = failed <= FAILED_MOST * drawn;

    if (drawn > 0)
        pls_add_row(rows, "check samples", TEXT(""), few,
                    few ? "nearly all samples can be computed"
                        : "many samples cannot be computed: the model asks for more than these answers hold, and "
                          "intervals are of the others only");
}

void pls_add_checks(struct pls_rows *rows)
{
    check_samples(rows);
    check_measurement(rows);
    check_causes(rows);
}

/* ---- in a sentence ---- */

/* What a shop cares for: loyalty where the model has it, else the end of the paths that is explained best. */
static size_t find_goal(const struct pls_model *model, const struct pls_fit *fit)
{
    size_t goal = model->order[model->construct_count - 1];
    double best = -1;

    for (size_t c = 0; c < model->construct_count; c++) {
        bool is_end = true;

        for (size_t to = 0; to < model->construct_count; to++)
            is_end = is_end && !model->paths[c][to];
        if (text_equals(model->constructs[c].name, "Loyalty"))
            return c;
        if (is_end && fit->explained[c] > best) {
            best = fit->explained[c];
            goal = c;
        }
    }
    return goal;
}

static double index_of(const struct pls_call *call, size_t construct)
{
    for (size_t i = 0; i < call->results.count; i++)
        if (call->results.statistics[i].figure == PLS_INDEX && call->results.statistics[i].a == construct)
            return call->results.statistics[i].value;
    return NAN;
}

void pls_add_summary(struct pls_rows *rows)
{
    const struct pls_call *call = rows->call;
    const struct pls_model *model = &call->plan.final;
    const struct pls_fit *fit = &call->estimate.final;
    size_t goal = find_goal(model, fit), k = model->construct_count, lever = goal;
    struct arena *arena = call->cli->arena;

    for (size_t c = 0; c < k; c++)
        if (c != goal && (lever == goal || fabs(fit->totals[c * k + goal]) > fabs(fit->totals[lever * k + goal])))
            lever = c;
    const struct text name = model->constructs[goal].name, cause = model->constructs[lever].name;
    double index = index_of(call, goal), lever_index = index_of(call, lever);
    const char *level =
        isnan(index) || isnan(lever_index)
            ? ""
            : arena_format(arena, " On scales of 0 to 100 they stand at %.0f and %.0f.", lever_index, index);

    pls_add_row(
        rows, "summary", TEXT(""), NAN,
        arena_format(arena,
                     "The model explains %.0f %% of %.*s. %.*s moves it most, directly and through others: one step up "
                     "there goes with %.2f of a step here.%s",
                     100 * fit->explained[goal], (int)name.size, name.bytes, (int)cause.size, cause.bytes,
                     fit->totals[lever * k + goal], level));
}

#include <math.h>
#include <stdlib.h>

#include "cli/analyze_churn.h"

enum { CAUSES_SHOWN = 12, CAUSE_ROWS_MAX = 5000, ROWS_PER_TRAIT = 10 };

static const double NORMAL_95 = 1.6448536269514722, TOO_GOOD = 0.99;

const struct output_column churn_score_columns[] = {{"id", false},       {"probability", true}, {"outcome", false},
                                                    {"reason_1", false}, {"reason_2", false},   {"reason_3", false}};

/* ---- what risk is tied to ---- */

/* One column: how far it moves the log-odds on average, and at which of its values. */
struct cause {
    size_t column;
    double strength;
    const char *note;
};

static int compare_causes(const void *a, const void *b)
{
    const struct cause *x = a, *y = b;

    if (x->strength != y->strength)
        return x->strength > y->strength ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

/* A column of numbers: whether the risk is higher above its mean or below. */
static const char *tell_direction(struct arena *arena, const struct churn_column *column, const struct churn_rows *rows,
                                  const double *parts, size_t width)
{
    double mean = 0, count = 0, sums[2] = {0, 0}, counts[2] = {0, 0};

    for (size_t i = 0; i < rows->count; i++)
        if (isfinite(column->numbers[rows->chosen[i]]))
            mean += (column->numbers[rows->chosen[i]] - mean) / ++count;
    for (size_t i = 0; i < rows->count; i++) {
        double number = column->numbers[rows->chosen[i]];

        if (!isfinite(number))
            continue;
        sums[number > mean] += parts[i * width];
        counts[number > mean]++;
    }
    if (counts[0] == 0 || counts[1] == 0)
        return "";
    double above = sums[1] / counts[1], below = sums[0] / counts[0];

    if ((above > 0) == (below > 0))
        return arena_format(arena, "not one way: odds of leaving x %.2f above %.4g, x %.2f below", exp(above), mean,
                            exp(below));
    return arena_format(arena, "%s above %.4g: odds of leaving x %.2f there, x %.2f below",
                        above > below ? "more leave" : "fewer leave", mean, exp(above), exp(below));
}

static struct text level_name(const struct churn_column *column, size_t level)
{
    return level < column->level_count ? column->levels[level] : TEXT("missing");
}

/* A column of texts: where most leave and where fewest; an empty cell is a value, too. */
static const char *tell_levels(struct arena *arena, const struct churn_column *column, const struct churn_rows *rows,
                               const double *parts, size_t width)
{
    size_t levels = column->level_count + 1;
    double *sums = arena_array(arena, levels, sizeof *sums), *counts = arena_array(arena, levels, sizeof *counts);
    size_t high = 0, low = 0, least = rows->count / 100 + 1; /* a level of one row is chance */
    bool any = false;

    for (size_t i = 0; i < rows->count; i++) {
        uint32_t code = column->codes[rows->chosen[i]];
        size_t level = code == CHURN_MISSING ? column->level_count : code;

        sums[level] += parts[i * width];
        counts[level]++;
    }
    for (size_t level = 0; level < levels; level++) {
        if (counts[level] < (double)least)
            continue;
        sums[level] /= counts[level];
        high = !any || sums[level] > sums[high] ? level : high;
        low = !any || sums[level] < sums[low] ? level : low;
        any = true;
    }
    if (!any)
        return "";
    struct text most = level_name(column, high), fewest = level_name(column, low);

    return arena_format(arena, "most leave where '%.*s' (odds x %.2f), fewest where '%.*s' (x %.2f)", (int)most.size,
                        most.bytes, exp(sums[high]), (int)fewest.size, fewest.bytes, exp(sums[low]));
}

/* The causes in order of strength, by rows spread evenly over the known ones. */
static enum status find_causes(struct churn_call *call, struct cause **out, struct error *err)
{
    struct arena *arena = call->cli->arena;
    size_t width = call->design.column_count, count = call->known_count;
    size_t taken = count < CAUSE_ROWS_MAX ? count : CAUSE_ROWS_MAX;
    uint32_t *chosen = arena_array(arena, taken, sizeof *chosen);
    struct churn_reasons reasons = {.parts = arena_array(arena, taken * width, sizeof(double))};
    struct cause *causes = arena_array(arena, width, sizeof *causes);
    const struct churn_rows rows = {chosen, taken};

    for (size_t i = 0; i < taken; i++)
        chosen[i] = call->known[i * count / taken];
    enum status status = churn_explain(arena, &call->result.model, &call->design, &rows, &reasons, err);

    if (status != STATUS_OK)
        return status;
    for (size_t c = 0; c < width; c++) {
        const struct churn_column *column = &call->design.columns[c];
        double sum = 0;

        for (size_t i = 0; i < taken; i++)
            sum += fabs(reasons.parts[i * width + c]);
        causes[c] = (struct cause){c, sum / (double)taken, ""};
        if (call->design.uses[c] == CHURN_USED)
            causes[c].note = column->numbers != NULL ? tell_direction(arena, column, &rows, reasons.parts + c, width)
                                                     : tell_levels(arena, column, &rows, reasons.parts + c, width);
    }
    qsort(causes, width, sizeof *causes, compare_causes);
    *out = causes;
    return STATUS_OK;
}

static const char *column_name(struct arena *arena, const struct churn_call *call, size_t column)
{
    return text_string(arena, call->design.columns[column].name);
}

static void add_causes(struct figures *figures, const struct churn_call *call, const struct cause *causes)
{
    struct arena *arena = figures->cli->arena;

    for (size_t i = 0; i < call->design.column_count && i < CAUSES_SHOWN && causes[i].strength > 0; i++)
        figures_add(figures, arena_format(arena, "tied_to %s", column_name(arena, call, causes[i].column)),
                    causes[i].strength, causes[i].note);
}

/* ---- odds of the line ---- */

static void add_odds(struct figures *figures, const char *name, struct measure log_odds, const char *note)
{
    double reach = NORMAL_95 * log_odds.error;

    figures_add_interval(
        figures, name, (double[]){exp(log_odds.value), exp(log_odds.value - reach), exp(log_odds.value + reach)}, note);
}

/* The line alone is told by its odds ratios: of each level, and of numbers from their lower to their upper quartile. */
static void add_ratios(struct figures *figures, struct churn_call *call)
{
    const struct churn_design *design = &call->design;
    const struct logistic_fit *line = &call->result.model.line;
    struct arena *arena = figures->cli->arena;

    for (size_t t = 0; t < design->term_count; t++) {
        const struct churn_term *term = &design->terms[t];
        const struct churn_column *column = &design->columns[term->source];
        struct measure log_odds = {line->coefficients[t + 1],
                                   sqrt(line->covariance[(t + 1) * (design->term_count + 2)])};
        const char *name = column_name(arena, call, term->source);

        if (!line->used[t + 1] || term->kind == CHURN_CURVE)
            continue;
        if (term->kind == CHURN_LEVEL)
            add_odds(figures,
                     arena_format(arena, "odds %s: %.*s", name, (int)column->levels[term->level].size,
                                  column->levels[term->level].bytes),
                     log_odds, "times the odds of the commonest value, all else the same");
        else if (term->kind == CHURN_NUMBER)
            add_odds(figures, arena_format(arena, "odds %s", name),
                     churn_contrast(&call->result.model, design, term->source, term->low, term->high),
                     arena_format(arena, "from %.4g to %.4g, all else the same", term->low, term->high));
        else
            add_odds(figures,
                     arena_format(arena, "odds %s: %s", name, term->kind == CHURN_OTHER ? "others" : "missing"),
                     log_odds, "all else the same");
    }
}

/* ---- how good, and the checks ---- */

static void add_measure(struct figures *figures, const char *name, struct measure measure, const char *note)
{
    double reach = NORMAL_95 * measure.error;

    figures_add_interval(figures, name, (double[]){measure.value, measure.value - reach, measure.value + reach}, note);
}

static void add_quality(struct figures *figures, const struct churn_call *call)
{
    const struct churn_trial *trial = &call->result.trial;
    struct arena *arena = figures->cli->arena;
    double share = (double)call->outcome.ones / (double)call->known_count;

    add_measure(figures, "auc", trial->auc, "a leaver is told a higher risk than a stayer so often; 0.5 is chance");
    add_measure(
        figures, "log_loss", trial->log_loss,
        arena_format(arena, "%.4f if everyone were told the mean", -share * log(share) - (1 - share) * log(1 - share)));
    add_measure(figures, "brier", trial->brier,
                arena_format(arena, "%.4f if everyone were told the mean", share * (1 - share)));
    figures_add(figures, "calibration_error", trial->calibration_error,
                arena_format(arena,
                             "mean distance of told and true shares in %d groups of like risk, all rows held out; "
                             "perfect risks would show %.4f by chance",
                             CHURN_BINS, trial->by_chance));
    add_measure(figures, "calibration_slope", trial->slope, "1: risks are neither too bold (below) nor too timid");
    figures_add(figures, "caught", trial->caught, "of all who left, so many are among the tenth with the highest risk");
}

static void add_checks(struct figures *figures, const struct churn_call *call)
{
    const struct churn_trial *trial = &call->result.trial;
    const struct churn_design *design = &call->design;
    struct arena *arena = figures->cli->arena;
    static const char *const why[] = {[CHURN_EMPTY] = "it is empty",
                                      [CHURN_CONSTANT] = "it has one value only",
                                      [CHURN_NAMES] = "it has more values than tell rows apart: a name"};
    size_t least = call->outcome.ones < call->known_count - call->outcome.ones ? call->outcome.ones
                                                                               : call->known_count - call->outcome.ones;
    double each = (double)least / (double)design->term_count;
    bool off = trial->calibration_error > 2 * trial->by_chance ||
               fabs(trial->slope.value - 1) > 2 * NORMAL_95 * trial->slope.error;

    for (size_t i = 0; i < design->column_count; i++)
        if (design->uses[i] != CHURN_USED)
            figures_add(figures, "left_out", NAN,
                        arena_format(arena, "%s: %s", column_name(arena, call, i), why[design->uses[i]]));
    figures_add(figures, "check calibration", trial->calibration_error,
                off ? "told and true shares differ by more than chance: rank by the risk, do not take it at its word"
                    : "told risks came true as often as told");
    figures_add(figures, "check rows", each,
                each < ROWS_PER_TRAIT
                    ? "leavers or stayers for each trait: too few, expect less on new members than told here"
                    : "leavers or stayers for each trait: enough");
    figures_add(figures, "check leak", trial->auc.value,
                trial->auc.value > TOO_GOOD
                    ? "too good to be true: does a column tell what is known only after leaving? --ignore it"
                    : "no column gives the outcome away");
    if (call->setup.kind != CHURN_TREES)
        figures_add(figures, "check separation", call->result.model.line.converged,
                    call->result.model.line.converged
                        ? "the line is finite by Firth's penalty, whatever values separate leavers from stayers"
                        : "the line did not settle");
}

enum status churn_view_figures(struct churn_call *call, struct figures *figures, struct error *err)
{
    static const char *const kinds[] = {[CHURN_LOGISTIC] = "logistic regression",
                                        [CHURN_TREES] = "boosted trees",
                                        [CHURN_BOTH] = "logistic regression and boosted trees"};
    const struct churn_model *model = &call->result.model;
    struct arena *arena = figures->cli->arena;
    double share = (double)call->outcome.ones / (double)call->known_count;
    struct cause *causes;
    enum status status = find_causes(call, &causes, err);

    if (status != STATUS_OK)
        return status;
    figures_add(figures, "n", (double)call->known_count,
                call->outcome.unknown > 0 ? "rows whose outcome is known; the others are scored only" : "");
    figures_add(figures, "left", (double)call->outcome.ones,
                arena_format(arena, "%.*s is '%.*s'", (int)call->target->name.size, call->target->name.bytes,
                             (int)call->outcome.positive.size, call->outcome.positive.bytes));
    figures_add(figures, "model", NAN,
                arena_format(arena, "%s; weights on the log-odds: line %.3f, trees %.3f", kinds[model->kind],
                             model->line_weight, model->trees_weight));
    figures_add(figures, "seed", (double)call->setup.seed, "of the parts and the trees");
    figures_add(
        figures, "folds", (double)call->result.trial.folds,
        call->result.trial.count == call->known_count
            ? "parts held out in turn, with the same share of leavers; nothing was resampled"
            : arena_format(arena,
                           "parts of %zu rows drawn by the seed, held out in turn, with the same share of leavers; "
                           "the line learned from all rows, trees from %d at most",
                           call->result.trial.count, CHURN_TREE_ROWS_MAX));
    add_quality(figures, call);
    add_causes(figures, call, causes);
    if (model->kind == CHURN_LOGISTIC)
        add_ratios(figures, call);
    add_checks(figures, call);
    figures_add(
        figures, "summary", NAN,
        arena_format(arena,
                     "%.1f %% left; the tenth with the highest risk holds %.0f %% of them, so begin there; risk "
                     "is tied most to %s: a hint where to look, no proof of the cause",
                     100 * share, 100 * call->result.trial.caught,
                     causes[0].strength > 0 ? column_name(arena, call, causes[0].column) : "no column"));
    return STATUS_OK;
}

/* ---- each row ---- */

/* The columns that add most to the risk of a row, strongest first, as texts; empty past those that raise it. */
static void tell_reasons(struct churn_call *call, const double *parts, size_t row, struct text out[CHURN_REASONS])
{
    struct arena *arena = call->cli->arena;
    double bound = INFINITY;
    size_t before = SIZE_MAX;

    for (size_t k = 0; k < CHURN_REASONS; k++) {
        size_t best = SIZE_MAX;

        for (size_t c = 0; c < call->design.column_count; c++) {
            bool later = parts[c] < bound || (parts[c] == bound && c > before);

            if (later && parts[c] > 0 && (best == SIZE_MAX || parts[c] > parts[best]))
                best = c;
        }
        out[k] = TEXT("");
        if (best == SIZE_MAX)
            continue;
        struct text cell = churn_cell_text(arena, &call->design.columns[best], row);

        out[k] = text_from(arena_format(arena, "%.*s (+%.2f)", (int)cell.size, cell.bytes, parts[best]));
        bound = parts[best];
        before = best;
    }
}

static struct text id_text(const struct churn_call *call, size_t row)
{
    struct arena *arena = call->cli->arena;

    if (call->id == NULL)
        return text_from(arena_format(arena, "line %lld", (long long)call->file.lines[row]));
    if (call->id->codes != NULL)
        return call->id->codes[row] == DATA_MISSING ? TEXT("") : call->id->levels[call->id->codes[row]];
    return figure_text(arena, call->id->numbers[row]);
}

enum status churn_view_scores(struct churn_call *call, struct output *output, struct error *err)
{
    struct arena *arena = call->cli->arena;
    size_t count = call->file.row_count, width = call->design.column_count;
    const struct churn_rows all = {NULL, count};
    double *scores = arena_array(arena, count, sizeof *scores);
    struct churn_reasons reasons = {.parts = arena_array(arena, count * width, sizeof(double))};
    enum status status = churn_score(&call->result.model, &call->design, &all, scores, err);

    if (status == STATUS_OK)
        status = churn_explain(arena, &call->result.model, &call->design, &all, &reasons, err);
    for (size_t row = 0; status == STATUS_OK && row < count; row++) {
        struct text fields[CHURN_SCORE_COLUMNS] = {id_text(call, row),
                                                   figure_text(arena, logistic_probability(scores[row]))};

        if (call->target->codes[row] != DATA_MISSING)
            fields[2] = call->target->levels[call->target->codes[row]];
        tell_reasons(call, reasons.parts + row * width, row, fields + 3);
        output_row(output, fields);
    }
    if (status == STATUS_OK)
        output_end(output);
    return status;
}

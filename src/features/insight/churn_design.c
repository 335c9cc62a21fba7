#include "features/insight/churn_design.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_TO_BEND = 8 };

/* Harrell's places of four knots. */
static const double knot_places[CHURN_KNOTS] = {0.05, 0.35, 0.65, 0.95};

struct making {
    struct arena *arena;
    struct churn_design design;
    bool straight;
    double *sorted;   /* the numbers of the column at hand */
    uint32_t *counts; /* rows of each level of the column at hand */
    size_t missing;
};

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* ---- terms ---- */

static struct churn_term *add_term(struct churn_term *terms, size_t *count, size_t source, enum churn_term_kind kind)
{
    struct churn_term *term = &terms[*count < 2 * CHURN_TERMS_MAX ? (*count)++ : *count];

    *term = (struct churn_term){.source = source, .kind = kind, .scale = 1};
    return term;
}

static enum churn_use add_numbers(struct making *making, size_t source)
{
    struct churn_design *design = &making->design;
    const double *numbers = design->columns[source].numbers;
    double *sorted = making->sorted, knots[CHURN_KNOTS];
    size_t count = 0, different = 1;

    for (size_t i = 0; i < design->row_count; i++)
        if (isfinite(numbers[i]))
            sorted[count++] = numbers[i];
    if (count == 0)
        return CHURN_EMPTY;
    qsort(sorted, count, sizeof *sorted, compare_numbers);
    for (size_t i = 1; i < count; i++)
        different += sorted[i] != sorted[i - 1];
    if (different == 1 && count == design->row_count)
        return CHURN_CONSTANT;
    bool bends = different >= VALUES_TO_BEND && !making->straight;

    for (size_t k = 0; k < CHURN_KNOTS; k++) {
        knots[k] = sorted[(size_t)(knot_places[k] * (double)(count - 1))];
        bends = bends && (k == 0 || knots[k] > knots[k - 1]);
    }
    if (different > 1) {
        struct churn_term *term = add_term(design->terms, &design->term_count, source, CHURN_NUMBER);
        bool apart = different > 2 && sorted[count / 4] < sorted[count - 1 - count / 4];

        term->low = apart ? sorted[count / 4] : sorted[0];
        term->high = apart ? sorted[count - 1 - count / 4] : sorted[count - 1];
    }
    for (int k = 0; bends && k < CHURN_KNOTS - 2; k++) {
        struct churn_term *term = add_term(design->terms, &design->term_count, source, CHURN_CURVE);

        term->knot = k;
        memcpy(term->knots, knots, sizeof knots);
    }
    if (count < design->row_count)
        add_term(design->terms, &design->term_count, source, CHURN_ABSENT);
    add_term(design->tree_terms, &design->tree_term_count, source, CHURN_NUMBER);
    return CHURN_USED;
}

static void count_levels(struct making *making, const struct churn_column *column)
{
    making->counts = arena_array(making->arena, column->level_count + 1, sizeof *making->counts);
    making->missing = 0;
    for (size_t i = 0; i < making->design.row_count; i++)
        if (column->codes[i] == CHURN_MISSING)
            making->missing++;
        else
            making->counts[column->codes[i]]++;
}

/* The commonest level not taken yet, of at least `least` rows. */
static uint32_t commonest(const struct making *making, const struct churn_column *column, const bool *taken,
                          uint32_t least)
{
    uint32_t best = CHURN_MISSING;

    for (uint32_t level = 0; level < column->level_count; level++)
        if (!taken[level] && making->counts[level] >= least &&
            (best == CHURN_MISSING || making->counts[level] > making->counts[best]))
            best = level;
    return best;
}

static enum churn_use add_levels(struct making *making, size_t source)
{
    struct churn_design *design = &making->design;
    const struct churn_column *column = &design->columns[source];

    count_levels(making, column);
    bool *taken = arena_array(making->arena, column->level_count + 1, sizeof *taken);
    size_t filled = design->row_count - making->missing, told = 0, met = 0;

    for (size_t level = 0; level < column->level_count; level++)
        met += making->counts[level] > 0;
    if (met == 0)
        return CHURN_EMPTY;
    if (met == 1 && making->missing == 0)
        return CHURN_CONSTANT;
    if (met > CHURN_LEVELS_MAX && met * 2 > filled)
        return CHURN_NAMES;
    uint32_t level = commonest(making, column, taken, 1);

    taken[level] = true;
    for (told = 1; told < CHURN_LEVELS_MAX; told++) {
        uint32_t next = commonest(making, column, taken, met <= 2 ? 1 : CHURN_LEVEL_ROWS_MIN);

        if (next == CHURN_MISSING)
            break;
        taken[next] = true;
        add_term(design->terms, &design->term_count, source, CHURN_LEVEL)->level = next;
        add_term(design->tree_terms, &design->tree_term_count, source, CHURN_LEVEL)->level = next;
    }
    if (told != 2 || met != 2) /* of two levels one says all */
        add_term(design->tree_terms, &design->tree_term_count, source, CHURN_LEVEL)->level = level;
    if (met > told)
        add_term(design->terms, &design->term_count, source, CHURN_OTHER);
    if (making->missing > 0)
        add_term(design->terms, &design->term_count, source, CHURN_ABSENT);
    return CHURN_USED;
}

/* ---- cells ---- */

static double cubed(double x)
{
    return x > 0 ? x * x * x : 0;
}

/* Harrell's restricted cubic spline: linear beyond the outer knots. */
static double curve(const struct churn_term *term, double x)
{
    const double *knots = term->knots;
    double last = knots[CHURN_KNOTS - 1], near = knots[CHURN_KNOTS - 2], own = knots[term->knot], gap = last - near;
    double bend = cubed(x - own) - cubed(x - near) * (last - own) / gap + cubed(x - last) * (near - own) / gap;

    return bend / ((last - knots[0]) * (last - knots[0]));
}

static bool is_told(const struct churn_design *design, size_t source, uint32_t code)
{
    /* The reference is the only frequent level without a term of the line; trees have it unless there are two levels. */
    for (size_t t = 0; t < design->tree_term_count; t++)
        if (design->tree_terms[t].source == source && design->tree_terms[t].level == code)
            return true;
    return false;
}

/* The levels of a column that have a term of their own or are the reference, for its CHURN_OTHER. */
static bool *told_levels(struct arena *arena, const struct churn_design *design, size_t source)
{
    const struct churn_column *column = &design->columns[source];
    bool *told = arena_array(arena, column->level_count + 1, sizeof *told);

    for (uint32_t level = 0; level < column->level_count; level++)
        told[level] = is_told(design, source, level);
    return told;
}

static double raw_value(const struct churn_column *column, const struct churn_term *term, const bool *told, size_t row)
{
    bool absent = column->numbers != NULL ? !isfinite(column->numbers[row]) : column->codes[row] == CHURN_MISSING;

    switch (term->kind) {
    case CHURN_NUMBER:
        return absent ? NAN : column->numbers[row];
    case CHURN_CURVE:
        return absent ? NAN : curve(term, column->numbers[row]);
    case CHURN_LEVEL:
        return !absent && column->codes[row] == term->level;
    case CHURN_OTHER:
        return !absent && !told[column->codes[row]];
    case CHURN_ABSENT:
        return absent;
    }
    return NAN;
}

/* Fills one term of every row; numbers and curves become standard, missing ones the mean. */
static void fill_term(struct making *making, size_t t)
{
    struct churn_design *design = &making->design;
    struct churn_term *term = &design->terms[t];
    const struct churn_column *column = &design->columns[term->source];
    const bool *told = term->kind == CHURN_OTHER ? told_levels(making->arena, design, term->source) : NULL;
    bool standard = term->kind == CHURN_NUMBER || term->kind == CHURN_CURVE;
    double count = 0, squares = 0;

    for (size_t row = 0; row < design->row_count; row++) {
        double value = raw_value(column, term, told, row);

        design->rows[row * design->term_count + t] = value;
        if (!standard || isnan(value))
            continue;
        count++;
        double away = value - term->mean;

        term->mean += away / count;
        squares += away * (value - term->mean);
    }
    if (!standard)
        return;
    term->scale = squares > 0 && isfinite(squares) ? sqrt(squares / count) : 1;
    for (size_t row = 0; row < design->row_count; row++) {
        double *cell = &design->rows[row * design->term_count + t], value = (*cell - term->mean) / term->scale;

        *cell = isfinite(value) ? value : 0;
    }
}

static void fill_tree_term(struct churn_design *design, size_t t)
{
    const struct churn_term *term = &design->tree_terms[t];
    const struct churn_column *column = &design->columns[term->source];

    for (size_t row = 0; row < design->row_count; row++) {
        double value = raw_value(column, term, NULL, row);

        if (column->numbers == NULL && column->codes[row] == CHURN_MISSING)
            value = NAN;
        design->tree_rows[row * design->tree_term_count + t] =
            (float)(isnan(value) ? value : fmax(-FLT_MAX, fmin(FLT_MAX, value)));
    }
}

static enum status find_terms(struct making *making, struct error *err)
{
    struct churn_design *design = &making->design;
    struct arena *arena = making->arena;

    design->uses = arena_array(arena, design->column_count, sizeof *design->uses);
    /* Room for all that one column may add past the limit. */
    design->terms = arena_array(arena, 2 * CHURN_TERMS_MAX + 1, sizeof *design->terms);
    design->tree_terms = arena_array(arena, 2 * CHURN_TERMS_MAX + 1, sizeof *design->tree_terms);
    for (size_t i = 0; i < design->column_count; i++) {
        design->uses[i] = design->columns[i].numbers != NULL ? add_numbers(making, i) : add_levels(making, i);
        if (design->term_count > CHURN_TERMS_MAX)
            return error_set(err, STATUS_INVALID, "churn.columns", "",
                             "the columns have more than %d traits: leave some out with --ignore", CHURN_TERMS_MAX);
    }
    if (design->term_count == 0)
        return error_set(err, STATUS_INVALID, "churn.columns", "",
                         "no column tells the rows apart: all are constant, empty or names");
    if (design->row_count > CHURN_CELLS_MAX / (design->term_count + design->tree_term_count))
        return error_set(err, STATUS_LIMIT, "churn.rows", "",
                         "%zu rows of %zu traits are too many at once: take a sample of the rows", design->row_count,
                         design->term_count);
    return STATUS_OK;
}

enum status churn_design_make(struct arena *arena, const struct churn_table *table, struct churn_design *out,
                              struct error *err)
{
    struct making making = {
        .arena = arena,
        .straight = table->straight,
        .design = {.columns = table->columns, .column_count = table->column_count, .row_count = table->row_count}};
    struct churn_design *design = &making.design;

    making.sorted = arena_array(arena, table->row_count + 1, sizeof *making.sorted);
    enum status status = find_terms(&making, err);

    if (status != STATUS_OK)
        return status;
    design->rows = arena_array(arena, design->row_count * design->term_count, sizeof *design->rows);
    for (size_t t = 0; t < design->term_count; t++)
        fill_term(&making, t);
    if (!table->straight)
        design->tree_rows = arena_array(arena, design->row_count * design->tree_term_count, sizeof *design->tree_rows);
    for (size_t t = 0; !table->straight && t < design->tree_term_count; t++)
        fill_tree_term(design, t);
    *out = *design;
    return STATUS_OK;
}

void churn_design_apply(struct arena *arena, const struct churn_design *learned, const struct churn_table *table,
                        struct churn_design *out)
{
    *out = *learned;
    out->columns = table->columns;
    out->row_count = table->row_count;
    out->rows = arena_array(arena, out->row_count * out->term_count + 1, sizeof *out->rows);
    out->tree_rows = arena_array(arena, out->row_count * out->tree_term_count + 1, sizeof *out->tree_rows);
    for (size_t t = 0; t < out->term_count; t++) {
        const struct churn_term *term = &out->terms[t];

        for (size_t row = 0; row < out->row_count; row++) {
            double value = raw_value(&out->columns[term->source], term, NULL, row);

            if (term->kind == CHURN_NUMBER || term->kind == CHURN_CURVE)
                value = (value - term->mean) / term->scale;
            out->rows[row * out->term_count + t] = isfinite(value) ? value : 0;
        }
    }
    for (size_t t = 0; t < out->tree_term_count; t++)
        fill_tree_term(out, t);
}

double churn_term_value(const struct churn_term *term, double value)
{
    return ((term->kind == CHURN_CURVE ? curve(term, value) : value) - term->mean) / term->scale;
}

struct text churn_cell_text(struct arena *arena, const struct churn_column *column, size_t row)
{
    if (column->numbers != NULL && !isfinite(column->numbers[row]))
        return text_from(arena_format(arena, "%.*s: missing", (int)column->name.size, column->name.bytes));
    if (column->numbers != NULL)
        return text_from(
            arena_format(arena, "%.*s: %.6g", (int)column->name.size, column->name.bytes, column->numbers[row]));
    const struct text level =
        column->codes[row] == CHURN_MISSING ? TEXT("missing") : column->levels[column->codes[row]];

    return text_from(
        arena_format(arena, "%.*s: %.*s", (int)column->name.size, column->name.bytes, (int)level.size, level.bytes));
}

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/insight/uplift_model.h"

static const double SKEWED = 2, RARE = 0.01, SAME = 1e-9;

/* Columns while they are gathered, one after the other. */
struct gathering {
    struct arena *arena;
    size_t row_count, count;
    double *columns[UPLIFT_COLUMNS_MAX];
    const char *names[UPLIFT_COLUMNS_MAX];
    bool derived[UPLIFT_COLUMNS_MAX];
};

static double *column_new(struct gathering *gathering)
{
    return arena_array(gathering->arena, gathering->row_count + 1, sizeof(double));
}

/* Brings the column to mean 0 and deviation 1 and keeps it, unless it is constant or repeats another one. */
static void keep(struct gathering *gathering, double *column, const char *name, bool derived)
{
    double count = (double)gathering->row_count, mean = 0, squares = 0;

    for (size_t i = 0; i < gathering->row_count; i++)
        mean += column[i] / count;
    for (size_t i = 0; i < gathering->row_count; i++)
        squares += (column[i] - mean) * (column[i] - mean) / count;
    double deviation = sqrt(squares);

    if (gathering->count == UPLIFT_COLUMNS_MAX || !isfinite(deviation) || !(deviation > SAME * fabs(mean)))
        return;
    for (size_t i = 0; i < gathering->row_count; i++)
        column[i] = (column[i] - mean) / deviation;
    for (size_t k = 0; k < gathering->count; k++) {
        double product = 0;

        for (size_t i = 0; i < gathering->row_count; i++)
            product += column[i] * gathering->columns[k][i];
        if (fabs(product) > (1 - SAME) * count)
            return;
    }
    gathering->columns[gathering->count] = column;
    gathering->names[gathering->count] = name;
    gathering->derived[gathering->count++] = derived;
}

/* Whether a logarithm makes more of the numbers: none below 0, and a long tail above. */
static bool is_skewed(const double *numbers, size_t count, double mean)
{
    double squares = 0, cubes = 0, known = 0;

    for (size_t i = 0; i < count; i++) {
        if (isnan(numbers[i]))
            continue;
        if (numbers[i] < 0)
            return false;
        double from = numbers[i] - mean;

        known++;
        squares += from * from;
        cubes += from * from * from;
    }
    return squares > 0 && cubes / known > SKEWED * pow(squares / known, 1.5);
}

static void add_numbers(struct gathering *gathering, const struct uplift_feature *feature)
{
    double *column = column_new(gathering), *logarithm = column_new(gathering), *missing = column_new(gathering);
    double sum = 0, known = 0;

    for (size_t i = 0; i < gathering->row_count; i++) {
        missing[i] = isnan(feature->numbers[i]);
        sum += missing[i] > 0 ? 0 : feature->numbers[i];
        known += 1 - missing[i];
    }
    double mean = known > 0 ? sum / known : 0;
    bool skewed = is_skewed(feature->numbers, gathering->row_count, mean);

    for (size_t i = 0; i < gathering->row_count; i++) {
        column[i] = missing[i] > 0 ? mean : feature->numbers[i];
        logarithm[i] = skewed ? log1p(column[i]) : 0;
    }
    keep(gathering, column, feature->name, false);
    keep(gathering, logarithm, arena_format(gathering->arena, "log %s", feature->name), true);
    keep(gathering, missing, arena_format(gathering->arena, "%s missing", feature->name), false);
}

static void add_levels(struct gathering *gathering, const struct uplift_feature *feature)
{
    double count = (double)gathering->row_count;

    assert(feature->level_count <= UPLIFT_LEVELS_MAX);
    for (size_t level = 0; level <= feature->level_count; level++) {
        uint32_t code = level < feature->level_count ? (uint32_t)level : UPLIFT_MISSING;
        double *column = column_new(gathering), sum = 0;

        for (size_t i = 0; i < gathering->row_count; i++) {
            column[i] = feature->codes[i] == code;
            sum += column[i];
        }
        if (sum < RARE * count || sum > (1 - RARE) * count)
            continue;
        const char *name = code == UPLIFT_MISSING
                               ? arena_format(gathering->arena, "%s missing", feature->name)
                               : arena_format(gathering->arena, "%s %.*s", feature->name,
                                              (int)feature->levels[level].size, feature->levels[level].bytes);

        keep(gathering, column, name, false);
    }
}

/* ---- features that are coarser forms of others ---- */

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* More values than levels may have: a measure, of which a line and a logarithm tell more than steps do. */
static bool is_measure(struct arena *arena, const double *numbers, size_t count)
{
    double *sorted = arena_array(arena, count + 1, sizeof *sorted);
    size_t known = 0, distinct = 0;

    for (size_t i = 0; i < count; i++)
        if (!isnan(numbers[i]))
            sorted[known++] = numbers[i];
    qsort(sorted, known, sizeof *sorted, compare_numbers);
    for (size_t i = 0; i < known; i++)
        distinct += i == 0 || sorted[i] > sorted[i - 1];
    return distinct > UPLIFT_LEVELS_MAX;
}

/* Whether each level is a range of the number that no other level reaches into; what is missing in one is so in both. */
static bool are_ranges(const struct uplift_feature *levels, const double *numbers, size_t count)
{
    double low[UPLIFT_LEVELS_MAX], high[UPLIFT_LEVELS_MAX];

    for (size_t level = 0; level < UPLIFT_LEVELS_MAX; level++) {
        low[level] = INFINITY;
        high[level] = -INFINITY;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t code = levels->codes[i];

        if ((code == UPLIFT_MISSING) != isnan(numbers[i]))
            return false;
        if (code == UPLIFT_MISSING)
            continue;
        low[code] = fmin(low[code], numbers[i]);
        high[code] = fmax(high[code], numbers[i]);
    }
    for (size_t one = 0; one < levels->level_count; one++)
        for (size_t other = 0; other < one; other++)
            if (low[one] <= high[other] && low[other] <= high[one])
                return false;
    return true;
}

/* Whether each level of `fine` lies within one level of `coarse`; "missing" counts as a level. */
static bool are_groups(const struct uplift_feature *coarse, const struct uplift_feature *fine, size_t count)
{
    uint32_t within[UPLIFT_LEVELS_MAX + 1];
    bool met[UPLIFT_LEVELS_MAX + 1] = {false};

    for (size_t i = 0; i < count; i++) {
        uint32_t code = fine->codes[i] == UPLIFT_MISSING ? UPLIFT_LEVELS_MAX : fine->codes[i];

        if (met[code] && within[code] != coarse->codes[i])
            return false;
        met[code] = true;
        within[code] = coarse->codes[i];
    }
    return true;
}

/* The feature that says all that this one says; NULL: none. Of two that say the same the first stays. */
static const struct uplift_feature *find_finer(struct arena *arena, const struct uplift_feature *features,
                                               size_t feature_count, size_t at, size_t row_count)
{
    const struct uplift_feature *feature = &features[at];

    for (size_t k = 0; feature->numbers == NULL && k < feature_count; k++) {
        const struct uplift_feature *other = &features[k];

        if (k == at)
            continue;
        if (other->numbers != NULL) {
            if (are_ranges(feature, other->numbers, row_count) && is_measure(arena, other->numbers, row_count))
                return other;
        } else if (are_groups(feature, other, row_count) && (k < at || !are_groups(other, feature, row_count))) {
            return other;
        }
    }
    return NULL;
}

enum status uplift_design_build(struct arena *arena, const struct uplift_feature *features, size_t feature_count,
                                size_t row_count, struct uplift_design *out, struct error *err)
{
    struct gathering *gathering = arena_alloc(arena, sizeof *gathering);

    struct uplift_design design = {.row_count = row_count};

    *gathering = (struct gathering){.arena = arena, .row_count = row_count};
    design.coarse = arena_array(arena, feature_count + 1, sizeof *design.coarse);
    design.finer = arena_array(arena, feature_count + 1, sizeof *design.finer);
    for (size_t i = 0; i < feature_count; i++) {
        const struct uplift_feature *finer = find_finer(arena, features, feature_count, i, row_count);

        if (finer != NULL) {
            design.coarse[design.coarse_count] = features[i].name;
            design.finer[design.coarse_count++] = finer->name;
        } else if (features[i].numbers != NULL) {
            add_numbers(gathering, &features[i]);
        } else {
            add_levels(gathering, &features[i]);
        }
    }
    if (gathering->count == 0)
        return error_set(err, STATUS_INVALID, "uplift.features", "", "no column tells members apart");
    design.column_count = gathering->count;

    design.values = arena_array(arena, row_count * design.column_count, sizeof *design.values);
    design.names = arena_copy(arena, gathering->names, sizeof gathering->names);
    design.derived = arena_copy(arena, gathering->derived, sizeof gathering->derived);
    for (size_t k = 0; k < design.column_count; k++)
        for (size_t i = 0; i < row_count; i++)
            design.values[i * design.column_count + k] = gathering->columns[k][i];
    *out = design;
    return STATUS_OK;
}

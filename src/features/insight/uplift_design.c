#include <assert.h>
#include <math.h>
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

enum status uplift_design_build(struct arena *arena, const struct uplift_feature *features, size_t feature_count,
                                size_t row_count, struct uplift_design *out, struct error *err)
{
    struct gathering *gathering = arena_alloc(arena, sizeof *gathering);

    *gathering = (struct gathering){.arena = arena, .row_count = row_count};
    for (size_t i = 0; i < feature_count; i++)
        if (features[i].numbers != NULL)
            add_numbers(gathering, &features[i]);
        else
            add_levels(gathering, &features[i]);
    if (gathering->count == 0)
        return error_set(err, STATUS_INVALID, "uplift.features", "", "no column tells members apart");
    struct uplift_design design = {.row_count = row_count, .column_count = gathering->count};

    design.values = arena_array(arena, row_count * design.column_count, sizeof *design.values);
    design.names = arena_copy(arena, gathering->names, sizeof gathering->names);
    design.derived = arena_copy(arena, gathering->derived, sizeof gathering->derived);
    for (size_t k = 0; k < design.column_count; k++)
        for (size_t i = 0; i < row_count; i++)
            design.values[i * design.column_count + k] = gathering->columns[k][i];
    *out = design;
    return STATUS_OK;
}

#include "features/insight/satisfaction_matrix.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/distribution.h"
#include "mathematics/sample.h"
#include "mathematics/special.h"

struct words {
    const char *name, *action;
};

static const struct words fields[2][MATRIX_FIELDS] = {
    [MATRIX_LOYALTY] =
        {
            [MATRIX_HIGH_HIGH] = {"apostle", "thank them, ask them to recommend you, and listen to them first"},
            [MATRIX_LOW_HIGH] = {"hostage", "they stay because they must: mend what annoys them before a rival comes"},
            [MATRIX_HIGH_LOW] = {"mercenary",
                                 "content, and off for a better price: give a reason to return that is not a discount"},
            [MATRIX_LOW_LOW] = {"defector", "find out why, mend it for those worth keeping, and let the others go"},
        },
    [MATRIX_VALUE] =
        {
            [MATRIX_HIGH_HIGH] = {"satisfied, high value", "protect: the best service, and thanks in person"},
            [MATRIX_LOW_HIGH] = {"dissatisfied, high value", "call them this week: most is lost here if they leave"},
            [MATRIX_HIGH_LOW] = {"satisfied, low value", "develop: show them what else there is to buy"},
            [MATRIX_LOW_LOW] = {"dissatisfied, low value", "mend what costs little, and keep the cost to serve low"},
        },
};

const char *matrix_field_name(enum matrix_kind kind, enum matrix_field field)
{
    return fields[kind][field].name;
}

const char *matrix_field_action(enum matrix_kind kind, enum matrix_field field)
{
    return fields[kind][field].action;
}

double matrix_cut_scale(double low, double high)
{
    return ceil(low + 0.75 * (high - low));
}

static int compare_down(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left < right) - (left > right);
}

enum status matrix_cut_best(struct arena *arena, const double *values, size_t count, double share, double *out,
                            struct error *err)
{
    double *sorted = arena_array(arena, count + 1, sizeof *sorted);
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            sorted[known++] = values[i];
    qsort(sorted, known, sizeof *sorted, compare_down);
    if (known == 0 || sorted[0] == sorted[known - 1])
        return error_set(err, STATUS_INVALID, "matrix.cut", "", "all values are the same: there is no upper side");
    size_t at = (size_t)fmax(0, ceil(share * (double)known) - 1);

    while (sorted[at] == sorted[known - 1])
        at--;
    *out = sorted[at];
    return STATUS_OK;
}

static enum matrix_field field_of(const struct matrix_data *data, size_t i)
{
    bool satisfied = data->satisfaction[i] >= data->satisfaction_cut, high = data->other[i] >= data->other_cut;

    return high ? (satisfied ? MATRIX_HIGH_HIGH : MATRIX_LOW_HIGH) : (satisfied ? MATRIX_HIGH_LOW : MATRIX_LOW_LOW);
}

enum status matrix_build(struct arena *arena, const struct matrix_data *data, double confidence,
                         struct matrix_report *out, struct error *err)
{
    double *x = arena_array(arena, data->count + 1, sizeof *x), *y = arena_array(arena, data->count + 1, sizeof *y);
    struct matrix_report report = {0};
    double z = normal_quantile((1 + confidence) / 2), sum = 0, interval[2];
    bool adds_up = true; /* a share of a sum with negative parts says nothing */
    size_t known = 0;

    for (size_t i = 0; i < data->count; i++) {
        if (!isfinite(data->satisfaction[i]) || !isfinite(data->other[i])) {
            report.left_out++;
            continue;
        }
        struct matrix_cell *cell = &report.cells[field_of(data, i)];

        x[known] = data->satisfaction[i];
        y[known++] = data->other[i];
        cell->count++;
        cell->satisfaction += (data->satisfaction[i] - cell->satisfaction) / cell->count;
        cell->other += (data->other[i] - cell->other) / cell->count;
        cell->sum += data->other[i];
        sum += data->other[i];
        adds_up = adds_up && data->other[i] >= 0;
    }
    if (known == 0)
        return error_set(err, STATUS_INVALID, "survey.empty", "", "no row has both answers");
    report.count = (double)known;
    for (size_t i = 0; i < MATRIX_FIELDS; i++) {
        struct matrix_cell *cell = &report.cells[i];

        cell->share = cell->count / report.count;
        share_interval(cell->count, report.count, z, &cell->low, &cell->high);
        cell->sum_share = adds_up && sum > 0 && isfinite(sum) ? cell->sum / sum : NAN;
        if (cell->count == 0)
            cell->satisfaction = cell->other = NAN;
    }
    report.rank_correlation = rank_correlation(arena, x, y, known, confidence, interval);
    report.low = interval[0];
    report.high = interval[1];
    *out = report;
    return STATUS_OK;
}

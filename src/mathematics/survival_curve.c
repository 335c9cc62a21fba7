#include "mathematics/survival_curve.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "mathematics/distribution.h"
#include "mathematics/linear.h"

struct subject {
    double time;
    uint32_t group;
    uint8_t event;
};

static int compare_subjects(const void *a, const void *b)
{
    const struct subject *x = a, *y = b;

    return x->time < y->time ? -1 : x->time > y->time;
}

static struct subject *sorted(struct arena *arena, const struct survival_data *data, uint32_t group, size_t *count)
{
    struct subject *subjects = arena_array(arena, data->count, sizeof *subjects);

    *count = 0;
    for (size_t i = 0; i < data->count; i++) {
        uint32_t own = data->groups == NULL ? 0 : data->groups[i];

        if (own < data->group_count && (group == UINT32_MAX || own == group))
            subjects[(*count)++] = (struct subject){data->times[i], own, data->events[i]};
    }
    qsort(subjects, *count, sizeof *subjects, compare_subjects);
    return subjects;
}

/* ---- curves ---- */

static void set_limits(struct survival_step *step, double greenwood, double z)
{
    double survival = step->survival;

    step->error = survival * sqrt(greenwood);
    if (survival >= 1 || survival <= 0) { /* no interval can be told */
        step->low = survival >= 1 ? 1 : NAN;
        step->high = survival >= 1 ? 1 : NAN;
        return;
    }
    double middle = log(-log(survival)), reach = z * sqrt(greenwood) / -log(survival);

    step->low = exp(-exp(middle + reach));
    step->high = exp(-exp(middle - reach));
}

/* Where a falling series crosses a half: the mean of both ends when it rests on it, as R does. */
static double crossing(const struct survival_curve *curve, size_t offset)
{
    static const double tolerance = 1e-12;

    for (size_t i = 0; i < curve->step_count; i++) {
        double value = *(const double *)((const char *)&curve->steps[i] + offset);

        if (!(value <= 0.5 + tolerance))
            continue;
        size_t next = i + 1;

        while (next < curve->step_count && curve->steps[next].events == 0)
            next++;
        if (value >= 0.5 - tolerance && next < curve->step_count)
            return (curve->steps[i].time + curve->steps[next].time) / 2;
        return curve->steps[i].time;
    }
    return NAN;
}

void survival_curve_make(struct arena *arena, const struct survival_data *data, uint32_t group, double z,
                         struct survival_curve *out)
{
    struct survival_curve curve = {0};
    const struct subject *subjects = sorted(arena, data, group, &curve.subject_count);
    double survival = 1, greenwood = 0;
    size_t count = curve.subject_count;

    curve.steps = arena_array(arena, count, sizeof *curve.steps);
    for (size_t i = 0, end; i < count; i = end) {
        struct survival_step *step = &curve.steps[curve.step_count++];

        *step = (struct survival_step){.time = subjects[i].time, .at_risk = (double)(count - i)};
        for (end = i; end < count && subjects[end].time == subjects[i].time; end++)
            step->events += subjects[end].event;
        step->censored = (double)(end - i) - step->events;
        survival *= 1 - step->events / step->at_risk;
        if (step->events < step->at_risk)
            greenwood += step->events / (step->at_risk * (step->at_risk - step->events));
        step->survival = survival;
        set_limits(step, greenwood, z);
        curve.event_count += (size_t)step->events;
    }
    curve.median = crossing(&curve, offsetof(struct survival_step, survival));
    curve.median_low = crossing(&curve, offsetof(struct survival_step, low));
    curve.median_high = crossing(&curve, offsetof(struct survival_step, high));
    *out = curve;
}

const struct survival_step *survival_curve_at(const struct survival_curve *curve, double time)
{
    size_t low = 0, high = curve->step_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (curve->steps[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &curve->steps[low - 1];
}

/* ---- the test ---- */

/* What one moment with events adds: `ended` and `at_risk` of each group. */
static void add_moment(const double *ended, const double *at_risk, size_t groups, struct survival_test *test,
                       double *variance)
{
    double deaths = 0, risk = 0;

    for (size_t g = 0; g < groups; g++) {
        deaths += ended[g];
        risk += at_risk[g];
    }
    for (size_t g = 0; g < groups; g++) {
        test->observed[g] += ended[g];
        test->expected[g] += deaths * at_risk[g] / risk;
        for (size_t h = 0; h < groups && risk > 1; h++)
            variance[g * groups + h] +=
                deaths * (risk - deaths) / (risk - 1) * at_risk[g] / risk * ((g == h ? 1 : 0) - at_risk[h] / risk);
    }
}

/* The quadratic form over all groups that can have events but one. */
static void finish_test(struct arena *arena, size_t groups, const double *variance, struct survival_test *test)
{
    size_t *kept = arena_array(arena, groups, sizeof *kept), count = 0;

    test->statistic = test->freedom = test->p_value = NAN;
    for (size_t g = 0; g < groups; g++)
        if (test->expected[g] > 0)
            kept[count++] = g;
    if (count < 2)
        return;
    count--;
    double *matrix = arena_array(arena, count * count, sizeof *matrix);
    double *away = arena_array(arena, count, sizeof *away), *solved = arena_array(arena, count, sizeof *solved);
    double statistic = 0;

    for (size_t a = 0; a < count; a++) {
        solved[a] = away[a] = test->observed[kept[a]] - test->expected[kept[a]];
        for (size_t b = 0; b < count; b++)
            matrix[a * count + b] = variance[kept[a] * groups + kept[b]];
    }
    if (!cholesky_factor(matrix, count))
        return;
    cholesky_solve(matrix, count, solved);
    for (size_t a = 0; a < count; a++)
        statistic += away[a] * solved[a];
    test->statistic = statistic;
    test->freedom = (double)count;
    test->p_value = chi_square_above(statistic, test->freedom);
}

void survival_test_groups(struct arena *arena, const struct survival_data *data, struct survival_test *out)
{
    size_t groups = data->group_count, count = 0;
    const struct subject *subjects = sorted(arena, data, UINT32_MAX, &count);
    double *variance = arena_array(arena, groups * groups, sizeof *variance);
    double *at_risk = arena_array(arena, groups, sizeof *at_risk), *ended = arena_array(arena, groups, sizeof *ended);
    struct survival_test test = {.observed = arena_array(arena, groups, sizeof(double)),
                                 .expected = arena_array(arena, groups, sizeof(double))};

    for (size_t i = 0; i < count; i++)
        at_risk[subjects[i].group]++;
    for (size_t i = 0, end; i < count; i = end) {
        bool any = false;

        for (size_t g = 0; g < groups; g++)
            ended[g] = 0;
        for (end = i; end < count && subjects[end].time == subjects[i].time; end++) {
            ended[subjects[end].group] += subjects[end].event;
            any = any || subjects[end].event;
        }
        if (any)
            add_moment(ended, at_risk, groups, &test, variance);
        for (size_t k = i; k < end; k++)
            at_risk[subjects[k].group]--;
    }
    finish_test(arena, groups, variance, &test);
    *out = test;
}

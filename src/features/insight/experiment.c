#include "features/insight/experiment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/secret.h"
#include "mathematics/distribution.h"
#include "mathematics/linear.h"
#include "mathematics/special.h"

static const double POWER_80 = 0.8416212335729143; /* the normal quantile of 0.8 */

/* ---- who is in which group ---- */

double experiment_point(const struct experiment_plan *plan, struct text member)
{
    unsigned char bytes[DIGEST_SIZE], parts[2][DIGEST_SIZE];
    uint64_t number = 0;

    /* Each is hashed to its own length first, so that no name and member run into another pair. */
    digest_keyed(plan->key, SEAL_KEY_SIZE, plan->name.bytes, plan->name.size, parts[0]);
    digest_keyed(plan->key, SEAL_KEY_SIZE, member.bytes, member.size, parts[1]);
    digest_keyed(plan->key, SEAL_KEY_SIZE, parts, sizeof parts, bytes);
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return (double)(number >> 11) * 0x1p-53;
}

size_t experiment_group(const struct experiment_plan *plan, struct text member)
{
    double sum = 0, reached = 0;

    assert(plan->group_count > 0);
    for (size_t i = 0; i < plan->group_count; i++)
        sum += plan->weights[i];
    double point = experiment_point(plan, member) * sum;

    for (size_t i = 0; i + 1 < plan->group_count; i++) {
        reached += plan->weights[i];
        if (point < reached)
            return i;
    }
    return plan->group_count - 1;
}

void sample_ratio_check(const double *counts, const double *weights, size_t group_count, struct sample_ratio *out)
{
    double count = 0, weight = 0, chi_square = 0;

    for (size_t i = 0; i < group_count; i++) {
        count += counts[i];
        weight += weights[i];
    }
    for (size_t i = 0; i < group_count; i++) {
        double expected = count * weights[i] / weight;

        chi_square += expected > 0 ? (counts[i] - expected) * (counts[i] - expected) / expected : 0;
    }
    *out =
        (struct sample_ratio){chi_square, group_count > 1 ? chi_square_above(chi_square, (double)group_count - 1) : 1};
}

/* ---- effects ---- */

void group_moments_measure(const double *values, size_t count, struct group_moments *out)
{
    struct group_moments sample = {.count = (double)count};
    double squares = 0;

    for (size_t i = 0; i < count; i++)
        sample.mean += values[i];
    sample.mean /= count > 0 ? (double)count : 1;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - sample.mean) * (values[i] - sample.mean);
    sample.variance = count > 1 ? squares / ((double)count - 1) : 0;
    *out = sample;
}

static enum status check_samples(const struct group_moments *treated, const struct group_moments *control,
                                 struct error *err)
{
    if (treated->count < 2 || control->count < 2)
        return error_set(err, STATUS_INVALID, "experiment.group", "group",
                         "each group needs two members: there are %.0f and %.0f", treated->count, control->count);
    return STATUS_OK;
}

/* Fieller's interval of the ratio of two means. */
static void set_relative(const struct group_moments *treated, const struct group_moments *control, double quantile,
                         struct effect *effect)
{
    double first = treated->variance / treated->count, second = control->variance / control->count;
    double ratio = treated->mean / control->mean, doubt = quantile * quantile * second / control->mean / control->mean;

    effect->relative = effect->relative_low = effect->relative_high = NAN;
    if (!(control->mean > 0))
        return;
    effect->relative = ratio - 1;
    if (!(doubt < 1))
        return;
    double reach = quantile / control->mean * sqrt(first * (1 - doubt) + ratio * ratio * second);

    effect->relative_low = (ratio - reach) / (1 - doubt) - 1;
    effect->relative_high = (ratio + reach) / (1 - doubt) - 1;
}

enum status effect_of_means(const struct group_moments *treated, const struct group_moments *control, double confidence,
                            struct effect *out, struct error *err)
{
    double first = treated->variance / treated->count, second = control->variance / control->count;
    double value = treated->mean - control->mean, error = sqrt(first + second), quantile = 0;
    enum status status = check_samples(treated, control, err);

    if (status != STATUS_OK)
        return status;
    struct effect effect = {.value = value, .error = error, .p = value == 0 ? 1 : 0};

    if (error > 0) {
        double freedom = (first + second) * (first + second) /
                         (first * first / (treated->count - 1) + second * second / (control->count - 1));

        quantile = student_quantile((1 + confidence) / 2, freedom);
        effect.p = student_two_sided(value / error, freedom);
    }
    effect.low = value - quantile * error;
    effect.high = value + quantile * error;
    effect.detectable = (normal_quantile((1 + confidence) / 2) + POWER_80) * error;
    set_relative(treated, control, quantile, &effect);
    *out = effect;
    return STATUS_OK;
}

enum status effect_of_shares(const struct group_moments *treated, const struct group_moments *control,
                             double confidence, struct effect *out, struct error *err)
{
    double z = normal_quantile((1 + confidence) / 2), low[2], high[2];
    struct effect effect;
    enum status status = effect_of_means(treated, control, confidence, &effect, err);

    if (status != STATUS_OK)
        return status;
    double all = treated->mean * treated->count + control->mean * control->count;
    double share = all / (treated->count + control->count);
    double variance = share * (1 - share) * (1 / treated->count + 1 / control->count);

    share_interval(treated->mean * treated->count, treated->count, z, &low[0], &high[0]);
    share_interval(control->mean * control->count, control->count, z, &low[1], &high[1]);
    effect.low = effect.value - hypot(treated->mean - low[0], high[1] - control->mean);
    effect.high = effect.value + hypot(high[0] - treated->mean, control->mean - low[1]);
    effect.p = variance > 0 ? normal_two_sided(effect.value / sqrt(variance)) : 1;
    *out = effect;
    return STATUS_OK;
}

struct ranked {
    double p;
    size_t index;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->p != right->p)
        return left->p < right->p ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

void adjust_for_number(struct arena *arena, const double *p, size_t count, double *adjusted)
{
    struct ranked *ranked = arena_array(arena, count, sizeof *ranked);
    double highest = 0;

    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){p[i], i};
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < count; i++) {
        highest = fmax(highest, fmin(1, ranked[i].p * (double)(count - i)));
        adjusted[ranked[i].index] = highest;
    }
}

/* ---- CUPED ---- */

/* Takes the mean of each group out of `values`, and the mean of all into `*mean`. */
static void centre(const struct experiment_data *data, const double *values, double *out, double *mean)
{
    double sums[EXPERIMENT_GROUPS_MAX] = {0}, counts[EXPERIMENT_GROUPS_MAX] = {0}, sum = 0;

    for (size_t i = 0; i < data->count; i++) {
        sums[data->groups[i]] += values[i];
        counts[data->groups[i]]++;
        sum += values[i];
    }
    for (size_t i = 0; i < data->count; i++)
        out[i] = values[i] - sums[data->groups[i]] / counts[data->groups[i]];
    *mean = sum / (double)data->count;
}

static double product(const double *a, const double *b, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/*
 * Adds the column `next` to those orthogonal to each other already; false when nothing of it is left. Orthogonal columns
 * need no system of equations, and leave out by themselves what depends on others.
 */
static bool make_orthogonal(double **columns, double *const *raw, size_t used, size_t next, size_t count)
{
    double *column = columns[next], before = product(column, column, count);

    for (int turn = 0; turn < 2; turn++)
        for (size_t k = 0; k < used; k++) {
            double slope = product(columns[k], column, count) / product(columns[k], columns[k], count);

            for (size_t i = 0; i < count; i++) {
                column[i] -= slope * columns[k][i];
                raw[next][i] -= slope * raw[k][i];
            }
        }
    return before > 0 && product(column, column, count) > 1e-12 * before;
}

enum status cuped_adjust(struct arena *arena, const struct experiment_data *data, double *adjusted, double *explained,
                         struct error *err)
{
    double *centred[EXPERIMENT_COVARIATES_MAX], *raw[EXPERIMENT_COVARIATES_MAX], mean = 0, ignored;
    double *outcome = arena_array(arena, data->count, sizeof *outcome);
    size_t used = 0, count = data->count;

    if (data->covariate_count > EXPERIMENT_COVARIATES_MAX)
        return error_set(err, STATUS_LIMIT, "experiment.covariates", "covariate", "at most %d covariates, not %zu",
                         EXPERIMENT_COVARIATES_MAX, data->covariate_count);
    assert(data->group_count <= EXPERIMENT_GROUPS_MAX);
    centre(data, data->outcomes, outcome, &ignored);
    double before = product(outcome, outcome, count);

    memcpy(adjusted, data->outcomes, count * sizeof *adjusted);
    for (size_t k = 0; k < data->covariate_count; k++) {
        raw[used] = arena_copy(arena, data->covariates[k], count * sizeof **raw);
        centred[used] = arena_array(arena, count, sizeof **centred);
        centre(data, data->covariates[k], centred[used], &ignored);
        if (!make_orthogonal(centred, raw, used, used, count))
            continue;
        double slope = product(centred[used], outcome, count) / product(centred[used], centred[used], count);

        mean = 0;
        for (size_t i = 0; i < count; i++)
            mean += raw[used][i] / (double)count;
        for (size_t i = 0; i < count; i++) {
            outcome[i] -= slope * centred[used][i];
            adjusted[i] -= slope * (raw[used][i] - mean);
        }
        used++;
    }
    *explained = before > 0 ? 1 - product(outcome, outcome, count) / before : 0;
    return STATUS_OK;
}

/* ---- sequential ---- */

/* A mean and variance that grow by one value at a time (Welford 1962). */
struct running {
    double count, mean, squares;
};

static void running_add(struct running *running, double value)
{
    double before = value - running->mean;

    running->count++;
    running->mean += before / running->count;
    running->squares += before * (value - running->mean);
}

void sequential_measure(const struct experiment_data *data, uint32_t treated, uint32_t control, double confidence,
                        struct sequential *out)
{
    struct running arms[2] = {{0, 0, 0}, {0, 0, 0}};
    struct sequential found = {.p = 1};

    for (size_t i = 0; i < data->count; i++) {
        if (data->groups[i] != treated && data->groups[i] != control)
            continue;
        running_add(&arms[data->groups[i] == treated], data->outcomes[i]);
        double first = arms[1].squares / (arms[1].count - 1), second = arms[0].squares / (arms[0].count - 1);

        if (arms[0].count < SEQUENTIAL_FIRST || arms[1].count < SEQUENTIAL_FIRST || !(first > 0) || !(second > 0))
            continue;
        double variance = first / arms[1].count + second / arms[0].count;
        double prior = SEQUENTIAL_SCALE * SEQUENTIAL_SCALE * (arms[0].squares + arms[1].squares) /
                       (arms[0].count + arms[1].count - 2);
        double value = arms[1].mean - arms[0].mean;
        double evidence =
            log(variance / (variance + prior)) / 2 + value * value * prior / (2 * variance * (variance + prior));
        double reach = sqrt(variance * (variance + prior) / prior *
                            (2 * log(1 / (1 - confidence)) + log((variance + prior) / variance)));

        found.p = fmin(found.p, exp(-evidence));
        found.stop = found.stop == 0 && found.p <= 1 - confidence ? i + 1 : found.stop;
        found.value = value;
        found.low = value - reach;
        found.high = value + reach;
    }
    *out = found;
}

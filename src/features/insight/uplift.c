#include "features/insight/uplift.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "mathematics/random.h"

static const double INTERVAL = 0.9;

/* A member with its score, to be sorted. */
struct ranked {
    double score;
    uint32_t index;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static struct ranked *rank(struct arena *arena, const double *scores, size_t count)
{
    struct ranked *ranked = arena_array(arena, count + 1, sizeof *ranked);

    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){scores[i], (uint32_t)i};
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    return ranked;
}

/* Sums over those who have entered: [1] treated, [0] control. */
struct entered {
    double count[2], outcome[2], all, members;
    struct uplift_point before;
    double under, before_gain; /* of AUUC */
    double area;               /* under the Qini curve */
};

static void enter(struct entered *entered, const struct uplift_data *data, uint32_t index, double weight)
{
    int arm = data->treated[index] != 0;

    entered->count[arm] += weight;
    entered->outcome[arm] += weight * data->outcomes[index];
    entered->members += weight;
}

/* Closes a run of equal scores: one point of the curve. False while there is nobody to compare with. */
static bool close_run(struct entered *entered, double treated, struct uplift_point *point)
{
    const double *count = entered->count, *outcome = entered->outcome;

    if (!(count[0] > 0 && count[1] > 0))
        return false;
    double uplift = outcome[1] / count[1] - outcome[0] / count[0], share = entered->members / entered->all;

    *point = (struct uplift_point){share, (outcome[1] - outcome[0] * count[1] / count[0]) / treated};
    entered->area += (share - entered->before.share) * (point->gain + entered->before.gain) / 2;
    entered->under += (share - entered->before.share) * (share * uplift + entered->before_gain) / 2;
    entered->before = *point;
    entered->before_gain = share * uplift;
    return true;
}

enum status uplift_curve_build(struct arena *arena, const struct uplift_data *data, const double *scores,
                               struct uplift_curve *out, struct error *err)
{
    struct entered entered = {.all = (double)data->count};
    double treated = 0;

    for (size_t i = 0; i < data->count; i++)
        treated += data->treated[i] != 0;
    if (treated < 2 || (double)data->count - treated < 2)
        return error_set(err, STATUS_INVALID, "uplift.groups", "treatment",
                         "there are %.0f treated and %.0f control members: each needs two", treated,
                         (double)data->count - treated);
    struct ranked *ranked = rank(arena, scores, data->count);
    struct uplift_curve curve = {.points = arena_array(arena, data->count + 1, sizeof *curve.points), .count = 1};

    for (size_t i = 0; i < data->count; i++) {
        enter(&entered, data, ranked[i].index, 1);
        if (i + 1 == data->count || ranked[i + 1].score != ranked[i].score)
            curve.count += close_run(&entered, treated, &curve.points[curve.count]);
    }
    curve.effect = curve.points[curve.count - 1].gain;
    curve.qini = entered.area - curve.effect / 2;
    curve.auuc = entered.under;
    *out = curve;
    return STATUS_OK;
}

/* A number of a Poisson distribution of mean 1. */
static double draw_weight(struct random *random)
{
    double left = random_uniform(random), chance = exp(-1), weight = 0;

    while (left >= chance && weight < 20) {
        left -= chance;
        chance /= ++weight;
    }
    return weight;
}

double uplift_qini_error(struct arena *arena, const struct uplift_data *data, const double *scores, int samples,
                         uint64_t seed)
{
    struct ranked *ranked = rank(arena, scores, data->count);
    double *weights = arena_array(arena, data->count + 1, sizeof *weights), sum = 0, squares = 0;
    struct random random;
    int used = 0;

    random_start(&random, seed);
    for (int sample = 0; sample < samples; sample++) {
        struct entered entered = {0};
        struct uplift_point point = {0, 0};
        double treated = 0;

        for (size_t i = 0; i < data->count; i++) {
            weights[i] = draw_weight(&random);
            entered.all += weights[i];
            treated += data->treated[i] ? weights[i] : 0;
        }
        if (!(treated > 0 && treated < entered.all))
            continue;
        for (size_t i = 0; i < data->count; i++) {
            enter(&entered, data, ranked[i].index, weights[ranked[i].index]);
            if (i + 1 == data->count || ranked[i + 1].score != ranked[i].score)
                close_run(&entered, treated, &point);
        }
        double qini = entered.area - point.gain / 2, before = qini - sum / (used > 0 ? used : 1);

        sum += qini;
        used++;
        squares += used > 1 ? before * (qini - sum / used) : 0;
    }
    return used > 1 ? sqrt(squares / (used - 1)) : 0;
}

/* A sample of weighted values: `count` is the sum of the weights. */
struct weighted {
    double count, sum, squares;
};

static void weighted_add(struct weighted *weighted, double value, double weight)
{
    weighted->count += weight;
    weighted->sum += weight * value;
    weighted->squares += weight * value * value;
}

static struct group_moments weighted_sample(const struct weighted *weighted)
{
    double count = weighted->count, mean = count > 0 ? weighted->sum / count : 0;
    double squares = fmax(0, weighted->squares - count * mean * mean);

    return (struct group_moments){count, mean, count > 1 ? squares / (count - 1) : 0};
}

enum status uplift_at(struct arena *arena, const struct uplift_data *data, const double *scores, double share,
                      struct effect *out, struct error *err)
{
    struct ranked *ranked = rank(arena, scores, data->count);
    struct weighted arms[2] = {{0, 0, 0}, {0, 0, 0}};
    double left = share * (double)data->count;

    for (size_t i = 0, next; i < data->count && left > 0; i = next) {
        for (next = i + 1; next < data->count && ranked[next].score == ranked[i].score;)
            next++;
        double weight = fmin(1, left / (double)(next - i));

        for (size_t k = i; k < next; k++)
            weighted_add(&arms[data->treated[ranked[k].index] != 0], data->outcomes[ranked[k].index], weight);
        left -= (double)(next - i);
    }
    struct group_moments treated = weighted_sample(&arms[1]), control = weighted_sample(&arms[0]);

    return effect_of_means(&treated, &control, INTERVAL, out, err);
}

void uplift_bands(struct arena *arena, const struct uplift_data *data, const double *scores, size_t band_count,
                  struct uplift_band *out)
{
    struct ranked *ranked = rank(arena, scores, data->count);
    struct weighted arms[UPLIFT_BANDS_MAX][2] = {0};

    assert(band_count > 0 && band_count <= UPLIFT_BANDS_MAX);
    for (size_t band = 0; band < band_count; band++)
        out[band] = (struct uplift_band){.low_score = NAN, .high_score = NAN};
    for (size_t i = 0, next; i < data->count; i = next) {
        for (next = i + 1; next < data->count && ranked[next].score == ranked[i].score;)
            next++;
        size_t band = (i + next - 1) / 2 * band_count / data->count;

        if (out[band].count == 0)
            out[band].high_score = ranked[i].score;
        out[band].low_score = ranked[i].score;
        out[band].count += next - i;
        for (size_t k = i; k < next; k++)
            weighted_add(&arms[band][data->treated[ranked[k].index] != 0], data->outcomes[ranked[k].index], 1);
    }
    for (size_t band = 0; band < band_count; band++) {
        out[band].treated = weighted_sample(&arms[band][1]);
        out[band].control = weighted_sample(&arms[band][0]);
    }
}

struct uplift_point uplift_best(const struct uplift_curve *curve, double margin, double cost, double *profit)
{
    struct uplift_point best = {0, 0};

    *profit = 0;
    for (size_t i = 1; i < curve->count; i++) {
        double value = margin * curve->points[i].gain - cost * curve->points[i].share;

        if (value > *profit) {
            *profit = value;
            best = curve->points[i];
        }
    }
    return best;
}

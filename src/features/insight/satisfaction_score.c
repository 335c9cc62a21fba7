#include "features/insight/satisfaction_score.h"

#include <math.h>

#include "mathematics/distribution.h"
#include "mathematics/sample.h"
#include "mathematics/special.h"

static const double PERCENT = 100, BOXES_MAX = 10;

/* ---- scales ---- */

struct answer_scale answer_scale_nps(void)
{
    return (struct answer_scale){.low = 0, .high = 10, .top = 9, .bottom = 6, .whole = true};
}

struct answer_scale answer_scale_csat(double low, double high)
{
    double box = high - low > BOXES_MAX ? (high - low) / 5 : 1; /* a scale to 100 has no marks to count */

    return (struct answer_scale){.low = low, .high = high, .top = high - box, .bottom = low + box};
}

struct answer_scale answer_scale_ces(double low, double high)
{
    double middle = (low + high) / 2;

    return (struct answer_scale){.low = low, .high = high, .top = floor(middle) + 1, .bottom = ceil(middle) - 1};
}

bool answer_scale_guess(double low, double high, double *from, double *to)
{
    static const double usual[][2] = {{1, 5}, {1, 7}, {1, 10}, {0, 10}, {0, 100}};

    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (low >= usual[i][0] && high <= usual[i][1]) {
            *from = usual[i][0];
            *to = usual[i][1];
            return true;
        }
    return false;
}

/* ---- sums ---- */

void answer_tally_add(struct answer_tally *tally, const struct answer_scale *scale, double answer)
{
    if (isnan(answer)) {
        tally->missing++;
        return;
    }
    if (!(answer >= scale->low && answer <= scale->high) || (scale->whole && answer != floor(answer))) {
        tally->off_scale++;
        return;
    }
    tally->count++;
    tally->sum += answer;
    tally->squares += answer * answer;
    tally->top += answer >= scale->top;
    tally->bottom += answer <= scale->bottom;
}

void answer_tally_join(struct answer_tally *tally, const struct answer_tally *other, double sign)
{
    tally->count += sign * other->count;
    tally->sum += sign * other->sum;
    tally->squares += sign * other->squares;
    tally->top += sign * other->top;
    tally->bottom += sign * other->bottom;
    tally->missing += sign * other->missing;
    tally->off_scale += sign * other->off_scale;
}

/* ---- one score ---- */

static double mean_variance(const struct answer_tally *tally)
{
    double n = tally->count;

    return n < 2 ? NAN : fmax(0, tally->squares - tally->sum * tally->sum / n) / (n - 1) / n;
}

static double measure_value(const struct answer_tally *tally, enum answer_measure measure)
{
    double n = tally->count;

    if (n < 1)
        return NAN;
    switch (measure) {
    case ANSWER_NET:
        return PERCENT * (tally->top - tally->bottom) / n;
    case ANSWER_TOP:
        return PERCENT * tally->top / n;
    case ANSWER_BOTTOM:
        return PERCENT * tally->bottom / n;
    case ANSWER_MEAN:
        return tally->sum / n;
    }
    return NAN;
}

/* A net score with `added` answers more: a quarter of them good, a quarter bad, the others neither. In per cent. */
static double net_adjusted(const struct answer_tally *tally, double added, double *variance)
{
    double n = tally->count + added, good = (tally->top + added / 4) / n, bad = (tally->bottom + added / 4) / n;
    double net = good - bad;

    *variance = PERCENT * PERCENT * (good + bad - net * net) / tally->count;
    return PERCENT * net;
}

void answer_estimate(const struct answer_tally *tally, const struct answer_scale *scale, enum answer_measure measure,
                     double confidence, struct answer_estimate *out)
{
    double n = tally->count, z = normal_quantile((1 + confidence) / 2), variance, low, high;

    *out = (struct answer_estimate){measure_value(tally, measure), NAN, NAN};
    if (n < 1 || (measure == ANSWER_MEAN && n < 2))
        return;
    switch (measure) {
    case ANSWER_NET: {
        double net = net_adjusted(tally, 2, &variance);

        out->low = fmax(-PERCENT, net - z * sqrt(variance));
        out->high = fmin(PERCENT, net + z * sqrt(variance));
        return;
    }
    case ANSWER_TOP:
    case ANSWER_BOTTOM:
        share_interval(measure == ANSWER_TOP ? tally->top : tally->bottom, n, z, &low, &high);
        out->low = PERCENT * low;
        out->high = PERCENT * high;
        return;
    case ANSWER_MEAN: {
        double reach = student_quantile((1 + confidence) / 2, n - 1) * sqrt(mean_variance(tally));

        out->low = fmax(scale->low, out->value - reach);
        out->high = fmin(scale->high, out->value + reach);
        return;
    }
    }
}

/* ---- differences ---- */

/* What is compared, and its variance: for a mean as it is, for shares with a few answers added. */
static double comparable(const struct answer_tally *tally, enum answer_measure measure, double *variance)
{
    double n = tally->count;

    *variance = NAN;
    if (n < 1)
        return NAN;
    if (measure == ANSWER_MEAN) {
        *variance = mean_variance(tally);
        return tally->sum / n;
    }
    if (measure == ANSWER_NET)
        return net_adjusted(tally, 1, variance);
    double share = ((measure == ANSWER_TOP ? tally->top : tally->bottom) + 1) / (n + 2);

    *variance = PERCENT * PERCENT * share * (1 - share) / (n + 2);
    return PERCENT * share;
}

void answer_compare(const struct answer_tally *first, const struct answer_tally *second, enum answer_measure measure,
                    double confidence, struct answer_difference *out)
{
    double variances[2], upper = (1 + confidence) / 2;
    double centre = comparable(first, measure, &variances[0]) - comparable(second, measure, &variances[1]);
    double variance = variances[0] + variances[1], quantile = normal_quantile(upper), error = sqrt(variance);

    *out = (struct answer_difference){measure_value(first, measure) - measure_value(second, measure), NAN, NAN, NAN};
    if (!(variance > 0))
        return; /* too few answers, or none that differ */
    out->p_value = normal_two_sided(centre / error);
    if (measure == ANSWER_MEAN) {
        double parts =
            variances[0] * variances[0] / (first->count - 1) + variances[1] * variances[1] / (second->count - 1);
        double freedom = variance * variance / parts;

        quantile = student_quantile(upper, freedom);
        out->p_value = student_two_sided(centre / error, freedom);
    }
    double limit = measure == ANSWER_NET ? 2 * PERCENT : measure == ANSWER_MEAN ? INFINITY : PERCENT;

    out->low = fmax(-limit, centre - quantile * error);
    out->high = fmin(limit, centre + quantile * error);
}

double answer_groups_differ(const struct answer_tally *groups, size_t count, enum answer_measure measure)
{
    double weights = 0, sum = 0, spread = 0, known = 0, doubt = 0, variance;

    for (size_t i = 0; i < count; i++) {
        double value = comparable(&groups[i], measure, &variance);

        if (variance > 0) {
            weights += 1 / variance;
            sum += value / variance;
            known++;
        }
    }
    if (known < 2)
        return NAN;
    for (size_t i = 0; i < count; i++) {
        double value = comparable(&groups[i], measure, &variance) - sum / weights;

        if (variance > 0) {
            double rest = 1 - 1 / variance / weights;

            spread += value * value / variance;
            doubt += measure == ANSWER_MEAN ? rest * rest / (groups[i].count - 1) : 0;
        }
    }
    if (measure != ANSWER_MEAN)
        return chi_square_above(spread, known - 1);
    /* Welch 1951. */
    double f = spread / (known - 1) / (1 + 2 * (known - 2) / (known * known - 1) * doubt);

    return fisher_above(f, known - 1, (known * known - 1) / (3 * doubt));
}

void answer_against_rest(struct arena *arena, const struct answer_tally *groups, size_t count,
                         enum answer_measure measure, double confidence, struct answer_difference *out)
{
    double *p_values = arena_array(arena, count, sizeof *p_values);
    struct answer_tally all = {0};

    for (size_t i = 0; i < count; i++)
        answer_tally_join(&all, &groups[i], 1);
    for (size_t i = 0; i < count; i++) {
        struct answer_tally rest = all;

        answer_tally_join(&rest, &groups[i], -1);
        answer_compare(&groups[i], &rest, measure, confidence, &out[i]);
    }
    for (size_t i = 0; i < count; i++)
        p_values[i] = out[i].p_value;
    holm_adjust(arena, p_values, count);
    for (size_t i = 0; i < count; i++)
        out[i].p_value = p_values[i];
}

#include "features/redemption/fraud_model.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/distribution.h"
#include "mathematics/special.h"

/* The median absolute deviation of a normal distribution is its standard deviation divided by this. */
static const double MAD_SCALE = 1.4826, DRAWN_IN = 3, LOG_DEVIATION_MIN = 0.1, TERM_MIN = 1e-18;

enum { LOG_FREEDOM = 12, TERMS_MAX = 1000000 };

/* ---- counts ---- */

static int64_t count_size(const struct count_history *history)
{
    int64_t size = 0;

    for (size_t i = 0; i < history->size; i++)
        size += history->frequencies[i];
    return size;
}

static double count_median(const struct count_history *history, int64_t size)
{
    int64_t seen = 0;

    for (size_t i = 0; i < history->size; i++) {
        seen += history->frequencies[i];
        if (2 * seen > size)
            return (double)history->values[i];
        if (2 * seen == size && i + 1 < history->size)
            return ((double)history->values[i] + (double)history->values[i + 1]) / 2;
    }
    return 0;
}

/* Distances from the median, walked outwards from both sides. */
static double count_deviation(const struct count_history *history, int64_t size, double median)
{
    size_t right = 0;
    int64_t seen = 0;

    while (right < history->size && (double)history->values[right] < median)
        right++;
    size_t left = right;
    for (;;) {
        double down = left > 0 ? median - (double)history->values[left - 1] : INFINITY;
        double up = right < history->size ? (double)history->values[right] - median : INFINITY;
        if (isinf(down) && isinf(up))
            return 0;
        seen += down <= up ? history->frequencies[--left] : history->frequencies[right++];
        if (2 * seen >= size)
            return down <= up ? down : up;
    }
}

bool count_model_learn(const struct count_history *history, struct count_model *out)
{
    int64_t size = count_size(history);
    double sum = 0, squares = 0;

    if (size < FRAUD_HISTORY_MIN)
        return false;
    double median = count_median(history, size);
    double deviation = fmax(MAD_SCALE * count_deviation(history, size, median), fmax(sqrt(median), 1));
    for (size_t i = 0; i < history->size; i++) {
        double value = fmin((double)history->values[i], median + DRAWN_IN * deviation);
        sum += value * (double)history->frequencies[i];
        squares += value * value * (double)history->frequencies[i];
    }
    double mean = sum / (double)size, variance = (squares - sum * mean) / (double)(size - 1);
    /* What a sample of this size does not tell of the mean, and one standard error of the variance. */
    double widened = fmax(variance, mean) * (1 + 1 / (double)size) * (1 + sqrt(2 / (double)size));
    *out = (struct count_model){.size = size, .median = median, .mean = mean, .variance = widened};
    return true;
}

/* The logarithm of the chance of exactly `count`. */
static double log_chance(const struct count_model *model, double count)
{
    double mean = model->mean, more = model->variance - mean;

    if (mean <= 0)
        return count == 0 ? 0 : -INFINITY;
    if (more < mean * 1e-9)
        return count * log(mean) - mean - log_gamma(count + 1);
    double size = mean * mean / more;
    return log_gamma(count + size) - log_gamma(size) - log_gamma(count + 1) + size * log(size / (size + mean)) +
           count * log(mean / (size + mean));
}

double count_model_above(const struct count_model *model, int64_t count)
{
    double sum = 0;

    if (count <= 0)
        return 1;
    if ((double)count <= model->mean) { /* the sum of those below is the shorter one */
        for (int64_t i = 0; i < count; i++)
            sum += exp(log_chance(model, (double)i));
        return fmax(0, 1 - sum);
    }
    for (int64_t i = 0; i < TERMS_MAX; i++) {
        double term = exp(log_chance(model, (double)(count + i)));
        sum += term;
        if (term <= sum * 1e-12 || term < TERM_MIN)
            break;
    }
    return fmin(1, sum);
}

int64_t count_model_limit(const struct count_model *model, double chance)
{
    int64_t low = 0, high = (int64_t)model->mean + 1;

    while (count_model_above(model, high) >= chance) {
        low = high;
        high *= 2;
    }
    while (low + 1 < high) {
        int64_t middle = low + (high - low) / 2;
        if (count_model_above(model, middle) >= chance)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* ---- amounts ---- */

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static double median_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

bool amount_model_learn(struct arena *arena, const int64_t *amounts, size_t count, struct amount_model *out)
{
    double *values = arena_array(arena, count + 1, sizeof *values);

    if (count < FRAUD_HISTORY_MIN)
        return false;
    for (size_t i = 0; i < count; i++)
        values[i] = log1p((double)amounts[i]);
    double centre = median_of(values, count);
    for (size_t i = 0; i < count; i++)
        values[i] = fabs(values[i] - centre);
    double deviation = fmax(MAD_SCALE * median_of(values, count), LOG_DEVIATION_MIN);
    *out = (struct amount_model){
        .size = (int64_t)count, .median = expm1(centre), .centre = centre, .deviation = deviation};
    return true;
}

double amount_model_above(const struct amount_model *model, int64_t amount)
{
    double size = (double)model->size;
    double score =
        (log1p((double)amount) - model->centre) / (model->deviation * sqrt(1 + 1 / size) * (1 + sqrt(1 / size)));
    double half = student_two_sided(score, LOG_FREEDOM) / 2;

    return score > 0 ? half : 1 - half;
}

double fraud_chance(int64_t tests, int metrics)
{
    return 1.0 / FRAUD_FALSE_DAYS / (double)(tests > 0 ? tests : 1) / metrics;
}

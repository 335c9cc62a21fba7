#include "mathematics/sample.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/distribution.h"
#include "mathematics/special.h"

void sample_add(struct sample *sample, double value)
{
    double step = value - sample->mean;

    sample->count++;
    sample->mean += step / sample->count;
    sample->squares += step * (value - sample->mean);
}

double sample_variance(const struct sample *sample)
{
    return sample->count < 2 ? NAN : sample->squares / (sample->count - 1);
}

void sample_interval(const struct sample *sample, double confidence, double *low, double *high)
{
    *low = *high = NAN;
    if (sample->count < 2)
        return;
    double reach =
        student_quantile((1 + confidence) / 2, sample->count - 1) * sqrt(sample_variance(sample) / sample->count);

    *low = sample->mean - reach;
    *high = sample->mean + reach;
}

double sample_differ(const struct sample *first, const struct sample *second)
{
    if (first->count < 2 || second->count < 2)
        return NAN;
    double a = sample_variance(first) / first->count, b = sample_variance(second) / second->count;

    if (!(a + b > 0))
        return NAN;
    double freedom = (a + b) * (a + b) / (a * a / (first->count - 1) + b * b / (second->count - 1));

    return student_two_sided((first->mean - second->mean) / sqrt(a + b), freedom);
}

double sample_differs_from_zero(const struct sample *sample)
{
    double variance = sample_variance(sample);

    if (!(variance > 0))
        return NAN;
    return student_two_sided(sample->mean / sqrt(variance / sample->count), sample->count - 1);
}

/* ---- what needs an order ---- */

struct item {
    double value;
    size_t index;
};

static int compare_items(const void *a, const void *b)
{
    const struct item *left = a, *right = b;

    if (left->value != right->value)
        return left->value < right->value ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

void holm_adjust(struct arena *arena, double *p_values, size_t count)
{
    struct item *order = arena_array(arena, count + 1, sizeof *order);
    double least = 0;
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (!isnan(p_values[i]))
            order[known++] = (struct item){p_values[i], i};
    qsort(order, known, sizeof *order, compare_items);
    for (size_t i = 0; i < known; i++) {
        /* The smallest times the number of tests, the next times one less, never below the one before. */
        least = fmax(least, fmin(1, order[i].value * (double)(known - i)));
        p_values[order[i].index] = least;
    }
}

void ranks_find(struct arena *arena, const double *values, size_t count, double *ranks)
{
    struct item *order = arena_array(arena, count + 1, sizeof *order);

    for (size_t i = 0; i < count; i++)
        order[i] = (struct item){values[i], i};
    qsort(order, count, sizeof *order, compare_items);
    for (size_t i = 0, end = 0; i < count; i = end) {
        for (end = i + 1; end < count && order[end].value == order[i].value; end++)
            continue;
        for (size_t k = i; k < end; k++)
            ranks[order[k].index] = (double)(i + 1 + end) / 2;
    }
}

double rank_correlation(struct arena *arena, const double *first, const double *second, size_t count, double confidence,
                        double interval[2])
{
    double *x = arena_array(arena, count + 1, sizeof *x), *y = arena_array(arena, count + 1, sizeof *y);
    double products = 0, squares[2] = {0}, n = (double)count, middle = (n + 1) / 2;

    interval[0] = interval[1] = NAN;
    ranks_find(arena, first, count, x);
    ranks_find(arena, second, count, y);
    for (size_t i = 0; i < count; i++) {
        products += (x[i] - middle) * (y[i] - middle);
        squares[0] += (x[i] - middle) * (x[i] - middle);
        squares[1] += (y[i] - middle) * (y[i] - middle);
    }
    if (!(squares[0] > 0 && squares[1] > 0))
        return NAN;
    double r = fmax(-1, fmin(1, products / sqrt(squares[0] * squares[1])));

    if (count > 3 && fabs(r) < 1) {
        double reach = normal_quantile((1 + confidence) / 2) * sqrt((1 + r * r / 2) / (n - 3));

        interval[0] = tanh(atanh(r) - reach);
        interval[1] = tanh(atanh(r) + reach);
    }
    return r;
}

#include "mathematics/variance_share.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "mathematics/linear.h"

static const double DETERMINED = 1e-10; /* the share of a variable's variance below which others determine it */

/* `levels[k]` is the lower triangle of the correlations that k eliminations leave. */
struct variance_share {
    size_t count;
    double **levels;
    double *with, *without; /* weights of a subset by its size */
    double *shares;         /* while walking */
    double all, explained;
    double *sums, *squares, *gains;
    uint32_t *order;
};

static size_t cell(size_t i, size_t j)
{
    return i * (i + 1) / 2 + j;
}

struct variance_share *variance_share_new(struct arena *arena, size_t count)
{
    struct variance_share *work = arena_alloc(arena, sizeof *work);
    size_t levels = count < VARIANCE_SHARE_EXACT_MAX ? count : VARIANCE_SHARE_EXACT_MAX;

    work->count = count;
    work->levels = arena_array(arena, levels + 2, sizeof *work->levels);
    for (size_t i = 0; i < levels + 2; i++)
        work->levels[i] = arena_array(arena, cell(count + 1, 0), sizeof **work->levels);
    work->with = arena_array(arena, count + 1, sizeof *work->with);
    work->without = arena_array(arena, count + 1, sizeof *work->without);
    work->shares = arena_array(arena, count + 1, sizeof *work->shares);
    work->sums = arena_array(arena, count + 1, sizeof *work->sums);
    work->squares = arena_array(arena, count + 1, sizeof *work->squares);
    work->gains = arena_array(arena, count + 1, sizeof *work->gains);
    work->order = arena_array(arena, count + 1, sizeof *work->order);
    return work;
}

/* Correlations of a covariance matrix; those of a variable without variance are 0, and so is its own. */
static void correlate(const double *covariance, size_t count, double *out)
{
    for (size_t i = 0; i <= count; i++)
        for (size_t j = 0; j <= i; j++) {
            double scale = covariance[i * (count + 2)] * covariance[j * (count + 2)];

            out[cell(i, j)] = !(scale > 0) ? 0 : i == j ? 1 : covariance[i * (count + 1) + j] / sqrt(scale);
        }
}

/* Takes variable `j` out of the variables behind it. */
static void eliminate(const double *from, size_t count, size_t j, double *out)
{
    double pivot = from[cell(j, j)];

    for (size_t row = j + 1; row <= count; row++) {
        double factor = pivot > DETERMINED ? from[cell(row, j)] / pivot : 0;

        for (size_t column = j + 1; column <= row; column++)
            out[cell(row, column)] = from[cell(row, column)] - factor * from[cell(column, j)];
    }
}

/*
 * Visits the subset of `size` variables whose correlations are at hand, and all that add variables from `start` on. Returns
 * the weighted sum of their R2; each variable's share gathers the sums of the subsets that hold it.
 */
static double walk(struct variance_share *work, size_t size, size_t start)
{
    const double *here = work->levels[size];
    size_t count = work->count;
    double explained = 1 - here[cell(count, count)], sum = work->with[size] * explained;

    work->all += work->without[size] * explained;
    if (size == count)
        work->explained = explained;
    for (size_t j = start; j < count; j++) {
        eliminate(here, count, j, work->levels[size + 1]);
        double below = walk(work, size + 1, j + 1);

        work->shares[j] += below;
        sum += below;
    }
    return sum;
}

/*
 * With w(s) = s! (p - 1 - s)! / p!, a share is the sum of w(s-1) R2 over the subsets with the variable less that of w(s) R2
 * over those without it: the sum of (w(s-1) + w(s)) R2 over those with it, less the sum of w(s) R2 over all.
 */
double variance_share_lmg(struct variance_share *work, const double *covariance, double *shares)
{
    size_t count = work->count;
    double weight = 1 / (double)count, before = 0;

    assert(count > 0 && count <= VARIANCE_SHARE_EXACT_MAX);
    correlate(covariance, count, work->levels[0]);
    memset(shares, 0, count * sizeof *shares);
    if (!(work->levels[0][cell(count, count)] > 0))
        return 0;
    memset(work->shares, 0, count * sizeof *work->shares);
    for (size_t size = 0; size <= count; size++) {
        work->without[size] = size < count ? weight : 0;
        work->with[size] = before + work->without[size];
        before = weight;
        weight = size + 1 < count ? weight * (double)(size + 1) / (double)(count - 1 - size) : 0;
    }
    work->all = work->explained = 0;
    walk(work, 0, 0);
    for (size_t j = 0; j < count; j++)
        shares[j] = fmax(0, work->shares[j] - work->all);
    return work->explained;
}

/* The gains in R2 as variables enter in the order at hand: the squares of the outcome's row of Cholesky's factor. */
static double enter(struct variance_share *work)
{
    const double *correlations = work->levels[0];
    double *factor = work->levels[1], explained = 0;
    size_t count = work->count;

    for (size_t i = 0; i <= count; i++) {
        size_t variable = i < count ? work->order[i] : count;
        double left = correlations[cell(variable, variable)];

        for (size_t j = 0; j < i; j++) {
            size_t other = work->order[j];
            double sum = correlations[variable > other ? cell(variable, other) : cell(other, variable)];

            for (size_t k = 0; k < j; k++)
                sum -= factor[cell(i, k)] * factor[cell(j, k)];
            factor[cell(i, j)] = factor[cell(j, j)] > 0 ? sum / factor[cell(j, j)] : 0;
            left -= factor[cell(i, j)] * factor[cell(i, j)];
        }
        factor[cell(i, i)] = left > DETERMINED ? sqrt(left) : 0;
    }
    for (size_t j = 0; j < count; j++) {
        double gain = factor[cell(count, j)] * factor[cell(count, j)];

        work->gains[work->order[j]] += gain / 2;
        explained += gain;
    }
    return explained;
}

static void turn_round(uint32_t *order, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t kept = order[i];

        order[i] = order[count - 1 - i];
        order[count - 1 - i] = kept;
    }
}

double variance_share_lmg_drawn(struct variance_share *work, const double *covariance, struct random *random,
                                size_t pairs, double *shares, double *errors)
{
    size_t count = work->count;
    double explained = 0, n = (double)pairs;

    assert(pairs > 1);
    correlate(covariance, count, work->levels[0]);
    memset(work->sums, 0, count * sizeof *work->sums);
    memset(work->squares, 0, count * sizeof *work->squares);
    for (size_t j = 0; j < count; j++)
        work->order[j] = (uint32_t)j;
    for (size_t i = 0; i < pairs; i++) {
        memset(work->gains, 0, count * sizeof *work->gains);
        random_shuffle(random, work->order, count);
        enter(work);
        turn_round(work->order, count);
        explained = enter(work);
        for (size_t j = 0; j < count; j++) {
            work->sums[j] += work->gains[j];
            work->squares[j] += work->gains[j] * work->gains[j];
        }
    }
    for (size_t j = 0; j < count; j++) {
        shares[j] = work->sums[j] / n;
        if (errors != NULL)
            errors[j] = sqrt(fmax(0, work->squares[j] / n - shares[j] * shares[j]) / (n - 1));
    }
    return explained;
}

/* R = V D V'; the orthogonal variables have loadings V D^1/2 V' and explain (V D^-1/2 V' r)^2 each. */
double variance_share_johnson(struct arena *arena, const double *covariance, size_t count, double *shares)
{
    double *triangle = arena_array(arena, cell(count + 1, 0), sizeof *triangle);
    double *matrix = arena_array(arena, count * count, sizeof *matrix), explained = 0;
    double *values = arena_array(arena, count, sizeof *values);
    double *vectors = arena_array(arena, count * count, sizeof *vectors);
    double *weights = arena_array(arena, count, sizeof *weights);

    correlate(covariance, count, triangle);
    memset(shares, 0, count * sizeof *shares);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++)
            matrix[i * count + j] = triangle[cell(i, j)];
    if (!symmetric_eigen(arena, matrix, count, values, vectors))
        return 0;
    for (size_t k = 0; k < count && values[k] > DETERMINED; k++) {
        double along = 0;

        for (size_t i = 0; i < count; i++)
            along += vectors[k * count + i] * triangle[cell(count, i)];
        for (size_t i = 0; i < count; i++)
            weights[i] += vectors[k * count + i] * along / sqrt(values[k]);
        explained += along * along / values[k];
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double loading = 0;

            for (size_t k = 0; k < count && values[k] > DETERMINED; k++)
                loading += vectors[k * count + i] * vectors[k * count + j] * sqrt(values[k]);
            shares[i] += loading * loading * weights[j] * weights[j];
        }
    return explained;
}

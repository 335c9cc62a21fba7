#include "mathematics/mixture.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "mathematics/linear.h"

enum { ROUNDS_MAX = 200, STARTS_OF_MEANS = 2, WIDTH_MAX = 32 };

static const double RISE_ENOUGH = 1e-5, RIDGE = 1e-3, LOG_2PI = 1.8378770664093453;

/* log of weight and density of component `k` at `point`. */
static double log_part(const struct mixture *mixture, size_t k, const double *point)
{
    size_t width = mixture->width;
    const double *factor = mixture->factors + k * width * width, *mean = mixture->means + k * width;
    double away[WIDTH_MAX], sum = 0;

    for (size_t i = 0; i < width; i++) {
        double left = point[i] - mean[i];

        for (size_t j = 0; j < i; j++)
            left -= factor[i * width + j] * away[j];
        away[i] = left / factor[i * width + i];
        sum += away[i] * away[i];
    }
    return mixture->logs[k] - sum / 2;
}

size_t mixture_place(const struct mixture *mixture, const double *point)
{
    size_t best = 0;
    double most = -INFINITY;

    for (size_t k = 0; k < mixture->count; k++) {
        double part = log_part(mixture, k, point);

        if (part > most) {
            most = part;
            best = k;
        }
    }
    return best;
}

/* ---- one run ---- */

struct run {
    const struct points *points;
    double *shares; /* of each point, by component */
    double *ridge;  /* by dimension */
    struct mixture *mixture;
};

/* Weights, means and covariances from the shares. A component that nothing is left of keeps what it had. */
static void maximise(const struct run *run)
{
    const struct points *points = run->points;
    struct mixture *mixture = run->mixture;
    size_t width = points->width;

    for (size_t k = 0; k < mixture->count; k++) {
        double *mean = mixture->means + k * width, *factor = mixture->factors + k * width * width, sum = 0;

        for (size_t i = 0; i < points->count; i++)
            sum += run->shares[i * mixture->count + k];
        mixture->weights[k] = sum / (double)points->count;
        if (sum < 1e-8) {
            mixture->logs[k] = -INFINITY;
            continue;
        }
        memset(mean, 0, width * sizeof *mean);
        memset(factor, 0, width * width * sizeof *factor);
        for (size_t i = 0; i < points->count; i++)
            for (size_t j = 0; j < width; j++)
                mean[j] += run->shares[i * mixture->count + k] / sum * points->rows[i * width + j];
        for (size_t i = 0; i < points->count; i++) {
            const double *row = points->rows + i * width;
            double share = run->shares[i * mixture->count + k] / sum;

            for (size_t j = 0; share > 0 && j < width; j++)
                for (size_t l = 0; l <= j; l++)
                    factor[j * width + l] += share * (row[j] - mean[j]) * (row[l] - mean[l]);
        }
        for (size_t j = 0; j < width; j++)
            factor[j * width + j] += run->ridge[j];
        bool positive = cholesky_factor(factor, width);

        mixture->logs[k] = positive ? log(mixture->weights[k]) - cholesky_log_determinant(factor, width) / 2 -
                                          (double)width * LOG_2PI / 2
                                    : -INFINITY;
    }
}

/* Shares from weights, means and covariances; returns the log-likelihood. */
static double expect(const struct run *run)
{
    const struct points *points = run->points;
    size_t count = run->mixture->count;
    double likelihood = 0;

    for (size_t i = 0; i < points->count; i++) {
        double *shares = run->shares + i * count, most = -INFINITY, sum = 0;

        for (size_t k = 0; k < count; k++) {
            shares[k] = isfinite(run->mixture->logs[k]) ? log_part(run->mixture, k, points->rows + i * points->width)
                                                        : -INFINITY;
            most = fmax(most, shares[k]);
        }
        for (size_t k = 0; k < count; k++)
            sum += exp(shares[k] - most);
        for (size_t k = 0; k < count; k++)
            shares[k] = exp(shares[k] - most) / sum;
        likelihood += most + log(sum);
    }
    return likelihood;
}

static void start(struct arena *arena, const struct run *run, struct random *random)
{
    struct clusters clusters;

    clusters_find(arena, run->points, run->mixture->count, STARTS_OF_MEANS, random, &clusters);
    run->mixture->count = clusters.count;
    memset(run->shares, 0, run->points->count * clusters.count * sizeof *run->shares);
    for (size_t i = 0; i < run->points->count; i++)
        run->shares[i * clusters.count + clusters.of[i]] = 1;
}

static struct mixture room(struct arena *arena, size_t count, size_t width)
{
    return (struct mixture){.count = count,
                            .width = width,
                            .weights = arena_array(arena, count, sizeof(double)),
                            .means = arena_array(arena, count * width, sizeof(double)),
                            .factors = arena_array(arena, count * width * width, sizeof(double)),
                            .logs = arena_array(arena, count, sizeof(double)),
                            .log_likelihood = -INFINITY};
}

static void find_ridge(const struct points *points, double *ridge)
{
    for (size_t j = 0; j < points->width; j++) {
        double mean = 0, squares = 0;

        for (size_t i = 0; i < points->count; i++)
            mean += points->rows[i * points->width + j] / (double)points->count;
        for (size_t i = 0; i < points->count; i++) {
            double miss = points->rows[i * points->width + j] - mean;

            squares += miss * miss / (double)points->count;
        }
        ridge[j] = fmax(RIDGE * squares, 1e-12);
    }
}

void mixture_find(struct arena *arena, const struct points *points, size_t count, int starts, struct random *random,
                  struct mixture *out)
{
    struct mixture best = room(arena, count, points->width), tried = room(arena, count, points->width);
    struct run run = {.points = points,
                      .shares = arena_array(arena, points->count * count, sizeof(double)),
                      .ridge = arena_array(arena, points->width, sizeof(double))};

    assert(count > 0);
    assert(points->count > 0);
    assert(points->width <= WIDTH_MAX);
    find_ridge(points, run.ridge);
    for (int i = 0; i < starts; i++) {
        double before = -INFINITY;

        tried.count = count;
        run.mixture = &tried;
        start(arena, &run, random);
        for (int round = 0; round < ROUNDS_MAX; round++) {
            maximise(&run);
            tried.log_likelihood = expect(&run);
            if (tried.log_likelihood - before <= RISE_ENOUGH * fabs(tried.log_likelihood))
                break;
            before = tried.log_likelihood;
        }
        if (i > 0 && tried.log_likelihood <= best.log_likelihood)
            continue;
        struct mixture other = best;

        best = tried;
        tried = other;
    }
    double width = (double)points->width, parameters = (double)best.count * (1 + width + width * (width + 1) / 2) - 1;

    best.bic = parameters * log((double)points->count) - 2 * best.log_likelihood;
    *out = best;
}

/* ---- as a way of grouping ---- */

static const void *learn(struct arena *arena, const struct points *points, size_t count, int starts,
                         struct random *random)
{
    struct mixture *mixture = arena_alloc(arena, sizeof *mixture);

    mixture_find(arena, points, count, starts, random, mixture);
    return mixture;
}

static size_t place(const void *model, size_t width, const double *point)
{
    (void)width;
    return mixture_place(model, point);
}

const struct grouper mixture_grouper = {.learn = learn, .place = place, .starts_of_halves = 1};

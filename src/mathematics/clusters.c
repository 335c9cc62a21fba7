#include "mathematics/clusters.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "mathematics/linear.h"

enum { ROUNDS_MAX = 100, STARTS_OF_HALVES = 3 };

static const double FALL_ENOUGH = 1e-7;

static double distance(const double *a, const double *b, size_t width)
{
    double sum = 0;

    for (size_t i = 0; i < width; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

size_t clusters_nearest(const struct clusters *clusters, size_t width, const double *point)
{
    double least = INFINITY;
    size_t best = 0;

    for (size_t i = 0; i < clusters->count; i++) {
        double here = distance(clusters->centres + i * width, point, width);

        if (here < least) {
            least = here;
            best = i;
        }
    }
    return best;
}

/* Each next centre is a point drawn by its squared distance to the nearest one so far. */
static void start(const struct points *points, double *nearest, struct random *random, struct clusters *out)
{
    size_t wanted = out->count, width = points->width;
    const double *next = points->rows + random_below(random, points->count) * width;

    for (size_t i = 0; i < points->count; i++)
        nearest[i] = INFINITY;
    for (out->count = 0; out->count < wanted;) {
        double sum = 0, until, passed = 0;

        memcpy(out->centres + out->count++ * width, next, width * sizeof *next);
        for (size_t i = 0; i < points->count; i++) {
            nearest[i] = fmin(nearest[i], distance(points->rows + i * width, next, width));
            sum += nearest[i];
        }
        if (sum <= 0)
            return;
        until = random_uniform(random) * sum;
        for (size_t i = 0; i < points->count; i++) {
            passed += nearest[i];
            if (nearest[i] > 0)
                next = points->rows + i * width;
            if (passed > until && nearest[i] > 0)
                break;
        }
    }
}

/* Points to the nearest centre; returns the sum of squares. */
static double assign(const struct points *points, struct clusters *out)
{
    double sum = 0;

    memset(out->sizes, 0, out->count * sizeof *out->sizes);
    for (size_t i = 0; i < points->count; i++) {
        const double *point = points->rows + i * points->width;
        size_t best = clusters_nearest(out, points->width, point);

        out->of[i] = (uint32_t)best;
        out->sizes[best]++;
        sum += distance(point, out->centres + best * points->width, points->width);
    }
    return sum;
}

/* Centres to the middle of their points; one that lost all of them stays. */
static void move(const struct points *points, struct clusters *out)
{
    size_t width = points->width;

    for (size_t i = 0; i < out->count; i++)
        if (out->sizes[i] > 0)
            memset(out->centres + i * width, 0, width * sizeof(double));
    for (size_t i = 0; i < points->count; i++)
        for (size_t j = 0; j < width; j++)
            out->centres[out->of[i] * width + j] += points->rows[i * width + j] / (double)out->sizes[out->of[i]];
}

static void drop_empty(size_t width, struct clusters *clusters)
{
    for (size_t i = 0; i < clusters->count;)
        if (clusters->sizes[i] > 0) {
            i++;
        } else {
            size_t after = clusters->count - i - 1;

            memmove(clusters->centres + i * width, clusters->centres + (i + 1) * width, after * width * sizeof(double));
            memmove(clusters->sizes + i, clusters->sizes + i + 1, after * sizeof *clusters->sizes);
            clusters->count--;
        }
}

static struct clusters room(struct arena *arena, const struct points *points, size_t count)
{
    return (struct clusters){.count = count,
                             .centres = arena_array(arena, count * points->width, sizeof(double)),
                             .of = arena_array(arena, points->count, sizeof(uint32_t)),
                             .sizes = arena_array(arena, count, sizeof(size_t))};
}

void clusters_find(struct arena *arena, const struct points *points, size_t count, int starts, struct random *random,
                   struct clusters *out)
{
    struct clusters best = {.within = INFINITY}, tried = room(arena, points, count), other = room(arena, points, count);
    double *nearest = arena_array(arena, points->count, sizeof *nearest);

    assert(count > 0);
    assert(points->count > 0);
    for (int i = 0; i < starts; i++) {
        tried.count = count;
        start(points, nearest, random, &tried);
        tried.within = assign(points, &tried);
        for (int round = 0; round < ROUNDS_MAX; round++) {
            double before = tried.within;

            move(points, &tried);
            tried.within = assign(points, &tried);
            if (before - tried.within <= FALL_ENOUGH * before)
                break;
        }
        drop_empty(points->width, &tried);
        if (tried.within >= best.within)
            continue;
        best = tried;
        tried = other;
        other = best;
    }
    best.within = assign(points, &best);
    *out = best;
}

static double pairs_of(double n)
{
    return n * (n - 1) / 2;
}

double clusters_agreement(struct arena *arena, const uint32_t *first, const uint32_t *second, size_t count)
{
    size_t rows = 0, columns = 0;
    double both = 0, of_rows = 0, of_columns = 0;

    for (size_t i = 0; i < count; i++) {
        rows = first[i] + 1 > rows ? first[i] + 1 : rows;
        columns = second[i] + 1 > columns ? second[i] + 1 : columns;
    }
    double *cells = arena_array(arena, rows * columns + 1, sizeof *cells);

    for (size_t i = 0; i < count; i++)
        cells[first[i] * columns + second[i]]++;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;

        for (size_t j = 0; j < columns; j++) {
            both += pairs_of(cells[i * columns + j]);
            sum += cells[i * columns + j];
        }
        of_rows += pairs_of(sum);
    }
    for (size_t j = 0; j < columns; j++) {
        double sum = 0;

        for (size_t i = 0; i < rows; i++)
            sum += cells[i * columns + j];
        of_columns += pairs_of(sum);
    }
    double chance = count > 1 ? of_rows * of_columns / pairs_of((double)count) : 0, most = (of_rows + of_columns) / 2;

    return most - chance > 0 ? (both - chance) / (most - chance) : 1;
}

static const void *learn(struct arena *arena, const struct points *points, size_t count, int starts,
                         struct random *random)
{
    struct clusters *clusters = arena_alloc(arena, sizeof *clusters);

    clusters_find(arena, points, count, starts, random, clusters);
    return clusters;
}

static size_t place(const void *model, size_t width, const double *point)
{
    return clusters_nearest(model, width, point);
}

const struct grouper means_grouper = {.learn = learn, .place = place, .starts_of_halves = STARTS_OF_HALVES};

double clusters_stability(struct arena *arena, const struct points *points, const struct grouper *grouper, size_t count,
                          int pairs, struct random *random)
{
    size_t half = points->count / 2, width = points->width;
    uint32_t *order = arena_array(arena, points->count, sizeof *order), *said[2];
    double *rows = arena_array(arena, half * width + 1, sizeof *rows), sum = 0;

    if (half == 0)
        return 0;
    for (int i = 0; i < 2; i++)
        said[i] = arena_array(arena, points->count, sizeof **said);
    for (size_t i = 0; i < points->count; i++)
        order[i] = (uint32_t)i;
    for (int pair = 0; pair < pairs; pair++) {
        random_shuffle(random, order, points->count);
        for (size_t side = 0; side < 2; side++) {
            for (size_t i = 0; i < half; i++)
                memcpy(rows + i * width, points->rows + order[side * half + i] * width, width * sizeof *rows);
            const void *model =
                grouper->learn(arena, &(struct points){rows, half, width}, count, grouper->starts_of_halves, random);

            for (size_t i = 0; i < points->count; i++)
                said[side][i] = (uint32_t)grouper->place(model, width, points->rows + i * width);
        }
        sum += clusters_agreement(arena, said[0], said[1], points->count) / pairs;
    }
    return sum;
}

double *clusters_even(struct arena *arena, const struct points *points, struct random *random)
{
    size_t count = points->count, width = points->width;
    double *means = arena_array(arena, width, sizeof *means), *even = arena_array(arena, count * width, sizeof *even);
    double *matrix = arena_array(arena, width * width, sizeof *matrix);
    double *values = arena_array(arena, width, sizeof *values), *axes = arena_array(arena, width * width, sizeof *axes);

    for (size_t i = 0; i < count * width; i++)
        means[i % width] += points->rows[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < width; j++)
            for (size_t k = 0; k <= j; k++)
                matrix[j * width + k] +=
                    (points->rows[i * width + j] - means[j]) * (points->rows[i * width + k] - means[k]) / (double)count;
    bool turned = symmetric_eigen(arena, matrix, width, values, axes);

    assert(turned);
    for (size_t axis = 0; axis < width; axis++) {
        double low = INFINITY, high = -INFINITY;

        for (size_t i = 0; i < count; i++) {
            double at = 0;

            for (size_t j = 0; j < width; j++)
                at += points->rows[i * width + j] * axes[axis * width + j];
            low = fmin(low, at);
            high = fmax(high, at);
        }
        for (size_t i = 0; i < count; i++) {
            double at = low + (high - low) * random_uniform(random);

            for (size_t j = 0; j < width; j++)
                even[i * width + j] += at * axes[axis * width + j];
        }
    }
    return even;
}

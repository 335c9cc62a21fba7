#include "mathematics/change_point.h"

#include <math.h>
#include <string.h>

#include "mathematics/random.h"

enum { PERMUTED_MAX = 20000 };

struct search {
    const struct change_series *series;
    const struct change_options *options;
    struct random random;
    double *values; /* rearranged */
    double *sums;   /* of each moment, about the mean of the piece */
    struct change_point *found;
    size_t found_count;
};

/* A piece of the series: moments `from` to before `to`. */
struct piece {
    size_t from, to;
    double count, mean, variance;
};

static void describe(const struct search *search, struct piece *piece)
{
    const struct change_series *series = search->series;
    size_t first = series->starts[piece->from], last = series->starts[piece->to];
    double squares = 0;

    piece->count = (double)(last - first);
    for (size_t i = first; i < last; i++)
        piece->mean += series->values[i] / piece->count;
    for (size_t i = first; i < last; i++)
        squares += (series->values[i] - piece->mean) * (series->values[i] - piece->mean);
    piece->variance = piece->count > 1 ? squares / (piece->count - 1) : 0;
}

/* The largest standardised square of a split, from the sums of moments; `at` (may be NULL) is where. */
static double largest_split(const struct search *search, const struct piece *piece, size_t *at)
{
    const size_t *starts = search->series->starts;
    double sum = 0, largest = 0, least = (double)search->options->minimum;

    for (size_t i = piece->from; i + 1 < piece->to; i++) {
        double before = (double)(starts[i + 1] - starts[piece->from]), after = piece->count - before;

        sum += search->sums[i];
        if (before < least || after < least)
            continue;
        double square = sum * sum * piece->count / (before * after);

        if (square > largest) {
            largest = square;
            if (at != NULL)
                *at = i + 1;
        }
    }
    return largest;
}

static void add_up(struct search *search, const struct piece *piece, const double *values)
{
    const size_t *starts = search->series->starts;

    for (size_t i = piece->from; i < piece->to; i++) {
        search->sums[i] = 0;
        for (size_t k = starts[i]; k < starts[i + 1]; k++)
            search->sums[i] += values[k] - piece->mean;
    }
}

/* Sums as they would come with no change: by another order of the values, or from the normal limit. */
static void draw_sums(struct search *search, const struct piece *piece)
{
    const size_t *starts = search->series->starts;
    size_t first = starts[piece->from], last = starts[piece->to];

    if (last - first <= PERMUTED_MAX) {
        for (size_t i = last - first; i > 1; i--) {
            size_t j = first + (size_t)random_below(&search->random, i);
            double kept = search->values[first + i - 1];

            search->values[first + i - 1] = search->values[j];
            search->values[j] = kept;
        }
        add_up(search, piece, search->values);
        return;
    }
    double whole = 0;

    for (size_t i = piece->from; i < piece->to; i++) {
        search->sums[i] = sqrt(piece->variance * (double)(starts[i + 1] - starts[i])) * random_normal(&search->random);
        whole += search->sums[i];
    }
    for (size_t i = piece->from; i < piece->to; i++)
        search->sums[i] -= whole * (double)(starts[i + 1] - starts[i]) / piece->count;
}

/* The share of draws that reach the split found; ends as soon as it cannot be below the level (Besag, Clifford 1991). */
static double p_value(struct search *search, const struct piece *piece, double reached)
{
    size_t draws = search->options->draws, exceeded = 0;
    double limit = search->options->level * (double)(draws + 1);
    const size_t *starts = search->series->starts;

    memcpy(&search->values[starts[piece->from]], &search->series->values[starts[piece->from]],
           (starts[piece->to] - starts[piece->from]) * sizeof *search->values);
    for (size_t i = 1; i <= draws; i++) {
        draw_sums(search, piece);
        exceeded += largest_split(search, piece, NULL) >= reached * (1 - 1e-12);
        if ((double)exceeded >= limit)
            return (double)exceeded / (double)i;
    }
    return (double)(exceeded + 1) / (double)(draws + 1);
}

static void search_piece(struct search *search, size_t from, size_t to)
{
    struct piece piece = {.from = from, .to = to};
    size_t at = from;

    describe(search, &piece);
    if (!(piece.variance > 0) || search->found_count >= CHANGE_POINTS_MAX)
        return;
    add_up(search, &piece, search->series->values);
    double reached = largest_split(search, &piece, &at);

    if (!(reached > 0))
        return;
    double p = p_value(search, &piece, reached);

    if (p > search->options->level)
        return;
    search_piece(search, from, at);
    if (search->found_count < CHANGE_POINTS_MAX)
        search->found[search->found_count++] = (struct change_point){at, p};
    search_piece(search, at, to);
}

size_t change_points_find(struct arena *arena, const struct change_series *series, const struct change_options *options,
                          struct change_point out[CHANGE_POINTS_MAX])
{
    size_t count = series->starts[series->moment_count];
    struct search search = {
        .series = series,
        .options = options,
        .values = arena_copy(arena, series->values, count * sizeof *series->values),
        .sums = arena_array(arena, series->moment_count + 1, sizeof(double)),
        .found = out,
    };

    random_start(&search.random, options->seed);
    if (series->moment_count > 1)
        search_piece(&search, 0, series->moment_count);
    return search.found_count;
}

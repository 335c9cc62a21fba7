#include "mathematics/ranking.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct ranked {
    double score;
    uint32_t at;
    bool in_class;
};

static int compare_scores(const void *a, const void *b)
{
    double left = ((const struct ranked *)a)->score, right = ((const struct ranked *)b)->score;

    return (left > right) - (left < right);
}

double ranking_area(struct arena *arena, const double *scores, const bool *in_class, size_t count, double *placements)
{
    struct ranked *ranked = arena_array(arena, count + 1, sizeof *ranked);
    double members = 0, others = 0, below = 0, passed = 0, sum = 0;

    for (size_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){scores[i], (uint32_t)i, in_class[i]};
        members += in_class[i];
    }
    others = (double)count - members;
    qsort(ranked, count, sizeof *ranked, compare_scores);
    for (size_t i = 0, end = 0; i < count; i = end) {
        double here = 0, size;

        for (end = i; end < count && ranked[end].score == ranked[i].score; end++)
            here += ranked[end].in_class;
        size = (double)(end - i) - here; /* others with this score */
        sum += here * (below + size / 2);
        for (size_t j = i; placements != NULL && j < end; j++)
            placements[ranked[j].at] =
                ranked[j].in_class ? (below + size / 2) / others : (members - passed - here / 2) / members;
        below += size;
        passed += here;
    }
    return members > 0 && others > 0 ? sum / (members * others) : NAN;
}

void ranking_compare(struct arena *arena, const double *first, const double *second, const bool *in_class, size_t count,
                     struct ranking_difference *out)
{
    double *one = arena_array(arena, count + 1, sizeof *one), *other = arena_array(arena, count + 1, sizeof *other);
    struct ranking_difference found = {.first = ranking_area(arena, first, in_class, count, one),
                                       .second = ranking_area(arena, second, in_class, count, other)};
    double sizes[2] = {0}, squares[2] = {0}, mean = found.first - found.second;

    for (size_t i = 0; i < count; i++) {
        double miss = one[i] - other[i] - mean;

        sizes[in_class[i]]++;
        squares[in_class[i]] += miss * miss;
    }
    found.error = sizes[0] > 1 && sizes[1] > 1
                      ? sqrt(squares[0] / (sizes[0] - 1) / sizes[0] + squares[1] / (sizes[1] - 1) / sizes[1])
                      : NAN;
    *out = found;
}

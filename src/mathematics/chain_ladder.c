#include "mathematics/chain_ladder.h"

#include <assert.h>
#include <math.h>

static double at(const struct chain_ladder_triangle *triangle, size_t origin, size_t age)
{
    return triangle->cumulative[origin * triangle->size + age];
}

/* How far the single factors of an age lie from the common one; -1 with fewer than two of them. */
static double variance_of(const struct chain_ladder_triangle *triangle, size_t age, double factor)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i + age + 1 < triangle->size; i++) {
        double before = at(triangle, i, age);
        if (before <= 0)
            continue;
        double deviation = at(triangle, i, age + 1) / before - factor;
        sum += before * deviation * deviation;
        count++;
    }
    return count < 2 ? -1 : sum / (double)(count - 1);
}

/* The last age has one origin only: Mack carries on what the variances before it do. */
static double carry_on(double before, double before_that)
{
    double ratio = before_that > 0 ? before * before / before_that : before;

    return fmin(ratio, fmin(before, before_that));
}

void chain_ladder_fit(const struct chain_ladder_triangle *triangle, struct chain_ladder *out)
{
    size_t size = triangle->size;

    assert(size >= 2);
    assert(size <= CHAIN_LADDER_SIZE_MAX);
    *out = (struct chain_ladder){.size = size};
    for (size_t k = 0; k + 1 < size; k++) {
        double before = 0, after = 0;
        for (size_t i = 0; i + k + 1 < size; i++) {
            before += at(triangle, i, k);
            after += at(triangle, i, k + 1);
        }
        out->sums[k] = before > 0 ? before : 0;
        out->factors[k] = before > 0 && after > 0 ? after / before : 1;
        out->variances[k] = variance_of(triangle, k, out->factors[k]);
        if (out->variances[k] < 0)
            out->variances[k] = k >= 2   ? carry_on(out->variances[k - 1], out->variances[k - 2])
                                : k == 1 ? out->variances[0]
                                         : 0;
    }
}

double chain_ladder_developed(const struct chain_ladder *ladder, size_t age)
{
    double product = 1;

    for (size_t k = age; k + 1 < ladder->size; k++)
        product *= ladder->factors[k];
    return product > 0 ? 1 / product : 1;
}

/* The ultimate figure of one origin, and its mean squared error: theorem 3 of the paper. */
static double project_one(const struct chain_ladder *ladder, struct chain_ladder_origin *origin)
{
    double figure = origin->latest, sum = 0;

    for (size_t k = origin->age; k + 1 < ladder->size; k++) {
        double relative = ladder->variances[k] / (ladder->factors[k] * ladder->factors[k]);
        if (ladder->sums[k] > 0 && figure > 0)
            sum += relative * (1 / figure + 1 / ladder->sums[k]);
        figure *= ladder->factors[k];
    }
    origin->ultimate = figure;
    origin->standard_error = figure * sqrt(sum);
    return figure * figure * sum;
}

/* All origins share the same factors, and so their error: the corollary of theorem 3. */
double chain_ladder_project(const struct chain_ladder *ladder, struct chain_ladder_origin *origins, size_t count)
{
    double error = 0, younger = 0;

    for (size_t i = count; i-- > 0;) {
        if (origins[i].latest <= 0) {
            origins[i].ultimate = origins[i].latest;
            origins[i].standard_error = 0;
            continue;
        }
        error += project_one(ladder, &origins[i]);
        double shared = 0;
        for (size_t k = origins[i].age; k + 1 < ladder->size; k++)
            if (ladder->sums[k] > 0)
                shared += 2 * ladder->variances[k] / (ladder->factors[k] * ladder->factors[k]) / ladder->sums[k];
        error += origins[i].ultimate * younger * shared;
        younger += origins[i].ultimate;
    }
    return sqrt(error);
}

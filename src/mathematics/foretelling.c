#include "mathematics/foretelling.h"

#include <math.h>
#include <stdlib.h>

static const double PROBABILITY_MIN = 1e-15;

struct place {
    double probability;
    uint8_t outcome;
    size_t row; /* ties stay in the order of the rows, so that the same data give the same groups */
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->probability != y->probability)
        return x->probability < y->probability ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static struct place *sorted(struct arena *arena, const struct foretelling *told)
{
    struct place *places = arena_array(arena, told->count, sizeof *places);

    for (size_t i = 0; i < told->count; i++)
        places[i] = (struct place){told->probabilities[i], told->outcome[i], i};
    qsort(places, told->count, sizeof *places, compare_places);
    return places;
}

/* Sums of the share of the other class that each row stands on the right side of: of ones [1] and of zeros [0]. */
struct standing_sums {
    double count[2], sum[2], squares[2];
};

static void add_standing(struct standing_sums *sums, int outcome, double share, double count)
{
    sums->sum[outcome] += count * share;
    sums->squares[outcome] += count * share * share;
}

struct measure foretelling_auc(struct arena *arena, const struct foretelling *told)
{
    const struct place *places = sorted(arena, told);
    struct standing_sums sums = {0};
    double below[2] = {0, 0};

    for (size_t i = 0; i < told->count; i++)
        sums.count[places[i].outcome]++;
    if (sums.count[0] == 0 || sums.count[1] == 0)
        return (struct measure){NAN, NAN};
    for (size_t i = 0, end; i < told->count; i = end) {
        double tied[2] = {0, 0};

        for (end = i; end < told->count && places[end].probability == places[i].probability; end++)
            tied[places[end].outcome]++;
        add_standing(&sums, 1, (below[0] + tied[0] / 2) / sums.count[0], tied[1]);
        add_standing(&sums, 0, 1 - (below[1] + tied[1] / 2) / sums.count[1], tied[0]);
        below[0] += tied[0];
        below[1] += tied[1];
    }
    double variance = 0, auc = sums.sum[1] / sums.count[1];

    for (int k = 0; k < 2; k++)
        if (sums.count[k] > 1)
            variance += fmax(0, sums.squares[k] / sums.count[k] - auc * auc) / (sums.count[k] - 1);
    return (struct measure){auc, sqrt(variance)};
}

/* ---- losses of single rows ---- */

static double log_loss(double probability, uint8_t outcome)
{
    return -log(fmax(PROBABILITY_MIN, outcome ? probability : 1 - probability));
}

static double square_loss(double probability, uint8_t outcome)
{
    return (probability - outcome) * (probability - outcome);
}

static struct measure mean_loss(const struct foretelling *told, double (*loss)(double, uint8_t))
{
    double sum = 0, squares = 0, count = (double)told->count;

    for (size_t i = 0; i < told->count; i++)
        sum += loss(told->probabilities[i], told->outcome[i]);
    for (size_t i = 0; i < told->count; i++)
        squares += pow(loss(told->probabilities[i], told->outcome[i]) - sum / count, 2);
    return (struct measure){sum / count, count > 1 ? sqrt(squares / (count - 1) / count) : NAN};
}

struct measure foretelling_log_loss(const struct foretelling *told)
{
    return mean_loss(told, log_loss);
}

struct measure foretelling_brier(const struct foretelling *told)
{
    return mean_loss(told, square_loss);
}

/* ---- groups ---- */

double foretelling_calibration_error(struct arena *arena, const struct foretelling *told, size_t bins,
                                     double *by_chance)
{
    const struct place *places = sorted(arena, told);
    double off = 0, chance = 0;

    for (size_t bin = 0; bin < bins; bin++) {
        size_t start = told->count * bin / bins, end = told->count * (bin + 1) / bins;
        double sum = 0, variance = 0;

        for (size_t i = start; i < end; i++) {
            sum += places[i].outcome - places[i].probability;
            variance += places[i].probability * (1 - places[i].probability);
        }
        off += fabs(sum);
        chance += sqrt(variance * M_2_PI); /* the mean of a normal number's size */
    }
    *by_chance = chance / (double)told->count;
    return off / (double)told->count;
}

double foretelling_caught(struct arena *arena, const struct foretelling *told, double share)
{
    const struct place *places = sorted(arena, told);
    size_t first = told->count - (size_t)llround(share * (double)told->count), all = 0, caught = 0;

    for (size_t i = 0; i < told->count; i++) {
        all += places[i].outcome;
        caught += i >= first ? places[i].outcome : 0;
    }
    return all > 0 ? (double)caught / (double)all : NAN;
}

#include "features/insight/profit.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/random.h"

void profit_summarise(const struct profit_member *members, size_t count, struct profit_summary *out)
{
    struct profit_summary summary = {.members = (double)count};

    for (size_t i = 0; i < count; i++) {
        const struct profit_member *member = &members[i];

        summary.all.purchases += member->purchases;
        summary.all.sales += member->sales;
        summary.all.goods += member->goods;
        summary.all.serving += member->serving;
        summary.all.profit += member->profit;
        summary.losing += member->profit < 0;
        summary.lost += fmax(0, -member->profit);
        summary.peak_share += member->profit > 0;
        summary.peak_profit += fmax(0, member->profit);
    }
    summary.peak_share /= fmax(1, summary.members);
    *out = summary;
}

struct ranked {
    double profit;
    uint32_t index;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->profit != right->profit)
        return left->profit > right->profit ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

void profit_rank(struct arena *arena, const struct profit_member *members, size_t count, uint32_t **out)
{
    struct ranked *ranked = arena_array(arena, count + 1, sizeof *ranked);
    uint32_t *order = arena_array(arena, count + 1, sizeof *order);

    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){members[i].profit, (uint32_t)i};
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < count; i++)
        order[i] = ranked[i].index;
    *out = order;
}

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* How often each member is drawn when as many are drawn again. */
static void draw_weights(struct random *random, size_t count, double *weights)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = 0;
    for (size_t i = 0; i < count; i++)
        weights[random_below(random, count)]++;
}

static double share_of_profit(const struct profit_member *members, const uint32_t *order, size_t count,
                              const double *weights, double share)
{
    double left = share * (double)count, best = 0, all = 0;

    for (size_t i = 0; i < count; i++) {
        double weight = weights[i], profit = members[order[i]].profit;

        all += weight * profit;
        best += fmax(0, fmin(weight, left)) * profit;
        left -= weight;
    }
    return all > 0 ? best / all : NAN;
}

void profit_best(struct arena *arena, const struct profit_member *members, size_t count, double share, uint64_t seed,
                 struct profit_part *out)
{
    double *weights = arena_array(arena, count + 1, sizeof *weights), drawn[PROFIT_SAMPLES];
    double left = share * (double)count, sales = 0, profit = 0;
    struct profit_part part = {.of_sales = NAN, .of_profit = NAN, .of_profit_low = NAN, .of_profit_high = NAN};
    struct random random;
    uint32_t *order;
    size_t known = 0;

    profit_rank(arena, members, count, &order);
    for (size_t i = 0; i < count; i++) {
        const struct profit_member *member = &members[order[i]];
        double weight = fmax(0, fmin(1, left));

        left--;
        part.members += weight;
        part.sales += weight * member->sales;
        part.serving += weight * member->serving;
        part.profit += weight * member->profit;
        sales += member->sales;
        profit += member->profit;
    }
    random_start(&random, seed);
    for (int i = 0; i < PROFIT_SAMPLES && profit > 0; i++) {
        draw_weights(&random, count, weights);
        double found = share_of_profit(members, order, count, weights, share);

        if (!isnan(found))
            drawn[known++] = found;
    }
    part.of_sales = sales > 0 ? part.sales / sales : NAN;
    if (profit > 0 && known > 0) {
        qsort(drawn, known, sizeof *drawn, compare_numbers);
        part.of_profit = part.profit / profit;
        part.of_profit_low = fmin(part.of_profit, drawn[(size_t)(0.05 * (double)known)]);
        part.of_profit_high = fmax(part.of_profit, drawn[(size_t)(0.95 * (double)known)]);
    }
    *out = part;
}

#include "features/insight/counts.h"

#include <math.h>
#include <stdlib.h>

enum { GROWTH_DAYS = 90, WON_BACK_DAYS = 90, AT_RISK = 2, LAPSED = 3, LOST = 5 };

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static int compare_purchases(const void *a, const void *b)
{
    const struct clv_purchase *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

static struct clv_purchase *sorted_copy(struct arena *arena, const struct clv_purchases *purchases)
{
    struct clv_purchase *sorted = arena_copy(arena, purchases->list, purchases->count * sizeof *sorted);

    qsort(sorted, purchases->count, sizeof *sorted, compare_purchases);
    return sorted;
}

/* ---- spreads ---- */

static double quantile(const double *sorted, size_t count, double share)
{
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;

    return below + 1 < count ? sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below])
                             : sorted[count - 1];
}

void spread_measure(double *values, size_t count, struct spread *out)
{
    double mean = 0, squares = 0, n = (double)count;

    if (count == 0) {
        *out = (struct spread){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
        return;
    }
    qsort(values, count, sizeof *values, compare_numbers);
    for (size_t i = 0; i < count; i++)
        mean += values[i] / n;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    *out = (struct spread){.count = n,
                           .mean = mean,
                           .deviation = count > 1 ? sqrt(squares / (n - 1)) : NAN,
                           .least = values[0],
                           .quarter = quantile(values, count, 0.25),
                           .median = quantile(values, count, 0.5),
                           .three_quarters = quantile(values, count, 0.75),
                           .nine_tenths = quantile(values, count, 0.9),
                           .most = values[count - 1]};
}

void counts_gaps(struct arena *arena, const struct clv_purchases *purchases, struct spread *all,
                 struct spread *by_customer)
{
    struct clv_purchase *sorted = sorted_copy(arena, purchases);
    double *gaps = arena_array(arena, purchases->count + 1, sizeof *gaps);
    double *means = arena_array(arena, purchases->customer_count + 1, sizeof *means);
    size_t gap_count = 0, mean_count = 0;

    for (size_t i = 0, end = 0; i < purchases->count; i = end) {
        size_t days = 1;

        for (end = i + 1; end < purchases->count && sorted[end].customer == sorted[i].customer; end++)
            if (sorted[end].day != sorted[end - 1].day) {
                gaps[gap_count++] = sorted[end].day - sorted[end - 1].day;
                days++;
            }
        if (days >= 3)
            means[mean_count++] = (sorted[end - 1].day - sorted[i].day) / (double)(days - 1);
    }
    spread_measure(gaps, gap_count, all);
    spread_measure(means, mean_count, by_customer);
}

/* ---- baskets ---- */

static double quantity_of(const struct basket_lines *lines, size_t line)
{
    return lines->quantities == NULL || isnan(lines->quantities[line]) ? 1 : lines->quantities[line];
}

struct day_line {
    uint32_t customer;
    int32_t day;
    double items, value;
};

static int compare_day_lines(const void *a, const void *b)
{
    const struct day_line *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

/* Baskets of customers and days; returns how many. */
static size_t gather_days(struct arena *arena, const struct basket_lines *lines, double *items, double *values)
{
    const struct clv_purchases *purchases = lines->purchases;
    struct day_line *sorted = arena_array(arena, purchases->count, sizeof *sorted);
    size_t count = 0;

    for (size_t i = 0; i < purchases->count; i++)
        sorted[i] = (struct day_line){purchases->list[i].customer, purchases->list[i].day, quantity_of(lines, i),
                                      purchases->list[i].amount};
    qsort(sorted, purchases->count, sizeof *sorted, compare_day_lines);
    for (size_t i = 0; i < purchases->count; i++) {
        if (i == 0 || compare_day_lines(&sorted[i], &sorted[i - 1]) != 0)
            items[count] = values[count] = 0, count++;
        items[count - 1] += sorted[i].items;
        values[count - 1] += sorted[i].value;
    }
    return count;
}

void counts_baskets(struct arena *arena, const struct basket_lines *lines, struct spread *items, struct spread *values)
{
    size_t room = lines->baskets == NULL ? lines->purchases->count : lines->basket_count, count = room;
    double *item_sums = arena_array(arena, room + 1, sizeof *item_sums);
    double *value_sums = arena_array(arena, room + 1, sizeof *value_sums);

    if (lines->baskets == NULL)
        count = gather_days(arena, lines, item_sums, value_sums);
    for (size_t i = 0; lines->baskets != NULL && i < lines->purchases->count; i++)
        if (lines->baskets[i] != UINT32_MAX) {
            item_sums[lines->baskets[i]] += quantity_of(lines, i);
            value_sums[lines->baskets[i]] += lines->purchases->list[i].amount;
        }
    spread_measure(item_sums, count, items);
    spread_measure(value_sums, count, values);
}

/* ---- the value pyramid ---- */

void counts_pyramid(struct arena *arena, const double *values, size_t count, struct pyramid_layer out[PYRAMID_LAYERS])
{
    static const double ends[PYRAMID_LAYERS] = {0.01, 0.05, 0.2, 1};
    double *sorted = arena_copy(arena, values, count * sizeof *sorted), sum = 0;
    size_t at = 0;

    qsort(sorted, count, sizeof *sorted, compare_numbers);
    for (size_t i = 0; i < count; i++)
        sum += sorted[i];
    for (int i = 0; i < PYRAMID_LAYERS; i++) {
        size_t end = i + 1 < PYRAMID_LAYERS ? (size_t)llround(ends[i] * (double)count) : count;
        struct pyramid_layer layer = {.from = i == 0 ? 0 : ends[i - 1], .to = ends[i]};

        for (; at < end; at++) {
            layer.customers++;
            layer.value += sorted[count - 1 - at];
        }
        layer.share = sum > 0 ? layer.value / sum : NAN;
        layer.mean = layer.customers > 0 ? layer.value / layer.customers : NAN;
        out[i] = layer;
    }
}

/* ---- lifecycle stages ---- */

/* A customer's purchases up to a day. */
struct life {
    int32_t first, last, won_back;
    bool came_back;
    size_t purchases, days;
    double recent, before; /* spend of the last 90 days, and of the 90 before */
};

static double usual_interval(const struct life *life, double median)
{
    return life->days < 3 ? median : (life->last - life->first) / (double)(life->days - 1);
}

static struct life follow(const struct clv_purchase *purchases, size_t count, int32_t today, double median)
{
    struct life life = {0};

    for (size_t i = 0; i < count && purchases[i].day <= today; i++) {
        const struct clv_purchase *purchase = &purchases[i];

        if (life.purchases == 0)
            life.first = life.last = purchase->day;
        if (purchase->day > life.last || life.purchases == 0) {
            double usual = life.purchases == 0 ? NAN : usual_interval(&life, median);

            if (usual > 0 && purchase->day - life.last >= LAPSED * usual) {
                life.won_back = purchase->day;
                life.came_back = true;
            }
            life.last = purchase->day;
            life.days++;
        }
        life.purchases++;
        life.recent += purchase->day > today - GROWTH_DAYS ? purchase->amount : 0;
        life.before +=
            purchase->day <= today - GROWTH_DAYS && purchase->day > today - 2 * GROWTH_DAYS ? purchase->amount : 0;
    }
    return life;
}

static enum stage stage_on(const struct clv_purchase *purchases, size_t count, int32_t today, double median)
{
    struct life life = follow(purchases, count, today, median);
    double usual = usual_interval(&life, median), silence = today - life.last;

    if (life.purchases == 0)
        return STAGE_NONE;
    if (usual > 0 && silence >= LOST * usual)
        return STAGE_LOST;
    if (usual > 0 && silence >= LAPSED * usual)
        return STAGE_LAPSED;
    if (usual > 0 && silence >= AT_RISK * usual)
        return STAGE_AT_RISK;
    if (life.came_back && today < life.won_back + WON_BACK_DAYS)
        return STAGE_WON_BACK;
    if (life.purchases < 3)
        return STAGE_NEW;
    return life.recent > life.before ? STAGE_GROWING : STAGE_LOYAL;
}

void counts_stages(struct arena *arena, const struct clv_purchases *purchases, int32_t from, int32_t to,
                   struct stage_changes *out)
{
    struct clv_purchase *sorted = sorted_copy(arena, purchases);
    struct stage_changes found = {0};
    struct spread gaps, usual;

    counts_gaps(arena, purchases, &gaps, &usual);
    found.usual = usual.median;
    for (size_t i = 0, end = 0; i < purchases->count; i = end) {
        for (end = i + 1; end < purchases->count && sorted[end].customer == sorted[i].customer; end++)
            ;
        enum stage before = stage_on(sorted + i, end - i, from, found.usual);
        enum stage after = stage_on(sorted + i, end - i, to, found.usual);

        found.from[before]++;
        found.to[after]++;
        found.changes[before][after]++;
    }
    *out = found;
}

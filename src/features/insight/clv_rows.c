#include "features/insight/clv_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_BITS = 12, TABLE_SIZE = 1 << TABLE_BITS, DIGITS = 1 << 16 };

static int compare_times(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static uint64_t bits_of(double time)
{
    uint64_t bits;

    memcpy(&bits, &time, sizeof bits);
    return bits;
}

static enum status check(const struct clv_customer *customers, size_t count, struct error *err)
{
    if (count == 0)
        return error_set(err, STATUS_INVALID, "clv.customers", "", "there are no customers to learn from");
    if (count > CLV_CUSTOMERS_MAX)
        return error_set(err, STATUS_LIMIT, "clv.memory", "", "%zu customers are more than %d", count,
                         CLV_CUSTOMERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct clv_customer *customer = &customers[i];

        if (!(customer->last >= 0 && customer->last <= customer->observed && isfinite(customer->observed)) ||
            (customer->repeats > 0) != (customer->last > 0) || customer->repeats > CLV_REPEATS_MAX)
            return error_set(err, STATUS_INVALID, "clv.times", "",
                             "customer %zu cannot have %u repeat purchases, the last after %g of %g weeks", i + 1,
                             customer->repeats, customer->last, customer->observed);
    }
    return STATUS_OK;
}

/* ---- times ---- */

/* Sorts by 16 bits at a time: times are not negative, so that their order is that of their bits. */
static double *sort_times(double *times, double *other, size_t count, size_t *places)
{
    if (count < DIGITS / 16) {
        qsort(times, count, sizeof *times, compare_times);
        return times;
    }
    for (int shift = 0; shift < 64; shift += 16) {
        memset(places, 0, DIGITS * sizeof *places);
        for (size_t i = 0; i < count; i++)
            places[bits_of(times[i]) >> shift & 0xFFFF]++;
        if (places[bits_of(times[0]) >> shift & 0xFFFF] == count)
            continue;
        for (size_t i = 0, sum = 0; i < DIGITS; i++) {
            size_t here = places[i];

            places[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            other[places[bits_of(times[i]) >> shift & 0xFFFF]++] = times[i];
        double *swap = times;

        times = other;
        other = swap;
    }
    return times;
}

/* Days make few distinct times: a small table of those seen lately leaves little to sort. `room` holds 4 x count. */
static void collect_times(struct arena *arena, const struct clv_customer *customers, size_t count, double *room,
                          size_t *places, struct clv_rows *out)
{
    double seen[TABLE_SIZE];
    size_t collected = 0, kept = 1;

    for (size_t i = 0; i < TABLE_SIZE; i++)
        seen[i] = -1;
    for (size_t i = 0; i < 2 * count; i++) {
        double time = (i % 2 == 0 ? customers[i / 2].last : customers[i / 2].observed) + 0.0; /* no -0 */
        size_t slot = (bits_of(time) * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - TABLE_BITS);

        if (seen[slot] != time)
            room[collected++] = seen[slot] = time;
    }
    double *times = sort_times(room, room + 2 * count, collected, places);

    for (size_t i = 1; i < collected; i++)
        if (times[i] > times[kept - 1])
            times[kept++] = times[i];
    out->times = arena_copy(arena, times, kept * sizeof *times);
    out->time_count = kept;
}

/* The times in DIGITS equal steps: those of a step are few, so that looking for one stays near. */
struct finder {
    const double *times;
    size_t count;
    double scale;  /* steps a unit of time */
    size_t *first; /* of each step: how many times lie in the steps before */
};

static size_t step_of(const struct finder *finder, double time)
{
    size_t step = (size_t)(time * finder->scale);

    return step < DIGITS ? step : DIGITS - 1;
}

static void finder_start(struct finder *finder, const struct clv_rows *rows, size_t *places)
{
    double last = rows->times[rows->time_count - 1];
    size_t step = 0;

    *finder = (struct finder){rows->times, rows->time_count, last > 0 ? (DIGITS - 1) / last : 0, places};
    if (!isfinite(finder->scale))
        finder->scale = 0;
    for (size_t i = 0; i < rows->time_count; i++)
        for (; step <= step_of(finder, rows->times[i]); step++)
            places[step] = i;
    for (; step < DIGITS; step++)
        places[step] = rows->time_count;
}

static uint32_t time_index(const struct finder *finder, double time)
{
    size_t step = step_of(finder, time), low = finder->first[step];
    size_t high = step + 1 < DIGITS ? finder->first[step + 1] : finder->count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (finder->times[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* ---- rows ---- */

/* A row before equal ones are gathered, with the customer it stands for. */
struct entry {
    uint64_t repeats_observed; /* repeats in the high half */
    uint32_t last, customer;
};

static unsigned digit_of(const struct entry *entry, int digit)
{
    return digit < 2 ? entry->last >> (16 * digit) & 0xFFFF
                     : (unsigned)(entry->repeats_observed >> (16 * (digit - 2))) & 0xFFFF;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    if (left->repeats_observed != right->repeats_observed)
        return left->repeats_observed < right->repeats_observed ? -1 : 1;
    return (left->last > right->last) - (left->last < right->last);
}

/* Sorts by last, then observed, then repeats, 16 bits at a time; a digit that all share costs one look. */
static struct entry *sort_entries(struct entry *entries, struct entry *other, size_t count, size_t *places)
{
    if (count < DIGITS / 16) {
        qsort(entries, count, sizeof *entries, compare_entries);
        return entries;
    }
    for (int digit = 0; digit < 6; digit++) {
        memset(places, 0, DIGITS * sizeof *places);
        for (size_t i = 0; i < count; i++)
            places[digit_of(&entries[i], digit)]++;
        if (places[digit_of(&entries[0], digit)] == count)
            continue;
        for (size_t i = 0, sum = 0; i < DIGITS; i++) {
            size_t here = places[i];

            places[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            other[places[digit_of(&entries[i], digit)]++] = entries[i];
        struct entry *swap = entries;

        entries = other;
        other = swap;
    }
    return entries;
}

/* Keeps one row of equal neighbours. */
static void gather(struct arena *arena, const struct entry *entries, size_t count, struct clv_rows *out)
{
    size_t rows = 1;

    for (size_t i = 1; i < count; i++)
        rows +=
            entries[i].repeats_observed != entries[i - 1].repeats_observed || entries[i].last != entries[i - 1].last;
    out->rows = arena_array(arena, rows, sizeof *out->rows);
    out->row_of = arena_array(arena, count, sizeof *out->row_of);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || entries[i].repeats_observed != entries[i - 1].repeats_observed ||
            entries[i].last != entries[i - 1].last)
            out->rows[out->row_count++] = (struct clv_row){.repeats = (uint32_t)(entries[i].repeats_observed >> 32),
                                                           .last = entries[i].last,
                                                           .observed = (uint32_t)entries[i].repeats_observed};
        out->rows[out->row_count - 1].count++;
        out->row_of[entries[i].customer] = (uint32_t)(out->row_count - 1);
    }
}

static void sum_up(struct arena *arena, struct clv_rows *out)
{
    size_t groups = 1;

    for (size_t i = 1; i < out->row_count; i++)
        groups += out->rows[i].repeats != out->rows[i - 1].repeats;
    out->groups = arena_array(arena, groups, sizeof *out->groups);
    out->observed_counts = arena_array(arena, out->time_count, sizeof *out->observed_counts);
    out->observed_repeats = arena_array(arena, out->time_count, sizeof *out->observed_repeats);
    for (size_t i = 0; i < out->row_count; i++) {
        const struct clv_row *row = &out->rows[i];

        if (i == 0 || row->repeats != out->rows[i - 1].repeats)
            out->groups[out->group_count++] = (struct clv_group){.repeats = row->repeats, .first = i};
        struct clv_group *group = &out->groups[out->group_count - 1];

        group->end = i + 1;
        group->count += row->count;
        out->observed_counts[row->observed] += row->count;
        out->observed_repeats[row->observed] += (double)row->count * row->repeats;
        out->customers += row->count;
        out->repeats += (double)row->count * row->repeats;
        out->observed += row->count * out->times[row->observed];
    }
}

enum status clv_rows_build(struct arena *arena, const struct clv_customer *customers, size_t count,
                           struct clv_rows *out, struct error *err)
{
    struct clv_rows rows = {0};
    struct finder finder;
    enum status status = check(customers, count, err);

    if (status != STATUS_OK)
        return status;
    /* Times first, then entries lie in the same memory: 32 bytes a customer, given back at the end. */
    struct entry *entries = malloc(2 * count * sizeof *entries);
    size_t *places = malloc(DIGITS * sizeof *places);

    if (entries == NULL || places == NULL) {
        status = error_set(err, STATUS_LIMIT, "clv.memory", "", "no memory for %zu customers", count);
        goto out;
    }
    collect_times(arena, customers, count, (double *)(void *)entries, places, &rows);
    finder_start(&finder, &rows, places);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){.repeats_observed = (uint64_t)customers[i].repeats << 32 |
                                                        time_index(&finder, customers[i].observed),
                                    .last = time_index(&finder, customers[i].last),
                                    .customer = (uint32_t)i};
    gather(arena, sort_entries(entries, entries + count, count, places), count, &rows);
    sum_up(arena, &rows);
    *out = rows;
out:
    free(entries);
    free(places);
    return status;
}

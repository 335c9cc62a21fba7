#include "features/insight/clv_rows.h"

#include <math.h>
#include <stdlib.h>

/* A row before equal ones are gathered, with the customer it stands for. */
struct entry {
    struct clv_row row;
    uint32_t customer;
};

static int compare_times(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static int compare_rows(const struct clv_row *a, const struct clv_row *b)
{
    if (a->repeats != b->repeats)
        return a->repeats < b->repeats ? -1 : 1;
    if (a->observed != b->observed)
        return a->observed < b->observed ? -1 : 1;
    return (a->last > b->last) - (a->last < b->last);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_rows(&left->row, &right->row);

    return order != 0 ? order : (left->customer > right->customer) - (left->customer < right->customer);
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

static void collect_times(struct arena *arena, const struct clv_customer *customers, size_t count, struct clv_rows *out)
{
    double *times = arena_array(arena, 2 * count, sizeof *times);

    for (size_t i = 0; i < count; i++) {
        times[2 * i] = customers[i].last;
        times[2 * i + 1] = customers[i].observed;
    }
    qsort(times, 2 * count, sizeof *times, compare_times);
    size_t kept = 1;

    for (size_t i = 1; i < 2 * count; i++)
        if (times[i] > times[kept - 1])
            times[kept++] = times[i];
    out->times = times;
    out->time_count = kept;
}

static uint32_t time_index(const struct clv_rows *rows, double time)
{
    size_t low = 0, high = rows->time_count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (rows->times[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* Sorts the entries so that equal ones are neighbours, then keeps one row of each kind. */
static void gather(struct arena *arena, struct entry *entries, size_t count, struct clv_rows *out)
{
    out->rows = arena_array(arena, count, sizeof *out->rows);
    out->row_of = arena_array(arena, count, sizeof *out->row_of);
    for (size_t i = 0; i < count; i++) {
        struct clv_row *last = out->row_count == 0 ? NULL : &out->rows[out->row_count - 1];

        if (last != NULL && compare_rows(last, &entries[i].row) == 0)
            last->count++;
        else
            out->rows[out->row_count++] = entries[i].row;
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
    enum status status = check(customers, count, err);

    if (status != STATUS_OK)
        return status;
    struct entry *entries = malloc(count * sizeof *entries);

    if (entries == NULL)
        return error_set(err, STATUS_LIMIT, "clv.memory", "", "no memory for %zu customers", count);
    collect_times(arena, customers, count, &rows);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){.row = {.repeats = customers[i].repeats,
                                            .last = time_index(&rows, customers[i].last),
                                            .observed = time_index(&rows, customers[i].observed),
                                            .count = 1},
                                    .customer = (uint32_t)i};
    qsort(entries, count, sizeof *entries, compare_entries);
    gather(arena, entries, count, &rows);
    free(entries);
    sum_up(arena, &rows);
    *out = rows;
    return STATUS_OK;
}

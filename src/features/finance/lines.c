#include "features/finance/lines.h"

#include <stdlib.h>

#include "foundation/checked.h"

/* The sums of one wallet and entity. */
struct pair {
    struct text wallet, entity;
    struct finance_line *lines; /* one a month of the range */
    int64_t before;             /* of the months before it */
};

struct pairs {
    struct arena *arena;
    struct finance_range range;
    struct pair *items;
    size_t count, capacity;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *first = a, *second = b;
    int order = text_compare(first->wallet, second->wallet);

    return order != 0 ? order : text_compare(first->entity, second->entity);
}

static size_t month_count(const struct finance_range *range)
{
    return range->to >= range->from ? (size_t)(range->to - range->from) + 1 : 0;
}

static struct pair *pair_of(struct pairs *pairs, const struct finance_sum *sum)
{
    for (size_t i = pairs->count; i-- > 0;)
        if (text_equal(pairs->items[i].wallet, sum->wallet) && text_equal(pairs->items[i].entity, sum->entity))
            return &pairs->items[i];
    pairs->items = arena_grow(pairs->arena, pairs->items, &pairs->capacity, pairs->count + 1, sizeof *pairs->items);
    struct pair *pair = &pairs->items[pairs->count++];
    size_t months = month_count(&pairs->range);
    *pair = (struct pair){.wallet = sum->wallet, .entity = sum->entity};
    pair->lines = arena_array(pairs->arena, months + 1, sizeof *pair->lines);
    for (size_t i = 0; i < months; i++)
        pair->lines[i] = (struct finance_line){
            .month = pairs->range.from + (int32_t)i, .wallet = sum->wallet, .entity = sum->entity};
    return pair;
}

static void add_late(struct arena *arena, struct finance_line *line, const struct finance_sum *sum)
{
    size_t at = 0;

    while (at < line->late_count && line->late[at].month < sum->other_month)
        at++;
    if (at == line->late_count || line->late[at].month != sum->other_month) {
        line->late = arena_grow(arena, line->late, &line->late_capacity, line->late_count + 1, sizeof *line->late);
        for (size_t i = line->late_count++; i > at; i--)
            line->late[i] = line->late[i - 1];
        line->late[at] = (struct finance_late){.month = sum->other_month};
    }
    line->late[at].points += sum->amount;
}

static enum status overflow(struct error *err)
{
    return error_set(err, STATUS_LIMIT, "points.range", "", "the sum of the points would be out of range");
}

static enum status add_sum(struct pairs *pairs, const struct finance_sum *sum, struct error *err)
{
    struct pair *pair = pair_of(pairs, sum);

    if (sum->month < pairs->range.from)
        return checked_add(pair->before, sum->amount, &pair->before) ? STATUS_OK : overflow(err);
    struct finance_line *line = &pair->lines[sum->month - pairs->range.from];
    if (!checked_add(line->entries[sum->entry], sum->amount, &line->entries[sum->entry]))
        return overflow(err);
    if (sum->other_month != 0)
        add_late(pairs->arena, line, sum);
    return STATUS_OK;
}

/* Carries the balance through the months of the pair. */
static enum status carry(struct pair *pair, size_t months, struct error *err)
{
    int64_t balance = pair->before;

    for (size_t i = 0; i < months; i++) {
        pair->lines[i].opening = balance;
        for (int entry = 1; entry < FINANCE_ENTRY_COUNT; entry++)
            if (!checked_add(balance, pair->lines[i].entries[entry], &balance))
                return overflow(err);
        pair->lines[i].closing = balance;
    }
    return STATUS_OK;
}

enum status finance_lines_build(struct arena *arena, const struct finance_sums *sums, const struct finance_range *range,
                                struct finance_line **out, size_t *count, struct error *err)
{
    struct pairs pairs = {.arena = arena, .range = *range};
    size_t months = month_count(range), used = 0;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sums->count && status == STATUS_OK; i++) {
        if (sums->items[i].kind != SUM_MONTH || sums->items[i].month > range->to)
            continue;
        status = add_sum(&pairs, &sums->items[i], err);
        if (pairs.count * months > FINANCE_LINES_MAX)
            return error_set(err, STATUS_LIMIT, "finance.lines", "from", "the months asked for have more than %d lines",
                             FINANCE_LINES_MAX);
    }
    struct finance_line *lines = arena_array(arena, pairs.count * months + 1, sizeof *lines);
    if (pairs.count > 1)
        qsort(pairs.items, pairs.count, sizeof *pairs.items, compare_pairs);
    for (size_t i = 0; i < pairs.count && status == STATUS_OK; i++) {
        status = carry(&pairs.items[i], months, err);
        for (size_t m = 0; m < months; m++)
            lines[used++] = pairs.items[i].lines[m];
    }
    *out = lines;
    *count = used;
    return status;
}

int32_t finance_first_month(const struct finance_sums *sums)
{
    int32_t first = 0;

    for (size_t i = 0; i < sums->count; i++)
        if (sums->items[i].kind == SUM_MONTH && (first == 0 || sums->items[i].month < first))
            first = sums->items[i].month;
    return first;
}

/* ---- between entities ---- */

static int compare_balances(const void *a, const void *b)
{
    const struct finance_balance *first = a, *second = b;

    if (first->month != second->month)
        return first->month < second->month ? -1 : 1;
    int order = text_compare(first->debtor, second->debtor);
    return order != 0 ? order : text_compare(first->creditor, second->creditor);
}

/* The issuer owes; of each pair the entity that comes first in the alphabet is the debtor until the end. */
static void net_one(struct finance_balance *balances, size_t *count, const struct finance_settlement *settlement)
{
    bool turned = text_compare(settlement->issuer, settlement->redeemer) > 0;
    struct finance_balance wanted = {.month = settlement->month,
                                     .debtor = turned ? settlement->redeemer : settlement->issuer,
                                     .creditor = turned ? settlement->issuer : settlement->redeemer};
    size_t at = 0;

    while (at < *count && compare_balances(&balances[at], &wanted) != 0)
        at++;
    if (at == *count)
        balances[(*count)++] = wanted;
    balances[at].minor += turned ? -settlement->minor : settlement->minor;
}

struct finance_balance *finance_net(struct arena *arena, const struct finance_settlement *settlements, size_t count,
                                    size_t *out_count)
{
    struct finance_balance *balances = arena_array(arena, count + 1, sizeof *balances);
    size_t pairs = 0, used = 0;

    for (size_t i = 0; i < count; i++)
        net_one(balances, &pairs, &settlements[i]);
    for (size_t i = 0; i < pairs; i++) {
        struct finance_balance balance = balances[i];
        if (balance.minor == 0)
            continue;
        if (balance.minor < 0)
            balance = (struct finance_balance){balance.month, balance.creditor, balance.debtor, -balance.minor};
        balances[used++] = balance;
    }
    if (used > 1)
        qsort(balances, used, sizeof *balances, compare_balances);
    *out_count = used;
    return balances;
}

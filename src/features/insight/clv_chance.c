#include <stdlib.h>
#include <string.h>

#include "features/insight/clv_discrete.h"
#include "foundation/instant.h"

static const char *const step_names[CLV_STEPS] = {"week", "month", "quarter", "year"};

bool clv_step_from(const char *name, enum clv_step *out)
{
    for (int i = 0; i < CLV_STEPS; i++)
        if (strcmp(name, step_names[i]) == 0) {
            *out = (enum clv_step)i;
            return true;
        }
    return false;
}

/* Neighbouring periods differ by 1. */
static int32_t number_of(enum clv_step step, int32_t day)
{
    struct date date = date_from_day(day);

    switch (step) {
    case CLV_WEEK:
        return (day - day_of_week(day) + 7 * 100000) / 7;
    case CLV_MONTH:
        return date.year * 12 + date.month - 1;
    case CLV_QUARTER:
        return date.year * 4 + (date.month - 1) / 3;
    case CLV_YEAR:
    case CLV_STEPS:
        break;
    }
    return date.year;
}

struct use { /* of a period by a customer */
    uint32_t customer;
    int32_t period;
};

static int compare_uses(const void *a, const void *b)
{
    const struct use *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->period > right->period) - (left->period < right->period);
}

struct entry {
    struct clv_chance chance;
    uint32_t customer;
};

static int compare_entries(const void *a, const void *b)
{
    const struct clv_chance *left = &((const struct entry *)a)->chance, *right = &((const struct entry *)b)->chance;

    if (left->opportunities != right->opportunities)
        return left->opportunities < right->opportunities ? -1 : 1;
    if (left->last != right->last)
        return left->last < right->last ? -1 : 1;
    return (left->repeats > right->repeats) - (left->repeats < right->repeats);
}

/* One entry a customer. */
static size_t sum_up(const struct use *uses, size_t count, int32_t last, struct entry *out)
{
    size_t entries = 0;

    for (size_t i = 0, end = 0; i < count; i = end) {
        struct clv_chance chance = {.opportunities = (uint32_t)(last - uses[i].period), .count = 1};

        for (end = i + 1; end < count && uses[end].customer == uses[i].customer; end++) {
            chance.repeats += uses[end].period != uses[end - 1].period;
            chance.last = (uint32_t)(uses[end].period - uses[i].period);
        }
        out[entries++] = (struct entry){chance, uses[i].customer};
    }
    return entries;
}

enum status clv_chances_build(struct arena *arena, const struct clv_purchases *purchases, enum clv_step step,
                              int32_t last_day, struct clv_chances *out, struct error *err)
{
    struct use *uses = arena_array(arena, purchases->count + 1, sizeof *uses);
    struct entry *entries = arena_array(arena, purchases->customer_count + 1, sizeof *entries);
    struct clv_chances found = {0};
    size_t count = 0;

    for (size_t i = 0; i < purchases->count; i++)
        if (purchases->list[i].day <= last_day)
            uses[count++] = (struct use){purchases->list[i].customer, number_of(step, purchases->list[i].day)};
    qsort(uses, count, sizeof *uses, compare_uses);
    count = sum_up(uses, count, number_of(step, last_day), entries);
    qsort(entries, count, sizeof *entries, compare_entries);
    if (count > 0 && entries[count - 1].chance.opportunities > CLV_OPPORTUNITIES_MAX)
        return error_set(err, STATUS_LIMIT, "clv.periods", "period", "%u periods are more than %d: take a longer one",
                         entries[count - 1].chance.opportunities, CLV_OPPORTUNITIES_MAX);
    found.list = arena_array(arena, count + 1, sizeof *found.list);
    found.chance_of = arena_array(arena, purchases->customer_count, sizeof *found.chance_of);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_entries(&entries[i], &entries[i - 1]) != 0)
            found.list[found.count++] = (struct clv_chance){entries[i].chance.repeats, entries[i].chance.last,
                                                            entries[i].chance.opportunities, 0};
        found.list[found.count - 1].count++;
        found.chance_of[entries[i].customer] = (uint32_t)(found.count - 1);
    }
    *out = found;
    return STATUS_OK;
}

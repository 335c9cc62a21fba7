/* Whose debts a payment pays: those of the member in the order in which they arose. */
#include "features/finance/reading_store.h"

struct debts {
    struct finance_debt *items; /* open ones from `first` on */
    size_t first, count, capacity;
};

static void owe(struct arena *arena, struct debts *debts, struct finance_debt debt)
{
    debts->items = arena_grow(arena, debts->items, &debts->capacity, debts->count + 1, sizeof *debts->items);
    debts->items[debts->count++] = debt;
}

/* Takes up to `amount` of the oldest debt that is open; entity -1: there is none. */
static struct finance_debt pay(struct debts *debts, int64_t amount)
{
    if (debts->first == debts->count)
        return (struct finance_debt){-1, amount};
    struct finance_debt *oldest = &debts->items[debts->first];
    struct finance_debt paid = {oldest->entity, oldest->amount < amount ? oldest->amount : amount};

    oldest->amount -= paid.amount;
    debts->first += oldest->amount == 0;
    return paid;
}

enum status finance_debts_paid(struct finance_reading *reading, const struct finance_raw *raw,
                               struct finance_debt **out, size_t *count, struct error *err)
{
    struct finance_reading before;
    struct debts debts = {.first = 0}, paid = {.first = 0};
    enum status status = finance_reading_debts(reading, raw, &before, err);

    *count = 0;
    if (status != STATUS_OK)
        return status;
    int *entities = arena_array(reading->page, before.count + 1, sizeof *entities);
    status = finance_reading_issuers(&before, entities, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < before.count; i++) {
        int64_t left = before.rows[i].amount;
        if (before.rows[i].debit == ACCOUNT_DEBT)
            owe(reading->page, &debts, (struct finance_debt){entities[i], left});
        else
            while (left > 0)
                left -= pay(&debts, left).amount;
    }
    for (int64_t left = raw->amount; left > 0;) {
        struct finance_debt part = pay(&debts, left);
        owe(reading->page, &paid, part);
        left -= part.amount;
    }
    *out = paid.items;
    *count = paid.count;
    return STATUS_OK;
}

#include "features/finance/fold.h"

#include <stdlib.h>

#include "features/finance/partner_place.h"
#include "foundation/checked.h"
#include "foundation/map.h"

enum { EXPECTED_SUMS = 1024, EXPECTED_NAMES = 64 };

const char *const finance_money_names[MONEY_COUNT] = {
    [0] = "", [MONEY_DUE] = "due", [MONEY_WAIVED] = "waived", [MONEY_PAID] = "paid"};

/* The key of a sum, without holes, as the map has it. */
struct key {
    int32_t kind, month, wallet, entity, counterparty, other_month, entry;
};

struct finance_fold {
    struct arena *arena;
    struct map *names, *sums;
    struct text *texts;
    size_t text_count, text_capacity;
};

struct name {
    int number;
};

struct finance_fold *finance_fold_new(struct arena *arena)
{
    struct finance_fold *fold = arena_alloc(arena, sizeof *fold);

    fold->arena = arena;
    fold->names = map_new(arena, EXPECTED_NAMES);
    fold->sums = map_new(arena, EXPECTED_SUMS);
    (void)finance_fold_name(fold, TEXT(""));
    return fold;
}

int finance_fold_name(struct finance_fold *fold, struct text text)
{
    struct name *name = map_get(fold->names, text);

    if (name != NULL)
        return name->number;
    name = arena_alloc(fold->arena, sizeof *name);
    name->number = (int)fold->text_count;
    fold->texts = arena_grow(fold->arena, fold->texts, &fold->text_capacity, fold->text_count + 1, sizeof *fold->texts);
    fold->texts[fold->text_count] = text_copy(fold->arena, text);
    map_put(fold->names, fold->texts[fold->text_count++], name);
    return name->number;
}

struct text finance_fold_text(const struct finance_fold *fold, int name)
{
    return fold->texts[name];
}

static struct finance_sum *sum_at(struct finance_fold *fold, const struct key *key)
{
    struct text bytes = {(const char *)key, sizeof *key};
    struct finance_sum *sum = map_get(fold->sums, bytes);

    if (sum != NULL)
        return sum;
    sum = arena_alloc(fold->arena, sizeof *sum);
    *sum = (struct finance_sum){.kind = (enum finance_kind)key->kind,
                                .month = key->month,
                                .wallet = fold->texts[key->wallet],
                                .entity = fold->texts[key->entity],
                                .counterparty = fold->texts[key->counterparty],
                                .other_month = key->other_month,
                                .entry = (enum finance_entry)key->entry};
    map_put(fold->sums, text_copy(fold->arena, bytes), sum);
    return sum;
}

static bool add(struct finance_fold *fold, struct key key, int64_t amount)
{
    struct finance_sum *sum = sum_at(fold, &key);

    return checked_add(sum->amount, amount, &sum->amount);
}

static bool is_partner(const struct finance_fold *fold, int entity)
{
    return partner_place_is(fold->texts[entity]);
}

/* What a partner's statement is made of. */
static bool add_partner(struct finance_fold *fold, struct key key, int partner, int64_t amount)
{
    bool counts = key.entry == FINANCE_ISSUED || key.entry == FINANCE_CLAWED_BACK || key.entry == FINANCE_WRITTEN_OFF ||
                  key.entry == FINANCE_REDEEMED;

    key.kind = SUM_PARTNER;
    key.entity = partner;
    return !counts || !is_partner(fold, partner) || add(fold, key, amount);
}

/* Goods of another entity for what was issued here; and money on a gift card of another, which is its seller's. */
static bool settles(const struct finance_fold *fold, const struct finance_movement *movement, enum finance_entry entry)
{
    return entry == FINANCE_REDEEMED ||
           (entry == FINANCE_PAID_IN && text_equals(fold->texts[movement->wallet], FINANCE_GIFT_CARDS));
}

/* What one account of the movement, when it is not a member's, does to the sums: `amount` is what the balance gains. */
static bool add_side(struct finance_fold *fold, const struct finance_movement *movement, enum account account,
                     int64_t amount)
{
    enum finance_entry entry = finance_entry_of(account);
    struct key key = {.kind = SUM_MONTH,
                      .month = movement->month,
                      .wallet = movement->wallet,
                      .entity = movement->issuer,
                      .other_month = movement->late_for,
                      .entry = (int32_t)entry};

    if (entry == 0)
        return true;
    bool fits = add(fold, key, amount) && add_partner(fold, key, movement->redeemer, amount);
    if (movement->vintage == 0)
        return fits;
    key.kind = SUM_VINTAGE;
    key.other_month = movement->vintage;
    fits = fits && add(fold, key, amount);
    if (!settles(fold, movement, entry) || movement->redeemer == movement->issuer ||
        is_partner(fold, movement->issuer) || is_partner(fold, movement->redeemer))
        return fits;
    key.kind = SUM_SETTLEMENT;
    key.counterparty = movement->redeemer;
    key.other_month = 0;
    return fits && add(fold, key, -amount);
}

/* The points go from the entity that issued them to the one whose debt they pay, and so it is owed their value. */
static bool add_payment(struct finance_fold *fold, const struct finance_movement *movement)
{
    struct key key = {.kind = SUM_MONTH,
                      .month = movement->month,
                      .wallet = movement->wallet,
                      .entity = movement->issuer,
                      .other_month = movement->late_for,
                      .entry = FINANCE_TRANSFERRED};

    if (movement->vintage != 0) {
        struct key vintage = key;
        vintage.kind = SUM_VINTAGE;
        vintage.other_month = movement->vintage;
        if (!add(fold, vintage, -movement->amount))
            return false;
    }
    if (movement->debtor == movement->issuer)
        return true;
    if (!add(fold, key, -movement->amount))
        return false;
    key.entity = movement->debtor;
    if (!add(fold, key, movement->amount))
        return false;
    if (is_partner(fold, movement->issuer) || is_partner(fold, movement->debtor))
        return true;
    key = (struct key){.kind = SUM_SETTLEMENT,
                       .month = movement->month,
                       .wallet = movement->wallet,
                       .entity = movement->issuer,
                       .counterparty = movement->debtor,
                       .entry = FINANCE_REDEEMED};
    return add(fold, key, movement->amount);
}

bool finance_fold_add(struct finance_fold *fold, const struct finance_movement *movement)
{
    return add_side(fold, movement, movement->debit, movement->amount) &&
           add_side(fold, movement, movement->credit, -movement->amount) &&
           (movement->credit != ACCOUNT_DEBT || add_payment(fold, movement));
}

static struct key key_of(struct finance_fold *fold, const struct finance_sum *sum)
{
    return (struct key){.kind = (int32_t)sum->kind,
                        .month = sum->month,
                        .wallet = finance_fold_name(fold, sum->wallet),
                        .entity = finance_fold_name(fold, sum->entity),
                        .counterparty = finance_fold_name(fold, sum->counterparty),
                        .other_month = sum->other_month,
                        .entry = (int32_t)sum->entry};
}

bool finance_fold_add_sum(struct finance_fold *fold, const struct finance_sum *sum)
{
    return add(fold, key_of(fold, sum), sum->amount);
}

const struct finance_sum *finance_fold_find(struct finance_fold *fold, const struct finance_sum *wanted)
{
    struct key key = key_of(fold, wanted);

    return map_get(fold->sums, (struct text){(const char *)&key, sizeof key});
}

size_t finance_fold_count(const struct finance_fold *fold)
{
    return map_count(fold->sums);
}

const struct finance_sum *finance_fold_at(const struct finance_fold *fold, size_t index)
{
    return map_value_at(fold->sums, index);
}

int finance_sum_compare(const struct finance_sum *a, const struct finance_sum *b)
{
    const int64_t numbers[][2] = {{a->kind, b->kind}, {a->month, b->month}};
    const struct text texts[][2] = {{a->wallet, b->wallet}, {a->entity, b->entity}, {a->counterparty, b->counterparty}};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i][0] != numbers[i][1])
            return numbers[i][0] < numbers[i][1] ? -1 : 1;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int order = text_compare(texts[i][0], texts[i][1]);
        if (order != 0)
            return order;
    }
    if (a->other_month != b->other_month)
        return a->other_month < b->other_month ? -1 : 1;
    return (int)a->entry - (int)b->entry;
}

static int compare(const void *a, const void *b)
{
    return finance_sum_compare(a, b);
}

void finance_sums_sort(struct finance_sum *sums, size_t count)
{
    if (count > 1)
        qsort(sums, count, sizeof *sums, compare);
}

/* fake_policy.c: a programme of two tiers, five identifiers of a kind and UTC, for the tests of customers. */
#include "features/customers/policy.h"

#include <assert.h>
#include <stdlib.h>

static struct arena *arena;

__attribute__((destructor)) static void forget_zone(void)
{
    arena_free(arena);
}

static const struct zone *utc(void)
{
    static const struct zone *zone;

    if (zone == NULL) {
        struct error err;
        arena = arena_new((size_t)1 << 20);
        if (zone_load(arena, TEXT("UTC"), &zone, &err) != STATUS_OK)
            abort();
    }
    return zone;
}

struct customers_policy customers_policy_at(const struct programme_set *programmes, int64_t at)
{
    (void)programmes;
    (void)at;
    return (struct customers_policy){true, 2, utc(), "CNY", TEXT("CN"), 0, NULL};
}

int customers_tier_rank(const struct programme_set *programmes, int64_t at, struct text tier)
{
    (void)programmes;
    (void)at;
    return text_equals(tier, "gold") ? 1 : text_equals(tier, "silver") ? 0 : -1;
}

void customers_tier_settle(struct arena *batch, const struct programme_set *programmes, struct standing *share,
                           int64_t registered_at, int64_t at)
{
    (void)batch;
    (void)programmes;
    (void)registered_at;
    if (share->tier_until > at)
        return;
    share->tier = TEXT("silver");
    share->qualifying = 0;
    share->tier_until = INSTANT_NEVER;
}

void customers_held_fold(struct arena *batch, const struct programme_set *programmes, int64_t at,
                         const struct standing_list *shares, struct standing *folded)
{
    (void)batch;
    (void)programmes;
    (void)at;
    (void)shares;
    (void)folded;
}

void customers_tier_reach(struct arena *batch, const struct programme_set *programmes, struct standing *standing,
                          int64_t registered_at, int64_t at)
{
    (void)batch;
    (void)programmes;
    (void)registered_at;
    if (standing->qualifying < 2000 || text_equals(standing->tier, "gold"))
        return;
    standing->tier = TEXT("gold");
    standing->tier_since = at;
}

void customers_tier_start(const struct programme_set *programmes, struct standing *standing, int64_t at)
{
    (void)programmes;
    standing->tier = TEXT("silver");
    standing->tier_since = at;
}

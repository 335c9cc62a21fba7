/* customers_policy.c: what customers ask of the programme in force (features/customers/policy.h). */
#include "features/customers/policy.h"

#include <string.h>

#include "features/programme/programme.h"

/* Where a business that keeps its books in this currency dials from. */
static const struct {
    const char *currency, *region;
} home_regions[] = {{"CNY", "CN"}, {"TWD", "TW"}, {"HKD", "HK"}, {"MOP", "MO"}, {"SGD", "SG"}, {"MYR", "MY"},
                    {"JPY", "JP"}, {"KRW", "KR"}, {"USD", "US"}, {"CAD", "CA"}, {"GBP", "GB"}, {"EUR", "DE"},
                    {"CHF", "CH"}, {"AUD", "AU"}, {"NZD", "NZ"}, {"INR", "IN"}, {"THB", "TH"}, {"VND", "VN"}};

static struct text home_region(const char *currency)
{
    for (size_t i = 0; i < sizeof home_regions / sizeof home_regions[0]; i++)
        if (strcmp(home_regions[i].currency, currency) == 0)
            return text_from(home_regions[i].region);
    return TEXT("CN");
}

struct customers_policy customers_policy_at(const struct programme_set *programmes, int64_t at)
{
    const struct programme *programme = programme_at(programmes, at);

    return (struct customers_policy){.register_unknown = programme->register_unknown,
                                     .max_identifiers = programme->max_identifiers,
                                     .zone = programme->zone,
                                     .currency = programme->currency,
                                     .region = home_region(programme->currency),
                                     .median_interval = programmes->median_interval,
                                     .lifecycle = programmes->lifecycle};
}

int customers_tier_rank(const struct programme_set *programmes, int64_t at, struct text tier)
{
    const struct tier_ladder *ladder = &programme_at(programmes, at)->ladder;

    for (size_t i = 0; i < ladder->level_count; i++)
        if (text_equal(ladder->levels[i].code, tier))
            return (int)i;
    return -1;
}

void customers_tier_settle(struct arena *arena, const struct programme_set *programmes, struct standing *share,
                           int64_t registered_at, int64_t at)
{
    tier_settle_share(arena, programme_at(programmes, at), share, registered_at, at);
}

void customers_tier_reach(struct arena *arena, const struct programme_set *programmes, struct standing *standing,
                          int64_t registered_at, int64_t at)
{
    tier_reach(arena, programme_at(programmes, at), standing, registered_at, at);
}

void customers_held_fold(struct arena *arena, const struct programme_set *programmes, int64_t at,
                         const struct standing_list *shares, struct standing *folded)
{
    tier_fold(arena, programme_at(programmes, at), folded, shares->items, shares->count);
}

void customers_tier_start(const struct programme_set *programmes, struct standing *standing, int64_t at)
{
    tier_start(programme_at(programmes, at), standing, at);
}

/*
 * offer_benefits.h: what benefits (features/entitlements) do to the price of a basket: member prices and free shipping apply by
 * themselves, as offers that nobody wrote; offers may be for those who hold a benefit, and begin earlier for some of them. Pure.
 */
#ifndef PATRON_FEATURES_OFFERS_OFFER_BENEFITS_H
#define PATRON_FEATURES_OFFERS_OFFER_BENEFITS_H

#include "features/entitlements/benefit.h"
#include "features/offers/offer_index.h"

/* What of a person pricing needs for benefits: enum condition_part. */
unsigned offer_benefit_parts(const struct programme_set *programmes);

/*
 * The member prices and the free shipping that the person of `world` holds at `at`, as definitions whose `parsed` is an offer with
 * `benefit` set; their code is that of the benefit.
 */
const struct definition **offer_benefits(struct condition_world *world, int64_t at, size_t *count);

/* The same for one of them that is in force at `at`, whoever holds it; NULL: there is none. To ask why it does not apply. */
const struct definition *offer_of_benefit(struct arena *arena, const struct programme_set *programmes, struct text code,
                                          int64_t at);

/* Whether the person holds one of the standing or counted benefits; `holding` is of the first of them. */
bool offer_benefit_held(struct condition_world *world, const struct text_list *codes, int64_t at,
                        struct benefit_holding *holding);

/* Whether the person holds a standing benefit of priority: offers may begin earlier for them. */
bool offer_priority_held(struct condition_world *world, int64_t at);

/* What would open an offer to who is not of its audience: tiers, paid memberships; codes, each once. */
struct offer_needs {
    struct text *tiers, *memberships;
    size_t tier_count, membership_count;
};
enum offer_need { NEED_NOTHING, NEED_TIER, NEED_BENEFIT };
struct offer_needs offer_needs(struct arena *arena, const struct programme_set *programmes, const struct offer *offer,
                               enum offer_need need, int64_t at);

/* The name that people know the ground by: of the tier, the membership; empty: there is none. */
struct text offer_holding_name(const struct programme_set *programmes, const struct benefit_holding *holding,
                               int64_t at);

#endif

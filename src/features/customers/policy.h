/*
 * policy.h: what customers ask of the programme in force. Customers come before the programme, so the programme
 * implements these functions (features/programme/customers_policy.c).
 */
#ifndef PATRON_FEATURES_CUSTOMERS_POLICY_H
#define PATRON_FEATURES_CUSTOMERS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/decide.h"
#include "foundation/zone.h"

struct standing_list {
    const struct standing *items;
    size_t count;
};

struct customers_policy {
    bool register_unknown; /* an event of an unknown identifier registers a member */
    int max_identifiers;   /* of each kind a member */
    const struct zone *zone;
    const char *currency;              /* borrowed from the programme */
    struct text region;                /* home of phone numbers without country code ("CN"); empty: CN */
    int64_t median_interval;           /* usual interval of the whole base, microseconds; 0: not known yet */
    const struct lifecycle *lifecycle; /* the rules of stages; NULL: the usual ones */
};
struct customers_policy customers_policy_at(const struct programme_set *programmes, int64_t at);

/* The height of a tier in the ladder in force at `at`; -1: none or unknown. */
int customers_tier_rank(const struct programme_set *programmes, int64_t at, struct text tier);

/* Ends the tier periods and rights of a member's own share that were over at `at`. */
void customers_tier_settle(struct arena *arena, const struct programme_set *programmes, struct standing *share,
                           int64_t registered_at, int64_t at);

/* Raises the tiers to what the sums of folded shares reach. */
void customers_tier_reach(struct arena *arena, const struct programme_set *programmes, struct standing *standing,
                          int64_t registered_at, int64_t at);

/* Folds what standings hold beside the first tier; the rest of `folded` is folded already. */
void customers_held_fold(struct arena *arena, const struct programme_set *programmes, int64_t at,
                         const struct standing_list *shares, struct standing *folded);

/* A new member's first tier and period. */
void customers_tier_start(const struct programme_set *programmes, struct standing *standing, int64_t at);

#endif

/*
 * standing.h: the live facts of a person, kept up event by event, and folded over the members of a merge. Pure.
 *
 * Functions that take a group and a member change both the person's standing (of the leader) and, while the person has
 * several members, the member's own share.
 */
#ifndef PATRON_FEATURES_CUSTOMERS_STANDING_H
#define PATRON_FEATURES_CUSTOMERS_STANDING_H

#include "engine/decide.h"

enum { STANDING_RECENT_DAYS = 180 };

/* A purchase of `amount` at `at` on programme day `day`. `new_day`: the first of the person on it; `new_own_day`: of the
 * member. `lapse_interval`: microseconds of silence after which the person had lapsed before it (0: unknown). */
struct standing_purchase {
    int64_t at;
    int32_t day;
    int64_t amount;
    bool new_day, new_own_day;
    int64_t lapse_interval;
};
void standing_add_purchase(struct decision *decision, struct group *group, struct member *member,
                           struct standing_purchase purchase);

/* A return of `amount` of a purchase on `day`. */
void standing_add_return(struct decision *decision, struct group *group, struct member *member, int32_t day,
                         int64_t amount);

/*
 * Takes a purchase away again, as if it had not been. `last_of_day`: it was the only one of the person on that day;
 * `last_of_own_day`: of the member. What the others leave: of the person, and of the member alone.
 */
struct standing_others {
    int64_t first_purchase_at, last_purchase_at, last_event_at; /* 0: none */
};
struct standing_void {
    int64_t at;
    int32_t day;
    int64_t amount;
    bool last_of_day, last_of_own_day;
    struct standing_others person, own;
};
void standing_drop_purchase(struct decision *decision, struct group *group, struct member *member,
                            const struct standing_void *purchase);

void standing_add_visit(struct decision *decision, struct group *group, struct member *member, int64_t at);

/* Any other event counts as activity at `at`. */
void standing_touch(struct group *group, struct member *member, int64_t at);

/*
 * The fold of `count` shares: sums, minima, maxima; `shared_days` purchase days counted more than once. The tier is the
 * highest by `rank` (a function of the programme's ladder), with its dates; qualifying sums from the later start.
 */
struct standing standing_fold(struct arena *arena, const struct standing *shares, size_t count, int64_t shared_days,
                              int (*rank)(void *context, struct text tier), void *context);

/* The sum of spend over days [from, to]; days further back than 180 before the last are not known. */
int64_t standing_spend_between(const struct standing *standing, int32_t from, int32_t to);

/* The values that stages and figures rest on; intervals in tenths. */
struct lifecycle {
    int64_t version; /* 0: as usual */
    int64_t active_days;
    int64_t own_interval_days; /* from so many purchase days on the interval is the member's own */
    int64_t at_risk_tenths, lapsed_tenths, lost_tenths;
    int64_t won_back_days;
    int64_t new_purchases;
    int64_t growth_days; /* at most STANDING_RECENT_DAYS / 2 */
    int64_t repeat_purchases;
};
extern const struct lifecycle lifecycle_usual;
/* NULL stands for the usual ones, here and below. */
const struct lifecycle *lifecycle_or_usual(const struct lifecycle *rules);

/*
 * Rule, with the usual values: usual interval = (last - first) / (purchase days - 1), below three purchase days `median_interval` (the base's).
 * Silence over 2, 3, 5 intervals: at risk, lapsed, lost; won back = bought after lapsed, for 90 days; else new = under
 * three purchases; growing = spend of the last 90 days above the 90 before; else loyal. None without a purchase.
 */
enum stage {
    STAGE_NONE,
    STAGE_NEW,
    STAGE_GROWING,
    STAGE_LOYAL,
    STAGE_AT_RISK,
    STAGE_LAPSED,
    STAGE_LOST,
    STAGE_WON_BACK
};
const char *stage_name(enum stage stage);
int64_t standing_usual_interval(const struct standing *standing, int64_t median_interval,
                                const struct lifecycle *rules);
enum stage standing_stage(const struct standing *standing, int64_t now, int32_t today, int64_t median_interval,
                          const struct lifecycle *rules);
/* Active = a purchase or visit in the last 365 days (programme days, today included). */
bool standing_active(const struct standing *standing, int64_t now, const struct lifecycle *rules);
int64_t standing_active_after(int64_t now,
                              const struct lifecycle *rules); /* who bought or visited later than this is active */

#endif

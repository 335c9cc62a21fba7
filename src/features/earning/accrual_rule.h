/*
 * accrual_rule.h: an earning rule that is published by itself, beside the rules of the programme document: on what event, under
 * which conditions, how many points into which account, within which limits. Pure.
 *
 * What concerns the member (audience) is decided once, when the event is recorded. What concerns the purchase (`when`,
 * `lines`, the effect) is decided again on what is left of it when goods come back.
 */
#ifndef PATRON_FEATURES_EARNING_ACCRUAL_RULE_H
#define PATRON_FEATURES_EARNING_ACCRUAL_RULE_H

#include "features/conditions/condition.h"
#include "features/definitions/definition.h"

enum {
    ACCRUAL_CAPS_MAX = 6,
    ACCRUAL_STEPS_MAX = 16,
    ACCRUAL_HOURS_MAX = 8,
    ACCRUAL_RULES_MAX = 1000, /* in force at one moment for one kind of event */
    ACCRUAL_PRIORITY_MAX = 1000000,
    ACCRUAL_PENDING_DAYS_MAX = 3660,
};

static const int64_t ACCRUAL_POINTS_MAX = INT64_C(1000000000000);

/* ---- what it gives ---- */

enum accrual_effect {
    ACCRUAL_FIXED,      /* so many points */
    ACCRUAL_PER_AMOUNT, /* so many for each `per` of money */
    ACCRUAL_PER_ITEM,   /* so many for each `per` of quantity */
    ACCRUAL_MULTIPLIER, /* what the rules of the programme gave for the lines, times factor - 1 */
    ACCRUAL_BONUS,      /* by the highest step that the lines reach */
    ACCRUAL_COMPUTED,   /* the number that an expression gives */
};

struct accrual_step {
    int64_t at_least; /* minor units */
    int64_t points;
};

struct accrual_gift {
    enum accrual_effect effect;
    int64_t points;
    int64_t per;                      /* minor units, or thousandths of a piece */
    int64_t factor;                   /* of FACTOR_SCALE, above it */
    const struct accrual_step *steps; /* rising */
    size_t step_count;
    struct condition expression; /* ACCRUAL_COMPUTED */
    enum rounding rounding;
    enum earning_basis basis; /* rounded over the order, or on each line */
    bool whole_units;         /* whole `per` are counted first */
    bool on_paid_only;        /* the part paid with points earns nothing */
    bool tier_factor;         /* times the factor of the tier */
    bool cascading;           /* ACCRUAL_MULTIPLIER: also of what earning rules before it gave */
    const struct text
        *base_rules; /* ACCRUAL_MULTIPLIER: only of these rules of the programme; none: all of the account */
    size_t base_rule_count;
};

/* ---- how much of it ---- */

enum accrual_period { ACCRUAL_DAY, ACCRUAL_WEEK, ACCRUAL_MONTH, ACCRUAL_QUARTER, ACCRUAL_YEAR, ACCRUAL_EVER };

/* In each period of the programme's calendar a member gets at most so many points, so often. */
struct accrual_cap {
    enum accrual_period period;
    int64_t points, times; /* INT64_MAX: no limit */
    bool partial;          /* give what is left instead of nothing */
};

/* ---- where, when and for whom ---- */

struct accrual_hours {
    int from, until; /* minutes of the day; until <= from: over midnight */
};

struct accrual_codes {
    const struct text *codes;
    size_t count; /* 0: any */
};

struct accrual_schedule {
    int64_t starts_at, ends_at; /* INT64_MIN, INT64_MAX: open */
    unsigned weekdays;          /* bit 1 << (0 Monday .. 6 Sunday); 0: all */
    struct accrual_hours hours[ACCRUAL_HOURS_MAX];
    size_t hour_count; /* 0: all day */
    bool store_zone;   /* days and hours are those of the store, where it has a zone of its own */
};

/* What an index can use: every event for which the rule holds has one of these. */
struct accrual_keys {
    struct accrual_codes stores, channels, categories, skus;
};

enum accrual_take { ACCRUAL_ALL, ACCRUAL_FIRST, ACCRUAL_BEST };

struct accrual_rule {
    struct text name;
    struct text trigger; /* purchase, visit, order, stay, or a declared kind */
    struct text wallet;
    struct condition when;  /* of the event or purchase; of the member it knows the tier alone */
    struct condition lines; /* which lines count */
    struct accrual_codes stores, channels, categories, skus, tiers, segments;
    struct condition audience; /* of the member, and the event */
    struct accrual_schedule schedule;
    struct accrual_gift gift;
    struct accrual_cap caps[ACCRUAL_CAPS_MAX];
    size_t cap_count;
    int64_t budget_points, budget_times; /* over all members; INT64_MAX: none */
    bool budget_partial;
    int priority;           /* higher ones first */
    struct text group;      /* empty: none */
    enum accrual_take take; /* which of its group count */
    bool exclusive;         /* when it gives something, no other earning rule does */
    int pending_days;       /* -1: as the account says */
    bool expiry_given;
    struct wallet_policy expiry; /* only what it says of expiry */

    struct accrual_keys keys;
    unsigned parts; /* enum condition_part: what must be loaded of the person */
};

extern const struct definition_kind earning_rule_kind;

/* As definition_kind.parse. */
enum status accrual_rule_parse(const struct definition_input *input, const void **out, struct error *err);

/* The kinds of events that earn without being declared; ends with NULL. */
extern const char *const accrual_triggers[];
bool accrual_trigger_has_lines(struct text trigger);

/* Whether the schedule has the rule at `at`: NULL, or the code of why not. `store_zone` may be NULL. */
const char *accrual_schedule_refusal(const struct accrual_schedule *schedule, const struct zone *programme_zone,
                                     const struct zone *store_zone, int64_t at);

/* The id of what a member used of a cap: "earning:CODE:2026-11-16w", with "#" at its end where times are counted. */
struct text accrual_cap_id(struct arena *arena, struct text code, enum accrual_period period, const struct zone *zone,
                           int64_t at, bool times);
/* The counter of a budget: "earning:CODE", or "earning:CODE#" of times. */
const char *accrual_counter_id(struct arena *arena, struct text code, bool times);

/* Fills `keys` with what the text of a condition says plainly: line.sku == "x", event.store in ["a", "b"], joined by &&. */
void accrual_keys_find(struct arena *arena, struct text source, struct accrual_keys *keys);

#endif

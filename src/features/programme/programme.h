/*
 * programme.h: the published configuration of the loyalty programme: its points accounts, how purchases earn, its tiers.
 *
 * The seam for the rule language: events ask `programme_earn` and nothing else how many points a purchase earns.
 */
#ifndef PATRON_FEATURES_PROGRAMME_PROGRAMME_H
#define PATRON_FEATURES_PROGRAMME_PROGRAMME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/decide.h"
#include "features/programme/gift_card_policy.h"
#include "foundation/arena.h"
#include "foundation/checked.h"
#include "foundation/error.h"
#include "foundation/money.h"
#include "foundation/text.h"
#include "foundation/zone.h"

enum {
    PROGRAMME_WALLETS_MAX = 16,
    PROGRAMME_RULES_MAX = 16,
    RULE_MULTIPLIERS_MAX = 32,
    MULTIPLIER_CODES_MAX = 64,
    TIER_LEVELS_MAX = 16,
    TIER_ALTERNATIVES_MAX = 8,
    LADDERS_MAX = 8,
    PROGRAMME_VERSIONS_MAX = 1000,
    PROOF_STEPS_MAX = 8, /* amounts of one points account */
    VELOCITY_LIMITS_MAX = 12,
    VELOCITY_COUNT_MAX = 65535, /* of one period */
    VELOCITY_POINTS_MAX = (1 << 26) - 1,
    STORED_VALUES_MAX = 4,
    TOP_UP_STEPS_MAX = 16,
    FACTOR_SCALE = 10000, /* a multiplier of 1.5 is 15000 */
};

/* ---- points accounts ---- */

enum expiry_kind {
    EXPIRY_NEVER,
    EXPIRY_AFTER,     /* N days or months after, at the start of the day after */
    EXPIRY_END_OF,    /* end of the month, quarter or year in which N months are over */
    EXPIRY_FIXED_DAY, /* the first such day of a year (month, day) that is at least N months away */
    EXPIRY_ACTIVITY,  /* N days or months after the member's last activity; extended by each */
};
enum expiry_unit { EXPIRY_DAYS, EXPIRY_MONTHS };
enum expiry_period { EXPIRY_MONTH, EXPIRY_QUARTER, EXPIRY_YEAR };
enum debt_policy { DEBT_CLAMP, DEBT_ALLOW };

/* How a member proves that it is them who spend. A bit each; stored in facts by name. */
enum proof_kind {
    PROOF_NONE = 1, /* nothing: an identifier that somebody types is enough */
    PROOF_QR = 2,   /* the rotating code in the member's app or portal */
    PROOF_CODE = 4, /* a one-time code that was sent to the member */
    PROOF_PIN = 8,
};
/* Above so many points one of `proofs` (a set of enum proof_kind) is needed. */
struct proof_step {
    int64_t above;
    unsigned proofs;
};

struct wallet_policy {
    struct text code, name;
    bool spendable; /* false: qualifying points, cannot be redeemed */
    bool transferable;
    enum expiry_kind expiry;
    enum expiry_unit expiry_unit;
    enum expiry_period expiry_period;
    int expiry_count;             /* N */
    int expiry_month, expiry_day; /* EXPIRY_FIXED_DAY */
    int pending_days; /* points of a purchase become active at the start of the day after N days; 0: at once */
    enum debt_policy debt;
    bool reversal_grace; /* a reversal gives expired lots back for grace_days instead of expiring them at once */
    int grace_days;
    int64_t hold_seconds;                 /* life of a hold that does not say */
    int64_t approval_limit;               /* adjustments above it need the permission to approve; INT64_MAX: none */
    const struct proof_step *proof_steps; /* ascending by `above`; none: the document does not say, as PROOF_NONE */
    size_t proof_step_count;
    bool proof_said; /* the document has the steps, be there none */
    int64_t value_points,
        value_minor; /* `value_points` points are worth `value_minor` minor units; 0: no money value */
};

/* The proofs of which one is needed to spend `points`: a set of enum proof_kind. */
unsigned wallet_proofs(const struct wallet_policy *policy, int64_t points);

/* The first instant without points earned at `earned_at`; `activity_at` is the member's last activity. */
int64_t wallet_expiry(const struct wallet_policy *policy, const struct zone *zone, int64_t earned_at,
                      int64_t activity_at);

/* The instant at which points of a purchase at `at` become active; `at` itself when at once. */
int64_t wallet_active_at(const struct wallet_policy *policy, const struct zone *zone, int64_t at);

/* Worth of points in minor units (floor), and the points an amount costs (ceil). False on overflow or without a value. */
bool wallet_points_value(const struct wallet_policy *policy, int64_t points, int64_t *minor);
bool wallet_points_for(const struct wallet_policy *policy, int64_t minor, int64_t *points);

/* ---- stored value: money paid in beforehand, with a bonus ---- */

enum stored_order { STORED_PRINCIPAL_FIRST, STORED_BONUS_FIRST, STORED_PROPORTIONAL };
enum stored_forfeit { FORFEIT_PROPORTIONAL, FORFEIT_ALL, FORFEIT_NOTHING };

/* A top-up of at least so much gets `amount`, and `share` of what is paid in. */
struct top_up_step {
    int64_t at_least, amount; /* minor units */
    int64_t share;            /* of FACTOR_SCALE */
};

/* Two accounts whose points are minor units: what was paid in, and what came on top. */
struct stored_value {
    struct text code, name;
    struct text principal, bonus;    /* codes of accounts */
    enum stored_order order;         /* in which they pay */
    bool refundable;                 /* the principal; the bonus never is */
    enum stored_forfeit forfeit;     /* what a refund does to the bonus */
    const struct top_up_step *steps; /* rising */
    size_t step_count;
    int64_t top_up_min, top_up_max; /* minor units */
    int64_t balance_max;            /* principal and bonus; INT64_MAX: none */
};

/* ---- earning ---- */

struct multiplier {
    struct text code;
    int64_t factor; /* of FACTOR_SCALE; the part above 1 is the bonus that budget and limit count */
    const struct text *categories, *stores, *channels, *tiers; /* empty list: any */
    const struct text *terms;                                  /* of organisations that were bought for; empty: any */
    size_t category_count, store_count, channel_count, tier_count, terms_count;
    int64_t budget;                   /* bonus points over all members; INT64_MAX: none; counter "multiplier:CODE" */
    bool budget_partial;              /* give what is left instead of nothing */
    int64_t member_limit;             /* bonus points a member; INT64_MAX: none */
    enum expiry_period member_period; /* calendar period of the limit */
    bool member_period_set;           /* false: for ever */
    int64_t starts_at, ends_at;       /* by the purchase's at; INT64_MIN / INT64_MAX: open */
};

enum earning_basis { EARNING_ORDER, EARNING_LINE };
enum tier_crossing { CROSSING_BEFORE, CROSSING_AFTER, CROSSING_MARGINAL };

struct earning_rule {
    struct text code;
    struct text wallet;
    int64_t points;    /* points ... */
    int64_t per_minor; /* ... for each of this many minor units */
    enum rounding rounding;
    enum earning_basis basis;
    bool whole_units;                     /* count whole `per` units first, then multiply (1 point per whole dollar) */
    bool on_paid_only;                    /* the part paid with points earns nothing */
    const struct multiplier *multipliers; /* the best one that matches a line counts, unless stack */
    size_t multiplier_count;
    bool stack; /* factors of all that match add up: 2x and 3x give 4x */
};

/* ---- tiers ---- */

/* What counts towards a tier. All are summed from event to event within a period, but the index, which is what it is now. */
enum tier_metric {
    TIER_POINTS, /* of the ladder's account */
    TIER_SPEND,
    TIER_VISITS,
    TIER_NIGHTS,
    TIER_STAYS,
    TIER_PURCHASES,
    TIER_LOYALTY, /* the loyalty index, 0 to 100 */
};
enum { TIER_METRICS = TIER_LOYALTY + 1 };
extern const char *const tier_metric_names[]; /* "points" ...; ends with NULL */

enum tier_validity { TIER_FROM_START, TIER_FROM_JOIN, TIER_CALENDAR_YEAR, TIER_FOREVER };
enum tier_downgrade { DOWNGRADE_ONE, DOWNGRADE_BY_BALANCE };

/* All of these at once; 0: not asked for. */
struct tier_minimums {
    int64_t at_least[TIER_METRICS];
};
/* One of these suffices. */
struct tier_requirement {
    const struct tier_minimums *any_of;
    size_t count; /* 0: `qualify` or `keep` of the level in the ladder's metric */
};

struct tier_level {
    struct text code, name;
    int64_t qualify; /* inclusive; the first level has 0; INT64_MAX: the ladder's metric alone does not lead to it */
    int64_t keep;    /* needed within a period to keep it */
    int64_t factor;  /* earning factor of the tier, FACTOR_SCALE = 1 */
    struct tier_requirement to_qualify, to_keep;
    bool invitation_only; /* nobody qualifies for it: it is given, for a time */
    bool approval;        /* giving it takes a second person */
};

/* The first ladder is that of member.tier and of earning; there may be further ones. */
struct tier_ladder {
    struct text code, name;
    enum tier_metric metric;
    unsigned counts;    /* the metrics that its levels ask for, a bit each */
    struct text wallet; /* TIER_POINTS: the points account that qualifies */
    const struct tier_level *levels;
    size_t level_count; /* 0: no tiers */
    enum tier_validity validity;
    int validity_months; /* TIER_FROM_START, TIER_FROM_JOIN */
    enum tier_downgrade downgrade;
    size_t floor; /* who was there or higher does not fall below this level; 0: none */
    int grace_days;
    enum tier_crossing crossing;
};

/* ---- what goes against abuse ---- */

/* A purchase by a member that an employee rings up who is that member, or of the same household. */
enum own_sales { OWN_SALES_NOTHING, OWN_SALES_REFUSE, OWN_SALES_EARN };

enum velocity_subject { VELOCITY_MEMBER, VELOCITY_TILL, VELOCITY_EMPLOYEE };
enum velocity_action { VELOCITY_EARNING, VELOCITY_REDEEMING };
enum velocity_period { VELOCITY_HOUR, VELOCITY_DAY }; /* of the clock and calendar of the programme's zone */

/* In each period of each subject at most so many events and so many points. */
struct velocity_limit {
    enum velocity_subject subject;
    enum velocity_action action;
    enum velocity_period period;
    int64_t count, points; /* INT64_MAX: no limit */
};

/* Goods that come back without a receipt. */
enum unreceipted_policy { UNRECEIPTED_REFUSED, UNRECEIPTED_APPROVAL, UNRECEIPTED_ALLOWED };

/* Who publishes: anyone who may, or what a second person has approved (features/definitions). */
enum review_policy { REVIEW_NONE, REVIEW_SECOND_PERSON };

/* ---- a version, and all of them ---- */

struct honour_policy; /* features/programme/promise_policy.h */
struct missed_policy;
struct feed_policy; /* feed_policy.h */

struct programme {
    int64_t version; /* 1..; 0: the built-in default */
    int64_t effective_at;
    const struct zone *zone;
    char currency[CURRENCY_SIZE];
    int exponent;
    const struct wallet_policy *wallets;
    size_t wallet_count;
    const struct stored_value *stored_values;
    size_t stored_value_count;
    const struct earning_rule *rules;
    size_t rule_count;
    struct tier_ladder ladder;
    const struct tier_ladder *further; /* ladders beside the first */
    size_t further_count;
    enum own_sales own_sales;
    const struct velocity_limit *limits;
    size_t limit_count;
    bool register_unknown; /* a purchase of an unknown identifier registers a member */
    int max_identifiers;   /* of each kind a member */
    int birthday_leap_day; /* the day of February on which 29 Feb falls in common years: 28, or 29 = 1 March */
    int late_claim_days;   /* an anonymous purchase may be claimed for so long */
    enum unreceipted_policy unreceipted;
    int64_t unreceipted_up_to; /* UNRECEIPTED_ALLOWED: above so many minor units it needs approval; INT64_MAX: never */
    enum review_policy review;
    const struct honour_policy *honours; /* promise_policy.h; NULL: advertisements without a trace are not honoured */
    const struct missed_policy *missed;  /* NULL: purchases are not checked for missed benefits */
    const struct feed_policy *feeds;     /* feed_policy.h */
    size_t feed_count;
    int64_t promise_grace; /* an offer that was shown is honoured so long after its end; microseconds */
    struct gift_card_policy gift_cards;
    struct text source; /* the JSON document */
};

/* A category of items, which may lie in another (features/events keeps them). */
struct item_category {
    struct text code, name, parent; /* parent empty: none */
    const struct text *above;       /* the codes above it, the nearest first, an empty one last; NULL: none */
};

struct booking_rules;  /* features/orders/bookings.h */
struct definition_set; /* features/definitions/definition.h */

/* All published versions, ascending by effective_at, with the foreign rates. Immutable. */
struct programme_set {
    const struct programme *versions;
    size_t version_count;             /* at least 1: the built-in default (version 0) until one is published */
    const struct programme *fallback; /* the built-in default, for what was earned by it; may be NULL in tests */
    int64_t epoch;
    const struct booking_rules *bookings; /* of orders and stays (features/orders); NULL: the defaults */
    const struct event_kind *event_kinds; /* declared custom kinds (features/events) */
    size_t event_kind_count;
    const struct currency_rate *rates; /* ascending by (currency, day) */
    size_t rate_count;
    const struct store *stores; /* ascending by code (features/events) */
    size_t store_count;
    const struct employee *employees; /* ascending by code (features/events) */
    size_t employee_count;
    const struct freeze *freezes; /* of open fraud cases, ascending by member (features/redemption) */
    size_t freeze_count;
    const struct item_category *categories; /* ascending by code (features/events) */
    size_t category_count;
    bool items_priced;                      /* an item of the catalogue has a cost or a tax rate: sales keep them */
    const struct task_reason *task_reasons; /* ascending by code (features/tasks) */
    size_t task_reason_count;
    int64_t median_interval; /* usual interval of the whole base, microseconds; 0: not known yet (features/insight) */
    const struct lifecycle *lifecycle;        /* the rules of figures (features/measures); NULL: the usual ones */
    const struct definition_set *definitions; /* what is published one by one (features/definitions); NULL: nothing */
};

/* On `day`, one minor unit of `currency` is numerator / denominator minor units of the programme's. */
struct currency_rate {
    char currency[CURRENCY_SIZE];
    int32_t day;
    int64_t numerator, denominator;
};

/* The version in force at `at`; the first one also covers all earlier time. Never NULL. */
const struct programme *programme_at(const struct programme_set *set, int64_t at);

/* NULL: not declared. */
const struct item_category *category_find(const struct programme_set *set, struct text code);

/* The version with that number, 0 being the built-in default. NULL: unknown. */
const struct programme *programme_by_version(const struct programme_set *set, int64_t version);

const struct wallet_policy *programme_wallet(const struct programme *programme, struct text code); /* NULL: unknown */
const struct stored_value *programme_stored_value(const struct programme *programme,
                                                  struct text code);                          /* NULL: unknown */
const struct tier_level *programme_tier(const struct programme *programme, struct text code); /* NULL: unknown */

/*
 * Reads a programme document (docs/programme.md describes it) into `arena`. Errors name the field by path
 * ("wallets[1].expiry.count").
 */
enum status programme_parse(struct arena *arena, struct text json, struct programme *out, struct error *err);

/* What a valid document leaves open and should not, as sentences that begin with the field's path. */
size_t programme_warnings(struct arena *arena, const struct programme *programme, struct text **out);

/* The built-in default: one points account "points" (1 point per whole unit, never expiring), no tiers, UTC, USD. */
struct text programme_default_source(void);

/* ---- what a purchase earns ---- */

/* The factor of the tier over a whole purchase, which may cross a line of the ladder: numerator / denominator. */
struct tier_share {
    int64_t numerator; /* in units of FACTOR_SCALE */
    int64_t denominator;
};

struct earning_input {
    int64_t at;
    struct text store, channel;
    const struct purchase_line *lines;
    size_t line_count;
    int64_t total;                  /* sum of the lines, minor units */
    int64_t paid_with_points;       /* the part of total paid with points, minor units */
    struct text terms;              /* of the organisation that it was bought for; empty: none */
    struct text tier;               /* held at the purchase; empty: none */
    int64_t qualifying;             /* in the ladder's unit, before the purchase */
    const struct tier_share *share; /* NULL: found from the tier and what the lines add to it */
    /* Bonus still free under budget and member limit, for each rule's multiplier; NULL: all. Filled by the caller. */
    int64_t (*bonus_left)(void *context, const struct earning_rule *rule, const struct multiplier *multiplier);
    void *context;
    /* Multipliers of benefits by account, beside that of the tier: "points 15000 miles 20000"; empty: none. */
    struct text boosts;
};

struct earned {
    const struct earning_rule *rule;
    int64_t points; /* in all, bonus included */
    struct {
        const struct multiplier *multiplier;
        int64_t bonus;
    } bonuses[RULE_MULTIPLIERS_MAX];
    size_t bonus_count;
};

/*
 * What the lines earn by `programme`, one entry a rule (points may be 0). Pure. STATUS_LIMIT `points.range` on overflow.
 * Asked again with what is left of the lines (and the granted bonuses as limits) it tells what a return takes back.
 */
enum status programme_earn(const struct programme *programme, const struct earning_input *input, struct arena *arena,
                           struct earned **out, size_t *count, struct error *err);

/* The factor of the tier for this purchase, as the ladder's rule for crossing a line has it. */
enum status programme_tier_share(const struct programme *programme, const struct earning_input *input,
                                 struct arena *arena, struct tier_share *out, struct error *err);

/* ---- tiers over time ---- */

/* What an event adds to the ladders; negative: takes away. */
struct tier_points {
    struct text wallet;
    int64_t points;
};
struct tier_gain {
    int64_t spend, visits, nights, stays, purchases;
    const struct tier_points *points;
    size_t point_count;
    bool bounded; /* no sum falls below 0: nobody knows whether what is taken away ever counted */
};

/* Adds to the leader's sums at `now` and upgrades; journals the changes. */
enum status tier_qualify(struct decision *decision, struct member *leader, const struct programme *programme,
                         const struct tier_gain *gain, int64_t cause, struct error *err);

/* The loyalty index is so much now: may raise or keep a tier of a ladder that asks for it. */
enum status tier_measure(struct decision *decision, struct member *leader, const struct programme *programme,
                         int64_t loyalty, bool *changed);

/* The functions on a standing alone write no journal: they are for members' own shares and for new members. */

/* As tier_qualify. Settles the share first. */
void tier_qualify_share(struct arena *arena, const struct programme *programme, struct standing *standing,
                        int64_t registered_at, const struct tier_gain *gain, int64_t now);

/* Ends the periods of a share that are over: nobody sweeps shares. */
void tier_settle_share(struct arena *arena, const struct programme *programme, struct standing *standing,
                       int64_t registered_at, int64_t now);

/* Raises to the tiers that the whole sums reach, as if they were earned now: for shares folded into one. */
void tier_reach(struct arena *arena, const struct programme *programme, struct standing *standing,
                int64_t registered_at, int64_t now);

/* Folds further ladders and rights of `shares` into `folded`, whose other facts are folded already. */
void tier_fold(struct arena *arena, const struct programme *programme, struct standing *folded,
               const struct standing *shares, size_t count);

/* The next instant at which a tier or a right changes by itself; INSTANT_NEVER. */
int64_t tier_due(const struct standing *standing);

/* Applies one change that is due at exactly tier_due (keep, grace, downgrade, the end of a right), journalled then. */
enum status tier_advance(struct decision *decision, struct member *leader, const struct programme *programme,
                         struct error *err);

/*
 * A tier brought along from another system, which replaces the one there is. `until` is the first instant without it, 0: the
 * period that the programme gives from now; `qualifying` counts since that period began. With `grace` nothing more follows
 * the end but the level below. The tier is one of the first ladder's.
 */
struct tier_taken {
    struct text tier;
    int64_t since, until;
    int64_t qualifying;
    bool grace;
};
void tier_take_over(struct arena *arena, const struct programme *programme, struct standing *standing,
                    int64_t registered_at, const struct tier_taken *taken, int64_t now);

/* A new member's first tier and period. */
void tier_start(const struct programme *programme, struct standing *standing, int64_t at);

#endif

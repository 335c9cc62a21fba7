/*
 * model.h: a second, slow and simple reading of the rules of points, tiers and persons, to compare the product with.
 *
 * It shares no code with the product: plain arrays, its own calendar, time carried out eagerly, person facts added up
 * when asked. One model is one programme and the life of its members.
 */
#ifndef PATRON_TESTS_SIMULATION_MODEL_H
#define PATRON_TESTS_SIMULATION_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "market.h"

enum {
    WALLETS = 2,
    RULES = 2,
    MULTIPLIERS = 2,
    LEVELS = 3,
    LINES = BASKET_LINES,
    VERSIONS = 2,
    GROUP_MAX = 16,
    IDENTIFIERS = 400,
    MEMBERS_MAX = 3 * IDENTIFIERS, /* those who were erased come back as somebody else */
    PROGRESS_MAX = 2048,
    SCALE = 10000, /* of factors */
    BOOSTS = 2,
    ACCRUALS = 5,            /* earning rules that are published by themselves */
    ACCRUAL_PROGRESS = 1000, /* numbers of their limits, after those of multipliers: points and times of each */
};

#define NEVER INT64_MAX
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define AHEAD_MAX (300 * SECOND)
#define CLAIM_DAYS 30 /* an anonymous purchase can be claimed for so long */
#define START (INT64_C(1700000000) * SECOND)
#define ZONE_OFFSET (8 * 3600 * SECOND) /* Asia/Shanghai has had no other since 1992 */

/* ---- the programme ---- */

enum expiry {
    EXPIRES_NEVER,
    AFTER_DAYS,
    AFTER_MONTHS,
    END_OF_MONTH,
    END_OF_QUARTER,
    END_OF_YEAR,
    FIXED_DAY,
    ACTIVITY_DAYS
};

struct wallet_rules {
    const char *code; /* NULL: none */
    bool spendable, transferable;
    enum expiry expiry;
    int count, month, day;
    int pending_days;
    bool debt_allowed;
    int grace_days;
    int64_t value_minor; /* of 100 points; 0: cannot pay */
};

struct multiplier_rules {
    const char *code; /* NULL: none */
    const char *category, *channel;
    int tier; /* 0: any; else the level it needs */
    int64_t factor;
    int64_t budget; /* 0: none */
    bool partial;
    int64_t member_limit; /* 0: none; a calendar month */
};

enum rounds { ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_CEIL };

struct rule_rules {
    const char *code; /* NULL: none */
    int wallet;
    int64_t points[VERSIONS], per_minor;
    enum rounds rounding;
    bool by_line, whole_units, on_paid_only, stack;
    struct multiplier_rules multipliers[MULTIPLIERS];
};

enum metric { BY_POINTS, BY_SPEND, BY_VISITS };
enum validity { FROM_START, FROM_JOIN, CALENDAR_YEAR, FOREVER };
enum crossing { CROSS_BEFORE, CROSS_AFTER, CROSS_MARGINAL };

struct ladder_rules {
    int levels; /* 0: no tiers */
    enum metric metric;
    int wallet;
    int64_t qualify[LEVELS], keep[LEVELS], factor[LEVELS];
    enum validity validity;
    int months, grace_days;
    bool by_balance;
    enum crossing crossing;
};

/* An earning rule that is published by itself. They are asked in the order of the list. */
enum gift_kind { GIVE_FIXED, GIVE_PER_AMOUNT, GIVE_PER_ITEM, GIVE_TIMES, GIVE_STEP };
enum gift_take { TAKE_ALL, TAKE_FIRST, TAKE_BEST };
struct drawn_rules {
    const char *code; /* NULL: none */
    enum gift_kind kind;
    int wallet;
    const char *category, *channel; /* NULL: any */
    int64_t total_min;              /* of the purchase; 0: any */
    int64_t points, per, factor, step;
    enum rounds rounding;
    bool by_line, whole_units, on_paid_only, tier_factor, cascading;
    int64_t cap, cap_times; /* a calendar month; 0: none */
    bool cap_partial;
    int64_t budget; /* 0: none */
    bool budget_partial;
    enum gift_take take;
    bool exclusive;
};

/* A benefit: members of a level, and those above it, get so many times the points of an account. */
struct boost_rules {
    const char *code; /* NULL: none */
    int wallet, level;
    int64_t factor;
};

struct programme_rules {
    const char *name;
    struct wallet_rules wallets[WALLETS];
    struct rule_rules rules[RULES];
    struct ladder_rules ladder;
    struct drawn_rules accruals[ACCRUALS];
    struct boost_rules boosts[BOOSTS];
    struct offer_rules offers[OFFERS];
};

/* The worlds that are simulated; the second version of each comes into force at SECOND_VERSION_AT. */
extern const struct programme_rules worlds[];
extern const size_t worlds_count;
#define SECOND_VERSION_AT (START + 200 * DAY)
extern const char *const level_codes[LEVELS];
/* Writes the document of a version (0 or 1) as the product reads it. */
void world_document(const struct programme_rules *rules, int version, char *out, size_t size);
/* Draws earning rules into `rules`, and writes the document of one. */
/* Numbers of rules and ladders other than those that are written down, and benefits. */
void model_draw_programme(struct programme_rules *rules, uint64_t seed);
void boost_document(const struct programme_rules *rules, int boost, char *out, size_t size);
void model_draw_accruals(struct programme_rules *rules, uint64_t seed);
void accrual_document(const struct programme_rules *rules, int accrual, char *out, size_t size);

/* ---- the state ---- */

struct model_lot {
    int member, wallet, event; /* event that made it */
    int64_t earned_at, active_at, expires_at;
    int64_t amount, remaining, held, expired;
    bool pending;
    bool over;    /* expired in an account that lives by activity: never extended again */
    int64_t real; /* the product's id, to order equal lots of two members; 0: not known */
};

struct model_wallet {
    int64_t active, pending, held, debt;
};

struct model_tier {
    int level; /* -1: none */
    int64_t since, until, qualifying, from;
    bool grace;
};

struct model_facts { /* of one member; a person's are added up */
    int64_t purchases, spend, returns, visits, first_purchase, last_purchase, last_visit, last_event;
};

struct model_link {
    int merge, leader_before;
};

struct model_progress {
    int multiplier, month;
    int64_t used;
};

struct model_member {
    int leader, household; /* household 0: none */
    bool erased;
    int64_t registered_at;
    int64_t real; /* the product's id; 0: not known yet */
    struct model_facts facts;
    struct model_tier tier;  /* of the person, in its leader */
    struct model_tier share; /* what the member itself would have; used while the person has several members */
    struct model_wallet wallets[WALLETS];
    struct model_link links[GROUP_MAX];
    int link_count;
    int *lots; /* open ones */
    int lot_count, lot_capacity;
    int *holds; /* open ones */
    int hold_count, hold_capacity;
    int32_t *days; /* with a purchase, each once */
    int day_count, day_capacity;
    struct model_progress progress[PROGRESS_MAX];
    int progress_count;
    int64_t offer_used[OFFERS]; /* uses of those that limit members */
    int64_t due;                /* next change by time; INT64_MIN: find out */
};

/* What was taken of a lot, in drawing order. */
struct model_part {
    int lot;
    int64_t points, given;
};

enum model_kind { EVENT_OTHER, EVENT_PURCHASE, EVENT_CLAIM, EVENT_DRAW, EVENT_PAYMENT, EVENT_HOLD };
enum hold_course { HOLD_IS_OPEN, HOLD_IS_OVER };

struct model_event {
    enum model_kind kind;
    int member; /* -1: an anonymous purchase */
    int64_t at;
    int64_t real; /* the product's id; 0: not known yet */
    int wallet;
    struct model_part *parts; /* of draws and holds */
    int part_count;
    /* holds */
    int64_t amount, expires_at;
    enum hold_course end;
    /* purchases, and claims of anonymous ones with what was left of the lines */
    int version, line_count, payment; /* payment: event, -1 none */
    int claim;                        /* event, -1 none */
    int64_t line_amount[LINES], line_quantity[LINES], left_amount[LINES], left_quantity[LINES];
    int line_category[LINES];
    int channel;
    int64_t total, returned, paid;
    int level;
    int64_t qualifying;
    int64_t earned[RULES], bonus[RULES][MULTIPLIERS];
    int lots[RULES];                                    /* -1: none */
    int64_t accrued[ACCRUALS], accrued_first[ACCRUALS]; /* now, and at the purchase */
    int accrual_lots[ACCRUALS];                         /* -1: none */
    int number;                                         /* of its receipt */
    struct model_sale sale;
};

/* An event id that a till gave: the same again has no effect. */
struct model_event_id {
    int event; /* -1: not used */
    int content;
};

struct model {
    const struct programme_rules *rules;
    int64_t now;
    struct model_member members[MEMBERS_MAX];
    int member_count;
    int identifier_owner[IDENTIFIERS]; /* -1: free */
    struct model_lot *lots;
    int lot_count, lot_capacity;
    struct model_event *events;
    int event_count, event_capacity;
    bool household_pooled[MEMBERS_MAX * 64];
    int64_t household_real[MEMBERS_MAX * 64];
    int household_count;
    int merge_count;
    int64_t budget_used[RULES][MULTIPLIERS];
    int64_t accrual_budget[ACCRUALS];
    unsigned char *receipts; /* known ones, by number */
    int receipt_capacity;
    struct model_event_id *event_ids; /* by number */
    int event_id_capacity;
    struct model_market market;
};

/* ---- commands, as the driver makes them and both sides carry them out ---- */

enum action_kind {
    ACT_REGISTER,
    ACT_PURCHASE,
    ACT_RETURN,
    ACT_VISIT,
    ACT_REDEEM,
    ACT_REVERSE,
    ACT_HOLD,
    ACT_CAPTURE,
    ACT_RELEASE,
    ACT_ADJUST,
    ACT_TRANSFER,
    ACT_MERGE,
    ACT_UNMERGE,
    ACT_FOUND,
    ACT_JOIN,
    ACT_LEAVE,
    ACT_POOL,
    ACT_ERASE,
    ACT_CLAIM,
    ACT_QUOTE,
    ACT_DROP,  /* a quote */
    ACT_ISSUE, /* a coupon */
    ACT_SELL,  /* a gift card */
    ACT_KINDS,
};
extern const char *const action_names[ACT_KINDS];

enum part_mode { PART_ALL, PART_AMOUNT, PART_QUANTITY };

struct action {
    enum action_kind kind;
    int member, other;                    /* -1: by identifier, or none */
    int identifiers[2], identifier_count; /* of a registration or a purchase */
    int event;                            /* what it is about; -1: none */
    int wallet;
    int64_t points, at, seconds;
    bool register_unknown, pooled, anonymous;
    int line_count;
    int64_t line_amount[LINES], line_quantity[LINES];
    int line_category[LINES], line_sku[LINES], channel;
    int quote; /* that a purchase settles, or that is dropped; -1: none */
    bool reserve, shows_code;
    int coupon; /* that is shown; -1: none */
    int card;   /* gift card that is sold, or pays; -1: none */
    int64_t card_minor;
    bool card_partial;     /* what it has, when that is less */
    int receipt;           /* number; the same again is the same receipt */
    int event_id, content; /* number, -1: none; what the till says it is about */
    int64_t pay_points;
    int pay_hold; /* event; -1: none */
    int return_lines[LINES], return_line_count;
    enum part_mode return_mode[LINES];
    int64_t return_value[LINES];
    int household;
};

struct outcome {
    const char *code;           /* NULL: done */
    int member, event, payment; /* new ones; -1: none */
    int known;                  /* the same event was recorded before, as this one; -1: not */
    int64_t available, balance, earned, money, written_off;
    int64_t to_card; /* goes back to a gift card */
    int quote;       /* a new one; -1: none */
    int level;
};

void model_start(struct model *model, const struct programme_rules *rules);
void model_free(struct model *model);
void model_time(struct model *model, int64_t now); /* carries out everything that falls due */
void model_apply(struct model *model, const struct action *action, struct outcome *outcome);

/* The members that a command on `member` loads: its person and the pooled household, ascending. Returns their number. */
int model_group(const struct model *model, int member, int list[GROUP_MAX]);
bool model_same_person(const struct model *model, int a, int b);
struct model_facts model_person_facts(const struct model *model, int member);
int64_t model_person_days(const struct model *model, int member);
int64_t model_available(const struct model *model, int member, int wallet);
int64_t model_balance(const struct model *model, int member, int wallet);
/* The members that a command must name to give back or end `event`, its own first; of a purchase who paid for it. */
int model_owners(const struct model *model, int event, int owners[GROUP_MAX]);

/* ---- shared by the parts of the model ---- */

struct model_event *model_event_new(struct model *model, enum model_kind kind, int member, int64_t at);
void model_touched(struct model *model, int member);

/* calendar */
int32_t model_day(int64_t instant);
int64_t model_day_start(int32_t day);
int32_t model_day_of(int year, int month, int day);
void model_date(int32_t day, int *year, int *month, int *mday);
int32_t model_add_months(int32_t day, int months);

/* model_points.c */
struct lot_of {
    int member, event, wallet;
    int64_t earned_at, active_at, expires_at;
};
int model_accrue(struct model *model, const struct lot_of *of, int64_t points); /* the lot, or -1 */
int64_t model_expiry(const struct model *model, int wallet, int64_t earned_at, int64_t activity_at);
int64_t model_active_at(const struct model *model, int wallet, int64_t at);
void model_draw(struct model *model, int member, int wallet, int64_t points, bool hold, struct model_event *event);
int64_t model_given_left(const struct model_event *event);
void model_give_back(struct model *model, struct model_event *event, int64_t points);
int64_t model_take(struct model *model, int member, int wallet, int64_t points);
int64_t model_owe(struct model *model, int member, int wallet, int64_t points); /* what is written off */
/* `lots`: the purchase's own in that account, in the order in which they were earned. */
int64_t model_claw_back(struct model *model, int member, const int *lots, int lot_count, int wallet, int64_t points);
void model_end_hold(struct model *model, struct model_event *hold, int64_t captured, int64_t at,
                    struct model_event *capture);
void model_settle(struct model *model, int member);       /* time, for one group */
void model_settle_owners(struct model *model, int event); /* and for all whose points an event moved */
void model_part_add(struct model_event *event, int lot, int64_t points);
void model_hold_add(struct model_member *member, int event);
bool model_hold_is_whole(const struct model *model, const struct model_event *hold); /* its owners are in the group */
/* Takes points of the person for a transfer; returns the number of lots and what was taken of each. */
int model_take_parts(struct model *model, int member, int wallet, int64_t points, int *lots, int64_t *taken, int room);
void model_apply_points(struct model *model, const struct action *action, struct outcome *outcome);

/* model_tier.c */
void tier_begin(const struct ladder_rules *ladder, struct model_tier *tier, int64_t at);
void tier_add(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t amount,
              int64_t now);
void tier_period_over(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at);
void tier_merge(struct model_tier *into, const struct model_tier *other);
void tier_settle(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t now);
void tier_join(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t now);
void model_qualify(struct model *model, int member, int64_t amount);

/* model_limits.c */
void model_limits_find(const struct model *model, const struct model_event *purchase,
                       int64_t limits[RULES][MULTIPLIERS]);
void model_limits_use(struct model *model, const struct model_event *purchase, int r, int i, int64_t bonus);

/* model_earning.c */
void model_earn(const struct model *model, const struct model_event *purchase, const int64_t lines[LINES], int64_t paid,
                int64_t limits[RULES][MULTIPLIERS], int64_t points[RULES], int64_t bonus[RULES][MULTIPLIERS]);
/* What the rules of the programme were asked, and gave. */
struct model_base {
    int64_t lines[LINES], quantities[LINES]; /* what there is of them */
    int64_t paid;
    const int64_t (*bonus)[MULTIPLIERS]; /* given */
    int64_t points[RULES];
    __int128_t tier_numerator, tier_denominator; /* of SCALE */
};
/* The same for some of the lines, at the same factor of the tier; bonuses of limited multipliers at most as given. */
void model_earn_part(const struct model *model, const struct model_event *purchase, const struct model_base *base,
                     const int64_t lines[LINES], int64_t paid, int64_t points[RULES],
                     int64_t bonus[RULES][MULTIPLIERS]);
void model_tier_ratio(const struct model *model, const struct model_event *purchase, const int64_t lines[LINES],
                      int64_t paid, int64_t limits[RULES][MULTIPLIERS], struct model_base *base);
/* What earning rules give within their limits; and again for what is left, at most what they gave. */
void model_accrue_rules(const struct model *model, const struct model_event *purchase, const struct model_base *base,
                        int64_t points[ACCRUALS]);
void model_accrue_again(const struct model *model, const struct model_event *purchase, const struct model_base *base,
                        const int64_t given[ACCRUALS], int64_t points[ACCRUALS]);
void model_accrual_use(struct model *model, const struct model_event *purchase, int a, int64_t points, int times);
/* What the person used of a limit in the month of the purchase; adding, never below 0. */
int64_t model_progress_used(const struct model *model, const struct model_event *purchase, int limit);
void model_progress_add(struct model *model, const struct model_event *purchase, int limit, int64_t amount);
int64_t round_ratio(__int128_t numerator, __int128_t denominator, enum rounds rounding);
void split(int64_t total, const __int128_t *weights, int64_t *shares, int count);
extern const char *const categories[];
extern const char *const channels[];

/* model_people.c */
void model_apply_people(struct model *model, const struct action *action, struct outcome *outcome);
void model_apply_event(struct model *model, const struct action *action, struct outcome *outcome);
int model_register(struct model *model, const int *identifiers, int count, int64_t at);

#endif

/*
 * coupons.h: series of codes, and what a decision does with a code that somebody brings: whether it applies and why not,
 * reserving, redeeming, releasing it within the same decision. Pure.
 *
 * A command that takes codes (a purchase, a quote, an order):
 *   1. coupons_take (coupons_api.h) or coupons_read (coupons_store.h) turn what was typed into `struct coupon_use`s;
 *   2. coupons_name lists the counters of the codes in the command, once it has its subjects;
 *   3. its type's load function calls coupons_load, and the type has LOAD_PROGRESS when there are codes;
 *   4. decide calls coupon_applies for each code, and coupon_reserve, coupon_redeem or coupon_release.
 * How often a code was used is a counter that all commands see at once, so of fifty at the same moment as many win as there
 * are uses. A reservation belongs to the row that made it: whoever makes one must end it, once.
 */
#ifndef PATRON_FEATURES_COUPONS_COUPONS_H
#define PATRON_FEATURES_COUPONS_COUPONS_H

#include "engine/decide.h"
#include "features/conditions/condition.h"
#include "features/coupons/code.h"
#include "features/definitions/definition.h"

enum {
    COUPONS_MAX = 5, /* codes in one command */
    COUPON_USES_LIMIT = 1000000000,
    COUPON_DAYS_MAX = 3660,
    COUPON_RESERVED_SECONDS = 900, /* how long a code is reserved unless its series says otherwise */
    COUPON_RESERVED_SECONDS_MAX = 31 * 86400,
    COUPON_NAME_MAX = 200,
};

/* ---- series ---- */

enum coupon_codes {
    COUPON_UNIQUE,   /* made here, each another */
    COUPON_IMPORTED, /* made elsewhere: a list that is read in */
    COUPON_PUBLIC,   /* one code that everybody may know */
};

/* What a code opens. */
enum coupon_gift {
    COUPON_NOTHING,     /* the till or the campaign knows */
    COUPON_OFFER,       /* an offer that wants the series */
    COUPON_POINTS,      /* points, at once */
    COUPON_REWARD,      /* a reward, without its price */
    COUPON_ENTITLEMENT, /* a benefit, from the redemption on */
};
extern const char *const coupon_gift_names[], *const coupon_codes_names[]; /* "nothing", "offer" ...; end with NULL */

struct coupon_series {
    struct text code, name;
    enum coupon_codes codes;
    struct code_pattern pattern; /* COUPON_UNIQUE */
    struct text public_key;      /* COUPON_PUBLIC */
    int64_t uses;                /* of a code; INT64_MAX: any number */
    int64_t member_uses;         /* of all codes of the series, a person; INT64_MAX: any number */
    bool personal;               /* each code belongs to a member */
    struct condition when;       /* who may use it */
    int64_t from, until;         /* INT64_MIN, INSTANT_NEVER: open */
    int days; /* a code is valid for so many days after its issue, the last one to its end; 0: no limit */
    int64_t reserved_seconds;
    enum coupon_gift gift;
    struct text opens; /* offer, reward or benefit: its code; points: the account */
    int64_t points;
    int64_t grant_days; /* of the benefit; 0: no end */
};

extern const struct definition_kind coupon_series_kind;

/* The version for `now`: in force, or the last one that was, or the next one. NULL: none. `*current` says that it is in force. */
const struct coupon_series *coupon_series_find(const struct programme_set *set, struct text code, int64_t now,
                                               bool *current);

/* The first instant without a code that is issued at `at`. */
int64_t coupon_valid_until(const struct coupon_series *series, const struct zone *zone, int64_t at);

/* ---- a code that somebody brings ---- */

struct coupon_use {
    struct text given; /* as it was typed, for the reply */
    struct text key;   /* code_key */
    /* From the database or, of a public code, from its series: */
    bool found;
    struct text series;
    int64_t issued_at, valid_from, valid_until;
    int64_t uses;  /* of this code; 0: as the series says */
    int64_t owner; /* member; 0: nobody */
    int64_t used;  /* reserved or redeemed; within a command its counter counts instead */
    bool voided;
    bool reserved;                 /* the caller holds a reservation of it: its use is counted already */
    struct condition_person known; /* of the person, filled by coupons_load */
    int counter;                   /* index in the command, by coupons_name; -1: none */
};

/* The counter of a key: `used` counts; `maximum` below 0 says that the code is void, above 0 whose it has become. */
const char *coupon_counter_id(struct arena *arena, struct text key);

/* Lists the counters. False when the command has no room for them. */
bool coupons_name(struct command *command, struct arena *arena, struct coupon_use *uses, size_t count);

/* What checking looks at. */
struct coupon_question {
    const struct programme_set *set;
    int64_t now;
    const struct person *person;   /* NULL, or without a group: nobody known */
    const struct counter *counter; /* NULL: use->used */
    int64_t member_used;           /* what the person used of the series: coupon_member_used */
    struct condition_world *world; /* NULL: one is made of the person */
    struct arena *arena;
};

/*
 * Whether the code may be used now. `*series` (may be NULL) is set when it is known. STATUS_MISSING `coupon.unknown`,
 * STATUS_INVALID `coupon.check_character`, STATUS_CONFLICT `coupon.void`, `coupon.not_started`, `coupon.expired`,
 * `coupon.used`, `coupon.member_needed`, `coupon.other_member`, `coupon.member_limit`, `coupon.audience`.
 */
enum status coupon_applies(const struct coupon_use *given, const struct coupon_question *question,
                           const struct coupon_series **series, struct error *err);

/* What the person used of the series; needs progress (LOAD_PROGRESS). */
int64_t coupon_member_used(const struct person *person, struct text series);

/* ---- in a decision ---- */

/* The journal row that the use follows from, or is: its id, with the use's key, names the use. */
struct coupon_act {
    struct decision *decision;
    const struct command *command;
    const struct person *person; /* NULL, or without a group: nobody known */
    const struct journal_row *row;
};

/* coupon_applies against the command's own counter, then counts the use. */
enum status coupon_redeem(const struct coupon_act *act, struct coupon_use *use, const struct coupon_series **series,
                          struct error *err);
/* The same, until `until`: who made the row ends it by coupon_settle or coupon_release before or after. */
enum status coupon_reserve(const struct coupon_act *act, struct coupon_use *use, int64_t until,
                           const struct coupon_series **series, struct error *err);

/* Of the use that row `id` made: */
/* the reservation becomes a redemption by act->row (only once: the caller's own state says so); */
void coupon_settle(const struct coupon_act *act, const struct coupon_use *use, int64_t id);
/* the use is given back, reserved or redeemed. */
void coupon_release(const struct coupon_act *act, const struct coupon_use *use, int64_t id);

/* coupons_store.c: for load functions; fills all but `given`, `key`, `reserved` and `counter`, and loads what conditions need. */
enum status coupons_load(struct load_context *context, const struct command *const *commands, struct coupon_use **uses,
                         size_t count, struct error *err);

#endif

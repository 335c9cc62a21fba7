/*
 * referral.h: members bring friends: a programme, codes of members, and a referral from the code to the reward. Pure.
 *
 * A referral is a pair of equal rows, one with each of the two. It waits for the friend's first purchase that qualifies; what is
 * suspicious is held until somebody decides. When the purchase comes back the rewards are taken back, and it waits again.
 */
#ifndef PATRON_FEATURES_REFERRALS_REFERRAL_H
#define PATRON_FEATURES_REFERRALS_REFERRAL_H

#include "features/conditions/condition.h"
#include "features/definitions/definition.h"

enum {
    REFERRAL_CODE_SIZE = 16, /* Crockford characters: 80 random bits */
    REFERRAL_CHAIN_MAX = 32, /* who referred whom is followed so far */
    REFERRAL_MARK_MAX = 200, /* bytes of a device or payment reference */
    REFERRAL_LINK_MAX = 500,
};

/* The kinds of the claims: a code is its member's; a device or means of payment is of who used it first. */
#define REFERRAL_CODE_CLAIM "referral_code"
#define REFERRAL_DEVICE_CLAIM "referral_device"
#define REFERRAL_PAYMENT_CLAIM "referral_payment"

/* ---- the programme: a definition ---- */

struct referral_reward {
    int64_t points; /* 0: none */
    struct text wallet;
};

enum referral_period { REFERRAL_MONTH, REFERRAL_YEAR, REFERRAL_EVER };

struct referral_programme {
    struct text name, about, link; /* link: with {code} in it; empty: none */
    struct condition when;         /* who may refer */
    struct condition qualifies;    /* the friend's purchase */
    int64_t attribution_days;      /* from joining to the purchase */
    int64_t new_days;              /* a friend has been registered no longer, and never bought */
    int64_t waiting_days;          /* rewards are pending so long after the purchase */
    struct referral_reward referrer, friend_reward;
    int64_t cap; /* rewards of one referrer in a period; INT64_MAX: any number */
    enum referral_period cap_period;
    int64_t velocity_count, velocity_hours; /* so many friends in so many hours are held; 0: never */
};

extern const struct definition_kind referral_programme_kind;

/* ---- referrals ---- */

/* Stored as numbers: never renumber. */
enum referral_state {
    REFERRAL_JOINED = 0,   /* waits for the purchase */
    REFERRAL_HELD = 1,     /* somebody has to decide */
    REFERRAL_REWARDED = 2, /* the friend bought */
    REFERRAL_REFUSED = 3,
};
extern const char *const referral_states[]; /* end with NULL */

struct referral {
    int64_t id; /* of its journal row, in the friend's bucket */
    int64_t friend_member, referrer;
    struct text programme;
    int64_t joined_at;
    int64_t state;
    struct text reason;   /* why it is held: "device", "payment", "velocity"; empty: it is not */
    int64_t purchase;     /* that qualified; 0: none */
    int64_t qualified_at; /* when it did */
    struct text friend_wallet, referrer_wallet;
    int64_t friend_points, referrer_points; /* given; 0 of the referrer: over the cap */
    int64_t friend_row, referrer_row;       /* journal rows of the rewards */
    int64_t decided_at;
    struct text decided_by;
};

struct referral_code {
    int64_t member;
    struct text programme, code;
    int64_t made_at;
};

/* What is loaded of a person, all its members together. */
struct referral_state_of {
    struct referral *referrals; /* on either side */
    size_t referral_count, referral_capacity;
    struct referral_code *codes;
    size_t code_count, code_capacity;
};

/* First in the body of each command: what referrals_load reads of subjects 0 and 1. */
enum { REFERRAL_SIDES = 2 };
struct referral_load {
    unsigned parts; /* enum condition_part, of subject 0 */
    struct referral_state_of of[REFERRAL_SIDES];
    struct condition_person known;
};

/* Whether it waited too long by now. */
bool referral_is_over(const struct programme_set *programmes, const struct referral *referral, int64_t now);

/* ---- commands ---- */

/*
 * Gives subject 0 its code in a programme, or the one it has: claim 0 is the new code. STATUS_MISSING `referral.programme`,
 * STATUS_CONFLICT `referral.audience`.
 */
struct make_referral_code {
    struct referral_load load;
    struct text programme, code; /* code: result too */
    int device_claim;            /* -1: none told */
    bool existed;                /* result */
};
extern const struct command_type make_referral_code_type;

/*
 * Subject 0, the friend, uses the code of claim `code_claim`, whose holder is subject 1. STATUS_MISSING `referral.code_unknown`,
 * STATUS_CONFLICT `referral.ended`, `.self`, `.household`, `.not_new`, `.known`, `.cycle`.
 */
struct join_referral {
    struct referral_load load;
    int code_claim, device_claim, payment_claim; /* -1: not told */
    struct text code;
    struct text store, channel;
    const int64_t *chain; /* who referred the referrer, and who referred that one ... */
    size_t chain_count;
    struct referral result;
};
extern const struct command_type join_referral_type;

/* A purchase (event 0) of the friend, subject 0; subject 1 is the referrer. Events 1 and 2: the rewards, of a return. */
struct follow_referral {
    struct referral_load load;
    bool came_back;
};
extern const struct command_type follow_referral_type;

/* Subject 0 is the friend, subject 1 the referrer of a held one. STATUS_MISSING `referral.unknown`, `referral.decided`. */
struct decide_referral {
    struct referral_load load;
    int64_t id;
    bool approve;
    struct text by, reason;
    struct referral result;
};
extern const struct command_type decide_referral_type;

/* ---- referrals_store.c ---- */

enum status referrals_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
void store_referral(struct decision *decision, const struct referral *referral); /* both rows */
void store_referral_code(struct decision *decision, const struct referral_code *code);

#endif

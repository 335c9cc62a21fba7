/*
 * replay.h: a period of the journal decided again, in memory, under the programme as it was and under a planned one. Pure.
 *
 * The journal is fed in the order in which it was written. What happened outside of the period is folded into the standings as
 * it happened; each purchase within it is decided twice, in two worlds that know nothing of each other: with the
 * programme as it was, which must give what really happened, and with the plan. Behaviour stays as it was: who bought what,
 * when and where, what came back, and what was paid with points.
 */
#ifndef PATRON_FEATURES_BACKTEST_REPLAY_H
#define PATRON_FEATURES_BACKTEST_REPLAY_H

#include "engine/decide.h"
#include "features/customers/standing.h"
#include "features/programme/programme.h"
#include "foundation/map.h"

enum { REPLAY_WORLDS = 2, REPLAY_AS_IT_WAS = 0, REPLAY_PLAN = 1, REPLAY_MONTHS = 12 };

struct replay_person;

/* A member, as the caller found them: what is known of the person is the replay's, and NULL at first. */
struct replay_member {
    struct replay_person *person;
};

/* The period: events that happened at `from` or later and before `until`. What was recorded late is decided when it was recorded. */
struct replay_options {
    const struct programme_set *programmes[REPLAY_WORLDS];
    int64_t from, until;
    const struct map *members; /* with an event in the period, by id: struct replay_member; others are passed over */
    const struct map
        *known; /* what conditions ask of them, by id: struct condition_person, as it is now; NULL: nothing */
    const struct map *wanted;      /* purchases, by id, that something returns, voids or claims in the period: kept */
    bool offers;                   /* the plan changes offers: baskets are priced in both worlds */
    const struct text *challenges; /* codes of those that the plan changes */
    size_t challenge_count;
    const struct map *kinds; /* declared kinds, by name, that earning rules of either world ask about; NULL: none */
};

/* What one world gave to all, or to a part of the base. */
struct replay_sum {
    int64_t earned, taken_back; /* points of a points account */
};

struct replay_wallet {
    struct text code;
    struct replay_sum sums[REPLAY_WORLDS];
    /* Of what is left of them at the end of the period: what ends within each of the months that follow, and the rest. */
    int64_t ends[REPLAY_WORLDS][REPLAY_MONTHS + 1];
    double redemption; /* share of points that is redeemed in the end, as finance has learned; below 0: not known */
};

/* What of the points that were given in the period is left at the end of a month that follows, if nobody spends any. */
int64_t replay_outstanding(const struct replay_wallet *wallet, int world, size_t month);

/* What an offer took off the baskets of the period, if it applied wherever it could. */
struct replay_offer {
    struct text code;
    int64_t baskets[REPLAY_WORLDS], given[REPLAY_WORLDS]; /* given: minor units, gifts by their value */
    int64_t missed; /* of one that is tried: baskets that had its goods, and too little for its minimum */
};

/* What a challenge would have come to. */
struct replay_challenge {
    struct text code, wallet;
    bool enrolled;                    /* members have to enrol: all did as the period began */
    int64_t members[REPLAY_WORLDS];   /* with something counted */
    int64_t completed[REPLAY_WORLDS]; /* of them, at least once */
    int64_t rounds[REPLAY_WORLDS], points[REPLAY_WORLDS];
};

/* Persons who are alike at the end of the period, in the world as it was. */
struct replay_part {
    struct text name; /* a stage, or the code of a tier */
    int64_t persons, touched;
    int64_t spend;                 /* in the period, minor units */
    int64_t points[REPLAY_WORLDS]; /* earned less taken back, of accounts that can be spent */
    int64_t persons_after;         /* of a tier: who holds it in the plan */
};

enum { REPLAY_PARTS_MAX = 64 };

struct replay_report {
    int64_t rows;                  /* of the journal */
    int64_t purchases, returns;    /* of members, in the period */
    int64_t anonymous;             /* purchases without a member: they earn nothing */
    int64_t sales;                 /* of members' purchases less returns, minor units */
    int64_t reproduced, different; /* purchases that earned in the first world what they really did, or not */
    int64_t first_different;       /* journal id; 0: none */
    int64_t partner_purchases;     /* of members at partners, and claims of them: decided in both worlds */
    int64_t partner_redemptions;   /* at partners: left as they were */
    int64_t failed;                /* that a world refused: points out of range */
    int64_t events,
        events_different; /* visits and declared kinds that earn in a world; of those that really did otherwise */
    int64_t persons, touched, better, worse, left_out; /* left out: parted within the period */
    struct replay_wallet *wallets;
    size_t wallet_count, wallet_capacity;
    struct replay_part stages[REPLAY_PARTS_MAX], tiers[REPLAY_PARTS_MAX], segments[REPLAY_PARTS_MAX];
    size_t stage_count, tier_count,
        segment_count;            /* segments: as they are now; a person may be in several, or in none */
    int64_t baskets;              /* priced, those of nobody known included */
    int64_t given[REPLAY_WORLDS]; /* by offers, if they applied wherever they could, minor units */
    int64_t really_given;         /* by offers of the quotes that purchases settled */
    struct replay_offer *offers;
    size_t offer_count, offer_capacity;
    struct replay_challenge *challenges;
    size_t challenge_count;
    int64_t month_ends[REPLAY_MONTHS]; /* first instants after the months that follow the period */
};

struct replay;

/* `memory` keeps the persons, and must be large; the replay lives in it. */
struct replay *replay_new(struct arena *memory, const struct replay_options *options);
void replay_free(struct replay *replay); /* its scratch memory; accepts NULL */

struct purchase_facts; /* features/events/facts.h */

struct replay_input {
    const struct journal_row *row;
    struct replay_member *member; /* of the row; NULL: nobody, or one without an event in the period */
    struct text trigger;          /* of a purchase that an order or a stay became: "order", "stay"; empty: neither */
    const struct purchase_facts *facts; /* of a purchase or a claim, read already; NULL: not */
};

/*
 * The next rows, with their lines when they lie in the period or are wanted. Rows of a bucket come in its order, and buckets
 * are merged by recorded_at. STATUS_DEFECT when a row cannot be read.
 */
enum status replay_rows(struct replay *replay, const struct replay_input *inputs, size_t count, struct error *err);

/* After the last row: counts persons and parts. */
struct replay_report *replay_finish(struct replay *replay);

#endif

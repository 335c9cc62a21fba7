/* replay_internal.h: the worlds of a back-test, between its files. */
#ifndef PATRON_FEATURES_BACKTEST_REPLAY_INTERNAL_H
#define PATRON_FEATURES_BACKTEST_REPLAY_INTERNAL_H

#include "features/backtest/replay.h"
#include "features/challenges/challenge.h"
#include "features/events/purchase.h"

/* A person in one world. Arrays lie in the replay's memory; what a decision put elsewhere is brought there after it. */
struct world_person {
    struct member member;
    struct group group;
    struct day_spend *recent;
    size_t recent_capacity;
    char *held; /* the text of member.standing.held */
    size_t held_capacity;
    struct challenge_row *counted; /* in the period, for challenges that the plan changes */
    size_t counted_count, counted_capacity;
    int64_t points; /* earned less taken back in the period, of accounts that can be spent */
};

struct replay_person {
    struct world_person worlds[REPLAY_WORLDS];
    struct rules_known known;
    int64_t spend; /* in the period */
    bool active;   /* had an event in it */
    bool touched;  /* something earned otherwise in the plan */
    bool left_out;
};

/* What a purchase earned in one world, for what comes back of it. */
struct kept_earning {
    struct text facts;                 /* of the purchase, or of its claim */
    struct text latest;                /* of the last return */
    const struct earned_facts *earned; /* in the period: when it ends; only accounts and times */
    size_t earned_count;
};

struct kept_purchase {
    struct journal_row row; /* with its lines */
    struct purchase_line *left;
    int64_t returned;
    struct kept_earning worlds[REPLAY_WORLDS];
    bool earned;         /* by a member: at once, or by a claim */
    struct text trigger; /* as of the sale; static */
};

struct world {
    const struct programme_set *programmes;
    struct map *counters; /* id -> struct counter */
    struct decision decision;
    struct arena *scratch;
};

struct replay {
    struct arena *memory;
    struct replay_options options;
    struct world worlds[REPLAY_WORLDS];
    struct map *persons;   /* member id -> struct replay_person, in the order in which they were met */
    struct map *purchases; /* id -> struct kept_purchase */
    struct map *receipts;  /* of partners: id of the row with the points -> what replay_partner.c keeps */
    struct lot *lots;      /* room for those of one decision: nothing reads them afterwards */
    struct replay_report report;
};

bool replay_in_period(const struct replay *replay, int64_t at);

/* ---- persons ---- */

/* NULL: nobody, or somebody without an event in the period. Registered with the row when they are met for the first time. */
struct replay_person *replay_person_of(struct replay *replay, const struct replay_input *input);
/* From now on the member is that person. */
void replay_put_person(struct replay *replay, int64_t id, struct replay_person *person);

/* Forgets what decisions have left in the worlds' scratch memory, now and then; nothing of a row lives longer. */
void replay_tidy(struct replay *replay);

/* What a decision moved into the scratch memory of `world` is brought back into that of the replay. */
void replay_bring_home(struct replay *replay, struct world *world, struct world_person *one,
                       const struct member *before);

/* ---- one decision ---- */

struct turn {
    const struct rules_known *known;
    struct replay *replay;
    struct world *world;
    struct world_person *one;
    struct person person;
    struct member before;
    struct command command;
};

struct turn turn_of(struct replay *replay, struct replay_person *person, int w);

/*
 * The person at `now`: what time alone changed until then has happened. turn_end follows in any case, because what the decision
 * left must be brought home even when it was refused.
 */
enum status turn_begin(struct turn *turn, int64_t now, struct error *err);
void turn_end(struct turn *turn);

/* Names the counters of all that the sale of the row may meet. */
void turn_counters(struct turn *turn, const struct programme *programme, const struct journal_row *row,
                   struct text trigger);
/* Those that the command names. */
void turn_load_counters(struct turn *turn);
struct counter *replay_counter(struct replay *replay, struct world *world, const char *id);

/* ---- sales ---- */

/* What is earned on: a purchase, or one that is claimed now. */
struct sale {
    const struct journal_row *row; /* of the purchase: amount, place and time */
    const struct purchase_line *lines;
    size_t line_count;
    const struct purchase_facts *facts; /* what really happened */
    int64_t now;                        /* recorded then */
    struct text trigger;                /* "order", "stay"; empty: neither */
    const struct rules_known *known;    /* of the person; NULL: nobody */
};

/* Points given (above 0) or taken back. */
void replay_add_points(struct replay *replay, struct replay_person *person, int w, struct text wallet, int64_t points);

/* What an event gave in the period. */
void replay_add_earned(struct replay *replay, struct replay_person *person, int w, const struct purchase_facts *facts);
/* Points given in the period, or taken back, that end then. */
void replay_add_end(struct replay *replay, int w, struct text wallet, int64_t points, int64_t expires_at);
void replay_months(struct replay *replay); /* at the start */

/* Earns in both worlds, or folds what was earned; `kept` (may be NULL) remembers it for what comes back. */
enum status replay_earn(struct replay *replay, struct replay_person *person, const struct sale *sale,
                        struct kept_purchase *kept, struct error *err);

/* Before the period: what earning used of caps and budgets. */
void turn_fold(struct turn *turn, const struct purchase_facts *facts);
bool replay_same_earned(const struct purchase_facts *a, const struct purchase_facts *b);

/* ---- offers: replay_offers.c ---- */

/* Prices the basket of a sale in the period, and counts what offers take. `person` NULL: nobody known. */
enum status replay_price(struct replay *replay, int w, const struct sale *sale, const struct person *person,
                         struct error *err);

/* ---- challenges: replay_challenges.c ---- */

void replay_start_challenges(struct replay *replay);
/* An event of the period, or what is left of it now. */
enum status replay_count(struct replay *replay, struct replay_person *person, const struct past_event *event,
                         struct error *err);
void replay_join_challenges(struct replay *replay, struct world_person *into, const struct world_person *from);
/* After the last row: rounds and rewards of a person. */
void replay_finish_challenges(struct replay *replay, struct replay_person *person);

/* ---- other events: replay_event.c ---- */

enum status replay_visit(struct replay *replay, const struct replay_input *input, struct error *err);
enum status replay_custom(struct replay *replay, const struct replay_input *input, struct error *err);
/* What an occasion gave stays as it was: it used caps and counts for ladders. */
enum status replay_occasion(struct replay *replay, const struct replay_input *input, struct error *err);

/* ---- tiers, benefits and memberships that were given, bought or ended: replay_right.c ---- */

bool replay_is_right(struct text kind);
enum status replay_right(struct replay *replay, const struct replay_input *input, struct error *err);

/* ---- what is bought at partners: replay_partner.c ---- */

bool replay_is_partner(struct text kind);
enum status replay_partner(struct replay *replay, const struct replay_input *input, struct error *err);

#endif

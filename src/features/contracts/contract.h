/*
 * contract.h: long-term contracts: what somebody committed to, in periods; their price; what has been bought of it. Pure.
 *
 * A contract is advanced to an instant before anything is done with it or shown of it: periods that are over are closed, and
 * others begin, in their order, each dated the instant at which it happened. So nothing depends on when something ran.
 * What is counted of an event is kept by the event, and a period that is closed is settled again when one of its events changes.
 */
#ifndef PATRON_FEATURES_CONTRACTS_CONTRACT_H
#define PATRON_FEATURES_CONTRACTS_CONTRACT_H

#include "engine/decide.h"
#include "features/tasks/tasks.h"

enum {
    CONTRACT_NAME_MAX = 200,
    CONTRACT_TEXT_MAX = 1000,
    CONTRACT_CONTACTS_MAX = 20,
    CONTRACT_MONTHS_MAX = 240,
    CONTRACT_DAYS_MAX = 3660,
    CONTRACT_PERIODS_MAX = 600,
    CONTRACT_TERMS_MAX = 100,   /* versions */
    CONTRACT_PERCENT = 100,     /* hundredths of a percent: 12.5 % is 1250 */
    CONTRACT_FACTOR = 10000,    /* 1.5 is 15000 */
    CONTRACT_FACTOR_MAX = 1000, /* times */
};
#define CONTRACT_COMMITMENT_MAX INT64_C(1000000000000000)

/* Stored as numbers: never renumber. The names end with NULL. */
enum contract_metric { CONTRACT_TERM = 0, CONTRACT_SPEND = 1, CONTRACT_PURCHASES = 2, CONTRACT_NIGHTS = 3 };
enum contract_shortfall { SHORTFALL_NOTHING = 0, SHORTFALL_PAY = 1, SHORTFALL_EXTEND = 2, SHORTFALL_LOSE = 3 };
enum contract_counts { COUNTS_MEMBERS = 0, COUNTS_NAMED = 1 }; /* what of an organisation's contacts: all, or for it */
extern const char *const contract_metrics[], *const contract_shortfalls[], *const contract_counted[];

/* Codes of contract_change.what. */
#define CONTRACT_DUE "due"
#define CONTRACT_CORRECTED "correction"

struct contract_terms {
    int64_t row;      /* of the journal: the id of the right */
    int32_t from_day; /* until the next version, or the end */
    int64_t discount; /* hundredths of a percent */
    int64_t factor;   /* of CONTRACT_FACTOR */
    struct text payment;
    int64_t until; /* of the right, as given last */
    bool changed;
};

struct contract_period {
    int64_t number; /* from 1 */
    int32_t from_day, until_day;
    int32_t extended_day; /* DAY_NONE: not extended; otherwise the day on which it ends instead */
    int64_t commitment;   /* minor units, purchases or nights */
    int64_t carried;      /* surplus of the period before */
    int64_t spend, purchases, nights;
    int64_t due;       /* the sum of what is to be paid for it */
    int64_t closed_at; /* 0: it runs, or comes */
    bool changed;
};

/* A step of its history; one of `what` CONTRACT_DUE and CONTRACT_CORRECTED is an amount to collect, or to pay back. */
struct contract_change {
    int64_t number, at;
    struct text what, actor, reason;
    int64_t period; /* 0: none */
    int32_t day;    /* DAY_NONE: none */
    int64_t amount;
    int64_t collected_at;  /* when it was settled; 0: not */
    struct text reference; /* of the payment; empty: it was waived */
    bool changed;
};

struct contract {
    int64_t id, version, member;
    struct text code, name, contacts; /* contacts: "12:buyer,98:accounts" */
    int64_t counts, metric, commitment, price, shortfall, after_extension, extend_months;
    bool carry, automatic;
    int64_t months, notice_days, remind_days;
    struct text reason; /* of the reminder's task */
    struct task_owner owner;
    int64_t agreed_at;
    int32_t from_day;
    int64_t months_over;                    /* of all periods together, extensions included */
    bool renews;                            /* by hand, when the period is over */
    int64_t renew_months, renew_commitment; /* with it */
    int32_t end_day;                        /* it ends on that day by notice; DAY_NONE: no notice */
    struct text end_reason;                 /* of the notice, or why it ended: "expired", "shortfall" */
    int64_t ended_at;                       /* 0: not */
    int32_t reminded_day;                   /* the end of which the owner was reminded; DAY_NONE: none */
    int64_t change_count;

    struct contract_terms *terms; /* ascending by day */
    size_t term_count, term_capacity;
    struct contract_period *periods;
    size_t period_count, period_capacity;
    struct contract_change *changes; /* as loaded: the amounts, or all; and what is added */
    size_t loaded_count, loaded_capacity;
};

/* What an event counts. */
struct contract_count {
    int64_t event, buyer;
    int32_t day;
    int64_t spend, purchases, nights;
};

/* ---- the fold ---- */

struct contract_clock {
    struct arena *arena;
    const struct zone *zone; /* of the programme */
    int64_t now;
};

/* The first period of a contract whose own fields are filled. */
void contract_begin(const struct contract_clock *clock, struct contract *contract);

/* Closes what is over by clock->now; later periods begin. */
void contract_advance(const struct contract_clock *clock, struct contract *contract);

/* The event counted `before` and counts `after` now: of the period of its day, whose later ones follow. */
void contract_recount(const struct contract_clock *clock, struct contract *contract,
                      const struct contract_count *before, const struct contract_count *after);

/* The day of the first period's beginning; and whether an event of that day counts. */
bool contract_covers(const struct contract *contract, int32_t day);

/* Adds to its history. */
struct contract_change *contract_note(const struct contract_clock *clock, struct contract *contract, const char *what,
                                      int64_t at);

/* By notice: it ends on `day`, with which a period that goes on longer is cut, and its commitment by days, rounded down. */
void contract_give_notice(const struct contract_clock *clock, struct contract *contract, int32_t day);
/* The day on which ordinary notice given on `today` ends it. */
int32_t contract_notice_day(const struct contract *contract, int32_t today);

/* ---- reading ---- */

/* Whether an amount was given up instead of collected. */
bool contract_is_waived(const struct contract_change *due);

/* The one that runs at the end of its history. Never NULL. */
struct contract_period *contract_current(const struct contract *contract);
int32_t contract_period_end(const struct contract_period *period); /* the first day after it */
int64_t contract_achieved(const struct contract *contract,
                          const struct contract_period *period);            /* with what was carried */
const char *contract_state(const struct contract *contract, int32_t today); /* "planned", "running", "ended" */
/* In force on a day; NULL: none. */
const struct contract_terms *contract_terms_on(const struct contract *contract, int32_t day);

/* At this pace: what will be achieved when the period ends; the days gone, today included, are the measure. */
int64_t contract_projected(const struct contract *contract, const struct contract_period *period, int32_t today);
/* `part` of `whole` in percent, rounded down. */
int64_t contract_percent(int64_t part, int64_t whole);

/* The first instant at which time alone changes it, or its owner is reminded; INSTANT_NEVER: none. */
int64_t contract_due_at(const struct zone *zone, const struct contract *contract);
/* Whether its owner is to be reminded now. */
bool contract_reminds(const struct contract_clock *clock, const struct contract *contract);
/* Until when a version of its terms holds, as far as it is known; INSTANT_NEVER: nobody knows. */
int64_t contract_terms_until(const struct zone *zone, const struct contract *contract, size_t index);

#endif

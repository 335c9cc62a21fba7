/*
 * challenge.h: a challenge: what has to happen, in which time, how often, and what is given for it. Stamp cards and streaks are
 * challenges of one step. Pure.
 */
#ifndef PATRON_FEATURES_CHALLENGES_CHALLENGE_H
#define PATRON_FEATURES_CHALLENGES_CHALLENGE_H

#include "features/conditions/condition.h"
#include "features/definitions/definition.h"
#include "features/entitlements/grant.h"

enum { CHALLENGE_STEPS_MAX = 16, CHALLENGE_TEXT_MAX = 2000, CHALLENGE_LATE_DAYS = 7 };

enum challenge_window {
    WINDOW_OPEN,     /* for ever */
    WINDOW_FIXED,    /* starts_at until before ends_at */
    WINDOW_CALENDAR, /* each day, week, month, quarter or year */
    WINDOW_ROLLING,  /* so many days from the enrolment, or from the first event that counts; then again */
    WINDOW_SLIDING,  /* any so many days one after the other */
};
enum challenge_period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };
enum challenge_measure {
    MEASURE_EVENTS,   /* events */
    MEASURE_QUANTITY, /* thousandths of goods */
    MEASURE_AMOUNT,   /* minor units */
    MEASURE_DISTINCT, /* different values of something */
    MEASURE_STREAK,   /* periods one after the other */
};
enum challenge_of { OF_STORE, OF_CHANNEL, OF_SKU, OF_CATEGORY, OF_DAY };

struct challenge_step {
    struct text code, name;
    struct text event;      /* "purchase", "visit", or a declared kind */
    struct condition when;  /* of the event, or of the purchase */
    struct condition lines; /* which lines of a purchase count */
    bool by_line;           /* there is such a condition, or what counts is of lines */
    enum challenge_measure measure;
    enum challenge_of of;         /* MEASURE_DISTINCT */
    enum challenge_period period; /* MEASURE_STREAK: PERIOD_DAY, PERIOD_WEEK or PERIOD_MONTH */
    int64_t grace;                /* MEASURE_STREAK: periods that a run may leave out in all */
    int64_t target;               /* in the unit of the measure */
};

struct challenge_reward_terms {
    int64_t points;
    struct text wallet;
    struct text badge;    /* code; empty: none */
    struct grant grants;  /* a benefit */
    struct text coupon;   /* series of which a code is given; empty: none */
    struct text item;     /* what is handed over once: "Any coffee"; empty: nothing */
    int64_t pending_days; /* points wait so long */
};

struct challenge {
    struct text name, about;
    struct condition when; /* for whom; of the member */
    bool by_member;        /* only who enrolled takes part */
    enum challenge_window window;
    int64_t starts_at, ends_at; /* WINDOW_FIXED */
    enum challenge_period period;
    int64_t days;      /* WINDOW_ROLLING, WINDOW_SLIDING */
    int64_t late_days; /* an event counts when it was recorded before so many days after the window's end */
    bool in_order;
    int64_t repeat; /* rounds in a window; INT64_MAX: any number */
    const struct challenge_step *steps;
    size_t step_count;
    struct challenge_reward_terms reward;
    const struct advertised *advertised; /* NULL: not */
};

extern const struct definition_kind challenge_kind;
extern const char *const challenge_measure_names[]; /* by enum challenge_measure; ends with NULL */

/* Units of a step as a decimal; `exponent` of the programme's currency. */
struct text challenge_units_text(struct arena *arena, const struct challenge_step *step, int64_t units, int exponent);

/* ---- what was counted ---- */

/* One row: what of an event counts for a step. */
struct challenge_row {
    struct text challenge, step;
    int64_t member, event, at;
    struct text value; /* MEASURE_DISTINCT: of what; MEASURE_STREAK: the number of the period */
    int64_t units;
};

/* The first instant after the window that `at` lies in; with the days of it after `at` when the events decide where it lies. */
int64_t challenge_window_end(const struct challenge *challenge, const struct zone *zone, int64_t at);
/* Whether an event of `at`, recorded at `recorded_at`, lies in a window and is not too late. */
bool challenge_in_time(const struct challenge *challenge, const struct zone *zone, int64_t at, int64_t recorded_at);
/* The number of the period that a day lies in: they follow each other without gaps. */
int64_t challenge_period_number(enum challenge_period period, int32_t day);

/* Where a person stands. Depends on the set of rows alone, whatever the order in which they came. */
struct challenge_progress {
    int64_t completed;                    /* rounds, over all windows */
    int64_t completed_here;               /* in the window of now */
    int64_t window_from, window_until;    /* of now; INT64_MIN, INSTANT_NEVER: open */
    int64_t reached[CHALLENGE_STEPS_MAX]; /* of the round under way; the targets once it is finished */
    bool done[CHALLENGE_STEPS_MAX];
    bool finished;        /* no further round in this window */
    int64_t completed_at; /* the last round; 0: none */
};
/* What is folded: rows of one challenge. */
struct challenge_folding {
    const struct zone *zone;
    const struct challenge_row *rows;
    size_t count;
    int64_t enrolled_at; /* nothing before it counts, and rolling windows begin there; INT64_MIN: none */
    int64_t now;
};
void challenge_fold(struct arena *arena, const struct challenge *challenge, const struct challenge_folding *folding,
                    struct challenge_progress *out);

#endif

/* reward_return.h: what rewards brought: margin during and after them against members without, and their return. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_REWARD_RETURN_H
#define PATRON_FEATURES_INSIGHT_REWARD_RETURN_H

#include "features/insight/clv_log.h"
#include "features/insight/experiment.h"

enum {
    REWARD_MATCHES = 3,
    REWARD_CANDIDATES = 1000,
    REWARD_HISTORY_DAYS = 180,
    REWARD_PLACEBO_DAYS = 90,
    REWARD_FEATURES = 6
};

/* A reward that a member had from `start` to `end` (days), or would have had: `held_out`. */
struct reward {
    uint32_t customer;
    int32_t start, end;
    double cost;      /* paid for it already */
    double liability; /* still owed for it, such as points not yet redeemed */
    bool held_out;
};

struct reward_question {
    const struct clv_purchases *purchases;
    int32_t last_day; /* until when purchases are known */
    const struct reward *rewards;
    size_t reward_count;
    double margin;   /* share of an amount that is earned */
    double breakage; /* share of the liability that is never redeemed */
    uint64_t seed;
};

/* The days that are looked at. Those of a reward that reach past the last day leave it out. */
enum reward_window {
    REWARD_DURING,   /* start .. end */
    REWARD_AFTER_30, /* the 30 days after the end alone */
    REWARD_AFTER_90,
    REWARD_AFTER_180,
    REWARD_UNTIL_30, /* start .. 30 days after the end */
    REWARD_UNTIL_90,
    REWARD_UNTIL_180,
    REWARD_WINDOWS,
};

const char *reward_window_name(enum reward_window window); /* "after_30" */

struct reward_effect {
    double rewards, controls;                     /* counted */
    double value, error, low, high;               /* margin of a reward, beyond that of the control; 90 % interval */
    double cost;                                  /* of a reward: paid, and owed less breakage */
    double net;                                   /* value less cost */
    double returned, returned_low, returned_high; /* net / cost; NaN without a cost */
};

struct reward_result {
    struct reward_effect effects[REWARD_WINDOWS];
    bool matched;     /* against members like them; else against those held out */
    double imbalance; /* the largest difference of a feature before the start, in standard deviations */
    struct reward_effect
        placebo; /* the same in REWARD_PLACEBO_DAYS before those that were matched: nothing could be brought yet */
};

/*
 * Against members held out, when some are: Welch's interval. Else against the REWARD_MATCHES most alike, for each reward, of
 * up to REWARD_CANDIDATES drawn from those who never had one: alike in purchases and amounts of the last 30, 90 and 180 days
 * before the start, and in the days since the first and the last purchase; errors of Abadie and Imbens (2006). STATUS_INVALID
 * `reward.empty` without rewards, `reward.controls` when there are fewer than 10 members to compare with.
 */
enum status reward_measure(struct arena *arena, const struct reward_question *question, struct reward_result *out,
                           struct error *err);

#endif

/* churn_live.h: the risk of members learned from the live base: what they had done by a past day, and who bought no more. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_LIVE_H
#define PATRON_FEATURES_INSIGHT_CHURN_LIVE_H

#include "features/insight/churn_model.h"
#include "features/insight/live_model.h"

enum {
    CHURN_LIVE_MEMBERS = 10000, /* learned from at most */
    CHURN_LIVE_FOLDS = 3,
    CHURN_LIVE_WINDOW_MIN = 28,
    CHURN_LIVE_WINDOW_MAX = 180,
    CHURN_LIVE_BACK = 365, /* who bought within so many days can leave */
    CHURN_LIVE_RECENT = 90,
};

enum churn_trait {
    TRAIT_RECENCY,
    TRAIT_DAYS,
    TRAIT_TENURE,
    TRAIT_GAP,
    TRAIT_LATENESS,
    TRAIT_UNEVENNESS,
    TRAIT_SPEND,
    TRAIT_RECENT,
    CHURN_TRAITS,
};
const char *churn_trait_name(enum churn_trait trait); /* "days_since_purchase" */

/* How well held-out members were foretold. */
struct churn_skill {
    struct measure auc, log_loss, brier;
};

/* When a risk is high: at most ALERT_FALSE_SHARE of those who stayed were told as much. */
#define ALERT_FALSE_SHARE 0.05
struct churn_threshold {
    double risk;         /* NaN: not known */
    double false_alarms; /* of held-out members who stayed, the share at or above it */
    double caught;       /* of those who left */
};

struct churn_live {
    bool learned;                     /* there was enough to learn from */
    bool in_force;                    /* it foretells held-out members better than the model of lifetime value does */
    int32_t day;                      /* what was known ended here ... */
    int32_t window;                   /* ... and who bought nothing in so many days after it had left */
    double members, left;             /* learned from; the share who left */
    struct churn_skill own, plain;    /* of this model; of 1 - alive, calibrated on the same members */
    struct measure gain;              /* log loss of the plain one less that of this one, by member */
    struct churn_threshold threshold; /* of the risk in force */
    struct churn_design design;       /* its terms */
    struct churn_model model;
};

/*
 * Learns from `base`, the model of lifetime value fitted on it. With too short a past, or too few who left or stayed,
 * `learned` is false and all else 0. Release when done.
 */
enum status churn_live_learn(struct arena *arena, const struct live_base *base, const struct live_model *clv,
                             struct churn_live *out, struct error *err);
void churn_live_release(struct churn_live *live);

/* As text to be kept, and back into an arena; false for a text that is none. Release what was read. */
enum status churn_live_write(struct arena *arena, const struct churn_live *live, struct text *out, struct error *err);
bool churn_live_read(struct arena *arena, struct text text, struct churn_live *out);

/* The chance that each person of `base` buys nothing within the window after its `today`: person_count elements. */
enum status churn_live_risks(struct arena *arena, const struct churn_live *live, const struct live_base *base,
                             double *out, struct error *err);

/* What each trait of one person adds to the log-odds of that, against the mean member. */
struct churn_why {
    double values[CHURN_TRAITS]; /* NaN: not known */
    double parts[CHURN_TRAITS];
};
enum status churn_live_explain(struct arena *arena, const struct churn_live *live, const struct live_base *base,
                               struct churn_why *out, struct error *err);

#endif

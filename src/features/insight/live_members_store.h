/* live_members_store.h: what every person of the base is like, as numbers: for segments, and for how long members stay. */
#ifndef PATRON_FEATURES_INSIGHT_LIVE_MEMBERS_STORE_H
#define PATRON_FEATURES_INSIGHT_LIVE_MEMBERS_STORE_H

#include "features/insight/live_table_store.h"

enum live_feature {
    LIVE_PURCHASES,        /* days with purchases */
    LIVE_MEAN_SPEND,       /* a purchase, in minor units, after returns */
    LIVE_DAYS_SINCE_LAST,  /* purchase, until now */
    LIVE_DAYS_AS_CUSTOMER, /* since the first purchase */
    LIVE_RETURNED_SHARE,   /* of what was bought, by value */
    LIVE_DISCOUNTED_SHARE, /* of lines; 0 where lines are not known */
    LIVE_CATEGORIES,       /* different ones */
    LIVE_FEATURES,
};
extern const char *const live_feature_names[LIVE_FEATURES]; /* "mean_spend" */

struct live_member {
    int64_t id, spend, first_purchase_at, last_purchase_at;
    int64_t lines, discounted, categories;
    double features[LIVE_FEATURES];
};
struct live_members {
    struct live_member *list; /* by id, ascending */
    size_t count;
    bool lines; /* somebody's purchases have lines */
};

enum { LIVE_MEMBERS_MAX = 5000000 };

/* Everybody who bought, as of `now`. STATUS_LIMIT `insight.days` past LIVE_MEMBERS_MAX. */
enum status live_members_read(struct storage_session *session, struct arena *arena, const struct live_part *part,
                              int64_t now, struct live_members *out, struct error *err);

#endif

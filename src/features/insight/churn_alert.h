/* churn_alert.h: when the risk of a member or a segment has risen, with a rate of false alarms that can be stated. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_ALERT_H
#define PATRON_FEATURES_INSIGHT_CHURN_ALERT_H

#include <stddef.h>

#include "foundation/arena.h"

enum { ALERT_PERIODS_BETWEEN_MIN = 10, ALERT_PERIODS_BETWEEN_MAX = 1000000 };

/* One watch: a mean of so many periods between false alarms in each series, such as 100 weeks. */
struct alert_rule {
    double threshold;
};

/*
 * `periods_between` is kept within its limits. Of n series watched, n / periods_between false alarms come each period: for
 * one in ten weeks over 50 segments say 500.
 */
void alert_rule_make(struct arena *arena, double periods_between, struct alert_rule *out);

struct churn_alert {
    size_t period;        /* in which it rings */
    size_t since;         /* in which the rise began, as far as can be told */
    double before, after; /* mean risk */
};

/*
 * Finds rises in risks (0 to 1; NaN: not known then) of one member or the mean risks of one segment, oldest first. Risks are
 * compared on the scale of log-odds, each with all before it (cusum.h); the first two of a level only teach. The rate holds
 * for risks that vary around one level from period to period independently; changes of less than a tenth of the odds are
 * never news. Returns how many were found, at most `limit`.
 */
size_t churn_alerts_find(const struct alert_rule *rule, const double *risks, size_t count, struct churn_alert *out,
                         size_t limit);

#endif

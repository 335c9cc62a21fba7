/* survival_curve.h: how long things last when some have not ended yet: Kaplan-Meier curves and the log-rank test. */
#ifndef PATRON_MATHEMATICS_SURVIVAL_CURVE_H
#define PATRON_MATHEMATICS_SURVIVAL_CURVE_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

/* Times of `count` subjects, at which they ended (event 1) or were last seen (event 0), each in a group below group_count. */
struct survival_data {
    const double *times;
    const uint8_t *events;
    const uint32_t *groups; /* NULL: all in group 0 */
    size_t count, group_count;
};

struct survival_step {
    double time;
    double at_risk, events, censored;
    double survival; /* just after the time */
    double error;    /* Greenwood's */
    double low, high;
};

struct survival_curve {
    struct survival_step *steps; /* one for each time at which somebody ended or was last seen */
    size_t step_count, subject_count, event_count;
    double median, median_low, median_high; /* NaN: not reached */
};

/*
 * The curve of one group (Kaplan and Meier 1958). Limits are those of log(-log S), z standard errors wide (Kalbfleisch and
 * Prentice 2002), as in R: survfit(conf.type = "log-log"); limits of the median where they cross a half.
 */
void survival_curve_make(struct arena *arena, const struct survival_data *data, uint32_t group, double z,
                         struct survival_curve *out);

/* The last step at or before a time; NULL before the first, when all survive. */
const struct survival_step *survival_curve_at(const struct survival_curve *curve, double time);

struct survival_test {
    double statistic, freedom, p_value; /* NaN without two groups that have subjects */
    double *observed, *expected;        /* events of each group */
};

/* That all groups last alike: the log-rank test (Mantel 1966) with the hypergeometric variance. */
void survival_test_groups(struct arena *arena, const struct survival_data *data, struct survival_test *out);

#endif

/* cohort.h: counts on purchases: who comes back by cohort, how long gaps are, what the best customers bring. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_COHORT_H
#define PATRON_FEATURES_INSIGHT_COHORT_H

#include <stdbool.h>

#include "features/insight/clv_log.h"

enum { COHORTS_MAX = 600 };

enum cohort_period { COHORT_WEEK, COHORT_MONTH, COHORT_QUARTER, COHORT_PERIODS };

bool cohort_period_from(const char *name, enum cohort_period *out); /* "week", "month", "quarter" */
int32_t cohort_start(enum cohort_period period, int32_t day);       /* first day of the period that holds `day` */
int32_t cohort_next(enum cohort_period period, int32_t start);      /* first day of the period after it */

/*
 * Customers by the period of their first purchase, followed through the periods after it. Cell [cohort * count + age] holds
 * those of the cohort who bought `age` periods after their first (age 0: all of it), and what they spent then. Ages past the
 * last period of the data are not known: cohort + age < count.
 */
struct cohort_matrix {
    size_t count;    /* periods from the first purchase to the last */
    int32_t *starts; /* first days */
    double *customers;
    double *amounts;
};

/* STATUS_INVALID `cohort.empty` without purchases, STATUS_LIMIT `cohort.periods` past COHORTS_MAX periods. */
enum status cohort_build(struct arena *arena, const struct clv_purchases *base, enum cohort_period period,
                         struct cohort_matrix *out, struct error *err);

/* How often customers buy; purchases of one day are one. */
struct buying {
    double customers, purchases;
    double repeat_customers;     /* bought on at least two days */
    double repeat_rate;          /* their share */
    double gap_mean, gap_median; /* days between purchases; NaN without repeats */
    double amount;
};

void buying_measure(struct arena *arena, const struct clv_purchases *base, struct buying *out);

/* The share of the sum that the best `share` of the values bring (0 < share <= 1); a part of a value counts in part. */
double share_of_best(struct arena *arena, const double *values, size_t count, double share);

#endif

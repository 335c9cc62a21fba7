/* clv_spend.h: the Gamma-Gamma model of how much a customer spends at a purchase (Fader, Hardie 2013). Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_SPEND_H
#define PATRON_FEATURES_INSIGHT_CLV_SPEND_H

#include <stdbool.h>

#include "features/insight/clv_log.h"

enum { CLV_SPEND_PARAMETERS = 3 };

struct clv_spend_fit {
    double parameters[CLV_SPEND_PARAMETERS]; /* p, q, v */
    double errors[CLV_SPEND_PARAMETERS];
    double log_likelihood;
    double correlation; /* of number and mean of purchases: the model supposes that it is 0 */
    double mean;        /* of the means of those who bought twice: stands in where the model has no mean (q <= 1) */
    uint32_t customers; /* learned from: those with repeat purchases */
    bool converged;
    bool at_limit;
};

/* STATUS_INVALID `clv.spends` with fewer than ten customers of repeat purchases, or without any difference in amounts. */
enum status clv_spend_fit(struct arena *arena, const struct clv_spend *spends, size_t count, struct clv_spend_fit *out,
                          struct error *err);

/* E[mean spend] of a customer, between what all spend and what this one did. */
double clv_spend_expected(const struct clv_spend_fit *fit, const struct clv_spend *spend);

#endif

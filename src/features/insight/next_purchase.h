/* next_purchase.h: when each member will buy again, if he does. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_NEXT_PURCHASE_H
#define PATRON_FEATURES_INSIGHT_NEXT_PURCHASE_H

#include <stdbool.h>

#include "features/insight/clv_log.h"

/*
 * The logarithms of the days between purchases are normal, each member about a mean of his own, these means normal about
 * that of all (random effects, by moments: Paule, Mandel 1982). A member with few gaps is drawn to the
 * mean of all, one with many keeps his own.
 */
struct next_model {
    double mean, between, within; /* mean of the means, their variance, the variance of a gap about its member's mean */
    size_t member_count, gap_count;
};

/* What is known of a member: purchases of one day are one. */
struct next_member {
    uint32_t gaps;
    double log_sum;   /* of the gaps' logarithms */
    int32_t last;     /* day of the last purchase */
    int32_t last_gap; /* days; 0: none */
};

/* `members` has base->customer_count elements; who never bought has INT32_MIN as last day. */
void next_members(struct arena *arena, const struct clv_purchases *base, struct next_member *members);

/* STATUS_INVALID `next.gaps` unless there are two members with gaps and three gaps in all. */
enum status next_learn(const struct next_member *members, size_t count, struct next_model *out, struct error *err);

/* Days from the last purchase to the next one, given that `elapsed` days went by without: the middle and 90 % interval. */
struct next_date {
    double middle, low, high;
    double late; /* the chance that a gap is shorter than what has elapsed */
};

void next_foretell(const struct next_model *model, const struct next_member *member, double elapsed,
                   struct next_date *out);

/* The chance of a purchase in the `days` after those elapsed, if the member buys again at all. */
double next_chance(const struct next_model *model, const struct next_member *member, double elapsed, double days);

/* Each last gap foretold from those before: the share within the interval, of members with two gaps and more. */
struct next_trial {
    size_t members;
    double covered;
    double error, error_of_all; /* mean absolute, of the middle and of the middle of all gaps: days */
};

void next_try(const struct next_model *model, const struct next_member *members, size_t count, struct next_trial *out);

#endif

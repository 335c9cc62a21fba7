/*
 * fraud_model.h: whether what went through an employee, a till or a member on one day is unusual beside the days before.
 * Pure.
 *
 * Counts follow a negative binomial distribution with the mean and variance of the days before, of which values beyond
 * three robust deviations from the median are drawn in, so that fraud of before does not hide fraud of now. Points follow a
 * normal distribution of their logarithm, by median and median absolute deviation, judged by Student's t. Both are widened
 * by what a short history does not tell. Days are compared with those of the same weekday, when these are enough.
 *
 * An alert is what has less than its share of the false alarms that are allowed: FRAUD_FALSE_DAYS days hold one of each
 * kind, when honest days are alike.
 */
#ifndef PATRON_FEATURES_REDEMPTION_FRAUD_MODEL_H
#define PATRON_FEATURES_REDEMPTION_FRAUD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

enum {
    FRAUD_HISTORY_DAYS = 56,
    FRAUD_HISTORY_MIN = 30, /* days of employees, tills or members that a judgement needs */
    FRAUD_FALSE_DAYS = 30,
};

/* Counts of before: `frequency[i]` times the count `value[i]`, ascending by value. */
struct count_history {
    const int64_t *values, *frequencies;
    size_t size;
};

struct count_model {
    int64_t size; /* how many counts it was learned from */
    double median;
    double mean, variance;
};
/* False when there are fewer than FRAUD_HISTORY_MIN. */
bool count_model_learn(const struct count_history *history, struct count_model *out);
/* The chance of `count` or more. */
double count_model_above(const struct count_model *model, int64_t count);
/* The least count with a chance below `chance`. */
int64_t count_model_limit(const struct count_model *model, double chance);

/* Amounts of before, in any order. */
struct amount_model {
    int64_t size;
    double median;            /* of the amounts */
    double centre, deviation; /* of log(1 + amount) */
};
bool amount_model_learn(struct arena *arena, const int64_t *amounts, size_t count, struct amount_model *out);
double amount_model_above(const struct amount_model *model, int64_t amount);

/* The chance below which one of `tests` judgements of a day and kind is an alert; each subject has `metrics` of them. */
double fraud_chance(int64_t tests, int metrics);

#endif

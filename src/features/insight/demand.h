/* demand.h: what will be sold each day: exponential smoothing with a weekly season, and how well it foretells. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_DEMAND_H
#define PATRON_FEATURES_INSIGHT_DEMAND_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum { DEMAND_DAYS_MIN = 28, DEMAND_HORIZON_MAX = 365, DEMAND_PATHS = 500, DEMAND_WEEK = 7 };

/*
 * Level, damped trend and season of seven days with additive errors (Holt 1957, Winters 1960; Hyndman et al. 2008, ETS A,Ad,A
 * and A,N,A). The weights are those of a grid with the least mean absolute error one day ahead. An error beyond three mean
 * ones moves the state no further than that: a closed day or a bulk order is not a new level.
 */
struct demand_fit {
    double level_weight, trend_weight, season_weight, damping;
    double level, trend, season[DEMAND_WEEK]; /* after the last day; season[0] is that of the first day of the series */
    double *errors;                           /* one day ahead, of each day from DEMAND_WEEK * 2 on */
    size_t error_count, day_count;
    double limit; /* of an error that moves the state */
};

/* STATUS_INVALID `demand.days` for less than DEMAND_DAYS_MIN days. */
enum status demand_learn(struct arena *arena, const double *days, size_t count, struct demand_fit *out,
                         struct error *err);

/* Goes on with the fit through one more day. */
void demand_follow(struct demand_fit *fit, double day);

/* The days after the last: expected, and the 90 % interval over DEMAND_PATHS paths of errors drawn anew. Never below 0. */
struct demand_day {
    double expected, low, high;
};

/* `days` has `horizon` elements; `*sum` is all of them together. */
void demand_foretell(struct arena *arena, const struct demand_fit *fit, size_t horizon, uint64_t seed,
                     struct demand_day *days, struct demand_day *sum);

/* How well it would have foretold the last weeks, each from what was known before it, by weights of before all of them. */
struct demand_trial {
    size_t days;
    double error, naive_error; /* mean absolute; of the same weekday of the week before */
    double covered;            /* share of days within the interval */
};

/* STATUS_INVALID `demand.days` when fewer than DEMAND_DAYS_MIN days are left before the weeks. */
enum status demand_try(struct arena *arena, const double *days, size_t count, size_t weeks, struct demand_trial *out,
                       struct error *err);

#endif

/* cusum.h: a watch over a series that rings when its level rises, with a mean time between false alarms that is known. */
#ifndef PATRON_MATHEMATICS_CUSUM_H
#define PATRON_MATHEMATICS_CUSUM_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"

/*
 * The mean number of values until the sum of (value - allowance), kept from falling below 0, passes the threshold, when the
 * values are standard normal and nothing has changed: Brook and Evans 1972.
 */
double cusum_run_length(struct arena *arena, double allowance, double threshold);
/* The threshold at which that number is `run_length`; at least 2. */
double cusum_threshold(struct arena *arena, double allowance, double run_length);

/*
 * A watch that learns the usual level and spread from the series itself (Hawkins 1987). Each value is compared with all
 * before it by Student's t, and its probability made a standard normal number: these are independent as long as the values
 * are normal around one level, so that the run length is exact from the third value on, whatever level and spread are.
 */
struct cusum {
    double allowance, threshold;
    double spread_min; /* a smaller spread of the past counts as this */
    double count, mean, squares;
    double sum;      /* since it was last 0 */
    size_t rise;     /* values since then */
    double rise_sum; /* of these values */
};

void cusum_start(struct cusum *cusum, double allowance, double threshold, double spread_min);

/*
 * Takes the next value; true: alarm. Then the level has risen `rise` values ago, this one included; the watch begins anew
 * with the mean of these as its past.
 */
struct cusum_alarm {
    size_t rise;          /* values of the new level */
    double before, after; /* mean level */
};
bool cusum_take(struct cusum *cusum, double value, struct cusum_alarm *alarm);

#endif

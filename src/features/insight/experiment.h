/* experiment.h: who is in which group of an experiment, and what a treatment changed. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_EXPERIMENT_H
#define PATRON_FEATURES_INSIGHT_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { EXPERIMENT_GROUPS_MAX = 32, EXPERIMENT_COVARIATES_MAX = 16 };

/* ---- who is in which group ---- */

struct experiment_plan {
    struct text name;         /* experiments of different names divide the members independently of each other */
    const unsigned char *key; /* SEAL_KEY_SIZE bytes: nobody can choose an id that lands in a group */
    const double *weights;    /* of each group, above 0; they need not add up to 1 */
    size_t group_count;
};

/* Where the member stands in the experiment: 0 <= point < 1, uniform, the same on every machine and for ever. */
double experiment_point(const struct experiment_plan *plan, struct text member);

/* The group 0 .. group_count - 1. Groups lie in order from 0 to 1: a first group that grows keeps all that it had. */
size_t experiment_group(const struct experiment_plan *plan, struct text member);

/* Whether groups are as large as planned: Pearson's chi-square. Below SAMPLE_RATIO_ALARM something is broken. */
#define SAMPLE_RATIO_ALARM 0.001

struct sample_ratio {
    double chi_square;
    double p;
};

void sample_ratio_check(const double *counts, const double *weights, size_t group_count, struct sample_ratio *out);

/* ---- effects ---- */

struct group_moments {
    double count;
    double mean;
    double variance; /* with count - 1; 0 for one value */
};

struct effect {
    double value;                                 /* treated less control */
    double error;                                 /* Welch's standard error */
    double low, high;                             /* interval of the confidence asked */
    double p;                                     /* two-sided: no effect at all */
    double relative, relative_low, relative_high; /* as a share of the control's mean; NaN where that may be 0 */
    double detectable;                            /* the effect that a sample like this finds 8 times of 10 */
};

void group_moments_measure(const double *values, size_t count, struct group_moments *out);

/* Welch's t (1947), its degrees of freedom by Satterthwaite; the relative interval by Fieller (1954). */
enum status effect_of_means(const struct group_moments *treated, const struct group_moments *control, double confidence,
                            struct effect *out, struct error *err);
/* Outcomes of 0 and 1: interval of Newcombe (1998, method 10), p of the score test; error is Welch's as above. */
enum status effect_of_shares(const struct group_moments *treated, const struct group_moments *control,
                             double confidence, struct effect *out, struct error *err);

/* Holm (1979): `adjusted[i]` is the p of test i when all `count` are looked at. */
void adjust_for_number(struct arena *arena, const double *p, size_t count, double *adjusted);

/* ---- more from the same data ---- */

/* Members of an experiment: what they did and in which group they are. Every number is finite. */
struct experiment_data {
    const double *outcomes;
    const uint32_t *groups; /* 0 .. group_count - 1 */
    size_t count, group_count;
    const double *const *covariates; /* known before the experiment; only CUPED reads them */
    size_t covariate_count;
};

/*
 * CUPED (Deng, Xu, Kohavi, Walker 2013): takes from each outcome what the covariates explain, by one
 * slope for all groups. The means of the groups stay unbiased, their errors shrink by `explained`, the share of the variance
 * within groups. Covariates that are constant or depend on others are left out.
 */
enum status cuped_adjust(struct arena *arena, const struct experiment_data *data, double *adjusted, double *explained,
                         struct error *err);

/*
 * Evidence that may be looked at after each member: the mixture sequential probability ratio test (Robbins 1970; Johari,
 * Pekelis, Walsh 2017) of treated against control in the order of the rows, with effects expected of SEQUENTIAL_SCALE
 * standard deviations. Whoever stops as soon as p falls below 5 % errs at most 5 times of 100 where there is no effect.
 */
#define SEQUENTIAL_SCALE 0.05
enum { SEQUENTIAL_FIRST = 50 }; /* members of each group before the first look: variances are estimates */

struct sequential {
    double p;
    double value, low, high; /* at the end, with an interval that holds at all times at once */
    size_t stop;             /* rows after which the p was first below 1 - confidence; 0: never */
};

void sequential_measure(const struct experiment_data *data, uint32_t treated, uint32_t control, double confidence,
                        struct sequential *out);

#endif

/* pls_bootstrap.h: how far the figures of a path model would change with other answers of the same kind. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PLS_BOOTSTRAP_H
#define PATRON_FEATURES_INSIGHT_PLS_BOOTSTRAP_H

#include "features/insight/pls_quality.h"

enum { PLS_SAMPLES_MAX = 100000 };

enum pls_figure { PLS_PATH, PLS_TOTAL, PLS_INDIRECT, PLS_WEIGHT, PLS_LOADING, PLS_EXPLAINED, PLS_HTMT, PLS_INDEX };

/* A figure of the model and what the samples say of it; NaN without samples. */
struct pls_statistic {
    enum pls_figure figure;
    size_t a, b; /* from and to; or the indicator and its construct; or the construct */
    double value;
    double error;                   /* standard deviation of the samples */
    double low, high;               /* percentiles of the samples */
    double normal_low, normal_high; /* value less and plus so many errors */
};

struct pls_resampling {
    size_t samples; /* 0: none */
    uint64_t seed;
    size_t threads;
    double confidence; /* of the intervals: 0.9 */
    double scale[2];   /* least and greatest possible answer, for indices */
    bool keep_signs;   /* a construct that comes out the other way round in a sample stays so */
};

/* What was estimated, and from what. */
struct pls_problem {
    const struct pls_plan *plan;
    const struct pls_settings *settings;
    const struct pls_data *data;
    const struct pls_estimate *estimate;
};

struct pls_results {
    struct pls_statistic *statistics;
    size_t count;
    size_t fitted;               /* samples that count */
    size_t failed[PLS_OUTCOMES]; /* samples that do not, by the reason */
    size_t turned;               /* samples in which a construct was turned to agree with the estimate */
};

/*
 * The figures of `estimate`, with intervals from samples of as many rows drawn with replacement. The same seed gives the same
 * figures on any number of threads. A sample that cannot be computed is counted and left out; with fewer than two fitted there
 * are no intervals.
 */
void pls_bootstrap(struct arena *arena, const struct pls_problem *problem, const struct pls_resampling *resampling,
                   struct pls_results *out);

#endif

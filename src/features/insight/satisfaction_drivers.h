/* satisfaction_drivers.h: what satisfaction hangs on: shares of explained variance, and the map of what to improve. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SATISFACTION_DRIVERS_H
#define PATRON_FEATURES_INSIGHT_SATISFACTION_DRIVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum { DRIVERS_MAX = 60, DRIVER_SAMPLES = 1000, DRIVER_SAMPLES_MAX = 20000 };

/* Columns of answers; NaN is missing. Rows with a gap are left out. */
struct driver_data {
    const double *outcome;
    const double *const *drivers;
    size_t driver_count, row_count;
};

struct driver_options {
    double confidence; /* 0.95 */
    size_t samples;    /* of the bootstrap; 0: DRIVER_SAMPLES */
    uint64_t seed;
};

/* Important is what has more than its equal part of R2; good is what is answered above the mean of all drivers. */
enum driver_place {
    DRIVER_IMPROVE_FIRST, /* important, and not good */
    DRIVER_KEEP_UP,       /* important and good */
    DRIVER_LATER,         /* neither */
    DRIVER_ENOUGH,        /* good, and not important */
    DRIVER_PLACES,
};

const char *driver_place_words(enum driver_place place); /* "improve first" */

struct driver {
    double lmg, lmg_low, lmg_high; /* part of R2 */
    double draw_error;             /* standard error of `lmg` by drawn orders; 0 when it is exact */
    double johnson, johnson_low, johnson_high;
    double correlation; /* with the outcome alone */
    double coefficient; /* standardised, beside all others; NaN when the others determine the driver */
    double inflation;   /* of the coefficient's variance by the others (VIF); NaN likewise */
    double mean, mean_low, mean_high;
    size_t missing;
    bool constant;
    enum driver_place place;
};

struct driver_report {
    size_t rows, left_out;                                     /* complete rows, and the others */
    double explained, explained_low, explained_high, adjusted; /* R2 */
    bool exact;                                                /* all orders, not drawn ones */
    size_t samples, failed;                                    /* of the bootstrap */
    double importance_cut, performance_cut;
    double left_out_p_value; /* of rows left out answering the outcome like the others; NaN: nothing to compare */
    struct driver *drivers;
};

/*
 * LMG shares and Johnson's weights (mathematics/variance_share.h) with percentile intervals of a bootstrap over rows; beyond
 * 2,000 rows over 2,000 groups into which rows are put by chance. STATUS_INVALID `drivers.count`; `drivers.rows`
 * with fewer complete rows than drivers + 3; `drivers.constant` when the outcome does not vary.
 */
enum status driver_analyze(struct arena *arena, const struct driver_data *data, const struct driver_options *options,
                           struct driver_report *out, struct error *err);

#endif

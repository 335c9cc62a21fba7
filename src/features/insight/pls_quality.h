/* pls_quality.h: how well a path model measures and explains, and its constructs as indices from 0 to 100. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PLS_QUALITY_H
#define PATRON_FEATURES_INSIGHT_PLS_QUALITY_H

#include "features/insight/pls_data.h"
#include "features/insight/pls_fit.h"

/* Of a construct; NaN where the figure has no meaning: mode B, a single indicator (both 1 by convention). */
struct pls_reliability {
    double alpha;  /* Cronbach's, standardised: from the mean correlation of the indicators */
    double rho_a;  /* Dijkstra, Henseler 2015 */
    double rho_c;  /* composite reliability: Joereskog's, from the loadings */
    double shared; /* average variance extracted; of mode B the mean square of the loadings is no such thing */
};

void pls_reliability_measure(const struct pls_model *model, const double *correlations, const struct pls_fit *fit,
                             size_t construct, struct pls_reliability *out);

/*
 * Heterotrait-monotrait ratio of two constructs (Henseler, Ringle, Sarstedt 2015) from absolute correlations: above .9 they
 * are hardly two. NaN when their own indicators do not correlate.
 */
double pls_htmt(const struct pls_model *model, const double *correlations, size_t a, size_t b);

/* Cohen's f2 of a path: what the explained share loses without it, by the share not explained. NaN past all explained. */
double pls_effect_size(const struct pls_model *model, const struct pls_fit *fit, size_t from, size_t to);

/* Variance inflation of `from` among the causes of `to`; 1 is alone, above 5 it can hardly be told from the others. */
double pls_inflation(const struct pls_model *model, const struct pls_fit *fit, size_t from, size_t to);

double pls_adjusted(const struct pls_model *model, const struct pls_fit *fit, size_t to, size_t row_count);

/*
 * Goodness of fit (Tenenhaus and others 2005): the root of the mean communality, over indicators that do not stand alone, times
 * the mean R2. NaN when all stand alone.
 */
double pls_goodness(const struct pls_model *model, const struct pls_fit *fit);

/*
 * The construct's index: its indicators' means, weighed by the weights in units of the answers, from 0 at `low` to 100 at
 * `high` (Fornell and others 1996). `weights` are a row of the estimate's effective ones, one a column. NaN when they do not
 * sum above 0.
 */
double pls_index(const double *weights, const double *means, const double *deviations, size_t column_count,
                 const double scale[2]);

#endif

/* pls_fit.h: weights, loadings and paths of a path model from the correlations of its indicators. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PLS_FIT_H
#define PATRON_FEATURES_INSIGHT_PLS_FIT_H

#include "features/insight/pls_model.h"

/* How a construct's neighbours in the model are weighed while weights are sought (Tenenhaus and others 2005). */
enum pls_scheme {
    PLS_SCHEME_PATH,      /* regression on what acts on it, correlation with what it acts on */
    PLS_SCHEME_CENTROID,  /* the sign of the correlation */
    PLS_SCHEME_FACTORIAL, /* the correlation */
    PLS_SCHEMES,
};

struct pls_settings {
    enum pls_scheme scheme;
    bool
        consistent; /* PLSc: correlations of mode A constructs corrected for their reliability (Dijkstra, Henseler 2015) */
};

enum pls_outcome {
    PLS_FITTED,
    PLS_CONSTANT,     /* an indicator does not vary */
    PLS_COLLINEAR,    /* indicators of mode B, or causes of one construct, depend on each other */
    PLS_UNRELATED,    /* a construct correlates with none of its neighbours */
    PLS_ENDLESS,      /* weights did not settle */
    PLS_INADMISSIBLE, /* PLSc: a reliability outside 0 to 1, or an explained share above 1 */
    PLS_OUTCOMES,
};

enum { PLS_ITERATIONS_MAX = 1000 };

/* Results for one model; arrays are as long as the model has constructs (k) and indicators (p). */
struct pls_fit {
    double *weights;      /* p; scores have variance 1 */
    double *loadings;     /* p; corrected when consistent */
    double *cross;        /* p x k: correlations of indicators with scores, never corrected */
    double *scores;       /* k x k: correlations of scores */
    double *correlations; /* k x k: of the constructs: the same, corrected when consistent */
    double *reliability;  /* k: rho_A; 1 for single indicators and mode B; NaN when it cannot be had */
    double *paths;        /* k x k: [from * k + to] */
    double *totals;       /* k x k: direct and indirect effects */
    double *explained;    /* k: R2; 0 where nothing acts */
    int iterations;
    size_t fault; /* the construct, when the outcome is none of a fit */
    double *work; /* of the algorithm */
};

void pls_fit_start(struct arena *arena, const struct pls_model *model, struct pls_fit *out);

/*
 * Fits the model to the correlations (p x p). Weights begin at 1 and settle when none changes by more than 1e-10. A construct
 * is turned so that its loadings sum to 0 or more.
 */
enum pls_outcome pls_fit(const struct pls_model *model, const struct pls_settings *settings, const double *correlations,
                         struct pls_fit *out);

/*
 * Regression of `to` on what acts on it but for `without` (any number past the constructs: on all), from the correlations of
 * constructs; coefficients are [from] (k). False when the causes depend on each other.
 */
bool pls_regress(const struct pls_model *model, const double *correlations, size_t to, size_t without,
                 double *coefficients, double *explained);

/* ---- both stages of a plan ---- */

struct pls_estimate {
    struct pls_fit first; /* only with two stages */
    struct pls_fit final;
    double *correlations; /* of the indicators of the final model */
    double *effective;    /* k x base indicators: weights of the final constructs by what was asked */
};

void pls_estimate_start(struct arena *arena, const struct pls_plan *plan, struct pls_estimate *out);
enum pls_outcome pls_estimate(const struct pls_plan *plan, const struct pls_settings *settings,
                              const double *correlations, struct pls_estimate *out);

/* Turns the constructs of `estimate` that point the other way than those of `reference`; returns how many. */
size_t pls_estimate_align(const struct pls_plan *plan, const struct pls_estimate *reference,
                          struct pls_estimate *estimate);

/* An error for an outcome that is none of a fit: STATUS_INVALID `pls.fit`, naming the construct. */
enum status pls_estimate_fault(const struct pls_plan *plan, enum pls_outcome outcome,
                               const struct pls_estimate *estimate, struct error *err);

#endif

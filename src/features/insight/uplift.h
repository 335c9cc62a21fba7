/* uplift.h: whether a score finds those whom a treatment changes: Qini, AUUC, deciles, the best share to treat. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_UPLIFT_H
#define PATRON_FEATURES_INSIGHT_UPLIFT_H

#include "features/insight/experiment.h"

enum { UPLIFT_BANDS_MAX = 100 };

/* Members of an experiment with one treatment. Outcomes are finite. */
struct uplift_data {
    const double *outcomes;
    const unsigned char *treated; /* 1 treated, 0 control */
    size_t count;
};

/* When the best `share` of all are treated: the outcome gained a member of the whole base. */
struct uplift_point {
    double share, gain;
};

/*
 * The Qini curve (Radcliffe 2007), members of highest score first. Members of equal score enter together, so that no order
 * among them matters. gain = (Yt - Yc Nt / Nc) / all treated, with the sums of outcomes and numbers of those entered.
 */
struct uplift_curve {
    struct uplift_point *points; /* from (0, 0) to (1, effect) */
    size_t count;
    double effect; /* treated less control over all */
    double qini;   /* area between the curve and the straight line to its end: 0 for a score by chance */
    double auuc;   /* area under share x (Yt / Nt - Yc / Nc) */
};

/* STATUS_INVALID `uplift.groups` unless both groups have two members. */
enum status uplift_curve_build(struct arena *arena, const struct uplift_data *data, const double *scores,
                               struct uplift_curve *out, struct error *err);

/* Standard error of the Qini by a bootstrap of members, Poisson weights; the scores are taken as given. */
double uplift_qini_error(struct arena *arena, const struct uplift_data *data, const double *scores, int samples,
                         uint64_t seed);

/* The effect among the best `share`; those of equal score at the border count in part. */
enum status uplift_at(struct arena *arena, const struct uplift_data *data, const double *scores, double share,
                      struct effect *out, struct error *err);

/* A band of the ranking; members of equal score lie in one band, so that a band may be empty. */
struct uplift_band {
    struct group_moments treated, control;
    double low_score, high_score;
    size_t count;
};

void uplift_bands(struct arena *arena, const struct uplift_data *data, const double *scores, size_t band_count,
                  struct uplift_band *out);

/* The point of the curve where `margin` a unit of outcome, less `cost` a member treated, is most. `*profit` is a member of all. */
struct uplift_point uplift_best(const struct uplift_curve *curve, double margin, double cost, double *profit);

#endif

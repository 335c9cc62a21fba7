/* uplift_model.h: models of whom a treatment changes, from what is known of the members before. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_UPLIFT_MODEL_H
#define PATRON_FEATURES_INSIGHT_UPLIFT_MODEL_H

#include "features/insight/uplift.h"

enum { UPLIFT_COLUMNS_MAX = 256, UPLIFT_LEVELS_MAX = 32 };

#define UPLIFT_MISSING UINT32_MAX

/* What is known of the members: numbers (NaN missing) or levels (UPLIFT_MISSING). */
struct uplift_feature {
    const char *name;
    const double *numbers; /* NULL: levels */
    const uint32_t *codes;
    const struct text *levels;
    size_t level_count;
};

/*
 * Features as columns of mean 0 and deviation 1, row by row: a number, also its logarithm where it is skewed and never
 * negative, one column for each level that at least one of a hundred members has, one for "missing". Columns that are
 * constant or repeat an earlier one are left out, and so are levels that are ranges of a number or groups of other levels:
 * they say nothing more, but each of their slopes would be learned with an error of its own.
 */
struct uplift_design {
    double *values; /* row_count x column_count */
    size_t row_count, column_count;
    const char **names;
    bool *derived;                /* a logarithm: its feature has a column of its own */
    const char **coarse, **finer; /* features left out, and the one that says more */
    size_t coarse_count;
};

/* STATUS_INVALID `uplift.features` when nothing tells members apart. */
enum status uplift_design_build(struct arena *arena, const struct uplift_feature *features, size_t feature_count,
                                size_t row_count, struct uplift_design *out, struct error *err);

enum uplift_model {
    UPLIFT_TWO_MODELS, /* one model for the treated, one for the control; their difference */
    UPLIFT_CLASS, /* one model of "treated and bought, or neither" (Jaskowski, Jaroszewicz 2012); for numbers of the
                          transformed outcome (Athey, Imbens 2016) */
    UPLIFT_MODELS,
};

const char *uplift_model_name(enum uplift_model model); /* "two-models" */
bool uplift_model_from(const char *name, enum uplift_model *out);

/* Logistic models where outcomes are 0 and 1, else linear ones, each with a prior of the weight of one member on slopes. */
struct uplift_fit {
    enum uplift_model model;
    bool shares;
    size_t column_count;
    double *coefficients[2]; /* the constant first; of treated (or the class) and of control */
};

/* What a model is to learn from. */
struct uplift_task {
    const struct uplift_design *design;
    const struct uplift_data *data;
    enum uplift_model model;
};

/* Learns from the rows named. STATUS_INVALID `uplift.groups` unless these have two treated and two control members. */
enum status uplift_learn(struct arena *arena, const struct uplift_task *task, const uint32_t *rows, size_t row_count,
                         struct uplift_fit *out, struct error *err);

/* The change that the treatment makes in the outcome of a member, from his row of the design. */
double uplift_score(const struct uplift_fit *fit, const double *row);

/* Scores of each row by a model that has not seen it: `folds` parts, drawn by the seed. */
enum status uplift_cross(struct arena *arena, const struct uplift_task *task, size_t folds, uint64_t seed,
                         double *scores, struct error *err);

/*
 * Learns from a half drawn by the seed and measures the Qini on the other: qinis[0] of the model, qinis[1] of `baseline`, a
 * score of each row that needs no learning (NULL: 0).
 */
enum status uplift_half(struct arena *arena, const struct uplift_task *task, const double *baseline, uint64_t seed,
                        double qinis[2], struct error *err);

#endif

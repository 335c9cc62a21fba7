/* churn_model.h: who will leave: a line, boosted trees, or both, weighed and calibrated on rows held out. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_MODEL_H
#define PATRON_FEATURES_INSIGHT_CHURN_MODEL_H

#include "features/insight/churn_design.h"
#include "mathematics/boosted_trees.h"
#include "mathematics/foretelling.h"
#include "mathematics/logistic.h"

enum { CHURN_FOLDS_MIN = 2, CHURN_FOLDS_MAX = 20, CHURN_INNER_FOLDS = 3, CHURN_CLASS_MIN = 10, CHURN_BINS = 10 };

enum { CHURN_TREE_ROWS_MAX = 250000 }; /* so many tell shallow trees all that these can say */

enum churn_kind { CHURN_LOGISTIC, CHURN_TREES, CHURN_BOTH };

/* Rows: `chosen` of them, or all of 0 .. count - 1 when it is NULL. */
struct churn_rows {
    const uint32_t *chosen;
    size_t count;
};

/* What to learn from: rows whose outcome is known. */
struct churn_case {
    const struct churn_design *design;
    const uint8_t *outcome; /* of each row of the design: 1 left */
    struct churn_rows known;
};

struct churn_setup {
    enum churn_kind kind;
    size_t folds;
    uint64_t seed;
};

/* log-odds = constant + line_weight x that of the line + trees_weight x that of the trees. */
struct churn_model {
    enum churn_kind kind;
    struct logistic_fit line;    /* unless CHURN_TREES */
    struct boosted_trees *trees; /* unless CHURN_LOGISTIC */
    int rounds;                  /* of the trees, where rows held out were foretold best */
    double constant, line_weight, trees_weight;
};

/* Probabilities of every row by models that had not seen it, and how good they were. */
struct churn_trial {
    size_t folds, count;   /* rows tried: all known ones, or of very many a part with the same share of outcomes */
    double *probabilities; /* of each row tried */
    uint32_t *fold_of;
    struct measure auc, log_loss, brier; /* means over the folds */
    double calibration_error, by_chance; /* of all rows held out, in CHURN_BINS groups */
    struct measure slope, offset;        /* of outcome on the log-odds told: 1 and 0 when calibrated (Cox 1958) */
    double caught;                       /* of those who left, the share among the tenth with the highest risk */
};

struct churn_result {
    struct churn_model model;
    struct churn_trial trial;
};

/*
 * Learns from all known rows, and tries the same on `folds` parts of them, each held out in turn; parts have the same share of
 * outcomes. No row is ever left out or counted twice to make the outcomes even. The weights of the models, and the number of
 * trees, are found the same way inside each training part. Of very many rows the trial, which also finds the weights, takes a
 * part, and the trees learn from CHURN_TREE_ROWS_MAX, while the line learns from all. The caller releases the model. STATUS_INVALID `churn.outcomes`
 * when fewer than CHURN_CLASS_MIN rows have one of the outcomes, `churn.fit`.
 */
enum status churn_learn(struct arena *arena, const struct churn_case *known, const struct churn_setup *setup,
                        struct churn_result *out, struct error *err);
void churn_model_release(struct churn_model *model);

/* The log-odds of leaving. */
enum status churn_score(const struct churn_model *model, const struct churn_design *design,
                        const struct churn_rows *rows, double *out, struct error *err);
/* Why: `parts` of the log-odds, column_count numbers a row; with `base`, the mean of all rows, they sum up to the score. */
struct churn_reasons {
    double *parts;
    double base;
};

/* What each column adds to the log-odds of a row. Fills `out->parts`, which the caller provides, and the base. */
enum status churn_explain(struct arena *arena, const struct churn_model *model, const struct churn_design *design,
                          const struct churn_rows *rows, struct churn_reasons *out, struct error *err);

/* The log odds ratio of going from one value of a numeric column to another, all else the same; its standard error. */
struct measure churn_contrast(const struct churn_model *model, const struct churn_design *design, size_t column,
                              double from, double to);

#endif

/* satisfaction_gap.h: scores of several attributes, and how far experience falls behind expectation. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SATISFACTION_GAP_H
#define PATRON_FEATURES_INSIGHT_SATISFACTION_GAP_H

#include "features/insight/satisfaction_score.h"
#include "foundation/error.h"

enum { ATTRIBUTES_MAX = 200 };

/* Columns of answers of the same people, row by row; NaN is missing. `expected` may be NULL, or hold a column each. */
struct attribute_data {
    const double *const *scores;
    const double *const *expected;
    size_t attribute_count, row_count;
    struct answer_scale scale;
};

enum attribute_verdict { ATTRIBUTE_AS_EXPECTED, ATTRIBUTE_ABOVE, ATTRIBUTE_BELOW, ATTRIBUTE_UNKNOWN };

struct attribute {
    struct answer_tally tally;
    struct answer_estimate mean, top;
    double pairs; /* who said both */
    double expectation;
    struct answer_estimate gap; /* experience less expectation, of the pairs */
    double p_value;             /* that the gap is 0, raised for the number of attributes (Holm); NaN: not known */
    enum attribute_verdict verdict;
};

/*
 * A score for each attribute; gaps by the paired t-test (the gap model of Parasuraman, Zeithaml, Berry 1988). A gap is told
 * when p < 1 - confidence. STATUS_INVALID `survey.empty` when no attribute has an answer on the scale.
 */
enum status attributes_score(struct arena *arena, const struct attribute_data *data, double confidence,
                             struct attribute *out, struct error *err);

#endif

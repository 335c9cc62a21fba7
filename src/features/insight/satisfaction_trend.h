/* satisfaction_trend.h: answers over time: periods, jumps of the level, drift, and an alert on the last period. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SATISFACTION_TREND_H
#define PATRON_FEATURES_INSIGHT_SATISFACTION_TREND_H

#include "features/insight/cohort.h"
#include "features/insight/satisfaction_score.h"
#include "mathematics/change_point.h"

enum { TREND_PERIODS_MAX = 6000, TREND_DRAWS = 999, TREND_SIDE_MIN = 10 };

/* Answers with their days, in any order; what is off the scale or NaN is left out. */
struct trend_data {
    const double *answers;
    const int32_t *days;
    size_t count;
    struct answer_scale scale;
    enum answer_measure measure;
    enum cohort_period period;
};

struct trend_options {
    double confidence;
    double false_alarm; /* the chance that a level which never changed is told to have, 0.05; of each alert likewise */
    uint64_t seed;
};

struct trend_period {
    int32_t start; /* first day */
    struct answer_tally tally;
};

struct trend_change {
    int32_t day; /* the first with answers of the new level */
    struct answer_tally before, after;
    double p_value;
    struct answer_difference difference; /* after less before, up to the neighbouring changes */
};

struct trend_report {
    struct answer_tally all;
    struct trend_period *periods; /* from the first with answers to the last; some in between may be empty */
    size_t period_count;
    struct trend_change changes[CHANGE_POINTS_MAX];
    size_t change_count;
    struct answer_difference drift; /* of the measure in 365 days, a straight line through all answers */
    struct answer_difference last;  /* the last period less those before it since the last change; p_value below
                                       `false_alarm` is an alert */
    bool alert;
    double echo, echo_limit; /* correlation of neighbouring periods about their level; beyond the limit answers are not
                                independent, and alarms come more often than told. NaN below 8 periods */
};

/* STATUS_INVALID `survey.empty` without answers; STATUS_LIMIT `trend.periods`. */
enum status trend_build(struct arena *arena, const struct trend_data *data, const struct trend_options *options,
                        struct trend_report *out, struct error *err);

#endif

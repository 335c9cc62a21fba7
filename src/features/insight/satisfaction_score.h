/* satisfaction_score.h: what answers on a scale say: net promoter score, top boxes, means, and their differences. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SATISFACTION_SCORE_H
#define PATRON_FEATURES_INSIGHT_SATISFACTION_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"

/* The answers that can be given, low to high. `top` and above is a good answer, `bottom` and below a bad one. */
struct answer_scale {
    double low, high;
    double top, bottom;
    bool whole; /* no answers between the marks */
};

/* Recommendation from 0 to 10: promoters say 9 or 10, detractors 0 to 6 (Reichheld 2003). */
struct answer_scale answer_scale_nps(void);
/* The best two marks are good, the worst two bad ("top-2 box"); past 11 marks, the best and the worst fifth of the scale. */
struct answer_scale answer_scale_csat(double low, double high);
/* "It was easy", 1 to 7: 5 and above agree, 3 and below do not (Dixon, Toman, DeLisi 2013); alike on other scales. */
struct answer_scale answer_scale_ces(double low, double high);

/* The shortest usual scale (1-5, 1-7, 1-10, 0-10, 0-100) that holds answers from `low` to `high`; false when none does. */
bool answer_scale_guess(double low, double high, double *from, double *to);

/* Sums of answers: whatever is added up answer by answer, day by day or store by store. */
struct answer_tally {
    double count, sum, squares, top, bottom;
    double missing, off_scale; /* not counted above */
};

/* NaN is missing. */
void answer_tally_add(struct answer_tally *tally, const struct answer_scale *scale, double answer);
void answer_tally_join(struct answer_tally *tally, const struct answer_tally *other,
                       double sign); /* +1 adds, -1 takes */

enum answer_measure {
    ANSWER_NET,    /* share of good answers less share of bad ones, times 100: NPS */
    ANSWER_TOP,    /* share of good answers, in per cent */
    ANSWER_BOTTOM, /* share of bad answers, in per cent */
    ANSWER_MEAN,
};

struct answer_estimate {
    double value;
    double low, high; /* NaN where the data do not hold them: fewer than two answers for a mean */
};

/*
 * Intervals at `confidence` (0.95). Shares: Wilson. Means: Student's t, kept on the scale. Net: adjusted Wald, after Agresti
 * and Min (2005): with half a good, half a bad and one other answer added, (p - q) +- z sqrt((p + q - (p - q)^2) / n), n the
 * answers given. At 95 % it covers 94 to 96 % wherever 5 good, 5 bad and 1 other answer are expected.
 * Without answers all three are NaN.
 */
void answer_estimate(const struct answer_tally *tally, const struct answer_scale *scale, enum answer_measure measure,
                     double confidence, struct answer_estimate *out);

struct answer_difference {
    double value; /* first less second */
    double low, high, p_value;
};

/*
 * Means: Welch's test. Shares: Agresti and Caffo (2000), an answer of each kind added to each side. Net: the same idea, half
 * of what a single score gets added to each side. NaN when a side has too few answers (2 for means, else 1).
 */
void answer_compare(const struct answer_tally *first, const struct answer_tally *second, enum answer_measure measure,
                    double confidence, struct answer_difference *out);

/* P that groups which are all alike would differ as much: Welch's F for means, else a weighted chi-square. NaN: not known. */
double answer_groups_differ(const struct answer_tally *groups, size_t count, enum answer_measure measure);

/*
 * Each group against all others together: differences, with p-values that keep the chance of any false one at the level they
 * are held against (Holm 1979). `out` has `count` elements.
 */
void answer_against_rest(struct arena *arena, const struct answer_tally *groups, size_t count,
                         enum answer_measure measure, double confidence, struct answer_difference *out);

#endif

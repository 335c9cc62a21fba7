/* foretelling.h: how good probabilities are that were told before the outcome: AUC, losses, calibration. */
#ifndef PATRON_MATHEMATICS_FORETELLING_H
#define PATRON_MATHEMATICS_FORETELLING_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

/* Probabilities of `count` rows and what came true. */
struct foretelling {
    const double *probabilities;
    const uint8_t *outcome; /* 0 or 1 */
    size_t count;
};

struct measure {
    double value;
    double error; /* standard error */
};

/*
 * The probability that a row with outcome 1 was told a higher one than a row with outcome 0, ties counted half; its standard
 * error by DeLong, DeLong and Clarke-Pearson 1988. NaN without both outcomes.
 */
struct measure foretelling_auc(struct arena *arena, const struct foretelling *told);
struct measure foretelling_log_loss(
    const struct foretelling *told);                              /* mean of -log p(outcome), p kept from 0 by 1e-15 */
struct measure foretelling_brier(const struct foretelling *told); /* mean of (p - outcome) squared; Brier 1950 */

/*
 * Expected calibration error: rows in the order of their probability are cut into `bins` groups of one size; the mean over
 * groups of |share that came true - mean probability|. `*by_chance` is what perfect probabilities would show on average.
 */
double foretelling_calibration_error(struct arena *arena, const struct foretelling *told, size_t bins,
                                     double *by_chance);
/* The share of outcomes of 1 among the `share` of rows with the highest probabilities. */
double foretelling_caught(struct arena *arena, const struct foretelling *told, double share);

#endif

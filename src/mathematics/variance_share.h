/* variance_share.h: what part of the explained variance each explaining variable has, when they go together. */
#ifndef PATRON_MATHEMATICS_VARIANCE_SHARE_H
#define PATRON_MATHEMATICS_VARIANCE_SHARE_H

#include "foundation/arena.h"
#include "mathematics/random.h"

enum { VARIANCE_SHARE_EXACT_MAX = 20 };

/*
 * All take a covariance matrix of count + 1 variables, row by row, the outcome last; only its lower triangle is read. A
 * variable without variance, or one that the others determine, adds nothing where it comes late. The shares add up to R2,
 * which is returned; 0 when the outcome has no variance.
 */
struct variance_share;

/* A workspace in the arena, used again and again. */
struct variance_share *variance_share_new(struct arena *arena, size_t count);

/*
 * Each variable's gain in R2, averaged over all orders in which variables can enter (Lindeman, Merenda, Gold 1980: Shapley's
 * value). Exact over all 2^count subsets, each reached from another by one elimination: count <= VARIANCE_SHARE_EXACT_MAX.
 */
double variance_share_lmg(struct variance_share *work, const double *covariance, double *shares);

/* The same from `pairs` drawn orders, each with its reverse; `errors` (may be NULL) are the standard errors of the draw. */
double variance_share_lmg_drawn(struct variance_share *work, const double *covariance, struct random *random,
                                size_t pairs, double *shares, double *errors);

/* Relative weights: R2 divided by the orthogonal variables nearest to the given ones (Johnson 2000). */
double variance_share_johnson(struct arena *arena, const double *covariance, size_t count, double *shares);

#endif

/* boosted_trees.h: gradient boosted trees for an outcome of 0 or 1, by XGBoost. */
#ifndef PATRON_MATHEMATICS_BOOSTED_TREES_H
#define PATRON_MATHEMATICS_BOOSTED_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

struct boosting {
    int rounds, depth;
    int patience;                   /* rounds without a lower loss on rows held out after which it ends; 0: never */
    double rate;                    /* of each tree's correction that is kept */
    double row_share, column_share; /* that each tree sees, drawn by the seed */
    double weight_min;              /* of a leaf */
    uint64_t seed;
};

struct tree_rows {
    const float *values;    /* row by row, column_count each; NaN: missing */
    const uint8_t *outcome; /* of each row; NULL to predict only */
    const uint32_t *chosen; /* numbers of the rows, chosen_count of them; NULL: all of 0 .. chosen_count - 1 */
    size_t chosen_count, column_count;
};

struct boosted_trees;

/*
 * Learns from `rows`. With `held_out` and `losses`, the mean logarithmic loss on these other rows after each round goes to
 * losses[0 .. rounds - 1], infinite after an early end. The caller frees what it gets. STATUS_LIMIT `trees.memory`, STATUS_DEFECT `trees.library`.
 */
enum status boosted_trees_learn(const struct boosting *how, const struct tree_rows *rows,
                                const struct tree_rows *held_out, double *losses, struct boosted_trees **out,
                                struct error *err);
void boosted_trees_free(struct boosted_trees *trees); /* accepts NULL */

/* Log-odds of each chosen row by the first `rounds` trees. */
enum status boosted_trees_score(const struct boosted_trees *trees, const struct tree_rows *rows, int rounds,
                                double *out, struct error *err);
/*
 * What each column adds to the log-odds of each chosen row (exact Shapley values of the trees, Lundberg 2018), and last the
 * mean: column_count + 1 numbers a row, whose sum is the score.
 */
enum status boosted_trees_explain(const struct boosted_trees *trees, const struct tree_rows *rows, int rounds,
                                  double *out, struct error *err);

/* As text (the library's JSON), and back: the same scores. The caller frees what it gets. */
enum status boosted_trees_write(const struct boosted_trees *trees, struct arena *arena, struct text *out,
                                struct error *err);
enum status boosted_trees_read(struct text text, struct boosted_trees **out, struct error *err);

#endif

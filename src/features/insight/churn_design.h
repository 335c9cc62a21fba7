/* churn_design.h: columns of any kind as the numbers that models of churn learn from. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_DESIGN_H
#define PATRON_FEATURES_INSIGHT_CHURN_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum {
    CHURN_LEVELS_MAX = 24, /* that a column of texts is told apart by, the commonest; the others are one more */
    CHURN_LEVEL_ROWS_MIN = 10,
    CHURN_TERMS_MAX = 400,
    CHURN_CELLS_MAX = 400000000, /* rows times terms */
    CHURN_KNOTS = 4,
};

#define CHURN_MISSING UINT32_MAX

/* One column: numbers (NaN: missing), or codes of levels (CHURN_MISSING). The arrays are borrowed. */
struct churn_column {
    struct text name;
    const double *numbers;
    const uint32_t *codes;
    const struct text *levels;
    size_t level_count;
};

enum churn_use {
    CHURN_USED,
    CHURN_EMPTY,    /* nothing but missing cells */
    CHURN_CONSTANT, /* one value only */
    CHURN_NAMES,    /* more than every second row has a text of its own: a name, not a trait */
};

enum churn_term_kind { CHURN_NUMBER, CHURN_CURVE, CHURN_LEVEL, CHURN_OTHER, CHURN_ABSENT };

/* A number made of one column. */
struct churn_term {
    size_t source; /* the column */
    enum churn_term_kind kind;
    uint32_t level;            /* of CHURN_LEVEL */
    int knot;                  /* of CHURN_CURVE */
    double knots[CHURN_KNOTS]; /* of CHURN_CURVE: restricted cubic spline */
    double mean, scale;        /* of the whole, to make it standard; numbers and curves only */
    double low, high;          /* of CHURN_NUMBER: its quartiles, or its two values */
};

struct churn_design {
    const struct churn_column *columns;
    enum churn_use *uses; /* of each column */
    size_t column_count, row_count;

    /* For the line: all numbers, missing ones at the mean; texts against their commonest level. */
    struct churn_term *terms;
    size_t term_count;
    double *rows;        /* row by row */
    const double *means; /* of each term among the rows learned from; NULL: those of `rows` */

    /* For trees: numbers as they are, a column for each level. */
    struct churn_term *tree_terms;
    size_t tree_term_count;
    float *tree_rows;
};

struct churn_table {
    const struct churn_column *columns;
    size_t column_count, row_count;
    bool straight; /* numbers do not bend, and nothing is made for trees */
};

/*
 * Looks at every row but at no outcome, so that nothing leaks into a held-out row. Numbers with enough different values bend
 * as restricted cubic splines with four knots (Harrell 2015, section 2.4.5). STATUS_INVALID `churn.columns` when no column is
 * left or there are too many terms, STATUS_LIMIT `churn.rows`.
 */
enum status churn_design_make(struct arena *arena, const struct churn_table *table, struct churn_design *out,
                              struct error *err);

/* Other rows by the terms of `learned`, as of churn_design_make with the same columns, all numbers. */
void churn_design_apply(struct arena *arena, const struct churn_design *learned, const struct churn_table *table,
                        struct churn_design *out);

/* What a term of the line is, standard, at a value of its numeric column. */
double churn_term_value(const struct churn_term *term, double value);

/* What a column says in a row: "Contract: Two year", "tenure: 12". Lives in the arena. */
struct text churn_cell_text(struct arena *arena, const struct churn_column *column, size_t row);

#endif

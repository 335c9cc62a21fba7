/* pls_model.h: a path model: constructs, what measures them, and what acts on what; from a short text. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PLS_MODEL_H
#define PATRON_FEATURES_INSIGHT_PLS_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum { PLS_CONSTRUCTS_MAX = 22, PLS_INDICATORS_MAX = 200, PLS_TEXT_SIZE_MAX = 64 * 1024 };

enum pls_mode {
    PLS_MODE_A, /* reflective: the construct shows in its indicators; weights are correlations */
    PLS_MODE_B, /* formative: the indicators make the construct; weights are regression coefficients */
};

struct pls_construct {
    struct text name;
    enum pls_mode mode;
    size_t first, count; /* its indicators in those of the model */
};

struct pls_model {
    struct pls_construct constructs[PLS_CONSTRUCTS_MAX];
    size_t construct_count;
    struct text indicators[PLS_INDICATORS_MAX]; /* names */
    size_t indicator_count;
    bool paths[PLS_CONSTRUCTS_MAX][PLS_CONSTRUCTS_MAX]; /* [from][to] */
    size_t order[PLS_CONSTRUCTS_MAX];                   /* every construct after all that act on it */
};

/*
 * What is computed. A construct made of constructs is estimated in two stages: first its parts take its paths, then their
 * scores are its indicators. Without such constructs both models are the same.
 */
struct pls_plan {
    struct pls_model first, final;
    bool two_stages;
    size_t columns[PLS_INDICATORS_MAX]; /* of the file, of each indicator of `first` */
    ptrdiff_t
        origins[PLS_INDICATORS_MAX]; /* of each indicator of `final`: an indicator of `first`, or -1 - a construct */
};

/*
 * The text, a line each; '#' begins a comment, names with blanks stand in double quotes:
 *
 *     Image: IMAG1 IMAG2 IMAG3         measured by these columns, mode A; `IMAG*` is all columns that begin so
 *     Price (B): fees value            mode B
 *     Trust: Image Price               made of constructs
 *     Image, Price -> Loyalty          what acts on what
 *
 * STATUS_INVALID `pls.model`, with line and column in the message and "line:column" as the field.
 */
enum status pls_model_parse(struct arena *arena, struct text source, const struct text *columns, size_t column_count,
                            struct pls_plan *out, struct error *err);

/* The European customer satisfaction index (Tenenhaus and others 2005, figure 1) as such a text. */
extern const char pls_model_ecsi[];

#endif

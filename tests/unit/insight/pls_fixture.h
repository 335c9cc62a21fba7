/* pls_fixture.h: path models whose truth is known. */
#ifndef PATRON_TESTS_UNIT_INSIGHT_PLS_FIXTURE_H
#define PATRON_TESTS_UNIT_INSIGHT_PLS_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/insight/pls_bootstrap.h"

static inline void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", found, expected, tolerance);
}

/* Four constructs, of three columns each: A acts on B and C, B on C, C on D. */
enum { TRUTH_CONSTRUCTS = 4, TRUTH_EACH = 3, TRUTH_COLUMNS = 12 };
static const double truth_loadings[TRUTH_COLUMNS] = {0.9, 0.8, 0.7, 0.85, 0.6, 0.75, 0.8, 0.8, 0.9, 0.7, 0.75, 0.95};
static const double truth_paths[TRUTH_CONSTRUCTS][TRUTH_CONSTRUCTS] = {
    {0, 0.5, 0.3, 0}, {0, 0, 0.4, 0}, {0, 0, 0, 0.6}};
static const char truth_model[] = "A: a1 a2 a3\nB: b1 b2 b3\nC: c1 c2 c3\nD: d1 d2 d3\n"
                                  "A -> B, C\nB -> C\nC -> D\n";
static const char truth_names[TRUTH_COLUMNS][3] = {"a1", "a2", "a3", "b1", "b2", "b3",
                                                   "c1", "c2", "c3", "d1", "d2", "d3"};

static inline void truth_columns(struct text names[TRUTH_COLUMNS])
{
    for (size_t i = 0; i < TRUTH_COLUMNS; i++)
        names[i] = text_from(truth_names[i]);
}

/* Correlations of the constructs, each of variance 1. */
static inline void truth_correlations(double out[TRUTH_CONSTRUCTS][TRUTH_CONSTRUCTS])
{
    for (size_t to = 0; to < TRUTH_CONSTRUCTS; to++) {
        for (size_t other = 0; other < to; other++) {
            out[to][other] = 0;
            for (size_t from = 0; from < to; from++)
                out[to][other] += truth_paths[from][to] * out[from][other];
            out[other][to] = out[to][other];
        }
        out[to][to] = 1;
    }
}

static inline void truth_plan(struct arena *arena, const char *model, struct pls_plan *plan)
{
    struct text names[TRUTH_COLUMNS];
    struct error err = {0};

    truth_columns(names);
    if (pls_model_parse(arena, text_from(model), names, TRUTH_COLUMNS, plan, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

#endif

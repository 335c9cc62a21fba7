/* analyze_pls.h: a call of `analyze pls`, and how its results are printed. */
#ifndef PATRON_CLI_ANALYZE_PLS_H
#define PATRON_CLI_ANALYZE_PLS_H

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "features/insight/pls_bootstrap.h"

struct pls_call {
    struct cli *cli;
    struct data_file file;
    struct pls_plan plan;
    struct pls_settings settings;
    enum pls_missing missing;
    struct pls_data data;
    struct pls_estimate estimate;
    struct pls_resampling resampling;
    bool fewer; /* samples than asked for by default, because the file is large */
    struct pls_results results;
    const struct data_column *group; /* NULL: none */
};

/* ---- rows of figures: what, of what, on what, how much, and the intervals ---- */

enum { PLS_FIGURE_COLUMNS = 10 };
extern const struct output_column pls_figure_columns[];

#define PLS_HTMT_MOST 0.9 /* above it two constructs are hardly told apart (Henseler, Ringle, Sarstedt 2015) */

struct pls_rows {
    const struct pls_call *call;
    struct output *output;
};

void pls_add_row(struct pls_rows *rows, const char *figure, struct text of, double value, const char *note);
void pls_add_checks(struct pls_rows *rows);  /* whether what the model supposes holds: 1, or 0 and what does not */
void pls_add_summary(struct pls_rows *rows); /* in a sentence */

void pls_print_figures(const struct pls_call *call, struct output *output);

/* ---- answers one by one ---- */

/* A row for each answer: its line and what it scores on each construct, or (`indices`) its index from 0 to 100. */
void pls_print_scores(const struct pls_call *call, bool indices);

/* What one answer scores on a construct: standardised, or as an index; NaN when the index has no meaning. */
double pls_answer_score(const struct pls_call *call, size_t row, size_t construct);
double pls_answer_index(const struct pls_call *call, size_t row, size_t construct);

#endif

/* analyze_churn.h: what the parts of `patron analyze churn` share. */
#ifndef PATRON_CLI_ANALYZE_CHURN_H
#define PATRON_CLI_ANALYZE_CHURN_H

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "cli/outcome.h"
#include "features/insight/churn_model.h"

/* A call, from the file to the model. */
struct churn_call {
    struct cli *cli;
    struct data_file file;
    struct outcome outcome;
    const struct data_column *target, *id; /* id may be NULL */
    struct churn_setup setup;
    struct churn_design design;
    uint32_t *known; /* rows whose outcome is known */
    size_t known_count;
    struct churn_result result;
};

/* Prints how good the model is, what risk is tied to, and the checks. */
enum status churn_view_figures(struct churn_call *call, struct figures *figures, struct error *err);
/* Prints each row: who, the probability, and the strongest reasons. */
enum status churn_view_scores(struct churn_call *call, struct output *output, struct error *err);

/* Adds the shares of recorded reasons, of rows that left where a target is named, by segment where one is named. */
enum status churn_causes_add(struct cli *cli, const struct data_file *file, const struct outcome *outcome,
                             struct figures *figures, struct error *err);

extern const struct output_column churn_score_columns[];
enum { CHURN_SCORE_COLUMNS = 6, CHURN_REASONS = 3 };

#endif

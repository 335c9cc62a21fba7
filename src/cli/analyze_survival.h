/* analyze_survival.h: what the parts of `patron analyze survival` share. */
#ifndef PATRON_CLI_ANALYZE_SURVIVAL_H
#define PATRON_CLI_ANALYZE_SURVIVAL_H

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "cli/outcome.h"
#include "features/insight/churn_design.h"
#include "mathematics/cox.h"
#include "mathematics/survival_curve.h"

enum { SURVIVAL_TIMES_MAX = 24 };

/* A call: the rows whose time and event are known. */
struct survival_call {
    struct cli *cli;
    struct data_file file;
    const struct data_column *time, *event, *group; /* group may be NULL */
    uint32_t *rows;                                 /* of the file */
    size_t count;
    double *times;
    uint8_t *events;
    uint32_t *groups; /* NULL without a group */
    double asked[SURVIVAL_TIMES_MAX];
    size_t asked_count;
    enum cox_ties ties;
};

/* What makes the end come sooner, by the columns of --covariates; rows of figures. */
enum status survival_cox_add(struct survival_call *call, struct figures *figures, struct error *err);

#endif

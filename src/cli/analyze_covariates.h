/* analyze_covariates.h: lifetime value by Pareto/NBD with what is known of customers. */
#ifndef PATRON_CLI_ANALYZE_COVARIATES_H
#define PATRON_CLI_ANALYZE_COVARIATES_H

#include "cli/analyze.h"

/* The option of its own, in the table of `analyze clv`. */
#define OPTIONS_COVARIATES                                                                         \
    {                                                                                              \
        "covariates", "A,B,C",                                                                     \
            "columns of what is known of customers and does not change, for pareto-nbd: numbers, " \
            "or texts against the first one met"                                                   \
    }

/* Runs `analyze clv --covariates A,B`. */
int analyze_covariates(struct cli *cli);

#endif

/* clv_model.h: models of how often customers buy and when they leave: fitted, then asked about each customer. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_MODEL_H
#define PATRON_FEATURES_INSIGHT_CLV_MODEL_H

#include <stdbool.h>

#include "features/insight/clv_rows.h"

enum { CLV_PARAMETERS = 4, CLV_REGULARITY_MAX = 12 };

enum clv_model {
    CLV_BG_NBD,     /* buys at random, may leave after each repeat purchase (Fader, Hardie, Lee 2005) */
    CLV_MBG_NBD,    /* ... and after the first (Batislam 2007; Wagner, Hoppe 2008) */
    CLV_PARETO_NBD, /* ... or leaves at any moment (Schmittlein, Morrison, Colombo 1987) */
    CLV_NBD,        /* never leaves (Ehrenberg 1959) */
    CLV_BG_CNBD,    /* BG/NBD with gaps of Erlang-k (Platzer, Reutterer 2016) */
    CLV_MBG_CNBD,
    CLV_MODELS,
};

const char *clv_model_name(enum clv_model model); /* "bg-nbd" */
bool clv_model_from(const char *name, enum clv_model *out);
size_t clv_model_parameter_count(enum clv_model model);
const char *clv_model_parameter(enum clv_model model, size_t i); /* "alpha" */

struct clv_fit {
    enum clv_model model;
    int regularity; /* k of the Erlang gaps; 1: at random */
    double parameters[CLV_PARAMETERS];
    double errors[CLV_PARAMETERS]; /* standard errors; NaN where the data do not hold a parameter */
    double covariance[CLV_PARAMETERS * CLV_PARAMETERS]; /* by the model's own number of parameters */
    double log_likelihood;
    int evaluations;
    bool converged;
    bool at_limit; /* a parameter ran to 0 or infinity: a simpler model says the same */
};

/*
 * The parameters of greatest likelihood. `regularity` 0 finds k by likelihood, from 1 upwards as long as it helps; other
 * models than the CNBD pay no heed to it. STATUS_INVALID `clv.repeats` when nobody bought twice, `clv.fit` when no maximum
 * is found.
 */
enum status clv_fit(struct arena *arena, const struct clv_rows *rows, enum clv_model model, int regularity,
                    struct clv_fit *out, struct error *err);

/* What is asked: purchases within `time`, discounted at the continuous rate `discount` per unit of time (0: not asked). */
struct clv_question {
    double time;
    double discount;
};

struct clv_score {
    double alive;      /* probability that the customer has not left */
    double expected;   /* purchases within the time asked */
    double variance;   /* of their number */
    double discounted; /* discounted expected residual transactions (DERT), to the end of days; 0 when not asked */
};

/* Answers for each row; `out` has rows->row_count elements. */
void clv_score_rows(struct arena *arena, const struct clv_rows *rows, const struct clv_fit *fit,
                    const struct clv_question *question, struct clv_score *out);

/* E[X(t)] of a customer who has just bought for the first time. */
double clv_expectation(const struct clv_fit *fit, double time);

/* P(X(t) = n) of such a customer; not for Pareto/NBD. */
double clv_probability(const struct clv_fit *fit, double time, uint32_t purchases);

struct clv_total {
    double expected;
    double low, high; /* 90 % interval: chance of the purchases and doubt of the parameters */
};

/* The total over all customers. Without standard errors the interval holds the chance of purchases alone. */
enum status clv_total(const struct clv_rows *rows, const struct clv_fit *fit, double time, struct clv_total *out,
                      struct error *err);

/* What the families implement; see clv_beta.c and clv_pareto.c. */
struct jet;
void clv_beta_likelihood(const struct clv_rows *rows, const struct clv_fit *fit, double *scratch, struct jet *sum);
void clv_beta_score(struct arena *arena, const struct clv_rows *rows, const struct clv_fit *fit,
                    const struct clv_question *question, struct clv_score *out);
double clv_beta_expectation(const struct clv_fit *fit, double time);
double clv_beta_probability(const struct clv_fit *fit, double time, uint32_t purchases);
struct clv_pareto;
struct clv_pareto *clv_pareto_new(struct arena *arena, const struct clv_rows *rows);
void clv_pareto_likelihood(const struct clv_pareto *pareto, const double *parameters, struct jet *sum);
void clv_pareto_score(const struct clv_pareto *pareto, const double *parameters, const struct clv_question *question,
                      struct clv_score *out);

#endif

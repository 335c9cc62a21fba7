/*
 * plan.h: the configuration in which a plan has been in force since the period began: what was in force before stays, what came later
 * in its place goes. Pure.
 */
#ifndef PATRON_FEATURES_BACKTEST_PLAN_H
#define PATRON_FEATURES_BACKTEST_PLAN_H

#include "features/definitions/definition.h"

enum { PLAN_DEFINITIONS_MAX = 1000 };
#define PLAN_VERSION INT64_C(1000000) /* of what is tried: above all that are published */

/* A part of the programme that is planned. */
struct planned_definition {
    struct text kind; /* by its name or plural: "offer", "offers" */
    struct text code;
    struct text document; /* empty: it is not there in the plan */
};

struct plan {
    int64_t from;         /* in force since then */
    struct text document; /* a programme in the place of those in force; empty: as it was */
    const struct planned_definition *definitions;
    size_t definition_count;
};

/*
 * Makes the set, in `arena`, which keeps what it parsed. Errors name the field: "document.rules[0].per",
 * "definitions[2].document.when"; `backtest.currency`, `definition.kind`.
 */
enum status plan_make(struct arena *arena, const struct programme_set *set, const struct plan *plan,
                      const struct programme_set **out, struct error *err);

#endif

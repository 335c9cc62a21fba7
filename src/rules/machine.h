/* machine.h: what a running expression may use - memory, cost, the instant - and how its parts fail. Inside rules only. */
#ifndef PATRON_RULES_MACHINE_H
#define PATRON_RULES_MACHINE_H

#include "foundation/zone.h"
#include "rules/node.h"
#include "rules/value.h"

struct rule_program;

struct rule_failure {
    const char *code; /* "rules.overflow" */
    const char *message;
    size_t at; /* in the source; SIZE_MAX until it is known */
};

struct rule_machine {
    struct arena *arena;
    int64_t cost_left;
    size_t memory_left;
    const struct rule_program *program; /* NULL while constants are folded */
    int64_t now;                        /* INSTANT_NEVER: none was given */
    const struct zone *zone;            /* of the programme; NULL: UTC */
    int64_t valid_until;                /* the first instant at which a function of time would answer differently */
    struct rule_failure *failure;       /* of the last part that failed */
    struct rule_failure last_resort;    /* when there is no memory for another */
    bool exhausted;                     /* by a limit: nothing may absorb it */
};

/* Notes the failure; always false. */
bool machine_fail(struct rule_machine *machine, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes `cost` units from what is left; false, and the evaluation ends, when that is too much. */
bool machine_charge(struct rule_machine *machine, size_t cost);

/* Memory that lives as long as the result; NULL, and the evaluation ends, past the limit. */
void *machine_allocate(struct rule_machine *machine, size_t size);

/* No overload takes these kinds. */
bool machine_fail_overload(struct rule_machine *machine, const char *name, const struct rule_value *arguments,
                           size_t count);

/* ---- operators ---- */

/* `a` alone for ! and -. */
bool operator_run(struct rule_machine *machine, enum node_operator operation, struct rule_value a, struct rule_value b,
                  struct rule_value *out);
const char *operator_name(enum node_operator operation);

/* operand.field, as operand["field"]. */
bool operator_select(struct rule_machine *machine, struct rule_value operand, struct rule_value field,
                     struct rule_value *out);
bool operator_has(struct rule_machine *machine, struct rule_value operand, struct rule_value field,
                  struct rule_value *out);

/* A map of `count` keys and values that alternate in `items`. */
bool operator_map(struct rule_machine *machine, const struct rule_value *items, size_t count, struct rule_value *out);

#endif

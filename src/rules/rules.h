/*
 * rules.h: the expression language. Conditions of the product are expressions of the Common Expression Language, parsed,
 * checked against declared facts, compiled once and evaluated often. docs/rules.md describes the language.
 */
#ifndef PATRON_RULES_RULES_H
#define PATRON_RULES_RULES_H

#include "foundation/error.h"
#include "foundation/zone.h"
#include "rules/token.h"
#include "rules/type.h"
#include "rules/value.h"

enum {
    RULE_COMPILE_BYTES = 32 * 1024 * 1024, /* what compiling the largest expression may take of its arena */
    RULE_COST_DEFAULT = 1000000,           /* steps of an evaluation */
    RULE_MEMORY_DEFAULT = 4 * 1024 * 1024, /* bytes of an evaluation */
    RULE_WINDOW_DAYS_MAX = 400,            /* of count_within and sum_within */
};

/* A fact that expressions may name. Its value lies in the slot of the same number. */
struct rule_variable {
    const char *name; /* may have dots: "member.clv" */
    const struct rule_type *type;
    const char *about; /* a sentence for editors; may be NULL */
};

struct rule_environment {
    const struct rule_variable *variables; /* borrowed: live as long as what is compiled */
    size_t count;
};

struct rule_source {
    struct text text;
    const struct rule_environment *environment;
    bool unchecked; /* names and types are looked at only when they are met */
};

struct rule_program;

/*
 * Compiles into `arena`, which has RULE_COMPILE_BYTES to give. Release the program before the arena goes. STATUS_INVALID
 * `rules.syntax`, `rules.name`, `rules.type`, or STATUS_LIMIT `rules.size`; the message tells line, column, what was
 * expected and the nearest name, and `*place` (which may be NULL) line and column.
 */
enum status rule_compile(struct arena *arena, const struct rule_source *source, struct rule_program **out,
                         struct rule_place *place, struct error *err);
void rule_release(struct rule_program *program); /* accepts NULL */

const struct rule_type *rule_program_type(const struct rule_program *program);
bool rule_program_reads(const struct rule_program *program, size_t slot); /* whether it names the fact */
bool rule_program_is_timed(const struct rule_program *program);           /* within or days_since occur */

struct rule_evaluation {
    struct arena *arena;            /* of the result */
    const struct rule_value *slots; /* as many as the environment has facts */
    int64_t now;                    /* the instant that within and days_since look from; INSTANT_NEVER: none */
    const struct zone *zone;        /* whose days days_since counts; NULL: UTC */
    int64_t cost_max;               /* 0: RULE_COST_DEFAULT */
    size_t memory_max;              /* 0: RULE_MEMORY_DEFAULT */

    /* Set by the evaluation. */
    struct rule_value value;
    int64_t valid_until; /* until then the same facts give the same value; INSTANT_NEVER: for ever */
    int64_t cost;
};

/*
 * Evaluates. STATUS_INVALID with a code such as `rules.overflow`, or STATUS_LIMIT `rules.limit`; `valid_until` is set
 * then, too. Several threads may run one program.
 */
enum status rule_evaluate(const struct rule_program *program, struct rule_evaluation *evaluation, struct error *err);

/* ---- the functions, for documentation and editors ---- */

size_t rule_function_count(void);
const char *rule_function_text(struct arena *arena, size_t index); /* "string.contains(string) -> bool" */

#endif

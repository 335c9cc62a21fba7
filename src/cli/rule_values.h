/* rule_values.h: JSON as values and types of the expression language. */
#ifndef PATRON_CLI_RULE_VALUES_H
#define PATRON_CLI_RULE_VALUES_H

#include <jansson.h>

#include "rules/rules.h"

/* The facts that an expression may name, and their values by slot. */
struct rule_facts {
    struct rule_environment environment;
    struct rule_value *slots;
};

/* Parses `text`, any JSON. NULL and `rules.vars` in `err` when it is none; json_decref the result. */
json_t *rule_json_parse(struct text text, struct error *err);

/* A whole number becomes int, another number double, a list or object a list or map. Lives in the arena. */
struct rule_value rule_value_from_json(struct arena *arena, const json_t *json);

/* The members of an object as facts of their types. NULL: none. */
enum status rule_facts_from_json(struct arena *arena, const json_t *json, struct rule_facts *out, struct error *err);

/* {"x": "int", "tags": "list(string)"} as facts without values. */
enum status rule_facts_declare(struct arena *arena, const json_t *json, struct rule_facts *out, struct error *err);

#endif

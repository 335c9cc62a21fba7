/* type.h: the types that the checker knows: those of values, with what lists and maps hold, and dyn. */
#ifndef PATRON_RULES_TYPE_H
#define PATRON_RULES_TYPE_H

#include <stdbool.h>

#include "foundation/arena.h"
#include "rules/value.h"

enum rule_type_kind {
    /* The kinds of values first, with the same numbers. */
    RULE_TYPE_DYN = RULE_KINDS, /* anything: decided while running */
    RULE_TYPE_FREE,             /* not known yet: the element of [] */
};

struct rule_type {
    int kind;                        /* enum rule_kind or rule_type_kind */
    bool nullable;                   /* may be null instead: a fact that a member need not have */
    const struct rule_type *key;     /* of a map */
    const struct rule_type *element; /* of a list or map */
};

extern const struct rule_type rule_type_null, rule_type_bool, rule_type_int, rule_type_uint, rule_type_double,
    rule_type_string, rule_type_bytes, rule_type_timestamp, rule_type_duration, rule_type_type, rule_type_dyn,
    rule_type_free, rule_type_strings /* list(string) */, rule_type_list /* list(dyn) */,
    rule_type_map /* map(string, dyn) */, rule_type_any_map /* map(dyn, dyn) */;

/* The same with null; for the facts that may be absent. */
extern const struct rule_type rule_type_bool_or_null, rule_type_int_or_null, rule_type_double_or_null,
    rule_type_string_or_null, rule_type_timestamp_or_null;

const struct rule_type *rule_type_list_of(struct arena *arena, const struct rule_type *element);
const struct rule_type *rule_type_map_of(struct arena *arena, const struct rule_type *key,
                                         const struct rule_type *element);

/* Whether a value of one may stand where the other is wanted, or be compared with it. */
bool rule_type_agrees(const struct rule_type *a, const struct rule_type *b);

/* What holds both: the more exact of two that agree, otherwise dyn. */
const struct rule_type *rule_type_join(struct arena *arena, const struct rule_type *a, const struct rule_type *b);

/* "list(int)", "timestamp or null". */
const char *rule_type_text(struct arena *arena, const struct rule_type *type);

/* The type of a value: of a list its common element, of a map map(string, dyn); null gives dyn. */
const struct rule_type *rule_type_of(struct arena *arena, struct rule_value value);

/* Reads "int", "list(string)", "map(string, dyn)", "timestamp?" ("?": or null). False when it is none. */
bool rule_type_parse(struct arena *arena, struct text text, const struct rule_type **out);

#endif

/* facts.h: the facts that the cases of the expression language name, and values as the cases write them. */
#ifndef PATRON_TESTS_RULES_FACTS_H
#define PATRON_TESTS_RULES_FACTS_H

#include "rules/rules.h"

enum { FACT_COUNT = 25 };

/* Declares the facts and sets their values; `zone` of the evaluation is Asia/Shanghai and now 2026-11-22T09:00:00Z. */
struct facts {
    struct rule_environment environment;
    struct rule_variable variables[FACT_COUNT];
    struct rule_value slots[FACT_COUNT];
    const struct zone *zone;
    int64_t now;
};

void facts_set(struct arena *arena, struct facts *facts);

/* 3, 3u, 3.0, "x", b"ff", [1], {1: 2}, @2026-..., ~3.5s, type int. NUL-terminated. */
const char *facts_show(struct arena *arena, struct rule_value value);

#endif

/* walker.h: evaluates the tree of an expression as it stands, slowly: what the machine is compared with. */
#ifndef PATRON_TESTS_RULES_WALKER_H
#define PATRON_TESTS_RULES_WALKER_H

#include "facts.h"
#include "rules/node.h"

/* Parses and walks. False: it fails, by syntax or while running. Names are looked up when they are met. */
bool walk(struct arena *arena, const struct facts *facts, struct text expression, struct rule_value *out);

#endif

/* parse.h: the tree of an expression's text. */
#ifndef PATRON_RULES_PARSE_H
#define PATRON_RULES_PARSE_H

#include "rules/node.h"

enum {
    RULE_SOURCE_MAX = 64 * 1024, /* bytes */
    RULE_NODES_MAX = 20000,
    RULE_NESTING_MAX = 200, /* brackets in brackets */
    RULE_DEPTH_MAX = 1000,  /* operators in a row */
};

/* Parses the whole of `source`. STATUS_INVALID `rules.syntax` or STATUS_LIMIT `rules.size`, with `*failed_at` in bytes. */
enum status rule_parse(struct arena *arena, struct text source, struct node **out, size_t *failed_at,
                       struct error *err);

#endif

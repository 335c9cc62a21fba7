/* check.h: finds what the names of an expression mean, and refuses what its declared types rule out. */
#ifndef PATRON_RULES_CHECK_H
#define PATRON_RULES_CHECK_H

#include "rules/node.h"
#include "rules/rules.h"

/*
 * Completes the tree. Strict: STATUS_INVALID `rules.name` or `rules.type` with `*failed_at`. Otherwise always STATUS_OK:
 * names without a meaning are left so, and types are dyn.
 */
enum status rule_check(struct arena *arena, const struct rule_source *source, struct node *root, size_t *failed_at,
                       struct error *err);

#endif

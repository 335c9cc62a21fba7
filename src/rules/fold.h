/* fold.h: computes the parts of an expression that are the same in each evaluation. Inside rules only. */
#ifndef PATRON_RULES_FOLD_H
#define PATRON_RULES_FOLD_H

#include "rules/node.h"

/* Replaces what consists of constants by its value, within limits; what fails is left to the evaluation. */
void rule_fold(struct arena *arena, struct node *root);

#endif

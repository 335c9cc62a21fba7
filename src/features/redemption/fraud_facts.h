/* fraud_facts.h: through whom and where a purchase went, out of the facts of its row. Pure. */
#ifndef PATRON_FEATURES_REDEMPTION_FRAUD_FACTS_H
#define PATRON_FEATURES_REDEMPTION_FRAUD_FACTS_H

#include "foundation/arena.h"
#include "foundation/text.h"

/* The text `name` of the facts, its escapes undone; empty: not there. Facts are compact JSON, as rows have them. */
struct text fact_find(struct arena *arena, struct text facts, const char *name);

#endif

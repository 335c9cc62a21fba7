/* earned_rules.h: which rules gave points with an event, out of the facts of its journal row. Pure. */
#ifndef PATRON_FEATURES_PROGRAMME_EARNED_RULES_H
#define PATRON_FEATURES_PROGRAMME_EARNED_RULES_H

#include "foundation/arena.h"
#include "foundation/text.h"

struct earned_rule {
    struct text rule, wallet;
    int64_t points;
};

/* None for facts of something that earned nothing, and for what cannot be read. */
const struct earned_rule *earned_rules_read(struct arena *arena, struct text facts, size_t *count);

#endif

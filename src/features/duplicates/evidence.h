/* evidence.h: why two records look like one person: field by field, side by side. Pure. */
#ifndef PATRON_FEATURES_DUPLICATES_EVIDENCE_H
#define PATRON_FEATURES_DUPLICATES_EVIDENCE_H

#include "features/duplicates/compare.h"

struct duplicate_evidence {
    enum duplicate_field field;
    const char *level;         /* "equal", "one digit wrong" ...; "swapped" of names that are exchanged */
    struct text first, second; /* the values, as compared; several are separated by spaces */
    double weight;             /* bits for being one person; negative: against it */
};

/* Of the fields that both have, in their order; returns how many. */
size_t duplicate_evidence_list(struct arena *arena, const struct duplicate_base *base,
                               const struct linkage_model *model, size_t a, size_t b,
                               struct duplicate_evidence out[DUPLICATE_FIELDS]);

#endif

/* compare.h: two records field by field, as levels of agreement, and what each level weighs. Pure. */
#ifndef PATRON_FEATURES_DUPLICATES_COMPARE_H
#define PATRON_FEATURES_DUPLICATES_COMPARE_H

#include "features/duplicates/record.h"
#include "mathematics/linkage.h"

struct duplicate_comparison {
    uint64_t code; /* as in linkage.h: a level a field */
    bool swapped;  /* the family name of one is the given name of the other */
    /* The value that both have, where they agree to the letter; 0: none. */
    uint32_t common[DUPLICATE_FIELDS];
};

void duplicate_compare(const struct duplicate_base *base, const struct duplicate_record *a,
                       const struct duplicate_record *b, struct duplicate_comparison *out);

/* What is usual of members, before anything is learned. */
void duplicate_model_usual(struct linkage_model *out);

/* "equal", "same sound", "one digit wrong" ...; "unknown" for LINKAGE_MISSING. */
const char *duplicate_level_name(enum duplicate_field field, unsigned level);

/*
 * What the agreement in rare values weighs beyond the levels: log2 of how much rarer the value is than a common value of
 * chance (after Winkler 1990). Bounded for each field.
 */
double duplicate_rarity(const struct duplicate_base *base, const struct linkage_model *model,
                        const struct duplicate_comparison *comparison);

#endif

/*
 * linkage.h: which pairs of records mean the same thing, learned without labels: the model of Fellegi and Sunter (1969, "A
 * theory for record linkage", JASA 64) by expectation-maximisation, with several levels of agreement a field.
 *
 * A pair is a code: three bits a field, which hold its level of agreement (0: best) or LINKAGE_MISSING.
 */
#ifndef PATRON_MATHEMATICS_LINKAGE_H
#define PATRON_MATHEMATICS_LINKAGE_H

#include <stddef.h>
#include <stdint.h>

enum { LINKAGE_FIELDS_MAX = 16, LINKAGE_LEVELS_MAX = 7, LINKAGE_MISSING = 7, LINKAGE_BITS = 3 };

struct linkage_model {
    size_t field_count;
    size_t level_count[LINKAGE_FIELDS_MAX];
    double same[LINKAGE_FIELDS_MAX][LINKAGE_LEVELS_MAX];  /* P(level | one and the same), m of the paper */
    double other[LINKAGE_FIELDS_MAX][LINKAGE_LEVELS_MAX]; /* P(level | two), u of the paper */
    double share;                                         /* of all pairs that are one and the same */
};

/* How often a code was seen. */
struct linkage_count {
    uint64_t code;
    double count;
};

/* What the model learns from. */
struct linkage_sample {
    const struct linkage_count *near; /* all pairs that may be one and the same */
    size_t near_count;
    const struct linkage_count *any; /* a sample of all pairs */
    size_t any_count;
    double pair_count; /* all pairs there are */
};

static inline unsigned linkage_level(uint64_t code, size_t field)
{
    return (unsigned)(code >> (LINKAGE_BITS * field)) & LINKAGE_MISSING;
}

/*
 * `model` comes with what is usual, which counts as much as `strength` pairs of either kind, and at least half a pair
 * for every level; it leaves with what was learned; returns the number of steps. Pairs that are not near are taken for two.
 */
int linkage_learn(struct linkage_model *model, const struct linkage_sample *sample, double strength);

/* log2(m / u) of one field; 0 for a missing one. */
double linkage_field_weight(const struct linkage_model *model, size_t field, unsigned level);

/* The sum over the fields. */
double linkage_weight(const struct linkage_model *model, uint64_t code);

/* The probability that a pair of this weight is one and the same. */
double linkage_probability(const struct linkage_model *model, double weight);

#endif

/* loyalty.h: the loyalty index of a member, 0 to 100, from behaviour, attitude, emotion and cognition. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_LOYALTY_H
#define PATRON_FEATURES_INSIGHT_LOYALTY_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/text.h"

enum loyalty_side { LOYALTY_BEHAVIOUR, LOYALTY_ATTITUDE, LOYALTY_EMOTION, LOYALTY_COGNITION, LOYALTY_SIDES };

enum loyalty_part {
    LOYALTY_REPEAT,  /* how often they came back: 1 - 2^-((days - 1) / 2) */
    LOYALTY_RECENCY, /* 2^-(silence in intervals of their own / 2): half is gone when the stage says at risk */
    LOYALTY_SHARE,   /* of their need: asked for, else usual intervals in which they came back / (those since + 1) */
    LOYALTY_TENURE,  /* from the first purchase to the last: 1 - 2^-(usual intervals / 12) */
    LOYALTY_RECOMMENDATION,
    LOYALTY_SATISFACTION,
    LOYALTY_TRUST,
    LOYALTY_PREMIUM, /* would pay more to stay */
    LOYALTY_SENTIMENT,
    LOYALTY_ENGAGEMENT,
    LOYALTY_ADVOCACY,
    LOYALTY_AWARENESS,
    LOYALTY_RECALL,
    LOYALTY_PARTS,
};

const char *loyalty_side_name(enum loyalty_side side); /* "behaviour" */
const char *loyalty_part_name(enum loyalty_part part); /* "recency" */
enum loyalty_side loyalty_part_side(enum loyalty_part part);
bool loyalty_part_from(struct text name, enum loyalty_part *out);

/* The lowest and the highest answer on the scale that a part is usually asked on. */
struct loyalty_scale {
    double low, high;
};
struct loyalty_scale loyalty_part_scale(enum loyalty_part part);

/* Of the sides in the index, and of the parts in their side; only their proportions count. */
struct loyalty_weights {
    double sides[LOYALTY_SIDES];
    double parts[LOYALTY_PARTS];
};

extern const struct loyalty_weights loyalty_weights_usual; /* 40, 30, 20, 10; parts of a side alike */

/* Sets the weight of the side or part of that name; false when there is none, or the weight is not 0 or more. */
bool loyalty_weights_set(struct loyalty_weights *weights, struct text name, double weight);

struct loyalty_score {
    double index;                /* 0 .. 100 in whole points: less is not known; NaN: nothing is known */
    double sides[LOYALTY_SIDES]; /* 0 .. 100; NaN: nothing is known of it */
    unsigned rests_on;           /* bit 1 << side: it is part of the index */
    double known;                /* share of the weights whose parts are known */
};

/*
 * The index from parts between 0 and 1, NaN where nothing is known. A side is the weighted mean of its known parts, the
 * index that of the known sides: what is missing leaves its weight to the rest.
 */
void loyalty_score(const struct loyalty_weights *weights, const double parts[LOYALTY_PARTS], struct loyalty_score *out);

/* ---- behaviour from purchases ---- */

/* How a member bought so far; enough to go on from. Zero: not yet. */
struct loyalty_habits {
    int32_t first, last;
    uint32_t days;      /* with purchases */
    uint32_t intervals; /* usual ones, counted from the first purchase, with purchases */
};

/* A purchase on a day not before the last one. `usual`: days that the store's members usually leave between purchases. */
void loyalty_habits_add(struct loyalty_habits *habits, int32_t day, double usual);

/* The four parts of behaviour as of `now`, not before the last purchase. */
void loyalty_behaviour(const struct loyalty_habits *habits, int32_t now, double usual, double parts[LOYALTY_PARTS]);

#endif

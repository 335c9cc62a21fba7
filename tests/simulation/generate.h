/* generate.h: random actions on what the model knows. */
#ifndef PATRON_TESTS_SIMULATION_GENERATE_H
#define PATRON_TESTS_SIMULATION_GENERATE_H

#include "model.h"

/* SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere. */
struct dice {
    uint64_t state;
};
uint64_t dice_next(struct dice *dice);
int64_t dice_below(struct dice *dice, int64_t limit); /* 0 .. limit - 1 */
bool dice_chance(struct dice *dice, int percent);

struct generator {
    struct dice dice;
    int receipts;   /* handed out so far */
    int event_ids;  /* so */
    int64_t moment; /* makes the times of all events differ */
};

/* A new action. False: nothing fits, try again. */
bool generate(struct generator *generator, const struct model *model, struct action *action);

/* How far time moves before the next submission. */
int64_t generate_step(struct generator *generator);

#endif

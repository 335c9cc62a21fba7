/* happened.h: a past event as conditions see it: of a purchase what has not come back. Pure. */
#ifndef PATRON_FEATURES_REACTIONS_HAPPENED_H
#define PATRON_FEATURES_REACTIONS_HAPPENED_H

#include "features/conditions/condition.h"

struct happened {
    bool bought;    /* a purchase, or the claim of an anonymous one: `purchase` is filled */
    bool came_back; /* all of it */
    struct condition_event event;
    struct condition_purchase purchase;
};

/* `event` with what followed from it. Texts are borrowed from it or lie in `arena`. STATUS_DEFECT `event.facts`. */
enum status happened_read(struct arena *arena, const struct past_event *event, struct happened *out, struct error *err);

/* Whether rows of that kind are purchases. */
bool happened_is_purchase(struct text kind);

#endif

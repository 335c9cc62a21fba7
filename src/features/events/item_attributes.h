/* item_attributes.h: single attributes of an item of the catalogue, out of their JSON. Pure. */
#ifndef PATRON_FEATURES_EVENTS_ITEM_ATTRIBUTES_H
#define PATRON_FEATURES_EVENTS_ITEM_ATTRIBUTES_H

#include "foundation/arena.h"
#include "foundation/text.h"

/* What some parts of the product look for. */
struct item_attributes {
    struct text brand; /* empty: none is said */
    double cost;       /* of one item, a number or the text of one; NaN: none is said */
};

/* `json` is an object; anything else says nothing. */
struct item_attributes item_attributes_read(struct arena *arena, struct text json);

#endif

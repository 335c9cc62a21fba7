/*
 * partner_place.h: the store of what happens at a partner's till is "partner:" and the code of the partner, which no store of
 * one's own can be called: codes have no colons. To the accounts such a place is a legal entity of its own. Pure.
 */
#ifndef PATRON_FEATURES_FINANCE_PARTNER_PLACE_H
#define PATRON_FEATURES_FINANCE_PARTNER_PLACE_H

#include <stdbool.h>

#include "foundation/arena.h"
#include "foundation/text.h"

#define PARTNER_PLACE "partner:"

bool partner_place_is(struct text place);
/* "partner:" and the code, in `arena`; and the code of a place, borrowed from it: empty when it is none of a partner. */
struct text partner_place(struct arena *arena, struct text code);
struct text partner_place_code(struct text place);

#endif

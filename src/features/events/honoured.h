/*
 * honoured.h: offers that a purchase without a quote was sold by, although they were over: they had been shown to the customer. The till
 * took them off; what they are worth is what their version of then takes off these goods. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_HONOURED_H
#define PATRON_FEATURES_EVENTS_HONOURED_H

#include "features/events/purchase.h"

/* The parts of a person that the conditions of what was shown ask for. */
unsigned honoured_parts(const struct programme_set *set, const struct purchase *body);

/*
 * Adds to the facts of `row`, whose lines are known, what is honoured. STATUS_CONFLICT with the reason: `offer.not_shown`, `offer.ended`
 * (with what it would have taken off), `offer.not_now`, `offer.minimum_spend`, and `offer.nothing` for any other. STATUS_INVALID
 * `honour.quote_needed` for an offer that is limited or needs a code: a quote counts those.
 */
enum status honoured_take(struct decision *decision, const struct purchase *body, const struct journal_row *row,
                          struct purchase_facts *facts, struct error *err);

/* What a quote that the purchase settles honours. */
void honoured_quote(struct arena *arena, const struct quoted *quoted, struct purchase_facts *facts);

#endif

/* quoted_api.h: a purchase that names a quote. */
#ifndef PATRON_FEATURES_EVENTS_QUOTED_API_H
#define PATRON_FEATURES_EVENTS_QUOTED_API_H

#include "api/call.h"
#include "features/events/purchase.h"

/*
 * Gives the purchase the lines and discounts of the quote, and the hold that the quote made when it names no payment. Lines and
 * total that it was sent with must be those of the quote: STATUS_CONFLICT `quote.differs`. STATUS_MISSING `quote.unknown`.
 */
enum status quoted_take(struct call *call, int64_t quote, struct purchase *body, struct error *err);

/* Names the event and the counters of the quote in the purchase's command. Nothing without one. */
void quoted_name(const struct purchase *body, struct command *command, struct arena *arena);

#endif

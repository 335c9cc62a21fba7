/* attribution.h: an anonymous purchase that a member claims later; it earns as a late purchase. Pure. */
#ifndef PATRON_FEATURES_EVENTS_ATTRIBUTION_H
#define PATRON_FEATURES_EVENTS_ATTRIBUTION_H

#include "features/events/purchase.h"

/*
 * The body of a claim command: subject 0 is the member, events[0] the purchase, claims[claim] is ("attribution", id of the
 * purchase in decimal digits).
 */
struct attribution {
    int claim;
    struct text employee; /* who rang the purchase up */
    struct rules_known known;
    struct seller seller; /* and as a customer */

    struct purchase_result result;
};

/* The type for the programmes in force at the purchase's time and now; `rules_limit`: earning rules limit members. */
const struct command_type *attribution_type(const struct programme *then, const struct programme *now,
                                            bool rules_limit);

/* The load function (events_store.c). */
enum status attribution_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

enum status attribution_decide(struct decision *decision, struct command *command, struct error *err);

#endif

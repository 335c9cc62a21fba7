/*
 * shown_offer.h: offers that were shown and are over since: for as long as the programme's grace lasts they still apply, by the version that
 * was shown. The proof is the feed of that moment (features/definitions/advertised.h). Pure.
 */
#ifndef PATRON_FEATURES_OFFERS_SHOWN_OFFER_H
#define PATRON_FEATURES_OFFERS_SHOWN_OFFER_H

#include "features/offers/pricing.h"

enum { SHOWN_OFFERS_MAX = 5 };

/* Fills in what was shown, and whether it is honoured at `at`; `zone` is the store's. */
void shown_offers_find(const struct programme_set *set, const struct zone *zone, int64_t at,
                       struct shown_offer *honours, size_t count);

/*
 * As offers_price, with those of the honours that are good for the member, whom no honour costs anything: where the version in force is
 * better, it applies. out->refused tells of the others, with what they would have taken off. Sets basket->honours to
 * those that count.
 */
enum status shown_offers_price(const struct pricing_world *world, struct basket *basket,
                               const struct shown_offer *honours, size_t count, struct priced *out, struct error *err);

#endif

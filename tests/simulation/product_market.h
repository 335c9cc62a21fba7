/* product_market.h: quotes, coupons and the limits of offers, between the product's parts of the simulation. */
#ifndef PATRON_TESTS_SIMULATION_PRODUCT_MARKET_H
#define PATRON_TESTS_SIMULATION_PRODUCT_MARKET_H

#include "features/events/purchase.h"
#include "product.h"

void product_build_quote(struct product *product, const struct model *model, struct slot *slot);
void product_build_drop(struct product *product, const struct model *model, struct slot *slot);
void product_build_issue(struct product *product, const struct model *model, struct slot *slot);

void product_build_sell(struct product *product, struct slot *slot);
/* The gift card that pays a part of the purchase. */
void product_take_card(struct product *product, const struct model *model, struct slot *slot, struct purchase *body);

/* Gives the purchase the lines of the quote. */
void product_take_quote(struct product *product, const struct model *model, int quote, struct purchase *body);

bool product_check_quote(struct product *product, struct model *model, struct slot *slot);

/* The counters of all offers, and what the member (-1: nobody) used. */
bool product_compare_offers(struct product *product, struct storage_session *session, const struct model *model,
                            int member, const struct person *person);

#endif

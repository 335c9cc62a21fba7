/* own_sale.h: whether a purchase is rung up by somebody who earns from it: the member or somebody of their household. Pure. */
#ifndef PATRON_FEATURES_EVENTS_OWN_SALE_H
#define PATRON_FEATURES_EVENTS_OWN_SALE_H

#include "engine/decide.h"
#include "features/events/events.h"

/* An employee as a customer, when the purchase was sent. Zeroed: no employee, or no customer. */
struct seller {
    int64_t member, leader;
    int64_t household; /* 0: none */
};

bool own_sale_is(const struct seller *seller, const struct person *person);

#endif

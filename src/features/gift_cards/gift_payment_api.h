/* gift_payment_api.h: a gift card that a request wants to pay with: found by its code, its PIN checked. */
#ifndef PATRON_FEATURES_GIFT_CARDS_GIFT_PAYMENT_API_H
#define PATRON_FEATURES_GIFT_CARDS_GIFT_PAYMENT_API_H

#include "api/call.h"
#include "features/gift_cards/gift_payment.h"

struct gift_asked {
    struct text code, pin;
    const struct json_amount *amount;
    bool partial;
};

/* A try at the PIN counts whatever becomes of the request. Errors `gift_card.*`. */
enum status gift_payment_take(struct call *call, const struct gift_asked *asked, struct gift_payment *out,
                              struct error *err);

/* A new key and a PIN; the card keeps the hash of it. */
enum status gift_card_make(struct call *call, struct gift_card *card, char **pin, struct error *err);

#endif

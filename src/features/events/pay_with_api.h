/* pay_with_api.h: gift cards and stored value that pay for a purchase, in requests and replies. */
#ifndef PATRON_FEATURES_EVENTS_PAY_WITH_API_H
#define PATRON_FEATURES_EVENTS_PAY_WITH_API_H

#include "api/call.h"
#include "features/events/purchase.h"
#include "json/shape.h"
#include "json/writer.h"

/* One of `payments`: {"kind": "gift_card", "code": ..., "pin": ..., "amount": ...}. */
extern const struct shape pay_with_shape;
enum { PAY_WITH_MAX = GIFT_PAYMENTS_MAX + 1 };

#define PAY_WITH_FIELD(owner, path)                                                                       \
    {                                                                                                     \
        .name = "payments", .type = FIELD_LIST, .offset = offsetof(owner, path), .maximum = PAY_WITH_MAX, \
        .element = FIELD_OBJECT, .shape = &pay_with_shape,                                                \
        .about = "The parts that gift cards and stored value pay, in the programme's currency."           \
    }

/* What of them must be equal for an event to be the same again; no PIN. */
void pay_with_content(struct builder *content, const struct json_list *payments);

/*
 * Reads cards and checks their PINs (each is a try), and adds to what pays for `body`. Errors `gift_card.*`, and
 * STATUS_INVALID `purchase.stored_value_twice`.
 */
enum status pay_with_take(struct call *call, const struct json_list *payments, struct purchase *body,
                          struct error *err);

/* "gift_cards": what each card paid, and what it has left; nothing without any. */
extern const struct shape card_paid_shape;
void write_cards_paid(struct json_writer *writer, const struct purchase_result *result);

#endif

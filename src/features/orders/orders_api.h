/* orders_api.h: the routes of orders, reservations, stays and their rules. */
#ifndef PATRON_FEATURES_ORDERS_ORDERS_API_H
#define PATRON_FEATURES_ORDERS_ORDERS_API_H

#include "api/call.h"
#include "features/events/line_api.h"
#include "features/events/pay_with_api.h"
#include "features/orders/bookings.h"
#include "features/redemption/proof_api.h"
#include "json/writer.h"

/* The kind of booking that the route is about, by its path; 0: none. */
enum booking_kind booking_kind_of(const struct call *call);
const char *booking_prefix(enum booking_kind kind); /* of ids: "ord" */

/* Whether the caller sees it: the store that handles it, or the one in which it was ordered. */
enum status booking_check_seen(const struct call *call, const struct booking *booking, struct error *err);

/* orders_api.c */
extern const struct shape order_input_shape, reservation_input_shape, stay_input_shape;
extern const struct shape order_recorded_shape, reservation_recorded_shape, stay_recorded_shape;
extern const struct shape check_in_recorded_shape;
enum status booking_open_handle(struct call *call, struct item *item, struct error *err);
void booking_finish(struct item *item, struct json_writer *writer);

/* order_change_api.c */
extern const struct shape booking_event_shape, order_payment_shape, folio_input_shape;
extern const struct shape reservation_change_shape, stay_change_shape, check_in_shape;
enum status booking_change_handle(struct call *call, struct item *item, struct error *err);
enum status check_in_handle(struct call *call, struct item *item, struct error *err);

/* order_view_api.c */
extern const struct shape booking_query_shape, order_shape, reservation_shape, stay_shape;
extern const struct shape order_detail_shape, reservation_detail_shape, stay_detail_shape;
enum status booking_list_handle(struct call *call, struct item *item, struct error *err);
enum status booking_get_handle(struct call *call, struct item *item, struct error *err);

/* order_rules_api.c */
extern const struct shape rate_code_input_shape, rate_code_shape, order_policy_input_shape, order_policy_shape;
enum status rate_code_list_handle(struct call *call, struct item *item, struct error *err);
enum status rate_code_get_handle(struct call *call, struct item *item, struct error *err);
enum status rate_code_put_handle(struct call *call, struct item *item, struct error *err);
enum status rate_code_delete_handle(struct call *call, struct item *item, struct error *err);
enum status order_policy_list_handle(struct call *call, struct item *item, struct error *err);
enum status order_policy_get_handle(struct call *call, struct item *item, struct error *err);
enum status order_policy_put_handle(struct call *call, struct item *item, struct error *err);

/* ---- between the files ---- */

/* Lines as those of purchases, of one currency; the programme's when there are none. Categories come from the catalogue. */
struct order_lines {
    struct purchase_line *lines;
    size_t count;
    char currency[CURRENCY_SIZE];
    struct text words; /* of modifiers, for the detail; empty: none */
};
enum status order_lines_take(struct call *call, const struct json_list *input, struct order_lines *out,
                             struct error *err);

/* What points, stored value and gift cards pay of the sale. */
struct booking_payment_input {
    struct json_list points, with;
    struct stored_payment_input *stored;
    struct proof_input *proof;
};
#define BOOKING_PAYMENT_FIELDS(owner, path)                        \
    {.name = "pay_points",                                         \
     .type = FIELD_LIST,                                           \
     .offset = offsetof(owner, path.points),                       \
     .maximum = PURCHASE_POINTS_MAX,                               \
     .element = FIELD_OBJECT,                                      \
     .shape = &payment_input_shape,                                \
     .about = "The part of the sale that points pay."},            \
        {.name = "pay_stored_value",                               \
         .type = FIELD_OBJECT,                                     \
         .offset = offsetof(owner, path.stored),                   \
         .shape = &stored_payment_input_shape,                     \
         .about = "The part that money paid in beforehand pays."}, \
        PAY_WITH_FIELD(owner, path.with), PROOF_FIELD(owner, path.proof)
void booking_payment_content(struct builder *content, const struct booking_payment_input *input);
/* Into `sale`; `payer` is whose points they are, NULL: nobody known. */
enum status booking_payment_take(struct call *call, const struct booking_payment_input *input,
                                 const struct member_reference *payer, struct purchase *sale, struct error *err);

/* Whether what the nights of the stay will cost is an amount: `purchase.negative`, `purchase.range`. */
enum status booking_check_price(const struct booking *stay, struct error *err);

/* {"name": ..., "note": ..., "modifiers": `words`}; empty without any. */
struct text order_texts(struct arena *arena, struct text name, struct text note, struct text words);

#endif

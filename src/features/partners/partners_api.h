/* partners_api.h: the routes of partners. */
#ifndef PATRON_FEATURES_PARTNERS_PARTNERS_API_H
#define PATRON_FEATURES_PARTNERS_PARTNERS_API_H

#include "api/call.h"
#include "features/partners/partner_commands.h"

/*
 * The partner of a request: that of the key that asks, when it is the key of a partner; otherwise the one that is named, when the
 * caller sees the whole company. STATUS_INVALID `partner.required`, STATUS_FORBIDDEN `auth.scope`.
 */
enum status partner_of_call(const struct call *call, struct text given, struct text *out, struct error *err);

/* till_api.c */
extern const struct shape partner_purchase_shape, partner_claim_shape, partner_return_shape, partner_redemption_shape,
    partner_void_shape, partner_reply_shape;
enum status partner_purchase_handle(struct call *call, struct item *item, struct error *err);
void partner_purchase_finish(struct item *item, struct json_writer *writer);
enum status partner_claim_handle(struct call *call, struct item *item, struct error *err);
void partner_claim_finish(struct item *item, struct json_writer *writer);
enum status partner_return_handle(struct call *call, struct item *item, struct error *err);
void partner_return_finish(struct item *item, struct json_writer *writer);
enum status partner_redemption_handle(struct call *call, struct item *item, struct error *err);
void partner_redemption_finish(struct item *item, struct json_writer *writer);
enum status partner_void_handle(struct call *call, struct item *item, struct error *err);
void partner_void_finish(struct item *item, struct json_writer *writer);

/* statement_api.c */
extern const struct shape partner_statement_query_shape, partner_statement_file_shape, partner_statement_shape;
enum status partner_statement_handle(struct call *call, struct item *item, struct error *err);
enum status partner_statement_file_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape partner_transactions_shape;
enum status partner_transactions_handle(struct call *call, struct item *item, struct error *err);

/* payment_api.c */
extern const struct shape partner_payment_shape, partner_payment_reply_shape;
enum status partner_payment_handle(struct call *call, struct item *item, struct error *err);
void partner_payment_finish(struct item *item, struct json_writer *writer);

#endif

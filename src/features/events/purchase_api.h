/* purchase_api.h: the routes of purchases, and what other routes write of them. */
#ifndef PATRON_FEATURES_EVENTS_PURCHASE_API_H
#define PATRON_FEATURES_EVENTS_PURCHASE_API_H

#include "api/route.h"
#include "features/events/purchase.h"
#include "json/writer.h"

extern const struct shape wallet_points_shape;  /* {wallet, points} */
extern const struct shape wallet_balance_shape; /* {wallet, available, pending, balance} */
extern const struct shape purchase_line_shape;

void write_balances(struct json_writer *writer, const struct wallet_balance *balances, size_t count);
void write_lines(struct json_writer *writer, const struct purchase_line *lines, size_t count, const char *currency);

enum status purchase_handle(struct call *call, struct item *item, struct error *err);
/* Who rang it up, when that is a customer too. */
enum status seller_take(struct call *call, struct text employee, struct seller *out, struct error *err);
void purchase_finish(struct item *item, struct json_writer *writer);
void purchase_explain(const struct item *item, struct json_writer *writer);
extern const struct shape purchase_input_shape, purchase_receipt_shape;

enum status purchase_get(struct call *call, struct item *item, struct error *err);
extern const struct shape purchase_shape;

struct purchase_result;
void write_earned(struct json_writer *writer, const struct earned_facts *list, size_t count);
extern const struct shape earned_shape;

/* Gives a purchase named by receipt to a member. */
enum status purchase_claim_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape purchase_claim_input_shape;

enum status attribution_handle(struct call *call, struct item *item, struct error *err);
void attribution_finish(struct item *item, struct json_writer *writer);
extern const struct shape attribution_input_shape;

enum status return_of_handle(struct call *call, struct item *item, struct error *err); /* purchase in the path */
enum status return_by_handle(struct call *call, struct item *item, struct error *err); /* purchase by receipt or id */
enum status void_of_handle(struct call *call, struct item *item, struct error *err);
enum status void_by_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape void_input_shape, void_by_input_shape;
void unreceipted_finish(struct item *item, struct json_writer *writer);
void return_finish(struct item *item, struct json_writer *writer);
extern const struct shape return_input_shape, return_by_input_shape, return_shape;

#endif

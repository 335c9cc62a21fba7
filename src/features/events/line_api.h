/* line_api.h: the lines of a purchase in requests and replies. */
#ifndef PATRON_FEATURES_EVENTS_LINE_API_H
#define PATRON_FEATURES_EVENTS_LINE_API_H

#include "features/events/facts.h"
#include "features/events/purchase.h"
#include "json/shape.h"
#include "json/writer.h"

/* A line as a request gives it. */
extern const struct shape line_input_shape;

/* What of the lines must be equal for an event to be the same again. */
void lines_content(struct builder *content, const struct json_list *lines);

/*
 * Reads the lines into `body`, whose currency is that of the total when it has one. Every amount of a purchase is of one
 * currency: STATUS_INVALID `purchase.currencies`. STATUS_LIMIT `purchase.terms`.
 */
enum status lines_take(struct arena *arena, const struct json_list *lines, struct purchase *body, struct error *err);

/* ---- points that pay, and the detail ---- */

extern const struct shape payment_input_shape;
void payments_content(struct builder *content, const struct json_list *payments);
void payments_take(const struct json_list *payments, struct purchase *body);

/* Stored value that pays; NULL: none. It is money of the programme's currency: `stored_value.currency`. */
struct stored_payment_input;
extern const struct shape stored_payment_input_shape;
void stored_content(struct builder *content, const struct stored_payment_input *stored);
enum status stored_take(const struct programme *programme, const struct stored_payment_input *input,
                        struct purchase *body, struct error *err);

/* Properties (JSON, may be empty) and the words of modifiers as the detail of the journal row. */
struct text purchase_detail(struct arena *arena, struct text properties, const struct purchase *body);

#endif

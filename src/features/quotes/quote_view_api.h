/* quote_view_api.h: what replies say about a quote. */
#ifndef PATRON_FEATURES_QUOTES_QUOTE_VIEW_API_H
#define PATRON_FEATURES_QUOTES_QUOTE_VIEW_API_H

#include "features/quotes/quote_input_api.h"

/* The members of the reply to the one who asks for a price. */
void write_quote(struct json_writer *writer, const struct quote_request *body);

/* Those of them that a quote keeps. */
void write_quote_price(struct json_writer *writer, const struct quoted *quoted);

extern const char *const quote_state_words[]; /* ends with NULL */
extern const struct shape quote_shape, kept_quote_shape, quote_ended_shape;

#endif

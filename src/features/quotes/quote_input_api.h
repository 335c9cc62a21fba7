/* quote_input_api.h: the basket of a request for a quote, and pricing it without an engine pass. */
#ifndef PATRON_FEATURES_QUOTES_QUOTE_INPUT_API_H
#define PATRON_FEATURES_QUOTES_QUOTE_INPUT_API_H

#include "engine/engine.h"
#include "features/customers/member_reference_api.h"
#include "features/offers/quote.h"
#include "json/shape.h"
#include "json/writer.h"

struct quote_points_input {
    struct text wallet;
    int64_t points;
};

struct quote_input {
    struct member_reference *member;
    struct text store, channel;
    struct json_list lines, codes, explain, honours;
    struct quote_points_input *points;
    int64_t at, organisation;
    bool keep, reserve, next;
};

/* Where a quote is made: a request, or the command line. */
struct quoting {
    struct arena *arena;
    const struct programme_set *programmes;
    int64_t now;
};

/* The basket and what is asked of it; texts stay those of `input`. */
enum status quote_open(const struct quoting *quoting, const struct quote_input *input, struct quote_request *out,
                       struct error *err);
/*
 * Whose purchase it would be: `member`, or when they buy for an organisation that or they, by its terms, which the request gets.
 * As organisation_buyer.
 */
enum status quote_buyer(const struct quoting *quoting, struct storage_session *session, const struct quote_input *input,
                        int64_t *member, struct quote_request *body, struct error *err);
/* What the catalogue knows of its lines, and conditions need of the person (all NULL: nobody). */
enum status quote_complete(const struct quoting *quoting, struct storage_session *session, const struct person *person,
                           struct quote_request *body, struct error *err);
/* The codes shown that are none of an offer: coupons, perhaps. */
struct json_list quote_coupon_codes(const struct quoting *quoting, const struct quote_request *body);
void quote_name_counters(const struct quoting *quoting, const struct quote_request *body, const struct person *person,
                         struct command *command);
/* Prices it for now, or for basket.at; nothing is stored. */
enum status quote_now(const struct quoting *quoting, struct storage_session *session, const struct person *person,
                      struct quote_request *body, struct error *err);

/* Reads the coupons among its codes, which counts guesses: before a session is opened. */
struct call;
enum status quote_take_coupons(struct call *call, const struct quoting *quoting, int64_t member,
                               struct quote_request *body, struct error *err);

extern const struct shape quote_line_input_shape;

#endif

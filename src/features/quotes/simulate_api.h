/* simulate_api.h: a basket tried: its price, what it earns, and of everything that does not apply why. */
#ifndef PATRON_FEATURES_QUOTES_SIMULATE_API_H
#define PATRON_FEATURES_QUOTES_SIMULATE_API_H

#include "api/call.h"
#include "features/quotes/quote_input_api.h"

/* A basket that quote_now has priced, with simulation_offers explained. */
struct simulating {
    const struct quoting *quoting;
    struct storage_session *session;
    const struct person *person; /* all NULL: nobody known */
    const struct quote_request *body;
};
/* The offers that there are, each once, as quote_input.explain takes them. */
struct json_list simulation_offers(const struct quoting *quoting);
/* The members of the open object: price, rules, earning_rules, points, benefits. */
enum status simulation_write(const struct simulating *simulating, struct json_writer *writer, struct error *err);

extern const struct shape simulation_input_shape, simulation_shape;
enum status simulate_handle(struct call *call, struct item *item, struct error *err);

#endif

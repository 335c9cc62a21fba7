/* honour_input_api.h: offers that a customer was shown, in the body of a purchase or a quote. */
#ifndef PATRON_FEATURES_EVENTS_HONOUR_INPUT_API_H
#define PATRON_FEATURES_EVENTS_HONOUR_INPUT_API_H

#include "api/call.h"
#include "features/events/purchase.h"

extern const struct shape shown_offer_input_shape;

#define HONOURS_FIELD(owner, member)                                                                           \
    {                                                                                                          \
        .name = "honours", .type = FIELD_LIST, .offset = offsetof(owner, member), .maximum = SHOWN_OFFERS_MAX, \
        .element = FIELD_OBJECT, .shape = &shown_offer_input_shape,                                            \
        .about = "Offers that are over, and that the customer was shown: they apply within the grace."         \
    }

/* As read; what was shown is found later. Returns how many. */
struct shown_offer *honours_input(struct arena *arena, const struct json_list *list, size_t *count);
void honours_content(struct builder *content, const struct json_list *list);

#endif

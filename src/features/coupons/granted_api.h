/* granted_api.h: "granted" of a reply: what was given besides points, each with its code, name and the id of the holding. */
#ifndef PATRON_FEATURES_COUPONS_GRANTED_API_H
#define PATRON_FEATURES_COUPONS_GRANTED_API_H

#include "api/call.h"
#include "features/coupons/granted_store.h"

extern const struct shape granted_shape;
#define GRANTED_FIELD                                                                                            \
    {                                                                                                            \
        .name = "granted", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT,                 \
        .shape = &granted_shape, .about = "What was given besides points; the code of a coupon within a second." \
    }

/* granted_read in a read session of its own. */
enum status granted_call_read(struct call *call, const int64_t *ids, size_t count, struct granted_list *outs,
                              struct error *err);
/* After the command: of the row `id`; nothing when it cannot be read now. */
struct granted_list granted_call_find(struct call *call, int64_t id);

/* `at`: when it was given. */
void granted_write(struct call *call, struct json_writer *writer, const struct granted_list *list, int64_t at);

#endif

/* return_input_api.h: what requests that bring goods back share: lines, and how they name the purchase. */
#ifndef PATRON_FEATURES_EVENTS_RETURN_INPUT_API_H
#define PATRON_FEATURES_EVENTS_RETURN_INPUT_API_H

#include "api/call.h"
#include "features/events/return.h"
#include "json/shape.h"
#include "json/writer.h"

/* A receipt as a request names it. */
struct purchase_receipt_input {
    struct text number, channel, store, till;
    int32_t day;
};

/* A purchase, by id or by receipt. */
struct purchase_name {
    int64_t id;
    struct purchase_receipt_input receipt;
};

#define PURCHASE_NAME_FIELDS(owner, path)                                                                  \
    {.name = "purchase", .type = FIELD_ID, .offset = offsetof(owner, path.id), .prefix = "evt"},           \
        {.name = "purchase_receipt",                                                                       \
         .type = FIELD_TEXT,                                                                               \
         .offset = offsetof(owner, path.receipt.number),                                                   \
         .maximum = EVENT_KEY_PART_MAX,                                                                    \
         .about = "The receipt of the purchase, with its business day, channel, store and till."},         \
        {.name = "purchase_business_day", .type = FIELD_DAY, .offset = offsetof(owner, path.receipt.day)}, \
        {.name = "purchase_channel",                                                                       \
         .type = FIELD_TEXT,                                                                               \
         .offset = offsetof(owner, path.receipt.channel),                                                  \
         .maximum = CODE_SIZE_MAX},                                                                        \
        {.name = "purchase_store",                                                                         \
         .type = FIELD_TEXT,                                                                               \
         .offset = offsetof(owner, path.receipt.store),                                                    \
         .maximum = CODE_SIZE_MAX},                                                                        \
    {                                                                                                      \
        .name = "purchase_till", .type = FIELD_TEXT, .offset = offsetof(owner, path.receipt.till),         \
        .maximum = EVENT_KEY_PART_MAX                                                                      \
    }

/* STATUS_MISSING `purchase.unknown`, STATUS_INVALID `return.purchase_missing`. A voided receipt names what was voided. */
enum status purchase_name_find(struct call *call, const struct purchase_name *name, int64_t *purchase,
                               struct error *err);
enum status purchase_by_receipt(struct call *call, const struct purchase_receipt_input *input, const char *field,
                                int64_t *purchase, struct error *err);

/* Lines that come back. */
extern const struct shape return_line_shape;
void return_lines_content(struct builder *content, const struct json_list *lines);
enum status return_lines_read(struct call *call, const struct json_list *lines, struct purchase_return *body,
                              struct error *err);

void write_wallet_points(struct json_writer *writer, const char *name, const struct wallet_points *points,
                         size_t count);
/* The members of a recorded return but its id. */
void write_return(struct json_writer *writer, const struct return_result *result);

#endif

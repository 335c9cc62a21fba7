#include "features/coupons/granted_api.h"

static const struct field fields[] = {
    {.name = "kind",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "benefit, coupon_series, badge, gift_card or points."},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Null: a gift card."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Null: a gift card."},
    {.name = "holding",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "The right of a benefit, the code of a coupon, the id of a badge, gift card or of the row of points."},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Of a benefit."},
    {.name = "points", .type = FIELD_INTEGER, .about = "Of points: how many; their code is the account."},
    {.name = "amount", .type = FIELD_AMOUNT, .about = "Of a gift card."},
};
const struct shape granted_shape = {
    .name = "Granted", .about = "Something that was given besides points.", SHAPE_FIELDS(fields)};

enum status granted_call_read(struct call *call, const int64_t *ids, size_t count, struct granted_list *outs,
                              struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = granted_read(session, call->arena, ids, count, outs, err);
    call_read_end(call, session);
    return status;
}

struct granted_list granted_call_find(struct call *call, int64_t id)
{
    struct granted_list list = {.count = 0};

    if (granted_call_read(call, &id, 1, &list, NULL) != STATUS_OK)
        list = (struct granted_list){.count = 0};
    return list;
}

static void write_or_null(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

void granted_write(struct call *call, struct json_writer *writer, const struct granted_list *list, int64_t at)
{
    writer_list(writer, "granted");
    for (size_t i = 0; i < list->count; i++) {
        const struct granted *one = &list->items[i];
        writer_object(writer, NULL);
        writer_string(writer, "kind", one->kind);
        write_or_null(writer, "code", one->code);
        write_or_null(writer, "name", granted_name(call->arena, call->programmes, one, at));
        writer_text(writer, "holding", one->holding);
        writer_instant(writer, "until", one->until);
        if (one->points > 0)
            writer_integer(writer, "points", one->points);
        if (one->minor > 0)
            writer_amount(writer, "amount", one->minor, programme_at(call->programmes, at)->currency);
        writer_end(writer);
    }
    writer_end(writer);
}

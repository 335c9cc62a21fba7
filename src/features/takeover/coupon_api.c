/* Coupons over HTTP: looked up by code, and used. */
#include <stddef.h>

#include "features/customers/member_reference_api.h"
#include "features/takeover/coupon_store.h"
#include "features/takeover/takeover_api.h"

static const char *const states[] = {"active", "not_started", "expired", "used", NULL};

static const struct field coupon_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = states},
    {.name = "value", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "What it gives, as the file said it."},
    {.name = "owner",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "mbr",
     .about = "Null: whoever brings it."},
    {.name = "valid_from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "valid_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The first instant without it."},
    {.name = "used", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "How often since it was taken over."},
    {.name = "uses_left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape coupon_shape = {
    .name = "Coupon", .about = "A coupon given out by the system before.", SHAPE_FIELDS(coupon_fields)};

static const char *state_of(const struct coupon *coupon, const struct coupon_uses *uses, int64_t now)
{
    if (uses->left <= 0)
        return "used";
    if (now < coupon->valid_from)
        return "not_started";
    return now >= coupon->valid_until ? "expired" : "active";
}

/* The coupon of the path. Of a member whom the caller does not see it is unknown. */
static enum status find(struct call *call, struct coupon *coupon, struct coupon_uses *uses, struct error *err)
{
    struct storage_session *session;
    struct text code;
    enum status status = coupon_code(call->arena, call->parameters[0], &code, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    *coupon = (struct coupon){0};
    status = coupon_find(session, call->arena, code, coupon, uses, err);
    call_read_end(call, session);
    if (status == STATUS_OK && coupon->owner != 0 && !call->scope->whole)
        status = call_check_member(call, coupon->owner, "code", err);
    return status;
}

enum status coupon_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct coupon coupon;
    struct coupon_uses uses;
    enum status status = find(call, &coupon, &uses, err);

    if (status != STATUS_OK)
        return status;
    writer_text(&item->writer, "code", coupon.code);
    writer_string(&item->writer, "state", state_of(&coupon, &uses, call->now));
    writer_text(&item->writer, "value", coupon.value);
    writer_id(&item->writer, "owner", "mbr", coupon.owner);
    if (coupon.valid_from > INT64_MIN)
        writer_instant(&item->writer, "valid_from", coupon.valid_from);
    else
        writer_null(&item->writer, "valid_from");
    writer_instant(&item->writer, "valid_until", coupon.valid_until);
    writer_integer(&item->writer, "used", uses.used);
    writer_integer(&item->writer, "uses_left", uses.left);
    return STATUS_OK;
}

struct use_input {
    struct member_reference *member;
    struct text store, channel, receipt;
};
static const struct field use_input_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct use_input, member),
     .shape = &member_reference_shape,
     .about = "Who brings it; the owner's when absent."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct use_input, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "channel", .type = FIELD_TEXT, .offset = offsetof(struct use_input, channel), .maximum = CODE_SIZE_MAX},
    {.name = "receipt",
     .type = FIELD_TEXT,
     .offset = offsetof(struct use_input, receipt),
     .maximum = CODE_SIZE_MAX,
     .about = "The number of the receipt that it was used on."},
};
const struct shape coupon_use_input_shape = {
    .name = "CouponUseInput", .size = sizeof(struct use_input), SHAPE_FIELDS(use_input_fields)};
static const struct field used_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "value", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "uses_left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape coupon_used_shape = {
    .name = "CouponUsed", .about = "Seen in the timeline of the member.", SHAPE_FIELDS(used_fields)};

enum status coupon_use_handle(struct call *call, struct item *item, struct error *err)
{
    const struct use_input *input = item->body;
    struct coupon coupon;
    enum status status = find(call, &coupon, NULL, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &use_coupon_type, sizeof(struct use_coupon));
    struct use_coupon *body = command->body;
    body->coupon = coupon;
    body->store = input->store;
    body->channel = input->channel;
    body->receipt = input->receipt;
    if (input->member != NULL)
        status = member_reference_apply(call, command, input->member, "member", err);
    else if (coupon.owner != 0)
        command_subject_member(command, coupon.owner);
    command->bucket = id_bucket(coupon.id);
    command->counters[command->counter_count++] = coupon_counter(call->arena, coupon.code);
    return status;
}

void coupon_use_finish(struct item *item, struct json_writer *writer)
{
    const struct use_coupon *body = item->command->body;

    writer_id(writer, "id", "evt", body->id);
    writer_text(writer, "code", body->coupon.code);
    writer_text(writer, "value", body->coupon.value);
    writer_id(writer, "member", "mbr", body->member);
    writer_integer(writer, "uses_left", body->uses_left);
}

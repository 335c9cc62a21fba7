/* Codes one by one over HTTP: given, reserved, redeemed, released, made void. */
#include <stddef.h>

#include "features/coupons/coupons_api.h"
#include "features/points/context_api.h"
#include "foundation/id.h"

enum { ISSUE_TRIES = 100 };

/* ---- giving ---- */

struct issue_input {
    struct member_reference *member;
    struct text series;
    struct context_input context;
};
static const struct field issue_fields[] = {
    MEMBER_FIELD(struct issue_input, "member", member),
    {.name = "series",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct issue_input, series),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    CONTEXT_FIELDS(struct issue_input),
};
const struct shape coupon_code_issue_shape = {
    .name = "CouponCodeIssueInput", .size = sizeof(struct issue_input), SHAPE_FIELDS(issue_fields)};
static const struct field issued_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "series", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "valid_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape coupon_code_issued_shape = {
    .name = "CouponCodeIssued", .about = "A code that a member was given.", SHAPE_FIELDS(issued_fields)};

static enum status make_key(struct call *call, const struct coupon_series *series, struct text *key, struct error *err)
{
    unsigned char random[CODE_RANDOM_BYTES];
    char made[CODE_KEY_MAX + 1];

    for (int try = 0; try < ISSUE_TRIES; try++) {
        secret_random(random, sizeof random);
        if (!code_make(&series->pattern, random, made))
            continue;
        *key = text_copy(call->arena, text_from(made));
        return STATUS_OK;
    }
    return error_set(err, STATUS_DEFECT, "internal.defect", "", "there is no chance in the random numbers");
}

static enum status take_free(struct call *call, struct text series, struct text *key, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = coupon_free_find(session, call->arena, series, call->now, key, err);
    call_read_end(call, session);
    if (status == STATUS_OK && key->size == 0)
        status = error_set(err, STATUS_CONFLICT, "coupon.none_left", "series", "all codes of the series are given out");
    return status;
}

enum status coupon_code_issue_handle(struct call *call, struct item *item, struct error *err)
{
    const struct issue_input *input = item->body;
    bool current = false;
    const struct coupon_series *series = coupon_series_find(call->programmes, input->series, call->now, &current);
    struct command *command = item_command(item, &coupon_issue_type, sizeof(struct issue_code));
    struct issue_code *body = command->body;

    if (series == NULL || !current)
        return error_set(err, STATUS_CONFLICT, "coupon.series", "series", "there is no such series now");
    body->context = context_of(&input->context);
    body->series = input->series;
    body->fresh = series->codes == COUPON_UNIQUE;
    enum status status = STATUS_OK;
    if (series->codes == COUPON_PUBLIC)
        body->use.key = series->public_key; /* the decision says why not */
    else
        status = body->fresh ? make_key(call, series, &body->use.key, err)
                             : take_free(call, input->series, &body->use.key, err);
    if (status != STATUS_OK)
        return status;
    coupons_name(command, call->arena, &body->use, 1);
    return member_reference_apply(call, command, input->member, "member", err);
}

void coupon_code_issue_finish(struct item *item, struct json_writer *writer)
{
    const struct issue_code *body = item->command->body;
    bool current;
    const struct coupon_series *series =
        coupon_series_find(item->call->programmes, body->series, item->call->now, &current);

    writer_id(writer, "id", "evt", body->id);
    writer_text(writer, "code", code_shown(item->call->arena, &series->pattern, body->use.key));
    writer_text(writer, "series", body->series);
    writer_id(writer, "member", "mbr", body->member);
    writer_instant(writer, "valid_until", body->valid_until);
}

/* ---- using ---- */

struct use_input {
    struct member_reference *member;
    struct text receipt;
    int64_t minutes, reservation;
    struct context_input context;
};
#define USE_FIELDS                                                   \
    {.name = "member",                                               \
     .type = FIELD_OBJECT,                                           \
     .offset = offsetof(struct use_input, member),                   \
     .shape = &member_reference_shape,                               \
     .about = "Who brings it."},                                     \
        {.name = "receipt",                                          \
         .type = FIELD_TEXT,                                         \
         .offset = offsetof(struct use_input, receipt),              \
         .maximum = CODE_SIZE_MAX,                                   \
         .about = "The number of the receipt on which it is used."}, \
        CONTEXT_FIELDS(struct use_input)
static const struct field reserve_fields[] = {
    {.name = "minutes",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct use_input, minutes),
     .minimum = 1,
     .maximum = COUPON_RESERVED_SECONDS_MAX / 60,
     .about = "How long; as the series says when absent."},
    USE_FIELDS,
};
const struct shape coupon_code_reserve_shape = {
    .name = "CouponCodeReservationInput", .size = sizeof(struct use_input), SHAPE_FIELDS(reserve_fields)};
static const struct field redeem_fields[] = {
    {.name = "reservation",
     .type = FIELD_ID,
     .offset = offsetof(struct use_input, reservation),
     .prefix = "evt",
     .about = "Redeems what was reserved; the member is then that of the reservation."},
    USE_FIELDS,
};
const struct shape coupon_code_redeem_shape = {
    .name = "CouponCodeRedemptionInput", .size = sizeof(struct use_input), SHAPE_FIELDS(redeem_fields)};
static const struct field used_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "series", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "reserved_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "uses_left",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Null: any number."},
    COUPON_OPENS_FIELDS,
};
const struct shape coupon_code_used_shape = {
    .name = "CouponCodeUsed", .about = "What became of the code, and what it opens.", SHAPE_FIELDS(used_fields)};

static enum status use_code(struct call *call, struct item *item, bool reserve, struct error *err)
{
    const struct use_input *input = item->body;
    struct command *command = item_command(item, &coupon_use_type, sizeof(struct use_code));
    struct use_code *body = command->body;
    enum status status = coupon_path_take(call, &body->use, err);

    if (status != STATUS_OK)
        return status;
    body->context = context_of(&input->context);
    body->reserve = reserve;
    body->receipt = input->receipt;
    body->seconds = input->minutes * 60;
    coupons_name(command, call->arena, &body->use, 1);
    command->bucket = coupon_bucket(body->use.key);
    return input->member != NULL ? member_reference_apply(call, command, input->member, "member", err) : STATUS_OK;
}

static enum status end_use(struct call *call, struct item *item, int64_t id, bool release, struct error *err)
{
    const struct use_input *input = item->body;
    struct command *command = item_command(item, &coupon_end_type, sizeof(struct end_code));
    struct end_code *body = command->body;
    struct storage_session *session;
    struct coupon_row row;
    enum status status = coupon_path_take(call, &body->use, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = coupon_use_read(session, call->arena, body->use.key, id, &row, err);
    call_read_end(call, session);
    if (status == STATUS_OK && row.state == 0)
        return error_set(err, STATUS_MISSING, "coupon.unknown_use", "use", "there is no such use of the coupon");
    if (status == STATUS_OK && row.member != 0)
        status = call_check_member(call, row.member, "use", err);
    if (status != STATUS_OK)
        return status;
    body->context = context_of(&input->context);
    body->release = release;
    body->receipt = input->receipt;
    coupons_name(command, call->arena, &body->use, 1);
    command->bucket = id_bucket(id);
    command->events[0] = (struct event_reference){.id = id, .claim = -1};
    command->event_count = 1;
    if (row.member != 0)
        command_subject_member(command, row.member);
    return STATUS_OK;
}

enum status coupon_code_reserve_handle(struct call *call, struct item *item, struct error *err)
{
    return use_code(call, item, true, err);
}

enum status coupon_code_redeem_handle(struct call *call, struct item *item, struct error *err)
{
    const struct use_input *input = item->body;

    return input->reservation != 0 ? end_use(call, item, input->reservation, false, err)
                                   : use_code(call, item, false, err);
}

/* Of a use, a settled reservation or a release. */
void coupon_code_use_finish(struct item *item, struct json_writer *writer)
{
    bool used = item->command->type == &coupon_use_type;
    const struct use_code *use = item->command->body;
    const struct end_code *end = item->command->body;
    const struct use_code_result *result = used ? &use->result : &end->result;
    struct text key = used ? use->use.key : end->use.key;

    writer_id(writer, "id", "evt", result->id);
    writer_text(writer, "code", key);
    writer_text(writer, "series", result->series);
    writer_id(writer, "member", "mbr", result->member);
    writer_instant(writer, "reserved_until", result->until);
    coupon_left_write(writer, result->uses_left);
    coupon_opens_write(writer, result->gift, result->opens, result->points);
}

struct release_input {
    struct use_input shared;
    int64_t use;
};
static const struct field release_fields[] = {
    {.name = "use",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct release_input, use),
     .prefix = "evt",
     .about = "The reservation or redemption; what it gave in points is taken back."},
    {.name = "receipt",
     .type = FIELD_TEXT,
     .offset = offsetof(struct release_input, shared.receipt),
     .maximum = CODE_SIZE_MAX},
    CONTEXT_FIELDS(struct use_input),
};
const struct shape coupon_code_release_shape = {
    .name = "CouponCodeReleaseInput", .size = sizeof(struct release_input), SHAPE_FIELDS(release_fields)};
_Static_assert(offsetof(struct release_input, shared) == 0, "the fields of a use are those of a release");

enum status coupon_code_release_handle(struct call *call, struct item *item, struct error *err)
{
    const struct release_input *input = item->body;

    return end_use(call, item, input->use, true, err);
}

/* ---- making void ---- */

struct void_input {
    struct text reason;
    struct context_input context;
};
static const struct field void_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct void_input, reason),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    CONTEXT_FIELDS(struct void_input),
};
const struct shape coupon_code_void_shape = {
    .name = "CouponCodeVoidInput", .size = sizeof(struct void_input), SHAPE_FIELDS(void_fields)};
static const struct field voided_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape coupon_code_voided_shape = {.name = "CouponCodeVoided", SHAPE_FIELDS(voided_fields)};

enum status coupon_code_void_handle(struct call *call, struct item *item, struct error *err)
{
    const struct void_input *input = item->body;
    struct command *command = item_command(item, &coupon_void_type, sizeof(struct void_code));
    struct void_code *body = command->body;
    enum status status = coupon_path_take(call, &body->use, err);

    body->context = context_of(&input->context);
    body->reason = input->reason;
    if (status != STATUS_OK)
        return status;
    coupons_name(command, call->arena, &body->use, 1);
    command->bucket = coupon_bucket(body->use.key);
    return STATUS_OK;
}

void coupon_code_void_finish(struct item *item, struct json_writer *writer)
{
    const struct void_code *body = item->command->body;

    writer_id(writer, "id", "evt", body->id);
    writer_text(writer, "code", body->use.key);
}

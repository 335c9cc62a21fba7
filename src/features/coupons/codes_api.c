/* Codes one by one over HTTP: looked up, listed, drawn; codes in the bodies of requests. */
#include <stddef.h>

#include "api/page.h"
#include "features/coupons/coupons_api.h"
#include "features/coupons/qr.h"
#include "foundation/id.h"

enum { SCALE_USUAL = 8 };

/* ---- codes that are shown ---- */

static struct text guess_of_member(struct arena *arena, int64_t member)
{
    char id[ID_TEXT_SIZE];

    return text_from(arena_format(arena, "%s", id_format("mbr", member, id)));
}

static enum status check_guesses(struct call *call, struct storage_session *session, int64_t member, struct error *err)
{
    enum status status = coupon_guess_check(session, call->actor, call->now, err);

    if (status == STATUS_OK && member != 0)
        status = coupon_guess_check(session, guess_of_member(call->arena, member), call->now, err);
    return status;
}

/* A guess counts whatever becomes of the request. */
static enum status add_guess(struct call *call, int64_t member, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = coupon_guess_add(session, call->actor, call->now, err);
    if (status == STATUS_OK && member != 0)
        status = coupon_guess_add(session, guess_of_member(call->arena, member), call->now, err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

static bool is_unknown(const struct call *call, const struct coupon_use *use)
{
    const struct coupon_question question = {.set = call->programmes, .now = call->now, .arena = call->arena};
    struct error error = {0};
    enum status status = coupon_applies(use, &question, NULL, &error);

    return status == STATUS_MISSING || (status == STATUS_INVALID && !use->found);
}

static enum status read_codes(struct call *call, int64_t member, struct coupon_use *uses, size_t count,
                              struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = check_guesses(call, session, member, err);
    if (status == STATUS_OK)
        status = coupons_read(session, call->arena, uses, count, err);
    call_read_end(call, session);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (is_unknown(call, &uses[i]))
            status = add_guess(call, member, err);
    return status;
}

enum status coupons_take(struct call *call, const struct json_list *codes, int64_t member, struct coupon_use *out,
                         size_t *count, struct error *err)
{
    const struct text *given = codes->items;

    *count = 0;
    for (size_t i = 0; i < codes->count; i++) {
        struct coupon_use use = {.given = given[i], .counter = -1};
        bool twice = false;
        if (code_key(call->arena, given[i], &use.key, err) != STATUS_OK) {
            error_prefix_field(err, "codes[%zu].", i);
            return STATUS_INVALID;
        }
        for (size_t j = 0; j < *count; j++)
            twice = twice || text_equal(out[j].key, use.key);
        if (!twice)
            out[(*count)++] = use;
    }
    return *count > 0 ? read_codes(call, member, out, *count, err) : STATUS_OK;
}

/* The code of the path, its reservations that are over given back before. */
enum status coupon_path_take(struct call *call, struct coupon_use *use, struct error *err)
{
    struct text given = call->parameters[0];

    *use = (struct coupon_use){.given = given, .counter = -1};
    enum status status = code_key(call->arena, given, &use->key, err);
    if (status == STATUS_OK)
        status = coupons_lapse_code(call->engine, call->arena, use->key, err);
    return status == STATUS_OK ? read_codes(call, 0, use, 1, err) : status;
}

/* ---- looking up ---- */

struct code_query {
    int64_t member;
};
static const struct field code_query_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .offset = offsetof(struct code_query, member),
     .prefix = "mbr",
     .about = "Whether this member may use it."},
};
const struct shape coupon_code_query_shape = {
    .name = "CouponCodeQuery", .size = sizeof(struct code_query), SHAPE_FIELDS(code_query_fields)};

static const struct field code_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "series", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "applies", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "It may be used now."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Why not: coupon.used, coupon.expired, coupon.other_member ..."},
    {.name = "detail", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "The same in words."},
    {.name = "owner", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "issued_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "valid_from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "valid_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The first instant without it."},
    {.name = "used", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Redeemed, or reserved now."},
    {.name = "uses_left",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Null: any number."},
    COUPON_OPENS_FIELDS,
};
const struct shape coupon_code_shape = {
    .name = "CouponCode", .about = "A code of a series.", SHAPE_FIELDS(code_fields)};

void coupon_opens_write(struct json_writer *writer, enum coupon_gift gift, struct text code, int64_t points)
{
    writer_string(writer, "opens", coupon_gift_names[gift]);
    if (code.size > 0)
        writer_text(writer, "opens_code", code);
    else
        writer_null(writer, "opens_code");
    if (gift == COUPON_POINTS)
        writer_integer(writer, "points", points);
}

static void write_since(struct json_writer *writer, const char *name, int64_t instant)
{
    writer_instant(writer, name, instant == INT64_MIN ? 0 : instant);
}

void coupon_left_write(struct json_writer *writer, int64_t left)
{
    if (left == INT64_MAX)
        writer_null(writer, "uses_left");
    else
        writer_integer(writer, "uses_left", left > 0 ? left : 0);
}

static void write_code(struct json_writer *writer, struct arena *arena, const struct coupon_use *use,
                       const struct coupon_series *series, const struct error *why)
{
    int64_t from = use->valid_from > series->from ? use->valid_from : series->from;
    int64_t until = use->valid_until < series->until ? use->valid_until : series->until;
    int64_t most = use->uses > 0 ? use->uses : series->uses;

    writer_text(writer, "code", code_shown(arena, &series->pattern, use->key));
    writer_text(writer, "series", series->code);
    writer_text(writer, "name", series->name);
    writer_boolean(writer, "applies", why->status == STATUS_OK);
    writer_string(writer, "reason", why->status == STATUS_OK ? NULL : why->code);
    writer_string(writer, "detail", why->status == STATUS_OK ? NULL : why->message);
    writer_id(writer, "owner", "mbr", use->owner);
    writer_instant(writer, "issued_at", use->issued_at);
    write_since(writer, "valid_from", from);
    writer_instant(writer, "valid_until", until);
    writer_integer(writer, "used", use->used);
    coupon_left_write(writer, most == INT64_MAX ? most : most - use->used);
    coupon_opens_write(writer, series->gift, series->opens, series->points);
}

/* The person of the question, with what conditions need and what was used of the series. */
static enum status read_person(struct call *call, int64_t member, struct coupon_use *use,
                               struct coupon_question *question, struct person *person, struct error *err)
{
    struct storage_session *session;
    enum status status = call_check_member(call, member, "member", err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, person, err);
    if (status == STATUS_OK)
        status = coupon_person_read(session, call->arena, person, &use->known, err);
    call_read_end(call, session);
    question->person = person;
    return status;
}

enum status coupon_code_get_handle(struct call *call, struct item *item, struct error *err)
{
    const struct code_query *query = call->query;
    struct coupon_question question = {.set = call->programmes, .now = call->now, .arena = call->arena};
    const struct coupon_series *series = NULL;
    struct coupon_use use;
    struct person person = {0};
    struct error why = {.status = STATUS_OK};
    enum status status = coupon_path_take(call, &use, err);

    if (status == STATUS_OK && query->member != 0)
        status = read_person(call, query->member, &use, &question, &person, err);
    if (status != STATUS_OK)
        return status;
    status = coupon_applies(&use, &question, &series, &why);
    if (series == NULL) {
        *err = why;
        return status;
    }
    question.member_used = coupon_member_used(question.person, series->code);
    why.status = STATUS_OK;
    (void)coupon_applies(&use, &question, &series, &why);
    if (use.owner != 0 && !call->scope->whole) {
        status = call_check_member(call, use.owner, "code", err);
        if (status != STATUS_OK)
            return status;
    }
    write_code(&item->writer, call->arena, &use, series, &why);
    return STATUS_OK;
}

/* ---- lists ---- */

static const struct field use_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "reserved, redeemed or released."},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "reserved_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "ended_by", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "evt"},
};
const struct shape coupon_code_use_shape = {
    .name = "CouponCodeUse", .about = "One use of a code.", SHAPE_FIELDS(use_fields)};

enum status coupon_code_uses_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    struct storage_session *session;
    struct coupon_row *rows = NULL;
    struct coupon_use use;
    size_t count = 0;
    enum status status = coupon_path_take(call, &use, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = coupon_uses_read(session, call->arena, use.key, &rows, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (rows[i].member != 0 && call_check_member(call, rows[i].member, "member", err) != STATUS_OK)
            continue;
        writer_object(writer, NULL);
        writer_id(writer, "id", "evt", rows[i].id);
        writer_string(writer, "state", coupon_use_states[rows[i].state]);
        writer_id(writer, "member", "mbr", rows[i].member);
        writer_instant(writer, "at", rows[i].at);
        writer_instant(writer, "reserved_until", rows[i].until);
        writer_id(writer, "ended_by", "evt", rows[i].ended_by);
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, NULL, false);
    return STATUS_OK;
}

static const struct field owned_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "series", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "applies", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "It may be used now."},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "issued_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "valid_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    COUPON_OPENS_FIELDS,
};
const struct shape coupon_code_owned_shape = {
    .name = "CouponOwnedCode", .about = "A code that a member was given.", SHAPE_FIELDS(owned_fields)};

static void write_owned(struct call *call, struct json_writer *writer, const struct coupon_use *use,
                        const struct person *person)
{
    struct coupon_question question = {
        .set = call->programmes, .now = call->now, .person = person, .arena = call->arena};
    const struct coupon_series *series = NULL;
    struct error why = {.status = STATUS_OK};

    question.member_used = coupon_member_used(person, use->series);
    enum status status = coupon_applies(use, &question, &series, &why);
    if (series == NULL)
        return;
    int64_t until = use->valid_until < series->until ? use->valid_until : series->until;
    writer_object(writer, NULL);
    writer_text(writer, "code", code_shown(call->arena, &series->pattern, use->key));
    writer_text(writer, "series", series->code);
    writer_text(writer, "name", series->name);
    writer_boolean(writer, "applies", status == STATUS_OK);
    writer_string(writer, "reason", status == STATUS_OK ? NULL : why.code);
    writer_instant(writer, "issued_at", use->issued_at);
    writer_instant(writer, "valid_until", until);
    coupon_opens_write(writer, series->gift, series->opens, series->points);
    writer_end(writer);
}

enum status coupon_code_owned_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct coupon_use *uses = NULL;
    struct person person;
    size_t count = 0;
    int64_t member = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_OK)
        status = coupon_owned_read(session, call->arena, &person, &uses, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++)
        write_owned(call, &item->writer, &uses[i], &person);
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- the picture ---- */

static const char *const picture_formats[] = {"svg", "png", NULL};
struct picture_query {
    int format;
    int64_t scale;
};
static const struct field picture_query_fields[] = {
    {.name = "format",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct picture_query, format),
     .choices = picture_formats},
    {.name = "scale",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct picture_query, scale),
     .minimum = 1,
     .maximum = QR_SCALE_MAX,
     .fallback = SCALE_USUAL,
     .about = "Of a PNG: pixels a module."},
};
const struct shape coupon_code_picture_query_shape = {
    .name = "CouponCodePictureQuery", .size = sizeof(struct picture_query), SHAPE_FIELDS(picture_query_fields)};

enum status coupon_code_picture_handle(struct call *call, struct item *item, struct error *err)
{
    const struct picture_query *query = call->query;
    const struct coupon_question question = {.set = call->programmes, .now = call->now, .arena = call->arena};
    struct coupon_use use;
    struct text picture = {NULL, 0};
    enum status status = coupon_path_take(call, &use, err);

    (void)item;
    if (status == STATUS_OK && is_unknown(call, &use))
        status = coupon_applies(&use, &question, NULL, err);
    if (status == STATUS_OK)
        status = query->format == 0 ? qr_svg(call->arena, use.key, &picture, err)
                                    : qr_png(call->arena, use.key, (int)query->scale, &picture, err);
    if (status == STATUS_OK)
        call_reply_content(call, query->format == 0 ? "image/svg+xml" : "image/png", picture, NULL);
    return status;
}

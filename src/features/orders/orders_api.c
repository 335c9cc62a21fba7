/* Orders, reservations and stays that begin; what is answered to them and to every change. */
#include "features/orders/orders_api.h"

#include <stddef.h>
#include <string.h>

#include "features/customers/member_reference_api.h"
#include "features/events/event_input_api.h"
#include "features/events/events_store.h"
#include "features/events/line_api.h"
#include "features/events/purchase_api.h"
#include "features/orders/bookings_store.h"

/* ---- which kind ---- */

static const struct {
    const char *path, *prefix;
    enum booking_kind kind;
} kinds[] = {
    {"/v1/orders", "ord", BOOKING_ORDER},
    {"/v1/reservations", "rsv", BOOKING_RESERVATION},
    {"/v1/stays", "sty", BOOKING_STAY},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

enum booking_kind booking_kind_of(const struct call *call)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strncmp(call->route->path, kinds[i].path, strlen(kinds[i].path)) == 0)
            return kinds[i].kind;
    return (enum booking_kind)0;
}

const char *booking_prefix(enum booking_kind kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].kind == kind)
            return kinds[i].prefix;
    return "evt";
}

enum status booking_check_seen(const struct call *call, const struct booking *booking, struct error *err)
{
    if (booking->origin.size > 0 && call_sees_store(call, booking->origin))
        return STATUS_OK;
    return call_check_store(call, booking->store, "", err);
}

/* ---- lines ---- */

enum status order_lines_take(struct call *call, const struct json_list *input, struct order_lines *out,
                             struct error *err)
{
    struct purchase read = {0};
    struct storage_session *session;
    enum status status = lines_take(call->arena, input, &read, err);

    if (status == STATUS_OK && read.line_count > 0)
        status = purchase_check_lines(&read, err);
    if (status != STATUS_OK)
        return status;
    *out = (struct order_lines){.lines = read.lines, .count = read.line_count};
    memcpy(out->currency, read.line_count > 0 ? read.currency : programme_at(call->programmes, call->now)->currency,
           CURRENCY_SIZE);
    out->words = modifier_texts_write(call->arena, out->lines, out->count);
    if (out->count == 0)
        return STATUS_OK;
    status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = line_categories(session, call->arena, out->lines, out->count, err);
    call_read_end(call, session);
    return status;
}

/* ---- payments ---- */

void booking_payment_content(struct builder *content, const struct booking_payment_input *input)
{
    payments_content(content, &input->points);
    stored_content(content, input->stored);
    pay_with_content(content, &input->with);
}

enum status booking_payment_take(struct call *call, const struct booking_payment_input *input,
                                 const struct member_reference *payer, struct purchase *sale, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);

    payments_take(&input->points, sale);
    enum status status = stored_take(programme, input->stored, sale, err);
    if (status == STATUS_OK)
        status = pay_with_take(call, &input->with, sale, err);
    if (status != STATUS_OK || (sale->payment_count == 0 && input->proof == NULL))
        return status;
    if (payer == NULL)
        return error_set(err, STATUS_INVALID, "purchase.anonymous", "pay_points",
                         "a sale to nobody known cannot be paid with points");
    return proof_take(call, payer, input->proof, &sale->proof, err);
}

/* ---- input ---- */

struct opening_input {
    struct event_input event; /* member: who ordered, the guest */
    struct member_reference *payer;
    struct text number, origin, place, rate, name, note;
    int64_t time, party, departed_at;
    int32_t arrival, departure;
    bool paid;
    struct json_amount night_price;
    struct json_list lines;
    struct booking_payment_input payment;
};

#define TEXT_FIELD(text_name, member_name, size, said)                                                                \
    {                                                                                                                 \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(struct opening_input, member_name), .minimum = 1, \
        .maximum = (size), .about = (said)                                                                            \
    }
#define OPENING_PLACE                                                                                     \
    TEXT_FIELD("number", number, EVENT_KEY_PART_MAX, "Its number, unique for its kind and channel."),     \
        TEXT_FIELD("channel", event.channel, CODE_SIZE_MAX, "Code of the channel: web, phone, desk ..."), \
        {.name = "store",                                                                                 \
         .type = FIELD_TEXT,                                                                              \
         .flags = FIELD_STORE,                                                                            \
         .offset = offsetof(struct opening_input, event.store),                                           \
         .minimum = 1,                                                                                    \
         .maximum = CODE_SIZE_MAX,                                                                        \
         .about = "Code of the store that handles it."},                                                  \
        TEXT_FIELD("till", event.till, EVENT_KEY_PART_MAX, "The till, as its store names it."),           \
        TEXT_FIELD("employee", event.employee, CODE_SIZE_MAX, "Code of the employee."),                   \
        TEXT_FIELD("name", name, BOOKING_TEXT_MAX, "Under which name; erased with the member."),          \
        TEXT_FIELD("note", note, BOOKING_TEXT_MAX, "Text for people; erased with the member."),           \
        EVENT_INPUT_TIME(struct opening_input, event)
#define PARTY_FIELD                                                                                            \
    {                                                                                                          \
        .name = "party", .type = FIELD_INTEGER, .offset = offsetof(struct opening_input, party), .minimum = 1, \
        .maximum = BOOKING_PARTY_MAX, .about = "How many persons."                                             \
    }

static const struct field order_fields[] = {
    EVENT_INPUT_MEMBER(struct opening_input, event, 0),
    OPENING_PLACE,
    TEXT_FIELD("origin", origin, CODE_SIZE_MAX, "Code of the store in which it was ordered, when it is another."),
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct opening_input, lines),
     .minimum = 1,
     .maximum = BOOKING_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape},
    {.name = "paid",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct opening_input, paid),
     .about = "It is paid as it is placed."},
    BOOKING_PAYMENT_FIELDS(struct opening_input, payment),
};
const struct shape order_input_shape = {.name = "OrderInput",
                                        .about = "An order to be collected.",
                                        .size = sizeof(struct opening_input),
                                        SHAPE_FIELDS(order_fields)};

static const struct field reservation_fields[] = {
    EVENT_INPUT_MEMBER(struct opening_input, event, 0),
    OPENING_PLACE,
    {.name = "time",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct opening_input, time),
     .about = "For when."},
    PARTY_FIELD,
    TEXT_FIELD("place", place, CODE_SIZE_MAX, "The table or room."),
};
const struct shape reservation_input_shape = {
    .name = "ReservationInput", .size = sizeof(struct opening_input), SHAPE_FIELDS(reservation_fields)};

static const struct field stay_fields[] = {
    {.name = "guest",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct opening_input, event.member),
     .shape = &member_reference_shape,
     .about = "Who stays: the nights are theirs."},
    {.name = "payer",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct opening_input, payer),
     .shape = &member_reference_shape,
     .about = "Who pays, when it is another member."},
    OPENING_PLACE,
    {.name = "arrival", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .offset = offsetof(struct opening_input, arrival)},
    {.name = "departure",
     .type = FIELD_DAY,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct opening_input, departure)},
    TEXT_FIELD("rate_code", rate, CODE_SIZE_MAX, "A declared rate code (/v1/rate-codes)."),
    TEXT_FIELD("room", place, CODE_SIZE_MAX, NULL),
    PARTY_FIELD,
    {.name = "night_price",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct opening_input, night_price),
     .about = "What a night will cost: points for the nights are pending from the check-in on."},
    {.name = "folio",
     .type = FIELD_LIST,
     .offset = offsetof(struct opening_input, lines),
     .maximum = BOOKING_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape,
     .about = "What is charged already."},
    {.name = "departed_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct opening_input, departed_at),
     .about = "Of a stay that is over: it is closed at once."},
    BOOKING_PAYMENT_FIELDS(struct opening_input, payment),
};
const struct shape stay_input_shape = {
    .name = "StayInput", .size = sizeof(struct opening_input), SHAPE_FIELDS(stay_fields)};

struct text order_texts(struct arena *arena, struct text name, struct text note, struct text words)
{
    struct json_writer writer;

    if (name.size == 0 && note.size == 0 && words.size == 0)
        return (struct text){NULL, 0};
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    if (name.size > 0)
        writer_text(&writer, "name", name);
    if (note.size > 0)
        writer_text(&writer, "note", note);
    if (words.size > 0)
        writer_raw(&writer, "modifiers", words);
    writer_end(&writer);
    return writer_done(&writer);
}

static struct text opening_content(struct arena *arena, enum booking_kind kind, const struct opening_input *input)
{
    const struct member_reference *payer = input->payer;
    struct builder content = {.arena = arena};

    content_text(&content, text_from(booking_kind_name(kind)));
    content_text(&content, input->event.channel);
    content_input(&content, &input->event);
    content_text(&content, input->origin);
    content_text(&content, input->place);
    content_text(&content, input->rate);
    content_text(&content, input->name);
    content_text(&content, input->note);
    content_integer(&content, input->time);
    content_integer(&content, input->party);
    content_integer(&content, input->arrival);
    content_integer(&content, input->departure);
    content_integer(&content, input->departed_at);
    content_integer(&content, input->paid);
    if (payer != NULL) {
        content_integer(&content, payer->id);
        content_text(&content, payer->phone);
        content_text(&content, payer->email);
        content_text(&content, payer->card);
        content_text(&content, payer->openid);
        content_text(&content, payer->external);
    }
    if (input->night_price.currency[0] != '\0') {
        content_integer(&content, input->night_price.minor);
        content_text(&content, text_from(input->night_price.currency));
    }
    lines_content(&content, &input->lines);
    booking_payment_content(&content, &input->payment);
    return builder_done(&content);
}

/* ---- opening ---- */

enum status booking_check_price(const struct booking *stay, struct error *err)
{
    int64_t expected;

    if (stay->night_price < 0)
        return error_set(err, STATUS_INVALID, "purchase.negative", "night_price", "a price is not negative");
    if (!booking_expected(stay, &expected))
        return error_set(err, STATUS_INVALID, "purchase.range", "night_price", "the amount is too large");
    return STATUS_OK;
}

/* Folio and price of a night are in one currency. */
static enum status take_price_currency(const struct opening_input *input, struct order_lines *lines, struct error *err)
{
    const char *currency = input->night_price.currency;

    if (currency[0] == '\0' || strcmp(currency, lines->currency) == 0)
        return STATUS_OK;
    if (lines->count > 0)
        return error_set(err, STATUS_INVALID, "purchase.currencies", "night_price", "the folio is in %s",
                         lines->currency);
    memcpy(lines->currency, currency, CURRENCY_SIZE);
    return STATUS_OK;
}

static enum status fill_wanted(struct call *call, enum booking_kind kind, const struct opening_input *input,
                               struct booking_work *work, struct error *err)
{
    struct booking *wanted = &work->wanted;
    bool stay = kind == BOOKING_STAY;

    *wanted = (struct booking){.kind = kind,
                               .state = kind == BOOKING_ORDER ? BOOKING_PLACED : BOOKING_BOOKED,
                               .store = input->event.store,
                               .origin = input->origin,
                               .channel = input->event.channel,
                               .number = input->number,
                               .place = input->place,
                               .rate = input->rate,
                               .party = input->party,
                               .from_day = stay ? input->arrival : work->day,
                               .until_day = stay ? input->departure : DAY_NONE,
                               .night_price = input->night_price.minor,
                               .at = work->at};
    memcpy(wanted->currency, work->currency, CURRENCY_SIZE);
    if (kind == BOOKING_RESERVATION) {
        wanted->at = input->time;
        wanted->from_day = business_day(call->programmes, wanted->store, input->time);
    }
    if (stay && (booking_nights(wanted) < 0 || booking_nights(wanted) > BOOKING_NIGHTS_MAX))
        return error_set(err, STATUS_INVALID, "stay.days", "departure",
                         "a stay ends on or after the day of arrival, within %d nights", BOOKING_NIGHTS_MAX);
    enum status status = stay ? booking_check_price(wanted, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (input->rate.size > 0 && !rate_code_known(booking_rules_of(call->programmes), input->rate))
        return error_set(err, STATUS_INVALID, "rate_code.unknown", "rate_code", "there is no rate code '%.*s'",
                         (int)input->rate.size, input->rate.bytes);
    return input->origin.size > 0 ? call_check_store(call, input->origin, "origin", err) : STATUS_OK;
}

static bool payer_buys(const struct call *call, const struct opening_input *input)
{
    return input->payer != NULL && rate_code_of(booking_rules_of(call->programmes), input->rate).credit == RATE_PAYER;
}

/* NULL: nobody known. */
static const struct member_reference *buyer_of(const struct call *call, const struct opening_input *input)
{
    return payer_buys(call, input) ? input->payer : input->event.member;
}

/* Whose sale it becomes is the first subject. */
static enum status name_persons(struct call *call, struct command *command, const struct opening_input *input,
                                struct error *err)
{
    struct booking_work *work = command->body;
    bool paying = payer_buys(call, input);
    const char *guest = work->wanted.kind == BOOKING_STAY ? "guest" : "member";
    enum status status = STATUS_OK;

    if (paying) {
        work->payer = (int)command->subject_count;
        status = member_reference_apply(call, command, input->payer, "payer", err);
    }
    if (status == STATUS_OK && input->event.member != NULL) {
        work->guest = (int)command->subject_count;
        status = member_reference_apply(call, command, input->event.member, guest, err);
    }
    if (status == STATUS_OK && input->payer != NULL && !paying) {
        work->payer = (int)command->subject_count;
        status = member_reference_apply(call, command, input->payer, "payer", err);
    }
    work->buyer = command->subject_count > 0 ? 0 : -1;
    return status;
}

static enum status check_opening(struct call *call, const struct opening_input *input, struct booking_work *work,
                                 struct error *err)
{
    if (input->number.size == 0 && call_idempotency_key(call).size == 0)
        return error_set(err, STATUS_INVALID, "purchase.key_required", "number",
                         "it needs a number or an Idempotency-Key, so that it counts once");
    work->at = event_input_at(call, &input->event);
    work->day = event_input_day(call, &input->event, work->at);
    if (input->departed_at != 0) {
        work->at = input->departed_at;
        work->day = business_day(call->programmes, input->event.store, input->departed_at);
    }
    return event_input_check(call, &input->event, work->day, err);
}

static void claim_number(struct call *call, struct command *command, const struct opening_input *input)
{
    struct booking_work *work = command->body;
    enum booking_kind kind = work->wanted.kind;
    struct text content = opening_content(call->arena, kind, input);
    struct text key = event_key(call->arena, input->event.channel, input->number);
    unsigned char digest[DIGEST_SIZE];

    work->identity.event_claim = command_claim(command, call->arena, booking_kind_name(kind), key);
    work->identity.event_reference = (int)command->event_count;
    command->events[command->event_count++] = (struct event_reference){.claim = work->identity.event_claim};
    digest_compute(content.bytes, content.size, digest);
    memcpy(work->identity.digest, digest, SEAL_SIZE);
}

/* What is sold at once: the employee may be the member, and budgets are asked. */
static enum status prepare_sale(struct call *call, struct command *command, struct error *err)
{
    struct booking_work *work = command->body;
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = seller_find(session, call->programmes, work->employee, &work->sale.seller, err);
    if (status == STATUS_OK && call->programmes->items_priced)
        status = booking_price(session, call->arena, 0, work, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = gift_payments_name(command, call->arena, work->sale.cards, work->sale.card_count, err);
    purchase_counters(programme_at(call->programmes, work->at), command, call->arena);
    work->asked_at = call->now;
    booking_limits(call->programmes, command, call->arena);
    return status;
}

enum status booking_open_handle(struct call *call, struct item *item, struct error *err)
{
    const struct opening_input *input = item->body;
    enum booking_kind kind = booking_kind_of(call);
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct order_lines lines;
    bool happens = input->paid || input->departed_at != 0;
    enum status status = order_lines_take(call, &input->lines, &lines, err);

    if (status == STATUS_OK)
        status = take_price_currency(input, &lines, err);
    if (status != STATUS_OK)
        return status;
    bool pays = input->payment.points.count > 0 || input->payment.stored != NULL || input->payment.with.count > 0;
    if (pays && !happens)
        return error_set(err, STATUS_INVALID, "order.not_paid", "pay_points",
                         "points pay when it is paid: with `paid`, or later");
    const struct command_type *type =
        pays ? booking_open_spending_type() : booking_open_type(call->programmes, kind, call->now, happens);
    struct command *command = item_command(item, type, sizeof(struct booking_work));
    struct booking_work *work = command->body;
    work->identity = work->sale.identity = EVENT_IDENTITY_NONE;
    work->buyer = work->guest = work->payer = work->receipt_claim = -1;
    work->happens = happens;
    work->event = kind == BOOKING_STAY ? BOOKING_DEPART : BOOKING_PAY;
    work->store = input->event.store;
    work->till = input->event.till;
    work->employee = input->event.employee;
    work->event_id = input->number;
    work->lines = lines.lines;
    work->line_count = lines.count;
    memcpy(work->currency, lines.currency, CURRENCY_SIZE);
    work->detail = order_texts(call->arena, input->name, input->note, lines.words);
    status = check_opening(call, input, work, err);
    if (status == STATUS_OK)
        status = fill_wanted(call, kind, input, work, err);
    if (status == STATUS_OK)
        status = name_persons(call, command, input, err);
    if (status == STATUS_OK)
        status = booking_payment_take(call, &input->payment, buyer_of(call, input), &work->sale, err);
    if (status != STATUS_OK)
        return status;
    command->day = zone_day(programme->zone, work->at);
    if (input->number.size > 0)
        claim_number(call, command, input);
    if (work->guest < 0)
        command->bucket = event_input_bucket(command, &work->identity, call_idempotency_key(call));
    booking_rules_need(call->programmes, kind, command, call->arena);
    return happens ? prepare_sale(call, command, err) : STATUS_OK;
}

/* ---- what is answered ---- */

static const struct field order_earned_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "active_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_NULLABLE,
     .about = "Null: as soon as the return days after the collection are over."},
};
static const struct shape order_earned_shape = {.name = "OrderEarned", .size = 0, SHAPE_FIELDS(order_earned_fields)};

#define RECORDED_FIELDS(id_prefix)                                                                                  \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = (id_prefix)},                               \
        {.name = "duplicate",                                                                                       \
         .type = FIELD_BOOLEAN,                                                                                     \
         .flags = FIELD_REQUIRED,                                                                                   \
         .about = "It was told before; nothing happened now."},                                                     \
        {.name = "state", .type = FIELD_TEXT}, {.name = "version", .type = FIELD_INTEGER},                          \
        {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},                             \
        {.name = "store", .type = FIELD_TEXT},                                                                      \
        {.name = "purchase",                                                                                        \
         .type = FIELD_ID,                                                                                          \
         .flags = FIELD_NULLABLE,                                                                                   \
         .prefix = "evt",                                                                                           \
         .about = "The sale that it became last."},                                                                 \
        {.name = "gift_cards", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &card_paid_shape},             \
        {.name = "to_gift_cards", .type = FIELD_AMOUNT, .about = "Went back to the gift cards that had paid."},     \
        {.name = "earned", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &order_earned_shape},              \
        {.name = "points_clawed_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape}, \
    {                                                                                                               \
        .name = "balances", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_balance_shape             \
    }

static const struct field order_recorded_fields[] = {RECORDED_FIELDS("ord")};
const struct shape order_recorded_shape = {.name = "OrderRecorded", .size = 0, SHAPE_FIELDS(order_recorded_fields)};
static const struct field reservation_recorded_fields[] = {RECORDED_FIELDS("rsv")};
const struct shape reservation_recorded_shape = {
    .name = "ReservationRecorded", .size = 0, SHAPE_FIELDS(reservation_recorded_fields)};
static const struct field stay_recorded_fields[] = {RECORDED_FIELDS("sty")};
const struct shape stay_recorded_shape = {.name = "StayRecorded", .size = 0, SHAPE_FIELDS(stay_recorded_fields)};

/* Of either kind, by the prefix. */
static const struct field check_in_recorded_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The reservation or stay."},
    {.name = "duplicate", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_TEXT},
    {.name = "version", .type = FIELD_INTEGER},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "store", .type = FIELD_TEXT},
    {.name = "purchase", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt"},
    {.name = "balances", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_balance_shape},
};
const struct shape check_in_recorded_shape = {
    .name = "CheckInRecorded", .size = 0, SHAPE_FIELDS(check_in_recorded_fields)};

static void write_sale(struct json_writer *writer, const struct purchase_result *sale)
{
    write_cards_paid(writer, sale);
    writer_list(writer, "earned");
    for (size_t i = 0; i < sale->earned_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", sale->earned[i].wallet);
        writer_integer(writer, "points", sale->earned[i].points);
        int64_t active_at = sale->earned[i].active_at;
        writer_instant(writer, "active_at", lot_is_frozen(active_at) ? INSTANT_NEVER : active_at);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_refund(struct json_writer *writer, const struct return_result *refund)
{
    if (refund->to_cards > 0)
        writer_amount(writer, "to_gift_cards", refund->to_cards, refund->currency);
    writer_list(writer, "points_clawed_back");
    for (size_t i = 0; i < refund->clawed_back_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", refund->clawed_back[i].wallet);
        writer_integer(writer, "points", refund->clawed_back[i].points);
        writer_end(writer);
    }
    writer_end(writer);
}

void booking_finish(struct item *item, struct json_writer *writer)
{
    const struct booking_work *work = item->command->body;
    const struct booking *booking = &work->result.booking;

    writer_id(writer, "id", booking_prefix(work->id != 0 ? booking->kind : work->wanted.kind), booking->id);
    writer_boolean(writer, "duplicate", work->result.known);
    if (work->result.known)
        item->status = 200;
    if (booking->version == 0)
        return;
    item->etag = booking->version;
    writer_string(writer, "state", booking_state_name(booking->state));
    writer_integer(writer, "version", booking->version);
    writer_id(writer, "member", "mbr", booking->member);
    writer_text(writer, "store", booking->store);
    writer_id(writer, "purchase", "evt", booking->purchase);
    if (work->result.sold)
        write_sale(writer, &work->sale.result);
    if (work->result.refunded)
        write_refund(writer, &work->refund.result);
    if (work->result.balance_count > 0)
        write_balances(writer, work->result.balances, work->result.balance_count);
}

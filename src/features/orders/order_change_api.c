/* What happens to orders, reservations and stays. */
#include <stddef.h>
#include <string.h>

#include "features/customers/customers_store.h"
#include "features/customers/member_reference_api.h"
#include "features/customers/members_store.h"
#include "features/events/event_input_api.h"
#include "features/events/line_api.h"
#include "features/orders/bookings_store.h"
#include "features/orders/orders_api.h"

/* ---- input ---- */

struct change_input {
    struct event_input event; /* its receipt is that of the sale */
    struct member_reference *payer;
    struct text place, rate, name, note;
    unsigned char place_given, party_given, rate_given, payer_given, price_given;
    struct json_amount night_price;
    int64_t time, party;
    int32_t arrival, departure;
    struct json_list lines;
    int64_t reservation, stay;
    struct booking_payment_input payment;
};

#define CHANGE_TEXT(text_name, member_name, size, said)                                                              \
    {                                                                                                                \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(struct change_input, member_name), .minimum = 1, \
        .maximum = (size), .about = (said)                                                                           \
    }
#define CHANGE_PLACE_FIELDS                                                     \
    EVENT_INPUT_TIME(struct change_input, event),                               \
        {.name = "store",                                                       \
         .type = FIELD_TEXT,                                                    \
         .flags = FIELD_STORE,                                                  \
         .offset = offsetof(struct change_input, event.store),                  \
         .minimum = 1,                                                          \
         .maximum = CODE_SIZE_MAX,                                              \
         .about = "Where it happened; the store that handles it when absent."}, \
        CHANGE_TEXT("till", event.till, EVENT_KEY_PART_MAX, NULL),              \
        CHANGE_TEXT("employee", event.employee, CODE_SIZE_MAX, NULL),           \
        CHANGE_TEXT("note", note, BOOKING_TEXT_MAX, "Text for people; erased with the member.")
#define CHANGE_RECEIPT_FIELDS                                                                                   \
    CHANGE_TEXT("channel", event.channel, CODE_SIZE_MAX, "Channel of the receipt; the booking's when absent."), \
        EVENT_INPUT_RECEIPT(struct change_input, event)

static const struct field event_fields[] = {CHANGE_PLACE_FIELDS};
const struct shape booking_event_shape = {.name = "BookingEvent",
                                          .about = "What happened, when and where.",
                                          .size = sizeof(struct change_input),
                                          SHAPE_FIELDS(event_fields)};

static const struct field payment_fields[] = {CHANGE_PLACE_FIELDS, CHANGE_RECEIPT_FIELDS,
                                              BOOKING_PAYMENT_FIELDS(struct change_input, payment)};
const struct shape order_payment_shape = {.name = "OrderPayment",
                                          .about = "What happened, with the receipt of the sale where there is one.",
                                          .size = sizeof(struct change_input),
                                          SHAPE_FIELDS(payment_fields)};

static const struct field folio_fields[] = {
    CHANGE_PLACE_FIELDS,
    CHANGE_TEXT("channel", event.channel, CODE_SIZE_MAX, "Channel of the event id; the stay's when absent."),
    CHANGE_TEXT("event_id", event.event_id, EVENT_KEY_PART_MAX,
                "The sender's id of the charge, unique for its channel."),
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct change_input, lines),
     .minimum = 1,
     .maximum = BOOKING_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape},
};
const struct shape folio_input_shape = {.name = "FolioInput",
                                        .about = "What is charged to a stay.",
                                        .size = sizeof(struct change_input),
                                        SHAPE_FIELDS(folio_fields)};

#define PARTY_CHANGE                                                                                       \
    {                                                                                                      \
        .name = "party", .type = FIELD_INTEGER, .offset = offsetof(struct change_input, party),            \
        .presence = offsetof(struct change_input, party_given), .minimum = 1, .maximum = BOOKING_PARTY_MAX \
    }
#define PLACE_CHANGE(text_name)                                                                  \
    {                                                                                            \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(struct change_input, place), \
        .presence = offsetof(struct change_input, place_given), .maximum = CODE_SIZE_MAX         \
    }

static const struct field reservation_change_fields[] = {
    CHANGE_PLACE_FIELDS,
    {.name = "time", .type = FIELD_INSTANT, .offset = offsetof(struct change_input, time)},
    PARTY_CHANGE,
    PLACE_CHANGE("place"),
    CHANGE_TEXT("name", name, BOOKING_TEXT_MAX, NULL),
};
const struct shape reservation_change_shape = {.name = "ReservationChange",
                                               .about = "What changes; name and note change together.",
                                               .size = sizeof(struct change_input),
                                               SHAPE_FIELDS(reservation_change_fields)};

static const struct field stay_change_fields[] = {
    CHANGE_PLACE_FIELDS,
    {.name = "arrival", .type = FIELD_DAY, .offset = offsetof(struct change_input, arrival)},
    {.name = "departure", .type = FIELD_DAY, .offset = offsetof(struct change_input, departure)},
    {.name = "rate_code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct change_input, rate),
     .presence = offsetof(struct change_input, rate_given),
     .maximum = CODE_SIZE_MAX},
    {.name = "payer",
     .type = FIELD_OBJECT,
     .flags = FIELD_NULLABLE,
     .offset = offsetof(struct change_input, payer),
     .presence = offsetof(struct change_input, payer_given),
     .shape = &member_reference_shape,
     .about = "Null: the guest pays."},
    PLACE_CHANGE("room"),
    PARTY_CHANGE,
    {.name = "night_price",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct change_input, night_price),
     .presence = offsetof(struct change_input, price_given),
     .about = "What a night will cost; 0: nobody knows."},
    CHANGE_TEXT("name", name, BOOKING_TEXT_MAX, NULL),
};
const struct shape stay_change_shape = {.name = "StayChange",
                                        .about = "What changes; name and note change together.",
                                        .size = sizeof(struct change_input),
                                        SHAPE_FIELDS(stay_change_fields)};

/* ---- from a request to a command ---- */

static const struct {
    const char *end;
    enum booking_event event;
} events[] = {
    {"/paid", BOOKING_PAY},         {"/ready", BOOKING_PREPARE},  {"/collected", BOOKING_COLLECT},
    {"/cancelled", BOOKING_CANCEL}, {"/arrived", BOOKING_ARRIVE}, {"/departed", BOOKING_DEPART},
    {"/no-show", BOOKING_MISS},     {"/folio", BOOKING_CHARGE},
};

static enum booking_event event_of(const struct route *route)
{
    size_t length = strlen(route->path);

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        size_t end = strlen(events[i].end);
        if (length > end && strcmp(route->path + length - end, events[i].end) == 0)
            return events[i].event;
    }
    return BOOKING_AMEND;
}

static void fill_changes(const struct call *call, const struct change_input *input, const struct booking *booking,
                         struct booking_work *work)
{
    struct booking *wanted = &work->wanted;

    wanted->from_day = input->arrival;
    wanted->until_day = input->departure;
    wanted->at = 0;
    if (booking->kind == BOOKING_RESERVATION) {
        wanted->at = input->time;
        wanted->until_day = DAY_NONE;
        wanted->from_day = input->time != 0 ? business_day(call->programmes, booking->store, input->time) : DAY_NONE;
    }
    wanted->party = input->party;
    wanted->place = input->place;
    wanted->rate = input->rate;
    work->changes = CHANGE_DAYS | (input->party_given == PRESENCE_GIVEN ? CHANGE_PARTY : 0) |
                    (input->place_given == PRESENCE_GIVEN ? CHANGE_PLACE : 0) |
                    (input->rate_given == PRESENCE_GIVEN ? CHANGE_RATE : 0) |
                    (input->payer_given != PRESENCE_ABSENT ? CHANGE_PAYER : 0) |
                    (input->price_given == PRESENCE_GIVEN ? CHANGE_PRICE : 0);
    wanted->night_price = input->night_price.minor;
    memcpy(wanted->currency, input->night_price.currency, CURRENCY_SIZE);
}

/* The price of a night is in the currency of what has been charged. */
static enum status check_price(const struct change_input *input, const struct booking *booking, struct error *err)
{
    struct booking next = *booking;

    if (input->price_given != PRESENCE_GIVEN)
        return STATUS_OK;
    if (booking->amount > 0 && strcmp(input->night_price.currency, booking->currency) != 0)
        return error_set(err, STATUS_INVALID, "purchase.currencies", "night_price", "the folio is in %s",
                         booking->currency);
    next.night_price = input->night_price.minor;
    return booking_check_price(&next, err);
}

/* Who pays from now on is found at once: it is a member who lives. */
static enum status fill_amendment(struct call *call, struct storage_session *session, const struct change_input *input,
                                  const struct booking *booking, struct booking_work *work, struct error *err)
{
    enum status status = STATUS_OK;

    fill_changes(call, input, booking, work);
    if (input->rate.size > 0 && !rate_code_known(booking_rules_of(call->programmes), input->rate))
        return error_set(err, STATUS_INVALID, "rate_code.unknown", "rate_code", "there is no rate code '%.*s'",
                         (int)input->rate.size, input->rate.bytes);
    work->wanted.payer = 0;
    status = check_price(input, booking, err);
    if (status != STATUS_OK || input->payer == NULL)
        return status;
    status = member_reference_find(call, session, input->payer, &work->wanted.payer, err);
    if (status == STATUS_OK)
        status = member_check_living(session, work->wanted.payer, err);
    if (work->wanted.payer == booking->member)
        work->wanted.payer = 0;
    return status;
}

/* The receipt of the sale, and what makes a charge the only one. */
static enum status claim_keys(struct call *call, struct command *command, const struct change_input *input,
                              const struct booking *booking, struct error *err)
{
    struct booking_work *work = command->body;
    struct event_input event = input->event;
    struct builder content = {.arena = call->arena};

    if (work->event == BOOKING_CHARGE && event.event_id.size == 0 && call_idempotency_key(call).size == 0)
        return error_set(err, STATUS_INVALID, "purchase.key_required", "event_id",
                         "a charge needs an event id or an Idempotency-Key, so that it counts once");
    if (event.channel.size == 0)
        event.channel = booking->channel;
    event.store = work->store;
    content_text(&content, text_from("stay_folio"));
    content_integer(&content, booking->id);
    content_integer(&content, event.at);
    lines_content(&content, &input->lines);
    work->sale.receipt =
        event_input_identity(call, command, &event, work->day, builder_done(&content), &work->identity);
    work->sale.identity.receipt_claim = work->identity.receipt_claim;
    work->identity.receipt_claim = -1;
    return STATUS_OK;
}

static enum status take_lines(struct call *call, const struct change_input *input, const struct booking *booking,
                              struct booking_work *work, struct error *err)
{
    struct order_lines lines;
    enum status status = order_lines_take(call, &input->lines, &lines, err);

    if (status != STATUS_OK)
        return status;
    if (lines.count > 0 && (booking->amount > 0 || booking->night_price > 0) &&
        strcmp(lines.currency, booking->currency) != 0)
        return error_set(err, STATUS_INVALID, "purchase.currencies", "lines", "the folio is in %s", booking->currency);
    work->lines = lines.lines;
    work->line_count = lines.count;
    work->detail = order_texts(call->arena, input->name, input->note, lines.words);
    memcpy(work->currency, lines.count > 0 ? lines.currency : booking->currency, CURRENCY_SIZE);
    return STATUS_OK;
}

/* Whoever is handed the number may collect the order; everything else is of those who see it. */
static enum status read_booking(struct call *call, struct storage_session *session, enum booking_kind kind, int64_t id,
                                struct booking *out, struct error *err)
{
    enum status status = booking_read(session, call->arena, kind, id, out, err);

    if (status == STATUS_OK && event_of(call->route) != BOOKING_COLLECT)
        status = booking_check_seen(call, out, err);
    return status;
}

static enum status fill_work(struct call *call, const struct change_input *input, const struct booking *booking,
                             struct booking_work *work, struct error *err)
{
    work->happens = true;
    work->asked_at = call->now;
    work->at = event_input_at(call, &input->event);
    work->store = input->event.store.size > 0 ? input->event.store : booking->store;
    struct event_input there = input->event;
    there.store = work->store;
    work->day = event_input_day(call, &there, work->at);
    work->till = input->event.till;
    work->employee = input->event.employee;
    work->event_id = input->event.event_id;
    work->named = input->name.size > 0 || input->note.size > 0;
    work->sale.identity = work->refund.identity = EVENT_IDENTITY_NONE;
    enum status status = event_input_check(call, &there, work->day, err);
    if (status == STATUS_OK)
        status = call_if_match(call, &work->if_version, err);
    return status == STATUS_OK ? take_lines(call, input, booking, work, err) : status;
}

/* Whose events tell what the sale leaves behind when it is taken back. */
static enum status name_person(struct call *call, struct storage_session *session, struct command *command,
                               struct error *err)
{
    struct booking_work *work = command->body;
    int64_t *members = arena_array(call->arena, GROUP_MEMBERS_MAX, sizeof *members);
    struct person person;
    enum status status = engine_view(call->engine, session, command->subjects[0].id, call->arena, &person, err);

    for (size_t i = 0; status == STATUS_OK && i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[work->refund.person_member_count++] = person.group->members[i].id;
    work->refund.person_members = members;
    return status;
}

/* Of whose sale it becomes. */
static enum status take_payment(struct call *call, const struct change_input *input, const struct booking *booking,
                                struct booking_work *work, struct error *err)
{
    const struct member_reference buyer = {.id = booking_buyer(booking_rules_of(call->programmes), booking)};

    return booking_payment_take(call, &input->payment, buyer.id != 0 ? &buyer : NULL, &work->sale, err);
}

static enum status change(struct call *call, struct item *item, enum booking_kind kind, int64_t id, struct error *err)
{
    const struct change_input *input = item->body;
    struct command *command = item_command(item, booking_change_type(), sizeof(struct booking_work));
    struct booking_work *work = command->body;
    struct storage_session *session;
    struct booking booking;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    work->event = call->route->body == &check_in_shape ? BOOKING_ARRIVE : event_of(call->route);
    status = read_booking(call, session, kind, id, &booking, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = fill_work(call, input, &booking, work, err);
    if (status == STATUS_OK)
        status = take_payment(call, input, &booking, work, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (work->event == BOOKING_AMEND)
        status = fill_amendment(call, session, input, &booking, work, err);
    if (status == STATUS_OK)
        status = booking_prepare(session, call->programmes, command, &booking, call->arena, err);
    if (status == STATUS_OK && work->refund.voids && work->buyer >= 0)
        status = name_person(call, session, command, err);
    call_read_end(call, session);
    return status == STATUS_OK ? claim_keys(call, command, input, &booking, err) : status;
}

enum status booking_change_handle(struct call *call, struct item *item, struct error *err)
{
    enum booking_kind kind = booking_kind_of(call);
    int64_t id;
    enum status status = call_path_id(call, 0, booking_prefix(kind), &id, err);

    return status == STATUS_OK ? change(call, item, kind, id, err) : status;
}

/* ---- checking in by what was booked ---- */

static const struct field check_in_fields[] = {
    CHANGE_PLACE_FIELDS,
    {.name = "reservation",
     .type = FIELD_ID,
     .offset = offsetof(struct change_input, reservation),
     .prefix = "rsv",
     .about = "Either this or a stay."},
    {.name = "stay", .type = FIELD_ID, .offset = offsetof(struct change_input, stay), .prefix = "sty"},
};
const struct shape check_in_shape = {.name = "CheckIn",
                                     .about = "A guest has come: a visit that belongs to a reservation or stay.",
                                     .size = sizeof(struct change_input),
                                     SHAPE_FIELDS(check_in_fields)};

enum status check_in_handle(struct call *call, struct item *item, struct error *err)
{
    const struct change_input *input = item->body;

    if ((input->reservation != 0) == (input->stay != 0))
        return error_set(err, STATUS_INVALID, "check_in.what", "reservation",
                         "a check-in names a reservation or a stay");
    return change(call, item, input->stay != 0 ? BOOKING_STAY : BOOKING_RESERVATION,
                  input->stay != 0 ? input->stay : input->reservation, err);
}

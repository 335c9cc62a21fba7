#include "features/events/event_api.h"

#include <stddef.h>

#include "features/customers/members_store.h"
#include "features/events/custom.h"
#include "features/events/event_input_api.h"
#include "features/events/purchase_api.h"
#include "features/events/visit.h"
#include "foundation/map.h"

/* ---- visits ---- */

struct visit_input {
    struct event_input event;
};

static const struct field visit_fields[] = {
    EVENT_INPUT_MEMBER(struct visit_input, event, FIELD_REQUIRED),
    EVENT_INPUT_TIME(struct visit_input, event),
    EVENT_INPUT_PLACE(struct visit_input, event),
};
const struct shape visit_input_shape = {.name = "VisitInput",
                                        .about = "A visit to a store.",
                                        .size = sizeof(struct visit_input),
                                        SHAPE_FIELDS(visit_fields)};

enum status visit_handle(struct call *call, struct item *item, struct error *err)
{
    const struct visit_input *input = item->body;
    bool limited = accrual_needs(call->programmes, TEXT("visit")).limits_members;
    struct command *command = item_command(item, visit_type(limited), sizeof(struct visit));
    struct visit *body = command->body;
    struct builder content = {.arena = call->arena};

    body->at = event_input_at(call, &input->event);
    body->day = event_input_day(call, &input->event, body->at);
    body->store = input->event.store;
    body->channel = input->event.channel;
    body->till = input->event.till;
    body->employee = input->event.employee;
    body->event_id = input->event.event_id;
    enum status status = event_input_check(call, &input->event, body->day, err);
    if (status == STATUS_OK)
        status = member_reference_apply(call, command, input->event.member, "member", err);
    if (status != STATUS_OK)
        return status;
    content_text(&content, TEXT("visit"));
    content_input(&content, &input->event);
    event_input_identity(call, command, &input->event, body->day, builder_done(&content), &body->identity);
    const struct rules_event event = {
        .trigger = TEXT("visit"), .at = body->at, .store = body->store, .channel = body->channel};
    rules_prepare(call->programmes, &event, &body->known, command, call->arena);
    return STATUS_OK;
}

static const struct field recorded_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "duplicate", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "earned",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &earned_shape,
     .about = "What earning rules gave for it."},
};
const struct shape event_recorded_shape = {.name = "EventRecorded", .size = 0, SHAPE_FIELDS(recorded_fields)};

static void write_recorded(struct item *item, struct json_writer *writer, int64_t id, bool known, int64_t member)
{
    writer_id(writer, "id", "evt", id);
    writer_boolean(writer, "duplicate", known);
    if (known)
        item->status = 200;
    else
        writer_id(writer, "member", "mbr", member);
}

static void write_rules_earned(struct json_writer *writer, const struct earned_facts *earned, size_t count)
{
    if (count > 0)
        write_earned(writer, earned, count);
}

void visit_finish(struct item *item, struct json_writer *writer)
{
    const struct visit *body = item->command->body;

    write_recorded(item, writer, body->result.id, body->result.known, body->result.member);
    write_rules_earned(writer, body->result.earned, body->result.earned_count);
}

/* ---- declared kinds ---- */

struct custom_input {
    struct event_input event;
    struct text kind, properties;
};

static const struct field custom_fields[] = {
    {.name = "kind",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct custom_input, kind),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "A declared kind (/v1/event-kinds)."},
    EVENT_INPUT_MEMBER(struct custom_input, event, FIELD_REQUIRED),
    EVENT_INPUT_TIME(struct custom_input, event),
    EVENT_INPUT_PLACE(struct custom_input, event),
    {.name = "properties",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct custom_input, properties),
     .maximum = EVENT_PROPERTIES_MAX,
     .about = "As the kind declares them."},
};
const struct shape event_input_shape = {.name = "EventInput",
                                        .about = "An event of a declared kind.",
                                        .size = sizeof(struct custom_input),
                                        SHAPE_FIELDS(custom_fields)};

static void fill_custom(struct call *call, const struct custom_input *input, struct custom_event *body)
{
    body->kind = input->kind;
    body->at = event_input_at(call, &input->event);
    body->day = event_input_day(call, &input->event, body->at);
    body->store = input->event.store;
    body->channel = input->event.channel;
    body->till = input->event.till;
    body->employee = input->event.employee;
    body->event_id = input->event.event_id;
    body->properties = input->properties;
}

/* The same event id, or else the same content, is the same event: its id is a hash of it. */
static int64_t trace_id(struct call *call, const struct custom_input *input, struct text content, int64_t member)
{
    struct text key =
        input->event.event_id.size > 0 ? event_key(call->arena, input->event.channel, input->event.event_id) : content;
    uint64_t hash = hash_stable(key) >> 8;

    return id_make((int64_t)(hash | 1), id_bucket(member));
}

/* Events kept for days are neither sealed nor do they earn: they are written at once, beside the journal. */
static enum status write_trace(struct call *call, struct item *item, const struct custom_input *input,
                               struct text content, struct error *err)
{
    struct custom_event event = {0};
    struct storage_session *session;
    int64_t member;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, input->event.member, &member, err);
    if (status == STATUS_OK)
        status = member_check_living(session, member, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = call_check_member(call, member, "member", err);
    fill_custom(call, input, &event);
    if (status == STATUS_OK)
        status = event_input_check(call, &input->event, event.day, err);
    if (status == STATUS_OK)
        status = event_check_instant(event.at, call->now, err);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    int64_t id = trace_id(call, input, content, member);
    status = trace_put(session, &event, member, id, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status == STATUS_OK)
        write_recorded(item, &item->writer, id, false, member);
    return status;
}

enum status event_handle(struct call *call, struct item *item, struct error *err)
{
    const struct custom_input *input = item->body;
    struct builder content = {.arena = call->arena};
    const struct event_kind *kind;
    enum status status = event_kind_find(call->programmes, input->kind, &kind, err);

    if (status == STATUS_OK)
        status = event_kind_check(kind, input->properties, err);
    if (status != STATUS_OK)
        return status;
    content_text(&content, input->kind);
    content_input(&content, &input->event);
    content_text(&content, input->properties);
    if (kind->kept_days > 0)
        return write_trace(call, item, input, builder_done(&content), err);
    bool limited = accrual_needs(call->programmes, input->kind).limits_members;
    struct command *command = item_command(item, custom_type(limited), sizeof(struct custom_event));
    struct custom_event *body = command->body;
    fill_custom(call, input, body);
    status = event_input_check(call, &input->event, body->day, err);
    if (status == STATUS_OK)
        status = member_reference_apply(call, command, input->event.member, "member", err);
    if (status != STATUS_OK)
        return status;
    event_input_identity(call, command, &input->event, body->day, builder_done(&content), &body->identity);
    const struct rules_event event = {
        .trigger = body->kind, .at = body->at, .store = body->store, .channel = body->channel};
    rules_prepare(call->programmes, &event, &body->known, command, call->arena);
    return STATUS_OK;
}

void event_finish(struct item *item, struct json_writer *writer)
{
    const struct custom_event *body = item->command->body;

    write_recorded(item, writer, body->result.id, body->result.known, body->result.member);
    write_rules_earned(writer, body->result.earned, body->result.earned_count);
}

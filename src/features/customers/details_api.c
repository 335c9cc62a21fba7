/* details_api.c: identifiers, tags, notes, preferences and consents of a member. */
#include <string.h>

#include "api/page.h"
#include "features/customers/customers_store.h"
#include "features/customers/member_body_api.h"
#include "features/customers/member_view_api.h"
#include "features/customers/members_api.h"
#include "features/customers/members_store.h"
#include "features/customers/policy.h"

/* The command on the member of the path. */
static enum status start(struct call *call, struct item *item, const struct command_type *type, size_t body_size,
                         struct error *err)
{
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        command_subject_member(item_command(item, type, body_size), member);
    return status;
}

static void write_member(struct item *item, struct json_writer *writer)
{
    writer_id(writer, "member", "mbr", item->command->subjects[0].id);
}

/* ---- identifiers ---- */

struct identifier_body {
    struct text kind, value;
};
static const struct field added_fields[] = {
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "kind", .type = FIELD_TEXT},
    {.name = "value", .type = FIELD_TEXT, .about = "As it is stored."},
};
const struct shape identifier_added_shape = {.name = "IdentifierAdded", SHAPE_FIELDS(added_fields)};

static enum status change_identifier(struct call *call, struct item *item, enum change_action action,
                                     const struct identifier_body *given, struct error *err)
{
    struct text region = customers_policy_at(call->programmes, call->now).region;
    struct identifier identifier;
    enum status status = identifier_normalise(call->arena, given->kind, given->value, region, &identifier, err);

    if (status == STATUS_OK)
        status = start(call, item, &change_identifier_type, sizeof(struct change_identifier), err);
    if (status != STATUS_OK)
        return status;
    struct change_identifier *body = item->command->body;
    body->action = action;
    body->identifier = identifier;
    body->load.parts[0] = PART_IDENTIFIERS;
    if (action == CHANGE_ADD) {
        body->load.checked = &body->identifier;
        body->load.checked_count = 1;
    }
    command_claim(item->command, call->arena, identifier.kind, identifier.value);
    return STATUS_OK;
}

enum status add_identifier_handle(struct call *call, struct item *item, struct error *err)
{
    return change_identifier(call, item, CHANGE_ADD, item->body, err);
}

enum status remove_identifier_handle(struct call *call, struct item *item, struct error *err)
{
    const struct identifier_body given = {call->parameters[1], call->parameters[2]};

    return change_identifier(call, item, CHANGE_REMOVE, &given, err);
}

void identifier_finish(struct item *item, struct json_writer *writer)
{
    const struct change_identifier *body = item->command->body;

    write_member(item, writer);
    writer_string(writer, "kind", body->identifier.kind);
    writer_text(writer, "value", body->identifier.value);
}

/* ---- tags ---- */

static enum status change_tag(struct call *call, struct item *item, enum change_action action, struct error *err)
{
    struct text tag = text_trim(call->parameters[1]);

    if (tag.size == 0 || tag.size > CODE_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "tag.size", "tag", "a tag has 1 to %d bytes", CODE_SIZE_MAX);
    enum status status = start(call, item, &change_tag_type, sizeof(struct change_tag), err);
    if (status != STATUS_OK)
        return status;
    struct change_tag *body = item->command->body;
    body->action = action;
    body->tag = tag;
    body->load.parts[0] = PART_TAGS;
    return STATUS_OK;
}

enum status add_tag_handle(struct call *call, struct item *item, struct error *err)
{
    return change_tag(call, item, CHANGE_ADD, err);
}

enum status remove_tag_handle(struct call *call, struct item *item, struct error *err)
{
    return change_tag(call, item, CHANGE_REMOVE, err);
}

/* ---- notes ---- */

struct note_body {
    struct text body;
};
static const struct field note_body_fields[] = {
    {.name = "body",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct note_body, body),
     .minimum = 1,
     .maximum = NOTE_SIZE_MAX},
};
const struct shape note_body_shape = {
    .name = "NoteBody", .size = sizeof(struct note_body), SHAPE_FIELDS(note_body_fields)};

static const struct field note_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "nte"},
    {.name = "at", .type = FIELD_INSTANT},
    {.name = "author", .type = FIELD_TEXT},
    {.name = "body", .type = FIELD_TEXT},
};
const struct shape note_shape = {.name = "Note", SHAPE_FIELDS(note_fields)};

enum status add_note_handle(struct call *call, struct item *item, struct error *err)
{
    const struct note_body *given = item->body;
    enum status status = start(call, item, &change_note_type, sizeof(struct change_note), err);

    if (status != STATUS_OK)
        return status;
    struct change_note *body = item->command->body;
    body->action = CHANGE_ADD;
    body->body = given->body;
    body->author = call->actor;
    body->load.parts[0] = PART_NOTES;
    item->user = call;
    return STATUS_OK;
}

void note_finish(struct item *item, struct json_writer *writer)
{
    const struct change_note *body = item->command->body;

    writer_id(writer, "id", "nte", body->id);
    writer_instant(writer, "at", item->call->now);
    writer_text(writer, "author", body->author);
    writer_text(writer, "body", body->body);
}

/* The cursor of a list of rows with falling ids. */
static enum status before_cursor(struct call *call, int64_t *before, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    *before = given ? cursor.integers[0] : INT64_MAX;
    return status;
}

enum status list_notes_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct json_writer *writer = &item->writer;
    struct storage_session *session;
    struct note_list list;
    size_t limit = (size_t)query->page.limit;
    int64_t member, before;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = before_cursor(call, &before, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = notes_list(session, call->arena, (struct history_range){member, before, limit + 1}, &list, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    struct cursor end = {.integer_count = 1};
    writer_list(writer, "items");
    for (size_t i = 0; i < list.count && i < limit; i++) {
        writer_object(writer, NULL);
        writer_id(writer, "id", "nte", list.notes[i].id);
        writer_instant(writer, "at", list.notes[i].at);
        writer_text(writer, "author", list.notes[i].author);
        writer_text(writer, "body", list.notes[i].body);
        writer_end(writer);
        end.integers[0] = list.notes[i].id;
    }
    writer_end(writer);
    page_end(writer, call->arena, &end, list.count > limit);
    return STATUS_OK;
}

enum status remove_note_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t id;
    enum status status = call_path_id(call, 1, "nte", &id, err);

    if (status == STATUS_OK)
        status = start(call, item, &change_note_type, sizeof(struct change_note), err);
    if (status != STATUS_OK)
        return status;
    struct change_note *body = item->command->body;
    body->action = CHANGE_REMOVE;
    body->id = id;
    body->load.parts[0] = PART_NOTES;
    return STATUS_OK;
}

/* ---- preferences ---- */

static const char *const likings[] = {"likes", "dislikes", NULL};
static const char *const knowns[] = {"told", "observed", "inferred", NULL};

struct preference_body {
    struct text topic, value;
    int liking, known;
    int64_t confirmed_at;
};
static const struct field preference_fields[] = {
    {.name = "topic",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct preference_body, topic),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "coffee, pillow, seat ..."},
    {.name = "value",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct preference_body, value),
     .minimum = 1,
     .maximum = 400},
    {.name = "liking",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct preference_body, liking),
     .choices = likings},
    {.name = "known",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct preference_body, known),
     .choices = knowns},
    {.name = "confirmed_at", .type = FIELD_INSTANT, .offset = offsetof(struct preference_body, confirmed_at)},
};
const struct shape preference_body_shape = {
    .name = "PreferenceBody", .size = sizeof(struct preference_body), SHAPE_FIELDS(preference_fields)};

static const struct field preference_set_fields[] = {
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "id", .type = FIELD_ID, .prefix = "prf"},
};
const struct shape preference_set_shape = {.name = "PreferenceSet", SHAPE_FIELDS(preference_set_fields)};

enum status set_preference_handle(struct call *call, struct item *item, struct error *err)
{
    const struct preference_body *given = item->body;
    enum status status = start(call, item, &change_preference_type, sizeof(struct change_preference), err);

    if (status != STATUS_OK)
        return status;
    struct change_preference *body = item->command->body;
    body->action = CHANGE_ADD;
    body->preference = (struct preference){.topic = given->topic,
                                           .value = given->value,
                                           .liking = text_from(likings[given->liking]),
                                           .known = text_from(knowns[given->known]),
                                           .confirmed_at = given->confirmed_at,
                                           .author = call->actor};
    body->load.parts[0] = PART_PREFERENCES;
    return STATUS_OK;
}

void preference_finish(struct item *item, struct json_writer *writer)
{
    const struct change_preference *body = item->command->body;

    write_member(item, writer);
    writer_id(writer, "id", "prf", body->preference.id);
}

enum status remove_preference_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t id;
    enum status status = call_path_id(call, 1, "prf", &id, err);

    if (status == STATUS_OK)
        status = start(call, item, &change_preference_type, sizeof(struct change_preference), err);
    if (status != STATUS_OK)
        return status;
    struct change_preference *body = item->command->body;
    body->action = CHANGE_REMOVE;
    body->preference.id = id;
    body->load.parts[0] = PART_PREFERENCES;
    return STATUS_OK;
}

/* ---- consents ---- */

struct consents_body {
    struct json_list consents;
};
static const struct field consents_fields[] = {
    {.name = "consents",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct consents_body, consents),
     .minimum = 1,
     .maximum = 20,
     .element = FIELD_OBJECT,
     .shape = &consent_body_shape},
};
const struct shape consents_body_shape = {
    .name = "ConsentsBody", .size = sizeof(struct consents_body), SHAPE_FIELDS(consents_fields)};

static const struct field consents_set_fields[] = {
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "id", .type = FIELD_ID, .prefix = "evt"},
};
const struct shape consents_set_shape = {.name = "ConsentsSet", SHAPE_FIELDS(consents_set_fields)};

static const struct field change_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "evt"},
    {.name = "channel", .type = FIELD_TEXT},
    {.name = "purpose", .type = FIELD_TEXT},
    {.name = "state", .type = FIELD_TEXT},
    {.name = "at", .type = FIELD_INSTANT},
    {.name = "source", .type = FIELD_TEXT},
    {.name = "wording", .type = FIELD_TEXT},
    {.name = "author", .type = FIELD_TEXT},
};
const struct shape consent_change_shape = {.name = "ConsentChange", SHAPE_FIELDS(change_fields)};

/* An import must not grant what somebody refused by an erasure: every identifier of the person is looked up. */
static enum status check_person(struct call *call, const struct command *command, struct customer_load *load,
                                struct error *err)
{
    struct customer_state state = {.member = command->subjects[0].id};
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = customers_read(session, call->arena, PART_IDENTIFIERS, &state, 1, err);
    call_read_end(call, session);
    if (status != STATUS_OK || state.identifier_count == 0)
        return status;
    struct identifier *checked = arena_array(call->arena, state.identifier_count, sizeof *checked);
    for (size_t i = 0; i < state.identifier_count; i++)
        checked[i] = state.identifiers[i].identifier;
    load->checked = checked;
    load->checked_count = state.identifier_count;
    return STATUS_OK;
}

enum status set_consents_handle(struct call *call, struct item *item, struct error *err)
{
    const struct consents_body *given = item->body;
    enum status status = start(call, item, &change_consents_type, sizeof(struct change_consents), err);

    if (status != STATUS_OK)
        return status;
    struct change_consents *body = item->command->body;
    body->consents = consent_bodies(call, given->consents);
    body->consent_count = given->consents.count;
    body->load.parts[0] = PART_CONSENTS;
    for (size_t i = 0; i < body->consent_count; i++)
        if (text_equals(body->consents[i].source, "import"))
            return check_person(call, item->command, &body->load, err);
    return STATUS_OK;
}

void consents_finish(struct item *item, struct json_writer *writer)
{
    write_member(item, writer);
    writer_id(writer, "id", "evt", item->command->id);
}

enum status list_consents_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct json_writer *writer = &item->writer;
    struct storage_session *session;
    struct consent_change_list list;
    size_t limit = (size_t)query->page.limit, shown;
    int64_t member, before;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = before_cursor(call, &before, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    /* The changes of one command share an id: a page ends before one that it cannot show whole. */
    enum { SAME_MAX = 21 };
    status = consent_history_list(session, call->arena, (struct history_range){member, before, limit + SAME_MAX}, &list,
                                  err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    shown = list.count;
    if (list.count > limit)
        for (shown = limit; shown < list.count && list.changes[shown].id == list.changes[limit - 1].id;)
            shown++;
    struct cursor end = {.integer_count = 1};
    writer_list(writer, "items");
    for (size_t i = 0; i < shown; i++) {
        writer_object(writer, NULL);
        writer_id(writer, "id", "evt", list.changes[i].id);
        consent_write(writer, &list.changes[i].consent);
        writer_end(writer);
        end.integers[0] = list.changes[i].id;
    }
    writer_end(writer);
    page_end(writer, call->arena, &end, shown < list.count);
    return STATUS_OK;
}

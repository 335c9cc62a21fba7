/* Definitions over HTTP: lists, one of them, its versions, and all that changes it. */
#include "features/definitions/definitions_api.h"

#include <stddef.h>

#include "features/definitions/change_store.h"
#include "features/definitions/programme_draft_store.h"
#include "features/definitions/view_api.h"

/* ---- reading ---- */

struct list_query {
    struct page page;
    int state;
};

static const char *const filters[] = {"draft", "review", "scheduled", "in_force", "ended", "withdrawn", NULL};
static const struct field list_query_fields[] = {
    PAGE_FIELDS(struct list_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct list_query, state),
     .choices = filters,
     .about = "draft: with a draft; review: its draft waits for a review; otherwise the state of what is published."},
};
const struct shape definition_query_shape = {
    .name = "DefinitionQuery", .size = sizeof(struct list_query), SHAPE_FIELDS(list_query_fields)};

enum status definition_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct list_query *query = call->query;
    struct cursor cursor = {.text_count = 1};
    struct definition_page page = {.after = definition_call_key(call),
                                   .filter = (enum definition_filter)(query->state + 1),
                                   .limit = (size_t)query->page.limit + 1};
    struct definition_record *records;
    struct storage_session *session;
    size_t count;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.after.code = given ? cursor.texts[0] : (struct text){NULL, 0};
    status = definition_list(session, call->arena, &page, &records, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i + 1 < page.limit; i++) {
        writer_object(&item->writer, NULL);
        definition_write(&item->writer, &records[i], false);
        writer_end(&item->writer);
        cursor.texts[0] = records[i].code;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, count == page.limit);
    return STATUS_OK;
}

enum status definition_get_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition_key key = definition_call_key(call);
    struct definition_record record;
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = definition_look(session, call->arena, call->programmes, &key, &record, err);
    call_read_end(call, session);
    if (status == STATUS_OK && record.revision == 0 && key.kind != &programme_draft_kind)
        status = definition_unknown(&key, err);
    if (status != STATUS_OK)
        return status;
    definition_write(&item->writer, &record, true);
    definition_write_namers(call, &item->writer, &key);
    item->etag = record.revision;
    return STATUS_OK;
}

static enum status read_releases(struct call *call, struct release_page page, struct definition_release **out,
                                 size_t *count, struct error *err)
{
    const struct definition_key key = definition_call_key(call);
    struct definition_record record;
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    page.key = &key;
    status = definition_find(session, call->arena, &key, &record, err);
    if (status == STATUS_OK && record.revision == 0)
        status = definition_unknown(&key, err);
    if (status == STATUS_OK)
        status = definition_releases(session, call->arena, &page, out, count, err);
    call_read_end(call, session);
    return status;
}

enum status definition_versions_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct definition_release *releases;
    size_t count, limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = read_releases(call, (struct release_page){NULL, given ? cursor.integers[0] : INT64_MAX, limit + 1},
                               &releases, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i < limit; i++) {
        writer_object(&item->writer, NULL);
        definition_release_write(&item->writer, &releases[i], call->now);
        writer_end(&item->writer);
        cursor.integers[0] = releases[i].version;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, count > limit);
    return STATUS_OK;
}

enum status definition_version_handle(struct call *call, struct item *item, struct error *err)
{
    struct definition_release *releases;
    int64_t number = 0;
    size_t count;

    if (!text_to_integer(call->parameters[1], &number) || number < 1 || number == INT64_MAX)
        number = INT64_MAX - 1;
    enum status status = read_releases(call, (struct release_page){NULL, number + 1, 1}, &releases, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count == 0 || releases[0].version != number)
        return error_set(err, STATUS_MISSING, "definition.version_unknown", "", "there is no such version");
    definition_release_write(&item->writer, &releases[0], call->now);
    return STATUS_OK;
}

/* ---- changing ---- */

static struct definition_change start_change(struct call *call, enum definition_action action)
{
    const struct definition_key key = definition_call_key(call);

    return (struct definition_change){.action = action,
                                      .kind = key.kind,
                                      .code = key.code,
                                      .now = call->now,
                                      .actor = call->actor,
                                      .programmes = call->programmes,
                                      .arena = call->arena};
}

/* The configuration does not have it yet. */
static void add_programme_version(struct definition_record *record, const struct definition_changed *changed)
{
    struct definition_period *current = &record->current, *next = &record->next;
    int64_t from = changed->candidate.from;

    if (next->version != 0 && next->from < from)
        return;
    *next = (struct definition_period){changed->version, from, next->version != 0 ? next->from : INSTANT_NEVER};
    current->until = from;
}

static enum status write_changed(struct call *call, struct storage_session *session, struct item *item,
                                 const struct definition_change *change, const struct definition_changed *changed,
                                 struct error *err)
{
    const struct definition_key key = {change->kind, change->code, change->now};
    struct definition_record record;
    enum status status = definition_look(session, call->arena, call->programmes, &key, &record, err);

    if (status != STATUS_OK)
        return status;
    if (change->kind == &programme_draft_kind && changed->version != 0)
        add_programme_version(&record, changed);
    definition_write(&item->writer, &record, true);
    if (changed->version != 0)
        writer_integer(&item->writer, "published", changed->version);
    item->etag = record.revision;
    if (change->action == DEFINITION_WITHDRAW)
        definition_write_namers(call, &item->writer,
                                &(struct definition_key){change->kind, change->code, definition_change_at(change)});
    return changed->candidate.code.size > 0
               ? definition_write_findings(call, session, &item->writer, change->kind, &changed->candidate, err)
               : STATUS_OK;
}

static enum status apply(struct call *call, struct storage_session *session, struct item *item,
                         struct definition_change *change, struct definition_changed *changed, struct error *err)
{
    const struct definition_key key = {change->kind, change->code, change->now};
    enum status status = call_if_match(call, &change->revision, err);

    if (status == STATUS_OK)
        status = definition_apply(session, change, changed, err);
    if (status == STATUS_OK)
        status = call_audit(call, definition_action_name(changed->version != 0 ? DEFINITION_PUBLISH : change->action),
                            0, definition_text(call->arena, &key, &changed->before),
                            definition_text(call->arena, &key, &changed->after), err);
    return status == STATUS_OK && change->action != DEFINITION_DROP
               ? write_changed(call, session, item, change, changed, err)
               : status;
}

static enum status change_definition(struct call *call, struct item *item, struct definition_change *change,
                                     struct error *err)
{
    struct definition_changed changed;
    struct storage_session *session;
    enum status status = STATUS_OK;

    if (change->publish && !call_may(call, PERMISSION_PROGRAMME_PUBLISH))
        return error_set(err, STATUS_FORBIDDEN, "auth.forbidden", "publish", "this needs the permission '%s'",
                         permission_name(PERMISSION_PROGRAMME_PUBLISH));
    status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = apply(call, session, item, change, &changed, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status == STATUS_OK && (changed.version != 0 || change->action == DEFINITION_WITHDRAW))
        status = engine_configuration_reload(call->engine, err);
    return status;
}

struct definition_input_body {
    struct text document, note;
    bool publish, validate;
    int64_t effective_at, until;
};
#define INPUT_FIELDS(document_max)                                                                           \
    {.name = "document",                                                                                     \
     .type = FIELD_JSON_MAP,                                                                                 \
     .flags = FIELD_REQUIRED,                                                                                \
     .offset = offsetof(struct definition_input_body, document),                                             \
     .maximum = (document_max)},                                                                             \
        {.name = "note",                                                                                     \
         .type = FIELD_TEXT,                                                                                 \
         .offset = offsetof(struct definition_input_body, note),                                             \
         .maximum = DEFINITION_NOTE_MAX},                                                                    \
        {.name = "publish",                                                                                  \
         .type = FIELD_BOOLEAN,                                                                              \
         .offset = offsetof(struct definition_input_body, publish),                                          \
         .about = "Publish it at once; needs programme.publish."},                                           \
        {.name = "validate",                                                                                 \
         .type = FIELD_BOOLEAN,                                                                              \
         .offset = offsetof(struct definition_input_body, validate),                                         \
         .about = "Only check the document; nothing is saved."},                                             \
        {.name = "effective_at",                                                                             \
         .type = FIELD_INSTANT,                                                                              \
         .offset = offsetof(struct definition_input_body, effective_at),                                     \
         .about = "With publish: at least 5 seconds ahead, which is the default."},                          \
    {                                                                                                        \
        .name = "until", .type = FIELD_INSTANT, .offset = offsetof(struct definition_input_body, until),     \
        .about = "With publish: the first moment at which it is not in force any more; without, it is open." \
    }

static const struct field input_fields[] = {INPUT_FIELDS(DEFINITION_DOCUMENT_MAX)};
const struct shape definition_input_shape = {
    .name = "DefinitionInput", .size = sizeof(struct definition_input_body), SHAPE_FIELDS(input_fields)};
static const struct field programme_input_fields[] = {INPUT_FIELDS(PROGRAMME_DOCUMENT_MAX)};
const struct shape programme_draft_input_shape = {
    .name = "ProgrammeDraftInput", .size = sizeof(struct definition_input_body), SHAPE_FIELDS(programme_input_fields)};

/* The definition as it is, with what is to be said of the document. */
static enum status answer_check(struct call *call, struct item *item, const struct definition_change *change,
                                struct error *err)
{
    const struct definition_key key = {change->kind, change->code, change->now};
    struct definition_record record;
    struct storage_session *session;
    const void *parsed;
    enum status status = definition_check(change, &parsed, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = definition_look(session, call->arena, call->programmes, &key, &record, err);
    if (status == STATUS_OK) {
        const struct definition candidate = definition_candidate(change, parsed);
        definition_write(&item->writer, &record, true);
        status = definition_write_findings(call, session, &item->writer, change->kind, &candidate, err);
    }
    call_read_end(call, session);
    return status;
}

enum status definition_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition_input_body *body = item->body;
    struct definition_change change = start_change(call, DEFINITION_SAVE);

    change.document = body->document;
    change.note = body->note;
    change.publish = body->publish;
    change.at = body->effective_at;
    change.until = body->until;
    if (body->validate)
        return answer_check(call, item, &change, err);
    return change_definition(call, item, &change, err);
}

enum status definition_drop_handle(struct call *call, struct item *item, struct error *err)
{
    struct definition_change change = start_change(call, DEFINITION_DROP);

    return change_definition(call, item, &change, err);
}

struct note_body {
    struct text note;
};
static const struct field note_fields[] = {
    {.name = "note", .type = FIELD_TEXT, .offset = offsetof(struct note_body, note), .maximum = DEFINITION_NOTE_MAX},
};
const struct shape definition_note_shape = {
    .name = "DefinitionSubmission", .size = sizeof(struct note_body), SHAPE_FIELDS(note_fields)};

enum status definition_submit_handle(struct call *call, struct item *item, struct error *err)
{
    struct definition_change change = start_change(call, DEFINITION_SUBMIT);

    change.note = ((const struct note_body *)item->body)->note;
    return change_definition(call, item, &change, err);
}

struct review_body {
    bool approve;
    struct text note;
};
static const struct field review_fields[] = {
    {.name = "approve",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct review_body, approve)},
    {.name = "note", .type = FIELD_TEXT, .offset = offsetof(struct review_body, note), .maximum = DEFINITION_NOTE_MAX},
};
const struct shape definition_review_shape = {
    .name = "DefinitionReview", .size = sizeof(struct review_body), SHAPE_FIELDS(review_fields)};

enum status definition_review_handle(struct call *call, struct item *item, struct error *err)
{
    const struct review_body *body = item->body;
    struct definition_change change = start_change(call, body->approve ? DEFINITION_APPROVE : DEFINITION_REFUSE);

    change.note = body->note;
    return change_definition(call, item, &change, err);
}

struct publication_body {
    int64_t effective_at, until;
    struct text note;
};
static const struct field publication_fields[] = {
    {.name = "effective_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct publication_body, effective_at),
     .about = "At least 5 seconds ahead, which is the default."},
    {.name = "until",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct publication_body, until),
     .about = "The first moment at which it is not in force any more; without, it is open."},
    {.name = "note",
     .type = FIELD_TEXT,
     .offset = offsetof(struct publication_body, note),
     .maximum = DEFINITION_NOTE_MAX,
     .about = "Without, that of the draft."},
};
const struct shape definition_publication_shape = {
    .name = "DefinitionPublication", .size = sizeof(struct publication_body), SHAPE_FIELDS(publication_fields)};

enum status definition_publish_handle(struct call *call, struct item *item, struct error *err)
{
    const struct publication_body *body = item->body;
    struct definition_change change = start_change(call, DEFINITION_PUBLISH);

    change.at = body->effective_at;
    change.until = body->until;
    change.note = body->note;
    return change_definition(call, item, &change, err);
}

struct withdrawal_body {
    int64_t at, version;
    bool anyway;
    struct text note;
};
static const struct field withdrawal_fields[] = {
    {.name = "anyway",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct withdrawal_body, anyway),
     .about = "Although others that are in force or to come name it, and give nothing of it from then on."},
    {.name = "at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct withdrawal_body, at),
     .about = "At least 5 seconds ahead, which is the default."},
    {.name = "version",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct withdrawal_body, version),
     .minimum = 1,
     .maximum = DEFINITION_VERSIONS_MAX,
     .about = "This one only, be it one that is still to come; without, all that are in force then or later."},
    {.name = "note",
     .type = FIELD_TEXT,
     .offset = offsetof(struct withdrawal_body, note),
     .maximum = DEFINITION_NOTE_MAX},
};
const struct shape definition_withdrawal_shape = {
    .name = "DefinitionWithdrawal", .size = sizeof(struct withdrawal_body), SHAPE_FIELDS(withdrawal_fields)};

enum status definition_withdraw_handle(struct call *call, struct item *item, struct error *err)
{
    const struct withdrawal_body *body = item->body;
    struct definition_change change = start_change(call, DEFINITION_WITHDRAW);

    change.at = body->at;
    change.version = body->version;
    change.anyway = body->anyway;
    change.note = body->note;
    return change_definition(call, item, &change, err);
}

struct rollback_body {
    int64_t version, effective_at, until;
    bool publish;
    struct text note;
};
static const struct field rollback_fields[] = {
    {.name = "version",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rollback_body, version),
     .minimum = 0,
     .maximum = DEFINITION_VERSIONS_MAX},
    {.name = "publish",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct rollback_body, publish),
     .about = "Publish it at once; needs programme.publish."},
    {.name = "effective_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct rollback_body, effective_at),
     .about = "With publish: at least 5 seconds ahead, which is the default."},
    {.name = "until", .type = FIELD_INSTANT, .offset = offsetof(struct rollback_body, until)},
    {.name = "note",
     .type = FIELD_TEXT,
     .offset = offsetof(struct rollback_body, note),
     .maximum = DEFINITION_NOTE_MAX},
};
const struct shape definition_rollback_shape = {
    .name = "DefinitionRollback", .size = sizeof(struct rollback_body), SHAPE_FIELDS(rollback_fields)};

enum status definition_roll_back_handle(struct call *call, struct item *item, struct error *err)
{
    const struct rollback_body *body = item->body;
    struct definition_change change = start_change(call, DEFINITION_ROLL_BACK);

    change.version = body->version;
    change.publish = body->publish;
    change.at = body->effective_at;
    change.until = body->until;
    change.note = body->note;
    return change_definition(call, item, &change, err);
}

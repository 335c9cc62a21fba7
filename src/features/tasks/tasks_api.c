#include "features/tasks/tasks_api.h"

#include <stddef.h>
#include <string.h>

#include "api/permission.h"
#include "api/user.h"
#include "features/events/places.h"
#include "features/tasks/tasks_store.h"
#include "foundation/encoding.h"
#include "foundation/instant.h"

enum { KEY_MAX = 200, END_OF_DAY = 24 * 60, BASE64_MAX = 90000 };

/* ---- who is to do it ---- */

struct owner_input {
    struct text person, place, role;
};
static const struct field owner_fields[] = {
    {.name = "person",
     .type = FIELD_TEXT,
     .offset = offsetof(struct owner_input, person),
     .maximum = USER_NAME_MAX,
     .about = "The name of a user; then neither place nor role."},
    {.name = "place",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct owner_input, place),
     .maximum = CODE_SIZE_MAX,
     .about = "Whoever works there."},
    {.name = "role",
     .type = FIELD_TEXT,
     .offset = offsetof(struct owner_input, role),
     .maximum = CODE_SIZE_MAX,
     .about = "Whoever has this role, at the place if one is named."},
};
const struct shape task_owner_shape = {
    .name = "TaskOwner", .size = sizeof(struct owner_input), SHAPE_FIELDS(owner_fields)};

static enum status check_user(struct call *call, struct text name, struct error *err)
{
    struct user *users;
    size_t count;
    enum status status = user_list(call->engine, call->arena, &users, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (text_equal(users[i].name, name) && !users[i].disabled)
            return STATUS_OK;
    if (status == STATUS_OK)
        status = error_set(err, STATUS_INVALID, "task.person", "person", "there is no user '%.*s'", (int)name.size,
                           name.bytes);
    return status;
}

enum status task_owner_read(struct call *call, const void *given, struct task_owner *out, struct error *err)
{
    const struct owner_input *input = given;
    enum role role;

    if (input == NULL)
        return STATUS_OK;
    *out = (struct task_owner){.person = input->person, .place = input->place, .role = input->role};
    if (input->role.size > 0 && !role_find(input->role, &role))
        return error_set(err, STATUS_INVALID, "task.role", "role", "there is no role '%.*s'", (int)input->role.size,
                         input->role.bytes);
    return input->person.size > 0 ? check_user(call, input->person, err) : STATUS_OK;
}

/* ---- opening ---- */

struct task_input {
    struct text reason, text, store, due_time, key;
    struct owner_input *owner;
    int priority;
    int64_t member, due_at;
    int32_t due_on;
};
static const struct field task_input_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct task_input, reason),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "text", .type = FIELD_TEXT, .offset = offsetof(struct task_input, text), .maximum = TASK_TEXT_MAX},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct task_input, store),
     .maximum = CODE_SIZE_MAX,
     .about = "The place that it concerns, and from which it rises."},
    {.name = "owner",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct task_input, owner),
     .shape = &task_owner_shape,
     .about = "When absent: the role of the reason, at the store."},
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct task_input, member), .prefix = "mbr"},
    {.name = "priority",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct task_input, priority),
     .choices = task_priority_names,
     .about = "That of the reason when absent."},
    {.name = "due_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct task_input, due_at),
     .about = "By the reason when neither this nor due_on is given."},
    {.name = "due_on",
     .type = FIELD_DAY,
     .offset = offsetof(struct task_input, due_on),
     .about = "A day of the store, by its clock."},
    {.name = "due_time",
     .type = FIELD_TEXT,
     .offset = offsetof(struct task_input, due_time),
     .minimum = 5,
     .maximum = 5,
     .about = "With due_on: HH:MM by the clock of the store; 24:00, the end of the day, when absent."},
    {.name = "key",
     .type = FIELD_TEXT,
     .offset = offsetof(struct task_input, key),
     .minimum = 1,
     .maximum = KEY_MAX,
     .about = "Names the cause: the same key never opens a second task."},
};
const struct shape task_input_shape = {
    .name = "TaskInput", .size = sizeof(struct task_input), SHAPE_FIELDS(task_input_fields)};

static enum status read_due(const struct call *call, const struct task_input *input, int64_t *out, struct error *err)
{
    int minutes = END_OF_DAY;
    bool day = input->due_on != FIELD_DAY_ABSENT;

    *out = input->due_at;
    if ((day && input->due_at != 0) || (!day && input->due_time.size > 0))
        return error_set(err, STATUS_INVALID, "task.due", "due_at", "say due_at, or due_on with or without due_time");
    if (input->due_time.size > 0 && !minutes_read(input->due_time, &minutes))
        return error_set(err, STATUS_INVALID, "task.due", "due_time", "due_time is a time such as 09:30");
    if (day)
        *out = task_due_local(call->programmes, input->store, input->due_on, minutes, call->now);
    return STATUS_OK;
}

enum status task_open_handle(struct call *call, struct item *item, struct error *err)
{
    const struct task_input *input = item->body;
    struct command *command = item_command(item, &open_task_type, sizeof(struct open_task));
    struct open_task *body = command->body;
    enum status status = task_owner_read(call, input->owner, &body->spec.owner, err);

    body->spec.reason = input->reason;
    body->spec.text = input->text;
    body->spec.store = input->store;
    body->spec.priority = input->priority;
    body->spec.opened_by = call->actor;
    if (status == STATUS_OK)
        status = read_due(call, input, &body->spec.due_at, err);
    if (input->key.size > 0)
        command_claim(command, call->arena, TASK_CLAIM, input->key);
    if (input->member != 0)
        command_subject_member(command, input->member);
    else
        command->bucket = claim_bucket(TASK_CLAIM, input->key.size > 0 ? input->key : input->store);
    return status;
}

void task_open_finish(struct item *item, struct json_writer *writer)
{
    const struct open_task *body = item->command->body;

    if (body->existed) {
        item->status = 200;
        writer_id(writer, "id", "tsk", body->task.id);
        writer_boolean(writer, "existed", true);
        return;
    }
    task_write(writer, &body->task, body->at);
    writer_boolean(writer, "existed", false);
    item->etag = body->task.version;
}

/* ---- changing ---- */

static enum status start_change(struct call *call, struct item *item, enum task_action action, struct change_task **out,
                                struct error *err)
{
    struct task task;
    int64_t version;
    enum status status = task_of_path(call, &task, err);

    if (status == STATUS_OK)
        status = call_if_match(call, &version, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &change_task_type, sizeof(struct change_task));
    struct change_task *body = command->body;
    body->action = action;
    body->version = version;
    body->priority = -1;
    body->by = task_caller(call);
    change_task_name(command, task.id);
    *out = body;
    return STATUS_OK;
}

void task_change_finish(struct item *item, struct json_writer *writer)
{
    const struct change_task *body = item->command->body;

    task_write(writer, &body->result, body->at);
    item->etag = body->result.version;
}

enum status task_take_handle(struct call *call, struct item *item, struct error *err)
{
    struct change_task *body;

    return start_change(call, item, TASK_TAKE, &body, err);
}

enum status task_assign_handle(struct call *call, struct item *item, struct error *err)
{
    struct task_owner owner = {.person = {NULL, 0}};
    struct change_task *body;
    enum status status = task_owner_read(call, item->body, &owner, err);

    if (status == STATUS_OK)
        status = start_change(call, item, TASK_ASSIGN, &body, err);
    if (status == STATUS_OK)
        body->owner = owner;
    return status;
}

struct change_input {
    struct text text;
    unsigned char text_given, due_given;
    int64_t due_at;
    int priority;
};
static const struct field change_fields[] = {
    {.name = "text",
     .type = FIELD_TEXT,
     .offset = offsetof(struct change_input, text),
     .presence = offsetof(struct change_input, text_given),
     .maximum = TASK_TEXT_MAX},
    {.name = "due_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_NULLABLE,
     .offset = offsetof(struct change_input, due_at),
     .presence = offsetof(struct change_input, due_given),
     .about = "null: no due time. Steps of the ladder that are still to come move with it."},
    {.name = "priority",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct change_input, priority),
     .choices = task_priority_names},
};
const struct shape task_change_shape = {
    .name = "TaskChange", .size = sizeof(struct change_input), SHAPE_FIELDS(change_fields)};

enum status task_change_handle(struct call *call, struct item *item, struct error *err)
{
    const struct change_input *input = item->body;
    struct change_task *body;
    enum status status = start_change(call, item, TASK_CHANGE, &body, err);

    if (status != STATUS_OK)
        return status;
    body->text = input->text_given == PRESENCE_GIVEN ? &input->text : NULL;
    body->priority = input->priority;
    if (input->due_given != PRESENCE_ABSENT)
        body->due_at = input->due_given == PRESENCE_GIVEN ? input->due_at : INSTANT_NEVER;
    return STATUS_OK;
}

/* ---- closing ---- */

static const struct {
    const char *media, *begins;
    size_t size;
} attachments[] = {{"image/jpeg", "\xff\xd8\xff", 3}, {"image/png", "\x89PNG", 4}, {"application/pdf", "%PDF", 4}};

struct attachment_input {
    struct text media, content;
};
static const struct field attachment_fields[] = {
    {.name = "media",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct attachment_input, media),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "image/jpeg, image/png or application/pdf."},
    {.name = "content",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct attachment_input, content),
     .minimum = 1,
     .maximum = BASE64_MAX,
     .about = "In base64; at most 64 KB."},
};
static const struct shape attachment_shape = {
    .name = "TaskAttachment", .size = sizeof(struct attachment_input), SHAPE_FIELDS(attachment_fields)};

struct close_input {
    struct text outcome, text, reference;
    struct attachment_input *attachment;
};
static const struct field close_fields[] = {
    {.name = "outcome",
     .type = FIELD_TEXT,
     .offset = offsetof(struct close_input, outcome),
     .maximum = CODE_SIZE_MAX,
     .about = "One of those of the reason, if it has any."},
    {.name = "text", .type = FIELD_TEXT, .offset = offsetof(struct close_input, text), .maximum = TASK_TEXT_MAX},
    {.name = "reference",
     .type = FIELD_TEXT,
     .offset = offsetof(struct close_input, reference),
     .maximum = TASK_REFERENCE_MAX,
     .about = "Where the proof lies: a number, an address."},
    {.name = "attachment",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct close_input, attachment),
     .shape = &attachment_shape,
     .about = "The proof itself."},
};
const struct shape task_close_shape = {
    .name = "TaskClose", .size = sizeof(struct close_input), SHAPE_FIELDS(close_fields)};

/* Base64 of either alphabet, with or without padding and line ends. */
static bool decode_base64(struct arena *arena, struct text given, struct text *out)
{
    char *plain = arena_alloc(arena, given.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < given.size; i++) {
        char c = given.bytes[i];
        if (c == '\r' || c == '\n' || c == '=')
            continue;
        if (c == '+')
            c = '-';
        plain[size++] = c == '/' ? '_' : c;
    }
    return base64url_decode(arena, (struct text){plain, size}, out);
}

static enum status read_attachment(struct arena *arena, const struct attachment_input *input, struct change_task *body,
                                   struct error *err)
{
    size_t kind = 0, kinds = sizeof attachments / sizeof attachments[0];

    if (input == NULL)
        return STATUS_OK;
    while (kind < kinds && !text_equals(input->media, attachments[kind].media))
        kind++;
    if (kind == kinds)
        return error_set(err, STATUS_INVALID, "task.attachment", "attachment.media",
                         "an attachment is image/jpeg, image/png or application/pdf");
    if (!decode_base64(arena, input->content, &body->content))
        return error_set(err, STATUS_INVALID, "task.attachment", "attachment.content", "this is no base64");
    if (body->content.size > TASK_PROOF_BYTES_MAX)
        return error_set(err, STATUS_LIMIT, "task.attachment_size", "attachment.content",
                         "an attachment has at most %d bytes", TASK_PROOF_BYTES_MAX);
    if (body->content.size < attachments[kind].size ||
        memcmp(body->content.bytes, attachments[kind].begins, attachments[kind].size) != 0)
        return error_set(err, STATUS_INVALID, "task.attachment", "attachment.content", "this is no %s",
                         attachments[kind].media);
    body->media = text_from(attachments[kind].media);
    return STATUS_OK;
}

static enum status close_handle(struct call *call, struct item *item, enum task_action action, struct error *err)
{
    const struct close_input *input = item->body;
    struct change_task *body;
    enum status status = start_change(call, item, action, &body, err);

    if (status != STATUS_OK)
        return status;
    body->outcome = input->outcome;
    body->outcome_text = input->text;
    body->reference = input->reference;
    return read_attachment(call->arena, input->attachment, body, err);
}

enum status task_done_handle(struct call *call, struct item *item, struct error *err)
{
    return close_handle(call, item, TASK_FINISH, err);
}

enum status task_drop_handle(struct call *call, struct item *item, struct error *err)
{
    return close_handle(call, item, TASK_DROP, err);
}

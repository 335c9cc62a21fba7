/* reasons_api.c: the reasons of tasks: configuration. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "api/permission.h"
#include "features/tasks/tasks_api.h"
#include "features/tasks/tasks_store.h"

struct step_input {
    int64_t after_minutes, above;
    struct text role;
};
static const struct field step_fields[] = {
    {.name = "after_minutes",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct step_input, after_minutes),
     .minimum = 1,
     .maximum = TASK_MINUTES_MAX,
     .about = "After the due time; each step later than the one before."},
    {.name = "above",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct step_input, above),
     .minimum = 0,
     .maximum = TASK_LEVELS_MAX,
     .about = "To the place so many levels above that of the task."},
    {.name = "role",
     .type = FIELD_TEXT,
     .offset = offsetof(struct step_input, role),
     .maximum = CODE_SIZE_MAX,
     .about = "To this role there; none: to whoever works there."},
};
static const struct shape step_shape = {
    .name = "TaskStep", .size = sizeof(struct step_input), SHAPE_FIELDS(step_fields)};

struct reason_input {
    struct text code, name, role;
    int priority;
    int64_t due_minutes;
    bool proof;
    struct json_list outcomes, ladder;
};
static const struct field reason_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct reason_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "The key; it may be left out."},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct reason_input, name),
     .minimum = 1,
     .maximum = 200},
    {.name = "priority",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct reason_input, priority),
     .choices = task_priority_names,
     .fallback = TASK_NORMAL},
    {.name = "due_minutes",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct reason_input, due_minutes),
     .minimum = 0,
     .maximum = TASK_MINUTES_MAX,
     .about = "Due so long after it was opened; 0: no due time unless one is given."},
    {.name = "role",
     .type = FIELD_TEXT,
     .offset = offsetof(struct reason_input, role),
     .maximum = CODE_SIZE_MAX,
     .about = "Who does it when nobody is named: this role at the store; none: whoever works there."},
    {.name = "proof",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct reason_input, proof),
     .about = "Done only with a reference or an attachment."},
    {.name = "outcomes",
     .type = FIELD_LIST,
     .element = FIELD_TEXT,
     .offset = offsetof(struct reason_input, outcomes),
     .maximum = TASK_OUTCOMES_MAX,
     .about = "Codes, one of which says what came of it; none: any may."},
    {.name = "ladder",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &step_shape,
     .offset = offsetof(struct reason_input, ladder),
     .maximum = TASK_STEPS_MAX,
     .about = "To whom it rises while it stays undone. Tasks that are open keep theirs."},
};
const struct shape task_reason_input_shape = {
    .name = "TaskReasonInput", .size = sizeof(struct reason_input), SHAPE_FIELDS(reason_fields)};

static const struct field reply_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "priority", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = task_priority_names},
    {.name = "due_minutes", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "role", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "proof", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "outcomes", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
    {.name = "ladder", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &step_shape},
};
const struct shape task_reason_shape = {.name = "TaskReason", SHAPE_FIELDS(reply_fields)};

static void write_reason(struct json_writer *writer, const struct task_reason *reason)
{
    writer_text(writer, "code", reason->code);
    writer_integer(writer, "version", reason->version);
    writer_text(writer, "name", reason->name);
    writer_string(writer, "priority", task_priority_names[reason->priority]);
    writer_integer(writer, "due_minutes", reason->due_minutes);
    writer_text(writer, "role", reason->role);
    writer_boolean(writer, "proof", reason->proof);
    writer_list(writer, "outcomes");
    for (size_t i = 0; i < reason->outcome_count; i++)
        writer_text(writer, NULL, reason->outcomes[i]);
    writer_end(writer);
    writer_list(writer, "ladder");
    for (size_t i = 0; i < reason->step_count; i++) {
        writer_object(writer, NULL);
        writer_integer(writer, "after_minutes", reason->steps[i].after_minutes);
        writer_integer(writer, "above", reason->steps[i].above);
        writer_text(writer, "role", reason->steps[i].role);
        writer_end(writer);
    }
    writer_end(writer);
}

static struct text as_json(struct call *call, const struct task_reason *reason)
{
    struct json_writer writer;

    if (reason == NULL)
        return (struct text){NULL, 0};
    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    write_reason(&writer, reason);
    writer_end(&writer);
    return writer_done(&writer);
}

/* ---- reading ---- */

struct reasons {
    struct task_reason *items;
    size_t count;
};

static enum status read_all(struct call *call, struct reasons *out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = task_reasons_read(session, call->arena, &out->items, &out->count, err);
    call_read_end(call, session);
    return status;
}

static const struct task_reason *find(const struct reasons *reasons, struct text code)
{
    for (size_t i = 0; i < reasons->count; i++)
        if (text_equal(reasons->items[i].code, code))
            return &reasons->items[i];
    return NULL;
}

enum status task_reason_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct reasons reasons;
    enum status status = read_all(call, &reasons, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < reasons.count; i++) {
        writer_object(&item->writer, NULL);
        write_reason(&item->writer, &reasons.items[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

static enum status unknown_reason(struct error *err)
{
    return error_set(err, STATUS_MISSING, "catalogue.unknown", "", "there is nothing with this code");
}

enum status task_reason_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct reasons reasons;
    enum status status = read_all(call, &reasons, err);

    if (status != STATUS_OK)
        return status;
    const struct task_reason *reason = find(&reasons, call->parameters[0]);
    if (reason == NULL)
        return unknown_reason(err);
    write_reason(&item->writer, reason);
    item->etag = reason->version;
    return STATUS_OK;
}

/* ---- writing ---- */

/* Codes are kept with ':' and ',' between them. */
static bool is_code(struct text code)
{
    return code.size > 0 && code.size <= CODE_SIZE_MAX && memchr(code.bytes, ',', code.size) == NULL &&
           memchr(code.bytes, ':', code.size) == NULL;
}

static enum status check_role(struct text role, const char *field, struct error *err)
{
    enum role found;

    if (role.size == 0 || role_find(role, &found))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "task.role", field, "there is no role '%.*s'", (int)role.size, role.bytes);
}

static enum status take_steps(struct call *call, const struct json_list *ladder, struct task_reason *out,
                              struct error *err)
{
    const struct step_input *inputs = ladder->items;
    struct task_step *steps = arena_array(call->arena, ladder->count + 1, sizeof *steps);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < ladder->count && status == STATUS_OK; i++) {
        steps[i] = (struct task_step){inputs[i].after_minutes, inputs[i].above, inputs[i].role};
        if (i > 0 && steps[i].after_minutes <= steps[i - 1].after_minutes)
            return error_set(err, STATUS_INVALID, "task.ladder", "ladder",
                             "each step comes later than the one before it");
        status = check_role(inputs[i].role, "ladder", err);
    }
    out->steps = steps;
    out->step_count = ladder->count;
    return status;
}

static enum status take_reason(struct call *call, const struct reason_input *input, struct task_reason *out,
                               struct error *err)
{
    const struct text *outcomes = input->outcomes.items;

    if (input->code.size > 0 && !text_equal(input->code, call->parameters[0]))
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "the body names another code than the address");
    if (!is_code(call->parameters[0]))
        return error_set(err, STATUS_INVALID, "task.code", "code",
                         "a code has at most %d bytes and neither ',' nor ':'", CODE_SIZE_MAX);
    for (size_t i = 0; i < input->outcomes.count; i++)
        if (!is_code(outcomes[i]))
            return error_set(err, STATUS_INVALID, "task.code", "outcomes",
                             "a code has at most %d bytes and neither ',' nor ':'", CODE_SIZE_MAX);
    *out = (struct task_reason){.code = call->parameters[0],
                                .name = input->name,
                                .priority = input->priority,
                                .due_minutes = input->due_minutes,
                                .role = input->role,
                                .proof = input->proof,
                                .outcomes = outcomes,
                                .outcome_count = input->outcomes.count};
    enum status status = check_role(input->role, "role", err);
    return status == STATUS_OK ? take_steps(call, &input->ladder, out, err) : status;
}

static enum status put_reason(struct call *call, struct storage_session *session, struct task_reason *reason,
                              struct error *err)
{
    struct reasons reasons;
    int64_t version;
    enum status status = call_if_match(call, &version, err);

    if (status == STATUS_OK)
        status = task_reasons_read(session, call->arena, &reasons.items, &reasons.count, err);
    if (status != STATUS_OK)
        return status;
    const struct task_reason *before = find(&reasons, reason->code);
    if (version != 0 && (before == NULL || before->version != version))
        return error_set(err, STATUS_STALE, "catalogue.stale", "If-Match", "it was changed meanwhile");
    if (before == NULL && reasons.count >= TASK_REASONS_MAX)
        return error_set(err, STATUS_LIMIT, "task.reasons", "", "there are at most %d reasons", TASK_REASONS_MAX);
    reason->version = before != NULL ? before->version + 1 : 1;
    status = task_reason_put(session, call->arena, reason, err);
    if (status != STATUS_OK)
        return status;
    return call_audit(call, "task_reason.updated", 0, as_json(call, before), as_json(call, reason), err);
}

enum status task_reason_put_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct task_reason reason;
    enum status status = take_reason(call, item->body, &reason, err);

    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = put_reason(call, session, &reason, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    write_reason(&item->writer, &reason);
    item->etag = reason.version;
    return call_write_commit(call, session, err);
}

static enum status delete_reason(struct call *call, struct storage_session *session, struct error *err)
{
    struct reasons reasons;
    enum status status = task_reasons_read(session, call->arena, &reasons.items, &reasons.count, err);

    if (status != STATUS_OK)
        return status;
    const struct task_reason *before = find(&reasons, call->parameters[0]);
    if (before == NULL)
        return unknown_reason(err);
    status = task_reason_delete(session, before->code, err);
    if (status != STATUS_OK)
        return status;
    return call_audit(call, "task_reason.deleted", 0, as_json(call, before), (struct text){NULL, 0}, err);
}

enum status task_reason_delete_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    status = delete_reason(call, session, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    return call_write_commit(call, session, err);
}

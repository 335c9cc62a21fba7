#include "features/tasks/tasks.h"

#include "features/customers/customers.h"
#include "features/events/events.h"
#include "features/events/facts.h"
#include "features/tasks/ladder.h"
#include "foundation/instant.h"

static const struct text none = {NULL, 0};

/* ---- what the journal and the audit keep ---- */

static void add_code(struct builder *out, const char *name, struct text code)
{
    if (code.size == 0)
        return;
    if (out->size > 1)
        builder_char(out, ',');
    builder_format(out, "\"%s\":", name);
    facts_string(out, code);
}

static void add_number(struct builder *out, const char *name, int64_t number)
{
    builder_format(out, "%s\"%s\":%lld", out->size > 1 ? "," : "", name, (long long)number);
}

/* Codes and numbers only: texts go to the detail. */
static struct text task_facts(struct arena *arena, const struct task *task, const struct task_owner *owner)
{
    struct builder out = {.arena = arena};

    builder_char(&out, '{');
    add_code(&out, "reason", task->reason);
    add_code(&out, "person", owner->person);
    add_code(&out, "place", owner->place);
    add_code(&out, "role", owner->role);
    add_number(&out, "priority", task->priority);
    if (task->due_at != INSTANT_NEVER)
        add_number(&out, "due_at", task->due_at);
    add_code(&out, "state", text_from(task_state_names[task->state]));
    add_code(&out, "outcome", task->outcome);
    builder_char(&out, '}');
    return builder_done(&out);
}

static struct journal_row *task_row(struct decision *decision, const struct task *task, const char *kind, int64_t at)
{
    const struct member *member = task->member != 0 ? decision->subjects[0].member : NULL;
    int bucket = task->id != 0 ? id_bucket(task->id) : 0;
    struct journal_row *row = journal_add(decision, member, bucket, kind, at);

    row->day = zone_day(programme_at(decision->programmes, at)->zone, at);
    row->store = task->store;
    row->cause = task->id;
    return row;
}

static struct text text_detail(struct arena *arena, const char *name, struct text words)
{
    struct builder out = {.arena = arena};

    if (words.size == 0)
        return none;
    builder_format(&out, "{\"%s\":", name);
    facts_string(&out, words);
    builder_char(&out, '}');
    return builder_done(&out);
}

/* ---- opening ---- */

static enum status check_owner(const struct programme_set *set, const struct task_owner *owner, struct error *err)
{
    bool person = owner->person.size > 0, group = owner->place.size > 0 || owner->role.size > 0;

    if (person == group)
        return error_set(err, STATUS_INVALID, "task.owner", "owner",
                         person ? "a person has it, or a place or role: not both"
                                : "say who does it: a person, a place or a role");
    if (owner->place.size > 0 && store_find(set, owner->place) == NULL)
        return error_set(err, STATUS_INVALID, "task.place", "owner.place", "there is no place '%.*s'",
                         (int)owner->place.size, owner->place.bytes);
    return STATUS_OK;
}

static enum status check_spec(const struct programme_set *set, const struct task_spec *spec,
                              const struct task_reason *reason, struct task_owner *owner, struct error *err)
{
    if (reason == NULL)
        return error_set(err, STATUS_INVALID, "task.reason", "reason", "there is no reason '%.*s'",
                         (int)spec->reason.size, spec->reason.bytes);
    if (spec->store.size > 0 && store_find(set, spec->store) == NULL)
        return error_set(err, STATUS_INVALID, "task.place", "store", "there is no place '%.*s'", (int)spec->store.size,
                         spec->store.bytes);
    *owner = spec->owner;
    if (owner->person.size == 0 && owner->place.size == 0)
        owner->place = spec->store;
    if (owner->person.size == 0 && owner->role.size == 0)
        owner->role = reason->role;
    return check_owner(set, owner, err);
}

static int64_t usual_due(const struct task_spec *spec, const struct task_reason *reason, int64_t now)
{
    if (spec->due_at != 0)
        return spec->due_at;
    return reason->due_minutes > 0 ? now + reason->due_minutes * INSTANT_MINUTE : INSTANT_NEVER;
}

enum status task_open(struct decision *decision, const struct command *command, const struct task_spec *spec,
                      struct task *out, bool *existed, struct error *err)
{
    const struct task_reason *reason = task_reason_find(decision->programmes, spec->reason);
    struct task_owner owner;

    *existed = spec->claim != NULL && spec->claim->reference != 0;
    if (*existed) {
        *out = (struct task){.id = spec->claim->reference};
        return STATUS_OK;
    }
    enum status status = check_spec(decision->programmes, spec, reason, &owner, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, spec->member, spec->bucket, "task", decision->now);
    struct task task = {.id = row->id,
                        .version = 1,
                        .member = row->member,
                        .store = spec->store,
                        .reason = spec->reason,
                        .text = spec->text,
                        .priority = spec->priority >= 0 ? spec->priority : reason->priority,
                        .opened_at = decision->now,
                        .opened_by = spec->opened_by,
                        .due_at = usual_due(spec, reason, decision->now),
                        .closed_at = INSTANT_NEVER};

    task_give(decision->arena, &task, &owner, decision->now);
    task_ladder_plan(decision->arena, decision->programmes, reason, &task, decision->now);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->store = task.store;
    row->facts = task_facts(decision->arena, &task, &owner);
    row->detail = text_detail(decision->arena, "text", task.text);
    if (spec->claim != NULL)
        claim_take(decision, TASK_CLAIM, spec->claim->key, row->id, row->member);
    store_task(decision, &task);
    store_task_holders(decision, &task);
    audit_add(decision, command, "task.opened", row->id, none, row->facts);
    *out = task;
    return STATUS_OK;
}

static enum status open_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct open_task *body = command->body;
    struct task_spec spec = body->spec;
    struct task task;
    enum status status = STATUS_OK;

    if (command->subject_count > 0) {
        status = customer_require(decision, command, 0, err);
        spec.member = decision->subjects[0].member;
    }
    spec.bucket = command->bucket;
    spec.claim = command->claim_count > 0 ? &command->claims[0] : NULL;
    if (status == STATUS_OK)
        status = task_open(decision, command, &spec, &task, &body->existed, err);
    if (status == STATUS_OK)
        task_copy(command->arena, &task, &body->task);
    body->at = decision->now;
    return status;
}

const struct command_type open_task_type = {.name = "open_task", .decide = open_decide};

/* ---- changing ---- */

/* The steps of the ladder that are over by now, each dated its own instant. False: the journal has them all. */
static bool note_steps(struct decision *decision, struct task *task)
{
    int64_t before = task->noted;

    for (size_t i = 0; i < task->holder_count && task->state < TASK_DONE; i++) {
        const struct task_holder *holder = &task->holders[i];
        if (holder->step != task->noted + 1 || holder->from_at > decision->now)
            continue;
        struct journal_row *row = task_row(decision, task, "task_escalation", holder->from_at);
        row->facts = task_facts(decision->arena, task, &holder->owner);
        task->noted = holder->step;
    }
    return task->noted > before;
}

static enum status check_changeable(const struct change_task *body, struct error *err)
{
    if (body->task.id == 0)
        return error_set(err, STATUS_MISSING, "task.unknown", "task", "there is no such task");
    if (body->version != 0 && body->version != body->task.version)
        return error_set(err, STATUS_STALE, "task.version", "If-Match", "the task was changed meanwhile");
    if (body->action != TASK_NOTE && body->task.state >= TASK_DONE)
        return error_set(err, STATUS_CONFLICT, "task.closed", "", "the task is %s already",
                         task_state_names[body->task.state]);
    if (body->task.holder_count >= TASK_HOLDERS_MAX - TASK_STEPS_MAX)
        return error_set(err, STATUS_LIMIT, "task.holders", "", "the task has changed hands too often");
    return STATUS_OK;
}

static enum status take_task(struct decision *decision, struct change_task *body, struct task *task, struct error *err)
{
    const struct task_owner *owner = &task_holder_at(task, decision->now)->owner;

    if (owner->person.size > 0 && !text_equal(owner->person, body->by))
        return error_set(err, STATUS_CONFLICT, "task.taken", "", "'%.*s' has it: assign it first",
                         (int)owner->person.size, owner->person.bytes);
    task->state = TASK_TAKEN;
    task_give(decision->arena, task, &(struct task_owner){.person = body->by}, decision->now);
    return STATUS_OK;
}

static enum status assign_task(struct decision *decision, struct change_task *body, struct task *task,
                               struct error *err)
{
    enum status status = check_owner(decision->programmes, &body->owner, err);

    if (status != STATUS_OK)
        return status;
    task->state = TASK_OPEN;
    task_give(decision->arena, task, &body->owner, decision->now);
    return STATUS_OK;
}

static void edit_task(struct decision *decision, const struct change_task *body, struct task *task)
{
    static const struct task_reason undeclared = {.step_count = 0};
    const struct task_reason *reason = task_reason_find(decision->programmes, task->reason);

    if (body->priority >= 0)
        task->priority = body->priority;
    if (body->text != NULL)
        task->text = *body->text;
    if (body->due_at == 0)
        return;
    task->due_at = body->due_at;
    task_ladder_plan(decision->arena, decision->programmes, reason != NULL ? reason : &undeclared, task, decision->now);
}

static enum status check_outcome(const struct task_reason *reason, const struct change_task *body, struct error *err)
{
    bool known = reason == NULL || reason->outcome_count == 0 || body->outcome.size == 0;

    for (size_t i = 0; !known && i < reason->outcome_count; i++)
        known = text_equal(reason->outcomes[i], body->outcome);
    if (!known)
        return error_set(err, STATUS_INVALID, "task.outcome", "outcome", "'%.*s' is no outcome of '%.*s'",
                         (int)body->outcome.size, body->outcome.bytes, (int)reason->code.size, reason->code.bytes);
    if (body->action == TASK_FINISH && reason != NULL && reason->outcome_count > 0 && body->outcome.size == 0)
        return error_set(err, STATUS_INVALID, "task.outcome", "outcome", "say what came of it");
    if (body->action == TASK_FINISH && reason != NULL && reason->proof && body->reference.size == 0 &&
        body->content.size == 0)
        return error_set(err, STATUS_INVALID, "task.proof", "proof",
                         "this is done with a proof: a reference, a picture "
                         "or a document");
    return STATUS_OK;
}

static enum status close_task(struct decision *decision, const struct change_task *body, struct task *task,
                              struct error *err)
{
    enum status status = check_outcome(task_reason_find(decision->programmes, task->reason), body, err);

    if (status != STATUS_OK)
        return status;
    task->state = body->action == TASK_FINISH ? TASK_DONE : TASK_DROPPED;
    task->closed_at = decision->now;
    task->closed_by = body->by;
    task->outcome = body->outcome;
    task->outcome_text = body->outcome_text;
    task->reference = body->reference;
    task->media = body->media;
    task_ladder_drop(task, decision->now);
    if (body->content.size > 0)
        store_task_proof(decision, task, body->content);
    return STATUS_OK;
}

static const struct {
    const char *kind, *audited;
} named[] = {
    [TASK_TAKE] = {"task_taken", "task.taken"},       [TASK_ASSIGN] = {"task_assigned", "task.assigned"},
    [TASK_CHANGE] = {"task_changed", "task.changed"}, [TASK_FINISH] = {"task_done", "task.done"},
    [TASK_DROP] = {"task_dropped", "task.dropped"},   [TASK_NOTE] = {"task_escalation", "task.escalated"},
};

static enum status apply(struct decision *decision, struct change_task *body, struct task *task, struct error *err)
{
    switch (body->action) {
    case TASK_TAKE:
        return take_task(decision, body, task, err);
    case TASK_ASSIGN:
        return assign_task(decision, body, task, err);
    case TASK_CHANGE:
        edit_task(decision, body, task);
        return STATUS_OK;
    case TASK_FINISH:
    case TASK_DROP:
        return close_task(decision, body, task, err);
    case TASK_NOTE:
        break;
    }
    return STATUS_OK;
}

static enum status change_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_task *body = command->body;
    enum status status = check_changeable(body, err);
    struct task task;

    if (status != STATUS_OK)
        return status;
    task_copy(decision->arena, &body->task, &task); /* the loaded one stays: the batch may be repeated */
    struct text before = task_facts(decision->arena, &task, &task_holder_at(&task, decision->now)->owner);
    bool noted = note_steps(decision, &task);
    status = apply(decision, body, &task, err);
    if (status != STATUS_OK)
        return status;
    if (body->action != TASK_NOTE) {
        struct journal_row *row = task_row(decision, &task, named[body->action].kind, decision->now);
        row->facts = task_facts(decision->arena, &task, &task_holder_at(&task, decision->now)->owner);
        row->detail = body->action == TASK_CHANGE && body->text != NULL
                          ? text_detail(decision->arena, "text", *body->text)
                          : text_detail(decision->arena, "outcome", body->outcome_text);
        task.version++;
        audit_add(decision, command, named[body->action].audited, task.id, before, row->facts);
    }
    if (body->action != TASK_NOTE || noted) {
        store_task(decision, &task);
        store_task_holders(decision, &task);
    }
    task_copy(command->arena, &task, &body->result);
    body->at = decision->now;
    return STATUS_OK;
}

const struct command_type change_task_type = {
    .name = "change_task", .loads = LOAD_ALONE, .load = change_task_load, .decide = change_decide};

struct command *change_task_command(struct arena *arena, int64_t task, enum task_action action)
{
    struct change_task *body = arena_alloc(arena, sizeof *body);
    struct command *command = arena_alloc(arena, sizeof *command);

    body->action = action;
    body->priority = -1;
    *command = (struct command){.type = &change_task_type, .body = body, .day = DAY_NONE, .bucket = -1, .arena = arena};
    change_task_name(command, task);
    return command;
}

void change_task_name(struct command *command, int64_t task)
{
    command->events[0] = (struct event_reference){.id = task, .claim = -1};
    command->event_count = 1;
    command->subjects[0] = (struct subject){.by = SUBJECT_EVENT, .first = 0};
    command->subject_count = 1;
}

void task_copy(struct arena *arena, const struct task *task, struct task *out)
{
    *out = *task;
    struct text *texts[] = {&out->store,   &out->reason,       &out->text,      &out->opened_by, &out->closed_by,
                            &out->outcome, &out->outcome_text, &out->reference, &out->media};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text_copy(arena, *texts[i]);
    out->holders = arena_array(arena, task->holder_count + 1, sizeof *out->holders);
    out->holder_capacity = task->holder_count + 1;
    for (size_t i = 0; i < task->holder_count; i++) {
        struct task_holder *holder = &out->holders[i];
        *holder = task->holders[i];
        holder->owner.person = text_copy(arena, holder->owner.person);
        holder->owner.place = text_copy(arena, holder->owner.place);
        holder->owner.role = text_copy(arena, holder->owner.role);
    }
}

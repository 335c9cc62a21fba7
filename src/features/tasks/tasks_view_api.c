/* tasks_view_api.c: tasks as replies show them, and who sees which. */
#include "api/page.h"
#include "features/tasks/ladder.h"
#include "features/tasks/tasks_api.h"
#include "features/tasks/tasks_store.h"
#include "foundation/instant.h"

enum { CLOSED_DAYS = 30 };

/* ---- the reply ---- */

static const struct field holder_fields[] = {
    {.name = "person", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "place", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "role", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "step",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Of the ladder of its reason, from 1; 0: given by somebody."},
};
static const struct shape holder_shape = {.name = "TaskHolder", SHAPE_FIELDS(holder_fields)};

static const struct field task_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "tsk"},
    {.name = "existed",
     .type = FIELD_BOOLEAN,
     .about = "The key had opened it before: nothing happened, and only the id is told."},
    {.name = "version", .type = FIELD_INTEGER},
    {.name = "state", .type = FIELD_CHOICE, .choices = task_state_names},
    {.name = "overdue", .type = FIELD_BOOLEAN},
    {.name = "reason", .type = FIELD_TEXT},
    {.name = "text", .type = FIELD_TEXT},
    {.name = "priority", .type = FIELD_CHOICE, .choices = task_priority_names},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "store", .type = FIELD_TEXT},
    {.name = "owner", .type = FIELD_OBJECT, .shape = &holder_shape, .about = "Who has it now."},
    {.name = "due_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "opened_at", .type = FIELD_INSTANT},
    {.name = "opened_by", .type = FIELD_TEXT},
    {.name = "closed_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "closed_by", .type = FIELD_TEXT},
    {.name = "outcome", .type = FIELD_TEXT},
    {.name = "outcome_text", .type = FIELD_TEXT},
    {.name = "reference", .type = FIELD_TEXT, .about = "The proof, where it lies elsewhere."},
    {.name = "attachment",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .about = "The media type of the attached proof: /v1/tasks/{task}/proof."},
    {.name = "holders",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &holder_shape,
     .about = "Who had it, has it, and will have it when it stays undone; not in lists."},
};
const struct shape task_shape = {.name = "Task", SHAPE_FIELDS(task_fields)};

static void write_holder(struct json_writer *writer, const char *name, const struct task_holder *holder)
{
    writer_object(writer, name);
    writer_text(writer, "person", holder->owner.person);
    writer_text(writer, "place", holder->owner.place);
    writer_text(writer, "role", holder->owner.role);
    writer_instant(writer, "since", holder->from_at);
    writer_integer(writer, "step", holder->step);
    writer_end(writer);
}

void task_write(struct json_writer *writer, const struct task *task, int64_t at)
{
    writer_id(writer, "id", "tsk", task->id);
    writer_integer(writer, "version", task->version);
    writer_string(writer, "state", task_state_names[task->state]);
    writer_boolean(writer, "overdue", task_overdue(task, at));
    writer_text(writer, "reason", task->reason);
    writer_text(writer, "text", task->text);
    writer_string(writer, "priority", task_priority_names[task->priority]);
    writer_id(writer, "member", "mbr", task->member);
    writer_text(writer, "store", task->store);
    write_holder(writer, "owner", task_holder_at(task, at));
    writer_instant(writer, "due_at", task->due_at);
    writer_instant(writer, "opened_at", task->opened_at);
    writer_text(writer, "opened_by", task->opened_by);
    writer_instant(writer, "closed_at", task->closed_at);
    writer_text(writer, "closed_by", task->closed_by);
    writer_text(writer, "outcome", task->outcome);
    writer_text(writer, "outcome_text", task->outcome_text);
    writer_text(writer, "reference", task->reference);
    if (task->media.size > 0)
        writer_text(writer, "attachment", task->media);
    else
        writer_null(writer, "attachment");
}

static void write_holders(struct json_writer *writer, const struct task *task)
{
    writer_list(writer, "holders");
    for (size_t i = 0; i < task->holder_count; i++)
        if (task->holders[i].until_at > task->holders[i].from_at)
            write_holder(writer, NULL, &task->holders[i]);
    writer_end(writer);
}

/* ---- who sees it ---- */

struct text task_caller(const struct call *call)
{
    struct text user = TEXT("user:");

    if (text_starts_with(call->actor, user))
        return (struct text){call->actor.bytes + user.size, call->actor.size - user.size};
    return call->actor;
}

bool task_seen(const struct call *call, const struct task *task)
{
    if (call->scope->whole || (task->store.size > 0 && call_sees_store(call, task->store)))
        return true;
    const struct task_owner *owner = &task_holder_at(task, call->now)->owner;
    return owner->person.size > 0 ? text_equal(owner->person, task_caller(call))
                                  : owner->place.size > 0 && call_sees_store(call, owner->place);
}

enum status task_of_path(struct call *call, struct task *task, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    enum status status = call_path_id(call, 0, "tsk", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = task_read(session, call->arena, id, task, err);
    call_read_end(call, session);
    if (status == STATUS_OK && !task_seen(call, task))
        status = error_set(err, STATUS_FORBIDDEN, "auth.scope", "",
                           "this lies outside of the part of the company that you see");
    return status;
}

enum status task_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct task task;
    enum status status = task_of_path(call, &task, err);

    if (status != STATUS_OK)
        return status;
    task_write(&item->writer, &task, call->now);
    write_holders(&item->writer, &task);
    item->etag = task.version;
    return STATUS_OK;
}

enum status task_proof_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct text media, content;
    struct task task;
    enum status status = task_of_path(call, &task, err);

    (void)item;
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = task_proof_read(session, call->arena, task.id, &media, &content, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        call_reply_content(call, text_string(call->arena, media), content, "proof");
    return status;
}

/* ---- lists ---- */

static const char *const listed_states[] = {"waiting", "open", "taken", "done", "dropped", "all", NULL};
static const struct {
    int from, end;
} state_ranges[] = {{TASK_OPEN, TASK_DONE},    {TASK_OPEN, TASK_TAKEN},          {TASK_TAKEN, TASK_DONE},
                    {TASK_DONE, TASK_DROPPED}, {TASK_DROPPED, TASK_DROPPED + 1}, {TASK_OPEN, TASK_DROPPED + 1}};

struct task_query {
    struct page page;
    int state;
    bool overdue;
    struct text store, person, role, reason;
    int64_t member;
};
static const struct field task_query_fields[] = {
    PAGE_FIELDS(struct task_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct task_query, state),
     .choices = listed_states,
     .about = "waiting when absent: open or taken."},
    {.name = "overdue",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct task_query, overdue),
     .about = "Only those whose due time is over."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct task_query, store),
     .maximum = CODE_SIZE_MAX,
     .about = "Of this place, or had there now."},
    {.name = "person",
     .type = FIELD_TEXT,
     .offset = offsetof(struct task_query, person),
     .maximum = CODE_SIZE_MAX + 8,
     .about = "Had by this person; me: by who asks."},
    {.name = "role", .type = FIELD_TEXT, .offset = offsetof(struct task_query, role), .maximum = CODE_SIZE_MAX},
    {.name = "reason", .type = FIELD_TEXT, .offset = offsetof(struct task_query, reason), .maximum = CODE_SIZE_MAX},
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct task_query, member), .prefix = "mbr"},
};
const struct shape task_query_shape = {
    .name = "TaskQuery", .size = sizeof(struct task_query), SHAPE_FIELDS(task_query_fields)};

/* All members of the person. */
static enum status find_person(struct call *call, struct storage_session *session, int64_t member,
                               struct task_page *page, struct error *err)
{
    struct person person;
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);

    if (status != STATUS_OK)
        return status;
    int64_t *members = arena_array(call->arena, person.group->member_count + 1, sizeof *members);
    for (size_t i = 0; i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[page->member_count++] = person.group->members[i].id;
    page->members = members;
    return STATUS_OK;
}

static void write_page(struct call *call, struct json_writer *writer, const struct task *tasks, size_t count,
                       size_t limit)
{
    struct cursor cursor = {.integer_count = 2};

    writer_list(writer, "items");
    for (size_t i = 0; i < count && i < limit; i++) {
        cursor.integers[0] = tasks[i].due_at;
        cursor.integers[1] = tasks[i].id;
        if (!task_seen(call, &tasks[i]))
            continue;
        writer_object(writer, NULL);
        task_write(writer, &tasks[i], call->now);
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, &cursor, count > limit);
}

enum status task_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct task_query *query = call->query;
    struct task_page page = {.state_from = state_ranges[query->state].from,
                             .state_end = state_ranges[query->state].end,
                             .due_until = query->overdue ? call->now : INSTANT_NEVER,
                             .store = query->store,
                             .person = text_equals(query->person, "me") ? task_caller(call) : query->person,
                             .role = query->role,
                             .reason = query->reason,
                             .now = call->now,
                             .limit = (size_t)query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct task *tasks;
    size_t count;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    page.after_due = cursor.integers[0];
    page.after_id = cursor.integers[1];
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (query->member != 0)
        status = find_person(call, session, query->member, &page, err);
    if (status == STATUS_OK)
        status = task_page_read(session, call->arena, &page, &tasks, &count, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        write_page(call, &item->writer, tasks, count, page.limit - 1);
    return status;
}

/* ---- counts ---- */

struct counts_query {
    struct text store;
};
static const struct field counts_query_fields[] = {
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct counts_query, store),
     .maximum = CODE_SIZE_MAX},
};
const struct shape task_counts_query_shape = {
    .name = "TaskCountsQuery", .size = sizeof(struct counts_query), SHAPE_FIELDS(counts_query_fields)};

#define COUNT_FIELDS                                                                              \
    {.name = "open", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                             \
        {.name = "taken", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                        \
        {.name = "overdue", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                      \
        {.name = "done", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "In 30 days."}, \
    {                                                                                             \
        .name = "dropped", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "In 30 days." \
    }
static const struct field store_count_fields[] = {{.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
                                                  COUNT_FIELDS};
static const struct shape store_count_shape = {.name = "TaskCountsOfStore", SHAPE_FIELDS(store_count_fields)};
static const struct field counts_fields[] = {
    COUNT_FIELDS,
    {.name = "stores",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &store_count_shape},
};
const struct shape task_counts_shape = {.name = "TaskCounts", SHAPE_FIELDS(counts_fields)};

struct tally {
    int64_t states[TASK_DROPPED + 1], overdue;
};

static void tally_add(struct tally *tally, const struct task_count *count)
{
    tally->states[count->state] += count->count;
    if (count->state < TASK_DONE)
        tally->overdue += count->overdue;
}

static void write_tally(struct json_writer *writer, const struct tally *tally)
{
    writer_integer(writer, "open", tally->states[TASK_OPEN]);
    writer_integer(writer, "taken", tally->states[TASK_TAKEN]);
    writer_integer(writer, "overdue", tally->overdue);
    writer_integer(writer, "done", tally->states[TASK_DONE]);
    writer_integer(writer, "dropped", tally->states[TASK_DROPPED]);
}

static bool counted(const struct call *call, const struct task_count *count)
{
    const struct counts_query *query = call->query;

    if (query->store.size > 0)
        return text_equal(query->store, count->store);
    return call->scope->whole || call_sees_store(call, count->store);
}

enum status task_counts_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    struct tally total = {.overdue = 0};
    struct storage_session *session;
    struct task_counts found = {.now = call->now, .since = call->now - CLOSED_DAYS * INSTANT_DAY};
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = task_counts_read(session, call->arena, &found, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    const struct task_count *counts = found.items;
    size_t count = found.count;
    for (size_t i = 0; i < count; i++)
        if (counted(call, &counts[i]))
            tally_add(&total, &counts[i]);
    write_tally(writer, &total);
    writer_list(writer, "stores");
    for (size_t i = 0; i < count;) {
        struct tally tally = {.overdue = 0};
        size_t first = i;
        for (; i < count && text_equal(counts[i].store, counts[first].store); i++)
            tally_add(&tally, &counts[i]);
        if (!counted(call, &counts[first]))
            continue;
        writer_object(writer, NULL);
        writer_text(writer, "store", counts[first].store);
        write_tally(writer, &tally);
        writer_end(writer);
    }
    writer_end(writer);
    return STATUS_OK;
}

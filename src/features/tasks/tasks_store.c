#include "features/tasks/tasks_store.h"

#include <stdlib.h>

#include "features/tasks/ladder.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"
#include "queries.h"
#include "storage/storage.h"

enum { TASK_COLUMNS = 19, NOTED_AT_ONCE = 200, NOTE_ARENA = 16 << 20 };

/* ---- written by commands ---- */

void store_task(struct decision *decision, const struct task *task)
{
    const struct storage_value values[] = {value_integer(id_bucket(task->id)),
                                           value_integer(task->id),
                                           value_integer(task->version),
                                           value_integer(task->member),
                                           value_text(task->store),
                                           value_text(task->reason),
                                           value_text(task->text),
                                           value_integer(task->priority),
                                           value_integer(task->state),
                                           value_integer(task->opened_at),
                                           value_text(task->opened_by),
                                           value_integer(task->due_at),
                                           value_integer(task->closed_at),
                                           value_text(task->closed_by),
                                           value_text(task->outcome),
                                           value_text(task->outcome_text),
                                           value_text(task->reference),
                                           value_text(task->media),
                                           value_integer(task->noted)};

    row_add(decision, &query_tasks_task_put, arena_copy(decision->arena, values, sizeof values));
}

void store_task_holders(struct decision *decision, const struct task *task)
{
    for (size_t i = 0; i < task->holder_count; i++) {
        const struct task_holder *holder = &task->holders[i];
        const struct storage_value values[] = {value_integer(id_bucket(task->id)), value_integer(task->id),
                                               value_integer(holder->number),      value_integer(task->member),
                                               value_integer(holder->from_at),     value_integer(holder->until_at),
                                               value_integer(holder->step),        value_text(holder->owner.person),
                                               value_text(holder->owner.place),    value_text(holder->owner.role)};

        row_add(decision, &query_tasks_holder_put, arena_copy(decision->arena, values, sizeof values));
    }
}

void store_task_proof(struct decision *decision, const struct task *task, struct text content)
{
    const struct storage_value values[] = {value_integer(id_bucket(task->id)), value_integer(task->id),
                                           value_integer(task->member), value_text(task->media),
                                           value_blob(content.bytes, content.size)};

    row_add(decision, &query_tasks_proof_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- read ---- */

static void decode_task(const struct storage_row *row, int at, struct arena *arena, struct task *out)
{
    *out = (struct task){.id = row_integer(row, at + 1),
                         .version = row_integer(row, at + 2),
                         .member = row_integer(row, at + 3),
                         .store = row_text_copy(row, at + 4, arena),
                         .reason = row_text_copy(row, at + 5, arena),
                         .text = row_text_copy(row, at + 6, arena),
                         .priority = row_integer(row, at + 7),
                         .state = row_integer(row, at + 8),
                         .opened_at = row_integer(row, at + 9),
                         .opened_by = row_text_copy(row, at + 10, arena),
                         .due_at = row_integer(row, at + 11),
                         .closed_at = row_integer(row, at + 12),
                         .closed_by = row_text_copy(row, at + 13, arena),
                         .outcome = row_text_copy(row, at + 14, arena),
                         .outcome_text = row_text_copy(row, at + 15, arena),
                         .reference = row_text_copy(row, at + 16, arena),
                         .media = row_text_copy(row, at + 17, arena),
                         .noted = row_integer(row, at + 18)};
}

static void decode_holder(const struct storage_row *row, int at, struct arena *arena, struct task *task)
{
    task->holders =
        arena_grow(arena, task->holders, &task->holder_capacity, task->holder_count + 1, sizeof *task->holders);
    task->holders[task->holder_count++] = (struct task_holder){.number = row_integer(row, at),
                                                               .from_at = row_integer(row, at + 1),
                                                               .until_at = row_integer(row, at + 2),
                                                               .step = row_integer(row, at + 3),
                                                               .owner = {.person = row_text_copy(row, at + 4, arena),
                                                                         .place = row_text_copy(row, at + 5, arena),
                                                                         .role = row_text_copy(row, at + 6, arena)}};
}

/* The tasks of a load, one a slot. */
struct loading {
    struct arena *arena;
    struct task **tasks;
};

static enum status receive_task(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;

    (void)err;
    decode_task(row, 1, loading->arena, loading->tasks[row_integer(row, 0)]);
    return STATUS_OK;
}

static enum status receive_holder(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;

    (void)err;
    decode_holder(row, 1, loading->arena, loading->tasks[row_integer(row, 0)]);
    return STATUS_OK;
}

/* The context lives in the arena: receivers are called at the flush. */
static enum status send_loads(struct storage_session *session, struct arena *arena, struct task **tasks,
                              const int64_t *ids, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_task, .context = loading};
    const struct storage_receiver holders = {.row = receive_holder, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct loading){arena, tasks};
    for (size_t i = 0; i < count; i++) {
        *tasks[i] = (struct task){.id = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    enum status status = storage_send(session, &query_tasks_tasks_load, values, count, &receiver, err);
    return status == STATUS_OK ? storage_send(session, &query_tasks_holders_load, values, count, &holders, err)
                               : status;
}

enum status change_task_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct task **tasks = arena_array(context->arena, count + 1, sizeof(struct task *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        tasks[i] = &((struct change_task *)commands[i]->body)->task;
        ids[i] = commands[i]->events[0].id;
    }
    return send_loads(context->session, context->arena, tasks, ids, count, err);
}

enum status task_read(struct storage_session *session, struct arena *arena, int64_t id, struct task *out,
                      struct error *err)
{
    enum status status = send_loads(session, arena, &out, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && (out->id == 0 || out->holder_count == 0))
        status = error_set(err, STATUS_MISSING, "task.unknown", "task", "there is no such task");
    return status;
}

/* ---- pages ---- */

struct listing {
    struct arena *arena;
    struct task *tasks;
    size_t count, capacity;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    listing->tasks =
        arena_grow(listing->arena, listing->tasks, &listing->capacity, listing->count + 1, sizeof *listing->tasks);
    struct task *task = &listing->tasks[listing->count++];
    decode_task(row, 0, listing->arena, task);
    decode_holder(row, TASK_COLUMNS, listing->arena, task);
    return STATUS_OK;
}

static int compare_listed(const void *a, const void *b)
{
    const struct task *left = a, *right = b;
    int bucket = id_bucket(left->id) - id_bucket(right->id);

    if (left->due_at != right->due_at)
        return left->due_at < right->due_at ? -1 : 1;
    if (bucket != 0)
        return bucket;
    return left->id < right->id ? -1 : left->id > right->id;
}

enum status task_page_read(struct storage_session *session, struct arena *arena, const struct task_page *page,
                           struct task **out, size_t *count, struct error *err)
{
    enum { OF_MEMBER = 2 };
    struct listing listing = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_listed, .context = &listing};
    struct storage_value values[] = {value_null(),
                                     value_null(),
                                     value_integer(page->state_from),
                                     value_integer(page->state_end),
                                     value_integer(page->due_until),
                                     value_text(page->store),
                                     value_text(page->person),
                                     value_text(page->role),
                                     value_text(page->reason),
                                     value_integer(page->now),
                                     value_integer(page->given ? page->after_due : INT64_MIN),
                                     value_integer(page->given ? id_bucket(page->after_id) : 0),
                                     value_integer(page->given ? page->after_id : 0),
                                     value_integer((int64_t)page->limit)};
    enum status status = STATUS_OK;

    if (page->members == NULL)
        status = storage_run(session, &query_tasks_task_page, values + OF_MEMBER, 1, &receiver, err);
    for (size_t i = 0; page->members != NULL && i < page->member_count && status == STATUS_OK; i++) {
        values[0] = value_integer(id_bucket(page->members[i]));
        values[1] = value_integer(page->members[i]);
        status = storage_run(session, &query_tasks_task_member_page, values, 1, &receiver, err);
    }
    if (listing.count > 1)
        qsort(listing.tasks, listing.count, sizeof *listing.tasks, compare_listed);
    *out = listing.tasks;
    *count = listing.count < page->limit ? listing.count : page->limit;
    return status;
}

struct proof {
    struct arena *arena;
    struct text media, content;
};

static enum status receive_proof(void *context, const struct storage_row *row, struct error *err)
{
    struct proof *proof = context;

    (void)err;
    proof->media = row_text_copy(row, 0, proof->arena);
    proof->content = row_text_copy(row, 1, proof->arena);
    return STATUS_OK;
}

enum status task_proof_read(struct storage_session *session, struct arena *arena, int64_t id, struct text *media,
                            struct text *content, struct error *err)
{
    struct proof proof = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_proof, .context = &proof};
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};
    enum status status = storage_run(session, &query_tasks_task_proof_get, values, 1, &receiver, err);

    if (status == STATUS_OK && proof.content.size == 0)
        status = error_set(err, STATUS_MISSING, "task.no_proof", "", "nothing is attached to the task");
    *media = proof.media;
    *content = proof.content;
    return status;
}

struct counting {
    struct arena *arena;
    struct task_counts *counts;
};

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    const struct counting *counting = context;
    struct task_counts *counts = counting->counts;

    (void)err;
    counts->items =
        arena_grow(counting->arena, counts->items, &counts->capacity, counts->count + 1, sizeof *counts->items);
    counts->items[counts->count++] = (struct task_count){.store = row_text_copy(row, 0, counting->arena),
                                                         .state = row_integer(row, 1),
                                                         .count = row_integer(row, 2),
                                                         .overdue = row_integer(row, 3)};
    return STATUS_OK;
}

enum status task_counts_read(struct storage_session *session, struct arena *arena, struct task_counts *counts,
                             struct error *err)
{
    struct counting counting = {arena, counts};
    const struct storage_receiver receiver = {.row = receive_count, .context = &counting};
    const struct storage_value values[] = {value_integer(counts->now), value_integer(counts->since)};

    return storage_run(session, &query_tasks_task_counts, values, 1, &receiver, err);
}

/* ---- what rose by itself ---- */

struct risen {
    int64_t ids[NOTED_AT_ONCE];
    size_t count;
};

static enum status receive_risen(void *context, const struct storage_row *row, struct error *err)
{
    struct risen *risen = context;

    (void)err;
    risen->ids[risen->count++] = row_integer(row, 1);
    return STATUS_OK;
}

static enum status find_risen(struct engine *engine, struct risen *risen, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_risen, .context = risen};
    const struct storage_value values[] = {value_integer(clock_now(engine_clock(engine))),
                                           value_integer(NOTED_AT_ONCE)};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    risen->count = 0;
    status = storage_run(session, &query_tasks_tasks_risen, values, 1, &receiver, err);
    engine_read_end(engine, session);
    return status;
}

enum status tasks_note(struct engine *engine, struct error *err)
{
    struct command *commands[NOTED_AT_ONCE];
    struct risen risen;
    enum status status = find_risen(engine, &risen, err);

    if (status != STATUS_OK || risen.count == 0)
        return status;
    struct arena *arena = arena_new(NOTE_ARENA);
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to note which tasks have risen");
    for (size_t i = 0; i < risen.count; i++)
        commands[i] = change_task_command(arena, risen.ids[i], TASK_NOTE);
    status = engine_run(engine, commands, risen.count, err);
    arena_free(arena);
    return status;
}

/* ---- reasons ---- */

struct reasons {
    struct arena *arena;
    struct task_reason *items;
    size_t count, capacity;
};

static enum status receive_reason(void *context, const struct storage_row *row, struct error *err)
{
    struct reasons *reasons = context;
    struct task_reason reason = {.code = row_text_copy(row, 0, reasons->arena),
                                 .version = row_integer(row, 1),
                                 .name = row_text_copy(row, 2, reasons->arena),
                                 .priority = (int)row_integer(row, 3),
                                 .due_minutes = row_integer(row, 4),
                                 .role = row_text_copy(row, 5, reasons->arena),
                                 .proof = row_integer(row, 6) != 0};

    if (!task_outcomes_read(reasons->arena, row_text(row, 7), &reason) ||
        !task_ladder_read(reasons->arena, row_text(row, 8), &reason))
        return error_set(err, STATUS_DEFECT, "internal.defect", "", "the reason '%.*s' of tasks cannot be read",
                         (int)reason.code.size, reason.code.bytes);
    reasons->items =
        arena_grow(reasons->arena, reasons->items, &reasons->capacity, reasons->count + 1, sizeof *reasons->items);
    reasons->items[reasons->count++] = reason;
    return STATUS_OK;
}

enum status task_reasons_read(struct storage_session *session, struct arena *arena, struct task_reason **out,
                              size_t *count, struct error *err)
{
    struct reasons reasons = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_reason, .context = &reasons};
    enum status status = storage_run(session, &query_tasks_reasons_list, NULL, 1, &receiver, err);

    *out = reasons.items;
    *count = reasons.count;
    return status;
}

enum status tasks_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                            struct error *err)
{
    struct task_reason *reasons;
    size_t count;
    enum status status = task_reasons_read(session, arena, &reasons, &count, err);

    if (status != STATUS_OK)
        return status;
    set->task_reasons = reasons;
    set->task_reason_count = count;
    return STATUS_OK;
}

static struct text join_outcomes(struct arena *arena, const struct task_reason *reason)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < reason->outcome_count; i++) {
        if (i > 0)
            builder_char(&out, ',');
        builder_text(&out, reason->outcomes[i]);
    }
    return builder_done(&out);
}

static enum status renew(struct storage_session *session, struct error *err)
{
    const struct storage_value first = value_integer(1);

    return storage_run(session, &query_events_epoch_bump, &first, 1, NULL, err);
}

enum status task_reason_put(struct storage_session *session, struct arena *arena, const struct task_reason *reason,
                            struct error *err)
{
    const struct storage_value values[] = {value_text(reason->code),
                                           value_integer(reason->version),
                                           value_text(reason->name),
                                           value_integer(reason->priority),
                                           value_integer(reason->due_minutes),
                                           value_text(reason->role),
                                           value_integer(reason->proof),
                                           value_text(join_outcomes(arena, reason)),
                                           value_text(task_ladder_write(arena, reason))};
    enum status status = storage_run(session, &query_tasks_reason_put, values, 1, NULL, err);

    return status == STATUS_OK ? renew(session, err) : status;
}

enum status task_reason_delete(struct storage_session *session, struct text code, struct error *err)
{
    const struct storage_value value = value_text(code);
    enum status status = storage_run(session, &query_tasks_reason_delete, &value, 1, NULL, err);

    return status == STATUS_OK ? renew(session, err) : status;
}

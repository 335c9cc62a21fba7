#include "features/promises/honours_store.h"

#include <stdlib.h>

#include "features/promises/promises_store.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_honour(struct decision *decision, const struct traceless *honour)
{
    const struct storage_value values[] = {value_integer(id_bucket(honour->id)),
                                           value_integer(honour->id),
                                           value_integer(honour->member),
                                           value_integer(honour->purchase),
                                           value_integer(honour->state),
                                           value_text(honour->channel),
                                           value_text(honour->advertised),
                                           value_integer(honour->seen_at),
                                           value_text(honour->store),
                                           value_text(honour->reason),
                                           value_text(honour->employee),
                                           value_text(honour->by),
                                           value_integer(honour->at),
                                           value_integer(honour->day),
                                           value_integer(honour->value),
                                           value_text(honour->wallet),
                                           value_integer(honour->points),
                                           value_integer(honour->give),
                                           value_integer(honour->good.kind),
                                           value_text(honour->good.wallet),
                                           value_integer(honour->good.points),
                                           value_text(honour->good.series),
                                           value_text(honour->good.key),
                                           value_integer(honour->good.cost),
                                           value_integer(honour->good.row),
                                           value_integer(honour->task),
                                           value_integer(honour->approval),
                                           value_integer(honour->decided_at),
                                           value_text(honour->decided_by),
                                           value_text(honour->outcome),
                                           value_text(honour->outcome_text),
                                           value_integer(honour->told_at)};

    row_add(decision, &query_promises_honour_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- read ---- */

static void decode_honour(const struct storage_row *row, struct arena *arena, struct traceless *out)
{
    *out = (struct traceless){.id = row_integer(row, 1),
                              .member = row_integer(row, 2),
                              .purchase = row_integer(row, 3),
                              .state = row_integer(row, 4),
                              .channel = row_text_copy(row, 5, arena),
                              .advertised = row_text_copy(row, 6, arena),
                              .seen_at = row_integer(row, 7),
                              .store = row_text_copy(row, 8, arena),
                              .reason = row_text_copy(row, 9, arena),
                              .employee = row_text_copy(row, 10, arena),
                              .by = row_text_copy(row, 11, arena),
                              .at = row_integer(row, 12),
                              .day = (int32_t)row_integer(row, 13),
                              .value = row_integer(row, 14),
                              .wallet = row_text_copy(row, 15, arena),
                              .points = row_integer(row, 16),
                              .give = row_integer(row, 17),
                              .good = {.kind = row_integer(row, 18),
                                       .wallet = row_text_copy(row, 19, arena),
                                       .points = row_integer(row, 20),
                                       .series = row_text_copy(row, 21, arena),
                                       .key = row_text_copy(row, 22, arena),
                                       .cost = row_integer(row, 23),
                                       .row = row_integer(row, 24)},
                              .task = row_integer(row, 25),
                              .approval = row_integer(row, 26),
                              .decided_at = row_integer(row, 27),
                              .decided_by = row_text_copy(row, 28, arena),
                              .outcome = row_text_copy(row, 29, arena),
                              .outcome_text = row_text_copy(row, 30, arena),
                              .told_at = row_integer(row, 31)};
}

struct honour_slots {
    struct arena *arena;
    struct traceless **slots;
};

static enum status receive_slot(void *context, const struct storage_row *row, struct error *err)
{
    const struct honour_slots *slots = context;

    (void)err;
    decode_honour(row, slots->arena, slots->slots[row_integer(row, 0)]);
    return STATUS_OK;
}

static enum status send_honours(struct storage_session *session, struct arena *arena, struct traceless **slots,
                                const int64_t *ids, size_t count, struct error *err)
{
    struct honour_slots *context = arena_alloc(arena, sizeof *context);
    const struct storage_receiver receiver = {.row = receive_slot, .context = context};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *context = (struct honour_slots){arena, slots};
    for (size_t i = 0; i < count; i++) {
        *slots[i] = (struct traceless){.id = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    return storage_send(session, &query_promises_honours_load, values, count, &receiver, err);
}

enum status honour_read(struct storage_session *session, struct arena *arena, int64_t id, struct traceless *out,
                        struct error *err)
{
    enum status status = send_honours(session, arena, &out, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && out->id == 0)
        status = error_set(err, STATUS_MISSING, "honour.unknown", "honour", "there is no such honour");
    return status;
}

enum status honour_of_task(struct storage_session *session, struct arena *arena, int64_t task, struct traceless *out,
                           struct error *err)
{
    struct honour_slots slots = {arena, &out};
    const struct storage_receiver receiver = {.row = receive_slot, .context = &slots};
    const struct storage_value values[] = {value_integer(id_bucket(task)), value_integer(task)};

    *out = (struct traceless){.id = 0};
    return storage_run(session, &query_promises_honour_of_task, values, 1, &receiver, err);
}

/* ---- for commands ---- */

enum status decide_honour_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct traceless **slots = arena_array(context->arena, count + 1, sizeof(struct traceless *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        struct decide_honour *body = commands[i]->body;
        slots[i] = &body->honour;
        ids[i] = body->id;
    }
    return send_honours(context->session, context->arena, slots, ids, count, err);
}

enum status tell_honour_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct traceless **slots = arena_array(context->arena, count + 1, sizeof(struct traceless *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        struct tell_honour *body = commands[i]->body;
        slots[i] = &body->honour;
        ids[i] = body->id;
    }
    return send_honours(context->session, context->arena, slots, ids, count, err);
}

void decide_honour_name(struct command *command, struct arena *arena, const struct programme_set *programmes,
                        const struct traceless *honour, int64_t now)
{
    const struct honour_policy *policy = programme_at(programmes, now)->honours;
    struct decide_honour *body = command->body;

    body->id = honour->id;
    if (policy != NULL)
        good_keys_make(arena, programmes, &policy->means, now, &body->keys);
    (void)good_keys_name(&body->keys, command, arena);
}

/* ---- lists ---- */

struct honour_rows {
    struct arena *arena;
    struct traceless *items;
    size_t count, capacity;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct honour_rows *rows = context;

    (void)err;
    rows->items = arena_grow(rows->arena, rows->items, &rows->capacity, rows->count + 1, sizeof *rows->items);
    decode_honour(row, rows->arena, &rows->items[rows->count++]);
    return STATUS_OK;
}

static int compare_honours(const void *a, const void *b)
{
    const struct traceless *left = a, *right = b;

    if (left->at != right->at)
        return left->at > right->at ? -1 : 1;
    return left->id > right->id ? -1 : left->id < right->id;
}

static enum status read_part(struct storage_session *session, const struct honour_page *page, int bucket,
                             int64_t member, struct honour_rows *rows, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_listed, .context = rows};
    const struct storage_value values[] = {
        value_integer(bucket),          value_integer(member),          value_text(page->store),
        value_integer(page->state),     value_integer(page->first),     value_integer(page->last),
        value_integer(page->before_at), value_integer(page->before_id), value_integer((int64_t)page->limit)};

    return storage_run(session, &query_promises_honour_page, values, 1, &receiver, err);
}

enum status honour_list(struct storage_session *session, struct arena *arena, const struct honour_page *page,
                        struct traceless **out, size_t *count, struct error *err)
{
    struct honour_rows rows = {.arena = arena};
    enum status status = STATUS_OK;

    for (int bucket = 0; page->person == NULL && bucket < BUCKET_COUNT && status == STATUS_OK; bucket++)
        status = read_part(session, page, bucket, 0, &rows, err);
    for (size_t i = 0; page->person != NULL && i < page->person->group->member_count && status == STATUS_OK; i++) {
        const struct member *member = &page->person->group->members[i];
        if (member->leader == page->person->leader->id)
            status = read_part(session, page, id_bucket(member->id), member->id, &rows, err);
    }
    if (rows.count > 1)
        qsort(rows.items, rows.count, sizeof *rows.items, compare_honours);
    *out = rows.items;
    *count = rows.count < page->limit ? rows.count : page->limit;
    return status;
}

#include "features/rewards/rewards_store.h"

#include <stdlib.h>

#include "features/conditions/conditions_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { LAPSED_AT_ONCE = 200, LAPSE_ARENA = 32 << 20 };

/* ---- written by commands ---- */

void store_reward_order(struct decision *decision, const struct reward_order *order)
{
    const struct storage_value values[] = {value_integer(id_bucket(order->id)),
                                           value_integer(order->id),
                                           value_integer(order->version),
                                           value_integer(order->member),
                                           value_text(order->reward),
                                           value_integer(order->state),
                                           value_integer(order->quantity),
                                           value_text(order->wallet),
                                           value_integer(order->points),
                                           value_integer(order->minor),
                                           value_integer(order->spent_by),
                                           value_integer(order->slot_from),
                                           value_text(order->store),
                                           value_text(order->channel),
                                           value_text(order->partner),
                                           value_text(order->coupon),
                                           value_text(order->gift),
                                           value_integer(order->at),
                                           value_integer(order->until),
                                           value_integer(order->ready_at),
                                           value_integer(order->shipped_at),
                                           value_integer(order->ended_at)};

    row_add(decision, &query_rewards_order_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- orders ---- */

static void decode_order(const struct storage_row *row, struct arena *arena, struct reward_order *out)
{
    *out = (struct reward_order){.id = row_integer(row, 1),
                                 .version = row_integer(row, 2),
                                 .member = row_integer(row, 3),
                                 .reward = row_text_copy(row, 4, arena),
                                 .state = row_integer(row, 5),
                                 .quantity = row_integer(row, 6),
                                 .wallet = row_text_copy(row, 7, arena),
                                 .points = row_integer(row, 8),
                                 .minor = row_integer(row, 9),
                                 .spent_by = row_integer(row, 10),
                                 .slot_from = row_integer(row, 11),
                                 .store = row_text_copy(row, 12, arena),
                                 .channel = row_text_copy(row, 13, arena),
                                 .partner = row_text_copy(row, 14, arena),
                                 .coupon = row_text_copy(row, 15, arena),
                                 .gift = row_text_copy(row, 16, arena),
                                 .at = row_integer(row, 17),
                                 .until = row_integer(row, 18),
                                 .ready_at = row_integer(row, 19),
                                 .shipped_at = row_integer(row, 20),
                                 .ended_at = row_integer(row, 21)};
}

struct loading {
    struct arena *arena;
    struct reward_order **orders;
};

static enum status receive_order(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;

    (void)err;
    decode_order(row, loading->arena, loading->orders[row_integer(row, 0)]);
    return STATUS_OK;
}

static enum status send_orders(struct storage_session *session, struct arena *arena, struct reward_order **orders,
                               const int64_t *ids, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_order, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct loading){arena, orders};
    for (size_t i = 0; i < count; i++) {
        *orders[i] = (struct reward_order){.id = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    return storage_send(session, &query_rewards_orders_load, values, count, &receiver, err);
}

enum status reward_order_read(struct storage_session *session, struct arena *arena, int64_t id,
                              struct reward_order *out, struct error *err)
{
    enum status status = send_orders(session, arena, &out, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && out->id == 0)
        status = error_set(err, STATUS_MISSING, "reward.unknown_order", "order", "there is no such order of a reward");
    return status;
}

/* ---- the load functions of the commands ---- */

enum status order_reward_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct proof **proofs = arena_array(context->arena, count + 1, sizeof *proofs);
    struct coupon_use **uses = arena_array(context->arena, 2 * count + 1, sizeof(struct coupon_use *));
    const struct command **owners = arena_array(context->arena, 2 * count + 1, sizeof(struct command *));
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);
    size_t proof_count = 0, use_count = 0;

    for (size_t i = 0; i < count; i++) {
        struct order_reward *body = commands[i]->body;
        struct coupon_use *codes[] = {&body->coupon, &body->gift};
        if (body->proof.kind != 0)
            proofs[proof_count++] = &body->proof;
        for (size_t c = 0; c < 2; c++)
            if (codes[c]->key.size > 0) {
                owners[use_count] = commands[i];
                uses[use_count++] = codes[c];
            }
        body->known = (struct condition_person){.parts = 0};
        loads[i] = (struct condition_load){
            .command = commands[i], .parts = CONDITION_PROFILE | CONDITION_SEGMENTS, .out = &body->known};
    }
    enum status status = proofs_load(context, proofs, proof_count, err);
    if (status == STATUS_OK)
        status = coupons_load(context, owners, uses, use_count, err);
    return status == STATUS_OK ? conditions_load(context, loads, count, err) : status;
}

enum status change_reward_order_load(struct load_context *context, struct command **commands, size_t count,
                                     struct error *err)
{
    struct reward_order **orders = arena_array(context->arena, count + 1, sizeof(struct reward_order *));
    struct entitled **held = arena_array(context->arena, count + 1, sizeof(struct entitled *));
    struct coupon_use **uses = arena_array(context->arena, 2 * count + 1, sizeof(struct coupon_use *));
    const struct command **owners = arena_array(context->arena, 2 * count + 1, sizeof(struct command *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);
    size_t use_count = 0;

    for (size_t i = 0; i < count; i++) {
        struct change_reward_order *body = commands[i]->body;
        struct coupon_use *codes[] = {&body->coupon, &body->gift};
        orders[i] = &body->order;
        held[i] = &body->entitled;
        ids[i] = commands[i]->events[0].id;
        for (size_t c = 0; c < 2; c++)
            if (codes[c]->key.size > 0) {
                owners[use_count] = commands[i];
                uses[use_count++] = codes[c];
            }
    }
    enum status status = send_orders(context->session, context->arena, orders, ids, count, err);
    if (status == STATUS_OK)
        status = benefit_uses_load(context, commands, held, count, err);
    return status == STATUS_OK ? coupons_load(context, owners, uses, use_count, err) : status;
}

/* ---- lists ---- */

struct order_list {
    struct arena *arena;
    struct reward_order *items;
    size_t count, capacity;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct order_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    decode_order(row, list->arena, &list->items[list->count++]);
    return STATUS_OK;
}

static int compare_orders(const void *a, const void *b)
{
    const struct reward_order *left = a, *right = b;

    if (left->at != right->at)
        return left->at > right->at ? -1 : 1;
    return left->id > right->id ? -1 : left->id < right->id;
}

/* Of one member, or of all that lie in a bucket. */
static enum status read_part(struct storage_session *session, const struct reward_order_page *page, int bucket,
                             int64_t member, struct order_list *list, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_listed, .context = list};
    const struct storage_value values[] = {value_integer(bucket),
                                           value_integer(member),
                                           value_text(page->reward),
                                           value_text(page->store),
                                           value_integer(page->before),
                                           value_integer(page->before_id),
                                           value_integer((int64_t)page->limit)};

    return storage_run(session, &query_rewards_order_page, values, 1, &receiver, err);
}

enum status reward_orders_read(struct storage_session *session, struct arena *arena,
                               const struct reward_order_page *page, struct reward_order **out, size_t *count,
                               struct error *err)
{
    struct order_list list = {.arena = arena};
    enum status status = STATUS_OK;

    for (int bucket = 0; page->person == NULL && bucket < BUCKET_COUNT && status == STATUS_OK; bucket++)
        status = read_part(session, page, bucket, 0, &list, err);
    for (size_t i = 0; page->person != NULL && i < page->person->group->member_count && status == STATUS_OK; i++) {
        const struct member *member = &page->person->group->members[i];
        if (member->leader == page->person->leader->id)
            status = read_part(session, page, id_bucket(member->id), member->id, &list, err);
    }
    if (list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, compare_orders);
    *out = list.items;
    *count = list.count < page->limit ? list.count : page->limit;
    return status;
}

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    ((int64_t *)context)[row_integer(row, 0)] = row_integer(row, 1);
    return STATUS_OK;
}

enum status reward_counts_read(struct storage_session *session, struct arena *arena, const char *const *ids,
                               size_t count, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_count, .context = out};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        out[i] = 0;
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer((int64_t)(hash_stable(text_from(ids[i])) % BUCKET_COUNT));
        values[3 * i + 2] = value_text(text_from(ids[i]));
    }
    return storage_run(session, &query_rewards_counts_load, values, count, &receiver, err);
}

/* ---- a person ---- */

struct person_reading {
    struct arena *arena;
    struct person *person;
};

static enum status receive_used(void *context, const struct storage_row *row, struct error *err)
{
    const struct person_reading *reading = context;
    struct member *member = group_find(reading->person->group, row_integer(row, 0));

    (void)err;
    if (member == NULL || member->progress_loaded)
        return STATUS_OK;
    member->progress = arena_grow(reading->arena, member->progress, &member->progress_capacity,
                                  member->progress_count + 1, sizeof *member->progress);
    member->progress[member->progress_count++] =
        (struct progress){.id = row_text_copy(row, 1, reading->arena), .used = row_integer(row, 2)};
    return STATUS_OK;
}

enum status reward_person_read(struct storage_session *session, struct arena *arena, struct person *person,
                               struct condition_person *known, struct error *err)
{
    struct person_reading reading = {arena, person};
    const struct storage_receiver receiver = {.row = receive_used, .context = &reading};
    struct storage_value *values = arena_array(arena, 2 * person->group->member_count + 1, sizeof *values);
    size_t count = 0;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader != person->leader->id)
            continue;
        values[2 * count] = value_integer(id_bucket(member->id));
        values[2 * count++ + 1] = value_integer(member->id);
    }
    enum status status = storage_run(session, &query_rewards_rewards_used, values, count, &receiver, err);
    return status == STATUS_OK
               ? conditions_read(session, arena, person, CONDITION_PROFILE | CONDITION_SEGMENTS, known, err)
               : status;
}

/* ---- changing ---- */

enum status change_reward_order_command(struct storage_session *session, struct command *command,
                                        const struct reward_order *order, struct error *err)
{
    struct past_event *event;

    change_reward_order_name(command, command->arena, order);
    enum status status = engine_event(session, order->id, LOAD_FOLLOWERS, command->arena, &event, err);
    if (status == STATUS_OK)
        status = points_name_owners(command, event, err);
    if (status != STATUS_OK || order->spent_by == 0 || order->spent_by == order->id)
        return status;
    status = engine_event(session, order->spent_by, LOAD_FOLLOWERS, command->arena, &event, err);
    return status == STATUS_OK ? points_name_owners(command, event, err) : status;
}

static enum status make_lapses(struct engine *engine, struct arena *arena, struct command **commands, size_t *count,
                               struct error *err)
{
    struct order_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_listed, .context = &list};
    const struct storage_value values[] = {value_integer(clock_now(engine_clock(engine))),
                                           value_integer(LAPSED_AT_ONCE)};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_rewards_orders_lapsed, values, 1, &receiver, err);
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++) {
        struct change_reward_order *body = arena_alloc(arena, sizeof *body);
        struct command *command = arena_alloc(arena, sizeof *command);
        body->action = REWARD_LAPSE;
        *command = (struct command){
            .type = &change_reward_order_type, .body = body, .day = DAY_NONE, .bucket = -1, .arena = arena};
        status = change_reward_order_command(session, command, &list.items[i], err);
        commands[(*count)++] = command;
    }
    engine_read_end(engine, session);
    return status;
}

enum status rewards_lapse(struct engine *engine, struct error *err)
{
    struct command *commands[LAPSED_AT_ONCE];
    struct arena *arena = arena_new(LAPSE_ARENA);
    size_t count = 0;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to end orders of rewards");
    enum status status = make_lapses(engine, arena, commands, &count, err);
    if (status == STATUS_OK && count > 0)
        status = engine_run(engine, commands, count, err);
    arena_free(arena);
    return status;
}

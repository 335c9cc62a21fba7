#include "features/promises/promises_store.h"

#include <stdlib.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { KEY_TRIES = 100 };

/* ---- written by commands ---- */

void store_missed(struct decision *decision, const struct missed *missed)
{
    const struct storage_value values[] = {value_integer(id_bucket(missed->id)),
                                           value_integer(missed->id),
                                           value_integer(missed->member),
                                           value_integer(missed->purchase),
                                           value_integer(missed->kind),
                                           value_integer(missed->state),
                                           value_text(missed->code),
                                           value_integer(missed->version),
                                           value_text(missed->why),
                                           value_text(missed->store),
                                           value_text(missed->channel),
                                           value_integer(missed->day),
                                           value_integer(missed->at),
                                           value_integer(missed->found_at),
                                           value_integer(missed->value),
                                           value_integer(missed->left),
                                           value_text(missed->lines),
                                           value_integer(missed->limits),
                                           value_integer(missed->limit_day),
                                           value_integer(missed->good.kind),
                                           value_text(missed->good.wallet),
                                           value_integer(missed->good.points),
                                           value_text(missed->good.series),
                                           value_text(missed->good.key),
                                           value_integer(missed->good.cost),
                                           value_integer(missed->good.row),
                                           value_integer(missed->taken),
                                           value_integer(missed->task),
                                           value_integer(missed->decided_at),
                                           value_text(missed->decided_by)};

    row_add(decision, &query_promises_missed_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- read ---- */

static void decode_missed(const struct storage_row *row, struct arena *arena, struct missed *out)
{
    *out = (struct missed){.id = row_integer(row, 1),
                           .member = row_integer(row, 2),
                           .purchase = row_integer(row, 3),
                           .kind = row_integer(row, 4),
                           .state = row_integer(row, 5),
                           .code = row_text_copy(row, 6, arena),
                           .version = row_integer(row, 7),
                           .why = row_text_copy(row, 8, arena),
                           .store = row_text_copy(row, 9, arena),
                           .channel = row_text_copy(row, 10, arena),
                           .day = (int32_t)row_integer(row, 11),
                           .at = row_integer(row, 12),
                           .found_at = row_integer(row, 13),
                           .value = row_integer(row, 14),
                           .left = row_integer(row, 15),
                           .lines = row_text_copy(row, 16, arena),
                           .limits = row_integer(row, 17),
                           .limit_day = (int32_t)row_integer(row, 18),
                           .good = {.kind = row_integer(row, 19),
                                    .wallet = row_text_copy(row, 20, arena),
                                    .points = row_integer(row, 21),
                                    .series = row_text_copy(row, 22, arena),
                                    .key = row_text_copy(row, 23, arena),
                                    .cost = row_integer(row, 24),
                                    .row = row_integer(row, 25)},
                           .taken = row_integer(row, 26),
                           .task = row_integer(row, 27),
                           .decided_at = row_integer(row, 28),
                           .decided_by = row_text_copy(row, 29, arena)};
}

struct missed_rows {
    struct arena *arena;
    struct missed *items;
    size_t count, capacity;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct missed_rows *rows = context;

    (void)err;
    rows->items = arena_grow(rows->arena, rows->items, &rows->capacity, rows->count + 1, sizeof *rows->items);
    decode_missed(row, rows->arena, &rows->items[rows->count++]);
    return STATUS_OK;
}

struct missed_slots {
    struct arena *arena;
    struct missed **slots;
};

static enum status receive_slot(void *context, const struct storage_row *row, struct error *err)
{
    const struct missed_slots *slots = context;

    (void)err;
    decode_missed(row, slots->arena, slots->slots[row_integer(row, 0)]);
    return STATUS_OK;
}

static enum status send_missed(struct storage_session *session, struct arena *arena, struct missed **slots,
                               const int64_t *ids, size_t count, struct error *err)
{
    struct missed_slots *context = arena_alloc(arena, sizeof *context);
    const struct storage_receiver receiver = {.row = receive_slot, .context = context};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *context = (struct missed_slots){arena, slots};
    for (size_t i = 0; i < count; i++) {
        *slots[i] = (struct missed){.id = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    return storage_send(session, &query_promises_missed_load, values, count, &receiver, err);
}

enum status missed_read(struct storage_session *session, struct arena *arena, int64_t id, struct missed *out,
                        struct error *err)
{
    enum status status = send_missed(session, arena, &out, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && out->id == 0)
        status = error_set(err, STATUS_MISSING, "missed.unknown", "missed", "there is no such missed benefit");
    return status;
}

enum status missed_of_purchase(struct storage_session *session, struct arena *arena, int64_t purchase,
                               struct missed **out, size_t *count, struct error *err)
{
    struct missed_rows rows = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_listed, .context = &rows};
    const struct storage_value values[] = {value_integer(id_bucket(purchase)), value_integer(purchase)};
    enum status status = storage_run(session, &query_promises_missed_of_purchase, values, 1, &receiver, err);

    *out = rows.items;
    *count = rows.count;
    return status;
}

/* ---- for commands ---- */

enum status check_benefits_load(struct load_context *context, struct command **commands, size_t count,
                                struct error *err)
{
    struct coupon_use **uses = arena_array(context->arena, COUPONS_MAX * count + 1, sizeof(struct coupon_use *));
    const struct command **owners = arena_array(context->arena, COUPONS_MAX * count + 1, sizeof(struct command *));
    size_t use_count = 0;
    enum status status = entitled_load(context, commands, count, err);

    for (size_t i = 0; i < count; i++) {
        struct check_benefits *body = commands[i]->body;
        for (size_t c = 0; c < body->coupon_count; c++) {
            owners[use_count] = commands[i];
            uses[use_count++] = &body->coupons[c];
        }
    }
    return status == STATUS_OK && use_count > 0 ? coupons_load(context, owners, uses, use_count, err) : status;
}

enum status follow_missed_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct missed **slots = arena_array(context->arena, count + 1, sizeof(struct missed *));
    struct coupon_use **uses = arena_array(context->arena, count + 1, sizeof(struct coupon_use *));
    const struct command **owners = arena_array(context->arena, count + 1, sizeof(struct command *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);
    size_t use_count = 0;

    for (size_t i = 0; i < count; i++) {
        struct follow_missed *body = commands[i]->body;
        slots[i] = &body->missed;
        ids[i] = body->id;
        if (body->voucher.key.size == 0)
            continue;
        owners[use_count] = commands[i];
        uses[use_count++] = &body->voucher;
    }
    enum status status = send_missed(context->session, context->arena, slots, ids, count, err);
    return status == STATUS_OK ? coupons_load(context, owners, uses, use_count, err) : status;
}

enum status decide_missed_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct missed **slots = arena_array(context->arena, count + 1, sizeof(struct missed *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        struct decide_missed *body = commands[i]->body;
        slots[i] = &body->missed;
        ids[i] = body->id;
    }
    return send_missed(context->session, context->arena, slots, ids, count, err);
}

void good_keys_make(struct arena *arena, const struct programme_set *programmes, const struct promise_means *means,
                    int64_t now, struct good_keys *out)
{
    unsigned char random[CODE_RANDOM_BYTES];
    char key[CODE_KEY_MAX + 1];

    *out = (struct good_keys){.count = means->voucher_count};
    for (size_t i = 0; i < out->count; i++) {
        bool current = false, made = false;
        const struct coupon_series *series = coupon_series_find(programmes, means->vouchers[i].series, now, &current);
        out->uses[i] = (struct coupon_use){.series = text_copy(arena, means->vouchers[i].series), .counter = -1};
        bool fresh = series != NULL && current && series->codes == COUPON_UNIQUE;
        for (int try = 0; try < KEY_TRIES && fresh && !made; try++) {
            secret_random(random, sizeof random);
            made = code_make(&series->pattern, random, key);
        }
        if (made)
            out->uses[i].key = text_copy(arena, text_from(key));
    }
}

void decide_missed_name(struct command *command, struct arena *arena, const struct programme_set *programmes,
                        const struct missed *missed, int64_t now)
{
    const struct missed_policy *policy = programme_at(programmes, now)->missed;
    struct decide_missed *body = command->body;

    body->id = missed->id;
    if (policy != NULL)
        good_keys_make(arena, programmes, &policy->means, now, &body->keys);
    (void)good_keys_name(&body->keys, command, arena);
    missed_limits_name(missed, command, arena);
}

/* ---- lists ---- */

static int compare_missed(const void *a, const void *b)
{
    const struct missed *left = a, *right = b;

    if (left->day != right->day)
        return left->day > right->day ? -1 : 1;
    return left->id > right->id ? -1 : left->id < right->id;
}

static enum status read_part(struct storage_session *session, const struct missed_page *page, int bucket,
                             int64_t member, struct missed_rows *rows, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_listed, .context = rows};
    const struct storage_value values[] = {
        value_integer(bucket),           value_integer(member),          value_text(page->store),
        value_integer(page->state),      value_integer(page->first),     value_integer(page->last),
        value_integer(page->before_day), value_integer(page->before_id), value_integer((int64_t)page->limit)};

    return storage_run(session, &query_promises_missed_page, values, 1, &receiver, err);
}

enum status missed_list(struct storage_session *session, struct arena *arena, const struct missed_page *page,
                        struct missed **out, size_t *count, struct error *err)
{
    struct missed_rows rows = {.arena = arena};
    enum status status = STATUS_OK;

    for (int bucket = 0; page->person == NULL && bucket < BUCKET_COUNT && status == STATUS_OK; bucket++)
        status = read_part(session, page, bucket, 0, &rows, err);
    for (size_t i = 0; page->person != NULL && i < page->person->group->member_count && status == STATUS_OK; i++) {
        const struct member *member = &page->person->group->members[i];
        if (member->leader == page->person->leader->id)
            status = read_part(session, page, id_bucket(member->id), member->id, &rows, err);
    }
    if (rows.count > 1)
        qsort(rows.items, rows.count, sizeof *rows.items, compare_missed);
    *out = rows.items;
    *count = rows.count < page->limit ? rows.count : page->limit;
    return status;
}

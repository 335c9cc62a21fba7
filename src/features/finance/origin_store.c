/* Where points were issued that came by a transfer: part by part, through any number of transfers. */
#include "engine/engine.h"
#include "features/finance/reading_store.h"
#include "features/points/lots.h"
#include "foundation/map.h"
#include "queries.h"

enum { TRANSFERS_MAX = 1000 }; /* one after the other */

/* ---- the two rows of a transfer ---- */

struct companions {
    struct arena *arena;
    int64_t *ids;
    size_t count, capacity;
};

static enum status receive_companion(void *context, const struct storage_row *row, struct error *err)
{
    struct companions *companions = context;

    (void)err;
    companions->ids = arena_grow(companions->arena, companions->ids, &companions->capacity, companions->count + 1,
                                 sizeof *companions->ids);
    companions->ids[companions->count++] = id_make(row_integer(row, 1), (int)row_integer(row, 0));
    return STATUS_OK;
}

/* The rows in which other members of the giver gave their part. */
static enum status read_companions(struct finance_reading *reading, struct past_event *given, struct error *err)
{
    struct companions companions = {.arena = reading->page};
    const struct storage_receiver receiver = {.row = receive_companion, .context = &companions};
    struct storage_value values[BUCKET_COUNT * 2];

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        values[2 * bucket] = value_integer(bucket);
        values[2 * bucket + 1] = value_integer(given->row.id);
    }
    enum status status = storage_run(reading->session, &query_finance_companions, values, BUCKET_COUNT, &receiver, err);
    given->followers = arena_array(reading->page, companions.count + 1, sizeof *given->followers);
    given->follower_count = 0;
    for (size_t i = 0; i < companions.count && status == STATUS_OK; i++) {
        struct past_event *companion;
        status = engine_event(reading->session, companions.ids[i], 0, reading->page, &companion, err);
        if (status == STATUS_OK)
            given->followers[given->follower_count++] = *companion;
    }
    return status;
}

/* How much came before `raw`, or before the lot of `raw`, in the transfer that brought it. */
static int64_t offset_of(const struct past_event *taken, int64_t lot, int64_t line)
{
    int64_t offset = 0;

    for (size_t i = 0; i < taken->row.movement_count; i++) {
        const struct movement *movement = &taken->row.movements[i];
        if (movement->debit != ACCOUNT_TRANSIT)
            continue;
        if (lot != 0 ? movement->lot == lot : (int64_t)i + 1 >= line)
            break;
        offset += movement->amount;
    }
    return offset;
}

/* The movement of the giver in which the point number `offset` left. */
static const struct movement *movement_at(struct arena *arena, const struct past_event *given, int64_t offset)
{
    size_t count;
    const struct movement **order = posting_order(arena, given, &count);

    for (size_t i = 0; i < count; i++) {
        if (order[i]->credit != ACCOUNT_TRANSIT)
            continue;
        if (offset < order[i]->amount)
            return order[i];
        offset -= order[i]->amount;
    }
    return NULL;
}

/* The part of the giver's lot that became `lot`, or that paid a debt in `line`. NULL inside: it cannot be told. */
static enum status find_part(struct finance_reading *reading, int64_t transfer, int64_t lot, int64_t line,
                             const struct movement **out, struct error *err)
{
    struct past_event *taken, *given;
    enum status status = engine_event(reading->session, transfer, 0, reading->page, &taken, err);

    *out = NULL;
    if (status != STATUS_OK || taken->row.cause == 0)
        return status;
    status = engine_event(reading->session, taken->row.cause, 0, reading->page, &given, err);
    if (status != STATUS_OK)
        return status;
    int64_t offset = offset_of(taken, lot, line);
    *out = movement_at(reading->page, given, offset);
    int64_t in = 0, gone = 0;
    for (size_t i = 0; i < taken->row.movement_count; i++)
        in += taken->row.movements[i].debit == ACCOUNT_TRANSIT ? taken->row.movements[i].amount : 0;
    for (size_t i = 0; i < given->row.movement_count; i++)
        gone += given->row.movements[i].credit == ACCOUNT_TRANSIT ? given->row.movements[i].amount : 0;
    if (in == gone)
        return STATUS_OK;
    status = read_companions(reading, given, err);
    if (status == STATUS_OK)
        *out = movement_at(reading->page, given, offset);
    return status;
}

/* ---- the source of a lot ---- */

struct source {
    struct finance_reading *reading;
    struct finance_origin *out;
};

static enum status receive_source(void *context, const struct storage_row *row, struct error *err)
{
    const struct source *source = context;

    (void)err;
    *source->out = (struct finance_origin){.id = row_integer(row, 0),
                                           .kind = row_kind_of(row_text(row, 1)),
                                           .store = finance_fold_name(source->reading->fold, row_text(row, 2)),
                                           .day = (int32_t)row_integer(row, 3)};
    return STATUS_OK;
}

static enum status read_source(struct finance_reading *reading, const struct movement *movement,
                               struct finance_origin *out, struct error *err)
{
    struct source source = {reading, out};
    const struct storage_receiver receiver = {.row = receive_source, .context = &source};
    const struct storage_value values[] = {value_integer(id_bucket(movement->member)), value_integer(movement->member),
                                           value_integer(movement->lot)};

    return storage_run(reading->session, &query_finance_lot_source, values, 1, &receiver, err);
}

enum status finance_transfer_origin(struct finance_reading *reading, const struct finance_raw *raw,
                                    struct finance_origin *out, struct error *err)
{
    struct finance_origin origin = raw->lot != 0 ? raw->source : raw->row;
    struct finance_origin *known = raw->lot != 0 ? map_get_id(reading->transfers, raw->lot) : NULL;
    int64_t lot = raw->lot;
    enum status status = STATUS_OK;

    for (int i = 0; known == NULL && i < TRANSFERS_MAX && origin.kind == ROW_TRANSFER_IN; i++) {
        const struct movement *part;
        status = find_part(reading, origin.id, lot, raw->line, &part, err);
        if (status == STATUS_OK && part != NULL && part->lot != 0)
            status = read_source(reading, part, &origin, err);
        if (status != STATUS_OK)
            return status;
        if (part == NULL || part->lot == 0)
            break;
        lot = part->lot;
    }
    if (known == NULL) {
        known = arena_alloc(reading->page, sizeof *known);
        *known = origin;
        if (raw->lot != 0)
            map_put_id(reading->transfers, raw->lot, known);
    }
    *out = *known;
    return status;
}

#include "features/segments/membership_store.h"

#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- positions ---- */

static enum status receive_position(void *context, const struct storage_row *row, struct error *err)
{
    struct segment_positions *positions = context;
    int64_t bucket = row_integer(row, 0);
    (void)err;
    positions->head[bucket] = row_integer(row, 1);
    positions->read[bucket] = row_integer(row, 2);
    positions->turn[bucket] = row_integer(row, 3);
    return STATUS_OK;
}

enum status segment_positions_read(struct storage_session *session, struct segment_positions *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_position, .context = out};
    return storage_run(session, &query_segments_positions, NULL, 1, &receiver, err);
}

enum status segment_turns_create(struct storage_session *session, struct error *err)
{
    struct storage_value values[BUCKET_COUNT];
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        values[bucket] = value_integer(bucket);
    return storage_run(session, &query_segments_turn_create, values, BUCKET_COUNT, NULL, err);
}

/* ---- changes ---- */

void membership_move(struct membership_changes *changes, int64_t member, struct text segment, bool joins)
{
    changes->moves = arena_grow(changes->arena, changes->moves, &changes->move_capacity, changes->move_count + 1,
                                sizeof *changes->moves);
    changes->moves[changes->move_count++] = (struct membership_move){member, segment, joins};
    changes->touches[id_bucket(member)] = true;
}

void membership_set_due(struct membership_changes *changes, int64_t member, int64_t due_at)
{
    changes->dues = arena_grow(changes->arena, changes->dues, &changes->due_capacity, changes->due_count + 1,
                               sizeof *changes->dues);
    changes->dues[changes->due_count++] = (struct membership_due){member, due_at};
    changes->touches[id_bucket(member)] = true;
}

void membership_follow(struct membership_changes *changes, int bucket, int64_t seq)
{
    changes->read[bucket] = seq;
    changes->follows[bucket] = changes->touches[bucket] = true;
}

/* A growing list of parameters of one query. */
struct batch {
    struct storage_value *values;
    size_t count, columns;
};

static struct storage_value *batch_row(struct batch *batch)
{
    return &batch->values[batch->count++ * batch->columns];
}

static enum status batch_send(struct storage_session *session, const struct storage_query *query,
                              const struct batch *batch, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < batch->count; at += STORAGE_ROWS_MAX) {
        size_t left = batch->count - at;
        status = storage_send(session, query, batch->values + at * batch->columns,
                              left < STORAGE_ROWS_MAX ? left : STORAGE_ROWS_MAX, NULL, err);
    }
    return status;
}

static struct batch batch_new(struct arena *arena, size_t rows, size_t columns)
{
    return (struct batch){.values = arena_array(arena, rows * columns + 1, sizeof(struct storage_value)),
                          .columns = columns};
}

static enum status send_moves(struct storage_session *session, const struct membership_changes *changes,
                              struct error *err)
{
    struct batch added = batch_new(changes->arena, changes->move_count, 4);
    struct batch dropped = batch_new(changes->arena, changes->move_count, 3);
    for (size_t i = 0; i < changes->move_count; i++) {
        const struct membership_move *move = &changes->moves[i];
        struct storage_value *row = batch_row(move->joins ? &added : &dropped);
        row[0] = value_integer(id_bucket(move->member));
        row[1] = value_integer(move->member);
        row[2] = value_text(move->segment);
        if (move->joins)
            row[3] = value_integer(changes->now);
    }
    enum status status = batch_send(session, &query_segments_member_add, &added, err);
    return status == STATUS_OK ? batch_send(session, &query_segments_member_drop, &dropped, err) : status;
}

static enum status send_dues(struct storage_session *session, const struct membership_changes *changes,
                             struct error *err)
{
    struct batch put = batch_new(changes->arena, changes->due_count, 3);
    struct batch dropped = batch_new(changes->arena, changes->due_count, 2);
    for (size_t i = 0; i < changes->due_count; i++) {
        const struct membership_due *due = &changes->dues[i];
        bool ends = due->due_at == INSTANT_NEVER;
        struct storage_value *row = batch_row(ends ? &dropped : &put);
        row[0] = value_integer(id_bucket(due->member));
        row[1] = value_integer(due->member);
        if (!ends)
            row[2] = value_integer(due->due_at);
    }
    enum status status = batch_send(session, &query_segments_due_put, &put, err);
    return status == STATUS_OK ? batch_send(session, &query_segments_due_drop, &dropped, err) : status;
}

/* How many came and went, of each bucket and segment. */
struct tally {
    struct text segment;
    int64_t joined[BUCKET_COUNT], gone[BUCKET_COUNT];
};

static enum status send_days(struct storage_session *session, const struct membership_changes *changes,
                             struct error *err)
{
    struct map *tallies = map_new(changes->arena, 64);
    for (size_t i = 0; i < changes->move_count; i++) {
        const struct membership_move *move = &changes->moves[i];
        struct tally *tally = map_get(tallies, move->segment);
        if (tally == NULL) {
            tally = arena_alloc(changes->arena, sizeof *tally);
            tally->segment = move->segment;
            map_put(tallies, move->segment, tally);
        }
        (move->joins ? tally->joined : tally->gone)[id_bucket(move->member)]++;
    }
    struct batch days = batch_new(changes->arena, map_count(tallies) * BUCKET_COUNT, 5);
    for (size_t t = 0; t < map_count(tallies); t++) {
        const struct tally *tally = map_value_at(tallies, t);
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (tally->joined[bucket] + tally->gone[bucket] == 0)
                continue;
            struct storage_value *row = batch_row(&days);
            row[0] = value_integer(bucket);
            row[1] = value_text(tally->segment);
            row[2] = value_integer(changes->today);
            row[3] = value_integer(tally->joined[bucket]);
            row[4] = value_integer(tally->gone[bucket]);
        }
    }
    return batch_send(session, &query_segments_day_add, &days, err);
}

static enum status check_taken(void *context, int64_t count, struct error *err)
{
    if (count == *(const int64_t *)context)
        return STATUS_OK;
    return error_set(err, STATUS_BUSY, "segments.moved", "", "somebody else has evaluated segments meanwhile");
}

/* Takes the turns first: whoever was too late stops here, before anything else is locked. */
static enum status send_turns(struct storage_session *session, struct membership_changes *changes, int64_t *count,
                              struct error *err)
{
    struct batch turns = batch_new(changes->arena, BUCKET_COUNT, 2),
                 cursors = batch_new(changes->arena, BUCKET_COUNT, 2);
    const struct storage_receiver receiver = {.done = check_taken, .context = count};
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (!changes->touches[bucket])
            continue;
        struct storage_value *row = batch_row(&turns);
        row[0] = value_integer(bucket);
        row[1] = value_integer(changes->positions->turn[bucket]);
        if (!changes->follows[bucket])
            continue;
        row = batch_row(&cursors);
        row[0] = value_integer(bucket);
        row[1] = value_integer(changes->read[bucket]);
    }
    *count = (int64_t)turns.count;
    enum status status = storage_send(session, &query_segments_turn_take, turns.values, turns.count, &receiver, err);
    if (status == STATUS_OK)
        status = storage_flush(session, err);
    return status == STATUS_OK ? batch_send(session, &query_segments_cursor_put, &cursors, err) : status;
}

enum status membership_commit(struct storage_session *session, struct membership_changes *changes,
                              struct segment_positions *positions, struct error *err)
{
    int64_t count;
    enum status status = storage_begin(session, err);
    if (status != STATUS_OK)
        return status;
    status = send_turns(session, changes, &count, err);
    if (status == STATUS_OK)
        status = send_moves(session, changes, err);
    if (status == STATUS_OK)
        status = send_dues(session, changes, err);
    if (status == STATUS_OK)
        status = send_days(session, changes, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK) {
        storage_rollback(session);
        return status;
    }
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        positions->turn[bucket] += changes->touches[bucket];
        positions->read[bucket] = changes->follows[bucket] ? changes->read[bucket] : positions->read[bucket];
    }
    return STATUS_OK;
}

/* ---- reading ---- */

struct reading {
    struct arena *arena;
    void *out;
};

static struct storage_value *member_values(struct arena *arena, const int64_t *members, size_t count)
{
    struct storage_value *values = arena_array(arena, count * 2 + 1, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        values[i * 2] = value_integer(id_bucket(members[i]));
        values[i * 2 + 1] = value_integer(members[i]);
    }
    return values;
}

static enum status receive_membership(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct memberships *out = reading->out;
    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct membership){row_integer(row, 0), row_text_copy(row, 1, reading->arena)};
    return STATUS_OK;
}

enum status memberships_of(struct storage_session *session, struct arena *arena, const int64_t *members, size_t count,
                           struct memberships *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_membership, .context = &reading};
    *out = (struct memberships){0};
    return storage_run(session, &query_segments_members_read, member_values(arena, members, count), count, &receiver,
                       err);
}

static enum status receive_due(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct membership_dues *out = reading->out;
    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct membership_due){row_integer(row, 0), row_integer(row, 1)};
    return STATUS_OK;
}

enum status membership_dues_of(struct storage_session *session, struct arena *arena, const int64_t *members,
                               size_t count, struct membership_dues *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_due, .context = &reading};
    *out = (struct membership_dues){0};
    return storage_run(session, &query_segments_due_read, member_values(arena, members, count), count, &receiver, err);
}

static enum status receive_id(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct member_ids *out = reading->out;
    (void)err;
    out->ids = arena_grow(reading->arena, out->ids, &out->capacity, out->count + 1, sizeof *out->ids);
    out->ids[out->count++] = row_integer(row, 0);
    return STATUS_OK;
}

enum status membership_bucket(struct storage_session *session, struct arena *arena, int bucket, struct text segment,
                              struct member_ids *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_id, .context = &reading};
    const struct storage_value values[] = {value_integer(bucket), value_text(segment)};
    *out = (struct member_ids){0};
    return storage_run(session, &query_segments_bucket_members, values, 1, &receiver, err);
}

enum status membership_bucket_dues(struct storage_session *session, struct arena *arena, int bucket,
                                   struct membership_dues *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_due, .context = &reading};
    const struct storage_value value = value_integer(bucket);
    *out = (struct membership_dues){0};
    return storage_run(session, &query_segments_bucket_due, &value, 1, &receiver, err);
}

/* ---- how far the segments are ---- */

static enum status receive_state(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct segment_states *out = reading->out;
    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct segment_state){row_text_copy(row, 0, reading->arena),
                                                      row_text_copy(row, 1, reading->arena), row_integer(row, 2)};
    return STATUS_OK;
}

enum status segment_states_read(struct storage_session *session, struct arena *arena, struct segment_states *out,
                                struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_state, .context = &reading};
    *out = (struct segment_states){0};
    return storage_run(session, &query_segments_state_read, NULL, 1, &receiver, err);
}

enum status segment_state_put(struct storage_session *session, const struct segment_state *state, struct error *err)
{
    const struct storage_value values[] = {value_text(state->segment), value_text(state->basis),
                                           value_integer(state->evaluated_at)};
    return storage_run(session, &query_segments_state_put, values, 1, NULL, err);
}

enum status segment_state_drop(struct storage_session *session, struct text segment, bool last, struct error *err)
{
    const struct storage_value value = value_text(segment);
    enum status status = storage_run(session, &query_segments_state_drop, &value, 1, NULL, err);
    return status == STATUS_OK && last ? storage_run(session, &query_segments_cursor_drop, NULL, 1, NULL, err) : status;
}

static enum status receive_number(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status segment_scored_at(struct storage_session *session, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_number, .context = out};
    *out = 0;
    return storage_run(session, &query_segments_scored, NULL, 1, &receiver, err);
}

/* ---- for lists ---- */

static enum status receive_paged(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct membership_rows *out = reading->out;
    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct membership_row){.member = row_integer(row, 0), .since = row_integer(row, 1)};
    return STATUS_OK;
}

enum status membership_page_read(struct storage_session *session, struct arena *arena,
                                 const struct membership_page *page, struct membership_rows *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_paged, .context = &reading};
    const struct storage_value values[] = {value_text(page->segment),
                                           value_integer(page->after == 0 ? -1 : id_bucket(page->after)),
                                           value_integer(page->after), value_integer(page->limit)};
    *out = (struct membership_rows){0};
    return storage_run(session, &query_segments_members_page, values, 1, &receiver, err);
}

static enum status receive_own(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct membership_rows *out = reading->out;
    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] =
        (struct membership_row){.since = row_integer(row, 1), .segment = row_text_copy(row, 0, reading->arena)};
    return STATUS_OK;
}

enum status membership_of_person(struct storage_session *session, struct arena *arena, int64_t leader,
                                 struct membership_rows *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_own, .context = &reading};
    const struct storage_value values[] = {value_integer(id_bucket(leader)), value_integer(leader)};
    *out = (struct membership_rows){0};
    return storage_run(session, &query_segments_of_member, values, 1, &receiver, err);
}

enum status membership_count(struct storage_session *session, struct text segment, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_number, .context = out};
    const struct storage_value value = value_text(segment);
    *out = 0;
    return storage_run(session, &query_segments_member_count, &value, 1, &receiver, err);
}

static enum status receive_size(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct segment_sizes *out = reading->out;
    int64_t before = out->count > 0 ? out->items[out->count - 1].size : 0;
    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    struct segment_size *size = &out->items[out->count++];
    *size = (struct segment_size){(int32_t)row_integer(row, 0), row_integer(row, 1), row_integer(row, 2), 0};
    size->size = before + size->joined - size->gone;
    return STATUS_OK;
}

enum status segment_sizes_read(struct storage_session *session, struct arena *arena, struct text segment,
                               struct segment_sizes *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_size, .context = &reading};
    const struct storage_value value = value_text(segment);
    *out = (struct segment_sizes){0};
    return storage_run(session, &query_segments_days, &value, 1, &receiver, err);
}

enum status segment_person_count(struct storage_session *session, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_number, .context = out};
    *out = 0;
    return storage_run(session, &query_segments_person_count, NULL, 1, &receiver, err);
}

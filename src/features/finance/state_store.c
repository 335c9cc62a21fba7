#include "features/finance/state_store.h"

#include <string.h>

#include "features/events/events_store.h"
#include "queries.h"

enum { EPOCH_ARENA_BYTES = 64 * 1024 };

/* ---- reading ---- */

struct state_reading {
    struct arena *arena;
    struct finance_state *state;
};

static enum status damaged(const char *what, struct error *err)
{
    return error_set(err, STATUS_DEFECT, "finance.damaged", "", "%s cannot be read", what);
}

static enum status receive_version(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

static enum status receive_cursor(void *context, const struct storage_row *row, struct error *err)
{
    struct finance_state *state = ((struct state_reading *)context)->state;
    int64_t bucket = row_integer(row, 0);

    if (bucket < 0 || bucket >= BUCKET_COUNT)
        return damaged("a position in the journal", err);
    state->cursors.seqs[bucket] = row_integer(row, 1);
    state->cursor_count++;
    return STATUS_OK;
}

static enum status receive_epoch(void *context, const struct storage_row *row, struct error *err)
{
    const struct state_reading *reading = context;
    struct finance_state *state = reading->state;
    struct finance_epoch epoch = {.number = row_integer(row, 0), .text = row_text_copy(row, 2, reading->arena)};

    if (!finance_cut_parse(row_text(row, 1), &epoch.cut) ||
        !finance_tree_parse(reading->arena, epoch.text, &epoch.tree))
        return damaged("a tree of entities", err);
    state->epochs = arena_grow(reading->arena, state->epochs, &state->epoch_capacity, state->epoch_count + 1,
                               sizeof *state->epochs);
    state->epochs[state->epoch_count++] = epoch;
    return STATUS_OK;
}

static enum status receive_close(void *context, const struct storage_row *row, struct error *err)
{
    const struct state_reading *reading = context;
    struct finance_state *state = reading->state;
    struct finance_close close = {.month = (int32_t)row_integer(row, 0),
                                  .closed_at = row_integer(row, 1),
                                  .actor = row_text_copy(row, 2, reading->arena),
                                  .seals = row_text_copy(row, 4, reading->arena),
                                  .rates = row_text_copy(row, 5, reading->arena)};
    struct text digest = row_text(row, 6);

    if (!finance_cut_parse(row_text(row, 3), &close.cut) || digest.size != DIGEST_SIZE || close.month < MONTH_FIRST ||
        close.month > MONTH_LAST)
        return damaged("a closed month", err);
    memcpy(close.digest, digest.bytes, DIGEST_SIZE);
    state->closes = arena_grow(reading->arena, state->closes, &state->close_capacity, state->close_count + 1,
                               sizeof *state->closes);
    state->closes[state->close_count++] = close;
    return STATUS_OK;
}

enum status finance_state_load(struct storage_session *session, struct arena *arena, struct finance_state *out,
                               struct error *err)
{
    struct state_reading reading = {arena, out};
    const struct storage_receiver version = {.row = receive_version, .context = &out->version};
    const struct storage_receiver cursors = {.row = receive_cursor, .context = &reading};
    const struct storage_receiver epochs = {.row = receive_epoch, .context = &reading};
    const struct storage_receiver closes = {.row = receive_close, .context = &reading};

    *out = (struct finance_state){.version = 0};
    enum status status = storage_run(session, &query_finance_state_read, NULL, 1, &version, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_finance_cursors_read, NULL, 1, &cursors, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_finance_epochs_read, NULL, 1, &epochs, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_finance_closes_read, NULL, 1, &closes, err);
    return status;
}

enum status finance_tree_load(struct storage_session *session, struct arena *arena, struct finance_tree *out,
                              struct error *err)
{
    struct catalogue_page page;
    enum status status = places_read(session, arena, &page, err);

    if (status != STATUS_OK)
        return status;
    struct finance_node *nodes = arena_array(arena, page.count + 1, sizeof *nodes);
    for (size_t i = 0; i < page.count; i++) {
        nodes[i] = (struct finance_node){page.rows[i].key, page.rows[i].columns[PLACE_PARENT].text, PLACE_STORE};
        (void)place_kind_find(page.rows[i].columns[PLACE_KIND].text, &nodes[i].kind);
    }
    finance_tree_build(arena, nodes, page.count, out);
    return STATUS_OK;
}

/* ---- writing ---- */

struct wanted_changes {
    int64_t count;
};

static enum status check_changes(void *context, int64_t changes, struct error *err)
{
    const struct wanted_changes *wanted = context;

    if (changes == wanted->count)
        return STATUS_OK;
    return error_set(err, STATUS_BUSY, "finance.moved", "", "another process has read on meanwhile");
}

enum status finance_state_take(struct storage_session *session, int64_t version, bool changes, struct error *err)
{
    struct wanted_changes wanted = {1};
    const struct storage_receiver receiver = {.done = check_changes, .context = &wanted};
    const struct storage_value value = value_integer(version);

    return storage_run(session, changes ? &query_finance_state_change : &query_finance_state_hold, &value, 1, &receiver,
                       err);
}

enum status finance_cursors_move(struct storage_session *session, const struct finance_cut *from,
                                 const struct finance_cut *to, const bool moved[BUCKET_COUNT], struct error *err)
{
    struct storage_value values[BUCKET_COUNT * 3];
    struct wanted_changes wanted = {0};
    const struct storage_receiver receiver = {.done = check_changes, .context = &wanted};

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (!moved[bucket])
            continue;
        struct storage_value *row = &values[wanted.count++ * 3];
        row[0] = value_integer(bucket);
        row[1] = value_integer(from->seqs[bucket]);
        row[2] = value_integer(to->seqs[bucket]);
    }
    return storage_run(session, &query_finance_cursors_move, values, (size_t)wanted.count, &receiver, err);
}

/* Nothing is closed yet: all is read again, by the tree of now. */
static enum status start_anew(struct storage_session *session, struct error *err)
{
    struct storage_value buckets[BUCKET_COUNT];

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        buckets[bucket] = value_integer(bucket);
    enum status status = storage_send(session, &query_finance_cursor_make, buckets, BUCKET_COUNT, NULL, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_finance_cursors_clear, NULL, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_finance_epochs_clear, NULL, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_finance_sums_clear, NULL, 1, NULL, err);
    return status;
}

static enum status write_epoch(struct storage_session *session, const struct finance_state *state, struct text tree,
                               struct error *err)
{
    bool all[BUCKET_COUNT];
    struct arena *arena = arena_new(EPOCH_ARENA_BYTES);
    struct finance_cut cut = {{0}};

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to read");
    memset(all, true, sizeof all);
    enum status status = finance_state_take(session, state->version, true, err);
    if (status == STATUS_OK && state->close_count == 0) {
        status = start_anew(session, err);
    } else if (status == STATUS_OK) {
        cut = state->cursors;
        status = finance_cursors_move(session, &cut, &cut, all, err);
    }
    const struct storage_value values[] = {
        value_integer(state->close_count == 0 ? 1 : state->epochs[state->epoch_count - 1].number + 1),
        value_text(finance_cut_text(arena, &cut)), value_text(tree)};
    if (status == STATUS_OK)
        status = storage_run(session, &query_finance_epoch_put, values, 1, NULL, err);
    arena_free(arena);
    return status;
}

enum status finance_epoch_write(struct storage *storage, const struct finance_state *state, struct text tree,
                                struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(storage, false, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = write_epoch(session, state, tree, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    storage_session_free(session);
    return status;
}

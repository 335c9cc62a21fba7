/* Keeping up: pages of the journal folded, and their sums written together with the new positions. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "features/finance/finance_store.h"
#include "features/finance/reading_store.h"
#include "queries.h"

static const size_t FOLD_ARENA_BYTES = (size_t)1 << 30;

enum { TRIES_MAX = 24, TRY_AGAIN_MS = 5, PAGE_SEQS = 20000, BATCH_MOVEMENTS = 50000, SUM_COLUMNS = 8 };

/* One attempt, by the state as it was at its beginning. */
struct attempt {
    struct engine *engine;
    struct arena *arena;
    struct finance_state state;
    struct finance_moment *moment;
    struct text tree; /* of now */
    struct finance_cut next;
    bool moved[BUCKET_COUNT];
    struct storage_session *writer; /* made when first needed */
};

static enum status load(struct attempt *attempt, struct error *err)
{
    struct storage_session *session;
    struct finance_tree tree;
    enum status status = engine_read_begin(attempt->engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = finance_state_load(session, attempt->arena, &attempt->state, err);
    if (status == STATUS_OK)
        status = finance_tree_load(session, attempt->arena, &tree, err);
    if (status == STATUS_OK)
        status = verify_heads_read(session, attempt->moment->heads, err);
    engine_read_end(attempt->engine, session);
    if (status == STATUS_OK)
        attempt->tree = finance_tree_text(attempt->arena, &tree);
    attempt->moment->version = attempt->state.version;
    attempt->next = attempt->state.cursors;
    return status;
}

static bool tree_changed(const struct attempt *attempt)
{
    const struct finance_state *state = &attempt->state;

    return state->epoch_count == 0 || state->cursor_count < BUCKET_COUNT ||
           !text_equal(state->epochs[state->epoch_count - 1].text, attempt->tree);
}

/* Reads on from where the attempt is; `*more` when the batch ends before the moment does. */
static enum status read_batch(struct attempt *attempt, struct finance_reading *reading, bool *more, struct error *err)
{
    enum status status = engine_read_begin(attempt->engine, &reading->session, err);

    *more = false;
    if (status != STATUS_OK)
        return status;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK && !*more; bucket++) {
        int64_t head = attempt->moment->heads[bucket].seq;
        while (attempt->next.seqs[bucket] < head && status == STATUS_OK && !*more) {
            int64_t after = attempt->next.seqs[bucket];
            int64_t last = head - after > PAGE_SEQS ? after + PAGE_SEQS : head;
            status = finance_reading_page(reading, bucket, after, last, err);
            attempt->next.seqs[bucket] = last;
            attempt->moved[bucket] = true;
            *more = reading->count >= BATCH_MOVEMENTS;
        }
    }
    if (status == STATUS_OK)
        status = finance_reading_post(reading, err);
    engine_read_end(attempt->engine, reading->session);
    return status;
}

static enum status send_sums(struct storage_session *session, struct arena *arena, const struct finance_fold *fold,
                             struct error *err)
{
    size_t count = finance_fold_count(fold), used = 0;
    struct storage_value *values = arena_array(arena, count * SUM_COLUMNS + 1, sizeof *values);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count; i++) {
        const struct finance_sum *sum = finance_fold_at(fold, i);
        const struct storage_value row[SUM_COLUMNS] = {value_integer(sum->kind),      value_integer(sum->month),
                                                       value_text(sum->wallet),       value_text(sum->entity),
                                                       value_text(sum->counterparty), value_integer(sum->other_month),
                                                       value_integer(sum->entry),     value_integer(sum->amount)};
        memcpy(&values[used++ * SUM_COLUMNS], row, sizeof row);
    }
    for (size_t at = 0; at < used && status == STATUS_OK; at += STORAGE_ROWS_MAX) {
        size_t rows = used - at < STORAGE_ROWS_MAX ? used - at : STORAGE_ROWS_MAX;
        status = storage_send(session, &query_finance_sum_add, &values[at * SUM_COLUMNS], rows, NULL, err);
    }
    return status;
}

static enum status write_batch(struct attempt *attempt, const struct finance_fold *fold, struct arena *arena,
                               struct error *err)
{
    struct storage_session *session = attempt->writer;
    enum status status = storage_begin(session, err);

    if (status == STATUS_OK)
        status = finance_state_take(session, attempt->state.version, false, err);
    if (status == STATUS_OK)
        status = finance_cursors_move(session, &attempt->state.cursors, &attempt->next, attempt->moved, err);
    if (status == STATUS_OK)
        status = send_sums(session, arena, fold, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    if (status != STATUS_OK)
        return status;
    attempt->state.cursors = attempt->next;
    memset(attempt->moved, 0, sizeof attempt->moved);
    return STATUS_OK;
}

static enum status fold_all(struct attempt *attempt, struct arena *page, struct arena *sums, struct error *err)
{
    enum status status = STATUS_OK;
    bool more = true;

    while (more && status == STATUS_OK) {
        arena_reset(sums);
        struct finance_reading reading = {.state = &attempt->state, .fold = finance_fold_new(sums), .page = page};
        status = read_batch(attempt, &reading, &more, err);
        if (status == STATUS_OK)
            status = write_batch(attempt, reading.fold, sums, err);
    }
    return status;
}

static bool is_there(const struct attempt *attempt)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        if (attempt->next.seqs[bucket] < attempt->moment->heads[bucket].seq)
            return false;
    return true;
}

/* STATUS_BUSY `finance.moved`: the state changed, and it must be tried again. */
static enum status try_once(struct attempt *attempt, struct error *err)
{
    enum status status = load(attempt, err);

    if (status != STATUS_OK)
        return status;
    if (tree_changed(attempt)) {
        status = finance_epoch_write(engine_storage(attempt->engine), &attempt->state, attempt->tree, err);
        return status != STATUS_OK ? status : error_set(err, STATUS_BUSY, "finance.moved", "", "the tree changed");
    }
    if (is_there(attempt))
        return STATUS_OK;
    struct arena *page = arena_new(FOLD_ARENA_BYTES), *sums = arena_new(FOLD_ARENA_BYTES);
    if (page == NULL || sums == NULL)
        status = error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to read");
    if (status == STATUS_OK)
        status = storage_session_new(engine_storage(attempt->engine), false, &attempt->writer, err);
    if (status == STATUS_OK) {
        status = fold_all(attempt, page, sums, err);
        storage_session_free(attempt->writer);
    }
    arena_free(page);
    arena_free(sums);
    return status;
}

/* Those who were faster have read on; the longer it goes on so, the longer the rest. */
static void rest_before(int tries)
{
    int milliseconds = tries * TRY_AGAIN_MS;
    const struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

    if (tries > 1)
        nanosleep(&rest, NULL);
}

enum status finance_catch_up(struct engine *engine, struct finance_moment *moment, struct error *err)
{
    struct finance_moment own;

    for (int i = 0; i < TRIES_MAX; i++) {
        struct attempt attempt = {
            .engine = engine, .arena = arena_new(FOLD_ARENA_BYTES), .moment = moment != NULL ? moment : &own};
        struct error error = {0};
        rest_before(i);
        if (attempt.arena == NULL)
            return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to read");
        enum status status = try_once(&attempt, &error);
        arena_free(attempt.arena);
        if (status == STATUS_BUSY && strcmp(error.code, "finance.moved") == 0)
            continue;
        if (status != STATUS_OK && err != NULL)
            *err = error;
        return status;
    }
    return error_set(err, STATUS_BUSY, "finance.busy", "", "others change the same figures at this moment");
}

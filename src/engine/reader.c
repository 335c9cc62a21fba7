/* Readers of the journal: each row once, in the order of its bucket, together with the reader's own effects. */
#include <string.h>

#include "engine/lane.h"
#include "engine/loader.h"
#include "queries.h"

#define READER_ARENA_BYTES ((size_t)64 << 20)

struct page {
    struct arena *arena;
    struct journal_row *rows;
    size_t count, capacity;
};

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;

    (void)err;
    page->rows = arena_grow(page->arena, page->rows, &page->capacity, page->count + 1, sizeof(struct journal_row));
    page->rows[page->count] = (struct journal_row){0};
    journal_row_decode(row, page->arena, &page->rows[page->count++]);
    return STATUS_OK;
}

static enum status receive_cursor(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

static enum status check_moved(void *context, int64_t changes, struct error *err)
{
    (void)context;
    if (changes == 1)
        return STATUS_OK;
    return error_set(err, STATUS_BUSY, "reader.moved", "", "another process has read on meanwhile");
}

static enum status move_cursor(struct storage_session *session, const struct reader *reader, int bucket, int64_t before,
                               int64_t after, struct error *err)
{
    const struct storage_receiver receiver = {.done = check_moved};
    const struct storage_value values[] = {value_integer(bucket), value_string(reader->name), value_integer(before),
                                           value_integer(after)};

    return storage_run(session, &query_engine_cursor_move, values, 1, &receiver, err);
}

static enum status read_page(struct storage_session *session, const struct reader *reader, int bucket,
                             struct page *page, struct error *err)
{
    int64_t before = 0;
    const struct storage_receiver cursor = {.row = receive_cursor, .context = &before};
    const struct storage_receiver rows = {.row = receive_row, .context = page};
    const struct storage_value key[] = {value_integer(bucket), value_string(reader->name)};

    enum status status = storage_send(session, &query_engine_cursor_create, key, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_engine_cursor_read, key, 1, &cursor, err);
    const struct storage_value from[] = {value_integer(bucket), value_integer(before),
                                         value_integer((int64_t)reader->limit)};
    if (status == STATUS_OK)
        status = storage_run(session, &query_engine_journal_after, from, 1, &rows, err);
    for (size_t i = 0; status == STATUS_OK && i < page->count; i++)
        status = reader->row(reader->context, session, &page->rows[i], err);
    if (status == STATUS_OK && page->count > 0)
        status = move_cursor(session, reader, bucket, before, id_seq(page->rows[page->count - 1].id), err);
    return status;
}

static enum status run_bucket(struct storage_session *session, const struct reader *reader, int bucket,
                              struct arena *arena, size_t *count, struct error *err)
{
    for (;;) {
        struct page page = {.arena = arena};
        arena_reset(arena);
        enum status status = storage_begin(session, err);
        if (status == STATUS_OK)
            status = read_page(session, reader, bucket, &page, err);
        if (status == STATUS_OK)
            status = storage_commit(session, err);
        if (status != STATUS_OK) {
            storage_rollback(session);
            return status;
        }
        *count += page.count;
        if (page.count < reader->limit)
            return STATUS_OK;
    }
}

enum status engine_reader_run(struct engine *engine, const struct reader *reader, size_t *count, struct error *err)
{
    struct storage_session *session = NULL;
    struct arena *arena = arena_new(READER_ARENA_BYTES);
    enum status status = arena != NULL
                             ? storage_session_new(engine->options.storage, false, &session, err)
                             : error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to read");

    *count = 0;
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++)
        status = run_bucket(session, reader, bucket, arena, count, err);
    storage_session_free(session);
    arena_free(arena);
    return status;
}

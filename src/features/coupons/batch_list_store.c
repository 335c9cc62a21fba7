/* Batches of a series, and its codes as a file. */
#include "features/coupons/batch_store.h"

#include <unistd.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- lists ---- */

struct batch_list {
    struct arena *arena;
    struct text series;
    struct code_batch *items;
    size_t count, capacity;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct batch_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct code_batch){.series = list->series,
                                                     .reference = row_text_copy(row, 0, list->arena),
                                                     .id = row_integer(row, 1),
                                                     .kind = row_integer(row, 2),
                                                     .wanted = row_integer(row, 3),
                                                     .done = row_integer(row, 4),
                                                     .known = row_integer(row, 5),
                                                     .started_at = row_integer(row, 6),
                                                     .ended_at = row_integer(row, 7),
                                                     .actor = row_text_copy(row, 8, list->arena)};
    return STATUS_OK;
}

enum status coupon_batches_read(struct storage_session *session, struct arena *arena, struct text series,
                                struct code_batch **out, size_t *count, struct error *err)
{
    struct batch_list list = {.arena = arena, .series = series};
    const struct storage_receiver receiver = {.row = receive_listed, .context = &list};
    const struct storage_value value = value_text(series);
    enum status status = storage_run(session, &query_coupons_batch_list, &value, 1, &receiver, err);

    *out = list.items;
    *count = list.count;
    return status;
}

/* ---- the list as a file ---- */

struct writing {
    const struct coupon_series *series;
    struct arena *arena;
    int descriptor;
};

static bool write_all(int descriptor, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size);
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static enum status write_code(void *context, const struct storage_row *row, struct error *err)
{
    const struct writing *writing = context;
    struct builder line = {.arena = writing->arena};
    char issued[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE], owner[ID_TEXT_SIZE] = "";

    arena_reset(writing->arena);
    if (row_integer(row, 4) != 0)
        id_format("mbr", row_integer(row, 4), owner);
    builder_text(&line, code_shown(writing->arena, &writing->series->pattern, row_text(row, 0)));
    builder_format(&line, ",%s,%s,%s,%s\n", instant_format(row_integer(row, 1), issued),
                   row_integer(row, 2) == INSTANT_NEVER ? "" : instant_format(row_integer(row, 2), until), owner,
                   row_integer(row, 5) != 0 ? "void" : "issued");
    return write_all(writing->descriptor, line.bytes, line.size)
               ? STATUS_OK
               : error_set(err, STATUS_IO, "export.write", "", "the codes cannot be written");
}

enum status coupon_codes_write(struct engine *engine, const struct coupon_series *series, int descriptor,
                               struct error *err)
{
    static const char header[] = "code,issued_at,valid_until,member,state\n";
    struct writing writing = {series, arena_new(1 << 20), descriptor};
    const struct storage_receiver receiver = {.row = write_code, .context = &writing};
    struct storage_session *session = NULL;
    enum status status = storage_session_new(engine_storage(engine), true, &session, err);

    if (status == STATUS_OK && (writing.arena == NULL || !write_all(descriptor, header, sizeof header - 1)))
        status = error_set(err, STATUS_IO, "export.write", "", "the codes cannot be written");
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_text(series->code)};
        status = storage_stream(session, &query_coupons_codes_all, values, &receiver, err);
    }
    if (session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    arena_free(writing.arena);
    return status;
}

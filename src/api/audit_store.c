/* audit_store.c: the audit trail in the database. */
#include "api/audit_store.h"

#include "foundation/id.h"
#include "foundation/secret.h"
#include "queries.h"
#include "storage/storage.h"

int64_t random_id(void)
{
    uint64_t bits;
    secret_random(&bits, sizeof bits);
    return (int64_t)(bits & ((UINT64_C(1) << 62) - 1)) | 1;
}

static struct storage_value text_or_null(struct text text)
{
    return text.size == 0 ? value_null() : value_text(text);
}

enum status audit_write(struct storage_session *session, const struct audit_entry *entry, struct error *err)
{
    int64_t id = random_id();
    const struct storage_value values[] = {
        value_integer(id_bucket(id)), value_integer(entry->at),  value_integer(id),
        value_text(entry->actor),     value_text(entry->what),   value_integer(entry->subject),
        text_or_null(entry->before),  text_or_null(entry->after)};
    return storage_run(session, &query_api_audit_insert, values, 1, NULL, err);
}

struct reading {
    struct arena *arena;
    struct audit_rows *out;
};

static enum status add_row(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    const struct reading *reading = context;
    struct audit_rows *rows = reading->out;
    rows->items = arena_grow(reading->arena, rows->items, &rows->capacity, rows->count + 1, sizeof *rows->items);
    rows->items[rows->count++] = (struct audit_entry){
        .bucket = (int)row_integer(row, 0),
        .at = row_integer(row, 1),
        .id = row_integer(row, 2),
        .actor = row_text_copy(row, 3, reading->arena),
        .what = row_text_copy(row, 4, reading->arena),
        .subject = row_integer(row, 5),
        .before = row_text_copy(row, 6, reading->arena),
        .after = row_text_copy(row, 7, reading->arena),
    };
    return STATUS_OK;
}

enum status audit_read(struct storage_session *session, struct arena *arena, const struct audit_filter *filter,
                       struct audit_rows *out, struct error *err)
{
    struct reading reading = {arena, out};
    struct storage_receiver receiver = {.row = add_row, .context = &reading};
    const struct storage_value values[] = {value_integer(filter->from),
                                           value_integer(filter->to),
                                           value_integer(filter->before.integers[0]),
                                           value_integer(filter->before.integers[1]),
                                           value_integer(filter->before.integers[2]),
                                           value_text(filter->actor),
                                           value_text(filter->what),
                                           value_integer(filter->subject),
                                           value_integer(filter->limit)};
    return storage_run(session, &query_api_audit_page, values, 1, &receiver, err);
}

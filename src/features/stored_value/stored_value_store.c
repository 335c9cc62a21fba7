#include "features/stored_value/stored_value_store.h"

#include "queries.h"
#include "storage/storage.h"

struct reading {
    struct arena *arena;
    struct store_balance *items;
    size_t count, capacity;
    bool bonus;
};

static struct store_balance *balance_at(struct reading *reading, struct text store)
{
    size_t at = 0;

    while (at < reading->count && text_compare(reading->items[at].store, store) < 0)
        at++;
    if (at < reading->count && text_equal(reading->items[at].store, store))
        return &reading->items[at];
    reading->items =
        arena_grow(reading->arena, reading->items, &reading->capacity, reading->count + 1, sizeof *reading->items);
    for (size_t i = reading->count++; i > at; i--)
        reading->items[i] = reading->items[i - 1];
    reading->items[at] = (struct store_balance){.store = text_copy(reading->arena, store)};
    return &reading->items[at];
}

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    struct store_balance *balance = balance_at(reading, row_text(row, 0));

    (void)err;
    *(reading->bonus ? &balance->outstanding.bonus : &balance->outstanding.principal) = row_integer(row, 1);
    return STATUS_OK;
}

enum status store_balances_read(struct storage_session *session, struct arena *arena, const struct stored_value *value,
                                struct store_balance **out, size_t *count, struct error *err)
{
    struct reading reading = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive, .context = &reading};
    const struct storage_value principal = value_text(value->principal), bonus = value_text(value->bonus);
    enum status status = storage_run(session, &query_stored_value_by_store, &principal, 1, &receiver, err);

    reading.bonus = true;
    if (status == STATUS_OK)
        status = storage_run(session, &query_stored_value_by_store, &bonus, 1, &receiver, err);
    *out = reading.items;
    *count = reading.count;
    return status;
}

/* What is read of the sums, and the settings. */
#include "features/finance/finance_store.h"
#include "queries.h"

struct sums_reading {
    struct arena *arena;
    struct finance_sums *sums;
};

static enum status receive_sum(void *context, const struct storage_row *row, struct error *err)
{
    const struct sums_reading *reading = context;
    struct finance_sums *sums = reading->sums;

    (void)err;
    sums->items = arena_lengthen(reading->arena, sums->items, &sums->capacity, sums->count + 1, sizeof *sums->items);
    sums->items[sums->count++] = (struct finance_sum){.kind = (enum finance_kind)row_integer(row, 0),
                                                      .month = (int32_t)row_integer(row, 1),
                                                      .wallet = row_text_copy(row, 2, reading->arena),
                                                      .entity = row_text_copy(row, 3, reading->arena),
                                                      .counterparty = row_text_copy(row, 4, reading->arena),
                                                      .other_month = (int32_t)row_integer(row, 5),
                                                      .entry = (enum finance_entry)row_integer(row, 6),
                                                      .amount = row_integer(row, 7)};
    return STATUS_OK;
}

enum status finance_sums_read(struct storage_session *session, struct arena *arena, enum finance_kind kind,
                              const struct finance_range *range, struct finance_sums *out, struct error *err)
{
    struct sums_reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_sum, .context = &reading};
    const struct storage_value values[] = {value_integer(kind), value_integer(range->from), value_integer(range->to)};

    *out = (struct finance_sums){.count = 0};
    return storage_run(session, &query_finance_sums_read, values, 1, &receiver, err);
}

struct settings_reading {
    struct arena *arena;
    int64_t version;
    struct text body;
};

static enum status receive_settings(void *context, const struct storage_row *row, struct error *err)
{
    struct settings_reading *reading = context;

    (void)err;
    reading->version = row_integer(row, 0);
    reading->body = row_text_copy(row, 1, reading->arena);
    return STATUS_OK;
}

enum status finance_settings_get(struct storage_session *session, struct arena *arena, int64_t *version,
                                 struct text *body, struct error *err)
{
    struct settings_reading reading = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_settings, .context = &reading};
    enum status status = storage_run(session, &query_finance_settings_read, NULL, 1, &receiver, err);

    *version = reading.version;
    *body = reading.body;
    return status;
}

enum status finance_settings_put(struct storage_session *session, int64_t version, struct text body, struct error *err)
{
    const struct storage_value values[] = {value_integer(version), value_text(body)};

    return storage_run(session, &query_finance_settings_put, values, 1, NULL, err);
}

#include "features/partners/partners_store.h"

#include "features/definitions/definitions_store.h"
#include "features/finance/partner_place.h"
#include "features/rewards/rewards.h"
#include "queries.h"

enum { TRANSACTION_ARENA_BYTES = 1024 * 1024 };

/* ---- co-branded rewards ---- */

struct fulfilment_reading {
    struct arena *arena;
    struct partner_fulfilments *out;
};

static enum status receive_fulfilment(void *context, const struct storage_row *row, struct error *err)
{
    const struct fulfilment_reading *reading = context;
    struct partner_fulfilments *out = reading->out;
    struct text place = partner_place_code(row_text(row, 2));
    size_t slash = 0;

    (void)err;
    while (slash < place.size && place.bytes[slash] != '/')
        slash++;
    if (slash == place.size)
        return STATUS_OK;
    struct partner_fulfilment one = {
        .month = month_of_day((int32_t)row_integer(row, 0)),
        .partner = text_copy(reading->arena, (struct text){place.bytes, slash}),
        .reward = text_copy(reading->arena, (struct text){place.bytes + slash + 1, place.size - slash - 1})};
    *(text_equals(row_text(row, 1), REWARD_MEASURE_COUNT) ? &one.count : &one.owes) = row_integer(row, 3);
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = one;
    return STATUS_OK;
}

enum status partner_fulfilments_read(struct storage_session *session, struct arena *arena,
                                     const struct finance_range *range, struct partner_fulfilments *out,
                                     struct error *err)
{
    struct fulfilment_reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_fulfilment, .context = &reading};
    const struct storage_value values[] = {value_integer(month_start(range->from)),
                                           value_integer(month_start(range->to + 1) - 1)};

    *out = (struct partner_fulfilments){.count = 0};
    return storage_run(session, &query_partners_fulfilments, values, 1, &receiver, err);
}

/* ---- versions ---- */

enum status partner_versions_read(struct storage_session *session, struct arena *arena,
                                  const struct partner_question *question, struct partner_versions *out,
                                  struct error *err)
{
    const struct definition_key key = {&partner_kind, question->code, question->now};
    const struct release_page page = {&key, INT64_MAX, DEFINITION_VERSIONS_MAX};
    struct definition_release *releases;
    size_t count;
    enum status status = definition_releases(session, arena, &page, &releases, &count, err);

    *out = (struct partner_versions){.count = 0};
    if (status != STATUS_OK)
        return status;
    out->partners = arena_array(arena, count + 1, sizeof *out->partners);
    out->periods = arena_array(arena, count + 1, sizeof *out->periods);
    for (size_t i = count; i > 0; i--) {
        const struct definition_release *release = &releases[i - 1];
        const struct definition_input input = {.arena = arena,
                                               .code = question->code,
                                               .document = release->document,
                                               .programme = programme_at(question->programmes, question->now),
                                               .programmes = question->programmes};
        struct error unreadable;
        const void *parsed;
        if (release->until <= release->from || partner_kind.parse(&input, &parsed, &unreadable) != STATUS_OK)
            continue;
        out->partners[out->count] = parsed;
        out->periods[out->count++] = (struct statement_period){release->from, release->until};
    }
    return STATUS_OK;
}

/* ---- what a statement is made of ---- */

struct transaction_reading {
    const struct partner_transactions *question;
    struct arena *arena; /* of a row */
};

static enum status receive_transaction(void *context, const struct storage_row *row, struct error *err)
{
    const struct transaction_reading *reading = context;
    struct partner_transaction one = {.id = id_make(row_integer(row, 1), (int)row_integer(row, 0)),
                                      .at = row_integer(row, 3),
                                      .kind = row_text(row, 2),
                                      .day = (int32_t)row_integer(row, 4)};

    arena_reset(reading->arena);
    partner_facts_read(reading->arena, row_text(row, 5), &one.facts);
    return reading->question->each(reading->question->context, &one, err);
}

enum status partner_transactions_read(struct storage_session *session, const struct partner_transactions *question,
                                      struct error *err)
{
    struct transaction_reading reading = {question, arena_new(TRANSACTION_ARENA_BYTES)};
    const struct storage_receiver receiver = {.row = receive_transaction, .context = &reading};
    const struct storage_value values[] = {value_text(question->place), value_integer(question->first),
                                           value_integer(question->last), value_integer(question->since)};

    if (reading.arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to read");
    enum status status = storage_run(session, &query_partners_transactions, values, 1, &receiver, err);
    arena_free(reading.arena);
    return status;
}

#include "features/points/points_store.h"

#include <stdlib.h>

#include "engine/engine.h"
#include "features/points/points.h"
#include "queries.h"

/* ---- holds ---- */

struct hold_reading {
    struct arena *arena;
    struct stored_hold hold;
    int64_t member;
    bool found;
};

static enum status receive_hold_member(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    ((struct hold_reading *)context)->member = row_integer(row, 0);
    return STATUS_OK;
}

static enum status receive_hold(void *context, const struct storage_row *row, struct error *err)
{
    struct hold_reading *reading = context;

    (void)err;
    reading->found = true;
    reading->hold = (struct stored_hold){.member = row_integer(row, 0),
                                         .wallet = row_text_copy(row, 1, reading->arena),
                                         .amount = row_integer(row, 2),
                                         .captured = row_integer(row, 3),
                                         .expires_at = row_integer(row, 4),
                                         .state = (enum hold_state)row_integer(row, 5)};
    return STATUS_OK;
}

enum status hold_find(struct storage_session *session, struct arena *arena, int64_t id, struct stored_hold *out,
                      struct error *err)
{
    struct hold_reading reading = {.arena = arena};
    const struct storage_receiver receive_member = {.row = receive_hold_member, .context = &reading};
    const struct storage_receiver receive = {.row = receive_hold, .context = &reading};
    const struct storage_value journal[] = {value_integer(id_bucket(id)), value_integer(id_seq(id))};
    enum status status = storage_run(session, &query_points_hold_member, journal, 1, &receive_member, err);
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id),
                                           value_integer(reading.member)};

    if (status == STATUS_OK)
        status = storage_run(session, &query_points_hold_find, values, 1, &receive, err);
    if (status == STATUS_OK && !reading.found)
        return error_set(err, STATUS_MISSING, "hold.unknown", "", "there is no such hold");
    *out = reading.hold;
    return status;
}

/* ---- statements ---- */

struct statement_reading {
    struct arena *arena;
    struct statement *statement;
    size_t capacity;
};

static enum status receive_opening(void *context, const struct storage_row *row, struct error *err)
{
    struct statement_reading *reading = context;

    (void)err;
    reading->statement->opening += row_integer(row, 0);
    return STATUS_OK;
}

static enum status receive_entry(void *context, const struct storage_row *row, struct error *err)
{
    struct statement_reading *reading = context;
    struct statement *statement = reading->statement;

    if (row_integer(row, 6) == 0)
        return STATUS_OK; /* points set aside, or that became active */
    if (statement->entry_count == STATEMENT_ENTRIES_MAX)
        return error_set(err, STATUS_LIMIT, "statement.entries", "", "the month has more than %d entries",
                         STATEMENT_ENTRIES_MAX);
    statement->entries = arena_grow(reading->arena, statement->entries, &reading->capacity, statement->entry_count + 1,
                                    sizeof *statement->entries);
    statement->entries[statement->entry_count++] =
        (struct statement_entry){.id = id_make(row_integer(row, 1), (int)row_integer(row, 0)),
                                 .member = row_integer(row, 2),
                                 .kind = row_text_copy(row, 3, reading->arena),
                                 .at = row_integer(row, 4),
                                 .store = row_text_copy(row, 5, reading->arena),
                                 .change = row_integer(row, 6)};
    struct statement_entry *entry = &statement->entries[statement->entry_count - 1];
    if (entry->change > 0)
        entry->earned = earned_rules_read(reading->arena, row_text(row, 7), &entry->earned_count);
    return STATUS_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const struct statement_entry *first = a, *second = b;

    if (first->at != second->at)
        return first->at < second->at ? -1 : 1;
    return first->id < second->id ? -1 : first->id > second->id;
}

enum status statement_read(struct storage_session *session, struct arena *arena, const struct statement_range *range,
                           struct statement *out, struct error *err)
{
    struct statement_reading reading = {.arena = arena, .statement = out};
    const struct storage_receiver opening = {.row = receive_opening, .context = &reading};
    const struct storage_receiver entries = {.row = receive_entry, .context = &reading};
    struct storage_value *before = arena_array(arena, range->member_count * 4, sizeof *before);
    struct storage_value *within = arena_array(arena, range->member_count * 5, sizeof *within);

    *out = (struct statement){0};
    for (size_t i = 0; i < range->member_count; i++) {
        struct storage_value *a = &before[i * 4], *b = &within[i * 5];
        a[0] = b[0] = value_integer(id_bucket(range->members[i]));
        a[1] = b[1] = value_integer(range->members[i]);
        a[2] = b[2] = value_text(range->wallet);
        a[3] = b[3] = value_integer(range->start);
        b[4] = value_integer(range->end);
    }
    enum status status =
        storage_run(session, &query_points_statement_opening, before, range->member_count, &opening, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_points_statement_entries, within, range->member_count, &entries, err);
    if (status != STATUS_OK)
        return status;
    if (out->entry_count > 1)
        qsort(out->entries, out->entry_count, sizeof *out->entries, compare_entries);
    out->closing = out->opening;
    for (size_t i = 0; i < out->entry_count; i++)
        out->closing += out->entries[i].change;
    return STATUS_OK;
}

/* ---- the whole ledger ---- */

struct totals_reading {
    struct arena *arena;
    struct account_total *totals;
    struct ledger_entry *entries;
    size_t count, capacity;
};

static enum status receive_total(void *context, const struct storage_row *row, struct error *err)
{
    struct totals_reading *reading = context;

    (void)err;
    reading->totals =
        arena_grow(reading->arena, reading->totals, &reading->capacity, reading->count + 1, sizeof *reading->totals);
    reading->totals[reading->count++] = (struct account_total){.wallet = row_text_copy(row, 0, reading->arena),
                                                               .account = (enum account)row_integer(row, 1),
                                                               .amount = row_integer(row, 2)};
    return STATUS_OK;
}

enum status account_totals(struct storage_session *session, struct arena *arena, struct account_total **out,
                           size_t *count, struct error *err)
{
    struct totals_reading reading = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_total, .context = &reading};
    enum status status = storage_run(session, &query_points_account_totals, NULL, 1, &receiver, err);

    *out = reading.totals;
    *count = reading.count;
    return status;
}

static enum status receive_part(void *context, const struct storage_row *row, struct error *err)
{
    const struct ledger_part *part = context;
    struct ledger_sum sum = {.wallet = row_text(row, 0),
                             .account = (enum account)row_integer(row, 2),
                             .day = (int32_t)row_integer(row, 4),
                             .amount = -row_integer(row, 5)};

    (void)err;
    if (!part->sees(part->sees_context, row_text(row, 1)))
        return STATUS_OK;
    part->each(part->context, &sum);
    sum.account = (enum account)row_integer(row, 3);
    sum.amount = -sum.amount;
    part->each(part->context, &sum);
    return STATUS_OK;
}

enum status ledger_part_stream(struct storage_session *session, const struct ledger_part *part, struct error *err)
{
    struct ledger_part copy = *part;
    const struct storage_receiver receiver = {.row = receive_part, .context = &copy};
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(part->last)};
        status = storage_run(session, &query_points_ledger_part, values, 1, &receiver, err);
    }
    return status;
}

static void add_total(void *context, const struct ledger_sum *sum)
{
    struct totals_reading *reading = context;

    for (size_t i = 0; i < reading->count; i++) {
        struct account_total *total = &reading->totals[i];
        if (total->account == sum->account && text_equal(total->wallet, sum->wallet)) {
            total->amount += sum->amount;
            return;
        }
    }
    reading->totals =
        arena_grow(reading->arena, reading->totals, &reading->capacity, reading->count + 1, sizeof *reading->totals);
    reading->totals[reading->count++] =
        (struct account_total){text_copy(reading->arena, sum->wallet), sum->account, sum->amount};
}

static int compare_totals(const void *a, const void *b)
{
    const struct account_total *first = a, *second = b;
    int order = text_compare(first->wallet, second->wallet);

    return order != 0 ? order : (int)first->account - (int)second->account;
}

enum status account_part_totals(struct storage_session *session, struct arena *arena, struct ledger_part part,
                                struct account_total **out, size_t *count, struct error *err)
{
    struct totals_reading reading = {.arena = arena};

    part.each = add_total;
    part.context = &reading;
    part.last = INT32_MAX;
    enum status status = ledger_part_stream(session, &part, err);
    if (reading.count > 1)
        qsort(reading.totals, reading.count, sizeof *reading.totals, compare_totals);
    *out = reading.totals;
    *count = reading.count;
    return status;
}

static enum status receive_ledger(void *context, const struct storage_row *row, struct error *err)
{
    struct totals_reading *reading = context;

    (void)err;
    reading->entries =
        arena_grow(reading->arena, reading->entries, &reading->capacity, reading->count + 1, sizeof *reading->entries);
    reading->entries[reading->count++] = (struct ledger_entry){.bucket = (int)row_integer(row, 0),
                                                               .seq = row_integer(row, 1),
                                                               .line = row_integer(row, 2),
                                                               .member = row_integer(row, 3),
                                                               .kind = row_text_copy(row, 4, reading->arena),
                                                               .wallet = row_text_copy(row, 5, reading->arena),
                                                               .debit = (enum account)row_integer(row, 6),
                                                               .credit = (enum account)row_integer(row, 7),
                                                               .amount = row_integer(row, 8),
                                                               .lot = row_integer(row, 9),
                                                               .at = row_integer(row, 10),
                                                               .day = (int32_t)row_integer(row, 11),
                                                               .store = row_text_copy(row, 12, reading->arena),
                                                               .issued_store = row_text_copy(row, 13, reading->arena)};
    return STATUS_OK;
}

static enum status read_any_day(struct storage_session *session, const struct ledger_filter *filter,
                                struct totals_reading *reading, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_ledger, .context = reading};
    const struct storage_value values[] = {value_integer(filter->bucket),
                                           value_integer(filter->seq),
                                           value_integer(filter->line),
                                           value_text(filter->wallet),
                                           value_integer(filter->wallet.size == 0),
                                           value_integer((int64_t)filter->limit)};
    return storage_run(session, &query_points_ledger_page, values, 1, &receiver, err);
}

/* Bucket by bucket: the index by day lies within each. */
static enum status read_day(struct storage_session *session, const struct ledger_filter *filter,
                            struct totals_reading *reading, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_ledger, .context = reading};
    enum status status = STATUS_OK;

    for (int64_t bucket = filter->bucket < 0 ? 0 : filter->bucket;
         bucket < BUCKET_COUNT && reading->count < filter->limit && status == STATUS_OK; bucket++) {
        bool begun = bucket == filter->bucket;
        const struct storage_value values[] = {value_integer(bucket),
                                               value_integer(begun ? filter->seq : 0),
                                               value_integer(begun ? filter->line : -1),
                                               value_text(filter->wallet),
                                               value_integer(filter->wallet.size == 0),
                                               value_integer(filter->day),
                                               value_integer((int64_t)(filter->limit - reading->count))};
        status = storage_run(session, &query_points_ledger_day_page, values, 1, &receiver, err);
    }
    return status;
}

enum status ledger_entries(struct storage_session *session, struct arena *arena, const struct ledger_filter *filter,
                           struct ledger_entry **out, size_t *count, struct error *err)
{
    struct totals_reading reading = {.arena = arena};
    enum status status = filter->day == DAY_NONE ? read_any_day(session, filter, &reading, err)
                                                 : read_day(session, filter, &reading, err);

    *out = reading.entries;
    *count = reading.count;
    return status;
}

/* ---- loading for commands ---- */

enum status spending_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct proof **proofs = arena_array(context->arena, count + 1, sizeof *proofs);

    for (size_t i = 0; i < count; i++)
        proofs[i] = commands[i]->body;
    return proofs_load(context, proofs, count, err);
}

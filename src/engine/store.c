/* Store: one bulk statement for each kind of row writes what the decisions left; the caller commits. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/batch.h"
#include "queries.h"

/* Rows of one query on their way: `columns` values each. */
struct table {
    struct arena *arena;
    const struct storage_query *query;
    struct storage_value *values;
    size_t count, capacity;
};

static struct storage_value *table_add(struct table *table)
{
    size_t columns = (size_t)table->query->parameter_count;

    table->values = arena_grow(table->arena, table->values, &table->capacity, (table->count + 1) * columns,
                               sizeof(struct storage_value));
    return table->values + table->count++ * columns;
}

static enum status table_send(struct batch *batch, const struct table *table, struct error *err)
{
    return storage_send(batch->context->session, table->query, table->values, table->count, NULL, err);
}

/* What must have written every one of its rows: another bucket was faster otherwise. */
struct expected {
    int64_t changes;
    const char *what;
};

static enum status check_changes(void *context, int64_t changes, struct error *err)
{
    const struct expected *expected = context;

    if (changes == expected->changes)
        return STATUS_OK;
    return error_set(err, STATUS_BUSY, "engine.raced", "", "another %s of the same key was faster", expected->what);
}

static enum status table_send_all(struct batch *batch, const struct table *table, const char *what, struct error *err)
{
    struct expected *expected = arena_alloc(batch->arena, sizeof *expected);
    const struct storage_receiver receiver = {.done = check_changes, .context = expected};

    *expected = (struct expected){(int64_t)table->count, what};
    return storage_send(batch->context->session, table->query, table->values, table->count, &receiver, err);
}

/* ---- members ---- */

struct member_tables {
    struct table members, standings, standings_dropped, own, own_dropped, wallets, lots, holds, days, progress;
};

static void put_standing(struct table *table, const struct member *member, const struct standing *standing)
{
    struct storage_value *values = table_add(table);

    values[0] = value_integer(id_bucket(member->id));
    values[1] = value_integer(member->id);
    standing_encode(table->arena, standing, values + 2);
}

static void put_key(struct table *table, const struct member *member)
{
    struct storage_value *values = table_add(table);

    values[0] = value_integer(id_bucket(member->id));
    values[1] = value_integer(member->id);
}

static void put_member(struct table *table, struct member *member)
{
    struct storage_value *values = table_add(table);

    if (member->fresh)
        secret_random(member->salt, SALT_SIZE);
    values[0] = value_integer(id_bucket(member->id));
    values[1] = value_integer(member->id);
    values[2] = value_integer(member->leader);
    values[3] = value_integer(member->household);
    values[4] = value_integer(member->status);
    values[5] = value_integer(member->registered_at);
    values[6] = value_blob(member->salt, member->status == MEMBER_ERASED ? 0 : SALT_SIZE);
}

static void put_wallets(struct table *table, const struct member *member)
{
    for (size_t i = 0; i < member->wallet_count; i++) {
        const struct wallet *wallet = &member->wallets[i];
        if (!wallet->changed)
            continue;
        struct storage_value *values = table_add(table);
        values[0] = value_integer(id_bucket(member->id));
        values[1] = value_integer(member->id);
        values[2] = value_text(wallet->code);
        values[3] = value_integer(wallet->active);
        values[4] = value_integer(wallet->pending);
        values[5] = value_integer(wallet->held);
        values[6] = value_integer(wallet->debt);
    }
}

static void put_lots(struct table *table, const struct member *member)
{
    for (size_t i = 0; i < member->lot_count; i++) {
        const struct lot *lot = &member->lots[i];
        if (!lot->changed)
            continue;
        struct storage_value *values = table_add(table);
        values[0] = value_integer(id_bucket(member->id));
        values[1] = value_integer(member->id);
        values[2] = value_integer(lot->id);
        values[3] = value_text(lot->wallet);
        values[4] = value_integer(lot->source);
        values[5] = value_integer(lot->earned_at);
        values[6] = value_integer(lot->active_at);
        values[7] = value_integer(lot->expires_at);
        values[8] = value_integer(lot->amount);
        values[9] = value_integer(lot->remaining);
        values[10] = value_integer(lot->held);
        values[11] = value_integer(lot->pending);
        values[12] = value_integer(lot->expired);
    }
}

static void put_holds(struct table *table, const struct member *member)
{
    for (size_t i = 0; i < member->hold_count; i++) {
        const struct hold *hold = &member->holds[i];
        if (!hold->changed)
            continue;
        struct storage_value *values = table_add(table);
        struct text parts = hold_parts_encode(table->arena, hold);
        values[0] = value_integer(id_bucket(member->id));
        values[1] = value_integer(member->id);
        values[2] = value_integer(hold->id);
        values[3] = value_text(hold->wallet);
        values[4] = value_integer(hold->amount);
        values[5] = value_integer(hold->captured);
        values[6] = value_integer(hold->expires_at);
        values[7] = value_integer(hold->state);
        values[8] = value_blob(parts.bytes, parts.size);
    }
}

static void put_days(struct table *days, struct table *progress, const struct member *member)
{
    for (size_t i = 0; i < member->day_count; i++) {
        if (!member->days[i].changed)
            continue;
        struct storage_value *values = table_add(days);
        values[0] = value_integer(id_bucket(member->id));
        values[1] = value_integer(member->id);
        values[2] = value_integer(member->days[i].day);
        values[3] = value_integer(member->days[i].count);
        values[4] = value_integer(member->days[i].spend);
    }
    for (size_t i = 0; i < member->progress_count; i++) {
        if (!member->progress[i].changed)
            continue;
        struct storage_value *values = table_add(progress);
        values[0] = value_integer(id_bucket(member->id));
        values[1] = value_integer(member->id);
        values[2] = value_text(member->progress[i].id);
        values[3] = value_integer(member->progress[i].used);
    }
}

static void collect_member(struct member_tables *tables, struct member *member)
{
    if (member->changed)
        put_member(&tables->members, member);
    if (member->standing_dropped)
        put_key(&tables->standings_dropped, member);
    else if (member->standing_changed)
        put_standing(&tables->standings, member, &member->standing);
    if (member->own_dropped)
        put_key(&tables->own_dropped, member);
    else if (member->own_changed || member->own_fresh)
        put_standing(&tables->own, member, &member->own);
    put_wallets(&tables->wallets, member);
    put_lots(&tables->lots, member);
    put_holds(&tables->holds, member);
    put_days(&tables->days, &tables->progress, member);
}

static enum status store_members(struct batch *batch, struct error *err)
{
    struct arena *arena = batch->arena;
    struct member_tables tables = {.members = {arena, &query_engine_members_store, NULL, 0, 0},
                                   .standings = {arena, &query_engine_standings_store, NULL, 0, 0},
                                   .standings_dropped = {arena, &query_engine_standings_drop, NULL, 0, 0},
                                   .own = {arena, &query_engine_standings_own_store, NULL, 0, 0},
                                   .own_dropped = {arena, &query_engine_standings_own_drop, NULL, 0, 0},
                                   .wallets = {arena, &query_engine_wallets_store, NULL, 0, 0},
                                   .lots = {arena, &query_engine_lots_store, NULL, 0, 0},
                                   .holds = {arena, &query_engine_holds_store, NULL, 0, 0},
                                   .days = {arena, &query_engine_days_store, NULL, 0, 0},
                                   .progress = {arena, &query_engine_progress_store, NULL, 0, 0}};
    const struct table *order[] = {&tables.members, &tables.standings,   &tables.standings_dropped,
                                   &tables.own,     &tables.own_dropped, &tables.wallets,
                                   &tables.lots,    &tables.holds,       &tables.days,
                                   &tables.progress};

    for (size_t g = 0; g < batch->loader.list_count; g++) {
        struct group *group = &batch->loader.list[g]->live;
        for (size_t m = 0; m < group->member_count; m++)
            collect_member(&tables, &group->members[m]);
    }
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        enum status status = table_send(batch, order[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- the journal ---- */

struct journal_tables {
    struct table rows, lines, movements, details, digests;
};

static const unsigned char *salt_of(const struct batch *batch, int64_t member)
{
    static const unsigned char none[SALT_SIZE];
    struct loaded_group *group = map_get_id(batch->loader.groups, member);
    struct member *found = group != NULL ? group_find(&group->live, member) : NULL;

    return found != NULL ? found->salt : none;
}

static void put_journal(struct table *table, const struct journal_row *row, const unsigned char *seal)
{
    struct storage_value *values = table_add(table);

    values[0] = value_integer(id_bucket(row->id));
    values[1] = value_integer(id_seq(row->id));
    values[2] = value_integer(row->member);
    values[3] = value_text(row->kind);
    values[4] = value_integer(row->at);
    values[5] = value_integer(row->recorded_at);
    values[6] = value_integer(row->day);
    values[7] = value_integer(row->cause);
    values[8] = value_text(row->store);
    values[9] = value_text(row->channel);
    values[10] = value_text(row->receipt);
    values[11] = value_integer(row->amount);
    values[12] = value_text(row->facts);
    values[13] = value_blob(seal, SEAL_SIZE);
}

static void put_lines(struct table *table, const struct journal_row *row)
{
    for (size_t i = 0; i < row->line_count; i++) {
        const struct purchase_line *line = &row->lines[i];
        struct storage_value *values = table_add(table);
        values[0] = value_integer(id_bucket(row->id));
        values[1] = value_integer(id_seq(row->id));
        values[2] = value_integer(line->number);
        values[3] = value_text(line->sku);
        values[4] = value_text(line->category);
        values[5] = value_integer(line->quantity_milli);
        values[6] = value_integer(line->amount);
        values[7] = value_integer(line->discount);
        values[8] = value_integer(line->of_line);
    }
}

static void put_movements(struct table *table, const struct journal_row *row)
{
    for (size_t i = 0; i < row->movement_count; i++) {
        const struct movement *movement = &row->movements[i];
        struct storage_value *values = table_add(table);
        values[0] = value_integer(id_bucket(row->id));
        values[1] = value_integer(id_seq(row->id));
        values[2] = value_integer((int64_t)i + 1);
        values[3] = value_integer(movement->member);
        values[4] = value_text(movement->wallet);
        values[5] = value_integer(movement->debit);
        values[6] = value_integer(movement->credit);
        values[7] = value_integer(movement->amount);
        values[8] = value_integer(movement->lot);
    }
}

static void put_detail(struct journal_tables *tables, const struct journal_row *row, const unsigned char *digest)
{
    struct storage_value *values = table_add(&tables->details);

    values[0] = value_integer(id_bucket(row->id));
    values[1] = value_integer(id_seq(row->id));
    values[2] = value_integer(row->member);
    values[3] = value_text(row->detail);
    values = table_add(&tables->digests);
    values[0] = value_integer(id_bucket(row->id));
    values[1] = value_integer(id_seq(row->id));
    values[2] = value_blob(digest, DIGEST_SIZE);
}

/* Seals the rows in the order of their ids within each bucket, which is the order in which they were made. */
static enum status store_journal(struct batch *batch, struct error *err)
{
    struct arena *arena = batch->arena;
    struct journal_tables tables = {.rows = {arena, &query_engine_journal_store, NULL, 0, 0},
                                    .lines = {arena, &query_engine_lines_store, NULL, 0, 0},
                                    .movements = {arena, &query_engine_movements_store, NULL, 0, 0},
                                    .details = {arena, &query_engine_details_store, NULL, 0, 0},
                                    .digests = {arena, &query_engine_digests_store, NULL, 0, 0}};

    for (size_t i = 0; i < batch->effects->row_count; i++) {
        const struct journal_row *row = batch->effects->rows[i];
        struct head *head = &batch->effects->heads[id_bucket(row->id)];
        unsigned char *digest = NULL;
        if (row->detail.size > 0) {
            digest = arena_alloc(arena, DIGEST_SIZE);
            detail_digest(salt_of(batch, row->member), row->detail, digest);
            put_detail(&tables, row, digest);
        }
        journal_seal(&batch->context->seal_buffer, batch->context->seal_key, row, digest, head->seal);
        put_journal(&tables.rows, row, arena_copy(arena, head->seal, SEAL_SIZE));
        put_lines(&tables.lines, row);
        put_movements(&tables.movements, row);
        batch->last_id = row->id;
        memcpy(batch->last_seal, head->seal, SEAL_SIZE);
    }
    enum status status = table_send(batch, &tables.rows, err);
    if (status == STATUS_OK)
        status = table_send(batch, &tables.lines, err);
    if (status == STATUS_OK)
        status = table_send(batch, &tables.movements, err);
    if (status == STATUS_OK)
        status = table_send(batch, &tables.details, err);
    return status == STATUS_OK ? table_send(batch, &tables.digests, err) : status;
}

static enum status store_heads(struct batch *batch, struct error *err)
{
    struct table table = {batch->arena, &query_engine_head_store, NULL, 0, 0};

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        const struct head *head = &batch->effects->heads[bucket];
        if (!head->taken)
            continue;
        struct storage_value *values = table_add(&table);
        values[0] = value_integer(bucket);
        values[1] = value_integer(head->seq);
        values[2] = value_blob(head->seal, SEAL_SIZE);
        values[3] = value_integer(batch->decision.now);
    }
    return table_send(batch, &table, err);
}

/* ---- claims, requests, counters ---- */

static int compare_claims(const void *a, const void *b)
{
    const struct claim_state *left = *(struct claim_state *const *)a, *right = *(struct claim_state *const *)b;
    int difference = claim_bucket(left->kind, left->key) - claim_bucket(right->kind, right->key);

    if (difference == 0)
        difference = strcmp(left->kind, right->kind);
    return difference != 0 ? difference : text_compare(left->key, right->key);
}

static void put_claim(struct table *table, const struct claim_state *state)
{
    struct storage_value *values = table_add(table);

    values[0] = value_integer(claim_bucket(state->kind, state->key));
    values[1] = value_string(state->kind);
    values[2] = value_text(state->key);
    if (table->query->parameter_count == 3)
        return;
    values[3] = value_integer(state->reference);
    values[4] = value_integer(state->member);
}

static enum status store_claims(struct batch *batch, struct error *err)
{
    struct table inserted = {batch->arena, &query_engine_claims_insert, NULL, 0, 0};
    struct table updated = {batch->arena, &query_engine_claims_update, NULL, 0, 0};
    struct table deleted = {batch->arena, &query_engine_claims_delete, NULL, 0, 0};
    size_t count = 0, all = map_count(batch->effects->claims);
    struct claim_state **changed = arena_array(batch->arena, all + 1, sizeof(struct claim_state *));

    for (size_t i = 0; i < all; i++) {
        struct claim_state *state = map_value_at(batch->effects->claims, i);
        if (state->reference != state->loaded_reference || state->member != state->loaded_member)
            changed[count++] = state;
    }
    /* In one order everywhere, so that two lanes that want the same keys wait instead of blocking each other. */
    qsort(changed, count, sizeof(struct claim_state *), compare_claims);
    for (size_t i = 0; i < count; i++) {
        if (changed[i]->loaded_reference == 0)
            put_claim(&inserted, changed[i]);
        else if (changed[i]->reference == 0)
            put_claim(&deleted, changed[i]);
        else
            put_claim(&updated, changed[i]);
    }
    enum status status = table_send_all(batch, &inserted, "claim", err);
    if (status == STATUS_OK)
        status = table_send(batch, &updated, err);
    return status == STATUS_OK ? table_send(batch, &deleted, err) : status;
}

static enum status store_requests(struct batch *batch, struct error *err)
{
    struct table table = {batch->arena, &query_engine_requests_store, NULL, 0, 0};

    for (size_t i = 0; i < map_count(batch->requests); i++) {
        struct request_state *request = map_value_at(batch->requests, i);
        if (!request->used || request->command->render == NULL)
            continue;
        int http_status = 0;
        struct text reply = request->command->render(request->command, batch->arena, &http_status);
        int64_t member = batch_subject(batch, request->command, 0);
        struct storage_value *values = table_add(&table);
        values[0] = value_integer(request_bucket(request->scope, request->key));
        values[1] = value_text(request->scope);
        values[2] = value_text(request->key);
        values[3] = value_blob(request->command->request_digest, DIGEST_SIZE);
        values[4] = value_integer(request->command->subject_count > 0 ? member : 0);
        values[5] = value_integer(http_status);
        values[6] = value_text(reply);
        values[7] = value_integer(batch->decision.now + REQUEST_KEPT_DAYS * INSTANT_DAY);
    }
    return table_send_all(batch, &table, "request", err);
}

static enum status store_counters(struct batch *batch, struct error *err)
{
    struct table inserted = {batch->arena, &query_engine_counters_insert, NULL, 0, 0};
    struct table updated = {batch->arena, &query_engine_counters_store, NULL, 0, 0};

    for (size_t i = 0; i < map_count(batch->counters); i++) {
        const struct counter *counter = map_value_at(batch->counters, i);
        if (!counter->changed)
            continue;
        struct storage_value *values = table_add(counter->fresh ? &inserted : &updated);
        values[0] = value_integer(counter_bucket(counter->id));
        values[1] = value_text(counter->id);
        values[2] = value_integer(counter->used);
        values[3] = value_integer(counter->maximum);
    }
    enum status status = table_send_all(batch, &inserted, "counter", err);
    return status == STATUS_OK ? table_send(batch, &updated, err) : status;
}

/* ---- totals, audit, rows of the features ---- */

static enum status store_totals(struct batch *batch, struct error *err)
{
    struct table ledger = {batch->arena, &query_engine_ledger_store, NULL, 0, 0};
    struct table measures = {batch->arena, &query_engine_measures_store, NULL, 0, 0};

    for (size_t i = 0; i < map_count(batch->effects->ledger_totals); i++) {
        const struct ledger_total *total = map_value_at(batch->effects->ledger_totals, i);
        struct storage_value *values = table_add(&ledger);
        values[0] = value_integer(total->bucket);
        values[1] = value_text(total->wallet);
        values[2] = value_integer(total->account);
        values[3] = value_integer(total->day);
        values[4] = value_integer(total->amount);
    }
    for (size_t i = 0; i < map_count(batch->effects->measure_totals); i++) {
        const struct measure_total *total = map_value_at(batch->effects->measure_totals, i);
        struct storage_value *values = table_add(&measures);
        values[0] = value_integer(total->bucket);
        values[1] = value_integer(total->day);
        values[2] = value_string(total->measure);
        values[3] = value_text(total->store);
        values[4] = value_integer(total->amount);
    }
    enum status status = table_send(batch, &ledger, err);
    return status == STATUS_OK ? table_send(batch, &measures, err) : status;
}

static struct storage_value optional_text(struct text text)
{
    return text.bytes == NULL ? value_null() : value_text(text);
}

static enum status store_audits(struct batch *batch, struct error *err)
{
    struct table table = {batch->arena, &query_engine_audits_store, NULL, 0, 0};

    for (size_t i = 0; i < batch->effects->audit_count; i++) {
        const struct audit_row *audit = &batch->effects->audits[i];
        struct storage_value *values = table_add(&table);
        values[0] = value_integer(id_bucket(audit->subject));
        values[1] = value_integer(audit->at);
        values[2] = value_integer(audit->id);
        values[3] = value_text(audit->actor);
        values[4] = value_string(audit->what);
        values[5] = value_integer(audit->subject);
        values[6] = optional_text(audit->before);
        values[7] = optional_text(audit->after);
    }
    return table_send(batch, &table, err);
}

/* Grouped by query, in the order in which the queries first appear. */
static enum status store_features(struct batch *batch, struct error *err)
{
    const struct effects *effects = batch->effects;
    bool *done = arena_array(batch->arena, effects->feature_row_count + 1, sizeof(bool));

    for (size_t first = 0; first < effects->feature_row_count; first++) {
        if (done[first])
            continue;
        const struct storage_query *query = effects->feature_rows[first].query;
        struct table table = {batch->arena, query, NULL, 0, 0};
        for (size_t i = first; i < effects->feature_row_count; i++) {
            if (effects->feature_rows[i].query != query)
                continue;
            done[i] = true;
            memcpy(table_add(&table), effects->feature_rows[i].values,
                   (size_t)query->parameter_count * sizeof(struct storage_value));
        }
        enum status status = STATUS_OK;
        if (query->rows)
            status = table_send(batch, &table, err);
        for (size_t i = 0; !query->rows && status == STATUS_OK && i < table.count; i++)
            status = storage_send(batch->context->session, query, table.values + i * (size_t)query->parameter_count, 1,
                                  NULL, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status batch_store(struct batch *batch, struct error *err)
{
    static enum status (*const steps[])(struct batch *, struct error *) = {store_members,  store_journal,  store_claims,
                                                                           store_requests, store_counters, store_totals,
                                                                           store_audits,   store_features, store_heads};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        enum status status = steps[i](batch, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

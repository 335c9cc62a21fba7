#include "features/finance/reading_store.h"

#include <string.h>

#include "engine/engine.h"
#include "features/finance/partner_place.h"
#include "foundation/map.h"
#include "queries.h"

enum row_kind row_kind_of(struct text kind)
{
    static const char *const kinds[] = {
        [ROW_SHARE] = "share", [ROW_TRANSFER_IN] = "transfer_in", [ROW_MIGRATION] = "migration"};

    for (int i = ROW_SHARE; i <= ROW_MIGRATION; i++)
        if (text_equals(kind, kinds[i]))
            return (enum row_kind)i;
    return text_starts_with(kind, TEXT("partner_")) ? ROW_PARTNER : ROW_OTHER;
}

/* ---- a page ---- */

struct page {
    struct finance_reading *reading;
    int bucket;
};

/* A row that says no business day has that of its recording, in UTC. */
int32_t finance_day_of(int64_t day, int64_t recorded_at)
{
    return day == DAY_NONE ? (int32_t)(recorded_at / INSTANT_DAY) : (int32_t)day;
}

static enum status receive_movement(void *context, const struct storage_row *row, struct error *err)
{
    const struct page *page = context;
    struct finance_reading *reading = page->reading;
    struct finance_raw raw = {
        .row = {.id = id_make(row_integer(row, 0), page->bucket),
                .store = finance_fold_name(reading->fold, row_text(row, 11)),
                .day = finance_day_of(row_integer(row, 9), row_integer(row, 10)),
                .kind = row_kind_of(row_text(row, 8)),
                .cause = row_integer(row, 12)},
        .line = row_integer(row, 1),
        .member = row_integer(row, 2),
        .wallet = finance_fold_name(reading->fold, row_text(row, 3)),
        .debit = (enum account)row_integer(row, 4),
        .credit = (enum account)row_integer(row, 5),
        .amount = row_integer(row, 6),
        .lot = row_integer(row, 7),
    };

    (void)err;
    if (!row_is_null(row, 15)) {
        raw.source = (struct finance_origin){.id = row_integer(row, 13),
                                             .store = finance_fold_name(reading->fold, row_text(row, 16)),
                                             .day = finance_day_of(row_integer(row, 17), row_integer(row, 14)),
                                             .kind = row_kind_of(row_text(row, 15))};
        raw.earned_day = (int32_t)(row_integer(row, 14) / INSTANT_DAY);
    }
    reading->rows =
        arena_grow(reading->page, reading->rows, &reading->capacity, reading->count + 1, sizeof *reading->rows);
    reading->rows[reading->count++] = raw;
    return STATUS_OK;
}

static enum status receive_card(void *context, const struct storage_row *row, struct error *err)
{
    const struct page *page = context;
    struct finance_reading *reading = page->reading;
    const struct finance_raw raw = {
        .row = {.id = id_make(row_integer(row, 0), page->bucket),
                .store = finance_fold_name(reading->fold, row_text(row, 7)),
                .day = finance_day_of(row_integer(row, 5), row_integer(row, 6)),
                .kind = ROW_OTHER,
                .cause = row_integer(row, 8)},
        .line = 1,
        .wallet = finance_fold_name(reading->fold, TEXT(FINANCE_GIFT_CARDS)),
        .debit = (enum account)row_integer(row, 2),
        .credit = (enum account)row_integer(row, 3),
        .amount = row_integer(row, 4),
        .lot = row_integer(row, 1),
        .card = true,
    };

    (void)err;
    reading->rows =
        arena_grow(reading->page, reading->rows, &reading->capacity, reading->count + 1, sizeof *reading->rows);
    reading->rows[reading->count++] = raw;
    return STATUS_OK;
}

enum status finance_reading_page(struct finance_reading *reading, int bucket, int64_t after, int64_t last,
                                 struct error *err)
{
    struct page page = {reading, bucket};
    const struct storage_receiver points = {.row = receive_movement, .context = &page};
    const struct storage_receiver cards = {.row = receive_card, .context = &page};
    const struct storage_value values[] = {value_integer(bucket), value_integer(after), value_integer(last)};
    enum status status = storage_run(reading->session, &query_finance_movements_after, values, 1, &points, err);

    if (status == STATUS_OK)
        status = storage_run(reading->session, &query_finance_card_movements_after, values, 1, &cards, err);
    return status == STATUS_OK ? finance_reading_money(reading, bucket, after, last, err) : status;
}

/* ---- what happened before: the redemption that is undone, the purchase that is returned ---- */

static bool is_undone(const struct finance_raw *raw)
{
    bool without_lot = raw->lot == 0 && (raw->debit == ACCOUNT_CLAWED_BACK || raw->credit == ACCOUNT_CLAWED_BACK);

    return raw->row.cause != 0 && (raw->debit == ACCOUNT_REDEEMED || without_lot);
}

struct lookup {
    struct finance_reading *reading;
    struct finance_origin *found; /* by slot */
};

static enum status receive_place(void *context, const struct storage_row *row, struct error *err)
{
    const struct lookup *lookup = context;
    struct finance_origin *found = &lookup->found[row_integer(row, 0)];

    (void)err;
    found->kind = row_kind_of(row_text(row, 1));
    found->store = finance_fold_name(lookup->reading->fold, row_text(row, 2));
    found->cause = row_integer(row, 3);
    found->day = finance_day_of(row_integer(row, 4), 0);
    return STATUS_OK;
}

/* Fills in the rows of the journal whose ids stand in `found`; those of id 0 stay. */
static enum status read_places(struct finance_reading *reading, struct finance_origin *found, size_t count,
                               struct error *err)
{
    struct lookup lookup = {reading, found};
    const struct storage_receiver receiver = {.row = receive_place, .context = &lookup};
    struct storage_value *values = arena_array(reading->page, count * 3 + 1, sizeof *values);
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        if (found[i].id == 0)
            continue;
        values[used * 3] = value_integer((int64_t)i);
        values[used * 3 + 1] = value_integer(id_bucket(found[i].id));
        values[used++ * 3 + 2] = value_integer(id_seq(found[i].id));
    }
    return storage_run(reading->session, &query_finance_journal_places, values, used, &receiver, err);
}

/* Who sold the gift cards of the rows in hand. */
static enum status find_sellers(struct finance_reading *reading, struct error *err)
{
    struct finance_origin *sellers = arena_array(reading->page, reading->count + 1, sizeof *sellers);

    for (size_t i = 0; i < reading->count; i++)
        if (reading->rows[i].card)
            sellers[i].id = reading->rows[i].lot;
    enum status status = read_places(reading, sellers, reading->count, err);
    for (size_t i = 0; i < reading->count; i++)
        if (reading->rows[i].card)
            reading->rows[i].source = sellers[i];
    return status;
}

/*
 * `undone[i]` is where the i-th row that undoes something says that it happened: its cause, or, of another member's share in
 * an undoing, the cause of what it has a share in.
 */
static enum status find_undone(struct finance_reading *reading, struct finance_origin *undone, struct error *err)
{
    struct finance_origin *primaries = arena_array(reading->page, reading->count + 1, sizeof *primaries);

    for (size_t i = 0; i < reading->count; i++)
        if (is_undone(&reading->rows[i]) && reading->rows[i].row.kind == ROW_SHARE)
            primaries[i].id = reading->rows[i].row.cause;
    enum status status = read_places(reading, primaries, reading->count, err);
    for (size_t i = 0; i < reading->count; i++)
        if (is_undone(&reading->rows[i]))
            undone[i].id =
                primaries[i].id == 0 || primaries[i].cause == 0 ? reading->rows[i].row.cause : primaries[i].cause;
    return status == STATUS_OK ? read_places(reading, undone, reading->count, err) : status;
}

/* ---- posting ---- */

static int entity_of(struct finance_reading *reading, const struct finance_origin *origin)
{
    const struct finance_state *state = reading->state;
    size_t epoch = finance_epoch_of(state->epochs, state->epoch_count, origin->id);

    /* A partner is an entity, whatever the tree says; a share is one of the row that it follows. */
    if ((origin->kind == ROW_PARTNER || origin->kind == ROW_SHARE) &&
        partner_place_is(finance_fold_text(reading->fold, origin->store)))
        return origin->store;

    return finance_fold_name(reading->fold, finance_tree_entity(&state->epochs[epoch].tree,
                                                                finance_fold_text(reading->fold, origin->store)));
}

static enum status issuer_of(struct finance_reading *reading, const struct finance_raw *raw,
                             const struct finance_origin *undone, struct finance_origin *out, struct error *err)
{
    bool transferred = raw->lot != 0 ? raw->source.kind == ROW_TRANSFER_IN
                                     : raw->row.kind == ROW_TRANSFER_IN && raw->debit == ACCOUNT_TRANSIT;

    *out = raw->row;
    if (transferred)
        return finance_transfer_origin(reading, raw, out, err);
    if (raw->lot != 0 && raw->source.id != 0)
        *out = raw->source;
    else if (raw->lot == 0 && undone->id != 0 && raw->debit != ACCOUNT_REDEEMED)
        *out = *undone;
    return STATUS_OK;
}

enum status finance_reading_debts(const struct finance_reading *reading, const struct finance_raw *raw,
                                  struct finance_reading *out, struct error *err)
{
    *out = (struct finance_reading){.session = reading->session,
                                    .state = reading->state,
                                    .fold = reading->fold,
                                    .page = reading->page,
                                    .transfers = reading->transfers};
    struct page page = {out, id_bucket(raw->row.id)};
    const struct storage_receiver receiver = {.row = receive_movement, .context = &page};
    const struct storage_value values[] = {value_integer(page.bucket), value_integer(raw->member),
                                           value_text(finance_fold_text(reading->fold, raw->wallet)),
                                           value_integer(id_seq(raw->row.id)), value_integer(raw->line)};

    return storage_run(reading->session, &query_finance_debts, values, 1, &receiver, err);
}

enum status finance_reading_issuers(struct finance_reading *reading, int *out, struct error *err)
{
    struct finance_origin *undone = arena_array(reading->page, reading->count + 1, sizeof *undone);
    enum status status = find_undone(reading, undone, err);

    for (size_t i = 0; i < reading->count && status == STATUS_OK; i++) {
        struct finance_origin issuer;
        status = issuer_of(reading, &reading->rows[i], &undone[i], &issuer, err);
        if (status == STATUS_OK)
            out[i] = entity_of(reading, &issuer);
    }
    return status;
}

static enum status add(struct finance_reading *reading, const struct finance_movement *movement, struct error *err)
{
    if (finance_fold_add(reading->fold, movement))
        return STATUS_OK;
    return error_set(err, STATUS_LIMIT, "points.range", "", "the sum of the points would be out of range");
}

/* What pays debts, debt by debt. What gives up a debt is of the entity whose debt it was. */
static enum status post_payment(struct finance_reading *reading, const struct finance_raw *raw,
                                struct finance_movement movement, struct error *err)
{
    struct finance_debt *debts;
    size_t count;
    enum status status = finance_debts_paid(reading, raw, &debts, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        movement.amount = debts[i].amount;
        movement.debtor = debts[i].entity >= 0 ? debts[i].entity : movement.issuer;
        if (raw->debit == ACCOUNT_WRITTEN_OFF)
            movement.issuer = movement.debtor;
        status = add(reading, &movement, err);
    }
    return status;
}

static enum status post(struct finance_reading *reading, const struct finance_raw *raw,
                        const struct finance_origin *undone, struct error *err)
{
    const struct finance_state *state = reading->state;
    int32_t own = month_of_day(raw->row.day);
    int32_t month = finance_month_of(state->closes, state->close_count, raw->row.id, raw->row.day);
    bool given_back = raw->debit == ACCOUNT_REDEEMED && undone->id != 0;
    struct finance_origin issuer;
    enum status status = issuer_of(reading, raw, undone, &issuer, err);

    if (status != STATUS_OK)
        return status;
    const struct finance_movement movement = {
        .month = month,
        .late_for = month == own ? 0 : own,
        .vintage = raw->lot == 0 ? 0 : month_of_day(issuer.kind == ROW_MIGRATION ? raw->earned_day : issuer.day),
        .wallet = raw->wallet,
        .issuer = entity_of(reading, &issuer),
        .redeemer = entity_of(reading, given_back ? undone : &raw->row),
        .debit = raw->debit,
        .credit = raw->credit,
        .amount = raw->amount,
    };
    reading->movements++;
    if (raw->credit == ACCOUNT_DEBT)
        return post_payment(reading, raw, movement, err);
    return add(reading, &movement, err);
}

enum status finance_reading_post(struct finance_reading *reading, struct error *err)
{
    struct finance_origin *undone = arena_array(reading->page, reading->count + 1, sizeof *undone);
    enum status status = find_undone(reading, undone, err);

    if (status == STATUS_OK)
        status = find_sellers(reading, err);
    reading->transfers = map_new(reading->page, 16);
    for (size_t i = 0; i < reading->count && status == STATUS_OK; i++)
        status = post(reading, &reading->rows[i], &undone[i], err);
    arena_reset(reading->page);
    reading->transfers = NULL;
    reading->rows = NULL;
    reading->count = reading->capacity = 0;
    return status;
}

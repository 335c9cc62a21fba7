/* Points taken over, lot by lot. */
#include <assert.h>
#include <string.h>

#include "features/exchange/import_taken.h"
#include "features/exchange/value.h"

static const struct wallet_policy *wallet_of(const struct programme *programme, struct text code)
{
    if (code.size > 0)
        return programme_wallet(programme, code);
    for (size_t i = 0; i < programme->wallet_count; i++)
        if (programme->wallets[i].spendable)
            return &programme->wallets[i];
    return &programme->wallets[0];
}

static enum status read_points(const struct import_rules *rules, const struct import_row *row, int64_t *points,
                               struct error *err)
{
    enum status status = row->values[IMPORT_POINTS].size == 0
                             ? error_set(err, STATUS_INVALID, "import.number", "points", "the row has no points")
                             : number_parse(row->values[IMPORT_POINTS], rules->mapping->decimal_comma, 0, points, err);

    if (status != STATUS_OK && err != NULL)
        strcpy(err->field, "points");
    return status;
}

/* What the row says, whenever it is read: what is absent is 0. */
static int64_t digest_of(struct arena *arena, const struct import_row *row, const struct taken_lot *lot)
{
    struct builder says = {.arena = arena};

    builder_format(&says, "%.*s\n%lld\n%.*s", (int)lot->wallet.size, lot->wallet.bytes, (long long)lot->stated,
                   (int)lot->store.size, lot->store.bytes);
    builder_format(&says, "\n%lld\n%lld\n%lld", row->values[IMPORT_EARNED].size > 0 ? (long long)lot->earned_at : 0,
                   row->values[IMPORT_ACTIVE].size > 0 ? (long long)lot->active_at : 0,
                   row->values[IMPORT_EXPIRES].size > 0 ? (long long)lot->expires_at : 0);
    return takeover_digest(builder_done(&says));
}

static enum status read_times(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                              const struct wallet_policy *policy, struct taken_lot *lot, struct error *err)
{
    enum status status =
        taken_instant(rules, arena, row, (struct taken_moment){IMPORT_EARNED, rules->now}, &lot->earned_at, err);

    if (status == STATUS_OK)
        status = taken_instant(rules, arena, row, (struct taken_moment){IMPORT_ACTIVE, lot->earned_at}, &lot->active_at,
                               err);
    if (status != STATUS_OK)
        return status;
    if (lot->earned_at > rules->now + EVENT_AHEAD_MAX)
        return error_set(err, STATUS_INVALID, "event.in_future", "earned_at", "the points were earned in the future");
    int64_t by_rule = wallet_expiry(policy, rules->programme->zone, lot->earned_at, lot->earned_at);
    return taken_end(rules, arena, row, (struct taken_moment){IMPORT_EXPIRES, by_rule}, &lot->expires_at, err);
}

enum status import_lot_read(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                            struct import_lot *out, struct error *err)
{
    struct taken_lot *lot = &out->lot;

    *out = (struct import_lot){.line = row->line, .lot.expires_at = INSTANT_NEVER};
    enum status status = read_points(rules, row, &lot->stated, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_STORE, CODE_SIZE_MAX, &lot->store, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_WALLET, CODE_SIZE_MAX, &lot->wallet, err);
    if (status != STATUS_OK)
        return status;
    const struct wallet_policy *policy = wallet_of(rules->programme, lot->wallet);
    if (policy == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)lot->wallet.size, lot->wallet.bytes);
    lot->wallet = text_copy(arena, policy->code);
    status = taken_id(arena, row, &lot->id, err);
    if (status == STATUS_OK)
        status = read_times(rules, arena, row, policy, lot, err);
    if (status != STATUS_OK)
        return status;
    out->digest = digest_of(arena, row, lot);
    if (lot->stated < 0) /* what is owed does not end */
        lot->expires_at = INSTANT_NEVER;
    lot->points = lot->stated;
    out->over = lot->expires_at <= rules->now;
    return STATUS_OK;
}

enum status import_balances_build(const struct import_rules *rules, struct arena *arena, const struct import_lots *lots,
                                  struct command *out, struct error *err)
{
    struct take_balances *body = arena_alloc(arena, sizeof *body);
    struct taken_lot *taken = arena_array(arena, lots->count + 1, sizeof *taken);
    bool debts = false;

    assert(lots->count <= TAKEOVER_ROWS_MAX);
    for (size_t i = 0; i < lots->count; i++)
        debts |= lots->lots[i].lot.points < 0;
    const struct taken_start start = {.type = debts ? &take_debts_type : &take_balances_type,
                                      .takeover = &body->takeover,
                                      .row_count = lots->count + 1,
                                      .needed = true};
    enum status status = taken_start(rules, arena, lots->row, &start, out, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < lots->count; i++) {
        taken[i] = lots->lots[i].lot;
        taken[i].id = text_copy(arena, taken[i].id);
        taken[i].wallet = text_copy(arena, taken[i].wallet);
        taken[i].store = text_copy(arena, taken[i].store);
        taken_row(arena, out, "balances", taken[i].id,
                  &(struct takeover_row){.digest = lots->lots[i].digest, .line = lots->lots[i].line});
    }
    body->lots = taken;
    return STATUS_OK;
}

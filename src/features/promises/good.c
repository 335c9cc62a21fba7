#include "features/promises/good.h"

#include "features/coupons/coupons_rows.h"
#include "features/reactions/award.h"

const char *const good_kinds[] = {"none", "points", "voucher", NULL};

bool good_keys_name(struct good_keys *keys, struct command *command, struct arena *arena)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->uses[i].key.size > 0 && !coupons_name(command, arena, &keys->uses[i], 1))
            return false;
    return true;
}

/* ---- points ---- */

enum status good_points_for(const struct decision *decision, const struct promise_means *means, int64_t minor,
                            int64_t *points, struct error *err)
{
    const struct wallet_policy *policy =
        means->wallet.size > 0 ? programme_wallet(programme_at(decision->programmes, decision->now), means->wallet)
                               : NULL;

    if (policy == NULL || !wallet_points_for(policy, minor, points))
        return error_set(err, STATUS_CONFLICT, "promise.wallet", "give",
                         "no points account says what its points are worth");
    return STATUS_OK;
}

enum status good_give_points(const struct good_giving *giving, struct text wallet, int64_t points, int64_t cost,
                             struct good *out, struct error *err)
{
    const struct award award = {
        .kind = giving->row_kind, .wallet = wallet, .points = points, .cause = giving->cause, .facts = giving->facts};
    struct journal_row *row;

    if (!award_possible(giving->decision, wallet))
        return error_set(err, STATUS_CONFLICT, "promise.wallet", "wallet", "there is no points account '%.*s'",
                         (int)wallet.size, wallet.bytes);
    enum status status = award_give(giving->decision, giving->person, &award, &row, err);
    if (status == STATUS_OK)
        *out = (struct good){.kind = GOOD_POINTS, .wallet = wallet, .points = points, .cost = cost, .row = row->id};
    return status;
}

enum status good_give_worth(const struct good_giving *giving, int64_t minor, struct good *out, struct error *err)
{
    int64_t points;
    enum status status = good_points_for(giving->decision, giving->means, minor, &points, err);

    return status == STATUS_OK ? good_give_points(giving, giving->means->wallet, points, minor, out, err) : status;
}

/* ---- vouchers ---- */

static enum status no_voucher(struct error *err)
{
    return error_set(err, STATUS_CONFLICT, "promise.voucher", "give", "there is no voucher now that is worth so much");
}

static enum status find_voucher(const struct good_giving *giving, int64_t minor, const struct promise_voucher **out,
                                const struct coupon_use **use, struct error *err)
{
    const struct promise_voucher *voucher = promise_voucher_for(giving->means, minor);

    if (voucher == NULL)
        return no_voucher(err);
    size_t index = (size_t)(voucher - giving->means->vouchers);
    if (index >= giving->keys->count || !text_equal(giving->keys->uses[index].series, voucher->series))
        return error_set(err, STATUS_BUSY, "programme.changed", "", "the programme was changed meanwhile: ask again");
    if (giving->keys->uses[index].key.size == 0)
        return no_voucher(err);
    *out = voucher;
    *use = &giving->keys->uses[index];
    return STATUS_OK;
}

enum status good_give_voucher(const struct good_giving *giving, int64_t minor, struct good *out, struct error *err)
{
    struct decision *decision = giving->decision;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct promise_voucher *voucher = NULL;
    const struct coupon_use *use = NULL;
    bool current = false;
    enum status status = find_voucher(giving, minor, &voucher, &use, err);

    if (status != STATUS_OK)
        return status;
    const struct coupon_series *series =
        coupon_series_find(decision->programmes, voucher->series, decision->now, &current);
    if (series == NULL || !current || series->codes != COUPON_UNIQUE)
        return no_voucher(err);
    struct journal_row *row = journal_add(decision, giving->person->member, 0, giving->row_kind, decision->now);
    row->day = zone_day(programme->zone, decision->now);
    row->cause = giving->cause;
    row->facts = giving->facts;
    const struct coupon_code code = {.key = use->key,
                                     .series = series->code,
                                     .issued_at = decision->now,
                                     .valid_from = INT64_MIN,
                                     .valid_until = coupon_valid_until(series, programme->zone, decision->now),
                                     .owner = giving->person->member->id};
    struct counter *counter = decision->counters[use->counter];
    counter->maximum = code.owner;
    counter->changed = true;
    store_coupon_code(decision, &code);
    store_coupon_owner(decision, code.owner, &code, row->id);
    *out = (struct good){
        .kind = GOOD_VOUCHER, .series = series->code, .key = use->key, .cost = voucher->value, .row = row->id};
    return STATUS_OK;
}

bool good_void_voucher(struct decision *decision, const struct coupon_use *use)
{
    if (use->counter < 0 || !use->found)
        return false;
    struct counter *counter = decision->counters[use->counter];
    if (counter->used > 0)
        return false;
    counter->maximum = -1;
    counter->changed = true;
    store_coupon_code(decision, &(struct coupon_code){.key = use->key,
                                                      .series = use->series,
                                                      .issued_at = use->issued_at,
                                                      .valid_from = use->valid_from,
                                                      .valid_until = use->valid_until,
                                                      .owner = use->owner,
                                                      .voided_at = decision->now});
    return true;
}

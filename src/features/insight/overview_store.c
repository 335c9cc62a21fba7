/* Sums of the days of measures and of the ledger, over all buckets. */
#include "features/insight/insight_store.h"
#include "features/points/points_store.h"
#include "queries.h"
#include "storage/storage.h"

struct sums {
    struct arena *arena;
    const struct programme *programme;
    const struct overview_period *period;
    struct overview_sums *out;
    size_t wallet_capacity;
};

static struct day_measures *day_at(struct sums *sums, int64_t day)
{
    if (day < sums->period->first || day > sums->period->last)
        return NULL;
    return &sums->out->days[day - sums->period->first];
}

static bool sees_store(const struct overview_period *period, struct text store)
{
    return period->part->sees(period->part->context, store);
}

static enum status receive_measure(void *context, const struct storage_row *row, struct error *err)
{
    struct sums *sums = context;
    struct day_measures *day = day_at(sums, row_integer(row, 0));
    struct text measure = row_text(row, 1);
    int64_t amount = row_integer(row, 2);

    (void)err;
    if (day == NULL || (sums->period->part != NULL && !sees_store(sums->period, row_text(row, 3))))
        return STATUS_OK;
    if (text_equals(measure, "sales"))
        day->sales += amount;
    else if (text_equals(measure, "purchases"))
        day->purchases += amount;
    else if (text_equals(measure, "returned"))
        day->returned += amount;
    else if (text_equals(measure, "visits"))
        day->visits += amount;
    else if (text_equals(measure, "members_registered"))
        day->members_registered += amount;
    return STATUS_OK;
}

static struct wallet_totals *wallet_at(struct sums *sums, struct text code)
{
    struct overview_sums *out = sums->out;

    for (size_t i = 0; i < out->wallet_count; i++)
        if (text_equal(out->wallets[i].wallet, code))
            return &out->wallets[i];
    out->wallets =
        arena_grow(sums->arena, out->wallets, &sums->wallet_capacity, out->wallet_count + 1, sizeof *out->wallets);
    out->wallets[out->wallet_count] = (struct wallet_totals){.wallet = text_copy(sums->arena, code)};
    return &out->wallets[out->wallet_count++];
}

/* What leaves "issued" enters members, so its sum falls; debts are below zero. */
static void add_period(struct wallet_totals *wallet, struct day_measures *day, enum account account, int64_t amount)
{
    switch (account) {
    case ACCOUNT_ISSUED:
        wallet->issued -= amount;
        if (day != NULL)
            day->issued -= amount;
        break;
    case ACCOUNT_REDEEMED:
        wallet->redeemed += amount;
        if (day != NULL)
            day->redeemed += amount;
        break;
    case ACCOUNT_EXPIRED:
        wallet->expired += amount;
        if (day != NULL)
            day->expired += amount;
        break;
    case ACCOUNT_CLAWED_BACK:
        wallet->clawed_back += amount;
        break;
    case ACCOUNT_WRITTEN_OFF:
        wallet->written_off -= amount;
        break;
    case ACCOUNT_ADJUSTED:
        wallet->adjusted -= amount;
        break;
    case ACCOUNT_ACTIVE:
    case ACCOUNT_PENDING:
    case ACCOUNT_HELD:
    case ACCOUNT_DEBT:
    case ACCOUNT_TRANSIT:
    case ACCOUNT_PAID_IN: /* money, no points */
    case ACCOUNT_PAID_OUT:
    case ACCOUNT_TAKEN_OVER:
        break;
    }
}

static void add_ledger(void *context, const struct ledger_sum *sum)
{
    struct sums *sums = context;
    struct wallet_totals *wallet = wallet_at(sums, sum->wallet);
    const struct wallet_policy *policy = programme_wallet(sums->programme, wallet->wallet);
    enum account account = sum->account;
    struct day_measures *day = day_at(sums, sum->day);
    int64_t amount = sum->amount;

    if (account == ACCOUNT_ACTIVE || account == ACCOUNT_PENDING || account == ACCOUNT_HELD)
        wallet->outstanding += amount;
    else if (account == ACCOUNT_DEBT)
        wallet->debt -= amount;
    if (sum->day >= sums->period->first)
        add_period(wallet, policy != NULL && policy->spendable ? day : NULL, account, amount);
}

static enum status receive_ledger(void *context, const struct storage_row *row, struct error *err)
{
    const struct ledger_sum sum = {row_text(row, 0), (enum account)row_integer(row, 1), (int32_t)row_integer(row, 2),
                                   row_integer(row, 3)};

    (void)err;
    add_ledger(context, &sum);
    return STATUS_OK;
}

/* What the days and the ledger have of a part. */
static enum status part_sums(struct storage_session *session, struct sums *sums, struct error *err)
{
    const struct overview_period *period = sums->period;
    const struct storage_receiver measures = {.row = receive_measure, .context = sums};
    const struct storage_value values[] = {value_integer(period->first), value_integer(period->last)};
    const struct ledger_part ledger = {.sees = period->part->sees,
                                       .sees_context = period->part->context,
                                       .each = add_ledger,
                                       .context = sums,
                                       .last = period->last};
    enum status status = storage_run(session, &query_insight_measures_of_stores, values, 1, &measures, err);

    return status == STATUS_OK ? ledger_part_stream(session, &ledger, err) : status;
}

enum status overview_sums(struct storage_session *session, struct arena *arena, const struct programme *programme,
                          const struct overview_period *period, struct overview_sums *out, struct error *err)
{
    struct sums sums = {.arena = arena, .programme = programme, .period = period, .out = out};
    const struct storage_receiver measures = {.row = receive_measure, .context = &sums};
    const struct storage_receiver ledger = {.row = receive_ledger, .context = &sums};
    struct storage_value measure_rows[BUCKET_COUNT * 4], ledger_rows[BUCKET_COUNT * 2];

    *out = (struct overview_sums){.day_count = (size_t)(period->last - period->first) + 1};
    out->days = arena_array(arena, out->day_count, sizeof *out->days);
    for (size_t i = 0; i < out->day_count; i++)
        out->days[i].day = period->first + (int32_t)i;
    if (period->part != NULL)
        return part_sums(session, &sums, err);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        measure_rows[bucket * 4] = value_integer(bucket);
        measure_rows[bucket * 4 + 1] = value_integer(period->first);
        measure_rows[bucket * 4 + 2] = value_integer(period->last);
        measure_rows[bucket * 4 + 3] = value_text(period->store.size > 0 ? period->store : TEXT(""));
        ledger_rows[bucket * 2] = value_integer(bucket);
        ledger_rows[bucket * 2 + 1] = value_integer(period->last);
    }
    enum status status = storage_run(session, &query_insight_measures, measure_rows, BUCKET_COUNT, &measures, err);
    return status == STATUS_OK ? storage_run(session, &query_insight_ledger, ledger_rows, BUCKET_COUNT, &ledger, err)
                               : status;
}

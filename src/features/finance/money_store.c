/* Rows of the journal that say what is owed or was paid in money, as sums. */
#include "features/finance/reading_store.h"
#include "features/redemption/fraud_facts.h"
#include "queries.h"

static const struct {
    const char *kind; /* of the row */
    enum finance_money money;
    bool of_partner; /* its store is the partner, and its facts name the statement */
} kinds[] = {
    {"contract_due", MONEY_DUE, false},        {"contract_correction", MONEY_DUE, false},
    {"contract_collected", MONEY_PAID, false}, {"contract_waived", MONEY_WAIVED, false},
    {"partner_payment", MONEY_PAID, true},
};

struct money_page {
    struct finance_reading *reading;
    int bucket;
};

static enum status receive_money(void *context, const struct storage_row *row, struct error *err)
{
    const struct money_page *page = context;
    const struct finance_state *state = page->reading->state;
    struct text kind = row_text(row, 1);
    int32_t day = finance_day_of(row_integer(row, 3), row_integer(row, 4)), own = month_of_day(day);
    size_t at = 0;

    while (at < sizeof kinds / sizeof kinds[0] && !text_equals(kind, kinds[at].kind))
        at++;
    if (at == sizeof kinds / sizeof kinds[0])
        return STATUS_OK;
    struct finance_sum sum = {
        .kind = SUM_MONEY,
        .month = finance_month_of(state->closes, state->close_count, id_make(row_integer(row, 0), page->bucket), day),
        .entry = (enum finance_entry)(int)kinds[at].money,
        .amount = row_integer(row, 5)};
    sum.other_month = sum.month == own ? 0 : own;
    if (kinds[at].of_partner) {
        sum.entity = row_text(row, 2);
        sum.wallet = fact_find(page->reading->page, row_text(row, 6), "currency");
        sum.counterparty = fact_find(page->reading->page, row_text(row, 6), "month");
    }
    if (finance_fold_add_sum(page->reading->fold, &sum))
        return STATUS_OK;
    return error_set(err, STATUS_LIMIT, "points.range", "", "the sum of the money would be out of range");
}

enum status finance_reading_money(struct finance_reading *reading, int bucket, int64_t after, int64_t last,
                                  struct error *err)
{
    struct money_page page = {reading, bucket};
    const struct storage_receiver receiver = {.row = receive_money, .context = &page};
    const struct storage_value values[] = {value_integer(bucket), value_integer(after), value_integer(last)};

    return storage_run(reading->session, &query_finance_money_after, values, 1, &receiver, err);
}

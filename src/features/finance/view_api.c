#include "features/finance/view_api.h"

#include <stdlib.h>

#include "api/audit.h"
#include "foundation/encoding.h"

enum status finance_view_open(struct finance_view *view, struct error *err)
{
    enum status status = finance_state_load(view->session, view->arena, &view->state, err);

    return status == STATUS_OK ? finance_settings_read(view->session, view->arena, &view->settings, err) : status;
}

int32_t finance_view_this_month(const struct finance_view *view)
{
    return month_of_day(zone_day(programme_at(view->programmes, view->now)->zone, view->now));
}

const struct finance_close *finance_view_close(const struct finance_view *view, int32_t month)
{
    for (size_t i = 0; i < view->state.close_count; i++)
        if (view->state.closes[i].month == month)
            return &view->state.closes[i];
    return NULL;
}

bool finance_view_is_closed(const struct finance_view *view, int32_t month)
{
    return view->state.close_count > 0 && month <= view->state.closes[view->state.close_count - 1].month;
}

const struct finance_rates *finance_view_rates(struct finance_view *view, int32_t month)
{
    struct finance_rates *rates = arena_alloc(view->arena, sizeof *rates);
    const struct finance_close *close = finance_view_close(view, month);

    if (close == NULL && finance_view_is_closed(view, month))
        close = &view->state.closes[0]; /* closed with the first one */
    if (close == NULL || !finance_rates_parse(close->rates, rates))
        finance_rates_build(view->programmes, month, view->settings.agreed, view->settings.agreed_count, rates);
    return rates;
}

enum status finance_month_read(struct text text, int32_t fallback, const char *field, int32_t *out, struct error *err)
{
    *out = fallback;
    if (text.size == 0 || month_parse(text, out))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "finance.month", field, "a month is a text such as 2026-09");
}

static bool is_seen(const struct finance_view *view, struct text entity)
{
    return view->sees == NULL || view->sees(view->context, entity);
}

static bool is_wanted(const struct finance_view *view, const struct finance_sum *sum)
{
    bool of_entity = view->entity.size == 0 || text_equal(sum->entity, view->entity) ||
                     (sum->kind == SUM_SETTLEMENT && text_equal(sum->counterparty, view->entity));
    bool seen = is_seen(view, sum->entity) || (sum->kind == SUM_SETTLEMENT && is_seen(view, sum->counterparty));

    return of_entity && seen && (view->wallet.size == 0 || text_equal(sum->wallet, view->wallet));
}

/* The sums that are wanted and seen. */
static enum status read_sums(struct finance_view *view, enum finance_kind kind, const struct finance_range *range,
                             struct finance_sums *out, struct error *err)
{
    enum status status = finance_sums_read(view->session, view->arena, kind, range, out, err);
    size_t used = 0;

    for (size_t i = 0; status == STATUS_OK && i < out->count; i++)
        if (is_wanted(view, &out->items[i]))
            out->items[used++] = out->items[i];
    out->count = used;
    return status;
}

enum status finance_view_lines(struct finance_view *view, const struct finance_range *range, struct finance_lines *out,
                               struct error *err)
{
    const struct finance_range all = {0, range->to};
    struct finance_range asked = *range;
    struct finance_sums sums;
    enum status status = read_sums(view, SUM_MONTH, &all, &sums, err);

    *out = (struct finance_lines){NULL, 0};
    if (status != STATUS_OK)
        return status;
    int32_t first = finance_first_month(&sums);
    if (first == 0)
        return STATUS_OK;
    if (asked.from < first)
        asked.from = first;
    return finance_lines_build(view->arena, &sums, &asked, &out->items, &out->count, err);
}

enum status finance_view_settlements(struct finance_view *view, const struct finance_range *range,
                                     struct finance_settlements *out, struct error *err)
{
    const struct finance_rates *rates = NULL;
    struct finance_sums sums;
    enum status status = read_sums(view, SUM_SETTLEMENT, range, &sums, err);

    *out = (struct finance_settlements){.count = 0};
    for (size_t i = 0; status == STATUS_OK && i < sums.count; i++) {
        const struct finance_sum *sum = &sums.items[i];
        if (rates == NULL || sum->month != out->items[out->count - 1].month)
            rates = finance_view_rates(view, sum->month);
        out->items = arena_grow(view->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] =
            (struct finance_settlement){.month = sum->month,
                                        .issuer = sum->entity,
                                        .redeemer = sum->counterparty,
                                        .wallet = sum->wallet,
                                        .entry = sum->entry,
                                        .points = sum->amount,
                                        .minor = finance_settlement_value(rates, sum->wallet, sum->amount)};
    }
    if (status == STATUS_OK)
        out->net = finance_net(view->arena, out->items, out->count, &out->net_count);
    return status;
}

/* What the value of an opening is: that of the month before; of the first closed months that of their close. */
enum status finance_view_postings(struct finance_view *view, const struct finance_range *range,
                                  struct finance_postings *out, struct error *err)
{
    struct finance_settlements settlements;
    const struct finance_rates *rates = NULL, *before = NULL;
    struct finance_lines lines;
    int32_t month = 0;
    enum status status = finance_view_lines(view, range, &lines, err);

    *out = (struct finance_postings){.arena = view->arena};
    if (status == STATUS_OK)
        status = finance_view_settlements(view, range, &settlements, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < lines.count; i++) {
        if (lines.items[i].month != month) {
            month = lines.items[i].month;
            rates = finance_view_rates(view, month);
            before = finance_view_rates(view, month - 1);
        }
        finance_post_line(out, &lines.items[i], rates, before);
    }
    for (size_t i = 0; i < settlements.count; i++)
        finance_post_settlement(out, &settlements.items[i]);
    /* A side that is not seen is left out; each side balances by itself. */
    size_t used = 0;
    for (size_t i = 0; i < out->count; i++)
        if (is_seen(view, out->items[i].entity) &&
            (view->entity.size == 0 || text_equal(out->items[i].entity, view->entity)))
            out->items[used++] = out->items[i];
    out->count = used;
    return STATUS_OK;
}

/* ---- vintages ---- */

static struct finance_entity_breakage *entity_of(struct finance_view *view, struct finance_vintages *vintages,
                                                 size_t *capacity, struct text entity)
{
    for (size_t i = 0; i < vintages->entity_count; i++)
        if (text_equal(vintages->entities[i].entity, entity))
            return &vintages->entities[i];
    vintages->entities =
        arena_grow(view->arena, vintages->entities, capacity, vintages->entity_count + 1, sizeof *vintages->entities);
    struct finance_entity_breakage *added = &vintages->entities[vintages->entity_count++];
    *added = (struct finance_entity_breakage){.entity = entity};
    return added;
}

static const struct finance_vintage *vintage_of(const struct finance_breakage *breakage, int32_t month)
{
    if (breakage->count == 0)
        return NULL;
    int32_t index = month - breakage->vintages[0].month;
    int32_t last = (int32_t)breakage->count - 1;

    return &breakage->vintages[index < 0 ? 0 : index > last ? last : index];
}

static int compare_entities(const void *a, const void *b)
{
    return text_compare(((const struct finance_entity_breakage *)a)->entity,
                        ((const struct finance_entity_breakage *)b)->entity);
}

enum status finance_view_vintages(struct finance_view *view, int32_t as_of, struct finance_vintages *out,
                                  struct error *err)
{
    const struct finance_range range = {0, as_of};
    struct finance_sums sums;
    size_t capacity = 0;
    enum status status = read_sums(view, SUM_VINTAGE, &range, &sums, err);

    *out = (struct finance_vintages){.rates = finance_view_rates(view, as_of)};
    if (status != STATUS_OK)
        return status;
    out->breakage = finance_breakage_estimate(view->arena, sums.items, sums.count, as_of);
    for (size_t i = 0; i < sums.count; i++) {
        struct finance_entity_breakage *entity = entity_of(view, out, &capacity, sums.items[i].entity);
        const struct finance_vintage *vintage = vintage_of(out->breakage, sums.items[i].other_month);
        entity->outstanding += sums.items[i].amount;
        if (vintage != NULL && vintage->outstanding > 0)
            entity->expected += (double)sums.items[i].amount * vintage->expected / (double)vintage->outstanding;
    }
    if (out->entity_count > 1)
        qsort(out->entities, out->entity_count, sizeof *out->entities, compare_entities);
    return STATUS_OK;
}

/* ---- as files ---- */

static struct text integer_text(struct arena *arena, int64_t value)
{
    return text_from(arena_format(arena, "%lld", (long long)value));
}

static struct text money_text(struct arena *arena, int64_t minor, const char *currency)
{
    char text[MONEY_TEXT_SIZE];

    return text_from(arena_format(arena, "%s", money_format(minor, currency_exponent(text_from(currency)), text)));
}

static struct text month_text(struct arena *arena, int32_t month)
{
    char text[MONTH_TEXT_SIZE];

    return text_from(arena_format(arena, "%s", month_format(month, text)));
}

static enum status write_settlement_rows(struct finance_view *view, const struct finance_settlements *settlements,
                                         struct table *table, struct error *err)
{
    const char *currency = programme_at(view->programmes, view->now)->currency;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < settlements->count && status == STATUS_OK; i++) {
        const struct finance_settlement *line = &settlements->items[i];
        const struct text fields[] = {TEXT("line"),
                                      month_text(view->arena, line->month),
                                      line->issuer,
                                      line->redeemer,
                                      line->wallet,
                                      integer_text(view->arena, line->points),
                                      money_text(view->arena, line->minor, currency),
                                      text_from(currency)};
        status = table_row(table, fields, err);
    }
    for (size_t i = 0; i < settlements->net_count && status == STATUS_OK; i++) {
        const struct finance_balance *net = &settlements->net[i];
        const struct text fields[] = {
            TEXT("net"), month_text(view->arena, net->month),           net->debtor,        net->creditor, TEXT(""),
            TEXT(""),    money_text(view->arena, net->minor, currency), text_from(currency)};
        status = table_row(table, fields, err);
    }
    return status;
}

static enum status finish_table(struct table *table, enum status status, struct error *err)
{
    if (status == STATUS_OK)
        return table_close(table, err);
    table_abandon(table);
    return status;
}

enum status finance_settlements_write(struct finance_view *view, const struct finance_settlements *settlements,
                                      const struct table_options *options, struct error *err)
{
    static const struct table_column columns[] = {{"kind", false},  {"month", false},   {"owing", false},
                                                  {"owed", false},  {"wallet", false},  {"points", true},
                                                  {"amount", true}, {"currency", false}};
    struct table *table;
    enum status status = table_open(options, columns, sizeof columns / sizeof columns[0], &table, err);

    if (status != STATUS_OK)
        return status;
    return finish_table(table, write_settlement_rows(view, settlements, table, err), err);
}

static struct text optional_money(struct arena *arena, int64_t minor, const char *currency)
{
    return minor == 0 ? TEXT("") : money_text(arena, minor, currency);
}

enum status finance_postings_write(struct finance_view *view, const struct finance_postings *postings,
                                   const struct table_options *options, struct error *err)
{
    static const struct table_column columns[] = {{"date", false},    {"month", false},    {"entity", false},
                                                  {"account", false}, {"name", false},     {"debit", true},
                                                  {"credit", true},   {"currency", false}, {"wallet", false},
                                                  {"points", true},   {"text", false},     {"counterparty", false}};
    const char *currency = programme_at(view->programmes, view->now)->currency;
    struct table *table;
    enum status status = table_open(options, columns, sizeof columns / sizeof columns[0], &table, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < postings->count && status == STATUS_OK; i++) {
        const struct finance_posting *posting = &postings->items[i];
        char day[DAY_TEXT_SIZE];
        const char *own = posting->currency != NULL ? posting->currency : currency;
        struct text name = text_from(finance_account_names[posting->account]);
        struct text number = view->settings.numbers[posting->account];
        const struct text fields[] = {text_from(day_format(month_start(posting->month + 1) - 1, day)),
                                      month_text(view->arena, posting->month),
                                      posting->entity,
                                      number.size > 0 ? number : name,
                                      name,
                                      optional_money(view->arena, posting->debit, own),
                                      optional_money(view->arena, posting->credit, own),
                                      text_from(own),
                                      posting->wallet,
                                      integer_text(view->arena, posting->points),
                                      text_from(posting->text),
                                      posting->counterparty};
        status = table_row(table, fields, err);
    }
    return finish_table(table, status, err);
}

/* ---- closing ---- */

enum status finance_close_note(struct storage_session *session, struct arena *arena, const struct finance_close *close,
                               struct error *err)
{
    char month[MONTH_TEXT_SIZE], digest[DIGEST_SIZE * 2 + 1];
    const char *after = arena_format(arena, "{\"month\":\"%s\",\"digest\":\"%s\"}", month_format(close->month, month),
                                     hex_encode(close->digest, DIGEST_SIZE, digest));
    const struct audit_entry entry = {
        .at = close->closed_at, .actor = close->actor, .what = TEXT("finance.closed"), .after = text_from(after)};

    return audit_write(session, &entry, err);
}

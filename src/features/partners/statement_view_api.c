#include "features/partners/statement_view_api.h"

#include <stdlib.h>

#include "features/finance/partner_place.h"
#include "features/partners/partners_store.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { TRANSACTION_ARENA_BYTES = 64 * 1024 };

struct codes {
    struct text *items;
    size_t count, capacity;
};

static void add_code(const struct statement_view *view, struct codes *codes, struct text code)
{
    struct arena *arena = view->finance.arena;
    bool wanted = view->partner.size == 0 || text_equal(view->partner, code);

    for (size_t i = 0; i < codes->count; i++)
        if (text_equal(codes->items[i], code))
            return;
    if (code.size == 0 || !wanted ||
        (view->finance.sees != NULL && !view->finance.sees(view->finance.context, partner_place(arena, code))))
        return;
    codes->items = arena_grow(arena, codes->items, &codes->capacity, codes->count + 1, sizeof *codes->items);
    codes->items[codes->count++] = code;
}

static int compare_codes(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static struct codes find_codes(const struct statement_view *view, const struct statement_input *input)
{
    struct codes codes = {.count = 0};

    for (size_t i = 0; i < input->sum_count; i++)
        add_code(view, &codes, partner_place_code(input->sums[i].entity));
    for (size_t i = 0; i < input->fulfilment_count; i++)
        add_code(view, &codes, input->fulfilments[i].partner);
    add_code(view, &codes, view->partner);
    if (codes.count > 1)
        qsort(codes.items, codes.count, sizeof *codes.items, compare_codes);
    return codes;
}

/* The first with anything, unless a partner alone is asked for. */
static int32_t first_month(const struct statement_view *view, const struct statement_input *input)
{
    int32_t first = view->range.to + 1;

    if (view->partner.size > 0)
        return view->range.from;
    for (size_t i = 0; i < input->sum_count; i++)
        if (input->sums[i].kind == SUM_PARTNER && input->sums[i].month < first)
            first = input->sums[i].month;
    for (size_t i = 0; i < input->fulfilment_count; i++)
        if (input->fulfilments[i].month < first)
            first = input->fulfilments[i].month;
    return first > view->range.from ? first : view->range.from;
}

/* The statements of one partner; by month. */
static enum status read_partner(struct statement_view *view, const struct statement_input *input, struct text code,
                                struct partner_statements *out, struct error *err)
{
    struct finance_view *finance = &view->finance;
    const struct partner_question question = {code, finance->programmes, finance->now};
    const struct zone *zone = programme_at(finance->programmes, finance->now)->zone;
    struct partner_versions versions;
    enum status status = partner_versions_read(finance->session, finance->arena, &question, &versions, err);

    if (status == STATUS_OK && versions.count == 0 && view->partner.size > 0)
        return error_set(err, STATUS_MISSING, "partner.unknown", "partner", "there is no such partner");
    for (int32_t month = first_month(view, input); month <= view->range.to && status == STATUS_OK; month++) {
        struct partner_statement one = {.code = code, .month = month};
        int64_t start = zone_day_start(zone, month_start(month)), end = zone_day_start(zone, month_start(month + 1));
        if (versions.count > 0)
            one.partner = versions.partners[statement_period_of(versions.periods, versions.count, start, end)];
        status = statement_build(finance->arena, input, &one, err);
        if (status != STATUS_OK || (one.line_count == 0 && view->partner.size == 0))
            continue;
        if (out->count == STATEMENTS_MAX)
            return error_set(err, STATUS_LIMIT, "finance.lines", "from", "these are more than %d statements",
                             STATEMENTS_MAX);
        out->items = arena_grow(finance->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] = one;
    }
    return status;
}

static int compare_statements(const void *a, const void *b)
{
    const struct partner_statement *left = a, *right = b;

    if (left->month != right->month)
        return left->month < right->month ? -1 : 1;
    return text_compare(left->code, right->code);
}

/* Points of the months asked for, and payments whenever they were made. */
static enum status read_sums(struct statement_view *view, struct finance_sums *out, struct error *err)
{
    struct finance_view *finance = &view->finance;
    const struct finance_range all = {0, MONTH_LAST + 1};
    struct finance_sums money;
    enum status status = finance_sums_read(finance->session, finance->arena, SUM_PARTNER, &view->range, out, err);

    if (status == STATUS_OK)
        status = finance_sums_read(finance->session, finance->arena, SUM_MONEY, &all, &money, err);
    for (size_t i = 0; status == STATUS_OK && i < money.count; i++) {
        out->items = arena_grow(finance->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] = money.items[i];
    }
    return status;
}

enum status partner_statements_read(struct statement_view *view, struct partner_statements *out, struct error *err)
{
    struct finance_view *finance = &view->finance;
    struct finance_sums sums;
    struct partner_fulfilments fulfilments;
    enum status status = read_sums(view, &sums, err);

    *out = (struct partner_statements){.count = 0};
    if (status == STATUS_OK)
        status = partner_fulfilments_read(finance->session, finance->arena, &view->range, &fulfilments, err);
    if (status != STATUS_OK)
        return status;
    const struct statement_input input = {sums.items, sums.count, fulfilments.items, fulfilments.count};
    const struct codes codes = find_codes(view, &input);
    for (size_t i = 0; i < codes.count && status == STATUS_OK; i++)
        status = read_partner(view, &input, codes.items[i], out, err);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, compare_statements);
    return status;
}

/* ---- as a file ---- */

const char *partner_rate_text(struct arena *arena, int64_t rate)
{
    char text[MONEY_TEXT_SIZE];
    size_t size = 0, end;

    (void)money_format(rate, PARTNER_RATE_DECIMALS, text);
    while (text[size] != '\0')
        size++;
    for (end = size; end > 0 && text[end - 1] == '0'; end--)
        continue;
    end -= end > 0 && text[end - 1] == '.' ? 1 : 0;
    return arena_format(arena, "%.*s", (int)end, text);
}

static struct text format_integer(struct arena *arena, int64_t value)
{
    return text_from(arena_format(arena, "%lld", (long long)value));
}

static struct text format_money(struct arena *arena, const struct partner *partner, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];

    if (partner == NULL)
        return TEXT("");
    return text_from(arena_format(arena, "%s", money_format(minor, partner->exponent, text)));
}

static struct text format_rate(struct arena *arena, const struct partner *partner, enum statement_kind kind)
{
    if (partner == NULL || kind == STATEMENT_REWARDS)
        return TEXT("");
    return text_from(
        partner_rate_text(arena, kind == STATEMENT_ISSUED ? partner->rate_issued : partner->rate_redeemed));
}

static enum status write_statement(struct statement_view *view, const struct partner_statement *statement,
                                   struct table *table, struct error *err)
{
    struct arena *arena = view->finance.arena;
    const struct partner *partner = statement->partner;
    struct text currency = partner != NULL ? text_from(partner->currency) : TEXT("");
    char month[MONTH_TEXT_SIZE];
    struct text when = text_copy(arena, text_from(month_format(statement->month, month)));
    struct text state = finance_view_is_closed(&view->finance, statement->month) ? TEXT("closed") : TEXT("open");
    enum status status = STATUS_OK;

    for (size_t i = 0; i < statement->line_count && status == STATUS_OK; i++) {
        const struct statement_line *line = &statement->lines[i];
        const struct text fields[] = {statement->code,
                                      when,
                                      state,
                                      text_from(statement_kinds[line->kind]),
                                      line->kind == STATEMENT_REWARDS ? line->reward : line->wallet,
                                      format_integer(arena, line->points),
                                      format_integer(arena, line->late),
                                      format_rate(arena, partner, line->kind),
                                      format_money(arena, partner, line->minor),
                                      currency};
        status = table_row(table, fields, err);
    }
    const struct text net[] = {statement->code, when,     state,
                               TEXT("net"),     TEXT(""), TEXT(""),
                               TEXT(""),        TEXT(""), format_money(arena, partner, statement->net),
                               currency};
    if (status == STATUS_OK)
        status = table_row(table, net, err);
    if (status != STATUS_OK || statement->paid == 0)
        return status;
    const struct text paid[] = {statement->code, when,     state,
                                TEXT("paid"),    TEXT(""), TEXT(""),
                                TEXT(""),        TEXT(""), format_money(arena, partner, statement->paid),
                                currency};
    return table_row(table, paid, err);
}

enum status partner_statements_write(struct statement_view *view, const struct partner_statements *statements,
                                     const struct table_options *options, struct error *err)
{
    static const struct table_column columns[] = {
        {"partner", false}, {"month", false}, {"state", false}, {"line", false},  {"of", false},
        {"points", true},   {"late", true},   {"rate", true},   {"amount", true}, {"currency", false}};
    struct table *table;
    enum status status = table_open(options, columns, sizeof columns / sizeof columns[0], &table, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < statements->count && status == STATUS_OK; i++)
        status = write_statement(view, &statements->items[i], table, err);
    if (status == STATUS_OK)
        return table_close(table, err);
    table_abandon(table);
    return status;
}

/* ---- what it is made of ---- */

struct transaction_writing {
    struct statement_view *view;
    struct table *table;
    struct arena *arena; /* of a row */
};

/* What a row does to a line of the statement. */
static int64_t counted_points(const struct partner_transaction *one)
{
    if (text_equals(one->kind, "partner_return"))
        return one->facts.written_off - one->facts.points;
    return text_equals(one->kind, "partner_redemption_void") ? -one->facts.points : one->facts.points;
}

static enum status write_transaction(void *context, const struct partner_transaction *one, struct error *err)
{
    const struct transaction_writing *writing = context;
    const struct finance_state *state = &writing->view->finance.state;
    const struct partner_facts *facts = &one->facts;
    int32_t month = finance_month_of(state->closes, state->close_count, one->id, one->day),
            own = month_of_day(one->day);
    bool redeemed = text_starts_with(one->kind, TEXT("partner_redemption"));
    char late[MONTH_TEXT_SIZE], at[INSTANT_TEXT_SIZE], id[ID_TEXT_SIZE], amount[MONEY_TEXT_SIZE];
    struct text kind = {one->kind.bytes + sizeof "partner", one->kind.size - sizeof "partner"};

    if (month != writing->view->range.to || !text_starts_with(one->kind, TEXT("partner_")))
        return STATUS_OK;
    arena_reset(writing->arena);
    const struct text fields[] = {
        facts->receipt,
        kind,
        redeemed ? TEXT("redeemed") : TEXT("issued"),
        text_from(instant_format(one->at, at)),
        month == own ? TEXT("") : text_from(month_format(own, late)),
        facts->store,
        facts->till,
        text_from(money_format(facts->minor, currency_exponent(text_from(facts->currency)), amount)),
        text_from(facts->currency),
        facts->earning.wallet,
        format_integer(writing->arena, counted_points(one)),
        facts->reference,
        text_from(id_format("evt", one->id, id))};
    return table_row(writing->table, fields, err);
}

enum status partner_transactions_write(struct statement_view *view, const struct table_options *options,
                                       struct error *err)
{
    static const struct table_column columns[] = {
        {"receipt", false}, {"kind", false},      {"line", false},  {"at", false},       {"late_for", false},
        {"store", false},   {"till", false},      {"amount", true}, {"currency", false}, {"wallet", false},
        {"points", true},   {"reference", false}, {"id", false}};
    const struct finance_state *state = &view->finance.state;
    struct transaction_writing writing = {.view = view, .arena = arena_new(TRANSACTION_ARENA_BYTES)};
    const struct partner_transactions question = {
        .place = partner_place(view->finance.arena, view->partner),
        .first = month_start(view->range.to),
        .last = month_start(view->range.to + 1) - 1,
        /* What came after the first close may belong to days before. */
        .since = state->close_count > 0 ? state->closes[0].closed_at - INSTANT_DAY : INT64_MAX,
        .each = write_transaction,
        .context = &writing};

    if (writing.arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to write");
    enum status status = table_open(options, columns, sizeof columns / sizeof columns[0], &writing.table, err);
    if (status == STATUS_OK) {
        status = partner_transactions_read(view->finance.session, &question, err);
        if (status == STATUS_OK)
            status = table_close(writing.table, err);
        else
            table_abandon(writing.table);
    }
    arena_free(writing.arena);
    return status;
}

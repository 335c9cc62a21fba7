#include "features/receivables/owed.h"

#include <stdlib.h>
#include <string.h>

#include "features/finance/partner_place.h"
#include "foundation/checked.h"

const char *const owed_kinds[] = {"issued", "redeemed", "rewards", "fulfilled", "due", "waived", "paid", NULL};

/* Something that is owed more or less. */
struct item {
    int32_t month;
    struct text debtor;
    char currency[CURRENCY_SIZE];
    enum owed_kind kind;
    int64_t minor;
    bool late;
};

struct items {
    struct arena *arena;
    struct item *list;
    size_t count, capacity;
};

static void add_item(struct items *items, struct item item, struct text currency)
{
    if (item.minor == 0)
        return;
    memcpy(item.currency, currency.bytes, currency.size < CURRENCY_SIZE ? currency.size : CURRENCY_SIZE - 1);
    items->list = arena_grow(items->arena, items->list, &items->capacity, items->count + 1, sizeof *items->list);
    items->list[items->count++] = item;
}

static void add_statement(struct items *items, const struct partner_statement *statement)
{
    struct item item = {.month = statement->month, .debtor = partner_place(items->arena, statement->code)};

    if (statement->partner == NULL)
        return;
    for (size_t i = 0; i < statement->line_count; i++) {
        item.minor = statement->lines[i].minor;
        switch (statement->lines[i].kind) {
        case STATEMENT_ISSUED:
            item.kind = OWED_ISSUED;
            break;
        case STATEMENT_REDEEMED:
            item.kind = OWED_REDEEMED;
            break;
        case STATEMENT_REWARDS:
            item.kind = item.minor < 0 ? OWED_FULFILLED : OWED_REWARDS;
            break;
        }
        add_item(items, item, text_from(statement->partner->currency));
    }
}

static void add_money(struct items *items, const struct finance_sum *sum, const char *currency)
{
    struct item item = {.month = sum->month,
                        .debtor = sum->entity.size > 0 ? sum->entity : TEXT(OWED_CONTRACTS),
                        .minor = sum->amount,
                        .late = sum->other_month != 0};

    switch ((enum finance_money)(int)sum->entry) {
    case MONEY_DUE:
        item.kind = OWED_DUE;
        break;
    case MONEY_WAIVED:
        item.kind = OWED_WAIVED;
        item.minor = -item.minor;
        break;
    case MONEY_PAID:
        item.kind = OWED_PAID;
        item.minor = -item.minor;
        break;
    case MONEY_COUNT:
        return;
    }
    add_item(items, item, sum->wallet.size > 0 ? sum->wallet : text_from(currency));
}

static int compare_accounts(const struct item *a, const struct item *b)
{
    int order = text_compare(a->debtor, b->debtor);

    return order != 0 ? order : strcmp(a->currency, b->currency);
}

static int compare(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    int order = compare_accounts(left, right);

    if (order != 0)
        return order;
    return left->month < right->month ? -1 : left->month > right->month;
}

static enum status overflow(struct error *err)
{
    return error_set(err, STATUS_LIMIT, "points.range", "", "what is owed would be out of range");
}

static enum status add_line(struct arena *arena, struct owed_lines *out, const struct owed_line *line,
                            struct error *err)
{
    bool any = line->opening != 0;

    for (int kind = 0; kind < OWED_COUNT; kind++)
        any = any || line->amounts[kind] != 0;
    if (!any)
        return STATUS_OK;
    if (out->count == FINANCE_LINES_MAX)
        return error_set(err, STATUS_LIMIT, "finance.lines", "from", "the months asked for have more than %d lines",
                         FINANCE_LINES_MAX);
    out->items = arena_grow(arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = *line;
    return STATUS_OK;
}

/* The months of one debtor and currency; `items` ascend by month. */
static enum status carry(struct arena *arena, const struct item *items, size_t count, const struct finance_range *range,
                         struct owed_lines *out, struct error *err)
{
    int64_t balance = 0;
    size_t at = 0;
    enum status status = STATUS_OK;

    for (; at < count && items[at].month < range->from; at++)
        if (!checked_add(balance, items[at].minor, &balance))
            return overflow(err);
    for (int32_t month = range->from; month <= range->to && status == STATUS_OK; month++) {
        struct owed_line line = {.month = month, .debtor = items[0].debtor, .opening = balance};
        memcpy(line.currency, items[0].currency, CURRENCY_SIZE);
        for (; at < count && items[at].month == month; at++) {
            if (!checked_add(balance, items[at].minor, &balance))
                return overflow(err);
            line.amounts[items[at].kind] += items[at].minor;
            line.late += items[at].late ? items[at].minor : 0;
        }
        line.closing = balance;
        status = add_line(arena, out, &line, err);
    }
    return status;
}

enum status owed_build(struct arena *arena, const struct owed_input *input, struct owed_lines *out, struct error *err)
{
    struct items items = {.arena = arena};
    enum status status = STATUS_OK;

    *out = (struct owed_lines){.count = 0};
    for (size_t i = 0; i < input->statement_count; i++)
        add_statement(&items, &input->statements[i]);
    for (size_t i = 0; i < input->sum_count; i++)
        if (input->sums[i].kind == SUM_MONEY)
            add_money(&items, &input->sums[i], input->currency);
    if (items.count > 1)
        qsort(items.list, items.count, sizeof *items.list, compare);
    for (size_t at = 0, next; at < items.count && status == STATUS_OK; at = next) {
        for (next = at + 1; next < items.count && compare_accounts(&items.list[at], &items.list[next]) == 0;)
            next++;
        status = carry(arena, &items.list[at], next - at, &input->range, out, err);
    }
    return status;
}

/* ---- entries ---- */

/* `sign` -1: the amount is below 0 when it is as the accounts have it. */
struct side {
    enum owed_kind kind;
    enum finance_account debit, credit;
    int sign;
    const char *text;
};

static const struct side partner_sides[] = {
    {OWED_ISSUED, ACCOUNTS_PARTNERS_RECEIVABLE, ACCOUNTS_PARTNERS_ISSUED, 1, "points issued at a partner"},
    {OWED_REDEEMED, ACCOUNTS_PARTNERS_REDEEMED, ACCOUNTS_PARTNERS_PAYABLE, -1, "points redeemed at a partner"},
    {OWED_REWARDS, ACCOUNTS_PARTNERS_RECEIVABLE, ACCOUNTS_PARTNERS_REWARDS, 1, "rewards that a partner bears"},
    {OWED_FULFILLED, ACCOUNTS_PARTNERS_REWARDS, ACCOUNTS_PARTNERS_PAYABLE, -1, "rewards that a partner paid for"},
    {OWED_PAID, ACCOUNTS_PARTNERS_PAID, ACCOUNTS_PARTNERS_SETTLEMENT, -1, "statement paid"},
};

static const struct side contract_sides[] = {
    {OWED_DUE, ACCOUNTS_CONTRACTS_RECEIVABLE, ACCOUNTS_CONTRACTS_SHORTFALL, 1, "shortfall of contracts"},
    {OWED_WAIVED, ACCOUNTS_CONTRACTS_WAIVED, ACCOUNTS_CONTRACTS_RECEIVABLE, -1, "shortfall waived"},
    {OWED_PAID, ACCOUNTS_CONTRACTS_PAID, ACCOUNTS_CONTRACTS_RECEIVABLE, -1, "shortfall paid"},
};

/* What the statement nets: both accounts go into one. */
static void post_netting(struct finance_postings *postings, struct finance_posting like, const struct owed_line *line)
{
    like.text = "statement netted";
    finance_post_pair(postings, like, ACCOUNTS_PARTNERS_SETTLEMENT, ACCOUNTS_PARTNERS_RECEIVABLE,
                      line->amounts[OWED_ISSUED] + line->amounts[OWED_REWARDS]);
    finance_post_pair(postings, like, ACCOUNTS_PARTNERS_PAYABLE, ACCOUNTS_PARTNERS_SETTLEMENT,
                      -line->amounts[OWED_REDEEMED] - line->amounts[OWED_FULFILLED]);
}

void owed_post(struct finance_postings *postings, const struct owed_line *line)
{
    bool partner = partner_place_is(line->debtor);
    const struct side *sides = partner ? partner_sides : contract_sides;
    size_t count =
        partner ? sizeof partner_sides / sizeof partner_sides[0] : sizeof contract_sides / sizeof contract_sides[0];
    struct finance_posting like = {.month = line->month,
                                   .entity = partner ? line->debtor : TEXT(""),
                                   .counterparty = line->debtor,
                                   .currency = arena_format(postings->arena, "%s", line->currency)};

    for (size_t i = 0; i < count; i++) {
        like.text = sides[i].text;
        finance_post_pair(postings, like, sides[i].debit, sides[i].credit,
                          sides[i].sign * line->amounts[sides[i].kind]);
    }
    if (partner)
        post_netting(postings, like, line);
}

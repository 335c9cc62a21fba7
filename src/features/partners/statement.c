#include "features/partners/statement.h"

#include "features/finance/partner_place.h"
#include "features/rewards/rewards.h"

#include <stdlib.h>

const char *const statement_kinds[] = {"issued", "redeemed", "rewards", NULL};

static enum status overflow(struct error *err)
{
    return error_set(err, STATUS_LIMIT, "points.range", "", "the statement would be out of range");
}

static struct statement_line *line_of(struct arena *arena, struct partner_statement *statement,
                                      enum statement_kind kind, struct text wallet, struct text reward)
{
    for (size_t i = 0; i < statement->line_count; i++) {
        struct statement_line *line = &statement->lines[i];
        if (line->kind == kind && text_equal(line->wallet, wallet) && text_equal(line->reward, reward))
            return line;
    }
    statement->lines = arena_grow(arena, statement->lines, &statement->line_capacity, statement->line_count + 1,
                                  sizeof *statement->lines);
    struct statement_line *line = &statement->lines[statement->line_count++];
    *line = (struct statement_line){.kind = kind, .wallet = wallet, .reward = reward};
    return line;
}

/* `amount` is what it added to balances. */
static bool add_sum(struct arena *arena, struct partner_statement *statement, const struct finance_sum *sum)
{
    static const struct text none = {NULL, 0};
    bool redeemed = sum->entry == FINANCE_REDEEMED;
    struct statement_line *line =
        line_of(arena, statement, redeemed ? STATEMENT_REDEEMED : STATEMENT_ISSUED, sum->wallet, none);
    int64_t points = redeemed ? -sum->amount : sum->amount;

    if (redeemed)
        line->redeemed += points;
    else if (sum->entry == FINANCE_ISSUED)
        line->issued += points;
    else if (sum->entry == FINANCE_CLAWED_BACK)
        line->clawed_back -= points;
    else if (sum->entry == FINANCE_WRITTEN_OFF)
        line->written_off += points;
    if (sum->other_month != 0)
        line->late += points;
    return checked_add(line->points, points, &line->points);
}

static int compare_lines(const void *a, const void *b)
{
    const struct statement_line *left = a, *right = b;

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    int order = text_compare(left->wallet, right->wallet);
    return order != 0 ? order : text_compare(left->reward, right->reward);
}

/* The sum of what rewards cost, in whole minor units. */
static bool share_value(const struct partner *partner, int64_t owes, int64_t *minor)
{
    int64_t divisor = 1, factor = 1;

    for (int i = partner->exponent; i < REWARD_SHARE_DECIMALS; i++)
        divisor *= 10;
    for (int i = REWARD_SHARE_DECIMALS; i < partner->exponent; i++)
        factor *= 10;
    return checked_scale(owes, factor, divisor, ROUNDING_HALF_EVEN, minor);
}

static bool value_line(const struct partner *partner, struct statement_line *line)
{
    int64_t value = 0;
    bool fits = true;

    if (partner == NULL)
        return true;
    switch (line->kind) {
    case STATEMENT_ISSUED:
        fits = partner_value(partner, partner->rate_issued, line->points, &line->minor);
        break;
    case STATEMENT_REDEEMED:
        fits = partner_value(partner, partner->rate_redeemed, line->points, &value);
        line->minor = -value;
        break;
    case STATEMENT_REWARDS: /* until now in parts of the minor unit */
        fits = share_value(partner, line->minor, &value);
        line->minor = value;
        break;
    }
    return fits;
}

/* A payment of the statement, in its currency. */
static bool is_payment(const struct partner_statement *statement, const struct finance_sum *sum)
{
    char month[MONTH_TEXT_SIZE];

    return sum->kind == SUM_MONEY && (int)sum->entry == MONEY_PAID && statement->partner != NULL &&
           text_equal(partner_place_code(sum->entity), statement->code) &&
           text_equals(sum->counterparty, month_format(statement->month, month)) &&
           text_equals(sum->wallet, statement->partner->currency);
}

enum status statement_build(struct arena *arena, const struct statement_input *input, struct partner_statement *out,
                            struct error *err)
{
    static const struct text none = {NULL, 0};
    bool fits = true;

    out->lines = NULL;
    out->line_count = out->line_capacity = 0;
    out->net = out->paid = 0;
    for (size_t i = 0; i < input->sum_count && fits; i++) {
        const struct finance_sum *sum = &input->sums[i];
        if (sum->kind == SUM_PARTNER && sum->month == out->month &&
            text_equal(partner_place_code(sum->entity), out->code))
            fits = add_sum(arena, out, sum);
        if (is_payment(out, sum))
            fits = checked_add(out->paid, sum->amount, &out->paid);
    }
    for (size_t i = 0; i < input->fulfilment_count && fits; i++) {
        const struct partner_fulfilment *one = &input->fulfilments[i];
        if (one->month != out->month || !text_equal(one->partner, out->code))
            continue;
        struct statement_line *line = line_of(arena, out, STATEMENT_REWARDS, none, one->reward);
        fits =
            checked_add(line->points, one->count, &line->points) && checked_add(line->minor, one->owes, &line->minor);
    }
    if (out->line_count > 1)
        qsort(out->lines, out->line_count, sizeof *out->lines, compare_lines);
    for (size_t i = 0; i < out->line_count && fits; i++)
        fits = value_line(out->partner, &out->lines[i]) && checked_add(out->net, out->lines[i].minor, &out->net);
    return fits ? STATUS_OK : overflow(err);
}

size_t statement_period_of(const struct statement_period *periods, size_t count, int64_t start, int64_t end)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (periods[i].from <= start && start < periods[i].until)
            return i;
        if (periods[i].from > start && periods[i].from < end)
            return i;
        if (periods[i].from < end)
            found = i;
    }
    return found;
}

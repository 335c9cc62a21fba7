/* What partners and contracts owe by month, carried on, and its entries. Figures are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/receivables/owed.h"

enum { SEPTEMBER = 2026 * 12 + 8, OCTOBER };

static const struct partner acme = {.code = {"acme", 4}, .currency = "EUR", .exponent = 2};

static struct finance_sum money(int32_t month, const char *entity, enum finance_money what, int64_t amount,
                                int32_t other_month)
{
    return (struct finance_sum){.kind = SUM_MONEY,
                                .month = month,
                                .wallet = text_from(entity[0] != '\0' ? "EUR" : ""),
                                .entity = text_from(entity),
                                .counterparty = text_from(entity[0] != '\0' ? "2026-09" : ""),
                                .other_month = other_month,
                                .entry = (enum finance_entry)(int)what,
                                .amount = amount};
}

/*
 * Acme: 14.36 for points issued, -1.50 redeemed, 1.66 and -12.00 for rewards: 2.52, of which 2.00 are paid in October, where its own
 * statement is -3.00. Contracts: 72.20 due in September, of which 5.00 are waived; a correction of -33.00 in October, 34.20 paid.
 */
static void build(struct arena *arena, struct owed_lines *out)
{
    struct statement_line first[] = {{.kind = STATEMENT_ISSUED, .minor = 1436},
                                     {.kind = STATEMENT_REDEEMED, .minor = -150},
                                     {.kind = STATEMENT_REWARDS, .minor = -1200},
                                     {.kind = STATEMENT_REWARDS, .minor = 166}};
    struct statement_line second[] = {{.kind = STATEMENT_REDEEMED, .minor = -300}};
    const struct partner_statement statements[] = {
        {.partner = &acme, .code = acme.code, .month = OCTOBER, .lines = second, .line_count = 1},
        {.partner = &acme, .code = acme.code, .month = SEPTEMBER, .lines = first, .line_count = 4},
        {.code = TEXT("unknown"), .month = SEPTEMBER, .lines = first, .line_count = 4}};
    const struct finance_sum sums[] = {
        money(SEPTEMBER, "", MONEY_DUE, 7220, 0),
        money(SEPTEMBER, "", MONEY_WAIVED, 500, 0),
        money(OCTOBER, "", MONEY_DUE, -3300, SEPTEMBER),
        money(OCTOBER, "", MONEY_PAID, 3420, 0),
        money(OCTOBER, "partner:acme", MONEY_PAID, 200, 0),
        {.kind = SUM_PARTNER, .month = OCTOBER, .entry = FINANCE_ISSUED, .amount = 99},
    };
    const struct owed_input input = {.statements = statements,
                                     .statement_count = 3,
                                     .sums = sums,
                                     .sum_count = sizeof sums / sizeof sums[0],
                                     .currency = "USD",
                                     .range = {SEPTEMBER, OCTOBER}};
    struct error err = {0};

    assert_int_equal(owed_build(arena, &input, out, &err), STATUS_OK);
}

static void what_is_owed_is_carried_from_month_to_month(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 20);
    struct owed_lines lines;

    (void)state;
    build(arena, &lines);
    assert_int_equal(lines.count, 4);
    const struct owed_line *contracts = lines.items, *partner = lines.items + 2;
    assert_true(text_equals(contracts[0].debtor, OWED_CONTRACTS));
    assert_string_equal(contracts[0].currency, "USD");
    assert_int_equal(contracts[0].closing, 6720);
    assert_int_equal(contracts[1].opening, 6720);
    assert_int_equal(contracts[1].late, -3300);
    assert_int_equal(contracts[1].closing, 0);
    assert_true(text_equals(partner[0].debtor, "partner:acme"));
    assert_string_equal(partner[0].currency, "EUR");
    assert_int_equal(partner[0].amounts[OWED_REWARDS], 166);
    assert_int_equal(partner[0].amounts[OWED_FULFILLED], -1200);
    assert_int_equal(partner[0].closing, 252);
    assert_int_equal(partner[1].amounts[OWED_PAID], -200);
    assert_int_equal(partner[1].closing, -248);
    arena_free(arena);
}

static int64_t balance_of(const struct finance_postings *postings, enum finance_account account)
{
    int64_t sum = 0;

    for (size_t i = 0; i < postings->count; i++)
        if (postings->items[i].account == account)
            sum += postings->items[i].debit - postings->items[i].credit;
    return sum;
}

static void entries_balance_and_the_statement_closes_both_accounts(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 20);
    struct finance_postings postings = {.arena = arena};
    struct owed_lines lines;
    int64_t all = 0;

    (void)state;
    build(arena, &lines);
    for (size_t i = 0; i < lines.count; i++)
        owed_post(&postings, &lines.items[i]);
    for (size_t i = 0; i < postings.count; i += 2) {
        assert_int_equal(postings.items[i].debit, postings.items[i + 1].credit);
        assert_string_equal(postings.items[i].currency, postings.items[i + 1].currency);
    }
    for (int account = 0; account < ACCOUNTS_COUNT; account++)
        all += balance_of(&postings, (enum finance_account)account);
    assert_int_equal(all, 0);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_RECEIVABLE), 0);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_PAYABLE), 0);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_SETTLEMENT), -248);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_ISSUED), -1436);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_REDEEMED), 450);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_REWARDS), 1034);
    assert_int_equal(balance_of(&postings, ACCOUNTS_PARTNERS_PAID), 200);
    assert_int_equal(balance_of(&postings, ACCOUNTS_CONTRACTS_RECEIVABLE), 0);
    assert_int_equal(balance_of(&postings, ACCOUNTS_CONTRACTS_SHORTFALL), -3920);
    assert_int_equal(balance_of(&postings, ACCOUNTS_CONTRACTS_WAIVED), 500);
    assert_int_equal(balance_of(&postings, ACCOUNTS_CONTRACTS_PAID), 3420);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_owed_is_carried_from_month_to_month),
        cmocka_unit_test(entries_balance_and_the_statement_closes_both_accounts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

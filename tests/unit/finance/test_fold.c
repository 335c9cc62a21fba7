/* Movements folded into months, vintages and settlements; lines, net balances and double entries made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/finance/posting.h"

enum { SEPTEMBER = 2026 * 12 + 8, OCTOBER, NOVEMBER };

struct books {
    struct arena *arena;
    struct finance_fold *fold;
    int points, none, a, b, c;
};

static int set_up(void **state)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    struct books *books = arena_alloc(arena, sizeof *books);

    books->arena = arena;
    books->fold = finance_fold_new(arena);
    books->none = finance_fold_name(books->fold, TEXT(""));
    books->points = finance_fold_name(books->fold, TEXT("points"));
    books->a = finance_fold_name(books->fold, TEXT("A"));
    books->b = finance_fold_name(books->fold, TEXT("B"));
    books->c = finance_fold_name(books->fold, TEXT("C"));
    *state = books;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct books *)*state)->arena);
    return 0;
}

/* Points of a lot that `issuer` issued in September, moved in `month` at `place`. */
static void move(struct books *books, int32_t month, int issuer, int place, const int64_t accounts_amount[3])
{
    const struct finance_movement movement = {.month = month,
                                              .vintage = SEPTEMBER,
                                              .wallet = books->points,
                                              .issuer = issuer,
                                              .redeemer = place,
                                              .debit = (enum account)accounts_amount[0],
                                              .credit = (enum account)accounts_amount[1],
                                              .amount = accounts_amount[2]};

    assert_true(finance_fold_add(books->fold, &movement));
}
#define MOVE(books, month, issuer, place, debit, credit, amount) \
    move(books, month, issuer, place, (const int64_t[3]){debit, credit, amount})

static struct finance_sums sums_of(struct books *books)
{
    struct finance_sums sums = {.count = finance_fold_count(books->fold)};

    sums.items = arena_array(books->arena, sums.count + 1, sizeof *sums.items);
    for (size_t i = 0; i < sums.count; i++)
        sums.items[i] = *finance_fold_at(books->fold, i);
    finance_sums_sort(sums.items, sums.count);
    return sums;
}

/*
 * A issues 1000 in September, B 300. In October 400 of A's are redeemed at B and 100 at C, of which 30 come back; 50 of B's at A.
 * Goods come back: 200 of A's are clawed back, 70 of what was redeemed at home is owed and written off; 60 of B's expire.
 */
static void post_story(struct books *books)
{
    MOVE(books, SEPTEMBER, books->a, books->a, ACCOUNT_ISSUED, ACCOUNT_PENDING, 1000);
    MOVE(books, OCTOBER, books->a, books->a, ACCOUNT_PENDING, ACCOUNT_ACTIVE, 1000);
    MOVE(books, SEPTEMBER, books->b, books->b, ACCOUNT_ISSUED, ACCOUNT_ACTIVE, 300);
    MOVE(books, OCTOBER, books->a, books->b, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, 400);
    MOVE(books, OCTOBER, books->a, books->c, ACCOUNT_ACTIVE, ACCOUNT_HELD, 100);
    MOVE(books, OCTOBER, books->a, books->c, ACCOUNT_HELD, ACCOUNT_REDEEMED, 100);
    MOVE(books, OCTOBER, books->a, books->c, ACCOUNT_REDEEMED, ACCOUNT_ACTIVE, 30);
    MOVE(books, OCTOBER, books->b, books->a, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, 50);
    MOVE(books, OCTOBER, books->a, books->a, ACCOUNT_ACTIVE, ACCOUNT_CLAWED_BACK, 200);
    MOVE(books, OCTOBER, books->b, books->b, ACCOUNT_ACTIVE, ACCOUNT_EXPIRED, 60);
    const struct finance_movement given_up = {.month = OCTOBER,
                                              .wallet = books->points,
                                              .issuer = books->a,
                                              .redeemer = books->a,
                                              .debit = ACCOUNT_WRITTEN_OFF,
                                              .credit = ACCOUNT_CLAWED_BACK,
                                              .amount = 70};
    assert_true(finance_fold_add(books->fold, &given_up));
}

static void check_line(const struct finance_line *line, const char *entity, int64_t opening, int64_t closing)
{
    assert_true(text_equals(line->entity, entity));
    assert_int_equal(line->opening, opening);
    assert_int_equal(line->closing, closing);
}

static void months_are_opening_and_what_came_and_went(void **state)
{
    struct books *books = *state;
    const struct finance_range range = {SEPTEMBER, NOVEMBER};
    struct finance_line *lines;
    size_t count;
    struct error err;

    post_story(books);
    const struct finance_sums sums = sums_of(books);
    assert_int_equal(finance_lines_build(books->arena, &sums, &range, &lines, &count, &err), STATUS_OK);
    assert_int_equal(count, 6);
    check_line(&lines[0], "A", 0, 1000);
    check_line(&lines[1], "A", 1000, 330);
    assert_int_equal(lines[1].entries[FINANCE_REDEEMED], -470);
    assert_int_equal(lines[1].entries[FINANCE_CLAWED_BACK], -270);
    assert_int_equal(lines[1].entries[FINANCE_WRITTEN_OFF], 70);
    check_line(&lines[2], "A", 330, 330);
    check_line(&lines[4], "B", 300, 190);
    assert_int_equal(lines[4].entries[FINANCE_EXPIRED], -60);
}

static struct finance_settlement *settlements_of(struct books *books, size_t *count)
{
    size_t used = 0;
    const struct finance_sums sums = sums_of(books);
    struct finance_settlement *out = arena_array(books->arena, sums.count + 1, sizeof *out);

    for (size_t i = 0; i < sums.count; i++)
        if (sums.items[i].kind == SUM_SETTLEMENT)
            out[used++] = (struct finance_settlement){.month = sums.items[i].month,
                                                      .issuer = sums.items[i].entity,
                                                      .redeemer = sums.items[i].counterparty,
                                                      .wallet = sums.items[i].wallet,
                                                      .points = sums.items[i].amount,
                                                      .minor = sums.items[i].amount};
    *count = used;
    return out;
}

static void entities_owe_each_other_what_was_redeemed_elsewhere(void **state)
{
    struct books *books = *state;
    size_t count, net_count;

    post_story(books);
    struct finance_settlement *settlements = settlements_of(books, &count);
    assert_int_equal(count, 3);
    assert_int_equal(settlements[0].points, 400); /* A to B */
    assert_int_equal(settlements[1].points, 70);  /* A to C */
    assert_int_equal(settlements[2].points, 50);  /* B to A */
    struct finance_balance *net = finance_net(books->arena, settlements, count, &net_count);
    assert_int_equal(net_count, 2);
    assert_true(text_equals(net[0].debtor, "A") && text_equals(net[0].creditor, "B"));
    assert_int_equal(net[0].minor, 350);
    assert_true(text_equals(net[1].creditor, "C"));
    assert_int_equal(net[1].minor, 70);
}

static void postings_balance_for_each_entity_and_carry_the_closing_balance(void **state)
{
    struct books *books = *state;
    const struct finance_range range = {SEPTEMBER, OCTOBER};
    struct finance_rates rates = {.currency = "EUR", .count = 1};
    struct finance_postings postings = {.arena = books->arena};
    struct finance_line *lines;
    size_t count, settlement_count;
    int64_t balance[2] = {0}, liability = 0;
    struct error err;

    rates.values[0] = rates.settlements[0] = (struct finance_rate){TEXT("points"), 7, 3};
    struct finance_rates before = rates;
    before.values[0].minor = 2;
    post_story(books);
    const struct finance_sums sums = sums_of(books);
    assert_int_equal(finance_lines_build(books->arena, &sums, &range, &lines, &count, &err), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        finance_post_line(&postings, &lines[i], lines[i].month == OCTOBER ? &rates : &before, &before);
    struct finance_settlement *settlements = settlements_of(books, &settlement_count);
    for (size_t i = 0; i < settlement_count; i++)
        finance_post_settlement(&postings, &settlements[i]);
    for (size_t i = 0; i < postings.count; i++) {
        const struct finance_posting *posting = &postings.items[i];
        assert_true((posting->debit == 0) != (posting->credit == 0));
        int64_t sum = posting->credit - posting->debit;
        balance[text_equals(posting->entity, "A")] += sum;
        if (text_equals(posting->entity, "A") && posting->account == ACCOUNTS_LIABILITY)
            liability += sum;
    }
    assert_int_equal(balance[0], 0);
    assert_int_equal(balance[1], 0);
    assert_int_equal(liability, finance_value(&rates, TEXT("points"), 330)); /* 141: 141.43 */
    assert_int_equal(liability, 141);
}

static void points_that_pay_a_debt_elsewhere_go_there_and_are_owed(void **state)
{
    struct books *books = *state;
    const struct finance_range range = {OCTOBER, OCTOBER};
    const struct finance_movement owed = {.month = OCTOBER,
                                          .wallet = books->points,
                                          .issuer = books->a,
                                          .redeemer = books->a,
                                          .debit = ACCOUNT_DEBT,
                                          .credit = ACCOUNT_CLAWED_BACK,
                                          .amount = 100};
    const struct finance_movement paid = {.month = OCTOBER,
                                          .wallet = books->points,
                                          .issuer = books->b,
                                          .redeemer = books->b,
                                          .debtor = books->a,
                                          .debit = ACCOUNT_ISSUED,
                                          .credit = ACCOUNT_DEBT,
                                          .amount = 70};
    struct finance_line *lines;
    size_t count;
    struct error err;

    assert_true(finance_fold_add(books->fold, &owed));
    assert_true(finance_fold_add(books->fold, &paid));
    const struct finance_sums sums = sums_of(books);
    assert_int_equal(finance_lines_build(books->arena, &sums, &range, &lines, &count, &err), STATUS_OK);
    check_line(&lines[0], "A", 0, -30);
    check_line(&lines[1], "B", 0, 0);
    assert_int_equal(lines[0].entries[FINANCE_TRANSFERRED], 70);
    assert_int_equal(lines[1].entries[FINANCE_ISSUED], 70);
    struct finance_settlement *settlements = settlements_of(books, &count);
    assert_int_equal(count, 1);
    assert_true(text_equals(settlements[0].issuer, "B"));
    assert_int_equal(settlements[0].points, 70);
}

static void what_came_late_is_told_beside_the_figures_it_is_part_of(void **state)
{
    struct books *books = *state;
    const struct finance_range range = {OCTOBER, OCTOBER};
    struct finance_movement late = {.month = OCTOBER,
                                    .late_for = SEPTEMBER,
                                    .vintage = SEPTEMBER,
                                    .wallet = books->points,
                                    .issuer = books->c,
                                    .redeemer = books->c,
                                    .debit = ACCOUNT_ISSUED,
                                    .credit = ACCOUNT_ACTIVE,
                                    .amount = 60};
    struct finance_line *lines;
    size_t count;
    struct error err;

    assert_true(finance_fold_add(books->fold, &late));
    late.late_for = 0;
    late.amount = 5;
    assert_true(finance_fold_add(books->fold, &late));
    const struct finance_sums sums = sums_of(books);
    assert_int_equal(finance_lines_build(books->arena, &sums, &range, &lines, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(lines[0].entries[FINANCE_ISSUED], 65);
    assert_int_equal(lines[0].late_count, 1);
    assert_int_equal(lines[0].late[0].month, SEPTEMBER);
    assert_int_equal(lines[0].late[0].points, 60);
    assert_int_equal(finance_first_month(&sums), OCTOBER);
}

static void whatever_happens_the_entities_sum_up_to_the_ledger(void **state)
{
    static const enum account outside[] = {ACCOUNT_ISSUED,      ACCOUNT_REDEEMED, ACCOUNT_EXPIRED, ACCOUNT_CLAWED_BACK,
                                           ACCOUNT_WRITTEN_OFF, ACCOUNT_ADJUSTED, ACCOUNT_TRANSIT};
    static const enum account inside[] = {ACCOUNT_ACTIVE, ACCOUNT_PENDING, ACCOUNT_HELD, ACCOUNT_DEBT};
    struct books *books = *state;
    const int entities[] = {books->none, books->a, books->b, books->c};
    const struct finance_range range = {SEPTEMBER, NOVEMBER};
    struct finance_line *lines;
    size_t count;
    int64_t ledger = 0, closing = 0, owed = 0;
    uint32_t seed = 7;
    struct error err;

    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525U + 1013904223U;
        unsigned dice = seed >> 8;
        enum account in = inside[dice % 4], out = outside[dice / 4 % 7];
        int64_t amount = 1 + dice / 28 % 500;
        bool comes = dice / 14000 % 2 == 0;
        ledger += comes ? amount : -amount;
        MOVE(books, SEPTEMBER + (int32_t)(dice / 28000 % 3), entities[dice / 84000 % 4], entities[dice / 336000 % 4],
             comes ? out : in, comes ? in : out, amount);
    }
    const struct finance_sums sums = sums_of(books);
    assert_int_equal(finance_lines_build(books->arena, &sums, &range, &lines, &count, &err), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        if (i % 3 > 0)
            assert_int_equal(lines[i].opening, lines[i - 1].closing);
        closing += i % 3 == 2 ? lines[i].closing : 0;
    }
    assert_int_equal(count, 12);
    assert_int_equal(closing, ledger);
    struct finance_settlement *settlements = settlements_of(books, &count);
    for (size_t i = 0; i < count; i++) {
        assert_false(text_equal(settlements[i].issuer, settlements[i].redeemer));
        owed += settlements[i].minor * (text_equals(settlements[i].issuer, "A") ? 1 : 0) -
                settlements[i].minor * (text_equals(settlements[i].redeemer, "A") ? 1 : 0);
    }
    struct finance_balance *net = finance_net(books->arena, settlements, count, &count);
    for (size_t i = 0; i < count; i++)
        owed -= net[i].minor * (text_equals(net[i].debtor, "A") ? 1 : 0) -
                net[i].minor * (text_equals(net[i].creditor, "A") ? 1 : 0);
    assert_int_equal(owed, 0);
}

/*
 * A partner issues 500; 200 of them are redeemed at A. At its tills 90 of A's are redeemed, 50 of its own, and 20 of these come
 * back; 30 are clawed back, of which 10 had been spent. To the months it is an entity; its statement has what happened there,
 * and with nobody anything is settled besides.
 */
static void what_happens_at_a_partner_is_its_own_and_settled_by_its_statement_alone(void **state)
{
    struct books *books = *state;
    int partner = finance_fold_name(books->fold, TEXT("partner:acme"));
    static const struct {
        enum finance_kind kind;
        enum finance_entry entry;
        int64_t amount;
    } wanted[] = {{SUM_PARTNER, FINANCE_ISSUED, 500},      {SUM_PARTNER, FINANCE_REDEEMED, -120},
                  {SUM_PARTNER, FINANCE_CLAWED_BACK, -30}, {SUM_PARTNER, FINANCE_WRITTEN_OFF, 10},
                  {SUM_MONTH, FINANCE_ISSUED, 500},        {SUM_MONTH, FINANCE_REDEEMED, -230}};

    MOVE(books, SEPTEMBER, partner, partner, ACCOUNT_ISSUED, ACCOUNT_ACTIVE, 500);
    MOVE(books, SEPTEMBER, partner, books->a, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, 200);
    MOVE(books, SEPTEMBER, books->a, partner, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, 90);
    MOVE(books, SEPTEMBER, partner, partner, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, 50);
    MOVE(books, SEPTEMBER, partner, partner, ACCOUNT_REDEEMED, ACCOUNT_ACTIVE, 20);
    MOVE(books, SEPTEMBER, partner, partner, ACCOUNT_ACTIVE, ACCOUNT_CLAWED_BACK, 20);
    MOVE(books, SEPTEMBER, partner, partner, ACCOUNT_WRITTEN_OFF, ACCOUNT_CLAWED_BACK, 10);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct finance_sum key = {.kind = wanted[i].kind,
                                        .month = SEPTEMBER,
                                        .wallet = TEXT("points"),
                                        .entity = TEXT("partner:acme"),
                                        .entry = wanted[i].entry};
        const struct finance_sum *found = finance_fold_find(books->fold, &key);
        assert_non_null(found);
        assert_int_equal(found->amount, wanted[i].amount);
    }
    for (size_t i = 0; i < finance_fold_count(books->fold); i++)
        assert_int_not_equal(finance_fold_at(books->fold, i)->kind, SUM_SETTLEMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(months_are_opening_and_what_came_and_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(entities_owe_each_other_what_was_redeemed_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(postings_balance_for_each_entity_and_carry_the_closing_balance, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(points_that_pay_a_debt_elsewhere_go_there_and_are_owed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_came_late_is_told_beside_the_figures_it_is_part_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_happens_at_a_partner_is_its_own_and_settled_by_its_statement_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whatever_happens_the_entities_sum_up_to_the_ledger, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

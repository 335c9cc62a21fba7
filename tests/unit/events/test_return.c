#include "till.h"

#define WORTH_A_CENT ",\"value\":{\"points\":1,\"amount\":\"0.01\"}"

static void returning_thirds_one_at_a_time_takes_34_33_33(void **state)
{
    const struct line lines[] = {{"a", "x", 3333}, {"b", "x", 3333}, {"c", "x", 3334}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 3);
    assert_int_equal(balance(&till), 100);
    struct return_result first = till_return_line(&till, purchase->result.id, 1);
    struct return_result second = till_return_line(&till, purchase->result.id, 2);
    struct return_result third = till_return_line(&till, purchase->result.id, 3);
    assert_int_equal(clawed_back(&first), 34);
    assert_int_equal(clawed_back(&second), 33);
    assert_int_equal(clawed_back(&third), 33);
    assert_int_equal(balance(&till), 0);
    till_close(&till);
}

static void returning_in_any_order_and_size_takes_back_exactly_what_was_earned(void **state)
{
    const struct line lines[] = {{"a", "x", 199}, {"b", "x", 1051}, {"c", "x", 777}, {"d", "x", 5}, {"e", "x", 4999}};
    const int32_t orders[][5] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {3, 5, 1, 4, 2}};

    (void)state;
    for (size_t o = 0; o < 3; o++) {
        struct till till;
        int64_t taken = 0;
        till_open(&till, "",
                  ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":3,\"per\":\"2\",\"rounding\":\"half_"
                  "even\"}]",
                  "2026-03-01T10:00:00Z");
        struct purchase *purchase = till_buy(&till, lines, 5);
        int64_t earned = balance(&till);
        for (size_t i = 0; i < 5; i++) {
            struct return_result result = till_return_line(&till, purchase->result.id, orders[o][i]);
            taken += clawed_back(&result);
        }
        assert_int_equal(taken, earned);
        assert_int_equal(balance(&till), 0);
        till_close(&till);
    }
}

static void a_return_of_goods_paid_partly_with_points_gives_back_both_in_proportion(void **state)
{
    const struct line lines[] = {{"a", "x", 6000}, {"b", "x", 4000}};
    struct till till;

    (void)state;
    till_open(&till, WORTH_A_CENT, "", "2026-03-01T10:00:00Z");
    till_gift(&till, 2000);
    struct purchase *purchase = till_purchase(&till, lines, 2);
    purchase->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 2000};
    purchase->payment_count = 1;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(purchase->result.paid_minor, 2000);
    assert_int_equal(balance(&till), 0);

    struct return_result first = till_return_line(&till, purchase->result.id, 2);
    assert_int_equal(first.amount, 4000);
    assert_int_equal(first.money, 3200);
    assert_int_equal(given_back(&first), 800);
    struct return_result rest = till_return(&till, purchase->result.id, NULL, 0);
    assert_int_equal(rest.amount, 6000);
    assert_int_equal(rest.money, 4800);
    assert_int_equal(given_back(&rest), 1200);
    assert_int_equal(balance(&till), 2000);
    till_close(&till);
}

static void the_last_return_gives_what_is_left_of_the_payment(void **state)
{
    const struct line lines[] = {{"a", "x", 3333}, {"b", "x", 3333}, {"c", "x", 3334}};
    struct till till;
    int64_t money = 0, points = 0;

    (void)state;
    till_open(&till, WORTH_A_CENT, "", "2026-03-01T10:00:00Z");
    till_gift(&till, 1001);
    struct purchase *purchase = till_purchase(&till, lines, 3);
    purchase->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 1001};
    purchase->payment_count = 1;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    for (int32_t line = 1; line <= 3; line++) {
        struct return_result result = till_return_line(&till, purchase->result.id, line);
        money += result.money;
        points += given_back(&result);
        assert_int_equal(result.money + given_back(&result), result.amount);
    }
    assert_int_equal(points, 1001);
    assert_int_equal(money, 10000 - 1001);
    till_close(&till);
}

/* Rule 4 of the semantics, for points of somebody else: they go back to the lots they came from. */
static void points_of_one_who_parted_go_back_to_the_lot_they_came_from(void **state)
{
    const struct line lines[] = {{"a", "x", 6000}, {"b", "x", 4000}};
    struct till till;
    struct purchase_return *body;

    (void)state;
    till_open(&till, WORTH_A_CENT, "", "2026-03-01T10:00:00Z");
    struct group *apart = till.group, *pool = arena_alloc(till.arena, sizeof *pool);
    struct member *other = member_new(&till.decision, 1, 9, till.decision.now);
    pool->members = arena_array(till.arena, 2, sizeof *pool->members);
    pool->members[0] = *till.member;
    pool->members[1] = *other;
    pool->member_count = 2;
    pool->pooled = true;
    till.group = pool;
    till.member = &pool->members[1];
    till_gift(&till, 2000);
    till.member = &pool->members[0];
    till.decision.subjects[1] = (struct person){NULL, NULL, NULL};
    struct purchase *purchase = till_purchase(&till, lines, 2);
    purchase->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 2000};
    purchase->payment_count = 1;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(pool->members[1].lots[0].remaining, 0);

    apart->members[0] = pool->members[0];
    struct group left = {.members = &pool->members[1], .member_count = 1};
    till.group = apart;
    till.member = &apart->members[0];
    assert_int_equal(till_try_return(&till, purchase->result.id, NULL, 0, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "points.owner_apart");
    till.decision.subjects[1] = (struct person){&left, left.members, left.members};
    struct return_result result = till_return_line(&till, purchase->result.id, 2);
    assert_int_equal(given_back(&result), 800);
    assert_int_equal(left.members[0].lots[0].remaining, 800);
    assert_int_equal(balance(&till), 0);
    till_close(&till);
}

static void more_than_was_bought_cannot_come_back(void **state)
{
    const struct line lines[] = {{"a", "x", 500}};
    const struct return_line part = {.of_line = 1, .quantity_given = true, .quantity_milli = 700};
    const struct return_line much = {.of_line = 1, .amount_given = true, .amount = 501};
    const struct return_line none = {.of_line = 2};
    struct purchase_return *body;
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 1);
    assert_int_equal(till_try_return(&till, purchase->result.id, &much, 1, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "return.more_than_bought");
    till_close(&till);
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    purchase = till_buy(&till, lines, 1);
    assert_int_equal(till_return(&till, purchase->result.id, &part, 1).amount, 350);
    assert_int_equal(till_try_return(&till, purchase->result.id, &part, 1, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "return.more_than_bought");
    assert_string_equal(till.error.field, "lines[0].quantity");
    assert_int_equal(till_try_return(&till, purchase->result.id, &none, 1, &body), STATUS_MISSING);
    assert_string_equal(till.error.code, "return.line_unknown");
    till_close(&till);
}

static void what_came_back_wholly_cannot_come_back_again(void **state)
{
    const struct line lines[] = {{"a", "x", 500}};
    struct purchase_return *body;
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 1);
    till_return(&till, purchase->result.id, NULL, 0);
    assert_int_equal(till_try_return(&till, purchase->result.id, NULL, 0, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "return.nothing_left");
    till_close(&till);
}

static void parts_of_a_line_add_up_to_the_line(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}};
    const struct return_line third = {.of_line = 1, .quantity_given = true, .quantity_milli = 1000};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_purchase(&till, lines, 1);
    purchase->lines[0].quantity_milli = 3000;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(till_return(&till, purchase->result.id, &third, 1).amount, 333);
    assert_int_equal(till_return(&till, purchase->result.id, &third, 1).amount, 334);
    assert_int_equal(till_return(&till, purchase->result.id, &third, 1).amount, 333);
    till_close(&till);
}

static void a_return_frees_the_budget_and_the_limit_that_the_goods_used(void **state)
{
    const struct line lines[] = {{"a", "coffee", 3000}, {"b", "coffee", 2000}};
    struct till till;

    (void)state;
    till_open(
        &till, "",
        ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"1\",\"multipliers\":[{\"code\":"
        "\"twice\",\"factor\":2,\"categories\":[\"coffee\"],\"budget\":100,\"member_limit\":80,\"member_period\":"
        "\"month\"}]}]",
        "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 2);
    assert_int_equal(balance(&till), 100);
    assert_int_equal(till.counter.used, 50);
    assert_int_equal(till.member->progress_count, 1);
    assert_true(text_equals(till.member->progress[0].id, "multiplier:twice:2026-03"));
    struct return_result result = till_return_line(&till, purchase->result.id, 2);
    assert_int_equal(clawed_back(&result), 40);
    assert_int_equal(till.counter.used, 30);
    assert_int_equal(till.member->progress[0].used, 30);
    till_return(&till, purchase->result.id, NULL, 0);
    assert_int_equal(till.counter.used, 0);
    assert_int_equal(till.member->progress[0].used, 0);
    assert_int_equal(balance(&till), 0);
    till_close(&till);
}

static void a_return_lowers_the_qualifying_points_and_leaves_the_tier(void **state)
{
    const struct line lines[] = {{"a", "x", 50000}, {"b", "x", 50000}};
    struct till till;

    (void)state;
    till_open(
        &till, "",
        ",\"rules\":[{\"code\":\"status\",\"wallet\":\"status\",\"points\":1,\"per\":\"1\"}],\"tiers\":{\"metric\":"
        "\"points\",\"wallet\":\"status\",\"levels\":[{\"code\":\"base\",\"qualify\":0},{\"code\":\"gold\",\"qualify\":"
        "1000}]}",
        "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 2);
    assert_true(text_equals(purchase->result.tier_before, "base"));
    assert_true(text_equals(purchase->result.tier_after, "gold"));
    till_return_line(&till, purchase->result.id, 1);
    assert_int_equal(till.member->standing.qualifying, 500);
    assert_true(text_equals(till.member->standing.tier, "gold"));
    till_close(&till);
}

static void a_return_computes_with_the_tier_held_at_the_purchase(void **state)
{
    const struct line lines[] = {{"a", "x", 100000}, {"b", "x", 100000}};
    struct till till;

    (void)state;
    till_open(
        &till, "",
        ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"10\"}],\"tiers\":{\"metric\":"
        "\"spend\",\"crossing\":\"before\",\"levels\":[{\"code\":\"base\",\"qualify\":\"0\"},{\"code\":\"gold\","
        "\"qualify\":\"1500\",\"factor\":3}]}",
        "2026-03-01T10:00:00Z");
    struct purchase *first = till_buy(&till, lines, 2); /* reaches gold, earns as base: 200 */
    assert_int_equal(balance(&till), 200);
    struct purchase *second = till_buy(&till, lines, 2); /* as gold: 600 */
    assert_int_equal(balance(&till), 800);
    struct return_result result = till_return_line(&till, first->result.id, 1);
    assert_int_equal(clawed_back(&result), 100);
    result = till_return_line(&till, second->result.id, 1);
    assert_int_equal(clawed_back(&result), 300);
    till_close(&till);
}

static void points_already_spent_become_written_off_or_debt_by_the_policy(void **state)
{
    const struct line lines[] = {{"a", "x", 15000}};
    const char *const wallets[] = {WORTH_A_CENT, WORTH_A_CENT ",\"debt\":\"allow\""};
    const int64_t balances[] = {0, -100};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct till till;
        till_open(&till, wallets[i], RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
        struct purchase *purchase = till_buy(&till, lines, 1); /* 150 points */
        struct purchase *spend = till_purchase(&till, (const struct line[]){{"b", "x", 100}}, 1);
        spend->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 100};
        spend->payment_count = 1;
        assert_int_equal(till_try(&till, spend), STATUS_OK);
        int64_t before = balance(&till);
        struct return_result result = till_return(&till, purchase->result.id, NULL, 0);
        assert_int_equal(clawed_back(&result), 150);
        assert_int_equal(balance(&till), balances[i] + (before - 50) * (i == 1));
        assert_int_equal(result.written_off, i == 0 ? 150 - before : 0);
        till_close(&till);
    }
}

static void a_return_lowers_the_spend_of_the_day_of_the_purchase(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}, {"b", "x", 500}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 2);
    till.decision.now = instant_of("2026-03-05T10:00:00Z");
    till_return_line(&till, purchase->result.id, 2);
    assert_int_equal(till.member->standing.spend, 1000);
    assert_int_equal(till.member->standing.returns, 500);
    assert_int_equal(till.member->standing.purchases, 1);
    assert_int_equal(till.member->day_count, 1);
    assert_int_equal(till.member->days[0].spend, 1000);
    till_close(&till);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returning_thirds_one_at_a_time_takes_34_33_33),
        cmocka_unit_test(returning_in_any_order_and_size_takes_back_exactly_what_was_earned),
        cmocka_unit_test(a_return_of_goods_paid_partly_with_points_gives_back_both_in_proportion),
        cmocka_unit_test(the_last_return_gives_what_is_left_of_the_payment),
        cmocka_unit_test(points_of_one_who_parted_go_back_to_the_lot_they_came_from),
        cmocka_unit_test(more_than_was_bought_cannot_come_back),
        cmocka_unit_test(what_came_back_wholly_cannot_come_back_again),
        cmocka_unit_test(parts_of_a_line_add_up_to_the_line),
        cmocka_unit_test(a_return_frees_the_budget_and_the_limit_that_the_goods_used),
        cmocka_unit_test(a_return_lowers_the_qualifying_points_and_leaves_the_tier),
        cmocka_unit_test(a_return_computes_with_the_tier_held_at_the_purchase),
        cmocka_unit_test(points_already_spent_become_written_off_or_debt_by_the_policy),
        cmocka_unit_test(a_return_lowers_the_spend_of_the_day_of_the_purchase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

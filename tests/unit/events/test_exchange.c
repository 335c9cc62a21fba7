#include <stdio.h>

#include "till.h"

#include "features/events/exchange.h"
#include "features/events/unreceipted.h"

static enum status run_past(struct till *till, struct command *command, int64_t id)
{
    struct past_event *event = arena_alloc(till->arena, sizeof *event);

    *event = till_past(till, id);
    till->decision.events[0] = event;
    command->event_count = 1;
    command->day = zone_day(till->programme.zone, event->row.at);
    return till_run(till, command);
}

/* ---- voids ---- */

static enum status try_void(struct till *till, int64_t id, struct purchase_return **out)
{
    struct purchase_return *body = arena_alloc(till->arena, sizeof *body);

    *body = (struct purchase_return){.at = till->decision.now,
                                     .day = zone_day(till->programme.zone, till->decision.now),
                                     .identity = EVENT_IDENTITY_NONE,
                                     .attribution_claim = -1,
                                     .receipt_claim = -1,
                                     .voids = true};
    *out = body;
    return run_past(till, till_command(till, &void_command_type, body), id);
}

static void spend(struct till *till, int64_t points)
{
    struct error err = {0};
    struct journal_row *row = journal_add(&till->decision, till->member, 0, "redemption", till->decision.now);
    struct posting posting = posting_start(&till->decision, row);
    struct ledger ledger = {&posting, till->group, till->member, &till->programme, &till->programme.wallets[0]};

    assert_int_equal(ledger_draw(&ledger, points, ACCOUNT_REDEEMED, &err), STATUS_OK);
}

static void a_voided_purchase_leaves_everything_as_it_was(void **state)
{
    const struct line first[] = {{"a", "x", 2000}}, second[] = {{"b", "x", 15000}};
    struct till till;
    struct purchase_return *body;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    till_buy(&till, first, 1);
    const struct standing before = till.member->standing;
    till.decision.now = instant_of("2026-03-02T10:00:00Z");
    struct purchase *bought = till_buy(&till, second, 1);
    assert_int_equal(till.member->standing.purchases, 2);
    till.decision.now = instant_of("2026-03-02T15:00:00Z");
    body = arena_alloc(till.arena, sizeof *body);
    *body =
        (struct purchase_return){.at = till.decision.now,
                                 .day = bought->day,
                                 .identity = EVENT_IDENTITY_NONE,
                                 .attribution_claim = -1,
                                 .receipt_claim = -1,
                                 .voids = true,
                                 .others = {before.first_purchase_at, before.last_purchase_at, before.last_event_at}};
    assert_int_equal(run_past(&till, till_command(&till, &void_command_type, body), bought->result.id), STATUS_OK);
    const struct standing *after = &till.member->standing;
    assert_int_equal(after->purchases, before.purchases);
    assert_int_equal(after->purchase_days, before.purchase_days);
    assert_int_equal(after->spend, before.spend);
    assert_int_equal(after->returns, 0);
    assert_int_equal(after->first_purchase_at, before.first_purchase_at);
    assert_int_equal(after->last_purchase_at, before.last_purchase_at);
    assert_int_equal(after->last_event_at, before.last_event_at);
    assert_int_equal(member_day_at(&till.decision, till.member, bought->day)->count, 0);
    assert_int_equal(balance(&till), 20);
    assert_int_equal(try_void(&till, bought->result.id, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "void.known");
    struct purchase_return *back;
    assert_int_equal(till_try_return(&till, bought->result.id, NULL, 0, &back), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "return.nothing_left");
    till_close(&till);
}

/* Earn 150, spend 100, void: clamp stops at 0 and writes 100 off, allow goes to -100. */
static void a_void_after_the_points_were_spent_follows_the_debt_policy(void **state)
{
    static const struct {
        const char *wallet;
        int64_t balance, written_off;
    } cases[] = {{"", 0, 100}, {",\"debt\":\"allow\"", -100, 0}};
    const struct line lines[] = {{"a", "x", 15000}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct till till;
        struct purchase_return *body;
        till_open(&till, cases[i].wallet, RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
        struct purchase *bought = till_buy(&till, lines, 1);
        spend(&till, 100);
        assert_int_equal(try_void(&till, bought->result.id, &body), STATUS_OK);
        assert_int_equal(balance(&till), cases[i].balance);
        assert_int_equal(body->result.written_off, cases[i].written_off);
        till_close(&till);
    }
}

static void a_void_is_of_the_same_day_and_of_goods_that_are_all_there(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}, {"b", "x", 1000}};
    struct till till;
    struct purchase_return *body;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *bought = till_buy(&till, lines, 2);
    struct purchase *other = till_buy(&till, lines, 2);
    till_return_line(&till, other->result.id, 1);
    assert_int_equal(try_void(&till, other->result.id, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "void.returned");
    till.decision.now = instant_of("2026-03-02T00:00:00Z");
    assert_int_equal(try_void(&till, bought->result.id, &body), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "void.day");
    till_close(&till);
}

/* ---- exchanges ---- */

static struct exchange *try_exchange(struct till *till, int64_t id, const struct line *lines, size_t count,
                                     enum status *status)
{
    struct exchange *body = arena_alloc(till->arena, sizeof *body);

    body->buy = *till_purchase(till, lines, count);
    body->back = (struct purchase_return){.at = body->buy.at,
                                          .day = body->buy.day,
                                          .identity = EVENT_IDENTITY_NONE,
                                          .attribution_claim = -1,
                                          .receipt_claim = -1};
    *status = run_past(till, till_command(till, &exchange_command_type, body), id);
    return body;
}

static struct exchange *exchanged(struct till *till, int64_t id, const struct line *lines, size_t count)
{
    enum status status;
    struct exchange *body = try_exchange(till, id, lines, count, &status);

    if (status != STATUS_OK)
        fail_msg("%s: %s", till->error.code, till->error.message);
    return body;
}

static void an_exchange_settles_points_and_money_net(void **state)
{
    const struct line old[] = {{"a", "x", 10000}}, dearer[] = {{"b", "x", 15000}}, cheaper[] = {{"c", "x", 6000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *bought = till_buy(&till, old, 1);
    struct exchange *more = exchanged(&till, bought->result.id, dearer, 1);
    assert_int_equal(more->to_pay, 5000);
    assert_int_equal(more->points[0].points, 50);
    assert_int_equal(balance(&till), 150);
    struct exchange *less = exchanged(&till, more->buy.result.id, cheaper, 1);
    assert_int_equal(less->to_pay, -9000);
    assert_int_equal(less->points[0].points, -90);
    assert_int_equal(balance(&till), 60);
    assert_int_equal(till.member->standing.spend, 6000);
    assert_int_equal(till.member->standing.purchases, 3);
    struct past_event first = till_past(&till, bought->result.id);
    struct past_event taken = till_past(&till, more->buy.result.id);
    assert_int_equal(taken.row.cause, bought->result.id);
    assert_true(text_equals(first.followers[first.follower_count - 1].row.kind, "return"));
    enum status status;
    try_exchange(&till, bought->result.id, cheaper, 1, &status);
    assert_int_equal(status, STATUS_CONFLICT);
    assert_string_equal(till.error.code, "return.nothing_left");
    till_close(&till);
}

/* Earned 150, spent 100: 50 are left. The new goods earn 120, the old take 150: 20, and nothing is written off. */
static void a_policy_that_writes_debt_off_sees_the_net_of_an_exchange(void **state)
{
    const struct line old[] = {{"a", "x", 15000}}, new[] = {{"b", "x", 12000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *bought = till_buy(&till, old, 1);
    spend(&till, 100);
    struct exchange *body = exchanged(&till, bought->result.id, new, 1);
    assert_int_equal(balance(&till), 20);
    assert_int_equal(body->back.result.written_off, 0);
    till_close(&till);
}

/* 150 of the 200 for gold are bought and exchanged for as much: the sum stays 150, not 300. */
static void an_exchange_lifts_nobody_into_a_tier(void **state)
{
    const struct line goods[] = {{"a", "x", 15000}};
    struct till till;

    (void)state;
    till_open(&till, "",
              RULE_ONE_PER_UNIT ",\"tiers\":{\"metric\":\"spend\",\"levels\":[{\"code\":\"base\",\"qualify\":\"0\"},"
                                "{\"code\":\"gold\",\"qualify\":\"200.00\",\"factor\":2}],\"crossing\":\"after\"}",
              "2026-03-01T10:00:00Z");
    struct purchase *bought = till_buy(&till, goods, 1);
    exchanged(&till, bought->result.id, goods, 1);
    assert_int_equal(till.member->standing.qualifying, 15000);
    assert_true(text_equals(till.member->standing.tier, "base"));
    assert_int_equal(balance(&till), 150);
    till_close(&till);
}

/* ---- without a receipt ---- */

#define ONE_PER_TEN_HALF_UP \
    ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"10\",\"rounding\":\"half_up\"}]"

static enum status try_unreceipted(struct till *till, int64_t amount, bool approved, struct unreceipted_return **out)
{
    struct unreceipted_return *body = arena_alloc(till->arena, sizeof *body);
    const struct line lines[] = {{"a", "x", amount}};

    body->goods = *till_purchase(till, lines, 1);
    body->approved = approved;
    *out = body;
    return till_run(till, till_command(till, &unreceipted_command_type, body));
}

static void the_programme_says_who_takes_goods_back_without_a_receipt(void **state)
{
    static const struct {
        const char *policy;
        enum status below, above, approved;
    } cases[] = {
        {"", STATUS_CONFLICT, STATUS_CONFLICT, STATUS_CONFLICT},
        {",\"returns_without_receipt\":{\"policy\":\"approval\"}", STATUS_FORBIDDEN, STATUS_FORBIDDEN, STATUS_OK},
        {",\"returns_without_receipt\":{\"policy\":\"allowed\",\"up_to\":\"50.00\"}", STATUS_OK, STATUS_FORBIDDEN,
         STATUS_OK},
        {",\"returns_without_receipt\":{\"policy\":\"allowed\"}", STATUS_OK, STATUS_OK, STATUS_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct till till;
        struct unreceipted_return *body;
        char rest[512];
        snprintf(rest, sizeof rest, "%s%s", ONE_PER_TEN_HALF_UP, cases[i].policy);
        till_open(&till, "", rest, "2026-03-01T10:00:00Z");
        assert_int_equal(try_unreceipted(&till, 5000, false, &body), cases[i].below);
        assert_int_equal(try_unreceipted(&till, 5001, false, &body), cases[i].above);
        assert_int_equal(try_unreceipted(&till, 5001, true, &body), cases[i].approved);
        till_close(&till);
    }
}

/* 19.00 would earn 1.9 points, 2 by the rule: rounded down 1 is taken back. Then 58 more, of which the member has 4. */
static void without_a_receipt_points_are_taken_at_the_rate_of_now_rounded_down(void **state)
{
    struct till till;
    struct unreceipted_return *body;

    (void)state;
    till_open(&till, "", ONE_PER_TEN_HALF_UP ",\"returns_without_receipt\":{\"policy\":\"allowed\"}",
              "2026-03-01T10:00:00Z");
    till_gift(&till, 5);
    assert_int_equal(try_unreceipted(&till, 1900, false, &body), STATUS_OK);
    assert_int_equal(body->result.clawed_back[0].points, 1);
    assert_int_equal(body->result.money, 1900);
    assert_int_equal(balance(&till), 4);
    struct past_event row = till_past(&till, body->result.id);
    assert_true(text_equals(row.row.kind, "return"));
    assert_int_equal(row.row.cause, 0);
    assert_non_null(memmem(row.row.facts.bytes, row.row.facts.size, "\"unreceipted\":1", 15));
    assert_int_equal(try_unreceipted(&till, 58000, false, &body), STATUS_OK);
    assert_int_equal(balance(&till), 0);
    assert_int_equal(body->result.written_off, 54);
    assert_int_equal(till.member->standing.returns, 59900);
    till_close(&till);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voided_purchase_leaves_everything_as_it_was),
        cmocka_unit_test(a_void_after_the_points_were_spent_follows_the_debt_policy),
        cmocka_unit_test(a_void_is_of_the_same_day_and_of_goods_that_are_all_there),
        cmocka_unit_test(an_exchange_settles_points_and_money_net),
        cmocka_unit_test(a_policy_that_writes_debt_off_sees_the_net_of_an_exchange),
        cmocka_unit_test(an_exchange_lifts_nobody_into_a_tier),
        cmocka_unit_test(the_programme_says_who_takes_goods_back_without_a_receipt),
        cmocka_unit_test(without_a_receipt_points_are_taken_at_the_rate_of_now_rounded_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

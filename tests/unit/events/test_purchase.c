#include <stdio.h>

#include "till.h"

#define WORTH_A_CENT ",\"value\":{\"points\":1,\"amount\":\"0.01\"}"

static void a_purchase_earns_and_counts_in_the_standing(void **state)
{
    const struct line lines[] = {{"a", "x", 1999}, {"b", "x", 2000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_buy(&till, lines, 2);
    assert_int_equal(purchase->result.amount, 3999);
    assert_int_equal(purchase->result.earned_count, 1);
    assert_int_equal(purchase->result.earned[0].points, 39);
    assert_true(text_equals(purchase->result.earned[0].rule, "base"));
    assert_int_equal(purchase->result.balance_count, 1);
    assert_int_equal(purchase->result.balances[0].available, 39);
    assert_int_equal(till.member->standing.purchases, 1);
    assert_int_equal(till.member->standing.spend, 3999);
    assert_int_equal(till.member->standing.purchase_days, 1);
    till_buy(&till, lines, 1);
    assert_int_equal(till.member->standing.purchases, 2);
    assert_int_equal(till.member->standing.purchase_days, 1);
    assert_int_equal(till.member->days[0].count, 2);
    assert_int_equal(till.member->days[0].spend, 5998);
    till_close(&till);
}

static void a_total_without_lines_is_one_line(void **state)
{
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_purchase(&till, NULL, 0);
    purchase->total = 1250;
    purchase->total_given = true;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    struct past_event past = till_past(&till, purchase->result.id);
    assert_int_equal(past.row.line_count, 1);
    assert_int_equal(past.row.lines[0].amount, 1250);
    assert_int_equal(past.row.lines[0].number, 1);
    till_close(&till);
}

static void lines_that_do_not_sum_to_the_total_are_refused(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}, {"b", "x", 500}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_purchase(&till, lines, 2);
    purchase->total = 1499;
    purchase->total_given = true;
    assert_int_equal(till_try(&till, purchase), STATUS_INVALID);
    assert_string_equal(till.error.code, "purchase.total");
    purchase = till_purchase(&till, (const struct line[]){{"a", "x", -1}}, 1);
    assert_int_equal(till_try(&till, purchase), STATUS_INVALID);
    assert_string_equal(till.error.code, "purchase.negative");
    assert_string_equal(till.error.field, "lines[0].amount");
    till_close(&till);
}

static void a_purchase_more_than_five_minutes_ahead_is_refused(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_purchase(&till, lines, 1);
    purchase->at = till.decision.now + 5 * INSTANT_MINUTE;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    purchase = till_purchase(&till, lines, 1);
    purchase->at = till.decision.now + 5 * INSTANT_MINUTE + 1;
    assert_int_equal(till_try(&till, purchase), STATUS_INVALID);
    assert_string_equal(till.error.code, "event.in_future");
    till_close(&till);
}

static void a_late_purchase_dates_its_lot_from_when_it_happened(void **state)
{
    const struct line lines[] = {{"a", "x", 10000}};
    struct till till;

    (void)state;
    till_open(&till, ",\"expiry\":{\"kind\":\"after\",\"count\":30,\"unit\":\"days\"}", RULE_ONE_PER_UNIT,
              "2026-03-01T10:00:00Z");
    struct purchase *purchase = till_purchase(&till, lines, 1);
    purchase->at = instant_of("2026-02-20T10:00:00Z");
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(till.member->lots[0].earned_at, purchase->at);
    assert_int_equal(till.member->lots[0].expires_at, instant_of("2026-03-23T00:00:00Z"));
    assert_int_equal(balance(&till), 100);
    /* One already over posts and expires at once. */
    purchase = till_purchase(&till, lines, 1);
    purchase->at = instant_of("2026-01-01T10:00:00Z");
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(purchase->result.earned[0].points, 100);
    assert_int_equal(balance(&till), 100);
    till_close(&till);
}

static void a_late_purchase_earns_by_the_version_in_force_when_it_happened(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct programme versions[2] = {till.programme, till.programme};
    struct earning_rule tenfold = till.programme.rules[0];
    tenfold.points = 10;
    versions[0].effective_at = 0;
    versions[1].effective_at = instant_of("2026-02-01T00:00:00Z");
    versions[1].version = 2;
    versions[1].rules = &tenfold;
    till.set.versions = versions;
    till.set.version_count = 2;
    assert_int_equal(till_buy(&till, lines, 1)->result.earned[0].points, 100);
    struct purchase *late = till_purchase(&till, lines, 1);
    late->at = instant_of("2026-01-15T10:00:00Z");
    assert_int_equal(till_try(&till, late), STATUS_OK);
    assert_int_equal(late->result.earned[0].points, 10);
    struct return_result result = till_return(&till, late->result.id, NULL, 0);
    assert_int_equal(clawed_back(&result), 10);
    till_close(&till);
}

static void the_crossing_purchase_earns_by_the_choice_of_the_programme(void **state)
{
    const char *const crossings[] = {"before", "after", "marginal"};
    const int64_t expected[] = {100, 150, 125};
    const struct line first[] = {{"a", "x", 950000}}, second[] = {{"b", "x", 100000}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct till till;
        char rest[512];
        snprintf(
            rest, sizeof rest,
            ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"10\"}],\"tiers\":{\"metric\":"
            "\"spend\",\"crossing\":\"%s\",\"levels\":[{\"code\":\"base\",\"qualify\":\"0\"},{\"code\":\"gold\","
            "\"qualify\":\"10000\",\"factor\":\"1.5\"}]}",
            crossings[i]);
        till_open(&till, "", rest, "2026-03-01T10:00:00Z");
        till_buy(&till, first, 1);
        struct purchase *purchase = till_buy(&till, second, 1);
        assert_int_equal(purchase->result.earned[0].points, expected[i]);
        assert_true(text_equals(purchase->result.tier_after, "gold"));
        till_close(&till);
    }
}

static void a_bonus_stops_at_its_budget(void **state)
{
    const struct line lines[] = {{"a", "x", 500}};
    const char *const partial[] = {"false", "true"};
    const int64_t expected[] = {5, 8};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct till till;
        char rest[512];
        snprintf(rest, sizeof rest,
                 ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"1\",\"multipliers\":[{"
                 "\"code\":"
                 "\"twice\",\"factor\":2,\"budget\":50,\"budget_partial\":%s}]}]",
                 partial[i]);
        till_open(&till, "", rest, "2026-03-01T10:00:00Z");
        till.counter.used = 47;
        struct purchase *purchase = till_buy(&till, lines, 1);
        assert_int_equal(purchase->result.earned[0].points, expected[i]);
        assert_int_equal(till.counter.used, i == 0 ? 47 : 50);
        till_close(&till);
    }
}

static void points_pay_a_part_and_the_payment_is_a_redemption_of_its_own(void **state)
{
    const struct line lines[] = {{"a", "x", 5000}};
    struct till till;

    (void)state;
    till_open(&till, WORTH_A_CENT,
              ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"1\",\"on_paid_only\":true}]",
              "2026-03-01T10:00:00Z");
    till_gift(&till, 1500);
    struct purchase *purchase = till_purchase(&till, lines, 1);
    purchase->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 1000};
    purchase->payment_count = 1;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    struct past_event past = till_past(&till, purchase->result.id);
    assert_int_equal(past.follower_count, 1);
    assert_true(text_equals(past.followers[0].row.kind, "redemption"));
    assert_int_equal(past.followers[0].row.amount, 1000);
    assert_int_equal(purchase->result.earned[0].points, 40);
    assert_int_equal(balance(&till), 540);
    purchase = till_purchase(&till, lines, 1);
    purchase->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 5001};
    purchase->payment_count = 1;
    assert_int_not_equal(till_try(&till, purchase), STATUS_OK);
    till_close(&till);
}

static void points_worth_more_than_the_purchase_are_refused(void **state)
{
    struct till till;

    (void)state;
    till_open(&till, WORTH_A_CENT, "", "2026-03-01T10:00:00Z");
    till_gift(&till, 1500);
    struct purchase *purchase = till_purchase(&till, (const struct line[]){{"a", "x", 999}}, 1);
    purchase->payments[0] = (struct payment){.wallet = TEXT("points"), .points = 1000};
    purchase->payment_count = 1;
    assert_int_equal(till_try(&till, purchase), STATUS_INVALID);
    assert_string_equal(till.error.code, "purchase.overpaid");
    till_close(&till);
}

static void a_foreign_amount_is_converted_once_by_the_rate_of_the_day(void **state)
{
    const struct line lines[] = {{"a", "x", 333}, {"b", "x", 333}, {"c", "x", 334}};
    struct till till;
    struct currency_rate rate = {.currency = "USD", .numerator = 7123, .denominator = 1000};

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    rate.day = zone_day(till.programme.zone, till.decision.now);
    till.set.rates = &rate;
    till.set.rate_count = 1;
    struct purchase *purchase = till_purchase(&till, lines, 3);
    memcpy(purchase->currency, "USD", CURRENCY_SIZE);
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(purchase->result.amount, 7123);
    assert_int_equal(purchase->result.earned[0].points, 71);
    struct past_event past = till_past(&till, purchase->result.id);
    assert_int_equal(past.row.lines[0].amount + past.row.lines[1].amount + past.row.lines[2].amount, 7123);
    assert_non_null(memmem(past.row.facts.bytes, past.row.facts.size, "\"original\":1000", 15));
    purchase = till_purchase(&till, lines, 3);
    memcpy(purchase->currency, "EUR", CURRENCY_SIZE);
    assert_int_equal(till_try(&till, purchase), STATUS_INVALID);
    assert_string_equal(till.error.code, "purchase.no_rate");
    till_close(&till);
}

static void an_anonymous_purchase_earns_when_a_member_claims_it_in_time(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}, {"b", "x", 2000}};
    struct till till;
    struct attribution body = {0};
    struct past_event *event;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    till.programme.late_claim_days = 14;
    struct purchase *purchase = till_purchase(&till, lines, 2);
    purchase->named = false;
    assert_int_equal(till_try(&till, purchase), STATUS_OK);
    assert_int_equal(purchase->result.member, 0);
    assert_int_equal(balance(&till), 0);

    event = arena_alloc(till.arena, sizeof *event);
    *event = till_past(&till, purchase->result.id);
    struct command *command = till_command(&till, attribution_type(&till.programme, &till.programme, false), &body);
    command->claims[0] = (struct claim_key){.kind = "attribution", .key = TEXT("1")};
    command->claim_count = 1;
    command->event_count = 1;
    till.decision.events[0] = event;
    till.decision.now += 15 * INSTANT_DAY;
    assert_int_equal(till_run(&till, command), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "purchase.claim_late");
    till.decision.now -= 2 * INSTANT_DAY;
    assert_int_equal(till_run(&till, command), STATUS_OK);
    assert_int_equal(body.result.earned[0].points, 30);
    assert_int_equal(till.member->standing.purchases, 1);
    assert_int_equal(till.member->standing.last_purchase_at, event->row.at);
    struct return_result result = till_return_line(&till, body.result.id, 2);
    assert_int_equal(clawed_back(&result), 20);
    till.decision.events[0] = event;
    command->claims[0].reference = body.result.id;
    assert_int_equal(till_run(&till, command), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "purchase.has_member");
    till_close(&till);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_purchase_earns_and_counts_in_the_standing),
        cmocka_unit_test(a_total_without_lines_is_one_line),
        cmocka_unit_test(lines_that_do_not_sum_to_the_total_are_refused),
        cmocka_unit_test(a_purchase_more_than_five_minutes_ahead_is_refused),
        cmocka_unit_test(a_late_purchase_dates_its_lot_from_when_it_happened),
        cmocka_unit_test(a_late_purchase_earns_by_the_version_in_force_when_it_happened),
        cmocka_unit_test(the_crossing_purchase_earns_by_the_choice_of_the_programme),
        cmocka_unit_test(a_bonus_stops_at_its_budget),
        cmocka_unit_test(points_pay_a_part_and_the_payment_is_a_redemption_of_its_own),
        cmocka_unit_test(points_worth_more_than_the_purchase_are_refused),
        cmocka_unit_test(a_foreign_amount_is_converted_once_by_the_rate_of_the_day),
        cmocka_unit_test(an_anonymous_purchase_earns_when_a_member_claims_it_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

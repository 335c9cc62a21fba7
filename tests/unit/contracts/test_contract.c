/* Periods of contracts: progress, shortfalls, what is carried, what comes late, notice and renewal. Figures by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "features/contracts/contract.h"

static struct arena *arena;
static const struct zone *zone;

static int setup(void **state)
{
    struct error err;

    (void)state;
    arena = arena_new(64 << 20);
    return zone_load(arena, TEXT("UTC"), &zone, &err) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static int32_t day(const char *text)
{
    int32_t found = 0;

    assert_true(day_parse(text_from(text), &found));
    return found;
}

static struct contract_clock at(const char *text)
{
    return (struct contract_clock){arena, zone, zone_day_start(zone, day(text)) + INSTANT_HOUR};
}

/* 10,000.00 a year from 2026-01-01. */
static struct contract yearly(void)
{
    const struct contract_terms first = {.row = 1, .from_day = day("2026-01-01"), .discount = 1000, .factor = 15000};

    return (struct contract){.id = 64,
                             .metric = CONTRACT_SPEND,
                             .commitment = 1000000,
                             .months = 12,
                             .agreed_at = zone_day_start(zone, day("2025-12-01")),
                             .from_day = day("2026-01-01"),
                             .end_day = DAY_NONE,
                             .reminded_day = DAY_NONE,
                             .terms = arena_copy(arena, &first, sizeof first),
                             .term_count = 1,
                             .term_capacity = 1};
}

static void buy(struct contract *contract, const char *now, const char *on, int64_t spend)
{
    const struct contract_clock clock = at(now);
    const struct contract_count nothing = {.event = 1},
                                bought = {.event = 1, .day = day(on), .spend = spend, .purchases = 1};

    contract_advance(&clock, contract);
    contract_recount(&clock, contract, &nothing, &bought);
}

static void give_back(struct contract *contract, const char *now, const char *on, int64_t spend)
{
    const struct contract_clock clock = at(now);
    const struct contract_count before = {.event = 1, .day = day(on), .spend = spend},
                                after = {.event = 1, .day = day(on)};

    contract_advance(&clock, contract);
    contract_recount(&clock, contract, &before, &after);
}

static void advance(struct contract *contract, const char *now)
{
    const struct contract_clock clock = at(now);

    contract_advance(&clock, contract);
}

static const struct contract_change *last(const struct contract *contract, const char *what)
{
    const struct contract_change *found = NULL;

    for (size_t i = 0; i < contract->loaded_count; i++)
        if (text_equals(contract->changes[i].what, what))
            found = &contract->changes[i];
    assert_non_null(found);
    return found;
}

static void begin(struct contract *contract)
{
    const struct contract_clock clock = at("2025-12-01");

    contract_begin(&clock, contract);
}

/* 26 May is day 146 of 365: two and a half times 3,280.00 is 8,200.00. */
static void the_pace_of_the_days_gone_is_that_of_the_period(void **state)
{
    struct contract contract = yearly();

    (void)state;
    begin(&contract);
    buy(&contract, "2026-05-26", "2026-05-26", 328000);
    const struct contract_period *period = contract_current(&contract);
    assert_int_equal(contract_percent(contract_achieved(&contract, period), period->commitment), 32);
    assert_int_equal(contract_projected(&contract, period, day("2026-05-26")), 820000);
    assert_int_equal(contract_percent(820000, 1000000), 82);
    assert_int_equal(contract_projected(&contract, period, day("2025-12-30")), 0);
    assert_int_equal(contract_projected(&contract, period, day("2026-12-31")), 328000);
}

static void a_shortfall_is_paid_and_what_comes_late_corrects_it(void **state)
{
    struct contract contract = yearly();

    (void)state;
    contract.shortfall = SHORTFALL_PAY;
    begin(&contract);
    buy(&contract, "2026-06-01", "2026-06-01", 820000);
    advance(&contract, "2027-01-01");
    assert_int_equal(last(&contract, CONTRACT_DUE)->amount, 180000);
    assert_int_equal(last(&contract, CONTRACT_DUE)->at, zone_day_start(zone, day("2027-01-01")));
    assert_true(text_equals(contract.end_reason, "expired"));
    buy(&contract, "2027-01-05", "2026-12-31", 50000);
    assert_int_equal(last(&contract, CONTRACT_CORRECTED)->amount, -50000);
    give_back(&contract, "2027-01-09", "2026-06-01", 20000);
    assert_int_equal(last(&contract, CONTRACT_CORRECTED)->amount, 20000);
    assert_int_equal(contract.periods[0].due, 150000);
    assert_int_equal(contract.period_count, 1);
}

static void a_surplus_is_carried_and_a_return_after_the_close_takes_it_back(void **state)
{
    struct contract contract = yearly();

    (void)state;
    contract.shortfall = SHORTFALL_PAY;
    contract.carry = contract.automatic = true;
    begin(&contract);
    buy(&contract, "2026-06-01", "2026-06-01", 1250000);
    advance(&contract, "2027-02-01");
    assert_int_equal(contract.period_count, 2);
    assert_int_equal(contract_current(&contract)->carried, 250000);
    assert_int_equal(contract_achieved(&contract, contract_current(&contract)), 250000);
    give_back(&contract, "2027-02-02", "2026-06-01", 300000);
    assert_int_equal(contract.periods[0].due, 50000);
    assert_int_equal(contract.periods[1].carried, 0);
}

static void a_period_that_is_short_is_extended_once(void **state)
{
    struct contract contract = yearly();

    (void)state;
    contract.shortfall = SHORTFALL_EXTEND;
    contract.after_extension = SHORTFALL_LOSE;
    contract.extend_months = 3;
    contract.automatic = true;
    begin(&contract);
    buy(&contract, "2026-06-01", "2026-06-01", 900000);
    advance(&contract, "2027-01-01");
    assert_int_equal(contract_period_end(contract_current(&contract)), day("2027-04-01"));
    buy(&contract, "2027-02-01", "2027-02-01", 50000);
    struct contract met = contract;
    met.periods = arena_copy(arena, contract.periods, sizeof *met.periods);
    met.period_capacity = 1;
    buy(&met, "2027-03-01", "2027-03-01", 50000);
    advance(&met, "2027-04-01");
    assert_int_equal(met.ended_at, 0);
    assert_int_equal(met.period_count, 2);
    assert_int_equal(contract_period_end(contract_current(&met)), day("2028-04-01"));
    advance(&contract, "2027-04-01");
    assert_int_equal(contract.period_count, 1);
    assert_true(text_equals(contract.end_reason, "shortfall"));
    assert_int_equal(contract.ended_at, zone_day_start(zone, day("2027-04-01")));
}

static void nights_that_are_missing_have_a_price(void **state)
{
    struct contract contract = yearly();
    const struct contract_clock clock = at("2026-03-01");
    const struct contract_count nothing = {.event = 1}, stayed = {.event = 1, .day = day("2026-03-01"), .nights = 43};

    (void)state;
    contract.metric = CONTRACT_NIGHTS;
    contract.commitment = 50;
    contract.price = 8000;
    contract.shortfall = SHORTFALL_PAY;
    begin(&contract);
    contract_recount(&clock, &contract, &nothing, &stayed);
    advance(&contract, "2027-01-01");
    assert_int_equal(contract.periods[0].due, 7 * 8000);
}

static void notice_in_time_ends_this_period_and_late_notice_the_next(void **state)
{
    struct contract contract = yearly();

    (void)state;
    contract.automatic = true;
    contract.notice_days = 30;
    begin(&contract);
    assert_int_equal(contract_notice_day(&contract, day("2026-11-22")), day("2027-01-01"));
    assert_int_equal(contract_notice_day(&contract, day("2026-12-02")), day("2027-01-01"));
    assert_int_equal(contract_notice_day(&contract, day("2026-12-03")), day("2028-01-01"));
    contract.automatic = false;
    assert_int_equal(contract_notice_day(&contract, day("2026-12-15")), day("2027-01-01"));
}

/* 2 July is the day after 182 of 365: 10,000.00 * 182 / 365 = 4,986.30. */
static void an_early_end_cuts_the_commitment_by_days(void **state)
{
    struct contract contract = yearly();
    const struct contract_clock clock = at("2026-05-01");

    (void)state;
    contract.shortfall = SHORTFALL_PAY;
    contract.automatic = true;
    begin(&contract);
    buy(&contract, "2026-05-01", "2026-05-01", 400000);
    contract_give_notice(&clock, &contract, day("2026-07-02"));
    assert_int_equal(contract_current(&contract)->commitment, 498630);
    assert_int_equal(contract_terms_until(zone, &contract, 0), zone_day_start(zone, day("2026-07-02")));
    advance(&contract, "2026-08-01");
    assert_int_equal(contract.periods[0].due, 98630);
    assert_int_equal(contract.ended_at, zone_day_start(zone, day("2026-07-02")));
    assert_int_equal(contract.period_count, 1);
}

static void periods_of_a_month_do_not_drift(void **state)
{
    struct contract contract = yearly();

    (void)state;
    contract.metric = CONTRACT_TERM;
    contract.commitment = 0;
    contract.from_day = day("2026-01-31");
    contract.months = 1;
    contract.automatic = true;
    begin(&contract);
    advance(&contract, "2026-04-10");
    assert_int_equal(contract.period_count, 3);
    assert_int_equal(contract.periods[0].until_day, day("2026-02-28"));
    assert_int_equal(contract.periods[1].until_day, day("2026-03-31"));
    assert_int_equal(contract.periods[2].until_day, day("2026-04-30"));
}

static void renewing_by_hand_begins_another_period_with_its_own_commitment(void **state)
{
    struct contract contract = yearly();

    (void)state;
    begin(&contract);
    contract.renews = true;
    contract.renew_months = 6;
    contract.renew_commitment = 600000;
    advance(&contract, "2027-03-01");
    assert_int_equal(contract.period_count, 2);
    assert_int_equal(contract.periods[1].commitment, 600000);
    assert_int_equal(contract_period_end(contract_current(&contract)), day("2027-07-01"));
    advance(&contract, "2027-07-01");
    assert_true(contract.ended_at != 0);
}

static void the_owner_is_reminded_once_for_each_end(void **state)
{
    struct contract contract = yearly();
    const struct contract_clock early = at("2026-11-30"), then = at("2026-12-02");

    (void)state;
    contract.remind_days = 30;
    begin(&contract);
    assert_int_equal(contract_due_at(zone, &contract), zone_day_start(zone, day("2026-12-02")));
    assert_false(contract_reminds(&early, &contract));
    assert_true(contract_reminds(&then, &contract));
    contract.reminded_day = day("2027-01-01");
    assert_false(contract_reminds(&then, &contract));
    assert_int_equal(contract_due_at(zone, &contract), zone_day_start(zone, day("2027-01-01")));
}

static void terms_hold_until_the_next_ones_or_the_end(void **state)
{
    struct contract contract = yearly();
    const struct contract_terms both[] = {{.row = 1, .from_day = day("2026-01-01"), .discount = 1000},
                                          {.row = 2, .from_day = day("2026-07-01"), .discount = 1250}};

    (void)state;
    begin(&contract);
    contract.terms = arena_copy(arena, both, sizeof both);
    contract.term_count = 2;
    assert_int_equal(contract_terms_until(zone, &contract, 0), zone_day_start(zone, day("2026-07-01")));
    assert_int_equal(contract_terms_until(zone, &contract, 1), zone_day_start(zone, day("2027-01-01")));
    assert_int_equal(contract_terms_on(&contract, day("2026-06-30"))->discount, 1000);
    assert_int_equal(contract_terms_on(&contract, day("2026-07-01"))->discount, 1250);
    contract.automatic = true;
    assert_int_equal(contract_terms_until(zone, &contract, 1), INSTANT_NEVER);
}

static void it_does_not_matter_how_often_it_is_advanced(void **state)
{
    struct contract once = yearly(), often;

    (void)state;
    once.shortfall = SHORTFALL_EXTEND;
    once.after_extension = SHORTFALL_PAY;
    once.extend_months = 2;
    once.automatic = once.carry = true;
    often = once;
    begin(&once);
    begin(&often);
    for (int32_t d = day("2026-01-01"); d <= day("2029-06-01"); d++) {
        const struct contract_clock clock = {arena, zone, zone_day_start(zone, d)};
        contract_advance(&clock, &often);
    }
    advance(&once, "2029-06-01");
    assert_int_equal(once.loaded_count, often.loaded_count);
    for (size_t i = 0; i < once.loaded_count; i++) {
        assert_int_equal(once.changes[i].at, often.changes[i].at);
        assert_int_equal(once.changes[i].amount, often.changes[i].amount);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pace_of_the_days_gone_is_that_of_the_period),
        cmocka_unit_test(a_shortfall_is_paid_and_what_comes_late_corrects_it),
        cmocka_unit_test(a_surplus_is_carried_and_a_return_after_the_close_takes_it_back),
        cmocka_unit_test(a_period_that_is_short_is_extended_once),
        cmocka_unit_test(nights_that_are_missing_have_a_price),
        cmocka_unit_test(notice_in_time_ends_this_period_and_late_notice_the_next),
        cmocka_unit_test(an_early_end_cuts_the_commitment_by_days),
        cmocka_unit_test(periods_of_a_month_do_not_drift),
        cmocka_unit_test(renewing_by_hand_begins_another_period_with_its_own_commitment),
        cmocka_unit_test(the_owner_is_reminded_once_for_each_end),
        cmocka_unit_test(terms_hold_until_the_next_ones_or_the_end),
        cmocka_unit_test(it_does_not_matter_how_often_it_is_advanced),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* Quotes: kept and read again, counted against limits, given back, over by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/offers/quote.h"

enum { ARENA_BYTES = 16 << 20 };
static const int64_t NOW = INT64_C(1700000000000000);

static struct scene {
    struct arena *arena;
    struct programme programme;
    struct programme_set set;
    struct decision decision;
    struct command command;
    struct counter uses, budget;
    struct quoted_line lines[2];
    struct quoted_offer offer;
    struct quoted_cut cut;
    struct quoted quoted;
    struct error error;
} scene;

static const struct text code = {"DOUBLE", 6};

static int setup(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(ARENA_BYTES);
    scene.programme = (struct programme){.exponent = 2, .currency = "USD"};
    assert_int_equal(zone_load(scene.arena, TEXT("UTC"), &scene.programme.zone, &scene.error), STATUS_OK);
    scene.set = (struct programme_set){.versions = &scene.programme, .version_count = 1};
    decision_start(&scene.decision, scene.arena, NOW, &scene.set);
    scene.command = (struct command){.arena = scene.arena, .day = DAY_NONE, .bucket = 3};
    scene.lines[0] = (struct quoted_line){
        .sku = TEXT("a\"b"), .category = TEXT("茶"), .quantity_milli = 2500, .public_amount = 1000, .amount = 900};
    scene.lines[1] = (struct quoted_line){.quantity_milli = 1000, .public_amount = 50, .amount = 50, .shipping = true};
    scene.offer = (struct quoted_offer){.code = TEXT("ten"),
                                        .name = TEXT("A tenth"),
                                        .version = 2,
                                        .reason = TEXT("public"),
                                        .amount = 100,
                                        .sets = 1,
                                        .limits = {10, 500, INT64_MAX, INT64_MAX},
                                        .benefit = true,
                                        .by = TEXT("membership"),
                                        .by_code = TEXT("plus"),
                                        .by_name = TEXT("Plus"),
                                        .membership = 77};
    scene.cut = (struct quoted_cut){0, 0, 100};
    scene.quoted = (struct quoted){.currency = "USD",
                                   .public_total = 1050,
                                   .total = 950,
                                   .lines = scene.lines,
                                   .line_count = 2,
                                   .offers = &scene.offer,
                                   .offer_count = 1,
                                   .cuts = &scene.cut,
                                   .cut_count = 1,
                                   .organisation = 9,
                                   .terms = TEXT("trade"),
                                   .shown = {&code, &code, 1, 1}};
    quoted_counters(&scene.quoted, &scene.command, scene.arena);
    assert_int_equal(scene.command.counter_count, 2);
    scene.decision.counters[0] = &scene.uses;
    scene.decision.counters[1] = &scene.budget;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(scene.arena);
    return 0;
}

static void what_is_kept_is_read_again(void **state)
{
    struct quoted read;

    (void)state;
    struct text document = quote_write(scene.arena, &scene.quoted);
    assert_int_equal(quote_read(scene.arena, document, &read, &scene.error), STATUS_OK);
    assert_int_equal(read.total, 950);
    assert_true(text_equal(read.lines[0].sku, scene.lines[0].sku));
    assert_int_equal(read.lines[0].quantity_milli, 2500);
    assert_true(read.lines[1].shipping);
    assert_int_equal(read.offers[0].limits.uses, 10);
    assert_int_equal(read.offers[0].limits.member, INT64_MAX);
    assert_int_equal(read.cuts[0].amount, 100);
    assert_true(read.offers[0].benefit);
    assert_int_equal(read.offers[0].membership, 77);
    assert_true(text_equals(read.offers[0].by_name, "Plus"));
    assert_int_equal(read.organisation, 9);
    assert_true(text_equals(read.terms, "trade"));
    assert_true(read.shown.code_count == 1 && text_equals(read.shown.codes[0], "DOUBLE"));
    assert_true(read.shown.coupon_count == 1 && text_equals(read.shown.coupons[0], "DOUBLE"));
    struct text again = quote_write(scene.arena, &read);
    assert_true(text_equal(document, again));
    assert_int_equal(quote_read(scene.arena, TEXT("{\"cuts\":[[7,7,7]]}"), &read, &scene.error), STATUS_DEFECT);
}

static void a_use_is_counted_until_none_is_left_and_given_back(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(quote_count(&scene.decision, &scene.command, NULL, &scene.quoted, &scene.error), STATUS_OK);
    assert_int_equal(scene.uses.used, 5);
    assert_int_equal(scene.budget.used, 500);
    assert_int_equal(quote_count(&scene.decision, &scene.command, NULL, &scene.quoted, &scene.error), STATUS_CONFLICT);
    assert_string_equal(scene.error.code, "offer.budget");
    scene.uses.used = 10;
    assert_int_equal(quote_count(&scene.decision, &scene.command, NULL, &scene.quoted, &scene.error), STATUS_CONFLICT);
    assert_string_equal(scene.error.code, "offer.exhausted");
    quote_uncount(&scene.decision, &scene.command,
                  &(struct quote_back){.offer = TEXT("ten"), .uses = true, .budget = true, .amount = 40, .use = false});
    assert_int_equal(scene.uses.used, 10);
    assert_int_equal(scene.budget.used, 460);
}

static struct quote_end ending(bool lapsed, int64_t due_at)
{
    scene.uses.used = 7;
    scene.budget.used = 300;
    return (struct quote_end){
        .id = 64 * 5 + 3,
        .lapsed = lapsed,
        .quoted = scene.quoted,
        .row = {.id = 64 * 5 + 3, .state = QUOTE_OPEN, .at = NOW - 5, .due_at = due_at, .reserved = true}};
}

static void a_quote_that_is_over_frees_what_it_reserved(void **state)
{
    struct quote_end body = ending(true, NOW);

    (void)state;
    scene.command.body = &body;
    assert_int_equal(quote_end_type.decide(&scene.decision, &scene.command, &scene.error), STATUS_OK);
    assert_true(body.ended);
    assert_int_equal(body.row.state, QUOTE_LAPSED);
    assert_int_equal(scene.uses.used, 6);
    assert_int_equal(scene.budget.used, 200);
    /* Once. */
    assert_int_equal(quote_end_type.decide(&scene.decision, &scene.command, &scene.error), STATUS_OK);
    assert_false(body.ended);
    assert_int_equal(scene.uses.used, 6);
}

static void a_quote_does_not_lapse_before_its_time(void **state)
{
    struct quote_end body = ending(true, NOW + 1);

    (void)state;
    scene.command.body = &body;
    assert_int_equal(quote_end_type.decide(&scene.decision, &scene.command, &scene.error), STATUS_OK);
    assert_false(body.ended);
    assert_int_equal(scene.uses.used, 7);
}

/* Sent late, and bought in time: what it had reserved is gone, so it is counted again. */
static void a_lapsed_quote_is_settled_by_a_purchase_made_in_time(void **state)
{
    struct quote_end body = ending(true, NOW);
    struct quote_settlement settlement = {.id = body.id, .quoted = scene.quoted, .row = body.row};
    struct journal_row row = {.id = 64 * 9 + 3, .at = NOW - 1};

    (void)state;
    settlement.row.state = QUOTE_LAPSED;
    assert_int_equal(quote_settle(&scene.decision, &scene.command, NULL, &settlement, &row, &scene.error), STATUS_OK);
    assert_int_equal(settlement.row.state, QUOTE_SETTLED);
    assert_int_equal(scene.uses.used, 8);
    settlement.row.state = QUOTE_LAPSED;
    row.at = NOW;
    assert_int_equal(quote_settle(&scene.decision, &scene.command, NULL, &settlement, &row, &scene.error),
                     STATUS_CONFLICT);
    assert_string_equal(scene.error.code, "quote.over");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(what_is_kept_is_read_again),
        TEST(a_use_is_counted_until_none_is_left_and_given_back),
        TEST(a_quote_that_is_over_frees_what_it_reserved),
        TEST(a_quote_does_not_lapse_before_its_time),
        TEST(a_lapsed_quote_is_settled_by_a_purchase_made_in_time),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Counts by hand: spreads, gaps, baskets, the pyramid, and stages by the rule of silence. */
#include "clv_fixture.h"

#include "features/insight/counts.h"

static void a_spread_is_its_moments_and_quantiles(void **state)
{
    double values[] = {4, 1, 3, 2};
    struct spread spread;

    (void)state;
    spread_measure(values, 4, &spread);
    assert_near(spread.mean, 2.5, 1e-15);
    assert_near(spread.deviation, sqrt(5.0 / 3), 1e-15);
    assert_near(spread.quarter, 1.75, 1e-15);
    assert_near(spread.median, 2.5, 1e-15);
    assert_near(spread.nine_tenths, 3.7, 1e-12);
    spread_measure(values, 0, &spread);
    assert_true(spread.count == 0 && isnan(spread.mean));
}

static void gaps_are_between_days_and_customers_have_a_mean_of_three(void **state)
{
    const struct clv_purchase list[] = {{0, 10, 1}, {0, 10, 1}, {0, 14, 1}, {0, 30, 1}, {1, 5, 1}, {1, 7, 1}};
    struct arena *arena = arena_new(1 << 16);
    struct spread all, by_customer;

    (void)state;
    counts_gaps(arena, &(struct clv_purchases){list, 6, 2}, &all, &by_customer);
    assert_near(all.count, 3, 0);
    assert_near(all.mean, (4 + 16 + 2) / 3.0, 1e-12);
    assert_near(by_customer.count, 1, 0);
    assert_near(by_customer.median, 10, 1e-12);
    arena_free(arena);
}

static void baskets_are_receipts_or_days(void **state)
{
    const struct clv_purchase list[] = {{0, 10, 5}, {1, 10, 7}, {0, 10, 2}, {0, 11, 1}};
    const struct clv_purchases purchases = {list, 4, 2};
    const uint32_t receipts[] = {0, 1, 2, UINT32_MAX};
    const double quantities[] = {3, 1, NAN, 0};
    struct arena *arena = arena_new(1 << 16);
    struct spread items, values;

    (void)state;
    counts_baskets(arena, &(struct basket_lines){.purchases = &purchases}, &items, &values);
    assert_near(values.count, 3, 0);
    assert_near(values.most, 7, 0);
    assert_near(items.mean, 4.0 / 3, 1e-12);
    counts_baskets(arena, &(struct basket_lines){&purchases, receipts, quantities, 3}, &items, &values);
    assert_near(values.count, 3, 0);
    assert_near(values.mean, 14.0 / 3, 1e-12);
    assert_near(items.mean, 5.0 / 3, 1e-12); /* a line without a quantity is one item */
    arena_free(arena);
}

static void the_pyramid_has_its_four_layers(void **state)
{
    struct pyramid_layer layers[PYRAMID_LAYERS];
    struct arena *arena = arena_new(1 << 16);
    double values[200], sum = 0;

    (void)state;
    for (int i = 0; i < 200; i++)
        values[i] = i < 2 ? 500 : i < 10 ? 100 : i < 40 ? 20 : 1;
    counts_pyramid(arena, values, 200, layers);
    const double customers[] = {2, 8, 30, 160}, worth[] = {1000, 800, 600, 160};

    for (int i = 0; i < PYRAMID_LAYERS; i++) {
        assert_near(layers[i].customers, customers[i], 0);
        assert_near(layers[i].value, worth[i], 1e-9);
        sum += layers[i].share;
    }
    assert_near(sum, 1, 1e-12);
    counts_pyramid(arena, values, 3, layers);
    assert_near(layers[0].customers, 0, 0);
    assert_near(layers[3].customers, 2, 0);
    arena_free(arena);
}

/* One customer of each stage on day 400, and what they were on day 300; the usual interval is 20 days. */
static void stages_follow_silence_and_growth(void **state)
{
    static const int32_t days[8][8] = {
        {340, 360, 380, 400},                     /* growing: spends more than in the 90 days before */
        {190, 210, 250, 290, 330, 370, 390, 395}, /* loyal: amounts below */
        {310, 330, 350},                          /* silent 50 days: at risk */
        {290, 310, 330},                          /* silent 70: lapsed */
        {200, 220, 240},                          /* silent 160: lost; on day 300 lapsed */
        {200, 220, 240, 390},                     /* lapsed, then back */
        {395},                                    /* new */
        {380, 385},                               /* new */
    };
    struct clv_purchase list[64];
    struct clv_purchases purchases = {list, 0, 8};
    struct arena *arena = arena_new(1 << 20);
    struct stage_changes changes;

    (void)state;
    for (uint32_t i = 0; i < 8; i++)
        for (int j = 0; j < 8 && days[i][j] > 0; j++)
            list[purchases.count++] = (struct clv_purchase){i, days[i][j], i == 1 && days[i][j] > 310 ? 1 : 10};
    counts_stages(arena, &purchases, 300, 400, &changes);
    assert_near(changes.usual, 20, 1e-12);
    const double expected[STAGES] = {0, 2, 1, 1, 1, 1, 1, 1};

    for (int i = 0; i < STAGES; i++)
        assert_near(changes.to[i], expected[i], 0);
    assert_near(changes.changes[STAGE_LAPSED][STAGE_LOST], 1, 0);
    assert_near(changes.changes[STAGE_LAPSED][STAGE_WON_BACK], 1, 0);
    assert_near(changes.changes[STAGE_NONE][STAGE_NEW], 2, 0);
    assert_near(changes.changes[STAGE_NEW][STAGE_LAPSED], 1, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spread_is_its_moments_and_quantiles),
        cmocka_unit_test(gaps_are_between_days_and_customers_have_a_mean_of_three),
        cmocka_unit_test(baskets_are_receipts_or_days),
        cmocka_unit_test(the_pyramid_has_its_four_layers),
        cmocka_unit_test(stages_follow_silence_and_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

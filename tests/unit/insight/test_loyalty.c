/* The loyalty index by hand: behaviour from purchases, weights, and what is missing. */
#include "clv_fixture.h"

#include "features/insight/loyalty_base.h"

static void nothing(double parts[LOYALTY_PARTS])
{
    for (int i = 0; i < LOYALTY_PARTS; i++)
        parts[i] = NAN;
}

static void behaviour_is_counted_in_usual_intervals(void **state)
{
    const int32_t days[] = {100, 100, 110, 131, 200};
    struct loyalty_habits habits = {0};
    double parts[LOYALTY_PARTS];

    (void)state;
    nothing(parts);
    for (int i = 0; i < 5; i++)
        loyalty_habits_add(&habits, days[i], 30);
    assert_int_equal(habits.days, 4);
    assert_int_equal(habits.intervals, 3); /* 100-129, 130-159, 190-219 */
    loyalty_behaviour(&habits, 320, 30, parts);
    assert_near(parts[LOYALTY_REPEAT], 1 - pow(2, -1.5), 1e-15);
    assert_near(parts[LOYALTY_RECENCY], pow(2, -120 / 32.0 / 2), 1e-15); /* own interval: (2 * 30 + 100) / (2 + 3) */
    assert_near(parts[LOYALTY_SHARE], 2.0 / 8, 1e-15); /* came back in two of seven, to which one is added */
    assert_near(parts[LOYALTY_TENURE], 1 - pow(2, -100.0 / 360), 1e-15);
}

/* The first purchase alone shows no loyalty yet: only that they were here lately. */
static void who_bought_once_has_recency_alone(void **state)
{
    struct loyalty_habits habits = {0};
    double parts[LOYALTY_PARTS];

    (void)state;
    loyalty_habits_add(&habits, 10, 20);
    loyalty_behaviour(&habits, 10, 20, parts);
    assert_near(parts[LOYALTY_RECENCY], 1, 0);
    assert_near(parts[LOYALTY_REPEAT] + parts[LOYALTY_SHARE] + parts[LOYALTY_TENURE], 0, 0);
    loyalty_behaviour(&habits, 50, 20, parts);
    assert_near(parts[LOYALTY_RECENCY], 0.5, 1e-15); /* two usual intervals: at risk */
    assert_near(parts[LOYALTY_SHARE], 0, 0);
}

/* Twenty days are nothing to who comes once a month, and long to who comes every other day. */
static void silence_is_measured_by_ones_own_interval(void **state)
{
    struct loyalty_habits seldom = {0}, often = {0};
    double of_seldom[LOYALTY_PARTS], of_often[LOYALTY_PARTS];

    (void)state;
    for (int32_t day = 0; day <= 300; day += 30)
        loyalty_habits_add(&seldom, day, 10);
    for (int32_t day = 0; day <= 300; day += 2)
        loyalty_habits_add(&often, day, 10);
    loyalty_behaviour(&seldom, 320, 10, of_seldom);
    loyalty_behaviour(&often, 320, 10, of_often);
    assert_near(of_seldom[LOYALTY_RECENCY], pow(2, -20 / (320 / 12.0) / 2), 1e-15);
    assert_near(of_often[LOYALTY_RECENCY], pow(2, -20 / (320 / 152.0) / 2), 1e-15);
}

static void a_missing_side_leaves_its_weight_to_the_others(void **state)
{
    double parts[LOYALTY_PARTS];
    struct loyalty_score score;

    (void)state;
    nothing(parts);
    loyalty_score(&loyalty_weights_usual, parts, &score);
    assert_true(isnan(score.index));
    assert_int_equal(score.rests_on, 0);
    parts[LOYALTY_REPEAT] = 0.5;
    parts[LOYALTY_RECENCY] = 1;
    loyalty_score(&loyalty_weights_usual, parts, &score);
    assert_near(score.index, 75, 0);
    assert_int_equal(score.rests_on, 1U << LOYALTY_BEHAVIOUR);
    assert_near(score.known, 0.2, 1e-15); /* half of 40 in 100 */
    parts[LOYALTY_RECOMMENDATION] = 0.2;
    parts[LOYALTY_RECALL] = 1;
    loyalty_score(&loyalty_weights_usual, parts, &score);
    assert_near(score.index, round((40 * 75 + 30 * 20 + 10 * 100) / 80.0), 0);
    assert_int_equal(score.rests_on, 1U << LOYALTY_BEHAVIOUR | 1U << LOYALTY_ATTITUDE | 1U << LOYALTY_COGNITION);
    assert_true(isnan(score.sides[LOYALTY_EMOTION]));
}

static void weights_of_sides_and_parts_can_be_changed(void **state)
{
    struct loyalty_weights weights = loyalty_weights_usual;
    double parts[LOYALTY_PARTS];
    struct loyalty_score score;

    (void)state;
    nothing(parts);
    parts[LOYALTY_TRUST] = 1;
    parts[LOYALTY_PREMIUM] = 0;
    parts[LOYALTY_SENTIMENT] = 0.5;
    assert_true(loyalty_weights_set(&weights, text_from("trust"), 3));
    assert_true(loyalty_weights_set(&weights, text_from("emotion"), 0));
    assert_false(loyalty_weights_set(&weights, text_from("love"), 1));
    assert_false(loyalty_weights_set(&weights, text_from("trust"), -1));
    assert_false(loyalty_weights_set(&weights, text_from("trust"), NAN));
    loyalty_score(&weights, parts, &score);
    assert_near(score.index, 75, 0); /* trust weighs three times premium; emotion plays no part */
    assert_int_equal(score.rests_on, 1U << LOYALTY_ATTITUDE);
}

static void the_newest_answer_by_then_counts(void **state)
{
    const struct clv_purchase list[] = {{0, 10, 5}, {1, 40, 5}, {1, 10, 5}};
    const struct clv_purchases purchases = {list, 3, 3};
    struct arena *arena = arena_new(1 << 20);
    struct loyalty_answer answers[3] = {
        {.customer = 2, .day = 30}, {.customer = 0, .day = 35}, {.customer = 0, .day = 20}};
    struct loyalty_member members[3];
    struct loyalty_summary summary;
    struct loyalty_base base;

    (void)state;
    for (int i = 0; i < 3; i++)
        nothing(answers[i].parts);
    answers[0].parts[LOYALTY_TRUST] = 1;
    answers[1].parts[LOYALTY_TRUST] = 0.25;
    answers[2].parts[LOYALTY_TRUST] = 0.75;
    answers[2].parts[LOYALTY_RECALL] = 1;
    loyalty_base_build(arena, &purchases, answers, 3, &loyalty_weights_usual, &base);
    assert_near(base.usual, 30, 0);
    loyalty_measure(&base, 5, members);
    assert_false(members[0].here);
    loyalty_measure(&base, 25, members);
    assert_near(members[0].score.sides[LOYALTY_ATTITUDE], 75, 1e-12);
    assert_false(members[2].here);
    loyalty_measure(&base, 50, members);
    assert_near(members[0].score.sides[LOYALTY_ATTITUDE], 25, 1e-12);
    assert_near(members[0].score.sides[LOYALTY_COGNITION], 100, 1e-12);
    assert_near(members[2].score.index, 100, 0); /* knows the brand only by what was asked */
    assert_true(isnan(members[2].score.sides[LOYALTY_BEHAVIOUR]));
    loyalty_summarise(members, 3, NULL, 0, &summary);
    assert_near(summary.index.members, 3, 0);
    assert_near(summary.sides[LOYALTY_ATTITUDE].members, 2, 0);
    assert_near(summary.sides[LOYALTY_ATTITUDE].mean, 62.5, 1e-12);
    arena_free(arena);
}

/* Buyers of three kinds: the index must put them in order, which RFM's sum does too; areas are the same then. */
static void the_check_holds_members_out(void **state)
{
    enum { MEMBERS = 400 };
    struct clv_purchase *list = test_malloc(MEMBERS * 40 * sizeof *list);
    struct arena *arena = arena_new(1 << 24);
    struct clv_purchases purchases = {.list = list, .customer_count = MEMBERS};
    const struct clv_period period = {300, 390};
    struct loyalty_check check;
    struct error err;

    (void)state;
    for (uint32_t i = 0; i < MEMBERS; i++) {
        int32_t gap = i < MEMBERS / 2 ? 20 : 400;

        for (int32_t day = (int32_t)(i % 17); day <= 390; day += gap)
            list[purchases.count++] = (struct clv_purchase){i, day, 10};
    }
    assert_int_equal(loyalty_check(arena, &purchases, &loyalty_weights_usual, &period, &check, &err), STATUS_OK);
    assert_near(check.members, MEMBERS / 2, 0);
    assert_near(check.buyers, MEMBERS / 4, 0);
    assert_near(check.five.first, 1, 0);
    assert_near(check.rates[0], 0, 0);
    assert_near(check.rates[9], 1, 0);
    assert_true(check.rises);
    purchases.customer_count = 50;
    purchases.count = 50;
    for (uint32_t i = 0; i < 50; i++)
        list[i] = (struct clv_purchase){i, 1, 1};
    assert_int_equal(loyalty_check(arena, &purchases, &loyalty_weights_usual, &period, &check, &err), STATUS_INVALID);
    assert_string_equal(err.code, "loyalty.check");
    arena_free(arena);
    test_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behaviour_is_counted_in_usual_intervals),
        cmocka_unit_test(who_bought_once_has_recency_alone),
        cmocka_unit_test(silence_is_measured_by_ones_own_interval),
        cmocka_unit_test(a_missing_side_leaves_its_weight_to_the_others),
        cmocka_unit_test(weights_of_sides_and_parts_can_be_changed),
        cmocka_unit_test(the_newest_answer_by_then_counts),
        cmocka_unit_test(the_check_holds_members_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

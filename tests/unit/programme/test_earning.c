/* What purchases earn: rounding, multipliers, budgets, tiers crossed within a purchase. */
#include "fixture.h"

enum { LINES_MAX = 8 };

static struct arena *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_new(64 << 20);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#define BASICS "\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"},{\"code\":\"status\"}]"

static struct programme with_rule(const char *rule)
{
    return programme_of(
        arena, arena_format(arena, "{" BASICS ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",%s}]}", rule));
}

static int64_t limit_left = INT64_MAX;

static int64_t left(void *context, const struct earning_rule *rule, const struct multiplier *multiplier)
{
    (void)context;
    (void)rule;
    (void)multiplier;
    return limit_left;
}

static struct earned earn(const struct programme *programme, struct earning_input input)
{
    struct earned *earned = NULL;
    size_t count = 0;
    struct error err = {0};

    if (programme_earn(programme, &input, arena, &earned, &count, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_true(count >= 1);
    return earned[0];
}

static struct earning_input basket(const int64_t *amounts, const char *const *categories, size_t count)
{
    struct purchase_line *lines = arena_array(arena, LINES_MAX, sizeof *lines);
    struct earning_input input = {.lines = lines, .line_count = count, .store = TEXT("soho"), .channel = TEXT("pos")};

    for (size_t i = 0; i < count; i++) {
        lines[i].number = (int32_t)i + 1;
        lines[i].amount = amounts[i];
        lines[i].category = text_from(categories != NULL ? categories[i] : "");
        input.total += amounts[i];
    }
    return input;
}

static int64_t points(const struct programme *programme, const int64_t *amounts, size_t count)
{
    return earn(programme, basket(amounts, NULL, count)).points;
}

static void whole_units_of_the_order_return_as_34_33_33(void **state)
{
    (void)state;
    struct programme programme = with_rule("\"points\":1,\"per\":\"1.00\",\"whole_units\":true");
    int64_t all = points(&programme, (int64_t[]){3333, 3333, 3334}, 3);
    int64_t two = points(&programme, (int64_t[]){3333, 3334}, 2);
    int64_t one = points(&programme, (int64_t[]){3334}, 1);

    assert_int_equal(all, 100);
    assert_int_equal(all - two, 34);
    assert_int_equal(two - one, 33);
    assert_int_equal(one - points(&programme, NULL, 0), 33);
}

static void whole_units_are_counted_before_they_are_multiplied(void **state)
{
    (void)state;
    struct programme whole = with_rule("\"points\":3,\"per\":\"10.00\",\"whole_units\":true");
    struct programme exact = with_rule("\"points\":3,\"per\":\"10.00\"");

    assert_int_equal(points(&whole, (int64_t[]){1999}, 1), 3);
    assert_int_equal(points(&exact, (int64_t[]){1999}, 1), 5);
}

static void rounding_is_the_rules_on_the_order_or_on_each_line(void **state)
{
    (void)state;
    const int64_t halves[] = {150, 250};
    struct {
        const char *rounding, *basis;
        int64_t expected;
    } cases[] = {{"floor", "order", 4},    {"floor", "line", 3}, {"half_up", "line", 5},
                 {"half_even", "line", 4}, {"ceil", "line", 5},  {"half_even", "order", 4}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct programme programme =
            with_rule(arena_format(arena, "\"points\":1,\"per\":\"1.00\",\"rounding\":\"%s\",\"basis\":\"%s\"",
                                   cases[i].rounding, cases[i].basis));
        assert_int_equal(points(&programme, halves, 2), cases[i].expected);
    }
}

static void the_part_paid_with_points_earns_nothing(void **state)
{
    (void)state;
    struct programme programme = with_rule("\"points\":1,\"per\":\"1.00\"");
    struct earning_input input = basket((int64_t[]){6000, 4000}, NULL, 2);

    input.paid_with_points = 2000;
    assert_int_equal(earn(&programme, input).points, 80);
    programme = with_rule("\"points\":1,\"per\":\"1.00\",\"on_paid_only\":false");
    assert_int_equal(earn(&programme, input).points, 100);
}

static void a_multiplier_counts_for_the_lines_of_its_category(void **state)
{
    (void)state;
    const char *const categories[] = {"coffee", "cake"};
    struct programme programme = with_rule("\"points\":1,\"per\":\"1.00\",\"multipliers\":[{\"code\":\"double\","
                                           "\"factor\":\"2\",\"categories\":[\"coffee\"]}]");
    struct earned earned = earn(&programme, basket((int64_t[]){3050, 2000}, categories, 2));

    assert_int_equal(earned.points, 81);
    assert_int_equal(earned.bonus_count, 1);
    assert_int_equal(earned.bonuses[0].bonus, 31); /* 81 with, 50 without */
}

static void the_best_multiplier_counts_unless_they_stack(void **state)
{
    (void)state;
    const char *multipliers = "\"multipliers\":[{\"code\":\"a\",\"factor\":2},{\"code\":\"b\",\"factor\":3}]";
    struct programme best = with_rule(arena_format(arena, "\"points\":1,\"per\":\"1.00\",%s", multipliers));
    struct programme stack =
        with_rule(arena_format(arena, "\"points\":1,\"per\":\"1.00\",\"stack\":true,%s", multipliers));

    assert_int_equal(points(&best, (int64_t[]){1000}, 1), 30);
    assert_int_equal(points(&stack, (int64_t[]){1000}, 1), 40);
}

static void a_factor_of_zero_excludes_a_category(void **state)
{
    (void)state;
    const char *const categories[] = {"gift_card", "coffee"};
    struct programme programme =
        with_rule("\"points\":1,\"per\":\"1.00\",\"multipliers\":[{\"code\":\"none\",\"factor\":0,"
                  "\"categories\":[\"gift_card\"]}]");
    assert_int_equal(earn(&programme, basket((int64_t[]){5000, 3000}, categories, 2)).points, 30);
}

static void a_multiplier_keeps_to_store_channel_tier_and_time(void **state)
{
    (void)state;
    struct programme programme = with_rule(
        "\"points\":1,\"per\":\"1.00\",\"multipliers\":[{\"code\":\"x\",\"factor\":\"1.5\",\"stores\":[\"soho\"],"
        "\"channels\":[\"pos\"],\"tiers\":[\"gold\"],\"starts_at\":\"2026-01-01T00:00:00Z\","
        "\"ends_at\":\"2026-02-01T00:00:00Z\"}]");
    struct earning_input input = basket((int64_t[]){1000}, NULL, 1);

    input.tier = TEXT("gold");
    input.at = instant_of("2026-01-31T23:59:59Z");
    assert_int_equal(earn(&programme, input).points, 15);
    input.at = instant_of("2026-02-01T00:00:00Z");
    assert_int_equal(earn(&programme, input).points, 10);
    input.at = instant_of("2026-01-01T00:00:00Z");
    input.tier = TEXT("silver");
    assert_int_equal(earn(&programme, input).points, 10);
    input.tier = TEXT("gold");
    input.store = TEXT("other");
    assert_int_equal(earn(&programme, input).points, 10);
}

static void a_budget_with_three_left_gives_three_or_nothing(void **state)
{
    (void)state;
    const char *format =
        "\"points\":1,\"per\":\"1.00\",\"multipliers\":[{\"code\":\"x\",\"factor\":\"1.5\",\"budget\":50,"
        "\"budget_partial\":%s}]";
    struct programme partial = with_rule(arena_format(arena, format, "true"));
    struct programme whole = with_rule(arena_format(arena, format, "false"));
    struct earning_input input = basket((int64_t[]){1000}, NULL, 1);

    input.bonus_left = left;
    limit_left = 3;
    assert_int_equal(earn(&partial, input).points, 13);
    assert_int_equal(earn(&partial, input).bonuses[0].bonus, 3);
    assert_int_equal(earn(&whole, input).points, 10);
    assert_int_equal(earn(&whole, input).bonus_count, 0);
    limit_left = 5;
    assert_int_equal(earn(&whole, input).points, 15);
}

#define LADDER(metric, crossing)                                                                            \
    "\"tiers\":{\"metric\":\"" metric "\",\"wallet\":\"status\",\"crossing\":\"" crossing "\",\"levels\":[" \
    "{\"code\":\"base\",\"qualify\":%s},{\"code\":\"gold\",\"qualify\":%s,\"factor\":\"1.5\"}]}"

static int64_t crossing(const char *ladder)
{
    struct programme programme =
        programme_of(arena, arena_format(arena,
                                         "{" BASICS ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,"
                                         "\"per\":\"10.00\"},{\"code\":\"status\",\"wallet\":\"status\",\"points\":1,"
                                         "\"per\":\"1.00\"}],%s}",
                                         ladder));
    struct earning_input input = basket((int64_t[]){100000}, NULL, 1);

    input.tier = TEXT("base");
    input.qualifying = programme.ladder.metric == TIER_SPEND ? 950000 : 9500;
    return earn(&programme, input).points;
}

static void crossing_a_threshold_by_spend_earns_100_150_or_125(void **state)
{
    (void)state;
    const char *zero = "\"0\"", *line = "\"10000.00\"";

    assert_int_equal(crossing(arena_format(arena, LADDER("spend", "before"), zero, line)), 100);
    assert_int_equal(crossing(arena_format(arena, LADDER("spend", "after"), zero, line)), 150);
    assert_int_equal(crossing(arena_format(arena, LADDER("spend", "marginal"), zero, line)), 125);
}

static void crossing_a_threshold_by_qualifying_points_does_the_same(void **state)
{
    (void)state;
    assert_int_equal(crossing(arena_format(arena, LADDER("points", "before"), "0", "10000")), 100);
    assert_int_equal(crossing(arena_format(arena, LADDER("points", "after"), "0", "10000")), 150);
    assert_int_equal(crossing(arena_format(arena, LADDER("points", "marginal"), "0", "10000")), 125);
}

static void a_threshold_is_inclusive(void **state)
{
    (void)state;
    assert_int_equal(crossing(arena_format(arena, LADDER("points", "after"), "0", "10500")), 150);
    assert_int_equal(crossing(arena_format(arena, LADDER("points", "after"), "0", "10501")), 100);
}

static void a_marginal_purchase_may_cross_several_levels(void **state)
{
    (void)state;
    struct programme programme = programme_of(
        arena,
        "{" BASICS ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"1.00\"}],"
        "\"tiers\":{\"metric\":\"spend\",\"crossing\":\"marginal\",\"levels\":[{\"code\":\"a\",\"qualify\":\"0\"},"
        "{\"code\":\"b\",\"qualify\":\"100.00\",\"factor\":2},{\"code\":\"c\",\"qualify\":\"150.00\",\"factor\":3}]}}");
    struct earning_input input = basket((int64_t[]){20000}, NULL, 1);

    assert_int_equal(earn(&programme, input).points, 100 + 2 * 50 + 3 * 50);
}

static void points_out_of_range_are_refused(void **state)
{
    (void)state;
    struct programme programme = with_rule("\"points\":1000000000,\"per\":\"0.01\"");
    struct earning_input input = basket((int64_t[]){INT64_MAX / 20000}, NULL, 1);
    struct earned *earned;
    size_t count;
    struct error err = {0};

    assert_int_equal(programme_earn(&programme, &input, arena, &earned, &count, &err), STATUS_LIMIT);
    assert_string_equal(err.code, "points.range");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_units_of_the_order_return_as_34_33_33),
        cmocka_unit_test(whole_units_are_counted_before_they_are_multiplied),
        cmocka_unit_test(rounding_is_the_rules_on_the_order_or_on_each_line),
        cmocka_unit_test(the_part_paid_with_points_earns_nothing),
        cmocka_unit_test(a_multiplier_counts_for_the_lines_of_its_category),
        cmocka_unit_test(the_best_multiplier_counts_unless_they_stack),
        cmocka_unit_test(a_factor_of_zero_excludes_a_category),
        cmocka_unit_test(a_multiplier_keeps_to_store_channel_tier_and_time),
        cmocka_unit_test(a_budget_with_three_left_gives_three_or_nothing),
        cmocka_unit_test(crossing_a_threshold_by_spend_earns_100_150_or_125),
        cmocka_unit_test(crossing_a_threshold_by_qualifying_points_does_the_same),
        cmocka_unit_test(a_threshold_is_inclusive),
        cmocka_unit_test(a_marginal_purchase_may_cross_several_levels),
        cmocka_unit_test(points_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

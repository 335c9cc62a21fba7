/* Expiry and activation of points by the policy of their wallet. */
#include "fixture.h"

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

static int64_t expiry_of(const char *zone, const char *expiry, const char *earned)
{
    struct programme programme = programme_of(
        arena,
        arena_format(arena, "{\"zone\":\"%s\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\",\"expiry\":%s}]}", zone,
                     expiry));
    return wallet_expiry(&programme.wallets[0], programme.zone, instant_of(earned), 0);
}

static void check(const char *expiry, const char *earned, const char *expected)
{
    char text[INSTANT_TEXT_SIZE];

    assert_string_equal(instant_format(expiry_of("UTC", expiry, earned), text), expected);
}

static void points_after_days_end_at_the_start_of_the_day_after(void **state)
{
    (void)state;
    check("{\"kind\":\"after\",\"count\":30,\"unit\":\"days\"}", "2026-01-01T15:00:00Z", "2026-02-01T00:00:00Z");
    check("{\"kind\":\"after\",\"count\":1,\"unit\":\"days\"}", "2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z");
}

static void points_after_months_end_after_the_same_day_of_the_month(void **state)
{
    (void)state;
    check("{\"kind\":\"after\",\"count\":12,\"unit\":\"months\"}", "2020-07-06T09:00:00Z", "2021-07-07T00:00:00Z");
    check("{\"kind\":\"after\",\"count\":1,\"unit\":\"months\"}", "2026-01-31T09:00:00Z", "2026-03-01T00:00:00Z");
}

static void twelve_months_to_month_end_lose_july_points_in_august(void **state)
{
    (void)state;
    check("{\"kind\":\"end_of\",\"period\":\"month\",\"months\":12}", "2020-07-06T09:00:00Z", "2021-08-01T00:00:00Z");
}

static void the_end_of_a_quarter_and_of_a_year_count_too(void **state)
{
    (void)state;
    check("{\"kind\":\"end_of\",\"period\":\"quarter\",\"months\":3}", "2026-02-10T00:00:00Z", "2026-07-01T00:00:00Z");
    check("{\"kind\":\"end_of\",\"period\":\"quarter\",\"months\":0}", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z");
    check("{\"kind\":\"end_of\",\"period\":\"year\",\"months\":24}", "2026-05-05T00:00:00Z", "2029-01-01T00:00:00Z");
}

static void a_fixed_day_is_the_first_that_is_far_enough_away(void **state)
{
    (void)state;
    const char *policy = "{\"kind\":\"fixed_day\",\"month\":3,\"day\":31,\"months\":6}";

    check(policy, "2026-09-30T10:00:00Z", "2027-04-01T00:00:00Z");
    check(policy, "2026-10-01T10:00:00Z", "2028-04-01T00:00:00Z");
    check("{\"kind\":\"fixed_day\",\"month\":2,\"day\":29}", "2026-01-01T10:00:00Z", "2026-03-01T00:00:00Z");
}

static void days_are_those_of_the_programmes_zone(void **state)
{
    char text[INSTANT_TEXT_SIZE];

    (void)state;
    /* 23:30 in Shanghai on 6 July is 15:30Z; half an hour later the local day is the 7th. */
    assert_string_equal(instant_format(expiry_of("Asia/Shanghai", "{\"kind\":\"after\",\"count\":1,\"unit\":\"days\"}",
                                                 "2026-07-06T15:30:00Z"),
                                       text),
                        "2026-07-07T16:00:00Z");
    assert_string_equal(instant_format(expiry_of("Asia/Shanghai", "{\"kind\":\"after\",\"count\":1,\"unit\":\"days\"}",
                                                 "2026-07-06T16:00:00Z"),
                                       text),
                        "2026-07-08T16:00:00Z");
}

static void activity_extends_and_an_older_activity_does_not_shorten(void **state)
{
    (void)state;
    struct programme programme = programme_of(
        arena, "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\",\"expiry\":{\"kind\":\"activity\","
               "\"count\":6,\"unit\":\"months\"}}]}");
    const struct wallet_policy *policy = &programme.wallets[0];
    int64_t earned = instant_of("2026-01-10T12:00:00Z");

    assert_int_equal(wallet_expiry(policy, programme.zone, earned, instant_of("2026-03-20T12:00:00Z")),
                     instant_of("2026-09-21T00:00:00Z"));
    assert_int_equal(wallet_expiry(policy, programme.zone, earned, instant_of("2025-03-20T12:00:00Z")),
                     instant_of("2026-07-11T00:00:00Z"));
}

static void pending_points_start_with_the_day_after(void **state)
{
    (void)state;
    struct programme programme = programme_of(
        arena,
        "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\",\"pending_days\":14},{\"code\":\"q\"}]}");
    int64_t at = instant_of("2026-01-10T12:00:00Z");

    assert_int_equal(wallet_active_at(&programme.wallets[0], programme.zone, at), instant_of("2026-01-25T00:00:00Z"));
    assert_int_equal(wallet_active_at(&programme.wallets[1], programme.zone, at), at);
}

static void points_are_worth_money_rounded_for_the_house(void **state)
{
    int64_t amount = 0;

    (void)state;
    struct programme programme = programme_of(
        arena, "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\",\"value\":{\"points\":100,"
               "\"amount\":\"1.00\"}},{\"code\":\"q\"}]}");
    assert_true(wallet_points_value(&programme.wallets[0], 2000, &amount));
    assert_int_equal(amount, 2000);
    assert_true(wallet_points_for(&programme.wallets[0], 150, &amount));
    assert_int_equal(amount, 150);
    assert_false(wallet_points_value(&programme.wallets[1], 1, &amount));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_after_days_end_at_the_start_of_the_day_after),
        cmocka_unit_test(points_after_months_end_after_the_same_day_of_the_month),
        cmocka_unit_test(twelve_months_to_month_end_lose_july_points_in_august),
        cmocka_unit_test(the_end_of_a_quarter_and_of_a_year_count_too),
        cmocka_unit_test(a_fixed_day_is_the_first_that_is_far_enough_away),
        cmocka_unit_test(days_are_those_of_the_programmes_zone),
        cmocka_unit_test(activity_extends_and_an_older_activity_does_not_shorten),
        cmocka_unit_test(pending_points_start_with_the_day_after),
        cmocka_unit_test(points_are_worth_money_rounded_for_the_house),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

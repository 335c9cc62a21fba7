/* The reader of programme documents: what it accepts, and how it names what it refuses. */
#include <string.h>

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

static void refuse(const char *json, const char *code, const char *field)
{
    struct programme programme = {.version = 77};
    struct error err = {0};

    assert_int_equal(programme_parse(arena, text_from(json), &programme, &err), STATUS_INVALID);
    assert_string_equal(err.code, code);
    assert_string_equal(err.field, field);
    assert_int_equal(programme.version, 77); /* untouched */
}

#define HEAD "\"zone\":\"UTC\",\"currency\":\"CNY\""

static void the_default_earns_a_point_for_a_whole_dollar(void **state)
{
    (void)state;
    struct programme programme = {0};
    struct error err;

    assert_int_equal(programme_parse(arena, programme_default_source(), &programme, &err), STATUS_OK);
    assert_int_equal(programme.wallet_count, 1);
    assert_int_equal(programme.wallets[0].expiry, EXPIRY_NEVER);
    assert_int_equal(programme.rules[0].per_minor, 100);
    assert_true(programme.rules[0].whole_units);
    assert_int_equal(programme.ladder.level_count, 0);
    assert_string_equal(programme.currency, "USD");
}

static void amounts_follow_the_decimals_of_the_currency(void **state)
{
    (void)state;
    struct programme programme = programme_of(
        arena,
        "{\"zone\":\"Asia/Tokyo\",\"currency\":\"JPY\",\"wallets\":[{\"code\":\"p\"}],\"rules\":[{\"code\":\"r\","
        "\"wallet\":\"p\",\"points\":1,\"per\":\"100\"}]}");
    assert_int_equal(programme.rules[0].per_minor, 100);
    refuse("{\"zone\":\"Asia/Tokyo\",\"currency\":\"JPY\",\"wallets\":[{\"code\":\"p\"}],\"rules\":[{\"code\":\"r\","
           "\"wallet\":\"p\",\"points\":1,\"per\":\"12.9\"}]}",
           "programme.invalid", "rules[0].per");
}

static void an_unknown_field_is_named_with_its_path(void **state)
{
    (void)state;
    refuse("{" HEAD ",\"wallets\":[{\"code\":\"a\"},{\"code\":\"b\",\"expiry\":{\"kind\":\"never\",\"years\":1}}]}",
           "programme.unknown_field", "wallets[1].expiry.years");
    refuse("{" HEAD ",\"wallet\":[]}", "programme.unknown_field", "wallet");
}

static void a_missing_field_is_named_with_its_path(void **state)
{
    (void)state;
    refuse("{" HEAD
           ",\"wallets\":[{\"code\":\"a\"},{\"code\":\"b\",\"expiry\":{\"kind\":\"after\",\"unit\":\"days\"}}]}",
           "programme.missing_field", "wallets[1].expiry.count");
    refuse("{\"zone\":\"UTC\"}", "programme.missing_field", "currency");
}

static void what_is_out_of_place_is_refused(void **state)
{
    (void)state;
    refuse("{\"zone\":\"Mars/Base\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"a\"}]}", "programme.invalid", "zone");
    refuse("{\"zone\":\"UTC\",\"currency\":\"XYZ\",\"wallets\":[{\"code\":\"a\"}]}", "programme.invalid", "currency");
    refuse("{" HEAD ",\"wallets\":[]}", "programme.invalid", "wallets");
    refuse("{" HEAD ",\"wallets\":[{\"code\":\"a\"},{\"code\":\"a\"}]}", "programme.invalid", "wallets[1].code");
    refuse("{" HEAD ",\"wallets\":[{\"code\":\"a b\"}]}", "programme.invalid", "wallets[0].code");
    refuse("{" HEAD
           ",\"wallets\":[{\"code\":\"a\"}],\"rules\":[{\"code\":\"r\",\"wallet\":\"z\",\"points\":1,\"per\":\"1\"}]}",
           "programme.invalid", "rules[0].wallet");
    refuse("{" HEAD ",\"wallets\":[{\"code\":\"a\"}],\"tiers\":{\"metric\":\"points\",\"wallet\":\"a\",\"levels\":["
           "{\"code\":\"x\",\"qualify\":0},{\"code\":\"y\",\"qualify\":0}]}}",
           "programme.invalid", "tiers.levels[1].qualify");
    refuse("{" HEAD ",\"wallets\":[{\"code\":\"a\"}],\"review\":\"third_person\"}", "programme.invalid", "review");
    refuse("[]", "programme.invalid", "");
    refuse("{" HEAD, "programme.syntax", "");
    refuse("{" HEAD ",\"zone\":\"UTC\"}", "programme.syntax", "");
}

static void factors_have_four_decimals_at_most(void **state)
{
    (void)state;
    const char *format =
        "{" HEAD ",\"wallets\":[{\"code\":\"a\"}],\"rules\":[{\"code\":\"r\",\"wallet\":\"a\",\"points\":1,"
        "\"per\":\"1\",\"multipliers\":[{\"code\":\"m\",\"factor\":%s}]}]}";
    struct programme programme = programme_of(arena, arena_format(arena, format, "1.25"));

    assert_int_equal(programme.rules[0].multipliers[0].factor, 12500);
    programme = programme_of(arena, arena_format(arena, format, "\"1.0001\""));
    assert_int_equal(programme.rules[0].multipliers[0].factor, 10001);
    refuse(arena_format(arena, format, "\"1.00001\""), "programme.invalid", "rules[0].multipliers[0].factor");
    refuse(arena_format(arena, format, "-1"), "programme.invalid", "rules[0].multipliers[0].factor");
}

static void the_first_version_covers_all_earlier_time(void **state)
{
    (void)state;
    const struct programme versions[] = {
        {.version = 1, .effective_at = 100}, {.version = 2, .effective_at = 200}, {.version = 3, .effective_at = 200}};
    const struct programme_set set = {.versions = versions, .version_count = 3};

    assert_int_equal(programme_at(&set, -5)->version, 1);
    assert_int_equal(programme_at(&set, 199)->version, 1);
    assert_int_equal(programme_at(&set, 200)->version, 3);
    assert_int_equal(programme_by_version(&set, 2)->effective_at, 200);
    assert_null(programme_by_version(&set, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_earns_a_point_for_a_whole_dollar),
        cmocka_unit_test(amounts_follow_the_decimals_of_the_currency),
        cmocka_unit_test(an_unknown_field_is_named_with_its_path),
        cmocka_unit_test(a_missing_field_is_named_with_its_path),
        cmocka_unit_test(what_is_out_of_place_is_refused),
        cmocka_unit_test(factors_have_four_decimals_at_most),
        cmocka_unit_test(the_first_version_covers_all_earlier_time),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

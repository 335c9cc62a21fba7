/* The dictionary of figures: formulas with the values in force, and what values are allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "features/measures/measures.h"

static void a_formula_carries_the_values_in_force(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct lifecycle rules = lifecycle_usual;
    const struct measure *active = measure_find(TEXT("active")), *stage = measure_find(TEXT("member.stage"));

    (void)state;
    assert_true(
        text_equals(measure_formula(arena, active, &rules), "persons with a purchase or visit in the last 365 days"));
    rules.active_days = 180;
    rules.lapsed_tenths = 25;
    assert_true(
        text_equals(measure_formula(arena, active, &rules), "persons with a purchase or visit in the last 180 days"));
    assert_non_null(strstr(text_string(arena, measure_formula(arena, stage, &rules)),
                           "silence over 2, 2.5, 5 usual intervals: at_risk, lapsed, lost"));
    arena_free(arena);
}

static void every_code_is_defined_once_and_whole(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < measure_count; i++) {
        const struct measure *measure = &measures[i];
        struct text formula = measure_formula(arena, measure, &lifecycle_usual);
        assert_ptr_equal(measure_find(text_from(measure->code)), measure);
        assert_true(measure->name[0] != '\0' && measure->unit[0] != '\0' && measure->period[0] != '\0');
        assert_true(measure->returns[0] != '\0' && measure->shown[0] != '\0' && measure->test[0] != '\0');
        assert_null(memchr(formula.bytes, '{', formula.size));
    }
    assert_null(measure_find(TEXT("nothing")));
    arena_free(arena);
}

static void a_field_is_found_with_what_it_shows(void **state)
{
    (void)state;
    assert_string_equal(measure_shown("overview", TEXT("sales"))->code, "sales");
    assert_string_equal(measure_shown("overview", TEXT("wallets.liability"))->code, "points.liability");
    assert_string_equal(measure_shown("export", TEXT("members.spend"))->code, "member.spend");
    assert_null(measure_shown("overview", TEXT("sale")));
    assert_null(measure_shown("view", TEXT("sales")));
}

static void values_keep_their_range_and_order(void **state)
{
    struct lifecycle rules = lifecycle_usual;
    struct error error;

    (void)state;
    assert_int_equal(lifecycle_check(&rules, &error), STATUS_OK);
    rules.growth_days = STANDING_RECENT_DAYS / 2 + 1;
    assert_int_equal(lifecycle_check(&rules, &error), STATUS_INVALID);
    assert_string_equal(error.code, "measures.range");
    assert_string_equal(error.field, "growth_days");
    rules = lifecycle_usual;
    rules.lapsed_tenths = rules.at_risk_tenths;
    assert_int_equal(lifecycle_check(&rules, &error), STATUS_INVALID);
    assert_string_equal(error.code, "measures.order");
    rules = lifecycle_usual;
    rules.lost_tenths = rules.lapsed_tenths;
    assert_int_equal(lifecycle_check(&rules, &error), STATUS_INVALID);
    assert_string_equal(error.field, "lost_intervals");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_formula_carries_the_values_in_force),
        cmocka_unit_test(every_code_is_defined_once_and_whole),
        cmocka_unit_test(a_field_is_found_with_what_it_shows),
        cmocka_unit_test(values_keep_their_range_and_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

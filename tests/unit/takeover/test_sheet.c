/* The control sheet: lines added up, read and compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/takeover/sheet.h"

struct scene {
    struct arena *arena;
    struct programme programme;
    struct sheet theirs, ours;
    struct control control;
};

static int open_scene(void **state)
{
    static struct scene scene;
    struct error err = {0};

    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(64 << 20);
    /* 100 points are worth 1.00: 250 are worth 2.50 */
    if (programme_parse(scene.arena,
                        text_from("{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\","
                                  "\"value\":{\"points\":100,\"amount\":\"1.00\"}},{\"code\":\"status\"}]}"),
                        &scene.programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    sheet_start(&scene.theirs, scene.arena);
    sheet_start(&scene.ours, scene.arena);
    *state = &scene;
    return 0;
}

static int close_scene(void **state)
{
    arena_free(((struct scene *)*state)->arena);
    return 0;
}

static void add_lot(struct sheet *sheet, const char *store, const char *month, int64_t points)
{
    sheet_add_lot(sheet, TEXT("points"), text_from(store), text_from(month), points);
}

static void compare(struct scene *scene, bool given)
{
    sheet_compare(scene->arena, &scene->programme, &scene->theirs, &scene->ours, given, &scene->control);
}

static const struct control_line *line(const struct scene *scene, enum sheet_measure measure, const char *store,
                                       const char *month)
{
    for (size_t i = 0; i < scene->control.count; i++) {
        const struct control_line *found = &scene->control.lines[i];
        if (found->of.measure == measure && text_equals(found->of.store, store) && text_equals(found->of.month, month))
            return found;
    }
    fail_msg("no line of %s %s", store, month);
    return NULL;
}

static void equal_sheets_are_zero_line_by_line(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < 2; i++) {
        struct sheet *sheet = i == 0 ? &scene->theirs : &scene->ours;
        add_lot(sheet, "S1", "2026-12", 100);
        add_lot(sheet, "S2", "2027-01", 100);
        add_lot(sheet, "S1", "2027-01", 50);
    }
    compare(scene, false);
    assert_true(scene->control.zero);
    assert_int_equal(line(scene, SHEET_POINTS, "", "")->ours, 250);
    assert_int_equal(line(scene, SHEET_POINTS, "S1", "")->ours, 150);
    assert_int_equal(line(scene, SHEET_POINTS, "", "2027-01")->of.value, 150);
    assert_int_equal(line(scene, SHEET_LIABILITY, "", "")->of.value, 250);
}

static void points_at_the_wrong_store_or_month_differ_though_the_sum_does_not(void **state)
{
    struct scene *scene = *state;

    add_lot(&scene->theirs, "S1", "2026-12", 100);
    add_lot(&scene->ours, "S2", "2027-01", 100);
    compare(scene, false);
    assert_false(scene->control.zero);
    assert_int_equal(line(scene, SHEET_POINTS, "", "")->difference, 0);
    assert_int_equal(line(scene, SHEET_POINTS, "S1", "")->difference, -100);
    assert_int_equal(line(scene, SHEET_POINTS, "S2", "")->difference, 100);
    assert_int_equal(line(scene, SHEET_POINTS, "", "2026-12")->difference, -100);
}

static void give(struct scene *scene, const char *measure, const char *store, const char *value)
{
    const struct sheet_text text = {text_from(measure), TEXT(""), text_from(store), TEXT(""), text_from(value)};
    struct sheet_line read;
    struct error err = {0};

    if (sheet_line_read(&scene->programme, &text, &read, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    sheet_add(&scene->theirs, &read);
}

static void a_sheet_by_store_tells_of_the_stores_that_it_leaves_out(void **state)
{
    struct scene *scene = *state;

    give(scene, "points", "S1", "100");
    give(scene, "liability", "", "1.00");
    add_lot(&scene->ours, "S1", "never", 100);
    compare(scene, true);
    assert_true(scene->control.zero);
    assert_int_equal(scene->control.count, 2);
    add_lot(&scene->ours, "S9", "never", 7);
    compare(scene, true);
    assert_int_equal(line(scene, SHEET_POINTS, "S9", "")->difference, 7);
    assert_int_equal(line(scene, SHEET_LIABILITY, "", "")->ours, 107);
    assert_false(scene->control.zero);
}

static void the_month_is_that_of_the_last_day_with_the_points(void **state)
{
    struct scene *scene = *state;
    char month[SHEET_MONTH_SIZE];
    int64_t new_year = 0;

    /* 2027-01-01 00:00 in Shanghai: the points live to the end of December */
    assert_true(instant_parse(TEXT("2026-12-31T16:00:00Z"), &new_year));
    assert_true(text_equals(sheet_month(scene->programme.zone, new_year, month), "2026-12"));
    assert_true(text_equals(sheet_month(scene->programme.zone, new_year + 1, month), "2027-01"));
    assert_true(text_equals(sheet_month(scene->programme.zone, INSTANT_NEVER, month), "never"));
}

static void a_wrong_line_names_its_field(void **state)
{
    struct scene *scene = *state;
    const struct {
        struct sheet_text text;
        const char *code;
    } wrong[] = {
        {{TEXT("stars"), TEXT(""), TEXT(""), TEXT(""), TEXT("1")}, "control.measure"},
        {{TEXT("points"), TEXT(""), TEXT(""), TEXT("12/2026"), TEXT("1")}, "control.month"},
        {{TEXT("points"), TEXT(""), TEXT(""), TEXT(""), TEXT("1.5")}, "control.value"},
        {{TEXT("liability"), TEXT(""), TEXT(""), TEXT(""), TEXT("1.555")}, "control.value"},
        {{TEXT("members"), TEXT(""), TEXT("S1"), TEXT(""), TEXT("1")}, "control.store"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct sheet_line read;
        struct error err = {0};
        assert_int_equal(sheet_line_read(&scene->programme, &wrong[i].text, &read, &err), STATUS_INVALID);
        assert_string_equal(err.code, wrong[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_sheets_are_zero_line_by_line, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(points_at_the_wrong_store_or_month_differ_though_the_sum_does_not, open_scene,
                                        close_scene),
        cmocka_unit_test_setup_teardown(a_sheet_by_store_tells_of_the_stores_that_it_leaves_out, open_scene,
                                        close_scene),
        cmocka_unit_test_setup_teardown(the_month_is_that_of_the_last_day_with_the_points, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_wrong_line_names_its_field, open_scene, close_scene),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Limits by hour and day: one row a limit and subject, and what comes late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/redemption/velocity.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct command command;
    struct counter counter;
};

static int64_t instant_of(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static void scene_start(struct scene *scene, const char *limit)
{
    struct error err = {0};

    memset(scene, 0, sizeof *scene);
    scene->arena = arena_new(64 << 20);
    const char *json = arena_format(scene->arena,
                                    "{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\"}],"
                                    "\"velocity\":[%s]}",
                                    limit);
    if (programme_parse(scene->arena, text_from(json), &scene->programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    scene->set = (struct programme_set){.versions = &scene->programme, .version_count = 1};
    decision_start(&scene->decision, scene->arena, instant_of("2026-11-22T12:10:00Z"), &scene->set);
    (void)member_new(&scene->decision, 0, 5, scene->decision.now);
    scene->decision.counters[0] = &scene->counter;
}

static enum status use(struct scene *scene, const char *at, int64_t points, struct error *err)
{
    const struct velocity_place place = {TEXT("soho"), TEXT("3"), TEXT("E-7")};
    const struct velocity_use one = {.decision = &scene->decision,
                                     .command = &scene->command,
                                     .person = &scene->decision.subjects[0],
                                     .action = VELOCITY_REDEEMING,
                                     .at = instant_of(at),
                                     .points = points,
                                     .place = place};

    scene->command.counter_count = 0;
    velocity_counters(&scene->programme, VELOCITY_REDEEMING, &place, &scene->command, scene->arena);
    return velocity_take(&one, err);
}

static void a_row_holds_a_period_a_count_and_points(void **state)
{
    const struct velocity_sum sum = {.period = 498732, .count = 65535, .points = (1 << 27) - 1};
    struct velocity_sum back = velocity_unpack(velocity_pack(sum));

    (void)state;
    assert_int_equal(back.period, sum.period);
    assert_int_equal(back.count, sum.count);
    assert_int_equal(back.points, sum.points);
    back = velocity_unpack(velocity_pack((struct velocity_sum){1, 1000000, INT64_C(1) << 50}));
    assert_int_equal(back.period, 1);
    assert_int_equal(back.count, 65535);
    assert_int_equal(back.points, (1 << 27) - 1);
}

static void a_till_spends_so_much_in_an_hour_and_again_in_the_next(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "{\"of\":\"till\",\"action\":\"redeeming\",\"per\":\"hour\",\"count\":3,\"points\":100}");
    assert_int_equal(use(&scene, "2026-11-22T12:00:00Z", 60, &err), STATUS_OK);
    assert_string_equal(scene.command.counters[0], "velocity:redeeming:hour:till:soho/3");
    assert_int_equal(use(&scene, "2026-11-22T12:59:59Z", 41, &err), STATUS_LIMIT);
    assert_string_equal(err.code, "redemption.velocity");
    assert_string_equal(err.field, "till");
    assert_non_null(strstr(err.message, "again at 2026-11-22T13:00:00Z"));
    assert_int_equal(use(&scene, "2026-11-22T12:59:59Z", 40, &err), STATUS_OK);
    assert_int_equal(use(&scene, "2026-11-22T12:59:59Z", 0, &err), STATUS_OK);
    assert_int_equal(use(&scene, "2026-11-22T12:59:59Z", 0, &err), STATUS_LIMIT); /* three times */
    assert_int_equal(use(&scene, "2026-11-22T13:00:00Z", 100, &err), STATUS_OK);
    /* What is dated back counts in the newest hour: no way around. */
    assert_int_equal(use(&scene, "2026-11-22T11:00:00Z", 1, &err), STATUS_LIMIT);
    arena_free(scene.arena);
}

static void days_are_those_of_the_programmes_zone(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "{\"of\":\"employee\",\"action\":\"redeeming\",\"per\":\"day\",\"count\":1}");
    assert_int_equal(use(&scene, "2026-11-22T15:59:59Z", 1, &err), STATUS_OK);
    assert_string_equal(scene.command.counters[0], "velocity:redeeming:day:employee:E-7");
    assert_int_equal(use(&scene, "2026-11-22T15:59:59Z", 1, &err), STATUS_LIMIT);
    assert_non_null(strstr(err.message, "again at 2026-11-22T16:00:00Z"));
    assert_int_equal(use(&scene, "2026-11-22T16:00:00Z", 1, &err), STATUS_OK);
    arena_free(scene.arena);
}

static void the_limit_of_a_member_lies_in_its_progress(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "{\"of\":\"member\",\"action\":\"redeeming\",\"per\":\"day\",\"points\":50}");
    scene.decision.subjects[0].member->progress_loaded = true;
    assert_int_equal(use(&scene, "2026-11-22T12:00:00Z", 30, &err), STATUS_OK);
    assert_int_equal(scene.command.counter_count, 0);
    assert_int_equal(use(&scene, "2026-11-22T12:00:00Z", 30, &err), STATUS_LIMIT);
    assert_string_equal(err.field, "member");
    assert_int_equal(use(&scene, "2026-11-22T12:00:00Z", 20, &err), STATUS_OK);
    assert_int_equal(scene.decision.subjects[0].member->progress_count, 1);
    assert_int_equal(use(&scene, "2026-11-23T12:00:00Z", 50, &err), STATUS_OK);
    assert_int_equal(scene.decision.subjects[0].member->progress_count, 1);
    arena_free(scene.arena);
}

static void a_limit_of_the_same_kind_twice_is_refused(void **state)
{
    struct programme programme;
    struct error err = {0};
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    static const char twice[] = "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\"}],\"velocity\":["
                                "{\"of\":\"till\",\"action\":\"earning\",\"per\":\"day\",\"count\":1},"
                                "{\"of\":\"till\",\"action\":\"earning\",\"per\":\"day\",\"points\":1}]}";
    assert_int_equal(programme_parse(arena, text_from(twice), &programme, &err), STATUS_INVALID);
    assert_string_equal(err.field, "velocity[1].of");
    static const char none[] = "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\"}],\"velocity\":["
                               "{\"of\":\"till\",\"action\":\"earning\",\"per\":\"day\"}]}";
    assert_int_equal(programme_parse(arena, text_from(none), &programme, &err), STATUS_INVALID);
    assert_string_equal(err.field, "velocity[0].count");
    static const char falling[] = "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\",\"redemption\":["
                                  "{\"above\":5,\"proofs\":[\"pin\"]},{\"above\":5,\"proofs\":[\"qr\"]}]}]}";
    assert_int_equal(programme_parse(arena, text_from(falling), &programme, &err), STATUS_INVALID);
    assert_string_equal(err.field, "wallets[0].redemption[1].above");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_holds_a_period_a_count_and_points),
        cmocka_unit_test(a_till_spends_so_much_in_an_hour_and_again_in_the_next),
        cmocka_unit_test(days_are_those_of_the_programmes_zone),
        cmocka_unit_test(the_limit_of_a_member_lies_in_its_progress),
        cmocka_unit_test(a_limit_of_the_same_kind_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

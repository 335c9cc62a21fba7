/* What time alone does, and that it does not matter when it is carried out. */
#include "scene.h"

static void accrue_pending(struct scene *scene, int64_t points, const char *active, const char *expires)
{
    struct error err = {0};
    struct accrual accrual = {points, ACCOUNT_ISSUED, scene->decision.now, instant_of(active), instant_of(expires)};

    assert_int_equal(ledger_accrue(scene_row(scene, "purchase"), accrual, NULL, &err), STATUS_OK);
}

static void pending_points_become_active_then_expire_each_with_its_row(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    accrue_pending(&scene, 100, "2026-01-15T00:00:00Z", "2026-03-01T00:00:00Z");
    assert_int_equal(available(&scene), 0);
    assert_int_equal(balance(&scene), 100);
    assert_int_equal(scene.member->standing.due_at, instant_of("2026-01-15T00:00:00Z"));
    scene_at(&scene, "2026-01-15T00:00:00Z");
    assert_int_equal(available(&scene), 100);
    assert_int_equal(scene.member->standing.due_at, instant_of("2026-03-01T00:00:00Z"));
    scene_at(&scene, "2026-05-01T00:00:00Z");
    assert_int_equal(balance(&scene), 0);
    assert_int_equal(scene.member->standing.due_at, INSTANT_NEVER);
    const struct effects *effects = scene.decision.effects;
    const struct journal_row *last = effects->rows[effects->row_count - 1];
    assert_true(text_equals(last->kind, "expiry"));
    assert_int_equal(last->at, instant_of("2026-03-01T00:00:00Z"));
    assert_int_equal(last->recorded_at, instant_of("2026-05-01T00:00:00Z"));
    assert_sound(&scene);
    scene_stop(&scene);
}

static void lots_due_together_share_one_row(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 10, "2026-02-01T00:00:00Z");
    scene_earn(&scene, 20, "2026-02-01T00:00:00Z");
    scene_earn(&scene, 30, "2026-02-02T00:00:00Z");
    size_t before = scene.decision.effects->row_count;
    scene_at(&scene, "2026-03-01T00:00:00Z");
    assert_int_equal(scene.decision.effects->row_count - before, 2);
    assert_int_equal(scene.decision.effects->rows[before]->movement_count, 2);
    scene_stop(&scene);
}

static void a_hold_times_out_and_its_expired_points_go_with_it(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct hold *held;

    (void)state;
    scene_start(&scene, "", "2026-01-31T23:30:00Z");
    scene_earn(&scene, 100, "2026-02-01T00:00:00Z");
    assert_int_equal(ledger_hold(scene_row(&scene, "hold"), 60, instant_of("2026-02-01T00:15:00Z"), &held, &err),
                     STATUS_OK);
    scene_at(&scene, "2026-02-02T00:00:00Z");
    assert_int_equal(balance(&scene), 0);
    assert_int_equal(scene.member->holds[0].state, HOLD_EXPIRED);
    const struct journal_row *last = scene.decision.effects->rows[scene.decision.effects->row_count - 1];
    assert_true(text_equals(last->kind, "hold_timeout"));
    assert_int_equal(last->at, instant_of("2026-02-01T00:15:00Z"));
    assert_int_equal(last->cause, scene.member->holds[0].id);
    assert_sound(&scene);
    scene_stop(&scene);
}

/* One story, told with the given instants at which time is brought up. Returns a line that says what came of it. */
static void tell(const char *const *instants, size_t count, char *out, size_t size)
{
    struct scene scene;
    struct error err = {0};
    struct hold *held;
    struct builder story;

    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    story = (struct builder){.arena = scene.arena};
    scene_earn(&scene, 100, "2026-02-01T00:00:00Z");
    scene_earn(&scene, 40, "2026-03-01T00:00:00Z");
    accrue_pending(&scene, 70, "2026-01-20T00:00:00Z", "2026-02-01T00:00:00Z");
    assert_int_equal(ledger_hold(scene_row(&scene, "hold"), 90, instant_of("2026-02-10T00:00:00Z"), &held, &err),
                     STATUS_OK);
    for (size_t i = 0; i < count; i++)
        scene_at(&scene, instants[i]);
    scene_at(&scene, "2026-04-01T00:00:00Z");
    for (size_t i = 0; i < scene.decision.effects->row_count; i++) {
        const struct journal_row *row = scene.decision.effects->rows[i];
        builder_format(&story, "%lld %.*s %lld;", (long long)row->id, (int)row->kind.size, row->kind.bytes,
                       (long long)row->at);
        for (size_t m = 0; m < row->movement_count; m++)
            builder_format(&story, " %d>%d %lld", (int)row->movements[m].debit, (int)row->movements[m].credit,
                           (long long)row->movements[m].amount);
    }
    assert_true(story.size < size);
    memcpy(out, story.bytes, story.size);
    out[story.size] = '\0';
    assert_sound(&scene);
    scene_stop(&scene);
}

static void results_do_not_depend_on_when_time_is_brought_up(void **state)
{
    static char once[8192], often[8192];
    const char *const instants[] = {"2026-01-19T23:59:59Z", "2026-01-20T00:00:00Z", "2026-01-31T12:00:00Z",
                                    "2026-02-01T00:00:00Z", "2026-02-09T00:00:00Z", "2026-02-10T00:00:00Z",
                                    "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"};

    (void)state;
    tell(NULL, 0, once, sizeof once);
    tell(instants, sizeof instants / sizeof instants[0], often, sizeof often);
    assert_string_equal(once, often);
    tell(instants + 4, 2, often, sizeof often);
    assert_string_equal(once, often);
}

static void activity_keeps_points_alive_however_often_time_is_brought_up(void **state)
{
    const char *const early[] = {"2026-05-15T00:00:00Z", "2026-07-02T00:00:00Z"};
    int64_t results[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        scene_start(&scene, ",\"expiry\":{\"kind\":\"activity\",\"count\":6,\"unit\":\"months\"}",
                    "2026-01-01T00:00:00Z");
        scene_earn(&scene, 100, "2026-07-02T00:00:00Z");
        scene_at(&scene, early[0]);
        scene.member->standing.last_event_at = instant_of("2026-05-10T00:00:00Z");
        if (i == 1)
            scene_at(&scene, early[1]);
        scene_at(&scene, "2026-11-10T23:00:00Z");
        assert_int_equal(balance(&scene), 100);
        scene_at(&scene, "2026-11-11T00:00:00Z");
        assert_int_equal(balance(&scene), 0);
        results[i] = scene.decision.effects->rows[scene.decision.effects->row_count - 1]->at;
        scene_stop(&scene);
    }
    assert_int_equal(results[0], results[1]);
    assert_int_equal(results[0], instant_of("2026-11-11T00:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pending_points_become_active_then_expire_each_with_its_row),
        cmocka_unit_test(lots_due_together_share_one_row),
        cmocka_unit_test(a_hold_times_out_and_its_expired_points_go_with_it),
        cmocka_unit_test(results_do_not_depend_on_when_time_is_brought_up),
        cmocka_unit_test(activity_keeps_points_alive_however_often_time_is_brought_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

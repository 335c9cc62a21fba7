/* Terms of paid memberships, what goes back, and the states that follow from the time alone. */
#include <string.h>

#include "scene.h"

static void terms_do_not_drift_over_short_months(void **state)
{
    static const char *const ends[] = {"2028-02-28T16:00:00Z", "2028-03-30T16:00:00Z", "2028-04-29T16:00:00Z",
                                       "2028-05-30T16:00:00Z"};
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2028-01-31T08:00:00Z");
    const struct membership_plan *plan =
        scene_plan(&scene, "plus", "{\"name\":\"Plus\",\"fee\":\"9.90\",\"term\":{\"months\":1}}");
    for (int64_t term = 1; term <= 4; term++) /* 29 February, 31 March, 30 April, 31 May in Shanghai */
        assert_int_equal(membership_term_end(&scene.programme, plan, scene.decision.now, term),
                         instant_of(ends[term - 1]));
    arena_free(scene.arena);
}

static void a_year_from_the_leap_day_ends_on_the_28th(void **state)
{
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2028-02-29T08:00:00Z");
    const struct membership_plan *plan =
        scene_plan(&scene, "plus", "{\"name\":\"Plus\",\"fee\":\"9.90\",\"term\":{\"months\":12}}");
    assert_int_equal(membership_term_end(&scene.programme, plan, scene.decision.now, 1),
                     instant_of("2029-02-27T16:00:00Z"));
    assert_int_equal(membership_term_end(&scene.programme, plan, scene.decision.now, 4),
                     instant_of("2032-02-28T16:00:00Z")); /* 29 February 2032 */
    arena_free(scene.arena);
}

static struct membership bought(struct scene *scene)
{
    return (struct membership){.bought_at = instant_of("2026-01-31T20:00:00Z"), /* 1 February */
                               .term_from = instant_of("2026-01-31T20:00:00Z"),
                               .paid_until = instant_of("2026-02-28T16:00:00Z"), /* 1 March */
                               .grace_until = instant_of("2026-03-10T16:00:00Z"),
                               .fee = 2800,
                               .member = scene->member->id};
}

static void states_follow_from_the_time(void **state)
{
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    struct membership one = bought(&scene);
    assert_string_equal(membership_state(&one, instant_of("2026-02-28T15:59:59Z")), "active");
    assert_string_equal(membership_state(&one, instant_of("2026-02-28T16:00:00Z")), "due");
    assert_string_equal(membership_state(&one, instant_of("2026-03-10T16:00:00Z")), "ended");
    one.cancelled_at = 1;
    assert_string_equal(membership_state(&one, instant_of("2026-02-10T16:00:00Z")), "cancelled");
    one.ended_at = instant_of("2026-02-11T00:00:00Z");
    assert_string_equal(membership_state(&one, instant_of("2026-02-11T00:00:00Z")), "ended");
    arena_free(scene.arena);
}

static void the_days_that_are_left_go_back(void **state)
{
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    const struct membership_plan *plan = scene_plan(
        &scene, "plus", "{\"name\":\"Plus\",\"fee\":\"28.00\",\"term\":{\"months\":1},\"refund\":\"pro_rata\"}");
    struct membership one = bought(&scene);
    const struct programme *programme = &scene.programme;
    /* 28 days at 1.00: on the first 27 are left, on the last none; a term ahead goes back whole. */
    assert_int_equal(membership_refund_at(programme, plan, &one, 0, instant_of("2026-02-01T08:00:00Z")), 2700);
    assert_int_equal(membership_refund_at(programme, plan, &one, 0, instant_of("2026-02-28T08:00:00Z")), 0);
    one.earlier_from = one.term_from;
    one.earlier_fee = 2800;
    one.term_from = one.paid_until;
    one.paid_until = instant_of("2026-03-31T16:00:00Z");
    one.fee = 3100;
    assert_int_equal(membership_refund_at(programme, plan, &one, 0, instant_of("2026-02-15T08:00:00Z")), 3100 + 1300);
    assert_int_equal(membership_refund_at(programme, plan, &one, 0, instant_of("2026-03-01T08:00:00Z")), 3000);
    arena_free(scene.arena);
}

static void what_was_saved_does_not_go_back_and_never_more_than_was_paid(void **state)
{
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    const struct membership_plan *plan = scene_plan(
        &scene, "plus", "{\"name\":\"Plus\",\"fee\":\"28.00\",\"term\":{\"months\":1},\"refund\":\"minus_savings\"}");
    struct membership one = bought(&scene);
    const int64_t at = instant_of("2026-02-20T08:00:00Z");
    assert_int_equal(membership_refund_at(&scene.programme, plan, &one, 1000, at), 1800);
    assert_int_equal(membership_refund_at(&scene.programme, plan, &one, 5000, at), 0);
    arena_free(scene.arena);
}

/* The sweeper writes the end down, dated its instant, and the tier that came with it goes. */
static void a_membership_that_is_not_paid_further_ends_by_itself(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    const struct right right = {.kind = RIGHT_MEMBERSHIP,
                                .id = 77,
                                .code = TEXT("plus"),
                                .from = scene.decision.now,
                                .until = instant_of("2026-03-10T16:00:00Z"),
                                .tier = TEXT("gold")};
    assert_int_equal(right_give(&scene.decision, &scene.decision.subjects[0], &right, &err), STATUS_OK);
    assert_true(text_equals(scene.member->standing.tier, "gold"));
    assert_int_equal(tier_due(&scene.member->standing), right.until);
    scene.decision.now = instant_of("2026-06-01T00:00:00Z");
    assert_int_equal(tier_advance(&scene.decision, scene.member, &scene.programme, &err), STATUS_OK);
    assert_true(text_equals(scene.member->standing.tier, "blue"));
    assert_int_equal(scene.member->standing.held.size, 0);
    const struct journal_row *row = scene.decision.effects->rows[1];
    assert_true(text_equals(row->kind, "membership_ended"));
    assert_int_equal(row->at, right.until);
    assert_int_equal(row->cause, 77);
    arena_free(scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_do_not_drift_over_short_months),
        cmocka_unit_test(a_year_from_the_leap_day_ends_on_the_28th),
        cmocka_unit_test(states_follow_from_the_time),
        cmocka_unit_test(the_days_that_are_left_go_back),
        cmocka_unit_test(what_was_saved_does_not_go_back_and_never_more_than_was_paid),
        cmocka_unit_test(a_membership_that_is_not_paid_further_ends_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

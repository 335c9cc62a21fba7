/* Redemptions, reversals, clawbacks, debts and holds on one member. */
#include "scene.h"

struct abc {
    int64_t a, b, c;
    struct past_event *redemption;
};

/* A 100 until 31 March, B 50 for ever, C 80 until 28 February; 120 redeemed on 1 February. */
static struct abc redeem_120(struct scene *scene, const char *wallet)
{
    struct abc abc;

    scene_start(scene, wallet, "2026-01-01T00:00:00Z");
    abc.a = scene_earn(scene, 100, "2026-04-01T00:00:00Z");
    abc.b = scene_earn(scene, 50, NULL);
    abc.c = scene_earn(scene, 80, "2026-03-01T00:00:00Z");
    scene_at(scene, "2026-02-01T00:00:00Z");
    abc.redemption = scene_redeem(scene, 120);
    return abc;
}

static void redemption_takes_the_lot_that_expires_first(void **state)
{
    struct scene scene;
    struct abc abc = redeem_120(&scene, "");

    (void)state;
    assert_int_equal(lot_left(&scene, abc.a), 60);
    assert_int_equal(lot_left(&scene, abc.b), 50);
    assert_int_equal(lot_left(&scene, abc.c), 0);
    scene_at(&scene, "2026-04-01T00:00:00Z");
    assert_int_equal(balance(&scene), 50);
    assert_int_equal(account_total(&scene, ACCOUNT_EXPIRED), 60);
    assert_sound(&scene);
    scene_stop(&scene);
}

static void equal_expiries_are_drawn_by_accrual_time_then_id(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, "", "2026-01-02T00:00:00Z");
    int64_t second = scene_earn(&scene, 10, NULL), third = scene_earn(&scene, 10, NULL);
    scene.decision.now = instant_of("2026-01-01T00:00:00Z");
    int64_t first = scene_earn(&scene, 10, NULL);
    scene.decision.now = instant_of("2026-01-03T00:00:00Z");
    scene_redeem(&scene, 15);
    assert_int_equal(lot_left(&scene, first), 0);
    assert_int_equal(lot_left(&scene, second), 5);
    assert_int_equal(lot_left(&scene, third), 10);
    scene_stop(&scene);
}

static void more_than_is_there_is_refused_and_changes_nothing(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, NULL);
    assert_int_equal(ledger_draw(scene_row(&scene, "redemption"), 101, ACCOUNT_REDEEMED, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "points.insufficient");
    assert_non_null(strstr(err.message, "100 points"));
    assert_int_equal(available(&scene), 100);
    scene.ledger.policy = &scene.programme.wallets[1];
    assert_int_equal(ledger_draw(&scene.ledger, 1, ACCOUNT_REDEEMED, &err), STATUS_INVALID);
    assert_string_equal(err.code, "points.not_spendable");
    scene_stop(&scene);
}

static void undoing_gives_back_to_the_lots_and_the_expired_expire_again(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct abc abc = redeem_120(&scene, "");

    (void)state;
    scene_at(&scene, "2026-03-05T00:00:00Z");
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), abc.redemption, 120, &err), STATUS_OK);
    assert_int_equal(lot_left(&scene, abc.a), 100);
    assert_int_equal(lot_left(&scene, abc.c), 0);
    assert_int_equal(balance(&scene), 150);
    assert_int_equal(account_total(&scene, ACCOUNT_EXPIRED), 80);
    assert_int_equal(account_total(&scene, ACCOUNT_REDEEMED), 0);
    assert_int_equal(scene.member->lot_count, 3); /* never a fresh lot */
    assert_sound(&scene);
    scene_stop(&scene);
}

static void a_partial_reversal_returns_the_last_drawn_first(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct abc abc = redeem_120(&scene, "");

    (void)state;
    scene_at(&scene, "2026-02-05T00:00:00Z");
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), abc.redemption, 50, &err), STATUS_OK);
    assert_int_equal(lot_left(&scene, abc.a), 100); /* 40 */
    assert_int_equal(lot_left(&scene, abc.c), 10);
    scene_follow(&scene, abc.redemption);
    assert_int_equal(ledger_given_left(abc.redemption, TEXT("points")), 70);
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), abc.redemption, 71, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "points.reversed");
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), abc.redemption, 70, &err), STATUS_OK);
    scene_follow(&scene, abc.redemption);
    assert_int_equal(lot_left(&scene, abc.c), 80);
    assert_int_equal(ledger_given_left(abc.redemption, TEXT("points")), 0);
    assert_int_equal(balance(&scene), 230);
    assert_sound(&scene);
    scene_stop(&scene);
}

static void a_grace_policy_lets_returned_points_live_on(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct abc abc = redeem_120(&scene, ",\"reversal_grace_days\":10");

    (void)state;
    scene_at(&scene, "2026-03-05T12:00:00Z");
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), abc.redemption, 120, &err), STATUS_OK);
    assert_int_equal(balance(&scene), 230);
    assert_int_equal(member_lot(scene.member, abc.c)->expires_at, instant_of("2026-03-16T00:00:00Z"));
    scene_at(&scene, "2026-03-16T00:00:00Z");
    assert_int_equal(balance(&scene), 150);
    scene_stop(&scene);
}

static int64_t claw_back(struct scene *scene, const struct past_event *purchase, int64_t points)
{
    struct error err = {0};
    int64_t written_off = -1;

    assert_int_equal(ledger_claw_back(scene_row(scene, "return"), purchase, points, &written_off, &err), STATUS_OK);
    assert_sound(scene);
    return written_off;
}

static void a_clawback_is_clamped_and_the_rest_written_off(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, ",\"debt\":\"clamp\"", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 150, NULL);
    struct past_event *purchase = scene_past(&scene);
    scene_redeem(&scene, 100);
    assert_int_equal(claw_back(&scene, purchase, 150), 100);
    assert_int_equal(balance(&scene), 0);
    assert_int_equal(account_total(&scene, ACCOUNT_CLAWED_BACK), 150);
    assert_int_equal(account_total(&scene, ACCOUNT_WRITTEN_OFF), -100);
    scene_stop(&scene);
}

static void a_clawback_may_go_into_debt_that_later_earnings_pay_first(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, ",\"debt\":\"allow\"", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 150, NULL);
    struct past_event *purchase = scene_past(&scene);
    scene_redeem(&scene, 100);
    assert_int_equal(claw_back(&scene, purchase, 150), 0);
    assert_int_equal(balance(&scene), -100);
    assert_int_equal(available(&scene), 0);
    int64_t lot = scene_earn(&scene, 120, NULL);
    assert_int_equal(balance(&scene), 20);
    assert_int_equal(lot_left(&scene, lot), 20);
    assert_int_equal(member_lot(scene.member, lot)->amount, 20);
    assert_sound(&scene);
    scene_stop(&scene);
}

static void what_expired_of_its_own_lot_counts_as_taken_before_other_lots(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, "2026-02-01T00:00:00Z");
    struct past_event *purchase = scene_past(&scene);
    int64_t other = scene_earn(&scene, 50, NULL);
    scene_redeem(&scene, 60);
    scene_at(&scene, "2026-02-02T00:00:00Z"); /* 40 expired */
    assert_int_equal(claw_back(&scene, purchase, 30), 0);
    assert_int_equal(lot_left(&scene, other), 50);
    assert_int_equal(claw_back(&scene, purchase, 30), 0);
    assert_int_equal(lot_left(&scene, other), 30);
    assert_int_equal(account_total(&scene, ACCOUNT_CLAWED_BACK), 60);
    assert_int_equal(account_total(&scene, ACCOUNT_EXPIRED), 0);
    scene_stop(&scene);
}

static struct hold *hold(struct scene *scene, int64_t points, enum status expected)
{
    struct error err = {0};
    struct hold *held = NULL;
    enum status status = ledger_hold(scene_row(scene, "hold"), points, scene->decision.now + INSTANT_HOUR, &held, &err);

    assert_int_equal(status, expected);
    return held;
}

static void a_hold_is_captured_in_part_once_and_releases_the_rest(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, NULL);
    struct hold *held = hold(&scene, 60, STATUS_OK);
    assert_int_equal(available(&scene), 40);
    assert_int_equal(balance(&scene), 100);
    hold(&scene, 50, STATUS_CONFLICT);
    assert_int_equal(ledger_capture(scene_row(&scene, "capture"), held, 61, &err), STATUS_CONFLICT);
    assert_int_equal(ledger_capture(scene_row(&scene, "capture"), held, 45, &err), STATUS_OK);
    assert_int_equal(available(&scene), 55);
    assert_int_equal(balance(&scene), 55);
    assert_int_equal(ledger_capture(scene_row(&scene, "capture"), held, 1, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "hold.finished");
    assert_sound(&scene);
    scene_stop(&scene);
}

static void held_points_do_not_expire_but_go_at_once_on_release(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "", "2026-01-31T23:30:00Z");
    scene_earn(&scene, 100, "2026-02-01T00:00:00Z");
    struct hold *held = hold(&scene, 60, STATUS_OK);
    scene_at(&scene, "2026-02-01T00:10:00Z");
    assert_int_equal(balance(&scene), 60);
    assert_int_equal(ledger_release(scene_row(&scene, "release"), held, HOLD_RELEASED, &err), STATUS_OK);
    assert_int_equal(balance(&scene), 0);
    assert_int_equal(account_total(&scene, ACCOUNT_EXPIRED), 100);
    assert_sound(&scene);
    scene_stop(&scene);
}

static void a_clawback_while_points_are_held_stops_the_balance_at_zero(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, NULL);
    struct past_event *purchase = scene_past(&scene);
    struct hold *held = hold(&scene, 100, STATUS_OK);
    assert_int_equal(claw_back(&scene, purchase, 100), 0);
    assert_int_equal(balance(&scene), 0);
    assert_int_equal(ledger_capture(scene_row(&scene, "capture"), held, 70, &err), STATUS_OK);
    assert_int_equal(balance(&scene), 0); /* 30 came back and paid; 70 of the debt were given up */
    assert_int_equal(account_total(&scene, ACCOUNT_WRITTEN_OFF), -70);
    assert_sound(&scene);
    scene_stop(&scene);
}

static void an_adjustment_down_takes_the_soonest_first_then_the_debt_policy(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, ",\"debt\":\"allow\"", "2026-01-01T00:00:00Z");
    int64_t never = scene_earn(&scene, 100, NULL), soon = scene_earn(&scene, 30, "2026-02-01T00:00:00Z");
    assert_int_equal(ledger_adjust_down(scene_row(&scene, "adjustment"), 50, &err), STATUS_OK);
    assert_int_equal(lot_left(&scene, soon), 0);
    assert_int_equal(lot_left(&scene, never), 80);
    assert_int_equal(ledger_adjust_down(scene_row(&scene, "adjustment"), 100, &err), STATUS_OK);
    assert_int_equal(balance(&scene), -20);
    assert_sound(&scene);
    scene_stop(&scene);
}

static void points_already_over_post_and_expire_at_once(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene, "", "2026-05-01T00:00:00Z");
    scene_earn(&scene, 100, "2026-02-01T00:00:00Z");
    assert_int_equal(balance(&scene), 0);
    assert_int_equal(account_total(&scene, ACCOUNT_ISSUED), -100);
    assert_int_equal(account_total(&scene, ACCOUNT_EXPIRED), 100);
    scene_stop(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redemption_takes_the_lot_that_expires_first),
        cmocka_unit_test(equal_expiries_are_drawn_by_accrual_time_then_id),
        cmocka_unit_test(more_than_is_there_is_refused_and_changes_nothing),
        cmocka_unit_test(undoing_gives_back_to_the_lots_and_the_expired_expire_again),
        cmocka_unit_test(a_partial_reversal_returns_the_last_drawn_first),
        cmocka_unit_test(a_grace_policy_lets_returned_points_live_on),
        cmocka_unit_test(a_clawback_is_clamped_and_the_rest_written_off),
        cmocka_unit_test(a_clawback_may_go_into_debt_that_later_earnings_pay_first),
        cmocka_unit_test(what_expired_of_its_own_lot_counts_as_taken_before_other_lots),
        cmocka_unit_test(a_hold_is_captured_in_part_once_and_releases_the_rest),
        cmocka_unit_test(held_points_do_not_expire_but_go_at_once_on_release),
        cmocka_unit_test(a_clawback_while_points_are_held_stops_the_balance_at_zero),
        cmocka_unit_test(an_adjustment_down_takes_the_soonest_first_then_the_debt_policy),
        cmocka_unit_test(points_already_over_post_and_expire_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

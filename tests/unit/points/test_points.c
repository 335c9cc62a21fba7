/* The commands on points, and persons of several members. */
#include "scene.h"

static enum status run(struct scene *scene, const struct command_type *type, void *body, struct error *err)
{
    struct command command = {.type = type, .body = body, .arena = scene->arena, .subject_count = 1, .bucket = -1};

    for (int i = 0; i < COMMAND_SUBJECTS_MAX; i++)
        if (scene->decision.subjects[i].member != NULL)
            command.subjects[i] = (struct subject){.by = SUBJECT_MEMBER, .id = scene->decision.subjects[i].member->id};
    while (command.subject_count < COMMAND_SUBJECTS_MAX &&
           scene->decision.subjects[command.subject_count].member != NULL)
        command.subject_count++;
    return type->decide(&scene->decision, &command, err);
}

/* Puts the members of two scenes' worth into one person or pooled household. */
static void put_together(struct scene *scene, bool merged)
{
    struct member *other = member_new(&scene->decision, 1, 9, scene->decision.now);
    struct group *group = arena_alloc(scene->arena, sizeof *group);

    group->members = arena_array(scene->arena, 2, sizeof *group->members);
    group->members[0] = *scene->member;
    group->members[1] = *other;
    group->member_count = 2;
    group->pooled = !merged;
    if (merged)
        group->members[1].leader = scene->member->id;
    scene->group = group;
    scene->member = &group->members[0];
    scene->decision.subjects[0] = (struct person){group, &group->members[0], &group->members[0]};
    scene->decision.subjects[1] = (struct person){NULL, NULL, NULL};
}

static void a_redemption_tells_what_is_left(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct redemption body = {.wallet = TEXT("points"), .points = 30, .reward = TEXT("mug")};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, NULL);
    assert_int_equal(run(&scene, &redeem_command_type, &body, &err), STATUS_OK);
    assert_int_equal(body.result.available, 70);
    assert_int_equal(body.result.points, 30);
    const struct journal_row *row = scene.decision.effects->rows[scene.decision.effects->row_count - 1];
    assert_int_equal(row->id, body.result.id);
    assert_true(text_equals(row->facts, "{\"wallet\":\"points\",\"points\":30,\"reward\":\"mug\"}"));
    body.points = 0;
    assert_int_equal(run(&scene, &redeem_command_type, &body, &err), STATUS_INVALID);
    body = (struct redemption){.wallet = TEXT("nothing"), .points = 1};
    assert_int_equal(run(&scene, &redeem_command_type, &body, &err), STATUS_INVALID);
    assert_string_equal(err.code, "wallet.unknown");
    body = (struct redemption){.wallet = TEXT("points"),
                               .points = 1,
                               .context = {.at_given = true, .at = scene.decision.now + 6 * INSTANT_MINUTE}};
    assert_int_equal(run(&scene, &redeem_command_type, &body, &err), STATUS_INVALID);
    assert_string_equal(err.code, "event.in_future");
    scene_stop(&scene);
}

static void an_adjustment_above_the_limit_needs_approval(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct adjustment body = {.wallet = TEXT("points"), .points = 501, .reason = TEXT("goodwill")};

    (void)state;
    scene_start(&scene, ",\"approval_limit\":500", "2026-01-01T00:00:00Z");
    assert_int_equal(run(&scene, &adjust_command_type, &body, &err), STATUS_FORBIDDEN);
    assert_string_equal(err.code, "points.approval");
    body.points = -501;
    assert_int_equal(run(&scene, &adjust_command_type, &body, &err), STATUS_FORBIDDEN);
    body.points = 500;
    assert_int_equal(run(&scene, &adjust_command_type, &body, &err), STATUS_OK);
    assert_int_equal(body.result.balance, 500);
    body.points = -600;
    body.may_approve = true;
    assert_int_equal(run(&scene, &adjust_command_type, &body, &err), STATUS_OK);
    assert_int_equal(body.result.balance, 0);
    assert_int_equal(body.result.written_off, 100);
    body = (struct adjustment){.wallet = TEXT("points"), .points = 5};
    assert_int_equal(run(&scene, &adjust_command_type, &body, &err), STATUS_INVALID);
    scene_stop(&scene);
}

static void a_transfer_keeps_the_expiry_of_each_lot_and_passes_transit(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct transfer body = {.wallet = TEXT("points"), .points = 120};

    (void)state;
    scene_start(&scene, ",\"transferable\":true", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, "2026-02-01T00:00:00Z");
    scene_earn(&scene, 100, NULL);
    struct member *to = member_new(&scene.decision, 1, 9, scene.decision.now);
    assert_int_equal(run(&scene, &transfer_command_type, &body, &err), STATUS_OK);
    assert_int_equal(balance(&scene), 80);
    assert_int_equal(to->lot_count, 2);
    assert_int_equal(to->lots[0].amount, 100);
    assert_int_equal(to->lots[0].expires_at, instant_of("2026-02-01T00:00:00Z"));
    assert_int_equal(to->lots[1].amount, 20);
    assert_int_equal(to->lots[1].expires_at, INSTANT_NEVER);
    assert_int_equal(account_total(&scene, ACCOUNT_TRANSIT), 0);
    assert_int_equal(to->standing.due_at, instant_of("2026-02-01T00:00:00Z"));
    body.points = 81;
    assert_int_equal(run(&scene, &transfer_command_type, &body, &err), STATUS_CONFLICT);
    scene.decision.subjects[1] = scene.decision.subjects[0];
    body.points = 1;
    assert_int_equal(run(&scene, &transfer_command_type, &body, &err), STATUS_INVALID);
    assert_string_equal(err.code, "points.transfer_self");
    scene_stop(&scene);
}

static void a_pooled_household_spends_the_soonest_of_all_in_rows_of_each_bucket(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    put_together(&scene, false);
    struct member *first = &scene.group->members[0], *second = &scene.group->members[1];
    int64_t a = scene_earn(&scene, 100, "2026-04-01T00:00:00Z");
    scene.member = second;
    int64_t b = scene_earn(&scene, 50, "2026-03-01T00:00:00Z");
    scene.member = first;
    assert_int_equal(available(&scene), 150);
    struct past_event *redemption = scene_redeem(&scene, 120);
    assert_int_equal(scene.posting.companion_count, 1);
    assert_int_equal(scene.posting.companions[0]->cause, scene.posting.row->id);
    assert_int_equal(member_lot(first, a)->remaining, 30);
    assert_int_equal(member_lot(second, b)->remaining, 0);
    redemption->followers = &(struct past_event){.row = *scene.posting.companions[0]};
    redemption->follower_count = 1;
    assert_int_equal(ledger_given_left(redemption, TEXT("points")), 120);
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), redemption, 80, &err), STATUS_OK);
    assert_int_equal(member_lot(first, a)->remaining, 100); /* the last drawn came back first */
    assert_int_equal(member_lot(second, b)->remaining, 10);
    assert_sound(&scene);
    scene_stop(&scene);
}

/* Three lots of two members in turn by expiry; the posting that draws 180 of them, as the engine would load it. */
struct turns {
    struct scene scene;
    struct member *first, *second;
    int64_t a, b, c; /* lots: 100 of the first, 50 of the second, 80 of the first */
};

static void turns_start(struct turns *turns, bool merged)
{
    struct scene *scene = &turns->scene;

    scene_start(scene, "", "2026-01-01T00:00:00Z");
    put_together(scene, merged);
    turns->first = &scene->group->members[0];
    turns->second = &scene->group->members[1];
    turns->a = scene_earn(scene, 100, "2026-02-01T00:00:00Z");
    turns->c = scene_earn(scene, 80, "2026-04-01T00:00:00Z");
    scene->member = turns->second;
    turns->b = scene_earn(scene, 50, "2026-03-01T00:00:00Z");
    scene->member = turns->first;
}

/* Activity and grace give lots another expiry: what was drawn first ends last now. */
static void turn_expiries_round(struct turns *turns)
{
    member_lot(turns->first, turns->a)->expires_at = instant_of("2026-12-01T00:00:00Z");
    member_lot(turns->second, turns->b)->expires_at = instant_of("2026-11-01T00:00:00Z");
}

static void assert_undone_in_reverse(struct turns *turns, const struct past_event *draw)
{
    struct scene *scene = &turns->scene;
    struct past_event event = *draw;
    struct error err = {0};

    event.followers = arena_alloc(scene->arena, sizeof *event.followers);
    event.followers[0].row = *scene->posting.companions[0];
    event.follower_count = 1;
    turn_expiries_round(turns);
    assert_int_equal(ledger_give_back(scene_row(scene, "reversal"), &event, 90, &err), STATUS_OK);
    assert_int_equal(member_lot(turns->first, turns->c)->remaining, 80);
    assert_int_equal(member_lot(turns->second, turns->b)->remaining, 50);
    assert_int_equal(member_lot(turns->first, turns->a)->remaining, 10);
    assert_sound(scene);
}

/* Rule 3 of the semantics: what was drawn last comes back first. */
static void a_draw_from_several_is_undone_in_its_own_order_whatever_the_expiries_are_now(void **state)
{
    (void)state;
    for (int merged = 0; merged < 2; merged++) {
        struct turns turns;
        turns_start(&turns, merged == 1);
        const struct past_event *draw = scene_redeem(&turns.scene, 180);
        assert_true(text_equals(turns.scene.posting.companions[0]->facts, "{\"lines\":[2]}"));
        assert_undone_in_reverse(&turns, draw);
        scene_stop(&turns.scene);
    }
}

static void a_capture_from_several_is_undone_in_its_own_order(void **state)
{
    struct turns turns;
    struct error err = {0};
    struct hold *held;

    (void)state;
    turns_start(&turns, false);
    int64_t until = turns.scene.decision.now + INSTANT_HOUR;
    assert_int_equal(ledger_hold(scene_row(&turns.scene, "hold"), 200, until, &held, &err), STATUS_OK);
    assert_int_equal(ledger_capture(scene_row(&turns.scene, "capture"), held, 180, &err), STATUS_OK);
    assert_undone_in_reverse(&turns, scene_past(&turns.scene));
    scene_stop(&turns.scene);
}

static void the_order_of_a_draw_is_kept_over_many_lots_of_many_rows(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct past_event *redemption;
    int64_t lots[40];

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    put_together(&scene, false);
    for (int i = 0; i < 40; i++) {
        scene.member = &scene.group->members[i % 3 == 0];
        lots[i] = scene_earn(&scene, 10, arena_format(scene.arena, "2026-%02d-%02dT00:00:00Z", 2 + i / 20, 1 + i % 20));
    }
    redemption = scene_redeem(&scene, 400);
    redemption->followers = &(struct past_event){.row = *scene.posting.companions[0]};
    redemption->follower_count = 1;
    size_t count;
    const struct movement **order = posting_order(scene.arena, redemption, &count);
    assert_int_equal(count, 40);
    for (int i = 0; i < 40; i++)
        assert_int_equal(order[i]->lot, lots[i]);
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), redemption, 400, &err), STATUS_OK);
    assert_int_equal(available(&scene), 400);
    scene_stop(&scene);
}

static void a_hold_on_points_of_one_who_parted_waits_and_times_out_when_they_are_together_again(void **state)
{
    struct turns turns;
    struct scene *scene = &turns.scene;
    struct error err = {0};
    struct hold *held;

    (void)state;
    turns_start(&turns, false);
    struct group together = *scene->group, apart = {.members = turns.first, .member_count = 1};
    int64_t until = instant_of("2026-01-10T00:00:00Z");
    assert_int_equal(ledger_hold(scene_row(scene, "hold"), 180, until, &held, &err), STATUS_OK);
    assert_int_equal(turns.first->standing.due_at, until);
    scene->group = &apart;
    scene_at(scene, "2026-01-20T00:00:00Z");
    assert_int_equal(turns.first->holds[0].state, HOLD_OPEN);
    assert_int_equal(turns.first->standing.due_at, instant_of("2026-04-01T00:00:00Z")); /* not tried again and again */
    scene->group = &together;
    scene->decision.now = instant_of("2026-01-25T00:00:00Z");
    standing_due(turns.first, scene->decision.now); /* as joining does */
    scene_at(scene, "2026-01-25T00:00:00Z");
    assert_int_equal(turns.first->holds[0].state, HOLD_EXPIRED);
    assert_int_equal(available(scene), 230);
    const struct journal_row *row = scene->decision.effects->rows[scene->decision.effects->row_count - 2];
    assert_true(text_equals(row->kind, "hold_timeout"));
    assert_int_equal(row->at, until);
    assert_sound(scene);
    scene_stop(scene);
}

static void what_was_spent_while_merged_stays_drawn_after_an_unmerge(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    put_together(&scene, true);
    struct member *first = &scene.group->members[0], *second = &scene.group->members[1];
    int64_t a = scene_earn(&scene, 100, "2026-04-01T00:00:00Z");
    scene.member = second;
    int64_t b = scene_earn(&scene, 50, NULL);
    scene.member = first;
    struct past_event *redemption = scene_redeem(&scene, 120);
    redemption->followers = &(struct past_event){.row = *scene.posting.companions[0]};
    redemption->follower_count = 1;
    /* Unmerged: each is a group of its own; the reversal names both. */
    struct group alone = {.members = first, .member_count = 1}, other = {.members = second, .member_count = 1};
    second->leader = second->id;
    scene.group = &alone;
    scene.decision.subjects[0] = (struct person){&alone, first, first};
    assert_int_equal(member_lot(first, a)->remaining, 0);
    assert_int_equal(member_lot(second, b)->remaining, 30);
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), redemption, 120, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "points.owner_apart");
    scene.decision.subjects[1] = (struct person){&other, second, second};
    assert_int_equal(ledger_give_back(scene_row(&scene, "reversal"), redemption, 120, &err), STATUS_OK);
    assert_int_equal(member_lot(first, a)->remaining, 100);
    assert_int_equal(member_lot(second, b)->remaining, 50);
    scene_stop(&scene);
}

static void a_capture_can_be_undone_in_part_and_not_twice(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct hold *held;
    struct undoing body = {.points = 20};

    (void)state;
    scene_start(&scene, "", "2026-01-01T00:00:00Z");
    scene_earn(&scene, 100, NULL);
    assert_int_equal(ledger_hold(scene_row(&scene, "hold"), 60, scene.decision.now + INSTANT_HOUR, &held, &err),
                     STATUS_OK);
    assert_int_equal(ledger_capture(scene_row(&scene, "capture"), held, 45, &err), STATUS_OK);
    scene.decision.events[0] = scene_past(&scene);
    assert_int_equal(run(&scene, &reverse_command_type, &body, &err), STATUS_OK);
    assert_int_equal(body.result.balance, 75);
    scene.posting.row = scene.decision.effects->rows[scene.decision.effects->row_count - 1];
    scene_follow(&scene, scene.decision.events[0]);
    body = (struct undoing){.points = 0};
    assert_int_equal(run(&scene, &reverse_command_type, &body, &err), STATUS_OK);
    assert_int_equal(body.result.points, 25);
    assert_int_equal(body.result.balance, 100);
    scene.posting.row = scene.decision.effects->rows[scene.decision.effects->row_count - 1];
    scene_follow(&scene, scene.decision.events[0]);
    assert_int_equal(run(&scene, &reverse_command_type, &body, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "points.reversed");
    scene_stop(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redemption_tells_what_is_left),
        cmocka_unit_test(an_adjustment_above_the_limit_needs_approval),
        cmocka_unit_test(a_transfer_keeps_the_expiry_of_each_lot_and_passes_transit),
        cmocka_unit_test(a_pooled_household_spends_the_soonest_of_all_in_rows_of_each_bucket),
        cmocka_unit_test(a_draw_from_several_is_undone_in_its_own_order_whatever_the_expiries_are_now),
        cmocka_unit_test(a_capture_from_several_is_undone_in_its_own_order),
        cmocka_unit_test(the_order_of_a_draw_is_kept_over_many_lots_of_many_rows),
        cmocka_unit_test(a_hold_on_points_of_one_who_parted_waits_and_times_out_when_they_are_together_again),
        cmocka_unit_test(what_was_spent_while_merged_stays_drawn_after_an_unmerge),
        cmocka_unit_test(a_capture_can_be_undone_in_part_and_not_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The standing of a person: what events do to it, lifecycle stages, the fold over a merge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "engine/recent.h"
#include "features/customers/standing.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct member members[2];
    struct group group;
};

static void scene_start(struct scene *scene)
{
    *scene = (struct scene){.arena = arena_new((size_t)1 << 20)};
    decision_start(&scene->decision, scene->arena, 0, NULL);
    scene->members[0] = (struct member){.id = 64, .leader = 64};
    scene->members[1] = (struct member){.id = 128, .leader = 64};
    scene->group = (struct group){.members = scene->members, .member_count = 1};
}

static void buy(struct scene *scene, int member, int32_t day, int64_t amount, int64_t lapse)
{
    struct standing_purchase purchase = {day * INSTANT_DAY + INSTANT_HOUR, day, amount, true, true, lapse};

    standing_add_purchase(&scene->decision, &scene->group, &scene->members[member], purchase);
}

static enum stage stage_on(const struct scene *scene, int32_t day)
{
    return standing_stage(&scene->members[0].standing, day * INSTANT_DAY + INSTANT_HOUR, day, 0, NULL);
}

static void silence_of_two_three_and_five_intervals_is_at_risk_lapsed_and_lost(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    buy(&scene, 0, 1000, 500, 0);
    buy(&scene, 0, 1010, 500, 0);
    buy(&scene, 0, 1020, 500, 0);
    assert_int_equal(standing_usual_interval(&scene.members[0].standing, 0, NULL), 10 * INSTANT_DAY);
    assert_int_equal(stage_on(&scene, 1039), STAGE_GROWING);
    assert_int_equal(stage_on(&scene, 1040), STAGE_AT_RISK);
    assert_int_equal(stage_on(&scene, 1049), STAGE_AT_RISK);
    assert_int_equal(stage_on(&scene, 1050), STAGE_LAPSED);
    assert_int_equal(stage_on(&scene, 1069), STAGE_LAPSED);
    assert_int_equal(stage_on(&scene, 1070), STAGE_LOST);
    arena_free(scene.arena);
}

static void below_three_purchase_days_the_median_of_the_base_is_the_usual_interval(void **state)
{
    struct standing standing = {.purchases = 1, .purchase_days = 1, .first_purchase_at = 1, .last_purchase_at = 1};

    (void)state;
    assert_int_equal(standing_stage(&standing, 60 * INSTANT_DAY, 60, 40 * INSTANT_DAY, NULL), STAGE_NEW);
    assert_int_equal(standing_stage(&standing, 81 * INSTANT_DAY, 81, 40 * INSTANT_DAY, NULL), STAGE_AT_RISK);
    assert_int_equal(standing_stage(&standing, 9000 * INSTANT_DAY, 9000, 0, NULL), STAGE_NEW);
}

static void who_buys_after_a_lapse_is_won_back_for_ninety_days(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    for (int32_t day = 1000; day <= 1020; day += 10)
        buy(&scene, 0, day, 500, 0);
    buy(&scene, 0, 1060, 500, 30 * INSTANT_DAY);
    assert_int_equal(scene.members[0].standing.won_back_at, 1060 * INSTANT_DAY + INSTANT_HOUR);
    assert_int_equal(stage_on(&scene, 1061), STAGE_WON_BACK);
    scene.members[0].standing.last_purchase_at = 1149 * INSTANT_DAY;
    assert_int_equal(stage_on(&scene, 1149), STAGE_WON_BACK);
    assert_int_not_equal(stage_on(&scene, 1150), STAGE_WON_BACK);
    arena_free(scene.arena);
}

static void growing_is_more_spend_in_ninety_days_than_in_the_ninety_before(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    buy(&scene, 0, 1000, 800, 0);
    buy(&scene, 0, 1060, 100, 0);
    buy(&scene, 0, 1120, 100, 0);
    assert_int_equal(standing_spend_between(&scene.members[0].standing, 1031, 1120), 200);
    assert_int_equal(stage_on(&scene, 1120), STAGE_LOYAL);
    buy(&scene, 0, 1120, 601, 0);
    assert_int_equal(stage_on(&scene, 1120), STAGE_GROWING);
    arena_free(scene.arena);
}

static void a_return_lowers_the_day_of_its_purchase(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    buy(&scene, 0, 1000, 800, 0);
    buy(&scene, 0, 1010, 100, 0);
    standing_add_return(&scene.decision, &scene.group, &scene.members[0], 1000, 300);
    assert_int_equal(scene.members[0].standing.spend, 600);
    assert_int_equal(scene.members[0].standing.returns, 300);
    assert_int_equal(standing_spend_between(&scene.members[0].standing, 1000, 1000), 500);
    arena_free(scene.arena);
}

static void a_late_purchase_changes_first_but_never_last(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    buy(&scene, 0, 1000, 800, 0);
    buy(&scene, 0, 990, 100, 0);
    assert_int_equal(scene.members[0].standing.first_purchase_at, 990 * INSTANT_DAY + INSTANT_HOUR);
    assert_int_equal(scene.members[0].standing.last_purchase_at, 1000 * INSTANT_DAY + INSTANT_HOUR);
    arena_free(scene.arena);
}

static void recent_days_survive_their_database_form(void **state)
{
    struct scene scene;
    struct standing copy = {0};

    (void)state;
    scene_start(&scene);
    buy(&scene, 0, 20000, 123456, 0);
    buy(&scene, 0, 20001, 1, 0);
    standing_add_return(&scene.decision, &scene.group, &scene.members[0], 20001, 900);
    buy(&scene, 0, 20179, INT64_C(5000000000), 0);
    struct text bytes = standing_recent_encode(scene.arena, &scene.members[0].standing);
    assert_true(standing_recent_decode(scene.arena, bytes, &copy));
    assert_int_equal(copy.recent_count, 3);
    assert_int_equal(copy.recent[1].spend, -899);
    assert_int_equal(copy.recent[2].day, 20179);
    assert_false(standing_recent_decode(scene.arena, (struct text){bytes.bytes, bytes.size - 1}, &copy));
    buy(&scene, 0, 20181, 5, 0);
    assert_int_equal(scene.members[0].standing.recent[0].day, 20179);
    arena_free(scene.arena);
}

static void a_member_of_a_merged_person_keeps_its_own_share(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    scene.group.member_count = 2;
    buy(&scene, 1, 1000, 800, 0);
    assert_int_equal(scene.members[0].standing.spend, 800);
    assert_int_equal(scene.members[0].own.spend, 0);
    assert_int_equal(scene.members[1].own.spend, 800);
    assert_true(scene.members[1].own_changed);
    arena_free(scene.arena);
}

static int rank_by_size(void *context, struct text tier)
{
    (void)context;
    return (int)tier.size;
}

static void the_fold_sums_counts_shared_days_once_and_takes_the_higher_tier(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 16);
    const struct day_spend first[] = {{10, 100}, {12, 50}}, second[] = {{12, 25}};
    const struct standing shares[] = {
        {.purchases = 2,
         .purchase_days = 2,
         .spend = 150,
         .first_purchase_at = 10,
         .last_purchase_at = 12,
         .tier = TEXT("a"),
         .recent = first,
         .recent_count = 2,
         .due_at = 99,
         .qualifying = 5,
         .qualifying_from = 1},
        {.purchases = 1,
         .purchase_days = 1,
         .spend = 25,
         .first_purchase_at = 12,
         .last_purchase_at = 12,
         .tier = TEXT("bb"),
         .recent = second,
         .recent_count = 1,
         .due_at = 50,
         .tier_until = 77,
         .qualifying = 6,
         .qualifying_from = 2},
    };
    struct standing folded = standing_fold(arena, shares, 2, 1, rank_by_size, NULL);

    (void)state;
    assert_int_equal(folded.purchases, 3);
    assert_int_equal(folded.purchase_days, 2);
    assert_int_equal(folded.spend, 175);
    assert_true(text_equals(folded.tier, "bb"));
    assert_int_equal(folded.tier_until, 77);
    assert_int_equal(folded.due_at, 50);
    assert_int_equal(folded.qualifying, 11);
    assert_int_equal(folded.qualifying_from, 2);
    assert_int_equal(folded.recent_count, 2);
    assert_int_equal(folded.recent[1].spend, 75);
    arena_free(arena);
}

static void active_is_a_purchase_or_visit_within_a_year(void **state)
{
    struct standing standing = {.last_visit_at = 1000 * INSTANT_DAY};

    (void)state;
    assert_true(standing_active(&standing, 1364 * INSTANT_DAY, NULL));
    assert_false(standing_active(&standing, 1365 * INSTANT_DAY, NULL));
    assert_false(standing_active(&(struct standing){0}, 5, NULL));
}

static void values_that_are_set_move_stages_and_who_is_active(void **state)
{
    /* Days 0, 10 and 20: an interval of 10 days, or with four days needed that of the base, 40 days. */
    const struct standing standing = {
        .purchases = 3, .purchase_days = 3, .first_purchase_at = 1, .last_purchase_at = 20 * INSTANT_DAY + 1};
    struct lifecycle rules = lifecycle_usual;

    (void)state;
    rules.at_risk_tenths = 15;
    rules.active_days = 30;
    assert_int_equal(standing_stage(&standing, 36 * INSTANT_DAY, 36, 0, NULL), STAGE_LOYAL);
    assert_int_equal(standing_stage(&standing, 36 * INSTANT_DAY, 36, 0, &rules), STAGE_AT_RISK);
    rules.new_purchases = 4;
    assert_int_equal(standing_stage(&standing, 30 * INSTANT_DAY, 30, 0, &rules), STAGE_NEW);
    rules.own_interval_days = 4;
    assert_int_equal(standing_usual_interval(&standing, 40 * INSTANT_DAY, &rules), 40 * INSTANT_DAY);
    assert_true(standing_active(&standing, 50 * INSTANT_DAY, &rules));
    assert_false(standing_active(&standing, 51 * INSTANT_DAY, &rules));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_of_two_three_and_five_intervals_is_at_risk_lapsed_and_lost),
        cmocka_unit_test(below_three_purchase_days_the_median_of_the_base_is_the_usual_interval),
        cmocka_unit_test(who_buys_after_a_lapse_is_won_back_for_ninety_days),
        cmocka_unit_test(growing_is_more_spend_in_ninety_days_than_in_the_ninety_before),
        cmocka_unit_test(a_return_lowers_the_day_of_its_purchase),
        cmocka_unit_test(a_late_purchase_changes_first_but_never_last),
        cmocka_unit_test(recent_days_survive_their_database_form),
        cmocka_unit_test(a_member_of_a_merged_person_keeps_its_own_share),
        cmocka_unit_test(the_fold_sums_counts_shared_days_once_and_takes_the_higher_tier),
        cmocka_unit_test(active_is_a_purchase_or_visit_within_a_year),
        cmocka_unit_test(values_that_are_set_move_stages_and_who_is_active),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

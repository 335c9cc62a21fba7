#include "features/conditions/facts_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/programme/held.h"

enum { ARENA_SIZE = 64 * 1024 * 1024 };

static struct arena *arena;

/* A person in Shanghai who bought for the last time on 22 October, at 10:00. */
static struct scene {
    struct programme programme;
    struct member member;
    struct group group;
    struct person person;
    struct profile profile;
    struct fact_sources sources;
    struct rule_value slots[FACT_COUNT];
} scene;

static int64_t instant(const char *text)
{
    int64_t out;
    assert_true(instant_parse(text_from(text), &out));
    return out;
}

static int32_t day(const char *text)
{
    int32_t out;
    assert_true(day_parse(text_from(text), &out));
    return out;
}

static int set_scene(void **state)
{
    (void)state;
    arena_reset(arena);
    memset(&scene, 0, sizeof scene);
    scene.programme = (struct programme){.exponent = 2, .birthday_leap_day = 28};
    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &scene.programme.zone, NULL), STATUS_OK);
    scene.member = (struct member){.id = 64, .leader = 64};
    scene.member.standing = (struct standing){.purchases = 5,
                                              .purchase_days = 4,
                                              .first_purchase_at = instant("2026-09-22T02:00:00Z"),
                                              .last_purchase_at = instant("2026-10-22T02:00:00Z")};
    scene.group = (struct group){.members = &scene.member, .member_count = 1};
    scene.person = (struct person){.group = &scene.group, .member = &scene.member, .leader = &scene.member};
    scene.sources =
        (struct fact_sources){.person = &scene.person, .programme = &scene.programme, .profile = &scene.profile};
    return 0;
}

/* The value of an expression at an instant, and until when it stays by itself. */
static bool holds_until(const char *at, const char *expression, const char *until)
{
    struct rule_program *program;
    struct error error = {0};
    struct rule_source source = {.text = text_from(expression), .environment = &facts_environment};
    scene.sources.now = instant(at);
    facts_fill(arena, &scene.sources, scene.slots);
    if (rule_compile(arena, &source, &program, NULL, &error) != STATUS_OK)
        fail_msg("%s: %s", expression, error.message);
    struct rule_evaluation evaluation = {
        .arena = arena, .slots = scene.slots, .now = scene.sources.now, .zone = scene.programme.zone};
    if (rule_evaluate(program, &evaluation, &error) != STATUS_OK)
        fail_msg("%s: %s", expression, error.message);
    int64_t facts = facts_until(&scene.sources, program);
    int64_t found = facts < evaluation.valid_until ? facts : evaluation.valid_until;
    assert_int_equal(found, until == NULL ? INSTANT_NEVER : instant(until));
    if (found != INSTANT_NEVER && facts == found)
        assert_true(facts_timed(program));
    rule_release(program);
    return evaluation.value.boolean;
}

static void stages_change_at_the_instants_of_silence(void **state)
{
    (void)state;
    /* The usual interval is 30 days by 3: 10 days. */
    assert_true(holds_until("2026-10-23T00:00:00Z", "member.stage == 'loyal'", "2026-11-11T02:00:00Z"));
    assert_true(holds_until("2026-11-11T02:00:00Z", "member.stage == 'at_risk'", "2026-11-21T02:00:00Z"));
    assert_true(holds_until("2026-11-21T02:00:00Z", "member.stage == 'lapsed'", "2026-12-11T02:00:00Z"));
    assert_true(holds_until("2026-12-11T02:00:00Z", "member.stage == 'lost'", NULL));
    assert_true(holds_until("2026-12-11T02:00:00Z", "member.active", "2027-10-22T02:00:00Z"));
    assert_false(holds_until("2027-10-22T02:00:00Z", "member.active", NULL));
}

static void spend_leaves_the_last_90_days_at_midnight_of_the_zone(void **state)
{
    const struct day_spend recent[] = {{day("2026-10-22"), 5000}};
    (void)state;
    scene.member.standing.recent = recent;
    scene.member.standing.recent_count = 1;
    assert_true(holds_until("2026-10-22T03:00:00Z", "member.spend_90_days == 50.0", "2027-01-19T16:00:00Z"));
    assert_true(holds_until("2027-01-19T16:00:00Z", "member.spend_90_days == 0.0", NULL));
}

static void windows_count_whole_days_of_all_members_today_included(void **state)
{
    const struct member_day days[] = {{.day = day("2026-10-22"), .count = 2, .spend = 1010},
                                      {.day = day("2026-10-20"), .count = 1, .spend = 1000},
                                      {.day = day("2026-10-22"), .count = 1, .spend = 2020},
                                      {.day = day("2025-01-01"), .count = 9, .spend = 9000}};
    (void)state;
    scene.sources.days = days;
    scene.sources.day_count = 4;
    assert_true(holds_until("2026-10-22T15:59:59Z", "count_within(member.days, '3d') == 4", "2026-10-22T16:00:00Z"));
    assert_true(holds_until("2026-10-22T16:00:00Z", "count_within(member.days, '3d') == 3", "2026-10-24T16:00:00Z"));
    assert_true(holds_until("2026-10-22T16:00:00Z", "sum_within(member.days, '3d') == 30.3", "2026-10-24T16:00:00Z"));
    assert_true(holds_until("2026-10-22T16:00:00Z", "member.days.size() == 2 && member.days[1].count == 3",
                            "2027-11-23T16:00:00Z"));
}

static void birthdays_begin_and_end_at_midnight_of_the_zone(void **state)
{
    (void)state;
    scene.profile.fields[PROFILE_BIRTHDAY] = TEXT("1990-05-01");
    assert_false(holds_until("2026-04-30T15:59:59Z", "member.birthday_today", "2026-04-30T16:00:00Z"));
    assert_true(holds_until("2026-04-30T16:30:00Z", "member.birthday_today", "2026-05-01T16:00:00Z"));
    assert_true(holds_until("2026-04-30T16:30:00Z", "member.birthday_month", "2026-05-31T16:00:00Z"));
    assert_false(holds_until("2026-05-31T16:00:00Z", "member.birthday_month", "2027-04-30T16:00:00Z"));
    scene.profile.fields[PROFILE_BIRTHDAY] = TEXT("--08-15");
    scene.profile.fields[PROFILE_BIRTHDAY_CALENDAR] = TEXT("lunar");
    assert_true(holds_until("2024-09-16T16:00:00Z", "member.birthday_today", "2024-09-17T16:00:00Z"));
    assert_true(holds_until("2025-10-06T04:00:00Z", "member.birthday_today", "2025-10-06T16:00:00Z"));
    scene.profile.fields[PROFILE_BIRTHDAY] = (struct text){0};
    assert_false(holds_until("2025-10-06T04:00:00Z", "member.birthday_today || member.birthday_month", NULL));
}

/* The terms of a contract: 10 % and 1.5 times until midnight before 1 July, 12.5 % from then on until the end of the year. */
static void terms_of_contracts_change_at_midnight_of_the_zone(void **state)
{
    const struct held held = {.ladder_count = 1,
                              .right_count = 2,
                              .rights = {{.kind = RIGHT_CONTRACT,
                                          .id = 64,
                                          .code = TEXT("PINE"),
                                          .from = instant("2025-12-31T16:00:00Z"),
                                          .until = instant("2026-06-30T16:00:00Z"),
                                          .sums = {[RIGHT_SUM_DISCOUNT] = 1000, [RIGHT_SUM_FACTOR] = 15000}},
                                         {.kind = RIGHT_CONTRACT,
                                          .id = 128,
                                          .code = TEXT("PINE"),
                                          .from = instant("2026-06-30T16:00:00Z"),
                                          .until = instant("2026-12-31T16:00:00Z"),
                                          .sums = {[RIGHT_SUM_DISCOUNT] = 1250, [RIGHT_SUM_FACTOR] = 10000}}}};
    (void)state;
    held_write(arena, &scene.programme, &held, &scene.member.standing);
    assert_true(holds_until("2025-12-01T00:00:00Z", "member.contract == null && member.contract_factor == 1.0",
                            "2025-12-31T16:00:00Z"));
    assert_true(
        holds_until("2026-03-01T00:00:00Z",
                    "member.contract == 'PINE' && member.contract_discount == 10.0 && member.contract_factor == 1.5",
                    "2026-06-30T16:00:00Z"));
    assert_true(holds_until("2026-06-30T16:00:00Z", "member.contract_discount == 12.5", "2026-12-31T16:00:00Z"));
    assert_true(holds_until("2026-12-31T16:00:00Z", "member.contract_discount == 0.0", NULL));
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(ARENA_SIZE);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(stages_change_at_the_instants_of_silence, set_scene),
        cmocka_unit_test_setup(spend_leaves_the_last_90_days_at_midnight_of_the_zone, set_scene),
        cmocka_unit_test_setup(windows_count_whole_days_of_all_members_today_included, set_scene),
        cmocka_unit_test_setup(birthdays_begin_and_end_at_midnight_of_the_zone, set_scene),
        cmocka_unit_test_setup(terms_of_contracts_change_at_midnight_of_the_zone, set_scene),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* Several ladders, alternatives to qualify, and rights that lie over what is earned. */
#include <stdio.h>

#include "engine/decision.h"
#include "features/programme/held.h"
#include "fixture.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct member *member;
};

/* Fifty nights, or 10,000 points and 10 stays, make gold; a club beside it counts spend and visits. */
#define HOTEL                                                                                                      \
    "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"status\",\"spendable\":false}],\"ladders\":[" \
    "{\"code\":\"stay\",\"metric\":\"nights\",\"wallet\":\"status\",\"validity\":{\"kind\":\"calendar_year\"},"    \
    "\"downgrade\":\"%s\",%s\"levels\":[{\"code\":\"blue\",\"qualify\":0},{\"code\":\"silver\",\"qualify\":10},"   \
    "{\"code\":\"gold\",\"qualify\":[{\"nights\":50},{\"points\":10000,\"stays\":10}],\"keep\":[{\"nights\":40},"  \
    "{\"spend\":\"2000.00\"}]},{\"code\":\"black\",\"invitation_only\":true}]},"                                   \
    "{\"code\":\"club\",\"metric\":\"spend\",\"validity\":{\"kind\":\"from_start\",\"months\":1},\"levels\":["     \
    "{\"code\":\"guest\"},{\"code\":\"member\",\"qualify\":[{\"spend\":\"100.00\",\"visits\":2}]}]}]}"

static void set_up_as(struct scene *c, const char *downgrade, const char *rest, const char *now)
{
    c->arena = arena_new(64 << 20);
    c->programme = programme_of(c->arena, arena_format(c->arena, HOTEL, downgrade, rest));
    c->set = (struct programme_set){.versions = &c->programme, .version_count = 1};
    decision_start(&c->decision, c->arena, instant_of(now), &c->set);
    c->member = member_new(&c->decision, 0, 3, c->decision.now);
    tier_start(&c->programme, &c->member->standing, c->decision.now);
}

static void set_up(struct scene *c, const char *now)
{
    set_up_as(c, "one_down", "", now);
}

static void gain(struct scene *c, const char *now, struct tier_gain what)
{
    struct error err = {0};

    c->decision.now = instant_of(now);
    assert_int_equal(tier_qualify(&c->decision, c->member, &c->programme, &what, 0, &err), STATUS_OK);
}

/* Everything that is due until then, as the sweeper does it. */
static void advance_to(struct scene *c, const char *now)
{
    struct error err = {0};

    c->decision.now = instant_of(now);
    while (tier_due(&c->member->standing) <= c->decision.now)
        assert_int_equal(tier_advance(&c->decision, c->member, &c->programme, &err), STATUS_OK);
}

static void assert_tier_on(const struct scene *c, const char *ladder, const char *expected)
{
    struct text tier = held_tier(&c->programme, text_from(ladder), &c->member->standing);

    if (!text_equals(tier, expected))
        fail_msg("tier on %s is %.*s, not %s", ladder, (int)tier.size, tier.bytes, expected);
}

static void assert_last_facts(const struct scene *c, const char *facts)
{
    const struct journal_row *row = c->decision.effects->rows[c->decision.effects->row_count - 1];

    if (!text_equals(row->facts, facts))
        fail_msg("facts are %.*s", (int)row->facts.size, row->facts.bytes);
}

static struct tier_points status_points(int64_t points)
{
    return (struct tier_points){TEXT("status"), points};
}

static void fifty_nights_alone_make_gold(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 49, .stays = 9});
    assert_tier_on(&c, "stay", "silver");
    gain(&c, "2026-02-03T10:00:00Z", (struct tier_gain){.nights = 1});
    assert_tier_on(&c, "stay", "gold");
    assert_true(text_equals(c.member->standing.tier, "gold"));
    assert_int_equal(c.member->standing.qualifying, 50);
    assert_last_facts(&c, "{\"from\":\"silver\",\"to\":\"gold\",\"reason\":\"qualified\"}");
    arena_free(c.arena);
}

static void points_and_stays_make_gold_only_together(void **state)
{
    struct scene c;
    const struct tier_points points = status_points(10000);

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.points = &points, .point_count = 1, .stays = 9});
    assert_tier_on(&c, "stay", "blue");
    gain(&c, "2026-02-02T10:00:00Z", (struct tier_gain){.stays = 1, .nights = 1});
    assert_tier_on(&c, "stay", "gold");
    arena_free(c.arena);
}

static void gold_is_kept_by_either_alternative(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-12-01T10:00:00Z", (struct tier_gain){.nights = 50});
    advance_to(&c, "2027-01-01T00:00:00Z");
    assert_tier_on(&c, "stay", "gold"); /* 50 nights of 2026 keep it for 2027 */
    gain(&c, "2027-05-01T10:00:00Z", (struct tier_gain){.spend = 200000});
    advance_to(&c, "2028-01-01T00:00:00Z");
    assert_tier_on(&c, "stay", "gold");
    gain(&c, "2028-05-01T10:00:00Z", (struct tier_gain){.spend = 199999, .nights = 39});
    advance_to(&c, "2029-01-01T00:00:00Z");
    assert_tier_on(&c, "stay", "silver");
    assert_last_facts(&c, "{\"from\":\"gold\",\"to\":\"silver\",\"reason\":\"not_kept\"}");
    arena_free(c.arena);
}

static void each_ladder_goes_its_own_way(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-01-31T10:00:00Z", (struct tier_gain){.spend = 10000, .visits = 1});
    assert_tier_on(&c, "club", "guest");
    gain(&c, "2026-01-31T11:00:00Z", (struct tier_gain){.visits = 1});
    assert_tier_on(&c, "club", "member");
    assert_tier_on(&c, "stay", "blue");
    assert_last_facts(&c, "{\"from\":\"guest\",\"to\":\"member\",\"reason\":\"qualified\",\"ladder\":\"club\"}");
    /* A month from 31 January ends with the last of February. */
    assert_int_equal(tier_due(&c.member->standing), instant_of("2026-02-28T00:00:00Z"));
    advance_to(&c, "2026-02-28T00:00:00Z");
    assert_tier_on(&c, "club", "guest"); /* what was needed to reach it does not keep it */
    arena_free(c.arena);
}

static void a_month_from_the_leap_day_ends_on_the_29th_of_march(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2028-01-10T08:00:00Z");
    gain(&c, "2028-02-29T10:00:00Z", (struct tier_gain){.spend = 10000, .visits = 2});
    assert_int_equal(tier_due(&c.member->standing), instant_of("2028-03-29T00:00:00Z"));
    gain(&c, "2028-03-01T10:00:00Z", (struct tier_gain){.spend = 10000, .visits = 2});
    advance_to(&c, "2028-03-29T00:00:00Z");
    assert_tier_on(&c, "club", "member");
    assert_int_equal(tier_due(&c.member->standing), instant_of("2028-04-29T00:00:00Z"));
    arena_free(c.arena);
}

/* Nothing ran for three years: the same as if the sweeper had run every day. */
static void a_clock_that_jumps_changes_no_result(void **state)
{
    struct scene often, once;

    (void)state;
    set_up(&often, "2026-01-10T08:00:00Z");
    set_up(&once, "2026-01-10T08:00:00Z");
    gain(&often, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 50, .spend = 10000, .visits = 2});
    gain(&once, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 50, .spend = 10000, .visits = 2});
    for (int month = 3; month <= 12; month++) {
        char at[32];
        snprintf(at, sizeof at, "2026-%02d-15T00:00:00Z", month);
        advance_to(&often, at);
    }
    advance_to(&often, "2027-06-01T00:00:00Z");
    advance_to(&often, "2029-01-01T00:00:00Z");
    advance_to(&once, "2029-01-01T00:00:00Z");
    assert_true(text_equal(often.member->standing.held, once.member->standing.held));
    assert_true(text_equal(often.member->standing.tier, once.member->standing.tier));
    assert_int_equal(often.member->standing.tier_since, once.member->standing.tier_since);
    assert_tier_on(&once, "stay", "blue"); /* gold for 2027 by the nights of 2026, silver 2028, blue 2029 */
    assert_int_equal(once.decision.effects->row_count, often.decision.effects->row_count);
    arena_free(often.arena);
    arena_free(once.arena);
}

static void a_soft_landing_stops_at_its_floor(void **state)
{
    struct scene c;

    (void)state;
    set_up_as(&c, "soft_landing", "\"floor\":\"silver\",", "2026-01-10T08:00:00Z");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 50});
    advance_to(&c, "2027-01-01T00:00:00Z");
    advance_to(&c, "2028-01-01T00:00:00Z");
    assert_tier_on(&c, "stay", "silver");
    advance_to(&c, "2030-01-01T00:00:00Z");
    assert_tier_on(&c, "stay", "silver");
    arena_free(c.arena);
}

static void by_balance_falls_to_what_the_alternatives_still_give(void **state)
{
    struct scene c;

    (void)state;
    set_up_as(&c, "by_balance", "", "2026-01-10T08:00:00Z");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 50});
    advance_to(&c, "2027-01-01T00:00:00Z");
    gain(&c, "2027-02-01T10:00:00Z", (struct tier_gain){.nights = 9});
    advance_to(&c, "2028-01-01T00:00:00Z");
    assert_tier_on(&c, "stay", "blue");
    arena_free(c.arena);
}

/* ---- rights ---- */

static void give(struct scene *c, const char *tier, const char *until, const struct tier_minimums *kept_by)
{
    struct error err = {0};
    struct right right = {.kind = RIGHT_TIER,
                          .id = 4711,
                          .code = TEXT("invitation"),
                          .from = c->decision.now,
                          .until = until != NULL ? instant_of(until) : INSTANT_NEVER,
                          .tier = text_from(tier)};

    if (kept_by != NULL) {
        right.kept_by[0] = *kept_by;
        right.kept_by_count = 1;
    }
    assert_int_equal(right_give(&c->decision, &c->decision.subjects[0], &right, &err), STATUS_OK);
}

static void an_invitation_lies_over_the_earned_tier_until_it_ends(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    give(&c, "black", "2026-06-01T00:00:00Z", NULL);
    assert_tier_on(&c, "stay", "black");
    assert_last_facts(&c, "{\"from\":\"blue\",\"to\":\"black\",\"reason\":\"given\"}");
    assert_int_equal(c.member->standing.tier_until, instant_of("2026-06-01T00:00:00Z"));
    gain(&c, "2026-03-01T10:00:00Z", (struct tier_gain){.nights = 12});
    assert_tier_on(&c, "stay", "black");
    assert_int_equal(c.member->standing.qualifying, 12);
    advance_to(&c, "2026-06-01T00:00:00Z");
    assert_tier_on(&c, "stay", "silver");
    assert_last_facts(&c, "{\"from\":\"black\",\"to\":\"silver\",\"reason\":\"ended\"}");
    assert_int_equal(c.member->standing.tier_until, instant_of("2027-01-01T00:00:00Z"));
    assert_int_equal(c.member->standing.tier_since, instant_of("2026-03-01T10:00:00Z"));
    arena_free(c.arena);
}

static void nobody_qualifies_for_what_is_by_invitation_only(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-03-01T10:00:00Z", (struct tier_gain){.nights = 100000});
    assert_tier_on(&c, "stay", "gold");
    arena_free(c.arena);
}

static void a_trial_is_kept_by_what_is_done_in_it(void **state)
{
    struct scene c;
    const struct tier_minimums five_nights = {{[TIER_NIGHTS] = 5}};

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-01-11T10:00:00Z", (struct tier_gain){.nights = 4}); /* before the trial: does not count in it */
    give(&c, "gold", "2026-04-10T00:00:00Z", &five_nights);
    assert_tier_on(&c, "stay", "gold");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 4});
    gain(&c, "2026-03-01T10:00:00Z", (struct tier_gain){.nights = 1});
    assert_last_facts(&c, "{\"from\":\"gold\",\"to\":\"gold\",\"reason\":\"trial_kept\"}");
    advance_to(&c, "2026-12-31T00:00:00Z");
    assert_tier_on(&c, "stay", "gold");
    assert_int_equal(c.member->standing.tier_until, instant_of("2027-01-01T00:00:00Z"));
    arena_free(c.arena);
}

static void a_trial_that_is_not_kept_falls_back(void **state)
{
    struct scene c;
    const struct tier_minimums five_nights = {{[TIER_NIGHTS] = 5}};

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    give(&c, "gold", "2026-04-10T00:00:00Z", &five_nights);
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 4});
    advance_to(&c, "2026-04-10T00:00:00Z");
    assert_tier_on(&c, "stay", "blue");
    assert_last_facts(&c, "{\"from\":\"gold\",\"to\":\"blue\",\"reason\":\"trial_ended\"}");
    arena_free(c.arena);
}

static void shares_fold_their_ladders_and_rights_together(void **state)
{
    struct scene c;
    struct standing shares[2], folded;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 4, .stays = 1, .spend = 6000, .visits = 1});
    shares[0] = c.member->standing;
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.nights = 2, .spend = 4000});
    give(&c, "black", "2026-06-01T00:00:00Z", NULL);
    shares[1] = c.member->standing;
    folded = shares[0];
    tier_fold(c.arena, &c.programme, &folded, shares, 2);
    assert_true(text_equals(folded.tier, "black"));
    assert_int_equal(folded.qualifying, 10);
    tier_reach(c.arena, &c.programme, &folded, c.member->registered_at, instant_of("2026-02-02T00:00:00Z"));
    /* 4 and 6 nights are ten; 160.00 and two visits make the club. */
    assert_true(text_equals(held_tier(&c.programme, TEXT("club"), &folded), "member"));
    struct held held;
    held_read(&folded, TIER_NIGHTS, &held);
    assert_int_equal(held.right_count, 1);
    assert_true(text_equals(held.ladders[0].tier, "silver"));
    assert_int_equal(held.ladders[0].sums[TIER_STAYS], 2);
    arena_free(c.arena);
}

static void a_return_takes_from_every_metric(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "2026-01-10T08:00:00Z");
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.spend = 10000, .visits = 1});
    gain(&c, "2026-02-02T10:00:00Z", (struct tier_gain){.spend = -1});
    gain(&c, "2026-02-03T10:00:00Z", (struct tier_gain){.visits = 1});
    assert_tier_on(&c, "club", "guest");
    gain(&c, "2026-02-04T10:00:00Z", (struct tier_gain){.spend = 1});
    assert_tier_on(&c, "club", "member");
    gain(&c, "2026-02-05T10:00:00Z", (struct tier_gain){.spend = -50000, .bounded = true});
    struct held held;
    held_read(&c.member->standing, TIER_NIGHTS, &held);
    assert_int_equal(held.ladders[1].sums[TIER_SPEND], 0);
    assert_tier_on(&c, "club", "member");
    arena_free(c.arena);
}

static void the_loyalty_index_counts_as_it_is_now(void **state)
{
    struct scene c;
    bool changed = false;

    (void)state;
    c.arena = arena_new(64 << 20);
    c.programme = programme_of(
        c.arena,
        "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"p\"}],\"ladders\":[{\"code\":\"love\","
        "\"metric\":\"visits\",\"validity\":{\"kind\":\"calendar_year\"},\"levels\":[{\"code\":\"guest\"},"
        "{\"code\":\"friend\",\"qualify\":[{\"visits\":3,\"loyalty\":70}]}]}]}");
    c.set = (struct programme_set){.versions = &c.programme, .version_count = 1};
    decision_start(&c.decision, c.arena, instant_of("2026-01-10T08:00:00Z"), &c.set);
    c.member = member_new(&c.decision, 0, 3, c.decision.now);
    tier_start(&c.programme, &c.member->standing, c.decision.now);
    gain(&c, "2026-02-01T10:00:00Z", (struct tier_gain){.visits = 3});
    assert_int_equal(tier_measure(&c.decision, c.member, &c.programme, 69, &changed), STATUS_OK);
    assert_true(changed);
    assert_tier_on(&c, "love", "guest");
    assert_int_equal(tier_measure(&c.decision, c.member, &c.programme, 70, &changed), STATUS_OK);
    assert_tier_on(&c, "love", "friend");
    changed = false;
    assert_int_equal(tier_measure(&c.decision, c.member, &c.programme, 70, &changed), STATUS_OK);
    assert_false(changed);
    /* The year's visits go, the index stays: 70 and no visit do not keep it. */
    advance_to(&c, "2027-01-01T00:00:00Z");
    assert_tier_on(&c, "love", "friend");
    advance_to(&c, "2028-01-01T00:00:00Z");
    assert_tier_on(&c, "love", "guest");
    arena_free(c.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_nights_alone_make_gold),
        cmocka_unit_test(points_and_stays_make_gold_only_together),
        cmocka_unit_test(gold_is_kept_by_either_alternative),
        cmocka_unit_test(each_ladder_goes_its_own_way),
        cmocka_unit_test(a_month_from_the_leap_day_ends_on_the_29th_of_march),
        cmocka_unit_test(a_clock_that_jumps_changes_no_result),
        cmocka_unit_test(a_soft_landing_stops_at_its_floor),
        cmocka_unit_test(by_balance_falls_to_what_the_alternatives_still_give),
        cmocka_unit_test(an_invitation_lies_over_the_earned_tier_until_it_ends),
        cmocka_unit_test(nobody_qualifies_for_what_is_by_invitation_only),
        cmocka_unit_test(a_trial_is_kept_by_what_is_done_in_it),
        cmocka_unit_test(a_trial_that_is_not_kept_falls_back),
        cmocka_unit_test(shares_fold_their_ladders_and_rights_together),
        cmocka_unit_test(a_return_takes_from_every_metric),
        cmocka_unit_test(the_loyalty_index_counts_as_it_is_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tiers over time: qualifying, keeping, grace and downgrade. */
#include "engine/decision.h"
#include "fixture.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct member *member;
    struct group *group;
};

#define LEVELS                                                                             \
    "\"levels\":[{\"code\":\"base\",\"qualify\":0},{\"code\":\"silver\",\"qualify\":500}," \
    "{\"code\":\"gold\",\"qualify\":2000},{\"code\":\"platinum\",\"qualify\":5000}]"

static void set_up(struct scene *c, const char *rest, const char *now)
{
    c->arena = arena_new(64 << 20);
    c->programme = programme_of(
        c->arena,
        arena_format(c->arena,
                     "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"status\",\"spendable\":false}],"
                     "\"tiers\":{\"metric\":\"points\",\"wallet\":\"status\"," LEVELS ",%s}}",
                     rest));
    c->set = (struct programme_set){.versions = &c->programme, .version_count = 1};
    decision_start(&c->decision, c->arena, instant_of(now), &c->set);
    c->member = member_new(&c->decision, 0, 3, c->decision.now);
    c->group = c->decision.subjects[0].group;
    tier_start(&c->programme, &c->member->standing, c->decision.now);
}

static void qualify(struct scene *c, const char *now, int64_t points)
{
    struct error err = {0};

    c->decision.now = instant_of(now);
    const struct tier_points gained = {TEXT("status"), points};
    const struct tier_gain gain = {.points = &gained, .point_count = 1};
    assert_int_equal(tier_qualify(&c->decision, c->member, &c->programme, &gain, 0, &err), STATUS_OK);
}

static void advance(struct scene *c, const char *expected_at)
{
    struct error err = {0};

    assert_int_equal(tier_due(&c->member->standing), instant_of(expected_at));
    assert_int_equal(tier_advance(&c->decision, c->member, &c->programme, &err), STATUS_OK);
}

static void assert_tier(const struct scene *c, const char *tier)
{
    if (!text_equals(c->member->standing.tier, tier))
        fail_msg("tier is %.*s, not %s", (int)c->member->standing.tier.size, c->member->standing.tier.bytes, tier);
}

static const struct journal_row *last_row(const struct scene *c)
{
    assert_true(c->decision.effects->row_count > 0);
    return c->decision.effects->rows[c->decision.effects->row_count - 1];
}

static void assert_facts(const struct scene *c, const char *facts)
{
    assert_true(text_equals(last_row(c)->kind, "tier"));
    assert_true(text_equals(last_row(c)->facts, facts));
}

static void a_threshold_reached_exactly_raises_the_tier_at_once(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"from_start\",\"months\":12}", "2026-01-10T08:00:00Z");
    qualify(&c, "2026-02-01T10:00:00Z", 499);
    assert_tier(&c, "base");
    qualify(&c, "2026-02-02T10:00:00Z", 1);
    assert_tier(&c, "silver");
    assert_facts(&c, "{\"from\":\"base\",\"to\":\"silver\",\"reason\":\"qualified\"}");
    assert_int_equal(c.member->standing.tier_since, instant_of("2026-02-02T10:00:00Z"));
    assert_int_equal(c.member->standing.tier_until, instant_of("2027-02-02T00:00:00Z"));
    arena_free(c.arena);
}

static void a_purchase_may_skip_levels(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"forever\"}", "2026-01-10T08:00:00Z");
    qualify(&c, "2026-02-01T10:00:00Z", 7000);
    assert_tier(&c, "platinum");
    assert_int_equal(tier_due(&c.member->standing), INSTANT_NEVER);
    arena_free(c.arena);
}

static void a_return_lowers_the_sum_and_the_tier_stays_until_its_period_ends(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"calendar_year\"}", "2026-01-10T08:00:00Z");
    qualify(&c, "2026-03-01T10:00:00Z", 2100);
    assert_tier(&c, "gold");
    qualify(&c, "2026-03-05T10:00:00Z", -300);
    assert_tier(&c, "gold");
    assert_int_equal(c.member->standing.qualifying, 1800);
    advance(&c, "2027-01-01T00:00:00Z");
    assert_tier(&c, "silver");
    assert_facts(&c, "{\"from\":\"gold\",\"to\":\"silver\",\"reason\":\"not_kept\"}");
    arena_free(c.arena);
}

static void requalify_with_600(struct scene *c, const char *downgrade, const char *expected)
{
    struct arena *texts = arena_new(1 << 20);

    set_up(c,
           arena_format(texts, "\"downgrade\":\"%s\",\"validity\":{\"kind\":\"from_start\",\"months\":12}", downgrade),
           "2026-01-01T00:00:00Z");
    qualify(c, "2026-01-01T00:00:00Z", 5000);
    assert_tier(c, "platinum");
    qualify(c, "2026-06-01T00:00:00Z", 600);
    advance(c, "2027-01-01T00:00:00Z");
    assert_tier(c, expected);
    assert_int_equal(c->member->standing.qualifying, 0);
    assert_int_equal(c->member->standing.tier_until, instant_of("2028-01-01T00:00:00Z"));
    arena_free(texts);
    arena_free(c->arena);
}

static void platinum_requalifying_with_600_falls_to_gold_one_down(void **state)
{
    struct scene c;

    (void)state;
    requalify_with_600(&c, "one_down", "gold");
}

static void platinum_requalifying_with_600_falls_to_silver_by_balance(void **state)
{
    struct scene c;

    (void)state;
    requalify_with_600(&c, "by_balance", "silver");
}

static void what_is_needed_to_keep_may_be_less_than_to_qualify(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"calendar_year\"}", "2026-01-10T08:00:00Z");
    ((struct tier_level *)c.programme.ladder.levels)[1].keep = 300;
    qualify(&c, "2026-03-01T10:00:00Z", 500);
    advance(&c, "2027-01-01T00:00:00Z");
    assert_tier(&c, "silver");
    qualify(&c, "2027-03-01T10:00:00Z", 300);
    advance(&c, "2028-01-01T00:00:00Z");
    assert_tier(&c, "silver");
    assert_facts(&c, "{\"from\":\"silver\",\"to\":\"silver\",\"reason\":\"kept\"}");
    qualify(&c, "2028-03-01T10:00:00Z", 299);
    advance(&c, "2029-01-01T00:00:00Z");
    assert_tier(&c, "base");
    arena_free(c.arena);
}

static void grace_keeps_the_tier_for_a_while_and_reaching_the_line_in_it_keeps_it(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"grace_days\":30,\"validity\":{\"kind\":\"calendar_year\"}", "2026-01-10T08:00:00Z");
    qualify(&c, "2026-03-01T10:00:00Z", 500);
    advance(&c, "2027-01-01T00:00:00Z");
    qualify(&c, "2027-05-01T10:00:00Z", 450);
    advance(&c, "2028-01-01T00:00:00Z");
    assert_tier(&c, "silver");
    assert_true(c.member->standing.tier_grace);
    qualify(&c, "2028-01-20T10:00:00Z", 50);
    assert_false(c.member->standing.tier_grace);
    assert_facts(&c, "{\"from\":\"silver\",\"to\":\"silver\",\"reason\":\"kept\"}");
    advance(&c, "2029-01-01T00:00:00Z");
    assert_true(c.member->standing.tier_grace);
    advance(&c, "2029-01-31T00:00:00Z");
    assert_tier(&c, "base");
    arena_free(c.arena);
}

static void periods_from_the_joining_day_are_anniversaries(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"from_join\",\"months\":12}", "2026-05-10T08:00:00Z");
    qualify(&c, "2026-12-01T10:00:00Z", 600);
    assert_tier(&c, "silver");
    advance(&c, "2027-05-10T00:00:00Z");
    assert_tier(&c, "silver");
    advance(&c, "2028-05-10T00:00:00Z");
    assert_tier(&c, "base");
    arena_free(c.arena);
}

static void qualify_share(struct scene *c, struct standing *share, const char *now, int64_t points)
{
    const struct tier_points gained = {TEXT("status"), points};
    const struct tier_gain gain = {.points = &gained, .point_count = 1};

    tier_qualify_share(c->arena, &c->programme, share, c->member->registered_at, &gain, instant_of(now));
}

static void a_share_ends_its_periods_before_it_counts_more(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"calendar_year\"}", "2024-01-10T08:00:00Z");
    struct standing share = c.member->standing;
    qualify_share(&c, &share, "2024-03-01T10:00:00Z", 400);
    qualify_share(&c, &share, "2026-03-01T10:00:00Z", 300);
    assert_true(text_equals(share.tier, "base"));
    assert_int_equal(share.qualifying, 300);
    assert_int_equal(share.qualifying_from, instant_of("2026-01-01T00:00:00Z"));
    assert_int_equal(share.tier_until, instant_of("2027-01-01T00:00:00Z"));
    arena_free(c.arena);
}

static void shares_together_reach_the_tier_that_their_sum_earns(void **state)
{
    struct scene c;

    (void)state;
    set_up(&c, "\"validity\":{\"kind\":\"calendar_year\"}", "2026-01-10T08:00:00Z");
    struct standing *folded = &c.member->standing;
    folded->qualifying = 2000;
    tier_reach(c.arena, &c.programme, folded, c.member->registered_at, instant_of("2026-04-01T10:00:00Z"));
    assert_tier(&c, "gold");
    assert_int_equal(folded->qualifying, 2000);
    assert_int_equal(folded->tier_since, instant_of("2026-04-01T10:00:00Z"));
    folded->qualifying = 600;
    tier_reach(c.arena, &c.programme, folded, c.member->registered_at, instant_of("2026-05-01T10:00:00Z"));
    assert_tier(&c, "gold");
    arena_free(c.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threshold_reached_exactly_raises_the_tier_at_once),
        cmocka_unit_test(a_purchase_may_skip_levels),
        cmocka_unit_test(a_return_lowers_the_sum_and_the_tier_stays_until_its_period_ends),
        cmocka_unit_test(platinum_requalifying_with_600_falls_to_gold_one_down),
        cmocka_unit_test(platinum_requalifying_with_600_falls_to_silver_by_balance),
        cmocka_unit_test(what_is_needed_to_keep_may_be_less_than_to_qualify),
        cmocka_unit_test(grace_keeps_the_tier_for_a_while_and_reaching_the_line_in_it_keeps_it),
        cmocka_unit_test(periods_from_the_joining_day_are_anniversaries),
        cmocka_unit_test(a_share_ends_its_periods_before_it_counts_more),
        cmocka_unit_test(shares_together_reach_the_tier_that_their_sum_earns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Who holds a benefit, and what is left of it. The programme's day begins at 16:00 UTC. */
#include "features/entitlements/grant.h"
#include "scene.h"

static void visit(struct scene *scene, const char *at, int64_t times)
{
    struct error err = {0};
    const struct tier_gain gain = {.visits = times};

    scene->decision.now = instant_of(at);
    assert_int_equal(tier_qualify(&scene->decision, scene->member, &scene->programme, &gain, 0, &err), STATUS_OK);
}

static void give(struct scene *scene, enum right_kind kind, const char *code, const char *until)
{
    struct error err = {0};
    const struct right right = {.kind = kind,
                                .id = 99,
                                .code = text_from(code),
                                .from = scene->decision.now,
                                .until = until != NULL ? instant_of(until) : INSTANT_NEVER};

    assert_int_equal(right_give(&scene->decision, &scene->decision.subjects[0], &right, &err), STATUS_OK);
}

static void a_tier_and_those_above_it_hold_a_benefit(void **state)
{
    struct scene scene;
    struct benefit_holding holding;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    scene_benefit(&scene, "agent", "{\"name\":\"Agent\",\"for\":{\"tiers\":[{\"tier\":\"gold\"}]}}");
    struct benefit_asker asker = scene_asker(&scene, "2026-03-01T00:00:00Z");
    assert_false(benefit_held(&asker, TEXT("agent"), NULL));
    visit(&scene, "2026-02-01T08:00:00Z", 3);
    assert_true(benefit_held(&asker, TEXT("agent"), &holding));
    assert_true(text_equals(holding.code, "gold"));
    visit(&scene, "2026-02-02T08:00:00Z", 6);
    assert_true(benefit_held(&asker, TEXT("agent"), &holding));
    assert_true(text_equals(holding.code, "black"));
    assert_false(benefit_held(&asker, TEXT("unheard-of"), NULL));
    arena_free(scene.arena);
}

static void what_is_given_ends_at_its_instant_though_nothing_ran(void **state)
{
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    scene_benefit(&scene, "lounge", "{\"name\":\"Lounge\",\"effect\":{\"kind\":\"lounge\"}}");
    give(&scene, RIGHT_BENEFIT, "lounge", "2026-02-01T00:00:00Z");
    struct benefit_asker before = scene_asker(&scene, "2026-01-31T23:59:59Z");
    struct benefit_asker after = scene_asker(&scene, "2026-02-01T00:00:00Z");
    assert_true(benefit_held(&before, TEXT("lounge"), NULL));
    assert_false(benefit_held(&after, TEXT("lounge"), NULL));
    assert_non_null(benefit_of_effect(&before, EFFECT_LOUNGE, NULL));
    assert_null(benefit_of_effect(&before, EFFECT_PRIORITY, NULL));
    arena_free(scene.arena);
}

static void the_best_multiplier_of_an_account_counts(void **state)
{
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    scene_benefit(&scene, "double",
                  "{\"name\":\"Double\",\"effect\":{\"kind\":\"multiplier\",\"factor\":\"2\",\"wallet\":\"points\"}}");
    scene_benefit(
        &scene, "half",
        "{\"name\":\"Half\",\"effect\":{\"kind\":\"multiplier\",\"factor\":\"1.5\"},\"for\":{\"everyone\":true}}");
    scene_plan(&scene, "plus",
               "{\"name\":\"Plus\",\"fee\":\"99.00\",\"term\":{\"months\":1},\"benefits\":[\"double\"]}");
    struct benefit_asker asker = scene_asker(&scene, "2026-01-11T00:00:00Z");
    assert_int_equal(benefit_factor(&asker, TEXT("points")), 15000);
    give(&scene, RIGHT_MEMBERSHIP, "plus", "2026-03-01T00:00:00Z");
    assert_int_equal(benefit_factor(&asker, TEXT("points")), 20000);
    assert_int_equal(benefit_factor(&asker, TEXT("miles")), 15000);
    arena_free(scene.arena);
}

struct expected_period {
    const char *per, *at, *from, *until;
};

static void periods_are_those_of_the_calendar_of_the_programme(void **state)
{
    static const struct expected_period periods[] = {
        {"day", "2026-03-01T15:59:59Z", "2026-02-28T16:00:00Z", "2026-03-01T16:00:00Z"},
        {"week", "2026-03-01T15:59:59Z", "2026-02-22T16:00:00Z", "2026-03-01T16:00:00Z"}, /* a Sunday */
        {"week", "2026-03-01T16:00:00Z", "2026-03-01T16:00:00Z", "2026-03-08T16:00:00Z"},
        {"month", "2028-02-28T16:00:00Z", "2028-01-31T16:00:00Z", "2028-02-29T16:00:00Z"}, /* the leap day */
        {"month", "2028-02-29T16:00:00Z", "2028-02-29T16:00:00Z", "2028-03-31T16:00:00Z"},
        {"quarter", "2026-12-31T15:59:59Z", "2026-09-30T16:00:00Z", "2026-12-31T16:00:00Z"},
        {"quarter", "2026-12-31T16:00:00Z", "2026-12-31T16:00:00Z", "2027-03-31T16:00:00Z"},
        {"year", "2026-12-31T15:59:59Z", "2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z"}};
    struct scene scene;

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        const struct benefit *benefit = scene_parse(
            &scene, &benefit_kind,
            arena_format(scene.arena, "{\"name\":\"x\",\"uses\":{\"count\":1,\"per\":\"%s\"}}", periods[i].per));
        struct benefit_asker asker = scene_asker(&scene, periods[i].at);
        int64_t from, until;
        assert_true(benefit_period_of(&asker, benefit, asker.at, &from, &until));
        assert_int_equal(from, instant_of(periods[i].from));
        assert_int_equal(until, instant_of(periods[i].until));
    }
    arena_free(scene.arena);
}

static int64_t left_at(struct scene *scene, const struct definition *definition, const char *at,
                       const struct benefit_use *uses, size_t count)
{
    struct benefit_asker asker = scene_asker(scene, at);
    struct benefit_holding holding = {.by = NULL};
    struct benefit_left left;

    assert_true(benefit_holds(&asker, definition, &holding));
    assert_true(benefit_left_of(&asker, definition, &holding, uses, count, &left));
    return left.left;
}

static void what_was_left_of_the_quarter_before_comes_on_top_once(void **state)
{
    struct scene scene;
    const struct benefit_use uses[] = {
        {.code = TEXT("spa"), .units = 1, .at = instant_of("2026-05-10T00:00:00Z")},
        {.code = TEXT("spa"), .units = 1, .at = instant_of("2026-05-11T00:00:00Z"), .reversed = 5},
        {.code = TEXT("bath"), .units = 1, .at = instant_of("2026-05-11T00:00:00Z")}};

    (void)state;
    scene_set_up(&scene, "2026-02-10T08:00:00Z");
    const struct definition *spa = scene_benefit(&scene, "spa",
                                                 "{\"name\":\"Spa\",\"uses\":{\"count\":2,\"per\":\"quarter\",\"carry_"
                                                 "over\":true},\"for\":{\"everyone\":true}}");
    assert_int_equal(left_at(&scene, spa, "2026-03-01T00:00:00Z", uses, 3), 2); /* nothing was held before */
    assert_int_equal(left_at(&scene, spa, "2026-05-20T00:00:00Z", uses, 3), 3); /* two and two, one used */
    assert_int_equal(left_at(&scene, spa, "2026-08-01T00:00:00Z", uses, 3), 3); /* one was left of the second */
    assert_int_equal(left_at(&scene, spa, "2026-11-01T00:00:00Z", uses, 3), 4);
    arena_free(scene.arena);
}

static size_t rows_of(const struct scene *scene, const char *kind)
{
    size_t count = 0;

    for (size_t i = 0; i < scene->decision.effects->row_count; i++)
        count += text_equals(scene->decision.effects->rows[i]->kind, kind);
    return count;
}

static void what_came_with_something_ends_with_it_unless_it_was_used(void **state)
{
    struct scene scene;
    struct benefit_use use = {.id = 90, .code = TEXT("wash"), .units = 1, .right = 78};
    const struct entitled none = {.use_count = 0}, used = {.uses = &use, .use_count = 1};
    const struct grant grant = {TEXT("wash"), 30}, unknown = {TEXT("sauna"), 0};
    struct error err = {0};

    (void)state;
    scene_set_up(&scene, "2026-01-10T08:00:00Z");
    struct decision *decision = &scene.decision;
    const struct person *person = &decision->subjects[0];
    const struct definition *wash =
        scene_benefit(&scene, "wash", "{\"name\":\"Wash\",\"uses\":{\"count\":2,\"per\":\"ever\"}}");
    assert_int_equal(grant_give(decision, person, &unknown, (struct grant_source){70, "badge"}, &err), STATUS_MISSING);
    assert_string_equal(err.code, "benefit.unknown");
    for (int64_t row = 77; row < 79; row++)
        assert_int_equal(grant_give(decision, person, &grant, (struct grant_source){row, "badge"}, &err), STATUS_OK);
    assert_int_equal(rows_of(&scene, "benefit_given"), 2);

    struct benefit_asker asker = scene_asker(&scene, "2026-02-08T15:59:59Z"); /* the thirtieth day in Shanghai */
    struct benefit_holding holding = {.by = NULL};
    assert_true(benefit_holds(&asker, wash, &holding));
    assert_int_equal(holding.until, instant_of("2026-02-08T16:00:00Z"));
    asker.at = instant_of("2026-02-08T16:00:00Z");
    assert_false(benefit_holds(&asker, wash, NULL));

    assert_int_equal(grant_take_back(decision, person, 78, &used), GRANT_USED);
    assert_int_equal(grant_take_back(decision, person, 77, &used), GRANT_ENDED);
    assert_int_equal(grant_take_back(decision, person, 77, &none), GRANT_GONE);
    assert_int_equal(rows_of(&scene, "right_ended"), 1);
    asker.at = decision->now;
    assert_true(benefit_holds(&asker, wash, &holding));
    assert_int_equal(holding.right, 78);
    use.reversed = 91;
    assert_int_equal(grant_take_back(decision, person, 78, &used), GRANT_ENDED);
    assert_false(benefit_holds(&asker, wash, NULL));
    arena_free(scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tier_and_those_above_it_hold_a_benefit),
        cmocka_unit_test(what_is_given_ends_at_its_instant_though_nothing_ran),
        cmocka_unit_test(the_best_multiplier_of_an_account_counts),
        cmocka_unit_test(periods_are_those_of_the_calendar_of_the_programme),
        cmocka_unit_test(what_was_left_of_the_quarter_before_comes_on_top_once),
        cmocka_unit_test(what_came_with_something_ends_with_it_unless_it_was_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "features/conditions/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_SIZE = 64 * 1024 * 1024 };

static struct arena *arena;

/* A person of two members in a programme with one account to spend from and one that qualifies. */
struct scene {
    struct wallet_policy policies[2];
    struct programme programme;
    struct wallet wallets[2][2];
    struct member members[2];
    struct group group;
    struct person person;
    struct profile profile;
    struct customer_state states[2];
    struct fact_sources sources;
    struct rule_value slots[FACT_COUNT];
};
static struct scene scene;

static struct wallet wallet(const char *code, int64_t active, int64_t pending)
{
    return (struct wallet){.code = text_from(code), .active = active, .pending = pending};
}

static int64_t instant(const char *text)
{
    int64_t out;
    assert_true(instant_parse(text_from(text), &out));
    return out;
}

static int set_scene(void **state)
{
    (void)state;
    arena_reset(arena);
    memset(&scene, 0, sizeof scene);
    scene.policies[0] = (struct wallet_policy){.code = TEXT("points"), .spendable = true};
    scene.policies[1] = (struct wallet_policy){.code = TEXT("level")};
    scene.programme = (struct programme){.exponent = 2, .wallets = scene.policies, .wallet_count = 2};
    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &scene.programme.zone, NULL), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        scene.wallets[i][0] = wallet("points", 100 + i, 10);
        scene.wallets[i][1] = wallet("level", 7, 5);
        scene.members[i] = (struct member){.id = 64 + i, .leader = 64, .wallets = scene.wallets[i], .wallet_count = 2};
    }
    scene.members[0].registered_at = instant("2026-01-01T00:00:00Z");
    scene.group = (struct group){.members = scene.members, .member_count = 2};
    scene.person = (struct person){.group = &scene.group, .member = &scene.members[1], .leader = &scene.members[0]};
    scene.sources = (struct fact_sources){
        .person = &scene.person, .now = instant("2026-11-22T09:00:00Z"), .programme = &scene.programme};
    return 0;
}

/* Whether a condition over the facts of the scene holds. */
static bool holds(const char *expression)
{
    struct rule_program *program;
    struct error error = {0};
    struct rule_source source = {.text = text_from(expression), .environment = &facts_environment};
    facts_fill(arena, &scene.sources, scene.slots);
    if (rule_compile(arena, &source, &program, NULL, &error) != STATUS_OK)
        fail_msg("%s: %s", expression, error.message);
    struct rule_evaluation evaluation = {
        .arena = arena, .slots = scene.slots, .now = scene.sources.now, .zone = scene.programme.zone};
    if (rule_evaluate(program, &evaluation, &error) != STATUS_OK)
        fail_msg("%s: %s", expression, error.message);
    rule_release(program);
    return evaluation.value.boolean;
}

static void every_fact_is_declared_and_of_its_type(void **state)
{
    (void)state;
    assert_int_equal(facts_environment.count, FACT_COUNT);
    for (size_t i = 0; i < FACT_COUNT; i++) {
        assert_true(strncmp(facts_environment.variables[i].name, "member.", 7) == 0);
        assert_non_null(facts_environment.variables[i].about);
    }
    struct fact_scores score = {.alive = 0.75, .expected = 2.5, .value = 1234.4, .lifetime = 99999.6};
    scene.sources.scores = &score;
    scene.sources.segments = &(struct text){"regulars", 8};
    scene.sources.segment_count = 1;
    scene.sources.days = &(struct member_day){.day = 20000, .count = 1};
    scene.sources.day_count = 1;
    scene.sources.profile = &scene.profile;
    scene.sources.members = scene.states;
    scene.sources.member_count = 2;
    facts_fill(arena, &scene.sources, scene.slots);
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct rule_type *type = facts_environment.variables[i].type;
        if ((int)scene.slots[i].kind != type->kind && !(type->nullable && scene.slots[i].kind == RULE_NULL))
            fail_msg("%s is %s", facts_environment.variables[i].name,
                     rule_kind_name((enum rule_kind)scene.slots[i].kind));
    }
}

static void what_was_never_done_is_null(void **state)
{
    (void)state;
    assert_true(holds("member.last_purchase_at == null && !has(member.last_visit_at) && !has(member.tier)"));
    assert_true(holds("member.average_purchase == null && member.clv == null && member.purchases == 0"));
    assert_true(holds("!within(member.last_purchase_at, '30d') && member.stage == 'none' && !member.active"));
}

static void money_is_in_units_and_points_are_summed_over_the_person(void **state)
{
    struct standing *standing = &scene.members[0].standing;
    (void)state;
    *standing = (struct standing){.purchases = 4,
                                  .spend = 123456,
                                  .returns = 50,
                                  .last_purchase_at = instant("2026-11-20T00:00:00Z"),
                                  .tier = TEXT("gold"),
                                  .tier_until = INSTANT_NEVER,
                                  .qualifying = 1999};
    scene.programme.ladder.metric = TIER_SPEND;
    assert_true(holds("member.spend == 1234.56 && member.returns == 0.5 && member.average_purchase == 308.64"));
    assert_true(holds("member.points == 201 && member.pending_points == 20"));
    assert_true(holds("member.wallets == {'points': 201, 'level': 14}"));
    assert_true(holds("member.tier == 'gold' && member.tier_until == null && member.qualifying == 19.99"));
    assert_true(holds("days_since(member.last_purchase_at) == 2"));
    scene.members[1].leader = 65; /* another person of the household */
    assert_true(holds("member.points == 100"));
}

static void lists_are_joined_and_the_stricter_consent_holds(void **state)
{
    struct text tags[2][2] = {{TEXT("vip"), TEXT("tea")}, {TEXT("tea"), TEXT("late")}};
    struct consent consents[2] = {{.channel = TEXT("email"), .purpose = TEXT("marketing"), .state = TEXT("granted")},
                                  {.channel = TEXT("sms"), .purpose = TEXT("marketing"), .state = TEXT("granted")}};
    struct consent withdrawn = {.channel = TEXT("sms"), .purpose = TEXT("marketing"), .state = TEXT("withdrawn")};
    struct field_value fields[] = {{TEXT("size"), TEXT("42")},
                                   {TEXT("colours"), TEXT("[\"red\",\"bl\\u00e4u\"]")},
                                   {TEXT("weight"), TEXT("-1.5e2")}};
    (void)state;
    scene.states[0] = (struct customer_state){
        .tags = tags[0], .tag_count = 2, .consents = consents, .consent_count = 2, .fields = fields, .field_count = 3};
    scene.states[1] =
        (struct customer_state){.tags = tags[1], .tag_count = 2, .consents = &withdrawn, .consent_count = 1};
    scene.profile.fields[PROFILE_CITY] = TEXT("上海");
    scene.sources.profile = &scene.profile;
    scene.sources.members = scene.states;
    scene.sources.member_count = 2;
    assert_true(holds("member.tags == ['vip', 'tea', 'late'] && member.consents == ['email/marketing']"));
    assert_true(holds("member.custom.size == 42 && member.custom.weight == -150.0 && !has(member.custom.none)"));
    assert_true(holds("member.custom.colours[1] == 'bläu' && member.city == '上海' && member.country == null"));
}

static void only_what_is_named_is_read(void **state)
{
    static const struct {
        const char *expression;
        unsigned needed;
    } cases[] = {{"member.spend > 1", 0},
                 {"member.clv > 1", FACTS_SCORES},
                 {"has(member.city)", FACTS_PROFILE},
                 {"member.birthday_today", FACTS_PROFILE},
                 {"count_within(member.days, '30d') > 1", FACTS_DAYS},
                 {"member.loyalty > 1 || 'a' in member.tags", FACTS_SCORES | FACTS_PROFILE}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_program *program;
        struct rule_source source = {.text = text_from(cases[i].expression), .environment = &facts_environment};
        assert_int_equal(rule_compile(arena, &source, &program, NULL, NULL), STATUS_OK);
        assert_int_equal(facts_needed(program), cases[i].needed);
        rule_release(program);
    }
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
        cmocka_unit_test_setup(every_fact_is_declared_and_of_its_type, set_scene),
        cmocka_unit_test_setup(what_was_never_done_is_null, set_scene),
        cmocka_unit_test_setup(money_is_in_units_and_points_are_summed_over_the_person, set_scene),
        cmocka_unit_test_setup(lists_are_joined_and_the_stricter_consent_holds, set_scene),
        cmocka_unit_test_setup(only_what_is_named_is_read, set_scene),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

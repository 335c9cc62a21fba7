/* Conditions of the programme: what they may name, what they give, and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/conditions/condition.h"

enum { ARENA_BYTES = 64 << 20 };

static struct scene {
    struct arena *arena;
    struct programme programme;
    struct programme_set set;
    struct member member;
    struct group group;
    struct person person;
    struct purchase_line lines[2];
    struct condition_event event;
    struct condition_purchase purchase;
    struct condition_person known;
    struct customer_state state;
    struct condition_world world;
} scene;

static int64_t instant(const char *text)
{
    int64_t at = 0;
    assert_true(instant_parse(text_from(text), &at));
    return at;
}

static int setup(void **state)
{
    struct error error = {0};
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(ARENA_BYTES);
    scene.programme = (struct programme){.exponent = 2, .currency = "CNY"};
    assert_int_equal(zone_load(scene.arena, TEXT("Asia/Shanghai"), &scene.programme.zone, &error), STATUS_OK);
    scene.set = (struct programme_set){.versions = &scene.programme, .version_count = 1};
    scene.member = (struct member){.id = 64, .leader = 64, .registered_at = instant("2026-01-01T00:00:00Z")};
    scene.member.standing = (struct standing){
        .purchases = 3, .spend = 30000, .last_purchase_at = instant("2026-11-20T02:00:00Z"), .tier = TEXT("gold")};
    scene.group = (struct group){.members = &scene.member, .member_count = 1};
    scene.person = (struct person){&scene.group, &scene.member, &scene.member};
    static const struct text above[] = {{"drinks", 6}, {"", 0}};
    scene.lines[0] = (struct purchase_line){.number = 1,
                                            .sku = TEXT("latte"),
                                            .category = TEXT("coffee"),
                                            .above = above,
                                            .quantity_milli = 2000,
                                            .amount = 5600,
                                            .discount = 400};
    scene.lines[1] = (struct purchase_line){
        .number = 2, .sku = TEXT("cake"), .category = TEXT("food"), .quantity_milli = 1000, .amount = 2400};
    /* Sunday the 22nd, half past five in the afternoon in Shanghai. */
    scene.event = (struct condition_event){
        .kind = TEXT("purchase"), .at = instant("2026-11-22T09:30:00Z"), .store = TEXT("s1"), .channel = TEXT("shop")};
    scene.purchase = (struct condition_purchase){.lines = scene.lines, .line_count = 2, .total = 8000};
    scene.world = (struct condition_world){.arena = scene.arena,
                                           .programmes = &scene.set,
                                           .programme = &scene.programme,
                                           .now = instant("2026-11-22T09:30:00Z"),
                                           .person = &scene.person,
                                           .event = &scene.event,
                                           .purchase = &scene.purchase};
    condition_start(&scene.world);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(scene.arena);
    return 0;
}

static struct condition compiled(const char *source, enum condition_about about, const struct rule_type *type)
{
    struct condition condition;
    struct error error = {0};
    const struct condition_request request = {.source = text_from(source), .about = about, .type = type};
    if (condition_compile(scene.arena, &request, &condition, &error) != STATUS_OK)
        fail_msg("%s: %s", source, error.message);
    return condition;
}

static bool holds(const char *source)
{
    struct condition condition = compiled(source, CONDITION_LINE, &rule_type_bool);
    return condition_holds(&scene.world, &condition);
}

static const char *refused(const char *source, enum condition_about about, const struct rule_type *type)
{
    static struct error error;
    struct condition condition;
    const struct condition_request request = {.source = text_from(source), .about = about, .type = type};
    assert_int_equal(condition_compile(scene.arena, &request, &condition, &error), STATUS_INVALID);
    return error.code;
}

static void a_condition_names_member_event_purchase_and_line(void **state)
{
    (void)state;
    condition_line(&scene.world, &scene.lines[0]);
    assert_true(holds("member.known && member.spend == 300.0 && member.tier == 'gold'"));
    assert_true(holds("event.kind == 'purchase' && event.store == 's1' && event.till == ''"));
    assert_true(holds("event.day == '2026-11-22' && event.weekday == 7 && event.time == '17:30' && event.month == 11"));
    assert_true(holds("purchase.total == 80.0 && purchase.quantity == 3.0 && purchase.codes == []"));
    assert_true(holds("purchase.skus == ['latte', 'cake'] && purchase.categories == ['coffee', 'drinks', 'food']"));
    assert_true(holds("purchase.lines.exists(l, l.sku == 'cake' && l.amount == 24.0)"));
    assert_true(holds("line.sku == 'latte' && 'drinks' in line.categories && line.quantity == 2.0"));
    assert_true(holds("line.amount == 56.0 && line.discount == 4.0 && line.price == 30.0"));
    condition_line(&scene.world, &scene.lines[1]);
    assert_true(holds("line.sku == 'cake' && line.categories == ['food']"));
}

static void each_kind_names_only_what_it_is_about(void **state)
{
    (void)state;
    assert_string_equal(refused("event.store == 's1'", CONDITION_MEMBER, &rule_type_bool), "rules.name");
    assert_string_equal(refused("purchase.total > 1.0", CONDITION_EVENT, &rule_type_bool), "rules.name");
    assert_string_equal(refused("line.sku == 'x'", CONDITION_PURCHASE, &rule_type_bool), "rules.name");
    assert_string_equal(refused("member.clv > 1.0", CONDITION_MEMBER, &rule_type_bool), "condition.scores");
    assert_string_equal(refused("member.spend", CONDITION_MEMBER, &rule_type_bool), "rules.type");
}

static void an_expression_may_give_a_number(void **state)
{
    double number = 0;
    struct error error;
    struct condition half = compiled("purchase.total / 2.0", CONDITION_PURCHASE, &rule_type_double);
    struct condition count = compiled("member.purchases + 1", CONDITION_MEMBER, &rule_type_double);
    (void)state;
    assert_int_equal(condition_number(&scene.world, &half, &number, &error), STATUS_OK);
    assert_true(number == 40.0);
    assert_int_equal(condition_number(&scene.world, &count, &number, &error), STATUS_OK);
    assert_true(number == 4.0);
}

static void an_empty_condition_holds_and_an_error_does_not(void **state)
{
    (void)state;
    assert_true(holds(""));
    struct condition condition = compiled("1 / (member.purchases - 3) == 1", CONDITION_MEMBER, &rule_type_bool);
    struct condition_result result = condition_evaluate(&scene.world, &condition);
    assert_false(result.holds);
    assert_string_equal(result.why.code, "rules.zero");
}

static void what_depends_on_time_says_until_when(void **state)
{
    struct condition condition = compiled("within(member.last_purchase_at, '30d')", CONDITION_MEMBER, &rule_type_bool);
    struct condition_result result = condition_evaluate(&scene.world, &condition);
    (void)state;
    assert_true(condition.timed && result.holds);
    assert_true(result.valid_until > instant("2026-12-20T01:59:59Z"));
    assert_true(result.valid_until <= instant("2026-12-20T02:00:01Z"));
}

static void nobody_is_known_by_their_absence(void **state)
{
    (void)state;
    scene.world.person = NULL;
    condition_start(&scene.world);
    assert_true(holds("!member.known && member.purchases == 0 && member.tier == null && member.segments == []"));
    assert_false(holds("member.tier == 'gold'"));
}

static void what_was_loaded_of_the_person_counts(void **state)
{
    static struct text tags[] = {{"vip", 3}}, segments[] = {{"regulars", 8}};
    struct condition condition = compiled("'vip' in member.tags && 'regulars' in member.segments && member.city == 'X'",
                                          CONDITION_MEMBER, &rule_type_bool);
    (void)state;
    assert_int_equal(condition.parts, CONDITION_PROFILE | CONDITION_SEGMENTS);
    scene.state = (struct customer_state){.member = 64, .tags = tags, .tag_count = 1};
    scene.state.profile.fields[PROFILE_CITY] = TEXT("X");
    scene.known = (struct condition_person){.parts = CONDITION_PROFILE | CONDITION_SEGMENTS,
                                            .members = &scene.state,
                                            .member_count = 1,
                                            .segments = segments,
                                            .segment_count = 1};
    scene.world.known = &scene.known;
    condition_refresh(&scene.world);
    assert_true(condition_holds(&scene.world, &condition));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_condition_names_member_event_purchase_and_line, setup, teardown),
        cmocka_unit_test_setup_teardown(each_kind_names_only_what_it_is_about, setup, teardown),
        cmocka_unit_test_setup_teardown(an_expression_may_give_a_number, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_condition_holds_and_an_error_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(what_depends_on_time_says_until_when, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_is_known_by_their_absence, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_loaded_of_the_person_counts, setup, teardown),
    };
    return cmocka_run_group_tests_name("condition", tests, NULL, NULL);
}

/* Earning rules: when they hold, which are asked, what they give for a basket and for what is left of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/earning/accrual.h"

enum { RULES_MAX = 8 };

static struct arena *arena;

/* A shop with some rules. */
struct shop {
    struct programme programme;
    struct programme_set set;
    struct definition items[RULES_MAX];
    struct definition_list list;
    struct definition_set definitions;
};

static int start(void **state)
{
    (void)state;
    arena = arena_new(256 << 20);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct shop *shop_open(void)
{
    static const char document[] =
        "{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"}],"
        "\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"10.00\"}]}";
    struct shop *shop = arena_alloc(arena, sizeof *shop);
    struct error err = {0};

    if (programme_parse(arena, TEXT(document), &shop->programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    shop->list = (struct definition_list){.kind = &earning_rule_kind, .items = shop->items};
    shop->definitions = (struct definition_set){&shop->list, 1};
    shop->set =
        (struct programme_set){.versions = &shop->programme, .version_count = 1, .definitions = &shop->definitions};
    return shop;
}

/* `rest` follows name and account. Rules are added by code, ascending. */
static void publish(struct shop *shop, const char *code, const char *rest)
{
    const char *document =
        arena_format(arena, "{\"name\":\"A rule\",\"wallet\":\"points\"%s%s}", rest[0] != '\0' ? "," : "", rest);
    const struct definition_input input = {.arena = arena,
                                           .code = text_from(code),
                                           .document = text_from(document),
                                           .programme = &shop->programme,
                                           .programmes = &shop->set,
                                           .saving = true};
    struct definition *item = &shop->items[shop->list.count++];
    struct error err = {0};

    *item = (struct definition){
        .code = text_from(code), .version = 1, .from = 0, .until = INSTANT_NEVER, .document = input.document};
    if (accrual_rule_parse(&input, &item->parsed, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    assert_int_equal(accrual_index_build(arena, shop->items, shop->list.count, &shop->list.index, &err), STATUS_OK);
}

struct basket {
    struct purchase_line lines[RULES_MAX];
    struct earning_input input;
    struct earned *base;
    struct accrual_event event;
};

static struct basket *basket_of(const struct shop *shop, const char *store)
{
    struct basket *basket = arena_alloc(arena, sizeof *basket);

    basket->input = (struct earning_input){.at = 1, .store = text_from(store), .lines = basket->lines};
    basket->event = (struct accrual_event){.triggers = {TEXT("purchase")},
                                           .trigger_count = 1,
                                           .at = 1,
                                           .now = 1,
                                           .programmes = &shop->set,
                                           .programme = &shop->programme,
                                           .store = text_from(store),
                                           .input = &basket->input};
    return basket;
}

static void put(struct basket *basket, const char *sku, const char *category, int64_t amount)
{
    basket->lines[basket->input.line_count++] = (struct purchase_line){
        .sku = text_from(sku), .category = text_from(category), .quantity_milli = 1000, .amount = amount};
    basket->input.total += amount;
}

static const struct accrual_outcome *ask(struct basket *basket, const char *code)
{
    struct accrual_outcome *outcomes;
    struct error err = {0};
    size_t count;

    assert_int_equal(
        programme_earn(basket->event.programme, &basket->input, arena, &basket->base, &basket->event.base_count, &err),
        STATUS_OK);
    basket->event.base = basket->base;
    assert_int_equal(accrual_apply(&basket->event, false, arena, &outcomes, &count, &err), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        if (text_equals(outcomes[i].definition->code, code))
            return &outcomes[i];
    return NULL;
}

static int64_t points(struct basket *basket, const char *code)
{
    const struct accrual_outcome *outcome = ask(basket, code);

    return outcome != NULL ? outcome->points : -1;
}

#define FIXED "\"effect\":{\"kind\":\"fixed\",\"points\":7}"

static void a_rule_is_asked_only_where_it_can_match(void **state)
{
    (void)state;
    struct shop *shop = shop_open();
    publish(shop, "any", FIXED);
    publish(shop, "coffee", FIXED ",\"lines\":\"line.category == 'coffee' && line.amount > 1.0\"");
    publish(shop, "latte", FIXED ",\"lines\":\"line.sku in ['latte', 'mocha']\"");
    publish(shop, "soho", FIXED ",\"when\":\"event.store == 'soho'\"");
    publish(shop, "tea", FIXED ",\"lines\":\"'tea' in line.categories\"");
    struct basket *basket = basket_of(shop, "mitte");
    put(basket, "cake", "cake", 500);

    assert_int_equal(points(basket, "any"), 7);
    assert_null(ask(basket, "coffee"));
    assert_null(ask(basket, "latte"));
    assert_null(ask(basket, "soho"));
    assert_null(ask(basket, "tea"));
    put(basket, "mocha", "coffee", 100);
    assert_int_equal(points(basket, "latte"), 7);
    assert_string_equal(ask(basket, "coffee")->reason, "earning.lines"); /* it costs no more than 1.00 */
}

static void what_is_said_with_an_or_is_always_asked(void **state)
{
    (void)state;
    struct shop *shop = shop_open();
    publish(shop, "either", FIXED ",\"lines\":\"line.sku == 'latte' || line.amount > 4.0\"");
    struct basket *basket = basket_of(shop, "mitte");
    put(basket, "cake", "cake", 500);

    assert_int_equal(points(basket, "either"), 7);
}

static void hours_may_go_over_midnight(void **state)
{
    (void)state;
    static const struct {
        const char *at, *reason;
    } cases[] = {
        {"2026-11-27T13:59:00Z", "earning.hours"},   /* Friday 21:59 in Shanghai */
        {"2026-11-27T14:00:00Z", NULL},              /* Friday 22:00 */
        {"2026-11-27T16:30:00Z", NULL},              /* Saturday 00:30: of the evening before */
        {"2026-11-27T17:00:00Z", "earning.weekday"}, /* Saturday 01:00 */
        {"2026-11-26T16:30:00Z", "earning.hours"},   /* Friday 00:30: of Thursday's evening */
        {"2026-11-28T14:30:00Z", "earning.weekday"}, /* Saturday 22:30 */
    };
    struct accrual_schedule schedule = {
        .starts_at = INT64_MIN, .ends_at = INT64_MAX, .weekdays = 1U << 4, .hours = {{22 * 60, 60}}, .hour_count = 1};
    struct error err = {0};
    const struct zone *zone;

    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &zone, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t at;
        assert_true(instant_parse(text_from(cases[i].at), &at));
        const char *reason = accrual_schedule_refusal(&schedule, zone, NULL, at);
        if (cases[i].reason == NULL)
            assert_null(reason);
        else
            assert_string_equal(reason, cases[i].reason);
    }
}

static void a_store_may_have_hours_of_its_own_zone(void **state)
{
    (void)state;
    struct accrual_schedule schedule = {
        .starts_at = INT64_MIN, .ends_at = INT64_MAX, .hours = {{8 * 60, 9 * 60}}, .hour_count = 1, .store_zone = true};
    struct error err = {0};
    const struct zone *shanghai, *berlin;
    int64_t at;

    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &shanghai, &err), STATUS_OK);
    assert_int_equal(zone_load(arena, TEXT("Europe/Berlin"), &berlin, &err), STATUS_OK);
    assert_true(instant_parse(TEXT("2026-11-27T07:30:00Z"), &at)); /* 08:30 in Berlin, 15:30 in Shanghai */
    assert_null(accrual_schedule_refusal(&schedule, shanghai, berlin, at));
    assert_string_equal(accrual_schedule_refusal(&schedule, shanghai, NULL, at), "earning.hours");
}

static void caps_are_kept_by_the_programmes_calendar(void **state)
{
    (void)state;
    static const struct {
        enum accrual_period period;
        const char *id;
    } cases[] = {{ACCRUAL_DAY, "earning:a:2026-11-22"}, {ACCRUAL_WEEK, "earning:a:2026-11-16w"},
                 {ACCRUAL_MONTH, "earning:a:2026-11"},  {ACCRUAL_QUARTER, "earning:a:2026-Q4"},
                 {ACCRUAL_YEAR, "earning:a:2026"},      {ACCRUAL_EVER, "earning:a"}};
    struct error err = {0};
    const struct zone *zone;
    int64_t at;

    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &zone, &err), STATUS_OK);
    assert_true(instant_parse(TEXT("2026-11-21T16:00:00Z"), &at)); /* Sunday 00:00 in Shanghai */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(text_equals(accrual_cap_id(arena, TEXT("a"), cases[i].period, zone, at, false), cases[i].id));
    assert_true(text_equals(accrual_cap_id(arena, TEXT("a"), ACCRUAL_EVER, zone, at, true), "earning:a#"));
}

static void a_multiplier_cascades_over_what_rules_before_it_gave(void **state)
{
    (void)state;
    struct shop *shop = shop_open();
    publish(shop, "a", "\"priority\":2,\"effect\":{\"kind\":\"multiplier\",\"factor\":2}");
    publish(shop, "b", "\"priority\":1,\"effect\":{\"kind\":\"multiplier\",\"factor\":3,\"basis\":\"cascading\"}");
    publish(shop, "c", "\"effect\":{\"kind\":\"multiplier\",\"factor\":3}");
    struct basket *basket = basket_of(shop, "soho");
    put(basket, "", "", 10000);

    assert_int_equal(points(basket, "a"), 10);
    assert_int_equal(points(basket, "b"), 40);
    assert_int_equal(points(basket, "c"), 20);
}

static void an_expression_that_fails_says_so_and_gives_nothing(void **state)
{
    (void)state;
    struct shop *shop = shop_open();
    publish(shop, "broken", FIXED ",\"when\":\"purchase.skus[5] == 'x'\"");
    struct basket *basket = basket_of(shop, "soho");
    put(basket, "latte", "coffee", 10000);
    const struct accrual_outcome *outcome = ask(basket, "broken");

    assert_int_equal(outcome->points, 0);
    assert_string_equal(outcome->reason, "earning.error");
    assert_true(outcome->detail.size > 0);
}

/* What is asked again never gives more than it gave; a rule that is gone keeps the share of the goods that are left. */
static void what_is_left_never_gives_more(void **state)
{
    (void)state;
    struct shop *shop = shop_open();
    publish(shop, "rate", "\"effect\":{\"kind\":\"per_amount\",\"points\":1,\"per\":\"1.00\"}");
    struct basket *basket = basket_of(shop, "soho");
    put(basket, "", "", 6000);
    struct accrual_given given[] = {{.code = TEXT("rate"), .version = 1, .points = 100},
                                    {.code = TEXT("rate"), .version = 1, .points = 30},
                                    {.code = TEXT("gone"), .version = 4, .points = 99},
                                    {.code = TEXT("rate"), .version = 2, .points = 50}};
    const struct accrual_rest rest = {given, 4, 6000, 10000};
    struct error err = {0};

    assert_int_equal(accrual_again(&basket->event, &rest, arena, &err), STATUS_OK);
    assert_int_equal(given[0].left, 60);
    assert_int_equal(given[1].left, 30);
    assert_int_equal(given[2].left, 59);
    assert_int_equal(given[3].left, 30);
}

static void rules_that_exclude_each_other_contradict(void **state)
{
    (void)state;
    struct shop *shop = shop_open();
    publish(shop, "a", FIXED ",\"stores\":[\"soho\"],\"stacking\":{\"exclusive\":true}");
    publish(shop, "b", FIXED ",\"stacking\":{\"exclusive\":true}");
    publish(shop, "c", FIXED ",\"stores\":[\"mitte\"],\"stacking\":{\"exclusive\":true}");
    publish(shop, "d", FIXED ",\"stacking\":{\"group\":\"g\",\"take\":\"best\"}");
    publish(shop, "e", FIXED ",\"stacking\":{\"group\":\"g\",\"take\":\"all\"}");
    struct text sentence;

    assert_true(accrual_conflicts(arena, &shop->items[0], &shop->items[1], &sentence));
    assert_false(accrual_conflicts(arena, &shop->items[0], &shop->items[2], &sentence));
    assert_true(accrual_conflicts(arena, &shop->items[3], &shop->items[4], &sentence));
    assert_false(accrual_conflicts(arena, &shop->items[0], &shop->items[4], &sentence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_asked_only_where_it_can_match),
        cmocka_unit_test(what_is_said_with_an_or_is_always_asked),
        cmocka_unit_test(hours_may_go_over_midnight),
        cmocka_unit_test(a_store_may_have_hours_of_its_own_zone),
        cmocka_unit_test(caps_are_kept_by_the_programmes_calendar),
        cmocka_unit_test(a_multiplier_cascades_over_what_rules_before_it_gave),
        cmocka_unit_test(an_expression_that_fails_says_so_and_gives_nothing),
        cmocka_unit_test(what_is_left_never_gives_more),
        cmocka_unit_test(rules_that_exclude_each_other_contradict),
    };

    return cmocka_run_group_tests(tests, start, stop);
}

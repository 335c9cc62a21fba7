/* What baskets cost: examples worked by hand, and random ones against every choice there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "features/offers/pricing_internal.h"

enum { ARENA_BYTES = 64 << 20, OFFERS_MAX = 16, LINES_MAX = 8 };

static struct scene {
    struct arena *arena;
    struct programme programme;
    struct programme_set set;
    struct definition definitions[OFFERS_MAX];
    size_t offer_count;
    struct purchase_line lines[LINES_MAX];
    bool shipping[LINES_MAX];
    size_t line_count;
    struct basket_code code;
    struct condition_purchase purchase;
    struct condition_event event;
    struct condition_world conditions;
    struct offer_left left;
    struct priced priced;
    struct error error;
} scene;

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static int setup(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(ARENA_BYTES);
    scene.programme = (struct programme){.exponent = 2, .currency = "USD"};
    assert_int_equal(zone_load(scene.arena, TEXT("Asia/Shanghai"), &scene.programme.zone, &scene.error), STATUS_OK);
    scene.set = (struct programme_set){.versions = &scene.programme, .version_count = 1};
    scene.event.at = at("2026-11-20T10:00:00Z"); /* Friday, 18:00 in Shanghai */
    scene.left = (struct offer_left){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(scene.arena);
    return 0;
}

static void forget(void)
{
    teardown(NULL);
    setup(NULL);
}

static enum status try_offer(const char *code, const char *json)
{
    struct definition *definition = &scene.definitions[scene.offer_count];
    const struct definition_input input = {.arena = scene.arena,
                                           .code = text_from(code),
                                           .document = text_from(json),
                                           .programme = &scene.programme,
                                           .programmes = &scene.set};
    enum status status = offer_parse(&input, &definition->parsed, &scene.error);

    definition->code = text_from(code);
    definition->version = 1;
    definition->until = INSTANT_NEVER;
    scene.offer_count += status == STATUS_OK;
    return status;
}

static void offer(const char *code, const char *json)
{
    if (try_offer(code, json) != STATUS_OK)
        fail_msg("%s: %s: %s", code, scene.error.field, scene.error.message);
}

static void line(const char *sku, const char *category, int64_t milli, int64_t amount)
{
    scene.lines[scene.line_count++] = (struct purchase_line){.number = (int32_t)scene.line_count + 1,
                                                             .sku = text_from(sku),
                                                             .category = text_from(category),
                                                             .quantity_milli = milli,
                                                             .amount = amount};
}

static struct offer_left what_is_left(void *context, const struct offer *offer)
{
    (void)context;
    return offer_is_limited(offer) ? scene.left : (struct offer_left){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
}

static struct pricing_world world;
static struct basket basket;

static void open_basket(void)
{
    const void *index;

    offer_index_build(scene.arena, scene.definitions, scene.offer_count, &index, &scene.error);
    scene.purchase = (struct condition_purchase){.lines = scene.lines, .line_count = scene.line_count};
    for (size_t i = 0; i < scene.line_count; i++)
        scene.purchase.total += scene.lines[i].amount;
    scene.conditions = (struct condition_world){.arena = scene.arena,
                                                .programmes = &scene.set,
                                                .programme = &scene.programme,
                                                .now = scene.event.at,
                                                .event = &scene.event,
                                                .purchase = &scene.purchase};
    condition_start(&scene.conditions);
    world = (struct pricing_world){
        .arena = scene.arena, .index = index, .conditions = &scene.conditions, .left = what_is_left};
    basket = (struct basket){.lines = scene.lines,
                             .shipping = scene.shipping,
                             .line_count = scene.line_count,
                             .at = scene.event.at,
                             .zone = scene.programme.zone,
                             .codes = &scene.code,
                             .code_count = scene.code.code.size > 0 ? 1 : 0};
}

static int64_t total(void)
{
    open_basket();
    if (offers_price(&world, &basket, &scene.priced, &scene.error) != STATUS_OK)
        fail_msg("%s", scene.error.message);
    return scene.priced.total;
}

static const struct refused_offer *refusal(const char *code)
{
    for (size_t i = 0; i < scene.priced.refused_count; i++)
        if (scene.priced.refused[i].offer != NULL && text_equals(scene.priced.refused[i].offer->code, code))
            return &scene.priced.refused[i];
    return NULL;
}

#define PERCENT20 "{\"name\":\"a\",\"discount\":{\"kind\":\"percentage\",\"percent\":\"20\"},\"order\":1"
#define TEN_OFF "{\"name\":\"b\",\"discount\":{\"kind\":\"amount\",\"amount\":\"10.00\"},\"order\":2"
#define PERCENT10 "{\"name\":\"c\",\"discount\":{\"kind\":\"percentage\",\"percent\":10},\"order\":3"

/* ---- rule 13 ---- */

static void twenty_per_cent_then_ten_off_a_hundred_is_seventy(void **state)
{
    (void)state;
    offer("a", PERCENT20 "}");
    offer("b", TEN_OFF "}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 7000);
}

static void ten_off_then_twenty_per_cent_is_seventy_two(void **state)
{
    (void)state;
    offer("a", "{\"name\":\"a\",\"discount\":{\"kind\":\"percentage\",\"percent\":\"20\"},\"order\":9}");
    offer("b", TEN_OFF "}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 7200);
}

static void an_exclusive_twenty_per_cent_stands_alone(void **state)
{
    (void)state;
    offer("a", PERCENT20 ",\"exclusive\":true}");
    offer("b", TEN_OFF "}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 8000);
    assert_string_equal(refusal("b")->why, "offer.excluded_by");
    assert_true(text_equals(refusal("b")->by->code, "a"));
}

static void an_exclusive_offer_that_is_worse_than_the_others_does_not_apply(void **state)
{
    (void)state;
    offer("a", PERCENT20 ",\"exclusive\":true}");
    offer("b", "{\"name\":\"b\",\"discount\":{\"kind\":\"amount\",\"amount\":\"25.00\"}}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 7500);
    assert_string_equal(refusal("a")->why, "offer.excluded_by");
}

static void the_basis_says_what_a_percentage_is_of(void **state)
{
    (void)state;
    offer("a", PERCENT20 ",\"basis\":\"initial\"}");
    offer("c", PERCENT10 ",\"basis\":\"initial\"}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 7000);
    forget();
    offer("a", PERCENT20 "}");
    offer("c", PERCENT10 "}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 7200);
}

static void of_a_group_the_best_applies_or_the_first_or_all(void **state)
{
    (void)state;
    offer("a", PERCENT10 ",\"group\":\"g\"}");
    offer("b", "{\"name\":\"b\",\"discount\":{\"kind\":\"percentage\",\"percent\":30},\"group\":\"g\"}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 7000);
    assert_string_equal(refusal("a")->why, "offer.group");
    forget();
    offer("a", PERCENT10 ",\"group\":\"g\",\"apply\":\"first\"}");
    offer("b",
          "{\"name\":\"b\",\"discount\":{\"kind\":\"percentage\",\"percent\":30},\"group\":\"g\",\"apply\":\"first\"}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 9000);
    forget();
    offer("a", PERCENT10 ",\"group\":\"g\",\"apply\":\"all\"}");
    offer("b",
          "{\"name\":\"b\",\"discount\":{\"kind\":\"percentage\",\"percent\":30},\"group\":\"g\",\"apply\":\"all\"}");
    line("x", "", 1000, 10000);
    assert_int_equal(total(), 6300);
}

/* ---- allocation: rules 9 and 14 ---- */

static void an_amount_is_spread_by_largest_remainder(void **state)
{
    (void)state;
    offer("b", "{\"name\":\"b\",\"discount\":{\"kind\":\"amount\",\"amount\":\"3.00\"}}");
    line("x", "", 1000, 4300);
    line("y", "", 1000, 1400);
    line("z", "", 1000, 2300);
    assert_int_equal(total(), 7700);
    assert_int_equal(scene.priced.amounts[0], 4300 - 161);
    assert_int_equal(scene.priced.amounts[1], 1400 - 53);
    assert_int_equal(scene.priced.amounts[2], 2300 - 86);
    forget();
    offer("b", TEN_OFF "}");
    line("x", "", 1000, 6000);
    line("y", "", 1000, 4000);
    assert_int_equal(total(), 9000);
    assert_int_equal(scene.priced.amounts[0], 5400);
    assert_int_equal(scene.priced.amounts[1], 3600);
}

/* ---- sets ---- */

static void the_cheapest_pieces_of_sets_are_free(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"buy_get\",\"buy\":2,\"get\":1}}");
    line("x", "", 2000, 2000);
    line("y", "", 3000, 2700);
    line("z", "", 1000, 100);
    /* Six pieces, two sets: 1.00 and one of 9.00. */
    assert_int_equal(total(), 4800 - 100 - 900);
    assert_int_equal(scene.priced.applied[0].sets, 2);
}

static void sets_in_the_members_favour_each_give_their_cheapest(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"n_for_m\",\"take\":3,\"pay\":2,\"which\":\"best\"}}");
    line("x", "", 1000, 1000);
    line("y", "", 1000, 900);
    line("z", "", 1000, 800);
    line("w", "", 3000, 300);
    /* 10, 9, 8: 8 is free; 1, 1, 1: 1 is. */
    assert_int_equal(total(), 3000 - 800 - 100);
}

static void other_goods_are_cheaper_for_what_is_bought(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"buy_get\",\"buy\":1,\"get\":1,\"percent\":50,"
               "\"of\":{\"categories\":[\"cake\"]}},\"items\":{\"categories\":[\"coffee\"]}}");
    line("latte", "coffee", 2000, 6000);
    line("muffin", "cake", 1000, 1999);
    /* Half of 19.99 rounded down is 9.99 off. */
    assert_int_equal(total(), 7999 - 999);
}

static void pieces_cost_the_price_of_their_set(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"set_price\",\"count\":3,\"price\":\"10.00\"}}");
    line("x", "", 4000, 1600);
    line("y", "", 3000, 1500);
    /* Dearest first: 5, 5, 5 = 15 for 10; 4, 4, 4 = 12 for 10; one of 4 is left. */
    assert_int_equal(total(), 1000 + 1000 + 400);
    assert_int_equal(scene.priced.applied[0].sets, 2);
}

static void a_bundle_costs_its_price(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"bundle\",\"price\":\"9.00\",\"parts\":[{\"items\":{\"skus\":["
               "\"x\"]}},"
               "{\"items\":{\"skus\":[\"y\"]},\"count\":2}]}}");
    line("x", "", 2000, 1000);
    line("y", "", 3000, 1200);
    /* x 5 + two y 8 = 13 for 9; only one y is left for another. */
    assert_int_equal(total(), 2200 - 400);
    scene.lines[1].quantity_milli = 1000;
    total();
    assert_string_equal(refusal("s")->why, "offer.minimum_quantity");
    assert_int_equal(refusal("s")->missing_milli, 1000);
}

static void a_gift_in_the_basket_is_free_and_otherwise_told(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"gift\",\"sku\":\"mug\",\"value\":\"5.00\"},\"minimum\":{"
               "\"spend\":\"20.00\"}}");
    line("x", "", 1000, 2000);
    assert_int_equal(total(), 2000);
    assert_int_equal(scene.priced.applied[0].gifts, 1);
    line("mug", "", 2000, 1200);
    assert_int_equal(total(), 2600);
    assert_int_equal(scene.priced.applied[0].gifts, 0);
}

/* ---- prices, shipping, minimum ---- */

static void a_price_is_only_ever_lower(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"price\",\"prices\":[{\"sku\":\"x\",\"price\":\"9.90\"},"
               "{\"sku\":\"y\",\"price\":\"30.00\"}]}}");
    line("x", "", 2500, 3000);
    line("y", "", 1000, 2000);
    assert_int_equal(total(), 2475 + 2000);
    forget();
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"price\",\"price\":\"50.00\"}}");
    line("x", "", 1000, 3000);
    assert_int_equal(total(), 3000);
    assert_string_equal(refusal("s")->why, "offer.price_not_lower");
}

static void shipping_is_cheaper_by_itself(void **state)
{
    (void)state;
    offer("s", "{\"name\":\"s\",\"discount\":{\"kind\":\"price\",\"price\":\"0\",\"on\":\"shipping\"},\"minimum\":{"
               "\"spend\":\"30.00\"}}");
    offer("t", PERCENT10 "}");
    line("x", "", 1000, 2900);
    line("", "", 1000, 800);
    scene.shipping[1] = true;
    assert_int_equal(total(), 2610 + 800);
    assert_int_equal(refusal("s")->missing_minor, 100);
    scene.lines[0].amount = 3000;
    assert_int_equal(total(), 2700);
}

static void a_little_more_would_gain(void **state)
{
    struct next_offer next[3];
    struct next_offers list = {.items = next, .max = 3};

    (void)state;
    offer(
        "s",
        "{\"name\":\"s\",\"discount\":{\"kind\":\"amount\",\"amount\":\"15.00\"},\"minimum\":{\"spend\":\"100.00\"}}");
    offer("t", PERCENT10 "}");
    line("x", "", 1000, 8800);
    assert_int_equal(total(), 7920);
    assert_int_equal(offers_next(&world, &basket, &scene.priced, &list, &scene.error), STATUS_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(next[0].missing_minor, 1200);
    /* 100.00 less 10 % is 90.00, less 15.00: 25.00 in all, against 8.80. */
    assert_int_equal(next[0].gain, 2500 - 880);
}

/* ---- who, when, where, with what ---- */

static void what_does_not_apply_says_why(void **state)
{
    (void)state;
    offer("later", PERCENT10 ",\"schedule\":{\"hours\":[{\"from\":\"19:00\",\"until\":\"21:00\"}]}}");
    offer(
        "night", PERCENT10
        ",\"schedule\":{\"hours\":[{\"from\":\"17:00\",\"until\":\"02:00\"}],\"weekdays\":[\"fri\"]},\"group\":\"n\"}");
    offer("tier", PERCENT10 ",\"audience\":{\"members\":true}}");
    offer("big", PERCENT10 ",\"minimum\":{\"quantity\":5}}");
    offer("used", PERCENT10 ",\"limits\":{\"uses\":10}}");
    scene.left.uses = 0;
    line("x", "", 1000, 1000);
    assert_int_equal(total(), 900);
    assert_string_equal(refusal("later")->why, "offer.not_now");
    assert_null(refusal("night"));
    assert_string_equal(refusal("tier")->why, "offer.member_needed");
    assert_string_equal(refusal("big")->why, "offer.minimum_quantity");
    assert_int_equal(refusal("big")->missing_milli, 4000);
    assert_string_equal(refusal("used")->why, "offer.exhausted");
}

static void a_budget_is_kept_whole_or_in_part(void **state)
{
    (void)state;
    scene.left.budget = 300;
    offer("s", PERCENT10 ",\"limits\":{\"budget\":\"50.00\"}}");
    line("x", "", 1000, 5000);
    assert_int_equal(total(), 5000);
    assert_string_equal(refusal("s")->why, "offer.budget");
    forget();
    scene.left.budget = 300;
    offer("s", PERCENT10 ",\"limits\":{\"budget\":\"50.00\",\"budget_partial\":true}}");
    line("x", "", 1000, 5000);
    assert_int_equal(total(), 4700);
}

static void a_code_opens_its_offer_and_an_unknown_one_is_told(void **state)
{
    (void)state;
    offer("s", PERCENT10 ",\"codes\":[\"spring10\"]}");
    line("x", "", 1000, 5000);
    assert_int_equal(total(), 5000);
    scene.code = (struct basket_code){.code = TEXT(" Spring10"), .folded = TEXT("SPRING10")};
    assert_int_equal(total(), 4500);
    scene.code = (struct basket_code){.code = TEXT("winter"), .folded = TEXT("WINTER")};
    assert_int_equal(total(), 5000);
    assert_string_equal(scene.priced.refused[0].why, "offer.code_unknown");
}

/* ---- random ones ---- */

static uint64_t seed;
static int64_t draw(int64_t count)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)count);
}

static void draw_offer(int number)
{
    static const char *const discounts[] = {
        "{\"kind\":\"percentage\",\"percent\":%d}",
        "{\"kind\":\"percentage\",\"percent\":%d,\"on\":\"cheapest\"}",
        "{\"kind\":\"amount\",\"amount\":\"%d.35\"}",
        "{\"kind\":\"amount\",\"amount\":\"%d.10\",\"on\":\"item\",\"most\":\"20.00\"}",
        "{\"kind\":\"price\",\"price\":\"%d.90\"}",
        "{\"kind\":\"buy_get\",\"buy\":2,\"get\":1,\"percent\":%d}",
        "{\"kind\":\"buy_get\",\"buy\":1,\"get\":1,\"percent\":%d,\"which\":\"best\"}",
        "{\"kind\":\"buy_get\",\"buy\":1,\"get\":1,\"percent\":%d,\"of\":{\"skus\":[\"b\"]}}",
        "{\"kind\":\"set_price\",\"count\":2,\"price\":\"%d.00\"}",
        "{\"kind\":\"bundle\",\"price\":\"%d.00\",\"parts\":[{\"items\":{\"skus\":[\"a\"]}},{\"items\":{}}]}",
    };
    static const char *const items[] = {"", ",\"items\":{\"skus\":[\"a\"]}", ",\"items\":{\"skus\":[\"b\",\"c\"]}"};
    static const char *const beside[] = {"",
                                         "",
                                         "",
                                         ",\"group\":\"g\"",
                                         ",\"group\":\"g\"",
                                         ",\"group\":\"h\"",
                                         ",\"group\":\"f\",\"apply\":\"first\"",
                                         ",\"exclusive\":true"};
    size_t kind = (size_t)draw(sizeof discounts / sizeof discounts[0]);
    struct builder out = {.arena = scene.arena};

    builder_string(&out, "{\"name\":\"r\",\"discount\":");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    builder_format(&out, discounts[kind], (int)draw(40) + 1);
#pragma GCC diagnostic pop
    builder_string(&out, kind == 9 ? "" : items[draw(3)]);
    builder_string(&out, beside[draw(8)]);
    builder_format(&out, ",\"order\":%d%s}", (int)draw(4), draw(3) == 0 ? ",\"basis\":\"initial\"" : "");
    struct text text = builder_done(&out);
    offer(arena_format(scene.arena, "o%d", number), text_string(scene.arena, text));
}

/* The choices of the documentation: whatever can apply does, but for groups, exclusive ones and pieces. */
static bool is_a_choice(const struct candidates *all, uint64_t chosen)
{
    if (chosen != 0 && (chosen & (chosen - 1)) == 0 && all->items[__builtin_ctzll(chosen)].offer->exclusive)
        return true;
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *one = &all->items[i];
        bool in = (chosen >> i & 1) != 0;
        if (one->offer->exclusive && in)
            return false;
        bool best = one->group >= 0 && one->offer->apply == APPLY_BEST;
        if (!one->offer->exclusive && !in && !one->optional && !best)
            return false;
        bool other = false, none = false;
        for (size_t j = 0; best && j < all->count; j++)
            if (all->items[j].group == one->group && !all->items[j].offer->exclusive) {
                other = other || (chosen >> j & 1) != 0;
                none = none || all->items[j].optional;
            }
        if (best && !one->offer->exclusive && !other && !none)
            return false;
    }
    return true;
}

/* Then leaving out an earlier one of the group may be better, and is not asked. */
static bool has_first(const struct candidates *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].group >= 0 && all->items[i].offer->apply == APPLY_FIRST)
            return true;
    return false;
}

static void check_sums(void)
{
    int64_t of_lines[LINES_MAX] = {0}, of_offers[OFFERS_MAX] = {0};

    for (size_t i = 0; i < scene.priced.cut_count; i++) {
        const struct price_cut *cut = &scene.priced.cuts[i];
        assert_true(cut->amount > 0);
        of_lines[cut->line] += cut->amount;
        of_offers[cut->applied] += cut->amount;
    }
    for (size_t i = 0; i < scene.line_count; i++) {
        assert_true(scene.priced.amounts[i] >= 0);
        assert_int_equal(scene.priced.amounts[i] + of_lines[i], scene.lines[i].amount);
    }
    for (size_t i = 0; i < scene.priced.applied_count; i++)
        assert_int_equal(scene.priced.applied[i].amount, of_offers[i]);
}

static void the_choice_is_the_best_of_all_choices(void **state)
{
    (void)state;
    for (seed = 1; seed <= 3000; seed++) {
        uint64_t given = seed;
        struct candidates *all;
        int64_t best = -1, any = -1;
        int offers = (int)draw(7) + 1;
        for (int i = 0; i < offers; i++)
            draw_offer(i);
        int lines = (int)draw(5) + 1;
        for (int i = 0; i < lines; i++) {
            static const char *const skus[] = {"a", "b", "c", "d"};
            line(skus[draw(4)], "", draw(5) == 0 ? 350 : 1000 * (draw(4) + 1), draw(5000));
        }
        total();
        check_sums();
        assert_int_equal(pricing_open(&world, &basket, &all, &scene.error), STATUS_OK);
        for (uint64_t chosen = 0; chosen < UINT64_C(1) << all->count; chosen++) {
            int64_t benefit = pricing_try(all, chosen);
            any = benefit > any ? benefit : any;
            if (benefit > best && is_a_choice(all, chosen))
                best = benefit;
        }
        if (scene.priced.benefit != best || (!has_first(all) && any > best + 2 * lines))
            fail_msg("seed %llu: %lld, and the best choice has %lld, of any %lld", (unsigned long long)given,
                     (long long)scene.priced.benefit, (long long)best, (long long)any);
        seed = given;
        forget();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(twenty_per_cent_then_ten_off_a_hundred_is_seventy),
        TEST(ten_off_then_twenty_per_cent_is_seventy_two),
        TEST(an_exclusive_twenty_per_cent_stands_alone),
        TEST(an_exclusive_offer_that_is_worse_than_the_others_does_not_apply),
        TEST(the_basis_says_what_a_percentage_is_of),
        TEST(of_a_group_the_best_applies_or_the_first_or_all),
        TEST(an_amount_is_spread_by_largest_remainder),
        TEST(the_cheapest_pieces_of_sets_are_free),
        TEST(sets_in_the_members_favour_each_give_their_cheapest),
        TEST(other_goods_are_cheaper_for_what_is_bought),
        TEST(pieces_cost_the_price_of_their_set),
        TEST(a_bundle_costs_its_price),
        TEST(a_gift_in_the_basket_is_free_and_otherwise_told),
        TEST(a_price_is_only_ever_lower),
        TEST(shipping_is_cheaper_by_itself),
        TEST(a_little_more_would_gain),
        TEST(what_does_not_apply_says_why),
        TEST(a_budget_is_kept_whole_or_in_part),
        TEST(a_code_opens_its_offer_and_an_unknown_one_is_told),
        TEST(the_choice_is_the_best_of_all_choices),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Types of buyers: counts by hand, chances of the binomial, and nobody typed who buys like all. */
#include "clv_fixture.h"

#include "features/insight/types.h"
#include "mathematics/random.h"

enum { LINES_MAX = 20000 };

struct shop {
    struct arena *arena;
    struct type_line *list;
    struct type_lines lines;
    struct type_member *members;
    struct type_base base;
};

static void open_shop(struct shop *shop, size_t customers)
{
    *shop = (struct shop){.arena = arena_new(1 << 26)};
    shop->list = arena_array(shop->arena, LINES_MAX, sizeof *shop->list);
    shop->members = arena_array(shop->arena, customers, sizeof *shop->members);
    shop->lines =
        (struct type_lines){.list = shop->list, .customer_count = customers, .brand_count = 20, .category_count = 200};
}

static void add(struct shop *shop, struct type_line line)
{
    assert_true(shop->lines.count < LINES_MAX);
    shop->list[shop->lines.count++] = line;
}

static void find(struct shop *shop)
{
    struct error err;

    assert_int_equal(types_find(shop->arena, &shop->lines, shop->members, &shop->base, &err), STATUS_OK);
}

static void evidence_is_counted_line_by_line(void **state)
{
    struct shop shop;

    (void)state;
    open_shop(&shop, 2);
    add(&shop, (struct type_line){0, 20, 1, 7, true, true, 4});
    add(&shop, (struct type_line){0, 10, 1, 5, false, true, NAN});
    add(&shop, (struct type_line){0, 20, 2, 5, false, true, 3});
    add(&shop, (struct type_line){0, 30, 2, 6, false, false, NAN});
    add(&shop, (struct type_line){0, 30, TYPE_NOTHING, TYPE_NOTHING, false, false, NAN});
    add(&shop, (struct type_line){1, 10, 3, 6, true, true, NAN});
    find(&shop);
    const struct type_evidence *evidence = shop.members[0].evidence;

    assert_near(evidence[TYPE_VALUE].count, 1, 0);
    assert_near(evidence[TYPE_VALUE].of, 5, 0);
    assert_int_equal(shop.members[0].brand, 2);
    assert_near(evidence[TYPE_BRAND].count, 2, 0);
    assert_near(evidence[TYPE_BRAND].of, 3, 0);
    assert_near(evidence[TYPE_IMPULSE].count, 1, 0); /* 7 on the second day; 5 was known, 6 not promoted */
    assert_near(evidence[TYPE_IMPULSE].of, 2, 0);
    assert_near(evidence[TYPE_INFORMATION].share, 7.0 / 3, 1e-12);
    assert_near(shop.base.rates[TYPE_VALUE], 2.0 / 6, 1e-12);
    /* P(X >= 1) of 5 at 1/3 */
    assert_near(evidence[TYPE_VALUE].chance, 1 - pow(2.0 / 3, 5), 1e-9);
    assert_int_equal(shop.members[1].type, TYPE_UNKNOWN);
    assert_true(isnan(shop.members[1].evidence[TYPE_BRAND].share));
    arena_free(shop.arena);
}

/* Forty of each kind among 160 who buy at random. */
static void each_kind_is_found_and_few_others(void **state)
{
    struct random random;
    struct shop shop;
    size_t right = 0, wrong = 0;

    (void)state;
    open_shop(&shop, 200);
    random_start(&random, 5);
    for (uint32_t i = 0; i < 200; i++)
        for (int32_t j = 0; j < 60; j++) {
            uint32_t kind = i < 40 ? i % 4 : TYPE_KINDS;
            bool deal = random_uniform(&random) < (kind == TYPE_VALUE ? 0.8 : 0.3);
            bool fresh = j > 5 && random_uniform(&random) < 0.5;
            uint32_t category = fresh ? (uint32_t)(10 + j) : (uint32_t)random_below(&random, 10);
            bool promoted = fresh && kind == TYPE_IMPULSE ? random_uniform(&random) < 0.9 : deal;
            uint32_t brand =
                kind == TYPE_BRAND && random_uniform(&random) < 0.8 ? 7 : (uint32_t)random_below(&random, 20);

            add(&shop, (struct type_line){i, j, brand, category, deal, promoted,
                                          kind == TYPE_INFORMATION ? (float)random_below(&random, 20)
                                                                   : (float)random_below(&random, 4)});
        }
    find(&shop);
    for (uint32_t i = 0; i < 200; i++)
        if (i < 40)
            right += shop.members[i].type == (enum customer_type)(i % 4);
        else
            wrong += shop.members[i].type != TYPE_UNKNOWN;
    assert_true(right >= 38);
    assert_true(wrong <= 8);
    assert_int_equal(shop.base.members[TYPE_UNKNOWN], 160 - wrong + (40 - right));
    arena_free(shop.arena);
}

static void nothing_to_tell_from_is_told(void **state)
{
    struct error err;
    struct shop shop;

    (void)state;
    open_shop(&shop, 1);
    assert_int_equal(types_find(shop.arena, &shop.lines, shop.members, &shop.base, &err), STATUS_INVALID);
    assert_string_equal(err.code, "types.empty");
    add(&shop, (struct type_line){0, 1, TYPE_NOTHING, TYPE_NOTHING, false, false, NAN});
    find(&shop);
    assert_int_equal(shop.members[0].type, TYPE_UNKNOWN);
    for (int i = 0; i < TYPE_KINDS; i++)
        assert_false(shop.base.known[i]);
    arena_free(shop.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_is_counted_line_by_line),
        cmocka_unit_test(each_kind_is_found_and_few_others),
        cmocka_unit_test(nothing_to_tell_from_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

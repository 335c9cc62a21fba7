/* What is bought together, against counting every set one by one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/baskets.h"
#include "mathematics/random.h"

enum { BASKETS = 300, ITEMS = 8 };

#define assert_near(got, expected, tolerance) check_near((got), (expected), (tolerance), __LINE__)

static void check_near(double got, double expected, double tolerance, int line)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("line %d: %.10g is not %.10g within %g", line, got, expected, tolerance);
}

static void a_rule_has_the_figures_of_its_definition(void **state)
{
    /* Tea in 3 of 5 baskets, cake in 2, both in 2; a repeated line counts once. */
    static const struct basket_line lines[] = {{0, 0}, {0, 1}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {3, 2}, {4, 2}};
    const struct basket_question question = {lines, 8, 5, 3, 1, 0, 2};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct basket_rules found;

    (void)state;
    assert_int_equal(baskets_mine(arena, &question, &found, NULL), STATUS_OK);
    assert_int_equal(found.set_count, 1);
    assert_int_equal(found.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct basket_rule *rule = &found.rules[i];

        assert_int_equal(rule->count, 2);
        assert_near(rule->support, 0.4, 1e-15);
        assert_near(rule->confidence, rule->items[1] == 1 ? 2.0 / 3 : 1, 1e-15);
        assert_near(rule->lift, 5.0 / 3, 1e-15);
        assert_true(rule->lift_low <= rule->lift && rule->lift <= rule->lift_high);
    }
    arena_free(arena);
}

static size_t count_baskets(const unsigned char *masks, unsigned wanted)
{
    size_t count = 0;

    for (int i = 0; i < BASKETS; i++)
        count += (masks[i] & wanted) == wanted;
    return count;
}

static void all_rules_are_those_that_counting_finds(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 26);
    struct basket_line *lines = arena_array(arena, BASKETS * ITEMS, sizeof *lines);
    unsigned char masks[BASKETS] = {0};
    struct basket_rules found;
    struct random random;
    size_t count = 0, expected = 0;

    (void)state;
    random_start(&random, 1);
    for (uint32_t basket = 0; basket < BASKETS; basket++)
        for (uint32_t item = 0; item < ITEMS; item++)
            if (random_uniform(&random) < 0.1 + 0.07 * item) {
                masks[basket] = (unsigned char)(masks[basket] | 1U << item);
                lines[count++] = (struct basket_line){basket, item};
            }
    const struct basket_question question = {lines, count, BASKETS, ITEMS, 12, 0.3, 4};

    assert_int_equal(baskets_mine(arena, &question, &found, NULL), STATUS_OK);
    for (unsigned set = 0; set < 256; set++)
        for (unsigned right = 0; right < ITEMS && __builtin_popcount(set) >= 2 && __builtin_popcount(set) <= 4;
             right++) {
            double both = (double)count_baskets(masks, set), left = (double)count_baskets(masks, set & ~(1U << right));

            expected += (set >> right & 1) && both >= 12 && both >= 0.3 * left;
        }
    assert_int_equal(found.count, expected);
    assert_true(expected > 20);
    for (size_t i = 0; i < found.count; i++) {
        const struct basket_rule *rule = &found.rules[i];
        unsigned left = 0, right = 1U << rule->items[rule->size - 1];

        for (size_t k = 0; k + 1 < rule->size; k++)
            left |= 1U << rule->items[k];
        double both = (double)count_baskets(masks, left | right);

        assert_int_equal(rule->count, (size_t)both);
        assert_near(rule->lift,
                    both * BASKETS / (double)count_baskets(masks, left) / (double)count_baskets(masks, right), 1e-12);
        assert_true(i == 0 || rule->lift_low <= found.rules[i - 1].lift_low);
    }
    arena_free(arena);
}

static void the_interval_of_a_lift_holds_it_as_often_as_it_says(void **state)
{
    enum { RUNS = 400, MANY = 2000 };
    static struct basket_line lines[2 * MANY];
    double held = 0;
    struct random random;

    (void)state;
    random_start(&random, 7);
    for (int run = 0; run < RUNS; run++) {
        struct arena *arena = arena_new((size_t)1 << 22);
        struct basket_rules found;
        size_t count = 0;

        /* Shares .3 and .2 + .3 of each other: the true lift is .5 / (.2 + .3 * .3) */
        for (uint32_t basket = 0; basket < MANY; basket++) {
            int first = random_uniform(&random) < 0.3;

            if (first)
                lines[count++] = (struct basket_line){basket, 0};
            if (random_uniform(&random) < 0.2 + 0.3 * first)
                lines[count++] = (struct basket_line){basket, 1};
        }
        const struct basket_question question = {lines, count, MANY, 2, 1, 0, 2};

        assert_int_equal(baskets_mine(arena, &question, &found, NULL), STATUS_OK);
        held += found.rules[0].lift_low <= 0.5 / 0.29 && found.rules[0].lift_high >= 0.5 / 0.29;
        arena_free(arena);
    }
    assert_near(held / RUNS, 0.9, 0.04);
}

static void too_many_sets_are_refused(void **state)
{
    enum { WIDE = 140 };
    static struct basket_line lines[5 * WIDE];
    const struct basket_question question = {lines, 5 * WIDE, 5, WIDE, 5, 0, 4};
    struct arena *arena = arena_new((size_t)1 << 30);
    struct basket_rules found;
    struct error err = {0};

    (void)state;
    for (uint32_t i = 0; i < 5 * WIDE; i++)
        lines[i] = (struct basket_line){i / WIDE, i % WIDE};
    assert_int_equal(baskets_mine(arena, &question, &found, &err), STATUS_LIMIT);
    assert_string_equal(err.code, "baskets.sets");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_has_the_figures_of_its_definition),
        cmocka_unit_test(all_rules_are_those_that_counting_finds),
        cmocka_unit_test(the_interval_of_a_lift_holds_it_as_often_as_it_says),
        cmocka_unit_test(too_many_sets_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

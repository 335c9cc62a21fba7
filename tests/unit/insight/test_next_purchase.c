/* The next purchase: members drawn with known gaps are learned, and intervals hold as often as they say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/next_purchase.h"
#include "mathematics/random.h"

enum { MEMBERS = 4000, GAPS_MAX = 12 };

#define assert_near(got, expected, tolerance) check_near((got), (expected), (tolerance), __LINE__)

static void check_near(double got, double expected, double tolerance, int line)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("line %d: %.10g is not %.10g within %g", line, got, expected, tolerance);
}

/* Gaps of 60 days in the middle, members of deviation .6, gaps of deviation .4 on the scale of logarithms. */
static void draw(struct next_member *members, struct clv_purchase *purchases, struct clv_purchases *base, uint64_t seed)
{
    struct random random;
    size_t count = 0;

    random_start(&random, seed);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        double mean = log(60) + 0.6 * random_normal(&random), day = 1000;
        uint64_t gaps = random_below(&random, GAPS_MAX);

        for (uint64_t k = 0; k <= gaps; k++) {
            purchases[count++] = (struct clv_purchase){i, (int32_t)day, 5};
            day += fmax(1, round(exp(mean + 0.4 * random_normal(&random))));
        }
    }
    *base = (struct clv_purchases){purchases, count, MEMBERS};
    struct arena *arena = arena_new((size_t)1 << 26);

    next_members(arena, base, members);
    arena_free(arena);
}

static void known_gaps_are_learned(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 26);
    struct next_member *members = arena_array(arena, MEMBERS, sizeof *members);
    struct clv_purchase *purchases = arena_array(arena, MEMBERS * (GAPS_MAX + 1), sizeof *purchases);
    struct clv_purchases base;
    struct next_model model;
    struct next_trial trial;

    (void)state;
    draw(members, purchases, &base, 1);
    assert_int_equal(next_learn(members, MEMBERS, &model, NULL), STATUS_OK);
    assert_near(model.mean, log(60), 2 * 0.6 / sqrt(MEMBERS) + 0.01);
    assert_near(sqrt(model.between), 0.6, 0.02);
    assert_near(sqrt(model.within), 0.4, 0.02);
    next_try(&model, members, MEMBERS, &trial);
    assert_near(trial.covered, 0.9, 0.02);
    assert_true(trial.error < 0.7 * trial.error_of_all);
    arena_free(arena);
}

static void waiting_moves_the_date(void **state)
{
    const struct next_model model = {.mean = log(30), .between = 0.2, .within = 0.1, .member_count = 2, .gap_count = 9};
    const struct next_member member = {.gaps = 4, .log_sum = 4 * log(20), .last = 100, .last_gap = 20};
    struct next_date now, later, far;

    (void)state;
    next_foretell(&model, &member, 0, &now);
    assert_true(now.low < now.middle && now.middle < now.high);
    assert_true(now.middle > 20 && now.middle < 23); /* between his own mean and that of all, nearer to his own */
    assert_near(now.late, 0, 0);
    next_foretell(&model, &member, 25, &later);
    assert_true(later.low >= 25 && later.middle > now.middle && later.late > 0.5);
    next_foretell(&model, &member, 100000, &far);
    assert_true(isfinite(far.high) && far.low >= 100000 && far.late > 0.999);
    assert_near(next_chance(&model, &member, 100000, 7), 0, 0.05);
    assert_near(next_chance(&model, &member, 0, 1e6), 1, 1e-9);
    assert_near(next_chance(&model, &member, 0, now.middle), 0.5, 1e-9);
}

static void who_bought_once_is_like_all_others(void **state)
{
    const struct next_model model = {.mean = log(30), .between = 0.2, .within = 0.1, .member_count = 2, .gap_count = 9};
    const struct next_member member = {.last = 100};
    struct next_date date;

    (void)state;
    next_foretell(&model, &member, 0, &date);
    assert_near(date.middle, 30, 1e-9);
    assert_near(log(date.high / date.middle), 1.6448536 * sqrt(0.3), 1e-6);
}

static void too_little_is_told(void **state)
{
    static const struct clv_purchase purchases[] = {{0, 5, 1}, {0, 9, 1}, {1, 4, 1}, {1, 4, 1}};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct clv_purchases base = {purchases, 4, 2};
    struct next_member members[2];
    struct next_model model;
    struct error err = {0};

    (void)state;
    next_members(arena, &base, members);
    assert_int_equal(members[0].gaps, 1);
    assert_int_equal(members[1].gaps, 0);
    assert_int_equal(next_learn(members, 2, &model, &err), STATUS_INVALID);
    assert_string_equal(err.code, "next.gaps");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_gaps_are_learned),
        cmocka_unit_test(waiting_moves_the_date),
        cmocka_unit_test(who_bought_once_is_like_all_others),
        cmocka_unit_test(too_little_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

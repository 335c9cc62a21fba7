/* Chance: the published stream, and the laws that it must follow. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/random.h"

static void the_stream_is_that_of_the_reference_program(void **state)
{
    /* xoshiro256starstar.c of its authors, from the state 1, 2, 3, 4. */
    static const uint64_t expected[] = {11520,
                                        0,
                                        1509978240,
                                        UINT64_C(1215971899390074240),
                                        UINT64_C(1216172134540287360),
                                        UINT64_C(607988272756665600),
                                        UINT64_C(16172922978634559625),
                                        UINT64_C(8476171486693032832),
                                        UINT64_C(10595114339597558777),
                                        UINT64_C(2904607092377533576)};
    struct random random = {.state = {1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(random_next(&random), expected[i]);
}

static void the_same_seed_gives_the_same_stream_and_another_an_unrelated_one(void **state)
{
    struct random one, same, next;
    double product = 0;

    (void)state;
    random_start(&one, 1);
    random_start(&same, 1);
    random_start(&next, 2);
    for (int i = 0; i < 10000; i++) {
        double a = random_uniform(&one) - 0.5;

        assert_true(a == random_uniform(&same) - 0.5);
        product += a * (random_uniform(&next) - 0.5) * 12;
    }
    assert_true(fabs(product) < 4 * sqrt(10000)); /* of variance 1 each */
}

static void uniforms_and_normals_have_their_moments(void **state)
{
    enum { DRAWS = 200000 };
    double moments[5] = {0}, sum = 0;
    struct random random;

    (void)state;
    random_start(&random, 7);
    for (int i = 0; i < DRAWS; i++) {
        double u = random_uniform(&random), z = random_normal(&random), power = 1;

        assert_true(u >= 0 && u < 1);
        sum += u;
        for (int k = 0; k < 5; k++, power *= z)
            moments[k] += power / DRAWS;
    }
    double unit = sqrt(1.0 / DRAWS);

    assert_true(fabs(sum / DRAWS - 0.5) < 4 * unit * sqrt(1.0 / 12));
    assert_true(fabs(moments[1]) < 4 * unit);
    assert_true(fabs(moments[2] - 1) < 4 * unit * sqrt(2));
    assert_true(fabs(moments[3]) < 4 * unit * sqrt(15));
    assert_true(fabs(moments[4] - 3) < 4 * unit * sqrt(96));
}

static void numbers_below_a_bound_come_alike(void **state)
{
    enum { DRAWS = 60000, SIDES = 6 };
    double chi_square = 0, expected = (double)DRAWS / SIDES;
    int seen[SIDES] = {0};
    struct random random;

    (void)state;
    random_start(&random, 3);
    for (int i = 0; i < DRAWS; i++)
        seen[random_below(&random, SIDES)]++;
    for (int i = 0; i < SIDES; i++)
        chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
    assert_true(chi_square < 20.5); /* 5 degrees of freedom, 0.1 % */
    assert_int_equal(random_below(&random, 1), 0);
    assert_true(random_below(&random, UINT64_MAX) < UINT64_MAX);
}

static void a_shuffle_keeps_all_and_favours_no_order(void **state)
{
    enum { DRAWS = 60000 };
    int seen[27] = {0};
    double chi_square = 0;
    struct random random;

    (void)state;
    random_start(&random, 11);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t items[] = {0, 1, 2};

        random_shuffle(&random, items, 3);
        assert_int_equal((1 << items[0]) | (1 << items[1]) | (1 << items[2]), 7);
        seen[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    for (int i = 0; i < 27; i++)
        if (seen[i] > 0)
            chi_square += (seen[i] - DRAWS / 6.0) * (seen[i] - DRAWS / 6.0) / (DRAWS / 6.0);
    assert_true(chi_square < 20.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_that_of_the_reference_program),
        cmocka_unit_test(the_same_seed_gives_the_same_stream_and_another_an_unrelated_one),
        cmocka_unit_test(uniforms_and_normals_have_their_moments),
        cmocka_unit_test(numbers_below_a_bound_come_alike),
        cmocka_unit_test(a_shuffle_keeps_all_and_favours_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

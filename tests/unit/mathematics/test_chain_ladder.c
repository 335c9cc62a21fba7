/* The chain ladder against the triangle of Taylor and Ashe (1983), with the figures of Mack (1993), tables 2 and 3. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/chain_ladder.h"

enum { SIZE = 10 };

static const double taylor_ashe[SIZE][SIZE] = {
    {357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463},
    {352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085},
    {290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315},
    {310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268},
    {443160, 1136350, 2128333, 2897821, 3402672, 3873311},
    {396132, 1333217, 2180715, 2985752, 3691712},
    {440832, 1288463, 2419861, 3483130},
    {359480, 1421128, 2864498},
    {376686, 1363294},
    {344014},
};

static void the_triangle_of_taylor_and_ashe_has_the_reserves_and_errors_that_mack_published(void **state)
{
    static const double reserves[SIZE] = {0,       94634,   469511,  709638,  984889,
                                          1419459, 2177641, 3920301, 4278972, 4625811};
    static const double errors_percent[SIZE] = {0, 80, 26, 19, 27, 29, 26, 22, 23, 29};
    struct chain_ladder_origin origins[SIZE];
    struct chain_ladder ladder;
    double total = 0;

    (void)state;
    chain_ladder_fit(&(struct chain_ladder_triangle){&taylor_ashe[0][0], SIZE}, &ladder);
    assert_true(fabs(ladder.factors[0] - (3.49)) <= 0.005);
    assert_true(fabs(ladder.factors[8] - (1.018)) <= 0.0005);
    for (size_t i = 0; i < SIZE; i++)
        origins[i] = (struct chain_ladder_origin){.age = SIZE - 1 - i, .latest = taylor_ashe[i][SIZE - 1 - i]};
    double error = chain_ladder_project(&ladder, origins, SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        double reserve = origins[i].ultimate - origins[i].latest;
        total += reserve;
        assert_true(fabs(reserve - (reserves[i])) <= 1);
        if (i > 0)
            assert_true(fabs(100 * origins[i].standard_error / reserve - (errors_percent[i])) <= 0.6);
    }
    assert_true(fabs(total - (18680856)) <= 1);
    assert_true(fabs(error - (2447095)) <= 1);
}

static void the_developed_share_is_what_the_later_factors_leave(void **state)
{
    static const double triangle[] = {100, 200, 200, 50, 100, 0, 80, 0, 0};
    struct chain_ladder ladder;

    (void)state;
    chain_ladder_fit(&(struct chain_ladder_triangle){triangle, 3}, &ladder);
    assert_true(fabs(ladder.factors[0] - (2)) <= 1e-12);
    assert_true(fabs(ladder.factors[1] - (1)) <= 1e-12);
    assert_true(fabs(chain_ladder_developed(&ladder, 0) - (0.5)) <= 1e-12);
    assert_true(fabs(chain_ladder_developed(&ladder, 2) - (1)) <= 1e-12);
}

static void a_triangle_of_nothing_promises_nothing(void **state)
{
    static const double triangle[16] = {0};
    struct chain_ladder_origin origin = {.age = 0, .latest = 0};
    struct chain_ladder ladder;

    (void)state;
    chain_ladder_fit(&(struct chain_ladder_triangle){triangle, 4}, &ladder);
    assert_true(fabs(chain_ladder_project(&ladder, &origin, 1)) <= 0);
    assert_true(fabs(origin.ultimate) <= 0);
    assert_true(fabs(ladder.factors[2] - (1)) <= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_triangle_of_taylor_and_ashe_has_the_reserves_and_errors_that_mack_published),
        cmocka_unit_test(the_developed_share_is_what_the_later_factors_leave),
        cmocka_unit_test(a_triangle_of_nothing_promises_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "foundation/clock.h"
#include "foundation/instant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t read_number(void *context)
{
    return *(int64_t *)context;
}

static void the_system_clock_goes_forward(void **state)
{
    (void)state;
    int64_t now = clock_now(&clock_system), boot = clock_boot(&clock_system);
    assert_true(now > 1700000000 * INSTANT_SECOND);
    assert_true(boot > 0);
    assert_true(clock_boot(&clock_system) >= boot);
}

static void a_test_can_move_its_own_clock(void **state)
{
    (void)state;
    int64_t time = 5;
    const struct clock clock = {read_number, read_number, &time};
    assert_int_equal(clock_now(&clock), 5);
    time = 9;
    assert_int_equal(clock_boot(&clock), 9);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_clock_goes_forward),
        cmocka_unit_test(a_test_can_move_its_own_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

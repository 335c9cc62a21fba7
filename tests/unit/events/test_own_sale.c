/* Who is the member that an employee serves: themselves, their household, a member that was merged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/events/own_sale.h"

static void an_own_sale_is_to_the_person_or_the_household(void **state)
{
    struct member members[] = {{.id = 64, .leader = 64, .household = 7}, {.id = 128, .leader = 64}};
    struct group group = {.members = members, .member_count = 2};
    struct person person = {&group, &members[0], &members[0]};

    (void)state;
    assert_true(own_sale_is(&(struct seller){.member = 64, .leader = 64}, &person));
    assert_true(own_sale_is(&(struct seller){.member = 128, .leader = 64}, &person));
    assert_true(own_sale_is(&(struct seller){.member = 640, .leader = 64}, &person));
    assert_true(own_sale_is(&(struct seller){.member = 640, .leader = 640, .household = 7}, &person));
    assert_false(own_sale_is(&(struct seller){.member = 640, .leader = 640, .household = 8}, &person));
    assert_false(own_sale_is(&(struct seller){.member = 640, .leader = 640}, &person));
    assert_false(own_sale_is(&(struct seller){.member = 0}, &person));
    assert_false(own_sale_is(&(struct seller){.member = 64, .leader = 64}, &(struct person){NULL, NULL, NULL}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_own_sale_is_to_the_person_or_the_household),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

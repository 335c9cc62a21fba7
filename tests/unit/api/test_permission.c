/* Permissions and roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/permission.h"

_Static_assert(PERMISSION_COUNT <= 64, "a set of permissions has 64 bits");

static void every_permission_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++) {
        enum permission found;
        assert_true(permission_find(text_from(permission_name((enum permission)i)), &found));
        assert_int_equal(found, i);
        assert_non_null(permission_about((enum permission)i));
    }
    enum permission found;
    assert_false(permission_find(TEXT("signed_in"), &found));
    assert_false(permission_find(TEXT("members"), &found));
}

static void the_administrator_may_everything(void **state)
{
    (void)state;
    uint64_t all = role_permissions(ROLE_ADMINISTRATOR);
    for (int i = PERMISSION_SIGNED_IN; i < PERMISSION_COUNT; i++)
        assert_true(all & permission_bit((enum permission)i));
}

static void others_may_what_their_work_needs(void **state)
{
    (void)state;
    assert_true(role_permissions(ROLE_DESK) & permission_bit(PERMISSION_POINTS_REDEEM));
    assert_false(role_permissions(ROLE_DESK) & permission_bit(PERMISSION_POINTS_ADJUST));
    assert_false(role_permissions(ROLE_ANALYST) & permission_bit(PERMISSION_MEMBERS_WRITE));
    assert_true(role_permissions(ROLE_FINANCE) & permission_bit(PERMISSION_POINTS_APPROVE));
    for (int role = ROLE_MARKETER; role < ROLE_COUNT; role++) {
        assert_false(role_permissions((enum role)role) & permission_bit(PERMISSION_USERS_MANAGE));
        assert_false(role_permissions((enum role)role) & permission_bit(PERMISSION_MEMBERS_ERASE));
    }
}

static void roles_are_found_by_name(void **state)
{
    (void)state;
    enum role role;
    assert_true(role_find(TEXT("agent"), &role));
    assert_int_equal(role, ROLE_AGENT);
    assert_false(role_find(TEXT("root"), &role));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_permission_is_found_by_its_name),
        cmocka_unit_test(the_administrator_may_everything),
        cmocka_unit_test(others_may_what_their_work_needs),
        cmocka_unit_test(roles_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

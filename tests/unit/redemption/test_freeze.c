/* What open cases freeze: members, one account, employees; merged persons and pooled households. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/redemption/freeze.h"

static struct freeze freezes[] = {
    {.id = 5, .member = 640, .wallet = {"points", 6}},
    {.id = 3, .member = 0, .employee = {"E-7", 3}},
    {.id = 9, .member = 128},
    {.id = 4, .member = 0, .employee = {"E-8", 3}},
};

static struct person person_of(struct group *group, size_t at)
{
    return (struct person){group, &group->members[at], group_leader(group, &group->members[at])};
}

static void a_freeze_is_found_by_member_account_and_employee(void **state)
{
    struct member members[] = {{.id = 64, .leader = 64}, {.id = 640, .leader = 64}};
    struct group group = {.members = members, .member_count = 2};
    struct programme_set set = {.freezes = freezes, .freeze_count = 4};
    struct person person = person_of(&group, 0);

    (void)state;
    freezes_sort(freezes, 4);
    assert_int_equal(freezes[0].member, 0);
    assert_int_equal(freezes[3].member, 640);
    /* One of the person's members, and only that account. */
    assert_int_equal(freeze_find(&set, &person, TEXT("points"), TEXT(""))->id, 5);
    assert_null(freeze_find(&set, &person, TEXT("miles"), TEXT("")));
    assert_int_equal(freeze_find(&set, &person, TEXT("miles"), TEXT("E-8"))->id, 4);
    assert_null(freeze_find(&set, NULL, TEXT("points"), TEXT("E-9")));
    members[0].leader = members[0].id = 128;
    members[1].leader = 640;
    person = person_of(&group, 0);
    assert_int_equal(freeze_find(&set, &person, TEXT("anything"), TEXT(""))->id, 9);
    set.freeze_count = 0;
    assert_null(freeze_find(&set, &person, TEXT("points"), TEXT("E-7")));
}

static void a_pooled_household_does_not_spend_what_is_frozen_of_one_of_it(void **state)
{
    struct member members[] = {{.id = 64, .leader = 64}, {.id = 128, .leader = 128}};
    struct group group = {.members = members, .member_count = 2};
    struct programme_set set = {.freezes = freezes, .freeze_count = 4};
    struct person person = person_of(&group, 0);

    (void)state;
    freezes_sort(freezes, 4);
    assert_null(freeze_find(&set, &person, TEXT("points"), TEXT("")));
    group.pooled = true;
    assert_int_equal(freeze_find(&set, &person, TEXT("points"), TEXT(""))->id, 9);
}

static void frozen_points_keep_until_when_they_wait_by_themselves(void **state)
{
    const int64_t waits[] = {0, INSTANT_OPEN, INT64_C(1775000000000000), INT64_C(4102444800000000)};

    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        int64_t active_at = lot_frozen(waits[i]);
        assert_true(lot_is_frozen(active_at));
        assert_int_equal(lot_frozen_pending(active_at), waits[i]);
    }
    assert_int_equal(lot_frozen(0), LOT_FROZEN_UNTIL);
    assert_false(lot_is_frozen(INSTANT_OPEN));
    assert_false(lot_is_frozen(INSTANT_NEVER));
    assert_false(lot_is_frozen(INT64_C(4102444800000000)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_freeze_is_found_by_member_account_and_employee),
        cmocka_unit_test(a_pooled_household_does_not_spend_what_is_frozen_of_one_of_it),
        cmocka_unit_test(frozen_points_keep_until_when_they_wait_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "foundation/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_status_has_a_word_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(status_name(STATUS_OK), "ok");
    assert_string_equal(status_name(STATUS_CONFLICT), "conflict");
    assert_string_equal(status_name(STATUS_DEFECT), "defect");
    for (int a = STATUS_OK; a <= STATUS_DEFECT; a++)
        for (int b = a + 1; b <= STATUS_DEFECT; b++)
            assert_string_not_equal(status_name((enum status)a), status_name((enum status)b));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_a_word_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "features/exchange/sorter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum status add(struct sorter *sorter, const char *key, const char *payload)
{
    return sorter_add(sorter, text_from(key), text_from(payload), NULL);
}

static void assert_next(struct sorter *sorter, const char *key, const char *payload)
{
    struct text found, with;
    bool end = true;
    assert_int_equal(sorter_next(sorter, &found, &with, &end, NULL), STATUS_OK);
    assert_false(end);
    assert_true(text_equals(found, key));
    assert_true(text_equals(with, payload));
}

static void assert_end(struct sorter *sorter)
{
    struct text key, payload;
    bool end = false;
    assert_int_equal(sorter_next(sorter, &key, &payload, &end, NULL), STATUS_OK);
    assert_true(end);
}

static void equal_keys_keep_the_order_in_which_they_came(void **state)
{
    struct sorter *sorter = NULL;
    (void)state;
    assert_int_equal(sorter_new(1 << 20, &sorter, NULL), STATUS_OK);
    add(sorter, "b", "1");
    add(sorter, "a", "2");
    add(sorter, "b", "3");
    add(sorter, "", "4");
    assert_int_equal(sorter_finish(sorter, NULL), STATUS_OK);
    assert_next(sorter, "", "4");
    assert_next(sorter, "a", "2");
    assert_next(sorter, "b", "1");
    assert_next(sorter, "b", "3");
    assert_end(sorter);
    sorter_free(sorter);
}

/* Memory for a few records only, so that most of them go through files. */
static void what_does_not_fit_in_memory_comes_out_in_order_too(void **state)
{
    enum { RECORDS = 5000 };
    struct sorter *sorter = NULL;
    char key[32], last[32] = "", payload[32];
    (void)state;
    assert_int_equal(sorter_new(2048, &sorter, NULL), STATUS_OK);
    for (int i = 0; i < RECORDS; i++) {
        snprintf(key, sizeof key, "%05d", i * 7919 % 997);
        snprintf(payload, sizeof payload, "%05d", i);
        assert_int_equal(add(sorter, key, payload), STATUS_OK);
    }
    assert_int_equal(sorter_finish(sorter, NULL), STATUS_OK);
    int64_t before = -1;
    for (int i = 0; i < RECORDS; i++) {
        struct text found, with;
        bool end = true;
        assert_int_equal(sorter_next(sorter, &found, &with, &end, NULL), STATUS_OK);
        assert_false(end);
        snprintf(key, sizeof key, "%.*s", (int)found.size, found.bytes);
        int64_t number;
        assert_true(text_to_integer(with, &number));
        assert_true(strcmp(last, key) <= 0);
        if (strcmp(last, key) == 0)
            assert_true(number > before);
        before = number;
        memcpy(last, key, sizeof last);
    }
    assert_end(sorter);
    sorter_free(sorter);
}

static void nothing_sorts_to_nothing(void **state)
{
    struct sorter *sorter = NULL;
    (void)state;
    assert_int_equal(sorter_new(2048, &sorter, NULL), STATUS_OK);
    assert_int_equal(sorter_finish(sorter, NULL), STATUS_OK);
    assert_end(sorter);
    sorter_free(sorter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_keys_keep_the_order_in_which_they_came),
        cmocka_unit_test(what_does_not_fit_in_memory_comes_out_in_order_too),
        cmocka_unit_test(nothing_sorts_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

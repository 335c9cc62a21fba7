#include "foundation/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_id_is_a_prefix_and_13_characters(void **state)
{
    (void)state;
    char out[ID_TEXT_SIZE];
    assert_string_equal(id_format("mbr", 1, out), "mbr_0000000000001");
    assert_string_equal(id_format("mbr", 32 * 16 + 31, out), "mbr_00000000000GZ");
    assert_string_equal(id_format("lot", INT64_MAX, out), "lot_7ZZZZZZZZZZZZ");
}

static void what_was_written_reads_back(void **state)
{
    (void)state;
    for (int64_t id = 1; id > 0 && id < INT64_MAX / 3; id = id * 3 + 1) {
        char out[ID_TEXT_SIZE];
        int64_t back = 0;
        assert_true(id_parse("evt", text_from(id_format("evt", id, out)), &back));
        assert_int_equal(back, id);
    }
    int64_t id = 0;
    assert_true(id_parse("mbr", TEXT("mbr_00000000000gz"), &id));
    assert_int_equal(id, 32 * 16 + 31);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "mbr_",
        "mbr_000000000001",   /* short */
        "mbr_00000000000001", /* long */
        "evt_0000000000001",  /* another prefix */
        "mbr-0000000000001",
        "mbr_000000000000U",
        "mbr_000000000000I",
        "mbr_0000000000000", /* zero */
        "mbr_8000000000000", /* 64 bits */
        "mbr_ZZZZZZZZZZZZZ",
        "mbr_00000000000 1",
    };
    int64_t id = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(id_parse("mbr", text_from(wrong[i]), &id));
    assert_int_equal(id, 7);
}

static void an_id_names_its_bucket(void **state)
{
    (void)state;
    int64_t id = id_make(1000, 63);
    assert_int_equal(id, 64063);
    assert_int_equal(id_bucket(id), 63);
    assert_int_equal(id_seq(id), 1000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_a_prefix_and_13_characters),
        cmocka_unit_test(what_was_written_reads_back),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(an_id_names_its_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

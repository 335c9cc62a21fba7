/* Writing JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foundation/instant.h"
#include "json/writer.h"

static void values_are_separated_and_nested(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    writer_integer(&writer, "a", -5);
    writer_list(&writer, "b");
    writer_object(&writer, NULL);
    writer_end(&writer);
    writer_boolean(&writer, NULL, true);
    writer_null(&writer, NULL);
    writer_end(&writer);
    writer_raw(&writer, "c", TEXT("[1]"));
    writer_raw(&writer, "d", (struct text){NULL, 0});
    writer_end(&writer);
    assert_true(text_equals(writer_done(&writer), "{\"a\":-5,\"b\":[{},true,null],\"c\":[1],\"d\":null}"));
    arena_free(arena);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct builder out = {.arena = arena};
    json_quote(&out, TEXT("a\"b\\c\nd\x01"
                          "e王"));
    assert_true(text_equals(builder_done(&out), "\"a\\\"b\\\\c\\nd\\u0001e王\""));
    arena_free(arena);
}

static void domain_values_have_their_forms(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_list(&writer, NULL);
    writer_amount(&writer, NULL, 1290, "CNY");
    writer_amount(&writer, NULL, -5, "JPY");
    writer_id(&writer, NULL, "mbr", 129);
    writer_id(&writer, NULL, "mbr", 0);
    writer_day(&writer, NULL, 2);
    writer_day(&writer, NULL, INT32_MIN);
    writer_instant(&writer, NULL, 1000000);
    writer_instant(&writer, NULL, INSTANT_NEVER);
    writer_decimal(&writer, NULL, 1500, 3);
    writer_decimal(&writer, NULL, 2000, 3);
    writer_decimal(&writer, NULL, -7, 0);
    writer_real(&writer, NULL, 0.5, 2);
    writer_end(&writer);
    assert_true(text_equals(writer_done(&writer),
                            "[{\"amount\":\"12.90\",\"currency\":\"CNY\"},{\"amount\":\"-5\",\"currency\":\"JPY\"},"
                            "\"mbr_0000000000041\",null,\"1970-01-03\",null,\"1970-01-01T00:00:01Z\",null,1.5,2,-7,"
                            "0.50]"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_separated_and_nested),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(domain_values_have_their_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Shapes as JSON schemas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json/schema.h"

static const char *const states[] = {"on", "off", NULL};
static const struct field inner_fields[] = {{.name = "x", .type = FIELD_BOOLEAN}};
static const struct shape inner = {.name = "Inner", SHAPE_FIELDS(inner_fields)};
static const struct field outer_fields[] = {
    {.name = "n",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = INT64_MAX,
     .about = "How many."},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_NULLABLE, .choices = states},
    {.name = "all", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &inner, .maximum = 3},
};
static const struct shape outer = {.name = "Outer", SHAPE_FIELDS(outer_fields)};

static void a_shape_is_described_with_its_limits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct json_writer writer;
    writer_start(&writer, arena);
    schema_write(&writer, NULL, &outer, false);
    assert_true(
        text_equals(writer_done(&writer),
                    "{\"type\":\"object\",\"properties\":{"
                    "\"n\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"description\":\"How many.\"},"
                    "\"state\":{\"type\":[\"string\",\"null\"],\"enum\":[\"on\",\"off\",null]},"
                    "\"all\":{\"type\":\"array\",\"maxItems\":3,\"items\":{\"$ref\":\"#/components/schemas/Inner\"}}},"
                    "\"required\":[\"n\"],\"additionalProperties\":false}"));
    arena_free(arena);
}

static void count_shape(void *context, const struct shape *shape)
{
    assert_true(shape == &outer || shape == &inner);
    ++*(int *)context;
}

static void every_shape_within_is_visited(void **state)
{
    (void)state;
    int count = 0;
    schema_visit(&outer, count_shape, &count);
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shape_is_described_with_its_limits),
        cmocka_unit_test(every_shape_within_is_visited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

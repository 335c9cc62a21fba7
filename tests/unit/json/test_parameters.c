/* Reading query strings by a shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json/shape.h"

struct query {
    int64_t limit;
    struct text name;
    bool deep;
    struct json_list kinds;
};

static const struct field fields[] = {
    {.name = "limit",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct query, limit),
     .minimum = 1,
     .maximum = 200,
     .fallback = 50},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(struct query, name)},
    {.name = "deep", .type = FIELD_BOOLEAN, .offset = offsetof(struct query, deep)},
    {.name = "kind", .type = FIELD_LIST, .element = FIELD_TEXT, .offset = offsetof(struct query, kinds), .maximum = 2},
};
static const struct shape shape = {.name = "Query", .size = sizeof(struct query), SHAPE_FIELDS(fields)};

static enum status read_query(struct arena *arena, const struct parameter *parameters, size_t count, struct query *out,
                              struct error *err)
{
    *out = (struct query){.limit = 0};
    return shape_read_parameters(arena, &shape, parameters, count, out, err);
}

static void parameters_are_read_by_type(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct query query;
    struct error error;
    const struct parameter parameters[] = {{TEXT("name"), TEXT("Anna")},
                                           {TEXT("kind"), TEXT("a")},
                                           {TEXT("deep"), TEXT("true")},
                                           {TEXT("kind"), TEXT("b")}};
    assert_int_equal(read_query(arena, parameters, 4, &query, &error), STATUS_OK);
    assert_int_equal(query.limit, 50);
    assert_true(query.deep);
    assert_true(text_equals(query.name, "Anna"));
    assert_int_equal(query.kinds.count, 2);
    assert_true(text_equals(((struct text *)query.kinds.items)[1], "b"));
    arena_free(arena);
}

static void refuse(struct parameter parameter, const char *code)
{
    struct arena *arena = arena_new(65536);
    struct query query;
    struct error error;
    const struct parameter parameters[] = {{TEXT("name"), TEXT("Anna")}, parameter};
    assert_int_equal(read_query(arena, parameters, 2, &query, &error), STATUS_INVALID);
    assert_string_equal(error.code, code);
    arena_free(arena);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    refuse((struct parameter){TEXT("limit"), TEXT("0")}, "json.range");
    refuse((struct parameter){TEXT("limit"), TEXT("many")}, "json.type");
    refuse((struct parameter){TEXT("name"), TEXT("Berta")}, "json.repeated");
    refuse((struct parameter){TEXT("limits"), TEXT("5")}, "json.unknown_field");
    refuse((struct parameter){TEXT("deep"), TEXT("yes")}, "json.type");
}

static void a_required_parameter_is_missed(void **state)
{
    (void)state;
    struct query query;
    struct error error;
    assert_int_equal(read_query(NULL, NULL, 0, &query, &error), STATUS_INVALID);
    assert_string_equal(error.code, "json.missing");
    assert_string_equal(error.field, "name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_read_by_type),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_required_parameter_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

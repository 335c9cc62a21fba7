/* Reading JSON by a shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/shape.h"

static const char *const colours[] = {"red", "green", NULL};

struct line {
    struct text sku;
    int64_t quantity;
};

static const struct field line_fields[] = {
    {.name = "sku", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(struct line, sku), .maximum = 8},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct line, quantity),
     .scale = 3,
     .fallback = 1000,
     .minimum = 0,
     .maximum = 1000000},
};
static const struct shape line_shape = {.name = "Line", .size = sizeof(struct line), SHAPE_FIELDS(line_fields)};

struct thing {
    int64_t count;
    unsigned char has_note;
    struct text note;
    bool open;
    int colour;
    int32_t day;
    int64_t at;
    int64_t member;
    struct json_amount price;
    struct line *line;
    struct json_list lines, tags;
    struct text custom;
};

static enum status check_thing(const void *value, struct error *err)
{
    const struct thing *thing = value;
    if (thing->count == 13)
        return error_set(err, STATUS_INVALID, "json.range", "count", "not 13");
    return STATUS_OK;
}

static const struct field thing_fields[] = {
    {.name = "count",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct thing, count),
     .minimum = 1,
     .maximum = 100},
    {.name = "note",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE | FIELD_NOT_BLANK,
     .offset = offsetof(struct thing, note),
     .presence = offsetof(struct thing, has_note)},
    {.name = "open",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct thing, open),
     .fallback = 1},
    {.name = "colour", .type = FIELD_CHOICE, .offset = offsetof(struct thing, colour), .choices = colours},
    {.name = "day", .type = FIELD_DAY, .offset = offsetof(struct thing, day)},
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct thing, at)},
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct thing, member), .prefix = "mbr"},
    {.name = "price", .type = FIELD_AMOUNT, .offset = offsetof(struct thing, price), .maximum = INT64_MAX},
    {.name = "line", .type = FIELD_OBJECT, .offset = offsetof(struct thing, line), .shape = &line_shape},
    {.name = "lines",
     .type = FIELD_LIST,
     .offset = offsetof(struct thing, lines),
     .element = FIELD_OBJECT,
     .shape = &line_shape,
     .maximum = 3},
    {.name = "tags", .type = FIELD_LIST, .offset = offsetof(struct thing, tags), .element = FIELD_TEXT},
    {.name = "custom", .type = FIELD_JSON_MAP, .offset = offsetof(struct thing, custom), .maximum = 64},
};
static const struct shape thing_shape = {
    .name = "Thing", .size = sizeof(struct thing), SHAPE_FIELDS(thing_fields), .check = check_thing};

static int set_up(void **state)
{
    *state = arena_new(1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static struct thing read_fine(struct arena *arena, const char *json)
{
    struct thing thing = {.count = 0};
    struct error error;
    enum status status = shape_read_text(arena, &thing_shape, text_from(json), &thing, &error);
    if (status != STATUS_OK)
        fail_msg("%s: %s %s: %s", json, error.code, error.field, error.message);
    return thing;
}

static void refuse(struct arena *arena, const char *json, const char *code, const char *field)
{
    struct thing thing = {.count = 0};
    struct error error = {.status = STATUS_OK};
    assert_int_equal(shape_read_text(arena, &thing_shape, text_from(json), &thing, &error), STATUS_INVALID);
    assert_string_equal(error.code, code);
    assert_string_equal(error.field, field);
}

static void every_type_is_read_into_its_place(void **state)
{
    struct thing thing = read_fine(*state, "{\"count\":7,\"note\":\" hello \",\"open\":false,\"colour\":\"green\","
                                           "\"day\":\"1970-01-03\",\"at\":\"1970-01-01T00:00:01Z\","
                                           "\"member\":\"mbr_0000000000041\","
                                           "\"price\":{\"amount\":\"12.9\",\"currency\":\"CNY\"},"
                                           "\"line\":{\"sku\":\"a\",\"quantity\":1.5},"
                                           "\"lines\":[{\"sku\":\"b\"},{\"sku\":\"c\",\"quantity\":\"0.25\"}],"
                                           "\"tags\":[\"x\",\"yy\"],\"custom\":{\"b\":[1,2.5],\"a\":null}}");
    assert_int_equal(thing.count, 7);
    assert_true(text_equals(thing.note, "hello"));
    assert_int_equal(thing.has_note, PRESENCE_GIVEN);
    assert_false(thing.open);
    assert_int_equal(thing.colour, 1);
    assert_int_equal(thing.day, 2);
    assert_int_equal(thing.at, 1000000);
    assert_int_equal(thing.member, 129);
    assert_int_equal(thing.price.minor, 1290);
    assert_string_equal(thing.price.currency, "CNY");
    assert_int_equal(thing.line->quantity, 1500);
    const struct line *lines = thing.lines.items;
    assert_int_equal(thing.lines.count, 2);
    assert_int_equal(lines[0].quantity, 1000);
    assert_int_equal(lines[1].quantity, 250);
    const struct text *tags = thing.tags.items;
    assert_true(text_equals(tags[1], "yy"));
    assert_true(text_equals(thing.custom, "{\"b\":[1,2.5],\"a\":null}"));
}

static void what_is_absent_leaves_the_documented_values(void **state)
{
    struct thing thing = read_fine(*state, "{\"count\":1}");
    assert_null(thing.note.bytes);
    assert_int_equal(thing.has_note, PRESENCE_ABSENT);
    assert_true(thing.open);
    assert_int_equal(thing.colour, -1);
    assert_int_equal(thing.day, FIELD_DAY_ABSENT);
    assert_null(thing.line);
    assert_int_equal(thing.lines.count, 0);
}

static void null_is_told_from_absence_where_it_is_allowed(void **state)
{
    struct thing thing = read_fine(*state, "{\"count\":1,\"note\":null}");
    assert_int_equal(thing.has_note, PRESENCE_NULL);
    refuse(*state, "{\"count\":null}", "json.type", "count");
}

static void an_unknown_field_is_named_with_the_nearest_one(void **state)
{
    struct thing thing;
    struct error error;
    assert_int_equal(shape_read_text(*state, &thing_shape, TEXT("{\"count\":1,\"colur\":\"red\"}"), &thing, &error),
                     STATUS_INVALID);
    assert_string_equal(error.code, "json.unknown_field");
    assert_string_equal(error.field, "colur");
    assert_non_null(strstr(error.message, "'colour'"));
}

static void mistakes_are_named_by_their_path(void **state)
{
    refuse(*state, "{}", "json.missing", "count");
    refuse(*state, "{\"count\":0}", "json.range", "count");
    refuse(*state, "{\"count\":1.0}", "json.type", "count");
    refuse(*state, "{\"count\":\"1\"}", "json.type", "count");
    refuse(*state, "{\"count\":1,\"note\":\"  \"}", "json.length", "note");
    refuse(*state, "{\"count\":1,\"line\":{}}", "json.missing", "line.sku");
    refuse(*state, "{\"count\":1,\"lines\":[{\"sku\":\"a\"},{\"sku\":\"123456789\"}]}", "json.length", "lines[1].sku");
    refuse(*state, "{\"count\":1,\"lines\":[{\"sku\":\"a\",\"quantity\":0.0001}]}", "json.decimal",
           "lines[0].quantity");
    refuse(*state, "{\"count\":1,\"lines\":[1]}", "json.type", "lines[0]");
    refuse(*state, "{\"count\":1,\"lines\":[{},{},{},{}]}", "json.count", "lines");
    refuse(*state, "{\"count\":1,\"tags\":[\"a\",2]}", "json.type", "tags[1]");
    refuse(*state, "{\"count\":1,\"custom\":[1]}", "json.type", "custom");
    refuse(*state, "{\"count\":1,\"colour\":\"blue\"}", "json.choice", "colour");
    refuse(*state, "{\"count\":1,\"day\":\"2026-02-30\"}", "json.day", "day");
    refuse(*state, "{\"count\":1,\"at\":\"yesterday\"}", "json.instant", "at");
    refuse(*state, "{\"count\":1,\"member\":\"evt_0000000000041\"}", "json.id", "member");
    refuse(*state, "{\"count\":13}", "json.range", "count");
}

static void amounts_keep_to_the_decimals_of_their_currency(void **state)
{
    refuse(*state, "{\"count\":1,\"price\":{\"amount\":\"12.9\",\"currency\":\"JPY\"}}", "money.decimals", "price");
    refuse(*state, "{\"count\":1,\"price\":{\"amount\":\"12.9\",\"currency\":\"XYZ\"}}", "json.currency", "price");
    refuse(*state, "{\"count\":1,\"price\":{\"amount\":12.9,\"currency\":\"CNY\"}}", "json.type", "price");
    refuse(*state, "{\"count\":1,\"price\":{\"amount\":\"-1\",\"currency\":\"CNY\"}}", "json.range", "price");
    struct thing thing = read_fine(*state, "{\"count\":1,\"price\":{\"amount\":\"1.234\",\"currency\":\"KWD\"}}");
    assert_int_equal(thing.price.minor, 1234);
}

static void broken_json_is_a_syntax_error(void **state)
{
    static const char *const broken[] = {"",
                                         "{",
                                         "{\"count\":1}x",
                                         "{\"count\":1,\"count\":2}",
                                         "{\"note\":\"\\u0000\"}",
                                         "{\"note\":\"\xff\"}",
                                         "{\"count\":99999999999999999999}",
                                         "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        refuse(*state, broken[i], "json.syntax", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_type_is_read_into_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_absent_leaves_the_documented_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_is_told_from_absence_where_it_is_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_field_is_named_with_the_nearest_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_named_by_their_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(amounts_keep_to_the_decimals_of_their_currency, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_json_is_a_syntax_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

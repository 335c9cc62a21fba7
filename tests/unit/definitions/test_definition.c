/* Finding a definition in the configuration, and reading a document. */
#include "stamp.h"

static const struct definition items[] = {
    {.code = {"ale", 3}, .version = 1, .from = 10, .until = 20},
    {.code = {"ale", 3}, .version = 3, .from = 20, .until = 30},
    {.code = {"ale", 3}, .version = 2, .from = 40, .until = INT64_MAX},
    {.code = {"ales", 4}, .version = 1, .from = 0, .until = INT64_MAX},
};
static const struct definition_list list = {.kind = &stamp_kind, .items = items, .count = 4};
static const struct definition_set all = {.lists = &list, .count = 1};
static const struct programme_set set = {.definitions = &all};

static int64_t version_at(const char *code, int64_t at)
{
    const struct definition *found = definition_at(&set, &stamp_kind, text_from(code), at);

    return found != NULL ? found->version : 0;
}

static void the_version_in_force_is_found_by_time(void **state)
{
    (void)state;
    assert_int_equal(version_at("ale", 9), 0);
    assert_int_equal(version_at("ale", 10), 1);
    assert_int_equal(version_at("ale", 19), 1);
    assert_int_equal(version_at("ale", 20), 3);
    assert_int_equal(version_at("ale", 30), 0); /* withdrawn, until the next one */
    assert_int_equal(version_at("ale", 40), 2);
    assert_int_equal(version_at("ales", 5), 1);
    assert_int_equal(version_at("al", 15), 0);
    assert_int_equal(version_at("zebra", 15), 0);
}

static void a_version_is_found_by_number(void **state)
{
    (void)state;
    assert_ptr_equal(definition_version(&set, &stamp_kind, TEXT("ale"), 3), &items[1]);
    assert_null(definition_version(&set, &stamp_kind, TEXT("ale"), 4));
    assert_null(definition_version(&set, &stamp_kind, TEXT("ax"), 1));
}

static void a_kind_without_definitions_has_an_empty_list(void **state)
{
    static const struct definition_kind other = {.name = "other"};
    static const struct programme_set nothing;

    (void)state;
    assert_int_equal(definitions_of(&set, &other)->count, 0);
    assert_int_equal(definitions_of(&nothing, &stamp_kind)->count, 0);
    assert_null(definition_at(&nothing, &stamp_kind, TEXT("ale"), 10));
}

static void a_document_is_read_strictly(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct programme programme = {.currency = "EUR", .exponent = 2};
    struct definition_input input = {
        .arena = arena, .code = TEXT("ten"), .document = TEXT("{\"stamps\": 10}"), .programme = &programme};
    struct error error = {0};
    const void *parsed = NULL;

    (void)state;
    assert_int_equal(parse_stamp(&input, &parsed, &error), STATUS_OK);
    assert_int_equal(((const struct stamp *)parsed)->stamps, 10);
    input.document = TEXT("{\"stamps\": 101}");
    assert_int_equal(parse_stamp(&input, &parsed, &error), STATUS_INVALID);
    assert_string_equal(error.field, "stamps");
    input.document = TEXT("{\"stamps\": 1, \"stamps\": 2}");
    assert_int_equal(parse_stamp(&input, &parsed, &error), STATUS_INVALID);
    assert_string_equal(error.code, "programme.syntax");
    arena_free(arena);
}

static void a_name_is_cut_between_characters(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct builder builder = {.arena = arena};

    (void)state;
    assert_true(text_equals(definition_name(arena, TEXT("{\"name\": \"Ten\"}")), "Ten"));
    assert_int_equal(definition_name(arena, TEXT("{}")).size, 0);
    builder_string(&builder, "{\"name\": \"");
    for (int i = 0; i < 100; i++)
        builder_string(&builder, "\xe5\x92\x96"); /* three bytes each */
    builder_string(&builder, "\"}");
    assert_int_equal(definition_name(arena, builder_done(&builder)).size, 198);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_in_force_is_found_by_time),
        cmocka_unit_test(a_version_is_found_by_number),
        cmocka_unit_test(a_kind_without_definitions_has_an_empty_list),
        cmocka_unit_test(a_document_is_read_strictly),
        cmocka_unit_test(a_name_is_cut_between_characters),
    };

    return cmocka_run_group_tests_name("definition", tests, NULL, NULL);
}

/* What documents of definitions name. */
#include "features/definitions/references.h"
#include "stamp.h"

/* The stamp named so goes with a card named like its group. */
static void name_group(const void *parsed, struct definition_references *out)
{
    const struct stamp *stamp = parsed;
    const struct definition_reference card = {.kind = "card", .field = "cards"};

    reference_add(out, "card", stamp->group, "group");
    reference_add_loose(out, "stamp", stamp->name, "name");
    reference_add_list(out, &card, &stamp->group, stamp->stamps > 1 ? 1 : 0);
}

static const struct definition_kind naming_kind = {
    .name = "stamp", .plural = "stamps", .parse = parse_stamp, .references = name_group};
static const struct definition_kind card_kind = {.name = "card", .plural = "cards", .parse = parse_stamp};
static const struct stamp tea = {.group = {"tea", 3}, .stamps = 1}, both = {.group = {"tea", 3}, .stamps = 2},
                          none = {.stamps = 1};

static void who_names_a_definition_is_found_among_what_is_not_over(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct definition items[] = {{.code = TEXT("a"), .version = 1, .from = 0, .until = 10, .parsed = &tea},
                                       {.code = TEXT("b"), .version = 1, .from = 5, .until = 30, .parsed = &both},
                                       {.code = TEXT("c"), .version = 1, .from = 50, .until = 60, .parsed = &tea},
                                       {.code = TEXT("d"), .version = 1, .from = 0, .until = 60, .parsed = &none}};
    const struct definition_list lists[] = {{.kind = &naming_kind, .items = items, .count = 4},
                                            {.kind = &card_kind, .items = items, .count = 4}};
    const struct definition_set all = {lists, 2};
    const struct programme_set set = {.definitions = &all};
    const struct definition_named named = {&card_kind, TEXT("tea"), 10};
    size_t count;
    const struct definition_namer *namers = definition_namers(arena, &set, &named, &count);

    (void)state;
    assert_int_equal(count, 3);
    assert_ptr_equal(namers[0].definition, &items[1]);
    assert_string_equal(namers[0].reference.field, "group");
    assert_string_equal(namers[1].reference.field, "cards[0]");
    assert_false(namers[1].reference.loose);
    assert_ptr_equal(namers[2].definition, &items[2]);
    arena_free(arena);
}

static void what_has_no_code_is_not_named(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct definition_references found = {.arena = arena};

    (void)state;
    name_group(&none, &found);
    assert_int_equal(found.count, 0);
    name_group(&(struct stamp){.name = {"x", 1}, .stamps = 1}, &found);
    assert_int_equal(found.count, 1);
    assert_true(found.items[0].loose);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_names_a_definition_is_found_among_what_is_not_over),
        cmocka_unit_test(what_has_no_code_is_not_named),
    };

    return cmocka_run_group_tests_name("references", tests, NULL, NULL);
}

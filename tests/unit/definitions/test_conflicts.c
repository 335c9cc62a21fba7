/* Definitions that contradict each other. */
#include "features/definitions/conflicts.h"
#include "stamp.h"

static const struct stamp coffee = {.group = {"coffee", 6}}, tea = {.group = {"tea", 3}};

static struct definition one_of(const char *code, int64_t from, int64_t until, const struct stamp *stamp)
{
    return (struct definition){.code = text_from(code), .version = 1, .from = from, .until = until, .parsed = stamp};
}

static void only_what_is_in_force_together_contradicts(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct conflicts conflicts = {.arena = arena};
    const struct definition items[] = {one_of("a", 0, 10, &coffee), one_of("b", 10, 20, &coffee),
                                       one_of("c", 15, 30, &coffee), one_of("d", 0, 100, &tea)};

    (void)state;
    conflicts_among(&conflicts, &stamp_kind, items, 4);
    assert_int_equal(conflicts.count, 1);
    assert_ptr_equal(conflicts.items[0].a, &items[1]);
    assert_ptr_equal(conflicts.items[0].b, &items[2]);
    assert_true(text_equals(conflicts.items[0].reason, "both are in one group"));
    arena_free(arena);
}

static void versions_of_one_definition_do_not_contradict_each_other(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct conflicts conflicts = {.arena = arena};
    const struct definition draft = one_of("a", 5, 100, &coffee);
    const struct definition items[] = {one_of("a", 0, 10, &coffee), one_of("b", 0, 5, &coffee),
                                       one_of("c", 0, 6, &coffee)};

    (void)state;
    conflicts_with(&conflicts, &stamp_kind, &draft, items, 3);
    assert_int_equal(conflicts.count, 1);
    assert_true(text_equals(conflicts.items[0].b->code, "c"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_in_force_together_contradicts),
        cmocka_unit_test(versions_of_one_definition_do_not_contradict_each_other),
    };

    return cmocka_run_group_tests_name("conflicts", tests, NULL, NULL);
}

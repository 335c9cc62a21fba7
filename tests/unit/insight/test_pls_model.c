/* Path models as texts. */
#include "pls_fixture.h"

static enum status parse(struct arena *arena, const char *model, struct pls_plan *plan, struct error *err)
{
    static const char *const columns[] = {"a1", "a2", "B1", "b2", "c 1", "c2", "Trust"};
    struct text names[7];

    for (size_t i = 0; i < 7; i++)
        names[i] = text_from(columns[i]);
    return pls_model_parse(arena, text_from(model), names, 7, plan, err);
}

static void a_text_gives_constructs_columns_modes_and_paths(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 22);
    struct error err = {0};
    struct pls_plan plan;

    (void)state;
    assert_int_equal(parse(arena,
                           "# what we asked in May\r\n"
                           "Loyalty <- ignored",
                           &plan, &err),
                     STATUS_INVALID);
    assert_int_equal(parse(arena,
                           "Service -> Love   # paths may come first\r\n"
                           "\n"
                           "Service (B): b* a1, a2\n"
                           "Love: \"c 1\"\n"
                           "\"Deep Trust\": Trust c2\n"
                           "Service, \"Deep Trust\" -> Love2\n"
                           "Love2: Love3\nLove3: x\n",
                           &plan, &err),
                     STATUS_INVALID);
    assert_string_equal(err.field, "8:8");
    assert_int_equal(parse(arena,
                           "Service -> Love   # paths may come first\r\n"
                           "\n"
                           "Service (B): b* a1, a2\n"
                           "Love: \"c 1\"\n"
                           "\"Deep Trust\": Trust c2\n"
                           "\"Deep Trust\" -> Service Love",
                           &plan, &err),
                     STATUS_OK);
    assert_false(plan.two_stages);
    assert_int_equal(plan.final.construct_count, 3);
    assert_int_equal(plan.final.indicator_count, 7);
    assert_int_equal(plan.final.constructs[0].mode, PLS_MODE_B);
    assert_int_equal(plan.final.constructs[0].count, 4);
    assert_int_equal(plan.columns[0], 2); /* b* finds B1 and b2 */
    assert_int_equal(plan.columns[1], 3);
    assert_int_equal(plan.columns[2], 0);
    assert_int_equal(plan.columns[4], 4);
    assert_true(plan.final.paths[0][1] && plan.final.paths[2][0] && plan.final.paths[2][1]);
    assert_false(plan.final.paths[0][2]);
    assert_int_equal(plan.final.order[0], 2);
    assert_int_equal(plan.final.order[1], 0);
    assert_int_equal(plan.final.order[2], 1);
    arena_free(arena);
}

static void parts_take_the_paths_of_the_whole_in_the_first_stage(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 22);
    struct error err = {0};
    struct pls_plan plan;

    (void)state;
    assert_int_equal(
        parse(arena, "A: a1 a2\nB: B1 b2\nWhole: A B\nC: c2\nCause: Trust\nCause -> Whole\nWhole -> C\n", &plan, &err),
        STATUS_OK);
    assert_true(plan.two_stages);
    assert_int_equal(plan.first.construct_count, 4); /* A B C Cause */
    assert_true(plan.first.paths[3][0] && plan.first.paths[3][1] && plan.first.paths[0][2] && plan.first.paths[1][2]);
    assert_false(plan.first.paths[0][1]);
    assert_int_equal(plan.final.construct_count, 3); /* Whole C Cause */
    assert_int_equal(plan.final.indicator_count, 4);
    assert_int_equal(plan.origins[0], -1);
    assert_int_equal(plan.origins[1], -2);
    assert_int_equal(plan.origins[2], 4);
    assert_true(plan.final.paths[2][0] && plan.final.paths[0][1]);
    arena_free(arena);
}

static void mistakes_are_told_with_their_place(void **state)
{
    static const struct {
        const char *model, *place, *words;
    } wrong[] = {
        {"", "1:1", "at least two constructs"},
        {"A: a1\n  A: a2\n", "2:3", "described twice"},
        {"A: a1\nB: b9\nA -> B", "2:4", "neither a column of the file nor a construct"},
        {"A: a1\nB: x*\nA -> B", "2:4", "no column of the file begins with 'x'"},
        {"A: a1 a1\nB: b2\nA -> B", "1:7", "already measures 'A'"},
        {"A: a1\nB: b2 a1\nA -> B", "2:7", "already measures 'A'"},
        {"A: a1\nB:\nA -> B", "2:3", "measured by nothing"},
        {"A (C): a1\nB: b2\nA -> B", "1:3", "the mode is (A), reflective, or (B), formative"},
        {"A a1\nB: b2\nA -> B", "1:3", "is not expected"},
        {"A: a1\nB: b2\nA -> Bee", "3:6", "there is no construct 'Bee'"},
        {"A: a1\nB: b2\nA -> B -> A", "3:8", "is not the name of a construct"},
        {"A: a1\nB: b2\n -> B", "3:2", "a construct on each side"},
        {"A: a1\nB: b2\nA -> A", "3:1", "cannot act on itself"},
        {"A: a1\nB: b2\nA -> B\nA -> B", "4:1", "is there already"},
        {"A: a1\nB: b2\nC: c2\nA -> B", "3:1", "no path leads to or from 'C'"},
        {"A: a1\nB: b2\nC: c2\nA -> B\nB -> C\nC -> B", "3:1", "run in a circle through 'C'"},
        {"A: \"c 1\nB: b2\nA -> B", "1:4", "not closed"},
        {"\xC3\x84 \"c 1: x", "1:3", "not closed"},
        {"A: A\nB: b2\nA -> B", "1:4", "part of itself"},
        {"A: a1\nB: A b2\nC: c2\nB -> C", "2:6", "mixes columns and constructs"},
        {"A: a1\nB: A\nC: c2\nB -> C\nA -> C", "5:1", "the path belongs to the whole"},
        {"A: a1\nB: A\nC: B\nD: c2\nC -> D", "2:1", "one level is enough"},
        {"A: a1\nB: b2\n: A -> B", "3:1", "is not the name of a construct"},
        {": a1", "1:1", "begins with the name"},
    };
    struct arena *arena = arena_new((size_t)1 << 24);

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = {0};
        struct pls_plan plan;

        assert_int_equal(parse(arena, wrong[i].model, &plan, &err), STATUS_INVALID);
        assert_string_equal(err.code, "pls.model");
        assert_string_equal(err.field, wrong[i].place);
        assert_non_null(strstr(err.message, wrong[i].words));
    }
    arena_free(arena);
}

static void a_text_without_end_is_refused(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 26);
    char *many = arena_alloc(arena, 3 * 5000 + 1), *wide = arena_alloc(arena, PLS_TEXT_SIZE_MAX + 2);
    struct error err = {0};
    struct pls_plan plan;

    (void)state;
    for (int i = 0; i < 5000; i++)
        memcpy(&many[3 * i], "a1 ", 3);
    memset(wide, ' ', PLS_TEXT_SIZE_MAX + 1);
    assert_int_equal(parse(arena, many, &plan, &err), STATUS_INVALID);
    assert_int_equal(parse(arena, wide, &plan, &err), STATUS_INVALID);
    arena_free(arena);
}

static void the_index_of_satisfaction_is_ready_made(void **state)
{
    static const char *const columns[] = {"IMAG1", "imag2", "CUEX1", "PERQ1", "PERV1", "CUSA1", "CUSCO", "CUSL1"};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct error err = {0};
    struct pls_plan plan;
    struct text names[8];
    size_t paths = 0;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        names[i] = text_from(columns[i]);
    assert_int_equal(pls_model_parse(arena, text_from(pls_model_ecsi), names, 8, &plan, &err), STATUS_OK);
    assert_int_equal(plan.final.construct_count, 7);
    assert_int_equal(plan.final.constructs[0].count, 2);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++)
            paths += plan.final.paths[i][j];
    assert_int_equal(paths, 12);
    assert_int_equal(pls_model_parse(arena, text_from(pls_model_ecsi), names, 7, &plan, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "begins with 'CUSL'"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_gives_constructs_columns_modes_and_paths),
        cmocka_unit_test(parts_take_the_paths_of_the_whole_in_the_first_stage),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(a_text_without_end_is_refused),
        cmocka_unit_test(the_index_of_satisfaction_is_ready_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

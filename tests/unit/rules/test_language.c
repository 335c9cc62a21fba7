#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"
#include "foundation/instant.h"

enum { ARENA_SIZE = 64 * 1024 * 1024, REPEATED_MAX = 60000 };

static struct arena *arena;
static struct facts facts;

static enum status compile(const char *expression, struct rule_program **out, struct rule_place *place,
                           struct error *err)
{
    struct rule_source source = {.text = text_from(expression), .environment = &facts.environment};
    return rule_compile(arena, &source, out, place, err);
}

static enum status evaluate_with(const char *expression, int64_t cost_max, size_t memory_max,
                                 struct rule_evaluation *evaluation, struct error *err)
{
    struct rule_program *program;
    *evaluation = (struct rule_evaluation){.arena = arena,
                                           .slots = facts.slots,
                                           .now = facts.now,
                                           .zone = facts.zone,
                                           .cost_max = cost_max,
                                           .memory_max = memory_max};
    enum status status = compile(expression, &program, NULL, err);
    if (status != STATUS_OK)
        return status;
    status = rule_evaluate(program, evaluation, err);
    rule_release(program);
    return status;
}

static void assert_fails(const char *expression, const char *code)
{
    struct rule_evaluation evaluation;
    struct error error = {0};
    assert_int_not_equal(evaluate_with(expression, 0, 0, &evaluation, &error), STATUS_OK);
    assert_string_equal(error.code, code);
}

/* `first`, then `part` so many times, then `last`. */
static const char *repeated(const char *first, const char *part, int count, const char *last)
{
    struct builder out = {.arena = arena};
    builder_string(&out, first);
    for (int i = 0; i < count; i++)
        builder_string(&out, part);
    builder_string(&out, last);
    builder_char(&out, '\0');
    return builder_done(&out).bytes;
}

/* ---- what is told ---- */

static void a_mistake_is_told_with_its_place_and_what_was_meant(void **state)
{
    struct rule_program *program;
    struct rule_place place;
    struct error error = {0};
    (void)state;
    assert_int_equal(compile("i > 2 &&\n  x.her > 1.0", &program, &place, &error), STATUS_INVALID);
    assert_string_equal(error.code, "rules.name");
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 5);
    assert_non_null(strstr(error.message, "line 2, column 5: there is no 'x.her'; did you mean 'x.here'?"));

    assert_int_equal(compile("cn + '好' + 1", &program, &place, &error), STATUS_INVALID);
    assert_string_equal(error.code, "rules.type");
    assert_int_equal(place.column, 10);
    assert_non_null(strstr(error.message, "+ does not take string and int"));

    assert_int_equal(compile("s.contians('a')", &program, &place, &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "did you mean 'contains'?"));

    assert_int_equal(compile("s.substring('a')", &program, &place, &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "is given (string, string); expected is string.substring(int)"));
}

static void the_type_of_the_result_is_known(void **state)
{
    static const struct {
        const char *expression, *type;
    } cases[] = {{"i + 1", "int"},
                 {"li.map(x, string(x))", "list(string)"},
                 {"{'a': [1.5]}", "map(string, list(double))"},
                 {"[1, 'a']", "list(dyn)"},
                 {"[[], [[]], [[[]]]]", "list(list(list(list(dyn))))"},
                 {"([] + li)[0]", "int"},
                 {"t - t", "duration"},
                 {"days_since(seen)", "int or null"},
                 {"true ? nothing : null", "double or null"},
                 {"mm.x.y", "dyn"},
                 {"math.greatest(1, 2u)", "dyn"},
                 {"int", "type"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_program *program;
        assert_int_equal(compile(cases[i].expression, &program, NULL, NULL), STATUS_OK);
        assert_string_equal(rule_type_text(arena, rule_program_type(program)), cases[i].type);
        rule_release(program);
    }
}

static void the_facts_that_an_expression_names_are_known(void **state)
{
    struct rule_program *program;
    (void)state;
    assert_int_equal(compile("[1].all(j, i > j) && has(a.b.c)", &program, NULL, NULL), STATUS_OK);
    for (size_t slot = 0; slot < facts.environment.count; slot++) {
        const char *name = facts.variables[slot].name;
        assert_int_equal(rule_program_reads(program, slot), strcmp(name, "i") == 0 || strcmp(name, "a.b.c") == 0);
    }
    assert_false(rule_program_is_timed(program));
    rule_release(program);
}

/* ---- time ---- */

static int64_t valid_until(const char *expression)
{
    struct rule_evaluation evaluation;
    struct error error = {0};
    assert_int_equal(evaluate_with(expression, 0, 0, &evaluation, &error), STATUS_OK);
    return evaluation.valid_until;
}

static int64_t instant(const char *text)
{
    int64_t out;
    assert_true(instant_parse(text_from(text), &out));
    return out;
}

static void an_answer_tells_until_when_it_holds(void **state)
{
    (void)state;
    assert_int_equal(valid_until("i > 2"), INSTANT_NEVER);
    assert_int_equal(valid_until("within(seen, '30d')"), instant("2026-12-01T08:00:00Z"));
    assert_int_equal(valid_until("within(seen, '20d')"), INSTANT_NEVER);
    assert_int_equal(valid_until("within(last, '30d')"), INSTANT_NEVER);
    assert_int_equal(valid_until("within(timestamp('2026-11-22T10:00:00Z'), '1h')"), instant("2026-11-22T10:00:00Z"));
    assert_int_equal(valid_until("days_since(seen) > 3"), instant("2026-11-22T16:00:00Z"));
    assert_int_equal(valid_until("days_since(seen) > 3 && within(seen, '30d')"), instant("2026-11-22T16:00:00Z"));
    /* What was not looked at does not matter. */
    assert_int_equal(valid_until("i > 5 && within(seen, '30d')"), INSTANT_NEVER);
    /* 1 November of Shanghai leaves 30 days with 1 December, and 5 November four days later. */
    assert_int_equal(valid_until("count_within([{'at': seen, 'count': 1}, "
                                 "{'at': timestamp('2026-11-05T08:00:00Z'), 'count': 1}], '30d')"),
                     instant("2026-11-30T16:00:00Z"));
    assert_int_equal(valid_until("count_within([{'at': seen, 'count': 1}], '5d')"), INSTANT_NEVER);
    assert_int_equal(valid_until("count_within([{'at': timestamp('2026-11-24T01:00:00Z'), 'count': 1}], '5d')"),
                     instant("2026-11-23T16:00:00Z"));
}

static void a_window_turns_false_when_it_is_over(void **state)
{
    struct rule_program *program;
    (void)state;
    assert_int_equal(compile("within(seen, '30d')", &program, NULL, NULL), STATUS_OK);
    assert_true(rule_program_is_timed(program));
    struct rule_evaluation evaluation = {
        .arena = arena, .slots = facts.slots, .now = instant("2026-12-01T07:59:59.999999Z")};
    assert_int_equal(rule_evaluate(program, &evaluation, NULL), STATUS_OK);
    assert_true(evaluation.value.boolean);
    evaluation.now = evaluation.valid_until;
    assert_int_equal(rule_evaluate(program, &evaluation, NULL), STATUS_OK);
    assert_false(evaluation.value.boolean);
    evaluation.now = INSTANT_NEVER;
    struct error error = {0};
    assert_int_equal(rule_evaluate(program, &evaluation, &error), STATUS_INVALID);
    assert_string_equal(error.code, "rules.instant");
    rule_release(program);
}

/* ---- limits ---- */

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    assert_fails(repeated("", "(", 10000, "1"), "rules.size");
    assert_fails(repeated("", "[", 10000, "1"), "rules.size");
    assert_fails(repeated("", "{1:", 10000, "1"), "rules.size");
    assert_fails(repeated("", "!", 10000, "true"), "rules.size");
    assert_fails(repeated("", "-", 10000, "1"), "rules.size");
    assert_fails(repeated("1", "+1", 20000, ""), "rules.size");
    assert_fails(repeated("m", ".a", 20000, ""), "rules.size");
    assert_fails(repeated("li", "[0]", 15000, ""), "rules.size");
    assert_fails(repeated("", "true?1:", 8000, "1"), "rules.size");
    assert_fails(repeated("", "size(", 8000, "1"), "rules.size");
    assert_fails(repeated("'", "x", 70000, "'"), "rules.size");
    assert_fails(repeated("[1", ",1", 25000, "]"), "rules.size");
}

static void what_the_specification_asks_to_be_supported_is(void **state)
{
    struct rule_evaluation evaluation;
    (void)state;
    const char *expressions[] = {repeated("", "(", 150, repeated("1", ")", 150, "")),
                                 repeated("true", " && true", 5000, ""),
                                 repeated("false", " || false", 5000, ""),
                                 repeated("0", " + 1", 900, ""),
                                 repeated("[0", ", 1", 9000, "][17]"),
                                 repeated("", "!", 32, "true"),
                                 repeated("", "-", 32, "19"),
                                 repeated("math.greatest(0", ", 1", 32, ")"),
                                 repeated("", "true ? 1 : ", 100, "2")};
    for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
        assert_int_equal(evaluate_with(expressions[i], 0, 0, &evaluation, NULL), STATUS_OK);
}

static void hostile_expressions_end_at_a_limit(void **state)
{
    (void)state;
    const char *digits = "[0,1,2,3,4,5,6,7,8,9]";
    struct builder nested = {.arena = arena};
    for (int i = 0; i < 20; i++)
        builder_format(&nested, "%s.all(v%d, ", digits, i);
    builder_string(&nested, "i > 0");
    builder_string(&nested, repeated("", ")", 20, ""));
    builder_char(&nested, '\0');
    assert_fails(builder_done(&nested).bytes, "rules.limit");
    /* Doubling, in time and space. */
    assert_fails(repeated("[s, s]", ".map(x, [x + x, x + x]).map(x, x[0])", 60, ""), "rules.limit");
    assert_fails(repeated("[s]", ".map(x, x + x)", 60, ""), "rules.limit");
    /* Lists that share their parts are small, and endless for whoever walks them. */
    assert_fails(repeated("[[s]]", ".map(x, [x, x])", 60, ""), "rules.limit");
    assert_fails(repeated("[[s]]", ".map(x, [x, x])", 60, " == [[s]]"), "rules.type");
    assert_fails(repeated("[dyn([[s]]", ".map(x, [x, x])", 60, ")].exists(x, x != x) || true"), "rules.limit");
    /* Nothing absorbs a limit. */
    assert_fails(repeated("true || size([s]", ".map(x, x + x)", 60, ") > 0 && i == 4 || i == 3") + 8, "rules.limit");
    assert_fails(repeated("[s]", ".map(x, x.replace('', x))", 20, ""), "rules.limit");
    assert_fails(repeated("[s]", ".map(x, x.split('').join(x))", 20, ""), "rules.limit");
    assert_fails(repeated("[s]", ".map(x, '%s%s'.format([x, x]))", 40, ""), "rules.limit");
    assert_fails(repeated("", "[1,2,3,4,5,6,7,8,9].exists(a, ", 12, repeated("t.getHours(ls[0]) == 1", ")", 12, "")),
                 "rules.limit");
}

static void the_limits_are_those_of_the_evaluation(void **state)
{
    struct rule_evaluation evaluation;
    struct error error = {0};
    const char *expression = "[1, 2, 3, 4, 5, 6, 7, 8].map(x, x * i).size()";
    (void)state;
    assert_int_equal(evaluate_with(expression, 0, 0, &evaluation, &error), STATUS_OK);
    assert_true(evaluation.cost > 8);
    int64_t cost = evaluation.cost;
    assert_int_equal(evaluate_with(expression, cost, 0, &evaluation, &error), STATUS_OK);
    assert_int_equal(evaluate_with(expression, cost - 1, 0, &evaluation, &error), STATUS_LIMIT);
    assert_string_equal(error.code, "rules.limit");
    assert_int_equal(evaluate_with(expression, 0, 64, &evaluation, &error), STATUS_LIMIT);
}

static void an_arena_that_is_too_small_ends_the_evaluation(void **state)
{
    struct rule_program *program;
    struct error error = {0};
    struct arena *small = arena_new(4096);
    (void)state;
    assert_int_equal(compile("(s + s + s + s).split('').map(x, x + x + x + x + x)", &program, NULL, NULL), STATUS_OK);
    struct rule_evaluation evaluation = {.arena = small, .slots = facts.slots, .now = INSTANT_NEVER};
    while (rule_evaluate(program, &evaluation, &error) == STATUS_OK)
        continue;
    assert_string_equal(error.code, "rules.limit");
    rule_release(program);
    arena_free(small);
}

/* ---- types as text ---- */

static void types_are_read_and_written(void **state)
{
    static const char *const good[] = {"int",      "uint", "double",    "bool",      "string",
                                       "bytes",    "type", "timestamp", "list(int)", "map(string, list(dyn))",
                                       "duration", "null"};
    static const char *const bad[] = {"", "integer", "list(", "list(int", "map(int)", "int int", "list()", "?"};
    const struct rule_type *type;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(rule_type_parse(arena, text_from(good[i]), &type));
        assert_string_equal(rule_type_text(arena, type), good[i]);
    }
    assert_true(rule_type_parse(arena, TEXT("timestamp?"), &type));
    assert_string_equal(rule_type_text(arena, type), "timestamp or null");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rule_type_parse(arena, text_from(bad[i]), &type));
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(ARENA_SIZE);
    return arena == NULL;
}

static int set_facts(void **state)
{
    (void)state;
    arena_reset(arena);
    facts_set(arena, &facts);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_mistake_is_told_with_its_place_and_what_was_meant, set_facts),
        cmocka_unit_test_setup(the_type_of_the_result_is_known, set_facts),
        cmocka_unit_test_setup(the_facts_that_an_expression_names_are_known, set_facts),
        cmocka_unit_test_setup(an_answer_tells_until_when_it_holds, set_facts),
        cmocka_unit_test_setup(a_window_turns_false_when_it_is_over, set_facts),
        cmocka_unit_test_setup(deep_nesting_is_refused, set_facts),
        cmocka_unit_test_setup(what_the_specification_asks_to_be_supported_is, set_facts),
        cmocka_unit_test_setup(hostile_expressions_end_at_a_limit, set_facts),
        cmocka_unit_test_setup(the_limits_are_those_of_the_evaluation, set_facts),
        cmocka_unit_test_setup(an_arena_that_is_too_small_ends_the_evaluation, set_facts),
        cmocka_unit_test_setup(types_are_read_and_written, set_facts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"

enum { ARENA_SIZE = 64 * 1024 * 1024, CASES_MIN = 600, MARK_SIZE = 5 };

static struct arena *arena;

/* What the expression comes to, as the cases write it. */
static const char *result_of(const struct facts *facts, struct text expression, bool unchecked)
{
    struct rule_program *program = NULL;
    struct error error = {0};
    struct rule_source source = {.text = expression, .environment = &facts->environment, .unchecked = unchecked};
    struct rule_evaluation evaluation = {.arena = arena, .slots = facts->slots, .now = facts->now, .zone = facts->zone};
    enum status status = rule_compile(arena, &source, &program, NULL, &error);
    if (status == STATUS_OK)
        status = rule_evaluate(program, &evaluation, &error);
    const char *shown = status == STATUS_OK ? facts_show(arena, evaluation.value)
                                            : arena_format(arena, "error %s", strchr(error.code, '.') + 1);
    rule_release(program);
    return shown;
}

/* The mark is looked for from the end: an expression may hold it, a result does not. */
static char *find_mark(char *line)
{
    char *found = NULL;
    for (char *at = line; (at = strstr(at, " ==> ")) != NULL; at++)
        found = at;
    return found;
}

static void the_cases_of_the_specification_hold(void **state)
{
    FILE *file = fopen("tests/unit/rules/cases.txt", "r");
    char *line = NULL;
    size_t capacity = 0, count = 0, failed = 0;
    struct facts facts;
    (void)state;
    assert_non_null(file);
    for (int number = 1; getline(&line, &capacity, file) >= 0; number++) {
        char *mark = find_mark(line);
        line[strcspn(line, "\n")] = '\0';
        if (mark == NULL || line[0] == '#')
            continue;
        arena_reset(arena);
        facts_set(arena, &facts);
        bool unchecked = strncmp(line, "? ", 2) == 0;
        char *start = unchecked ? line + 2 : line;
        const char *got = result_of(&facts, (struct text){start, (size_t)(mark - start)}, unchecked);
        count++;
        if (strcmp(got, mark + MARK_SIZE) != 0) {
            failed++;
            print_error("cases.txt:%d: %.*s gives %s, not %s\n", number, (int)(mark - start), start, got,
                        mark + MARK_SIZE);
        }
    }
    free(line);
    fclose(file);
    assert_int_equal(failed, 0);
    assert_true(count >= CASES_MIN);
}

/* What is checked before gives what it gives without: the check can only refuse. */
static void the_check_changes_no_result(void **state)
{
    FILE *file = fopen("tests/unit/rules/cases.txt", "r");
    char *line = NULL;
    size_t capacity = 0, same = 0;
    struct facts facts;
    (void)state;
    assert_non_null(file);
    while (getline(&line, &capacity, file) >= 0) {
        char *mark = find_mark(line);
        if (mark == NULL || line[0] == '#' || strncmp(line, "? ", 2) == 0)
            continue;
        arena_reset(arena);
        facts_set(arena, &facts);
        struct text expression = {line, (size_t)(mark - line)};
        const char *checked = result_of(&facts, expression, false);
        if (strcmp(checked, "error type") == 0 || strcmp(checked, "error name") == 0 ||
            strcmp(checked, "error pattern") == 0)
            continue;
        assert_string_equal(result_of(&facts, expression, true), checked);
        same++;
    }
    free(line);
    fclose(file);
    assert_true(same >= CASES_MIN);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(ARENA_SIZE);
    return arena == NULL;
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
        cmocka_unit_test(the_cases_of_the_specification_hold),
        cmocka_unit_test(the_check_changes_no_result),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

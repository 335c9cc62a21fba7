#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "walker.h"

enum { ARENA_SIZE = 64 * 1024 * 1024, EXPRESSIONS = 20000, DEPTH = 5, SEED = 20261122 };

static struct arena *arena;

/* ---- random expressions ---- */

struct writer {
    uint64_t state;
    struct builder out;
    int loops; /* variables v0, v1 ... that are open */
};

static unsigned pick(struct writer *writer, unsigned count)
{
    writer->state ^= writer->state << 13;
    writer->state ^= writer->state >> 7;
    writer->state ^= writer->state << 17;
    return (unsigned)(writer->state >> 33) % count;
}

#define ONE_OF(writer, words) ((words)[pick((writer), sizeof(words) / sizeof(words)[0])])

static void write_any(struct writer *writer, int depth);

static void write_leaf(struct writer *writer)
{
    static const char *const leaves[] = {"0",
                                         "1",
                                         "2",
                                         "-1",
                                         "7",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "0u",
                                         "1u",
                                         "3u",
                                         "0.0",
                                         "1.0",
                                         "2.5",
                                         "-1.5",
                                         "1e300",
                                         "18446744073709551615u",
                                         "true",
                                         "false",
                                         "true",
                                         "false",
                                         "null",
                                         "''",
                                         "'a'",
                                         "'hello'",
                                         "'你'",
                                         "b'a'",
                                         "[]",
                                         "{}",
                                         "i",
                                         "j",
                                         "u",
                                         "d",
                                         "b",
                                         "s",
                                         "cn",
                                         "y",
                                         "t",
                                         "w",
                                         "li",
                                         "ls",
                                         "m",
                                         "mm",
                                         "a.b.c",
                                         "a.b.d",
                                         "m.a",
                                         "m.zz",
                                         "mm.x.y",
                                         "nothing",
                                         "zz",
                                         "last",
                                         "seen",
                                         "x.here",
                                         "x.absent",
                                         "int",
                                         "(a.b).c",
                                         "duration('1s')",
                                         "timestamp(0)",
                                         ".i"};
    if (writer->loops > 0 && pick(writer, 3) == 0)
        builder_format(&writer->out, "v%u", pick(writer, (unsigned)writer->loops));
    else
        builder_string(&writer->out, ONE_OF(writer, leaves));
}

static void write_binary(struct writer *writer, int depth)
{
    static const char *const operators[] = {"+",  "-", "*",  "/",  "%",  "==", "!=", "<",
                                            "<=", ">", ">=", "in", "&&", "||", "&&", "||"};
    builder_char(&writer->out, '(');
    write_any(writer, depth - 1);
    unsigned more = 1 + pick(writer, 2);
    const char *operation = ONE_OF(writer, operators);
    for (unsigned i = 0; i < more; i++) {
        builder_format(&writer->out, " %s ", operation);
        write_any(writer, depth - 1);
    }
    builder_char(&writer->out, ')');
}

static void write_list(struct writer *writer, int depth, bool map)
{
    unsigned count = pick(writer, 4);
    builder_char(&writer->out, map ? '{' : '[');
    for (unsigned i = 0; i < count; i++) {
        builder_string(&writer->out, i > 0 ? ", " : "");
        write_any(writer, map ? 1 : depth - 1);
        if (map) {
            builder_string(&writer->out, ": ");
            write_any(writer, depth - 1);
        }
    }
    builder_char(&writer->out, map ? '}' : ']');
}

static void write_loop(struct writer *writer, int depth)
{
    static const char *const names[] = {"all", "exists", "exists_one", "map", "filter", "map"};
    const char *name = ONE_OF(writer, names);
    if (pick(writer, 2) == 0)
        write_list(writer, depth, pick(writer, 4) == 0);
    else
        builder_string(&writer->out, pick(writer, 2) == 0 ? "li" : "m");
    builder_format(&writer->out, ".%s(v%d, ", name, writer->loops);
    writer->loops++;
    write_any(writer, depth - 1);
    if (strcmp(name, "map") == 0 && pick(writer, 2) == 0) {
        builder_string(&writer->out, ", ");
        write_any(writer, depth - 1);
    }
    writer->loops--;
    builder_char(&writer->out, ')');
}

static void write_call(struct writer *writer, int depth)
{
    static const char *const globals[] = {"size", "string", "int",      "uint",          "double",     "type",
                                          "dyn",  "bool",   "math.abs", "math.greatest", "days_since", "nonsense"};
    static const char *const receivers[] = {".size()",
                                            ".contains('l')",
                                            ".startsWith('h')",
                                            ".matches('l+')",
                                            ".getHours()",
                                            ".upperAscii()",
                                            ".reverse()",
                                            ".join('-')",
                                            ".split('')",
                                            ".foo",
                                            ".a",
                                            "[0]",
                                            "['a']",
                                            "[1u]"};
    if (pick(writer, 2) == 0) {
        builder_format(&writer->out, "%s(", ONE_OF(writer, globals));
        write_any(writer, depth - 1);
        builder_char(&writer->out, ')');
    } else {
        builder_char(&writer->out, '(');
        write_any(writer, depth - 1);
        builder_format(&writer->out, ")%s", ONE_OF(writer, receivers));
    }
}

static void write_any(struct writer *writer, int depth)
{
    static const char *const asked[] = {"has(m.a)",  "has(m.zz)", "has(mm.x.q)", "has(x.absent)",
                                        "has(zz.a)", "has(i.a)",  "has(a.b.d)"};
    unsigned kind = depth <= 0 ? 0 : pick(writer, 14);
    if (kind <= 1) {
        write_leaf(writer);
    } else if (kind <= 6) {
        write_binary(writer, depth);
    } else if (kind == 7) {
        builder_string(&writer->out, pick(writer, 2) == 0 ? "!" : "-");
        builder_char(&writer->out, '(');
        write_any(writer, depth - 1);
        builder_char(&writer->out, ')');
    } else if (kind == 8) {
        builder_char(&writer->out, '(');
        write_any(writer, depth - 1);
        builder_string(&writer->out, " ? ");
        write_any(writer, depth - 1);
        builder_string(&writer->out, " : ");
        write_any(writer, depth - 1);
        builder_char(&writer->out, ')');
    } else if (kind == 9) {
        write_list(writer, depth, pick(writer, 3) == 0);
    } else if (kind <= 11) {
        write_loop(writer, depth);
    } else if (kind == 12) {
        write_call(writer, depth);
    } else {
        builder_string(&writer->out, ONE_OF(writer, asked));
    }
}

/* ---- both ---- */

/* The machine's answer; NULL: it fails. `*refused`: the check does not let it run. */
static const char *run(const struct facts *facts, struct text expression, bool unchecked, bool *refused)
{
    struct rule_program *program;
    struct rule_source source = {.text = expression, .environment = &facts->environment, .unchecked = unchecked};
    struct rule_evaluation evaluation = {.arena = arena,
                                         .slots = facts->slots,
                                         .now = facts->now,
                                         .zone = facts->zone,
                                         .cost_max = INT64_C(1) << 40,
                                         .memory_max = 32 * 1024 * 1024};
    *refused = rule_compile(arena, &source, &program, NULL, NULL) != STATUS_OK;
    if (*refused)
        return NULL;
    enum status status = rule_evaluate(program, &evaluation, NULL);
    rule_release(program);
    return status == STATUS_OK ? facts_show(arena, evaluation.value) : NULL;
}

static bool same_answer(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void the_machine_agrees_with_a_walk_over_the_tree(void **state)
{
    struct facts facts;
    size_t answered = 0, checked = 0;
    (void)state;
    for (uint64_t i = 0; i < EXPRESSIONS; i++) {
        arena_reset(arena);
        facts_set(arena, &facts);
        struct writer writer = {.state = SEED + i * UINT64_C(0x9E3779B97F4A7C15), .out = {.arena = arena}};
        for (int warm = 0; warm < 4; warm++)
            pick(&writer, 2);
        write_any(&writer, DEPTH);
        struct text expression = builder_done(&writer.out);
        struct rule_value value;
        bool refused;
        const char *walked = walk(arena, &facts, expression, &value) ? facts_show(arena, value) : NULL;
        const char *loose = run(&facts, expression, true, &refused);
        if (!same_answer(walked, loose))
            fail_msg("%.*s: the walk gives %s, the machine %s", (int)expression.size, expression.bytes,
                     walked != NULL ? walked : "an error", loose != NULL ? loose : "an error");
        const char *strict = run(&facts, expression, false, &refused);
        if (!refused && !same_answer(walked, strict))
            fail_msg("%.*s: the walk gives %s, the checked machine %s", (int)expression.size, expression.bytes,
                     walked != NULL ? walked : "an error", strict != NULL ? strict : "an error");
        answered += walked != NULL;
        checked += !refused;
    }
    assert_true(answered > EXPRESSIONS / 10);
    assert_true(checked > EXPRESSIONS / 50);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_machine_agrees_with_a_walk_over_the_tree)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

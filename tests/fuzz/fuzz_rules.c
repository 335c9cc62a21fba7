/* fuzz_rules.c: any text as an expression: parsed, checked, compiled, run within small limits, and shown. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/instant.h"
#include "rules/rules.h"
#include "rules/value_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SLOTS = 12, ARENA_SIZE = 128 * 1024 * 1024, COST_MAX = 20000, MEMORY_MAX = 256 * 1024 };

static const struct rule_variable variables[SLOTS] = {
    {"i", &rule_type_int, NULL},       {"u", &rule_type_uint, NULL},     {"d", &rule_type_double, NULL},
    {"b", &rule_type_bool, NULL},      {"s", &rule_type_string, NULL},   {"y", &rule_type_bytes, NULL},
    {"t", &rule_type_timestamp, NULL}, {"w", &rule_type_duration, NULL}, {"ls", &rule_type_strings, NULL},
    {"m", &rule_type_map, NULL},       {"a.b", &rule_type_dyn, NULL},    {"n", &rule_type_timestamp_or_null, NULL},
};

static void run(struct arena *arena, const struct rule_source *source, const struct rule_value *slots)
{
    struct rule_program *program;
    struct rule_place place;
    struct error error = {0};
    arena_reset(arena);
    if (rule_compile(arena, source, &program, &place, &error) != STATUS_OK) {
        if (error.code[0] == '\0' || place.line < 1 || place.column < 1)
            abort();
        return;
    }
    struct rule_evaluation evaluation = {.arena = arena,
                                         .slots = slots,
                                         .now = INT64_C(1763802000000000),
                                         .cost_max = COST_MAX,
                                         .memory_max = MEMORY_MAX};
    if (rule_evaluate(program, &evaluation, &error) == STATUS_OK) {
        struct builder out = {.arena = arena};
        rule_value_json(&out, evaluation.value);
        rule_value_typed(&out, evaluation.value);
    } else if (error.code[0] == '\0') {
        abort();
    }
    rule_release(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_new(ARENA_SIZE);
    const struct rule_value words[] = {rule_string(TEXT("a")), rule_string(TEXT("你"))};
    const struct rule_entry entries[] = {{words[0], rule_int(1)}, {words[1], rule_list(words, 2)}};
    const struct rule_value slots[SLOTS] = {rule_int(-3),
                                            rule_uint(5),
                                            rule_double(2.5),
                                            rule_bool(true),
                                            rule_string(TEXT("hello")),
                                            rule_bytes(TEXT("\xff\x00")),
                                            rule_timestamp(1234567890, 5),
                                            rule_duration(-1),
                                            rule_list(words, 2),
                                            rule_map(entries, 2),
                                            rule_double(1e300),
                                            rule_null()};
    const struct rule_environment environment = {variables, SLOTS};
    struct rule_source source = {.text = {(const char *)data, size}, .environment = &environment};
    run(arena, &source, slots);
    source.unchecked = true;
    run(arena, &source, slots);
    return 0;
}

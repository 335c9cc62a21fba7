#include "facts.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "foundation/instant.h"
#include "rules/functions.h"

static struct rule_value int_list(struct arena *arena, size_t count)
{
    struct rule_value *items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = rule_int((int64_t)i + 1);
    return rule_list(items, count);
}

static struct rule_value one_entry(struct arena *arena, const char *key, struct rule_value value)
{
    struct rule_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct rule_entry){rule_string(text_from(key)), value};
    return rule_map(entry, 1);
}

static struct rule_value two_entries(struct arena *arena, const char *const keys[2], struct rule_value a,
                                     struct rule_value b)
{
    struct rule_entry *entries = arena_array(arena, 2, sizeof *entries);
    entries[0] = (struct rule_entry){rule_string(text_from(keys[0])), a};
    entries[1] = (struct rule_entry){rule_string(text_from(keys[1])), b};
    return rule_map(entries, 2);
}

static struct rule_value string(const char *text)
{
    return rule_string(text_from(text));
}

static struct rule_value letters(struct arena *arena)
{
    struct rule_value *items = arena_array(arena, 3, sizeof *items);
    items[0] = string("a");
    items[1] = string("b");
    items[2] = string("c");
    return rule_list(items, 3);
}

static void add(struct facts *facts, const char *name, const struct rule_type *type, struct rule_value value)
{
    size_t slot = facts->environment.count++;
    assert_true(slot < FACT_COUNT);
    facts->variables[slot] = (struct rule_variable){.name = name, .type = type};
    facts->slots[slot] = value;
}

void facts_set(struct arena *arena, struct facts *facts)
{
    static const char *const ab[] = {"a", "b"}, *const cd[] = {"c", "d"};
    const struct rule_type *ints = rule_type_list_of(arena, &rule_type_int);
    struct rule_value seen;
    *facts = (struct facts){0};
    facts->environment.variables = facts->variables;
    assert_true(instant_parse(TEXT("2026-11-22T09:00:00Z"), &facts->now));
    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &facts->zone, NULL), STATUS_OK);
    assert_true(timestamp_parse(TEXT("2026-11-01T08:00:00Z"), &seen));
    add(facts, "i", &rule_type_int, rule_int(3));
    add(facts, "j", &rule_type_int, rule_int(-7));
    add(facts, "u", &rule_type_uint, rule_uint(5));
    add(facts, "d", &rule_type_double, rule_double(2.5));
    add(facts, "b", &rule_type_bool, rule_bool(true));
    add(facts, "s", &rule_type_string, string("hello"));
    add(facts, "cn", &rule_type_string, string("你好世界"));
    add(facts, "y", &rule_type_bytes, rule_bytes(TEXT("abc")));
    add(facts, "t", &rule_type_timestamp, rule_timestamp(1234567890, 0));
    add(facts, "w", &rule_type_duration, rule_duration(INT64_C(5400) * RULE_NANOS));
    add(facts, "li", ints, int_list(arena, 3));
    add(facts, "ls", &rule_type_strings, letters(arena));
    add(facts, "m", rule_type_map_of(arena, &rule_type_string, &rule_type_int),
        two_entries(arena, ab, rule_int(1), rule_int(2)));
    add(facts, "mm", &rule_type_map, one_entry(arena, "x", one_entry(arena, "y", one_entry(arena, "z", rule_int(41)))));
    add(facts, "a.b.c", &rule_type_string, string("chain"));
    add(facts, "a.b", rule_type_map_of(arena, &rule_type_string, &rule_type_string),
        two_entries(arena, cd, string("oops"), string("map")));
    add(facts, "nothing", &rule_type_double_or_null, rule_null());
    add(facts, "x.here", &rule_type_double_or_null, rule_double(5.5));
    add(facts, "x.absent", &rule_type_double_or_null, rule_null());
    add(facts, "seen", &rule_type_timestamp_or_null, seen);
    add(facts, "last", &rule_type_timestamp_or_null, rule_null());
}

/* ---- showing ---- */

static void show(struct builder *out, struct rule_value value);

static void show_string(struct builder *out, struct text text)
{
    static const char escapes[] = "\nn\rr\tt\aa\bb\ff\vv\\\\\"\"";
    builder_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        const char *escape = NULL;
        for (size_t j = 0; j + 1 < sizeof escapes - 1; j += 2)
            if (escapes[j] == text.bytes[i])
                escape = &escapes[j + 1];
        if (escape != NULL)
            builder_char(out, '\\');
        builder_char(out, escape != NULL ? *escape : text.bytes[i]);
    }
    builder_char(out, '"');
}

static void show_items(struct builder *out, struct rule_value value)
{
    bool map = value.kind == RULE_MAP;
    builder_char(out, map ? '{' : '[');
    for (uint32_t i = 0; i < value.size; i++) {
        builder_string(out, i > 0 ? ", " : "");
        if (map) {
            show(out, value.entries[i].key);
            builder_string(out, ": ");
        }
        show(out, map ? value.entries[i].value : value.items[i]);
    }
    builder_char(out, map ? '}' : ']');
}

static void show_text(struct builder *out, struct rule_value value)
{
    char text[VALUE_TEXT_SIZE];
    if (value.kind == RULE_DOUBLE) {
        double_text(value.real, text);
        builder_string(out, text);
        builder_string(out, strpbrk(text, ".eNI") == NULL ? ".0" : "");
        return;
    }
    if (value.kind == RULE_TIMESTAMP)
        timestamp_text(value, text);
    else
        duration_text(value.integer, text);
    builder_char(out, value.kind == RULE_TIMESTAMP ? '@' : '~');
    builder_string(out, text);
}

static void show(struct builder *out, struct rule_value value)
{
    switch ((int)value.kind) {
    case RULE_NULL:
        builder_string(out, "null");
        break;
    case RULE_BOOL:
        builder_string(out, value.boolean ? "true" : "false");
        break;
    case RULE_INT:
        builder_integer(out, value.integer);
        break;
    case RULE_UINT:
        builder_format(out, "%lluu", (unsigned long long)value.natural);
        break;
    case RULE_STRING:
        show_string(out, rule_text(value));
        break;
    case RULE_BYTES:
        builder_string(out, "b\"");
        for (uint32_t i = 0; i < value.size; i++)
            builder_format(out, "%02x", (unsigned char)value.bytes[i]);
        builder_char(out, '"');
        break;
    case RULE_LIST:
    case RULE_MAP:
        show_items(out, value);
        break;
    case RULE_TYPE:
        builder_format(out, "type %s", rule_kind_type_name((enum rule_kind)value.integer));
        break;
    default:
        show_text(out, value);
        break;
    }
}

const char *facts_show(struct arena *arena, struct rule_value value)
{
    struct builder out = {.arena = arena};
    show(&out, value);
    builder_char(&out, '\0');
    return builder_done(&out).bytes;
}

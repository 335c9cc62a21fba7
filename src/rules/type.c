#include "rules/type.h"

#include <stddef.h>
#include <string.h>

enum { TYPE_DEPTH_MAX = 16, TEXT_DEPTH_MAX = 6 };

#define PLAIN(name, of) const struct rule_type name = {.kind = (int)(of)}
#define OR_NULL(name, of) const struct rule_type name = {.kind = (int)(of), .nullable = true}

PLAIN(rule_type_null, RULE_NULL);
PLAIN(rule_type_bool, RULE_BOOL);
PLAIN(rule_type_int, RULE_INT);
PLAIN(rule_type_uint, RULE_UINT);
PLAIN(rule_type_double, RULE_DOUBLE);
PLAIN(rule_type_string, RULE_STRING);
PLAIN(rule_type_bytes, RULE_BYTES);
PLAIN(rule_type_timestamp, RULE_TIMESTAMP);
PLAIN(rule_type_duration, RULE_DURATION);
PLAIN(rule_type_type, RULE_TYPE);
PLAIN(rule_type_dyn, RULE_TYPE_DYN);
PLAIN(rule_type_free, RULE_TYPE_FREE);
OR_NULL(rule_type_bool_or_null, RULE_BOOL);
OR_NULL(rule_type_int_or_null, RULE_INT);
OR_NULL(rule_type_double_or_null, RULE_DOUBLE);
OR_NULL(rule_type_string_or_null, RULE_STRING);
OR_NULL(rule_type_timestamp_or_null, RULE_TIMESTAMP);
const struct rule_type rule_type_strings = {.kind = RULE_LIST, .element = &rule_type_string};
const struct rule_type rule_type_list = {.kind = RULE_LIST, .element = &rule_type_dyn};
const struct rule_type rule_type_map = {.kind = RULE_MAP, .key = &rule_type_string, .element = &rule_type_dyn};
const struct rule_type rule_type_any_map = {.kind = RULE_MAP, .key = &rule_type_dyn, .element = &rule_type_dyn};

const struct rule_type *rule_type_list_of(struct arena *arena, const struct rule_type *element)
{
    struct rule_type *type = arena_alloc(arena, sizeof *type);
    *type = (struct rule_type){.kind = RULE_LIST, .element = element};
    return type;
}

const struct rule_type *rule_type_map_of(struct arena *arena, const struct rule_type *key,
                                         const struct rule_type *element)
{
    struct rule_type *type = arena_alloc(arena, sizeof *type);
    *type = (struct rule_type){.kind = RULE_MAP, .key = key, .element = element};
    return type;
}

static bool is_open(const struct rule_type *type)
{
    return type->kind == RULE_TYPE_DYN || type->kind == RULE_TYPE_FREE;
}

/* Timestamps and durations may be null wherever they stand, as in the specification. */
static bool takes_null(const struct rule_type *type)
{
    return type->nullable || type->kind == RULE_NULL || type->kind == RULE_TIMESTAMP || type->kind == RULE_DURATION;
}

bool rule_type_agrees(const struct rule_type *a, const struct rule_type *b)
{
    if (a == b || is_open(a) || is_open(b))
        return true;
    if (a->kind != b->kind)
        return (a->kind == RULE_NULL && takes_null(b)) || (b->kind == RULE_NULL && takes_null(a));
    if (a->kind == RULE_MAP && !rule_type_agrees(a->key, b->key))
        return false;
    return (a->kind != RULE_LIST && a->kind != RULE_MAP) || rule_type_agrees(a->element, b->element);
}

const struct rule_type *rule_type_join(struct arena *arena, const struct rule_type *a, const struct rule_type *b)
{
    if (a == b || b->kind == RULE_TYPE_FREE)
        return a;
    if (a->kind == RULE_TYPE_FREE)
        return b;
    if (is_open(a) || is_open(b) || !rule_type_agrees(a, b))
        return &rule_type_dyn;
    if (a->kind == RULE_LIST)
        return rule_type_list_of(arena, rule_type_join(arena, a->element, b->element));
    if (a->kind == RULE_MAP)
        return rule_type_map_of(arena, rule_type_join(arena, a->key, b->key),
                                rule_type_join(arena, a->element, b->element));
    if (a->kind == b->kind)
        return a->nullable ? a : b;
    const struct rule_type *other = a->kind == RULE_NULL ? b : a;
    struct rule_type *type = arena_alloc(arena, sizeof *type);
    *type = (struct rule_type){.kind = other->kind, .nullable = true, .key = other->key, .element = other->element};
    return type;
}

static const char *text_of(struct arena *arena, const struct rule_type *type, int depth)
{
    const char *name = is_open(type) ? "dyn" : rule_kind_name((enum rule_kind)type->kind);
    if (depth == 0)
        return "...";
    if (type->kind == RULE_LIST)
        name = arena_format(arena, "list(%s)", text_of(arena, type->element, depth - 1));
    if (type->kind == RULE_MAP)
        name = arena_format(arena, "map(%s, %s)", text_of(arena, type->key, depth - 1),
                            text_of(arena, type->element, depth - 1));
    return type->nullable ? arena_format(arena, "%s or null", name) : name;
}

const char *rule_type_text(struct arena *arena, const struct rule_type *type)
{
    return text_of(arena, type, TEXT_DEPTH_MAX);
}

const struct rule_type *rule_type_of(struct arena *arena, struct rule_value value)
{
    if (value.kind == RULE_NULL)
        return &rule_type_dyn;
    if (value.kind == RULE_MAP)
        return &rule_type_map;
    if (value.kind == RULE_LIST) {
        const struct rule_type *element = value.size == 0 ? &rule_type_dyn : &rule_type_free;
        for (uint32_t i = 0; i < value.size; i++)
            element = rule_type_join(arena, element, rule_type_of(arena, value.items[i]));
        return rule_type_list_of(arena, element);
    }
    static const struct rule_type *const plain[] = {
        [RULE_BOOL] = &rule_type_bool,           [RULE_INT] = &rule_type_int,           [RULE_UINT] = &rule_type_uint,
        [RULE_DOUBLE] = &rule_type_double,       [RULE_STRING] = &rule_type_string,     [RULE_BYTES] = &rule_type_bytes,
        [RULE_TIMESTAMP] = &rule_type_timestamp, [RULE_DURATION] = &rule_type_duration, [RULE_TYPE] = &rule_type_type,
    };
    return plain[value.kind];
}

/* ---- the text of types ---- */

struct type_reader {
    struct arena *arena;
    struct text rest;
    int depth;
};

static bool take(struct type_reader *reader, const char *mark)
{
    reader->rest = text_trim(reader->rest);
    if (!text_starts_with(reader->rest, text_from(mark)))
        return false;
    reader->rest.bytes += strlen(mark);
    reader->rest.size -= strlen(mark);
    return true;
}

static bool read_type(struct type_reader *reader, struct rule_type *out);

static bool read_inner(struct type_reader *reader, const struct rule_type **out)
{
    struct rule_type *type = arena_alloc(reader->arena, sizeof *type);
    *out = type;
    return read_type(reader, type);
}

static bool read_kind(struct type_reader *reader, struct rule_type *out)
{
    /* Longer names before those they begin with. */
    static const struct {
        const char *name;
        int kind;
    } names[] = {{"null_type", RULE_NULL}, {"null", RULE_NULL},           {"bool", RULE_BOOL},
                 {"int", RULE_INT},        {"uint", RULE_UINT},           {"double", RULE_DOUBLE},
                 {"string", RULE_STRING},  {"bytes", RULE_BYTES},         {"list", RULE_LIST},
                 {"map", RULE_MAP},        {"timestamp", RULE_TIMESTAMP}, {"duration", RULE_DURATION},
                 {"type", RULE_TYPE},      {"dyn", RULE_TYPE_DYN}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (take(reader, names[i].name)) {
            *out = (struct rule_type){.kind = names[i].kind};
            return true;
        }
    return false;
}

static bool read_type(struct type_reader *reader, struct rule_type *out)
{
    if (++reader->depth > TYPE_DEPTH_MAX || !read_kind(reader, out))
        return false;
    bool held = (out->kind == RULE_LIST || out->kind == RULE_MAP) && take(reader, "(");
    out->key = out->kind == RULE_MAP ? &rule_type_dyn : NULL;
    out->element = out->kind == RULE_LIST || out->kind == RULE_MAP ? &rule_type_dyn : NULL;
    if (held && out->kind == RULE_MAP && (!read_inner(reader, &out->key) || !take(reader, ",")))
        return false;
    if (held && (!read_inner(reader, &out->element) || !take(reader, ")")))
        return false;
    out->nullable = take(reader, "?");
    reader->depth--;
    return true;
}

bool rule_type_parse(struct arena *arena, struct text text, const struct rule_type **out)
{
    struct type_reader reader = {.arena = arena, .rest = text};
    const struct rule_type *type;
    if (!read_inner(&reader, &type) || text_trim(reader.rest).size != 0)
        return false;
    *out = type;
    return true;
}

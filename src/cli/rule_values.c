#include "cli/rule_values.h"

json_t *rule_json_parse(struct text text, struct error *err)
{
    json_error_t error;
    json_t *json = json_loadb(text.bytes, text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        error_set(err, STATUS_INVALID, "rules.vars", "vars", "not valid JSON: line %d, column %d: %s", error.line,
                  error.column, error.text);
    return json;
}

static struct rule_value string_from(struct arena *arena, const json_t *json)
{
    struct text text = {json_string_value(json), json_string_length(json)};
    return rule_string(text_copy(arena, text));
}

static struct rule_value list_from(struct arena *arena, const json_t *json)
{
    size_t count = json_array_size(json);
    struct rule_value *items = arena_array(arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = rule_value_from_json(arena, json_array_get(json, i));
    return rule_list(items, count);
}

static struct rule_value map_from(struct arena *arena, const json_t *json)
{
    struct rule_entry *entries = arena_array(arena, json_object_size(json) + 1, sizeof *entries);
    size_t count = 0;
    /* The macros of jansson for this want a pointer that is not const; nothing is changed. */
    json_t *object = (json_t *)(uintptr_t)json;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        struct text key = {json_object_iter_key(at), json_object_iter_key_len(at)};
        entries[count++] = (struct rule_entry){rule_string(text_copy(arena, key)),
                                               rule_value_from_json(arena, json_object_iter_value(at))};
    }
    return rule_map(entries, count);
}

struct rule_value rule_value_from_json(struct arena *arena, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return map_from(arena, json);
    case JSON_ARRAY:
        return list_from(arena, json);
    case JSON_STRING:
        return string_from(arena, json);
    case JSON_INTEGER:
        return rule_int(json_integer_value(json));
    case JSON_REAL:
        return rule_double(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return rule_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return rule_null();
}

static enum status start(struct arena *arena, const json_t *json, struct rule_facts *out,
                         struct rule_variable **variables, struct error *err)
{
    if (json != NULL && !json_is_object(json))
        return error_set(err, STATUS_INVALID, "rules.vars", "vars", "an object is expected, as in {\"x\": 1}");
    size_t count = json_object_size(json);
    *variables = arena_array(arena, count + 1, sizeof **variables);
    out->slots = arena_array(arena, count + 1, sizeof *out->slots);
    out->environment = (struct rule_environment){*variables, count};
    return STATUS_OK;
}

enum status rule_facts_from_json(struct arena *arena, const json_t *json, struct rule_facts *out, struct error *err)
{
    struct rule_variable *variables;
    enum status status = start(arena, json, out, &variables, err);
    if (status != STATUS_OK || json == NULL)
        return status;
    struct rule_value all = rule_value_from_json(arena, json);
    for (uint32_t i = 0; i < all.size; i++) {
        const struct rule_entry *entry = &all.entries[i];
        variables[i] = (struct rule_variable){.name = text_string(arena, rule_text(entry->key)),
                                              .type = rule_type_of(arena, entry->value)};
        out->slots[i] = entry->value;
    }
    return STATUS_OK;
}

enum status rule_facts_declare(struct arena *arena, const json_t *json, struct rule_facts *out, struct error *err)
{
    struct rule_variable *variables;
    enum status status = start(arena, json, out, &variables, err);
    if (status != STATUS_OK || json == NULL)
        return status;
    struct rule_value all = rule_value_from_json(arena, json);
    for (uint32_t i = 0; i < all.size; i++) {
        const struct rule_entry *entry = &all.entries[i];
        variables[i].name = text_string(arena, rule_text(entry->key));
        if (entry->value.kind != RULE_STRING || !rule_type_parse(arena, rule_text(entry->value), &variables[i].type))
            return error_set(err, STATUS_INVALID, "rules.vars", "types",
                             "the type of '%s' is not known; types are int, uint, double, bool, string, bytes, "
                             "timestamp, duration, list(...), map(..., ...), dyn",
                             variables[i].name);
    }
    return STATUS_OK;
}

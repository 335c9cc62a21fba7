#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "features/exchange/mapping.h"

static const char *const group_names[] = {"auto", "none", "receipt"};

/* Plain text members of the document. */
static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    {"zone", offsetof(struct mapping, zone)},
    {"date_format", offsetof(struct mapping, date_format)},
    {"format", offsetof(struct mapping, format)},
    {"encoding", offsetof(struct mapping, encoding)},
    {"delimiter", offsetof(struct mapping, delimiter)},
    {"header", offsetof(struct mapping, header)},
    {"columns", offsetof(struct mapping, column_names)},
};

static json_t *json_text(struct text text)
{
    return json_stringn(text.size == 0 ? "" : text.bytes, text.size);
}

struct text mapping_write(const struct mapping *mapping, struct arena *arena)
{
    json_t *root = json_object();
    json_t *map = json_object();
    json_t *set = json_object();
    json_object_set_new(root, "kind", json_string(import_kind_name(mapping->kind)));
    for (int i = 0; i < IMPORT_FIELDS; i++) {
        const char *name = import_field_name((enum import_field)i);
        if (mapping->names[i].size > 0)
            json_object_set_new(map, name, json_text(mapping->names[i]));
        if (mapping->constants[i].size > 0)
            json_object_set_new(set, name, json_text(mapping->constants[i]));
    }
    json_object_set_new(root, "map", map);
    json_object_set_new(root, "set", set);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct text *text = (const struct text *)(const void *)((const char *)mapping + texts[i].offset);
        if (text->size > 0)
            json_object_set_new(root, texts[i].name, json_text(*text));
    }
    if (mapping->decimal_comma)
        json_object_set_new(root, "decimal_comma", json_true());
    json_object_set_new(root, "group", json_string(group_names[mapping->group]));
    char *dump = json_dumps(root, JSON_COMPACT);
    struct text document = text_copy(arena, text_from(dump));
    free(dump);
    json_decref(root);
    return document;
}

static enum status document_fault(const char *member, struct error *err)
{
    return error_set(err, STATUS_INVALID, "mapping.document", member, "the member '%s' of the mapping is not valid",
                     member);
}

static enum status read_pairs(struct arena *arena, struct mapping *out, const json_t *pairs, bool columns,
                              struct error *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)pairs, key, value)
    {
        if (!json_is_string(value))
            return document_fault(key, err);
        struct text option = text_from(arena_format(arena, "%s=%s", key, json_string_value(value)));
        enum status status =
            columns ? mapping_set_column(out, arena, option, err) : mapping_set_constant(out, arena, option, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status read_member(struct arena *arena, struct mapping *out, const char *key, const json_t *value,
                               struct error *err)
{
    if (strcmp(key, "kind") == 0)
        return STATUS_OK;
    if (strcmp(key, "map") == 0 || strcmp(key, "set") == 0) {
        if (!json_is_object(value))
            return document_fault(key, err);
        return read_pairs(arena, out, value, key[0] == 'm', err);
    }
    if (strcmp(key, "decimal_comma") == 0) {
        if (!json_is_boolean(value))
            return document_fault(key, err);
        out->decimal_comma = json_is_true(value);
        return STATUS_OK;
    }
    if (!json_is_string(value) || json_string_length(value) > MAPPING_OPTION_MAX * 16)
        return document_fault(key, err);
    for (size_t i = 0; i < sizeof group_names / sizeof group_names[0]; i++)
        if (strcmp(key, "group") == 0 && strcmp(json_string_value(value), group_names[i]) == 0) {
            out->group = (enum import_group)i;
            return STATUS_OK;
        }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(key, texts[i].name) == 0) {
            *(struct text *)(void *)((char *)out + texts[i].offset) =
                text_copy(arena, (struct text){json_string_value(value), json_string_length(value)});
            return STATUS_OK;
        }
    return document_fault(key, err);
}

enum status mapping_read(struct arena *arena, struct text json, struct mapping *out, struct error *err)
{
    json_error_t error;
    json_t *root = json_loadb(json.size == 0 ? "" : json.bytes, json.size, JSON_REJECT_DUPLICATES, &error);
    struct mapping mapping;
    enum import_kind kind = IMPORT_PURCHASES;
    const char *name = json_string_value(json_object_get(root, "kind"));
    enum status status = STATUS_OK;
    if (!json_is_object(root))
        status = error_set(err, STATUS_INVALID, "mapping.document", "", "a mapping is a JSON object");
    else if (!import_kind_from(text_from(name), &kind))
        status = document_fault("kind", err);
    mapping_start(&mapping, kind);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(root, key, value)
    {
        if (status == STATUS_OK)
            status = read_member(arena, &mapping, key, value, err);
    }
    json_decref(root);
    if (status == STATUS_OK)
        *out = mapping;
    return status;
}

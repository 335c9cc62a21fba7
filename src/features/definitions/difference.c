#include "features/definitions/difference.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct comparing {
    struct arena *arena;
    struct difference *found;
    size_t count, capacity;
};

static void compare(struct comparing *comparing, const char *path, json_t *before, json_t *after);

/* ---- what is found ---- */

static struct text write_json(struct arena *arena, const json_t *value)
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct text copy = text_copy(arena, text_from(text));

    free(text);
    return copy;
}

static void add(struct comparing *comparing, const char *path, const json_t *before, const json_t *after)
{
    comparing->found = arena_grow(comparing->arena, comparing->found, &comparing->capacity, comparing->count + 1,
                                  sizeof *comparing->found);
    comparing->found[comparing->count++] = (struct difference){.path = text_from(path),
                                                               .before = write_json(comparing->arena, before),
                                                               .after = write_json(comparing->arena, after)};
}

/* ---- objects ---- */

static const char *path_of(struct arena *arena, const char *path, const char *name)
{
    return path[0] == '\0' ? arena_string(arena, name, strlen(name)) : arena_format(arena, "%s.%s", path, name);
}

static void compare_objects(struct comparing *comparing, const char *path, json_t *before, json_t *after)
{
    const char *key;
    json_t *value;

    json_object_foreach(before, key, value)
    {
        compare(comparing, path_of(comparing->arena, path, key), value, json_object_get(after, key));
    }
    json_object_foreach(after, key, value)
    {
        if (json_object_get(before, key) == NULL)
            compare(comparing, path_of(comparing->arena, path, key), NULL, value);
    }
}

/* ---- lists ---- */

/* The codes of a list as an object from code to element; NULL unless each element has one of its own. */
static json_t *by_code(const json_t *list)
{
    json_t *codes = json_object(), *element;
    size_t i;

    json_array_foreach(list, i, element)
    {
        const char *code = json_string_value(json_object_get(element, "code"));
        if (code == NULL || json_object_get(codes, code) != NULL || json_object_set(codes, code, element) != 0) {
            json_decref(codes);
            return NULL;
        }
    }
    return codes;
}

/* The codes of `of` that are in `other` too, in their order. */
static json_t *common_codes(const json_t *of, const json_t *other)
{
    json_t *codes = json_array(), *element;
    size_t i;

    json_array_foreach(of, i, element)
    {
        json_t *code = json_object_get(element, "code");
        if (json_object_get(other, json_string_value(code)) != NULL)
            json_array_append(codes, code);
    }
    return codes;
}

struct coded {
    json_t *list, *codes;
};

static void compare_coded(struct comparing *comparing, const char *path, const struct coded *before,
                          const struct coded *after)
{
    json_t *order_before = common_codes(before->list, after->codes);
    json_t *order_after = common_codes(after->list, before->codes);
    const char *code;
    json_t *element;

    if (!json_equal(order_before, order_after))
        add(comparing, path, order_before, order_after);
    json_decref(order_before);
    json_decref(order_after);
    json_object_foreach(before->codes, code, element)
    {
        compare(comparing, arena_format(comparing->arena, "%s[%s]", path, code), element,
                json_object_get(after->codes, code));
    }
    json_object_foreach(after->codes, code, element)
    {
        if (json_object_get(before->codes, code) == NULL)
            compare(comparing, arena_format(comparing->arena, "%s[%s]", path, code), NULL, element);
    }
}

static void compare_lists(struct comparing *comparing, const char *path, json_t *before, json_t *after)
{
    struct coded coded_before = {before, by_code(before)}, coded_after = {after, by_code(after)};
    size_t size = json_array_size(before) > json_array_size(after) ? json_array_size(before) : json_array_size(after);

    if (coded_before.codes != NULL && coded_after.codes != NULL)
        compare_coded(comparing, path, &coded_before, &coded_after);
    else
        for (size_t i = 0; i < size; i++)
            compare(comparing, arena_format(comparing->arena, "%s[%zu]", path, i), json_array_get(before, i),
                    json_array_get(after, i));
    json_decref(coded_before.codes);
    json_decref(coded_after.codes);
}

static void compare(struct comparing *comparing, const char *path, json_t *before, json_t *after)
{
    if (json_is_object(before) && json_is_object(after))
        compare_objects(comparing, path, before, after);
    else if (json_is_array(before) && json_is_array(after))
        compare_lists(comparing, path, before, after);
    else if (before == NULL || after == NULL || !json_equal(before, after))
        add(comparing, path, before, after);
}

/* ---- documents ---- */

static enum status load(struct text document, json_t **out, struct error *err)
{
    json_error_t problem;

    *out =
        document.size > 0 ? json_loadb(document.bytes, document.size, JSON_REJECT_DUPLICATES, &problem) : json_object();
    if (*out == NULL)
        return error_set(err, STATUS_INVALID, "programme.syntax", "", "line %d, column %d: %s", problem.line,
                         problem.column, problem.text);
    return STATUS_OK;
}

enum status difference_find(struct arena *arena, struct text before, struct text after, struct difference **out,
                            size_t *count, struct error *err)
{
    struct comparing comparing = {.arena = arena};
    json_t *left, *right;
    enum status status = load(before, &left, err);

    if (status != STATUS_OK)
        return status;
    status = load(after, &right, err);
    if (status == STATUS_OK) {
        compare(&comparing, "", left, right);
        *out = comparing.found;
        *count = comparing.count;
        json_decref(right);
    }
    json_decref(left);
    return status;
}

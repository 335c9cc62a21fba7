#include "features/library/library.h"

#include <jansson.h>
#include <stdlib.h>

const char *const ready_languages[] = {"en", "zh-CN", "zh-TW", NULL};

enum status ready_programme_find(struct text name, const struct ready_programme **out, struct error *err)
{
    char names[ERROR_MESSAGE_SIZE / 2];
    size_t used = 0;
    for (size_t i = 0; i < ready_programme_count; i++) {
        if (text_equals(name, ready_programmes[i].name)) {
            *out = &ready_programmes[i];
            return STATUS_OK;
        }
        for (const char *c = ready_programmes[i].name; *c != '\0' && used + 3 < sizeof names; c++)
            names[used++] = *c;
        names[used++] = ',';
        names[used++] = ' ';
    }
    names[used >= 2 ? used - 2 : 0] = '\0';
    return error_set(err, STATUS_MISSING, "programme.not_ready", "", "no ready programme has this name; there are %s",
                     names);
}

/* ---- languages ---- */

static bool is_for_people(const json_t *value)
{
    if (!json_is_object(value) || json_object_size(value) != READY_LANGUAGES)
        return false;
    for (int i = 0; i < READY_LANGUAGES; i++)
        if (!json_is_string(json_object_get(value, ready_languages[i])))
            return false;
    return true;
}

/* A new reference. */
static json_t *resolved(json_t *value, enum ready_language language)
{
    const char *name;
    json_t *member;
    size_t i;
    if (is_for_people(value))
        return json_incref(json_object_get(value, ready_languages[language]));
    if (json_is_object(value)) {
        json_t *object = json_object();
        json_object_foreach(value, name, member) json_object_set_new(object, name, resolved(member, language));
        return object;
    }
    if (json_is_array(value)) {
        json_t *list = json_array();
        json_array_foreach(value, i, member) json_array_append_new(list, resolved(member, language));
        return list;
    }
    return json_incref(value);
}

enum status ready_text(struct arena *arena, struct text json, enum ready_language language, struct text *out,
                       struct error *err)
{
    json_error_t problem;
    json_t *root = json_loadb(json.bytes, json.size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        return error_set(err, STATUS_DEFECT, "programme.ready", "", "line %d: %s", problem.line, problem.text);
    json_t *value = resolved(root, language);
    char *text = json_dumps(value, JSON_COMPACT);
    *out = text_copy(arena, text_from(text));
    free(text);
    json_decref(value);
    json_decref(root);
    return STATUS_OK;
}

bool ready_member(struct arena *arena, struct text json, const char *name, struct text *out)
{
    json_t *root = json_loadb(json.bytes, json.size, 0, NULL);
    const char *value = json_string_value(json_object_get(root, name));
    if (value != NULL)
        *out = text_copy(arena, text_from(value));
    json_decref(root);
    return value != NULL;
}

enum status ready_lines(struct arena *arena, const struct ready_programme *programme, enum ready_language language,
                        struct text *out, struct error *err)
{
    struct builder lines = {.arena = arena};
    struct text rest = programme->definitions, document;
    enum status status = ready_text(arena, programme->programme, language, &document, err);
    builder_string(&lines, "{\"kind\":\"programme\",\"document\":");
    builder_text(&lines, document);
    builder_string(&lines, "}\n");
    while (status == STATUS_OK && rest.size > 0) {
        size_t end = 0;
        while (end < rest.size && rest.bytes[end] != '\n')
            end++;
        if (end > 0) {
            status = ready_text(arena, (struct text){rest.bytes, end}, language, &document, err);
            builder_text(&lines, document);
            builder_char(&lines, '\n');
        }
        rest = (struct text){rest.bytes + end + (end < rest.size), rest.size - end - (end < rest.size)};
    }
    *out = builder_done(&lines);
    return status;
}

#include "features/programme/programme_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "foundation/nearest.h"

const char *object_path(const struct object *object, const char *name)
{
    return object->path[0] == '\0' ? name : arena_format(object->arena, "%s.%s", object->path, name);
}

enum status object_refuse(const struct object *object, const char *name, const char *sentence)
{
    return error_set(object->err, STATUS_INVALID, "programme.invalid", object_path(object, name), "%s", sentence);
}

/* Fails on a field that is not in `names` (ends with NULL), and on anything but an object. */
enum status object_check(const struct object *object, const char *const *names)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object->json))
        return error_set(object->err, STATUS_INVALID, "programme.invalid", object->path, "an object is expected");
    json_object_foreach(object->json, key, value)
    {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return error_set(object->err, STATUS_INVALID, "programme.unknown_field", object_path(object, key),
                             "there is no field '%.40s' here", key);
    }
    return STATUS_OK;
}

enum status object_missing(const struct object *object, const char *name)
{
    return error_set(object->err, STATUS_INVALID, "programme.missing_field", object_path(object, name),
                     "'%s' must be given", name);
}

/* ---- plain fields: without the field, `*out` stays as it is ---- */

enum status object_text(const struct object *object, const char *name, bool required, size_t size_max, struct text *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return required ? object_missing(object, name) : STATUS_OK;
    if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) > size_max)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", object_path(object, name),
                         "a text of 1 to %zu bytes is expected", size_max);
    *out = text_copy(object->arena, (struct text){json_string_value(value), json_string_length(value)});
    return STATUS_OK;
}

bool object_code_is_valid(struct text code)
{
    for (size_t i = 0; i < code.size; i++) {
        unsigned char c = (unsigned char)code.bytes[i];
        if (c <= ' ' || c == '"' || c == '\\' || c == ':' || c == '/' || c == 0x7f)
            return false;
    }
    return code.size > 0 && code.size <= CODE_SIZE_MAX;
}

enum status object_code(const struct object *object, const char *name, bool required, struct text *out)
{
    enum status status = object_text(object, name, required, CODE_SIZE_MAX, out);

    if (status == STATUS_OK && out->size > 0 && !object_code_is_valid(*out))
        return object_refuse(object, name, "a code has no spaces, quotes, colons or slashes");
    return status;
}

enum status object_boolean(const struct object *object, const char *name, bool *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_boolean(value))
        return object_refuse(object, name, "true or false is expected");
    *out = json_is_true(value);
    return STATUS_OK;
}

enum status object_integer(const struct object *object, const char *name, bool required, struct range range,
                           int64_t *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return required ? object_missing(object, name) : STATUS_OK;
    if (!json_is_integer(value) || json_integer_value(value) < range.minimum ||
        json_integer_value(value) > range.maximum)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", object_path(object, name),
                         "a whole number from %lld to %lld is expected", (long long)range.minimum,
                         (long long)range.maximum);
    *out = json_integer_value(value);
    return STATUS_OK;
}

enum status object_int(const struct object *object, const char *name, bool required, struct range range, int *out)
{
    int64_t wide = *out;
    enum status status = object_integer(object, name, required, range, &wide);

    if (status == STATUS_OK)
        *out = (int)wide;
    return status;
}

/* One of `words` (ends with NULL); `*out` is its index. */
enum status object_word(const struct object *object, const char *name, bool required, const char *const *words,
                        int *out)
{
    json_t *value = json_object_get(object->json, name);
    struct builder known = {.arena = object->arena};

    if (value == NULL)
        return required ? object_missing(object, name) : STATUS_OK;
    for (int i = 0; words[i] != NULL; i++) {
        if (json_is_string(value) && strcmp(json_string_value(value), words[i]) == 0) {
            *out = i;
            return STATUS_OK;
        }
        builder_format(&known, "%s'%s'", i > 0 ? ", " : "", words[i]);
    }
    struct text list = builder_done(&known);
    return error_set(object->err, STATUS_INVALID, "programme.invalid", object_path(object, name),
                     "one of %.*s is expected", (int)list.size, list.bytes);
}

/* An amount of the programme's currency, as a decimal text. */
enum status object_money(const struct object *object, const char *name, bool required, int64_t minimum, int64_t *out)
{
    json_t *value = json_object_get(object->json, name);
    int64_t minor;

    if (value == NULL)
        return required ? object_missing(object, name) : STATUS_OK;
    if (!json_is_string(value))
        return object_refuse(object, name, "an amount as text is expected, such as \"1.00\"");
    struct text decimal = {json_string_value(value), json_string_length(value)};
    if (money_parse(decimal, object->programme->exponent, &minor, object->err) != STATUS_OK) {
        char message[ERROR_MESSAGE_SIZE];
        snprintf(message, sizeof message, "%s", object->err != NULL ? object->err->message : "not an amount");
        return object_refuse(object, name, message);
    }
    if (minor < minimum)
        return object_refuse(
            object, name, minimum > 0 ? "an amount above zero is expected" : "an amount of at least zero is expected");
    *out = minor;
    return STATUS_OK;
}

/* "1.5", 1.5 or 2: at most four decimals, 0 to 1000. */
enum status object_factor(const struct object *object, const char *name, bool required, int64_t *out)
{
    json_t *value = json_object_get(object->json, name);
    int64_t factor = -1;

    if (value == NULL)
        return required ? object_missing(object, name) : STATUS_OK;
    if (json_is_string(value)) {
        struct text decimal = {json_string_value(value), json_string_length(value)};
        if (money_parse(decimal, 4, &factor, NULL) != STATUS_OK)
            factor = -1;
    } else if (json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) <= 1000) {
        double scaled = json_number_value(value) * FACTOR_SCALE;
        factor = llround(scaled);
        if (fabs(scaled - (double)factor) > 1e-6)
            factor = -1;
    }
    if (factor < 0 || factor > 1000 * FACTOR_SCALE)
        return object_refuse(object, name, "a factor from 0 to 1000 with at most four decimals is expected");
    *out = factor;
    return STATUS_OK;
}

enum status object_instant(const struct object *object, const char *name, int64_t *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_string(value) ||
        !instant_parse((struct text){json_string_value(value), json_string_length(value)}, out))
        return object_refuse(object, name, "an RFC 3339 time is expected");
    return STATUS_OK;
}

enum status object_codes(const struct object *object, const char *name, const struct text **out, size_t *count)
{
    json_t *value = json_object_get(object->json, name);
    size_t size = json_array_size(value);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_array(value) || size > MULTIPLIER_CODES_MAX)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", object_path(object, name),
                         "a list of at most %d codes is expected", MULTIPLIER_CODES_MAX);
    struct text *codes = arena_array(object->arena, size, sizeof *codes);
    for (size_t i = 0; i < size; i++) {
        json_t *code = json_array_get(value, i);
        if (!json_is_string(code) || json_string_length(code) == 0 || json_string_length(code) > CODE_SIZE_MAX)
            return error_set(object->err, STATUS_INVALID, "programme.invalid",
                             arena_format(object->arena, "%s[%zu]", object_path(object, name), i),
                             "a code of 1 to %d bytes is expected", CODE_SIZE_MAX);
        codes[i] = text_copy(object->arena, (struct text){json_string_value(code), json_string_length(code)});
    }
    *out = codes;
    *count = size;
    return STATUS_OK;
}

/* ---- nested objects ---- */

struct object object_nested(const struct object *object, const char *name)
{
    struct object inner = *object;

    inner.json = json_object_get(object->json, name);
    inner.path = object_path(object, name);
    return inner;
}

struct object object_element(const struct object *object, const char *name, size_t index)
{
    struct object inner = *object;

    inner.json = json_array_get(json_object_get(object->json, name), index);
    inner.path = arena_format(object->arena, "%s[%zu]", object_path(object, name), index);
    return inner;
}

/* The size of the list `name`, checked against its limits. */
enum status object_list(const struct object *object, const char *name, struct range range, size_t *count)
{
    json_t *value = json_object_get(object->json, name);

    *count = json_array_size(value);
    if ((value != NULL && !json_is_array(value)) || (int64_t)*count < range.minimum || (int64_t)*count > range.maximum)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", object_path(object, name),
                         "a list of %lld to %lld is expected", (long long)range.minimum, (long long)range.maximum);
    return STATUS_OK;
}

const char *programme_no_wallet(struct arena *arena, const struct programme *programme, struct text wallet)
{
    struct nearest nearest = nearest_start(wallet);

    for (size_t i = 0; i < programme->wallet_count; i++)
        nearest_try(&nearest, programme->wallets[i].code);
    if (nearest.best.size == 0)
        return arena_format(arena, "there is no points account '%.*s'", (int)wallet.size, wallet.bytes);
    return arena_format(arena, "there is no points account '%.*s'; did you mean '%.*s'?", (int)wallet.size,
                        wallet.bytes, (int)nearest.best.size, nearest.best.bytes);
}

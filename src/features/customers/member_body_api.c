#include "features/customers/member_body_api.h"

#include <string.h>

#include <jansson.h>

#include "features/customers/members_store.h"

/* ---- consents ---- */

static const char *const consent_states[] = {"granted", "withdrawn", NULL};

static const struct field consent_fields[] = {
    {.name = "channel",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct consent_body, channel),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "email, sms, wechat ...; * for all."},
    {.name = "purpose",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct consent_body, purpose),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "marketing, service, research ...; * for all."},
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct consent_body, state),
     .choices = consent_states},
    {.name = "source",
     .type = FIELD_TEXT,
     .offset = offsetof(struct consent_body, source),
     .maximum = 100,
     .about = "Where it was said: desk, portal, import ... An import overrules neither a newer word nor an erasure."},
    {.name = "wording",
     .type = FIELD_TEXT,
     .offset = offsetof(struct consent_body, wording),
     .maximum = 100,
     .about = "The version of the text that was agreed to."},
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct consent_body, at)},
};
const struct shape consent_body_shape = {
    .name = "ConsentGiven", .size = sizeof(struct consent_body), SHAPE_FIELDS(consent_fields)};

const struct consent *consent_bodies(const struct call *call, struct json_list list)
{
    struct consent *consents = arena_array(call->arena, list.count + 1, sizeof *consents);

    for (size_t i = 0; i < list.count; i++) {
        const struct consent_body *body = &((const struct consent_body *)list.items)[i];
        consents[i] = (struct consent){.channel = body->channel,
                                       .purpose = body->purpose,
                                       .state = text_from(consent_states[body->state]),
                                       .at = body->at,
                                       .source = body->source.size > 0 ? body->source : TEXT("api"),
                                       .wording = body->wording,
                                       .author = call->actor};
    }
    return consents;
}

/* ---- custom fields ---- */

static bool is_choice(const struct custom_field *field, const json_t *value)
{
    json_t *choices = json_loadb(field->choices.bytes, field->choices.size, 0, NULL), *choice;
    bool found = false;
    size_t i;

    json_array_foreach(choices, i, choice) found |= json_equal(choice, value) != 0;
    json_decref(choices);
    return found;
}

static bool is_decimal(const char *text)
{
    size_t sign = text[0] == '-', whole = strspn(text + sign, "0123456789"), part = 0;
    const char *rest = text + sign + whole;

    if (*rest == '.')
        part = strspn(rest + 1, "0123456789");
    return whole > 0 && whole + part <= 18 && (*rest == '\0' || (part > 0 && rest[1 + part] == '\0'));
}

/* Decimals, days and instants are texts, exact as they were given. */
static bool value_fits(const struct custom_field *field, const json_t *value)
{
    const char *string = json_string_value(value);
    int64_t instant;
    int32_t day;

    if (text_equals(field->type, "integer"))
        return json_is_integer(value);
    if (text_equals(field->type, "boolean"))
        return json_is_boolean(value);
    if (string == NULL)
        return false;
    if (text_equals(field->type, "decimal"))
        return is_decimal(string);
    if (text_equals(field->type, "day"))
        return day_parse(text_from(string), &day);
    if (text_equals(field->type, "instant"))
        return instant_parse(text_from(string), &instant);
    if (text_equals(field->type, "choice"))
        return is_choice(field, value);
    return strlen(string) <= 1000;
}

static const struct custom_field *find_definition(const struct custom_field *fields, size_t count, const char *code)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals(fields[i].code, code))
            return &fields[i];
    return NULL;
}

static enum status add_value(struct call *call, const struct custom_field *field, const char *code, const json_t *value,
                             struct field_value *out, struct error *err)
{
    char path[ERROR_FIELD_SIZE];
    snprintf(path, sizeof path, "custom.%s", code);
    if (field == NULL)
        return error_set(err, STATUS_INVALID, "custom.unknown", path, "there is no custom field '%s'", code);
    *out = (struct field_value){.field = field->code};
    if (json_is_null(value))
        return field->required ? error_set(err, STATUS_INVALID, "custom.required", path, "'%s' is required", code)
                               : STATUS_OK;
    if (!value_fits(field, value))
        return error_set(err, STATUS_INVALID, "custom.type", path, "'%s' holds %.*s", code, (int)field->type.size,
                         field->type.bytes);
    char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    out->value = text_copy(call->arena, text_from(json));
    free(json);
    return STATUS_OK;
}

static enum status read_values(struct call *call, json_t *object, const struct custom_field *fields, size_t count,
                               struct profile_patch *patch, struct error *err)
{
    struct field_value *values = arena_array(call->arena, json_object_size(object) + 1, sizeof *values);
    const char *code;
    json_t *value;

    json_object_foreach(object, code, value)
    {
        const struct custom_field *field = find_definition(fields, count, code);
        enum status status = add_value(call, field, code, value, &values[patch->custom_count], err);
        if (status != STATUS_OK)
            return status;
        patch->custom_count++;
    }
    patch->custom = values;
    return STATUS_OK;
}

static enum status check_required(const struct profile_patch *patch, const struct custom_field *fields, size_t count,
                                  struct error *err)
{
    for (size_t f = 0; f < count; f++) {
        bool given = !fields[f].required;
        for (size_t i = 0; !given && i < patch->custom_count; i++)
            given = text_equal(patch->custom[i].field, fields[f].code);
        if (!given)
            return error_set(err, STATUS_INVALID, "custom.required", "custom", "'%.*s' is required",
                             (int)fields[f].code.size, fields[f].code.bytes);
    }
    return STATUS_OK;
}

static enum status patch_custom(struct call *call, struct text custom, bool whole, struct profile_patch *patch,
                                struct error *err)
{
    struct storage_session *session;
    struct custom_field *fields;
    size_t count = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = custom_fields_read(session, call->arena, &fields, &count, err);
    call_read_end(call, session);
    if (status == STATUS_OK && custom.size > 0) {
        json_t *object = json_loadb(custom.bytes, custom.size, 0, NULL);
        status = read_values(call, object, fields, count, patch, err);
        json_decref(object);
    }
    return status == STATUS_OK && whole ? check_required(patch, fields, count, err) : status;
}

enum status profile_body_patch(struct call *call, const struct profile_body *body, bool whole,
                               struct profile_patch *patch, struct error *err)
{
    *patch = (struct profile_patch){0};
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++) {
        patch->fields[i] = body->fields[i];
        patch->given[i] = body->presence[i] != PRESENCE_ABSENT;
    }
    return whole || body->custom.size > 0 ? patch_custom(call, body->custom, whole, patch, err) : STATUS_OK;
}

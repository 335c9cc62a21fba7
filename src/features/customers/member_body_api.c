#include "features/customers/member_body_api.h"

#include <stdio.h>
#include <string.h>

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

/* Values are compact JSON, and so are the choices: equal texts are equal values. */
static bool is_choice(const struct custom_field *field, struct text value)
{
    for (size_t i = 0; i + value.size < field->choices.size; i++)
        if (memcmp(field->choices.bytes + i, value.bytes, value.size) == 0 &&
            strchr("[,", i == 0 ? '[' : field->choices.bytes[i - 1]) != NULL &&
            strchr(",]", field->choices.bytes[i + value.size]) != NULL)
            return true;
    return false;
}

static bool is_decimal(struct text value)
{
    size_t digits = 0, points = 0;

    for (size_t i = 0; i < value.size; i++) {
        bool digit = value.bytes[i] >= '0' && value.bytes[i] <= '9';
        digits += digit;
        points += value.bytes[i] == '.' && digits > 0 && i + 1 < value.size;
        if (!digit && !(value.bytes[i] == '-' && i == 0) &&
            !(value.bytes[i] == '.' && digits > 0 && i + 1 < value.size))
            return false;
    }
    return digits > 0 && digits <= 18 && points <= 1;
}

/* Decimals, days and instants are texts, exact as they were given. */
static bool value_fits(const struct custom_field *field, struct text value)
{
    bool quoted = value.size >= 2 && value.bytes[0] == '"';
    struct text inner = {value.bytes + 1, quoted ? value.size - 2 : 0};
    int64_t number;
    int32_t day;

    if (text_equals(field->type, "integer"))
        return text_to_integer(value, &number);
    if (text_equals(field->type, "boolean"))
        return text_equals(value, "true") || text_equals(value, "false");
    if (!quoted)
        return false;
    if (text_equals(field->type, "decimal"))
        return is_decimal(inner);
    if (text_equals(field->type, "day"))
        return day_parse(inner, &day);
    if (text_equals(field->type, "instant"))
        return instant_parse(inner, &number);
    return !text_equals(field->type, "choice") || is_choice(field, value);
}

/* The definitions as a shape: value and presence of field i. */
struct custom_values {
    struct text values[CUSTOM_FIELDS_MAX];
    unsigned char presence[CUSTOM_FIELDS_MAX];
};

static enum status read_values(struct call *call, struct text custom, const struct custom_field *fields, size_t count,
                               struct custom_values *out, struct error *err)
{
    struct field *table = arena_array(call->arena, count + 1, sizeof *table);
    struct shape shape = {.name = "Custom", .size = sizeof *out, .fields = table, .field_count = count};

    for (size_t i = 0; i < count; i++)
        table[i] = (struct field){.name = text_string(call->arena, fields[i].code),
                                  .type = FIELD_JSON,
                                  .flags = FIELD_NULLABLE,
                                  .offset = offsetof(struct custom_values, values) + i * sizeof(struct text),
                                  .presence = offsetof(struct custom_values, presence) + i,
                                  .maximum = CUSTOM_VALUE_SIZE_MAX};
    enum status status = shape_read_text(call->arena, &shape, custom, out, err);
    if (status != STATUS_OK)
        error_prefix_field(err, "custom.");
    return status;
}

static enum status add_values(struct call *call, const struct custom_field *fields, size_t count,
                              const struct custom_values *given, struct profile_patch *patch, struct error *err)
{
    struct field_value *values = arena_array(call->arena, count + 1, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        char path[ERROR_FIELD_SIZE];
        snprintf(path, sizeof path, "custom.%.*s", (int)fields[i].code.size, fields[i].code.bytes);
        if (given->presence[i] == PRESENCE_ABSENT)
            continue;
        if (given->presence[i] == PRESENCE_NULL && fields[i].required)
            return error_set(err, STATUS_INVALID, "custom.required", path, "the field is required");
        if (given->presence[i] == PRESENCE_GIVEN && !value_fits(&fields[i], given->values[i]))
            return error_set(err, STATUS_INVALID, "custom.type", path, "the field holds %.*s", (int)fields[i].type.size,
                             fields[i].type.bytes);
        values[patch->custom_count++] = (struct field_value){
            fields[i].code, given->presence[i] == PRESENCE_GIVEN ? given->values[i] : (struct text){NULL, 0}};
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
        struct custom_values *given = arena_alloc(call->arena, sizeof *given);
        status = read_values(call, custom, fields, count, given, err);
        if (status == STATUS_OK)
            status = add_values(call, fields, count, given, patch, err);
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

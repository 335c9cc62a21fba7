#include <jansson.h>
#include <string.h>

#include "features/events/events.h"
#include "foundation/nearest.h"

static const char *const property_types[] = {"text", "integer", "decimal", "boolean", "day", "instant", "choice"};

/* What Patron journals itself, and words that it may need. */
static const char *const reserved_kinds[] = {
    "activation",   "adjustment",      "anniversary", "answer",     "birthday",      "capture",      "churn_reason",
    "claim",        "contact",         "erasure",     "expiry",     "hold",          "hold_timeout", "household",
    "join",         "leave",           "merge",       "migration",  "move",          "organisation", "pin",
    "purchase",     "quote",           "quote_ended", "redemption", "register",      "registration", "release",
    "return",       "reversal",        "share",       "task",       "task_assigned", "task_changed", "task_done",
    "task_dropped", "task_escalation", "task_taken",  "thaw",       "tier",          "transfer",     "unmerge",
    "update",       "visit",           "void",
};

/* Those of some features begin so. */
static const char *const reserved_beginnings[] = {
    "badge",        "benefit",    "challenge",      "contract", "coupon", "gift_card", "honour",
    "member_event", "membership", "missed_benefit", "occasion", "order",  "partner",   "referral",
    "reservation",  "reward",     "right",          "stay",     "tier"};

bool event_kind_reserved(struct text name)
{
    for (size_t i = 0; i < sizeof reserved_kinds / sizeof reserved_kinds[0]; i++)
        if (text_equals(name, reserved_kinds[i]))
            return true;
    for (size_t i = 0; i < sizeof reserved_beginnings / sizeof reserved_beginnings[0]; i++) {
        size_t size = strlen(reserved_beginnings[i]);
        bool begins = name.size >= size && memcmp(name.bytes, reserved_beginnings[i], size) == 0;
        if (begins && (name.size == size || name.bytes[size] == '_'))
            return true;
    }
    return false;
}

enum status event_kind_find(const struct programme_set *set, struct text name, const struct event_kind **out,
                            struct error *err)
{
    for (size_t i = 0; i < set->event_kind_count; i++) {
        if (text_equal(set->event_kinds[i].name, name)) {
            *out = &set->event_kinds[i];
            return STATUS_OK;
        }
    }
    struct nearest nearest = nearest_start(name);
    for (size_t i = 0; i < set->event_kind_count; i++)
        nearest_try(&nearest, set->event_kinds[i].name);
    if (nearest.best.size > 0)
        return error_set(err, STATUS_INVALID, "event.kind_unknown", "kind",
                         "no kind '%.*s' is declared; is '%.*s' meant?", (int)name.size, name.bytes,
                         (int)nearest.best.size, nearest.best.bytes);
    return error_set(err, STATUS_INVALID, "event.kind_unknown", "kind", "no kind '%.*s' is declared", (int)name.size,
                     name.bytes);
}

/* ---- a declaration ---- */

static bool is_code(struct text name)
{
    if (name.size == 0 || name.size > CODE_SIZE_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (!((name.bytes[i] >= 'a' && name.bytes[i] <= 'z') || (name.bytes[i] >= '0' && name.bytes[i] <= '9') ||
              name.bytes[i] == '_'))
            return false;
    return true;
}

static enum status parse_choices(struct arena *arena, json_t *list, struct property *property, struct error *err)
{
    size_t count = json_array_size(list);
    struct text *choices;

    if (property->type != PROPERTY_CHOICE)
        return count == 0 ? STATUS_OK
                          : error_set(err, STATUS_INVALID, "event_kind.property", "choices",
                                      "only a property of type choice has choices");
    if (count == 0 || count > KIND_CHOICES_MAX)
        return error_set(err, STATUS_INVALID, "event_kind.property", "choices", "a choice has 1 to %d choices",
                         KIND_CHOICES_MAX);
    choices = arena_array(arena, count, sizeof *choices);
    for (size_t i = 0; i < count; i++) {
        json_t *choice = json_array_get(list, i);
        if (!json_is_string(choice))
            return error_set(err, STATUS_INVALID, "event_kind.property", "choices", "a choice is a text");
        choices[i] = text_copy(arena, (struct text){json_string_value(choice), json_string_length(choice)});
    }
    property->choices = choices;
    property->choice_count = count;
    return STATUS_OK;
}

static enum status parse_property(struct arena *arena, json_t *json, struct property *property, struct error *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *type = json_string_value(json_object_get(json, "type"));

    if (name == NULL || !is_code(text_from(name)))
        return error_set(err, STATUS_INVALID, "event_kind.property", "name", "a name is 1 to %d of a-z, 0-9 and _",
                         CODE_SIZE_MAX);
    property->name = text_copy(arena, text_from(name));
    property->required = json_is_true(json_object_get(json, "required"));
    for (size_t i = 0; type != NULL && i < sizeof property_types / sizeof property_types[0]; i++) {
        if (strcmp(type, property_types[i]) == 0) {
            property->type = (enum property_type)i;
            return parse_choices(arena, json_object_get(json, "choices"), property, err);
        }
    }
    return error_set(err, STATUS_INVALID, "event_kind.property", "type",
                     "a type is text, integer, decimal, boolean, day, instant or choice");
}

static enum status parse_properties(struct arena *arena, json_t *list, struct event_kind *kind, struct error *err)
{
    size_t count = json_array_size(list);
    struct property *properties = arena_array(arena, count + 1, sizeof *properties);

    if (!json_is_array(list) || count > KIND_PROPERTIES_MAX)
        return error_set(err, STATUS_INVALID, "event_kind.property", "properties",
                         "a kind has a list of at most %d properties", KIND_PROPERTIES_MAX);
    for (size_t i = 0; i < count; i++) {
        enum status status = parse_property(arena, json_array_get(list, i), &properties[i], err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "properties[%zu].", i);
            return status;
        }
        for (size_t j = 0; j < i; j++)
            if (text_equal(properties[i].name, properties[j].name))
                return error_set(err, STATUS_INVALID, "event_kind.property", "properties",
                                 "two properties have the name '%.*s'", (int)properties[i].name.size,
                                 properties[i].name.bytes);
    }
    kind->properties = properties;
    kind->property_count = count;
    return STATUS_OK;
}

enum status event_kind_parse(struct arena *arena, struct text json, struct event_kind *kind, struct error *err)
{
    json_t *list = json_loadb(json.bytes, json.size, 0, NULL);

    if (list == NULL)
        return error_set(err, STATUS_INVALID, "event_kind.property", "properties", "the properties are no JSON list");
    enum status status = parse_properties(arena, list, kind, err);
    json_decref(list);
    return status;
}

/* ---- an event against it ---- */

static bool is_decimal(struct text value)
{
    size_t i = value.size > 0 && value.bytes[0] == '-' ? 1 : 0;
    size_t digits = 0, points = 0;

    for (; i < value.size; i++) {
        if (value.bytes[i] == '.')
            points++;
        else if (value.bytes[i] >= '0' && value.bytes[i] <= '9')
            digits++;
        else
            return false;
    }
    return digits > 0 && digits <= 30 && points <= 1;
}

static bool is_choice(const struct property *property, struct text value)
{
    for (size_t i = 0; i < property->choice_count; i++)
        if (text_equal(property->choices[i], value))
            return true;
    return false;
}

static bool value_fits(const struct property *property, json_t *json)
{
    struct text value = json_is_string(json) ? (struct text){json_string_value(json), json_string_length(json)}
                                             : (struct text){NULL, 0};
    int64_t instant;
    int32_t day;

    switch (property->type) {
    case PROPERTY_TEXT:
        return json_is_string(json);
    case PROPERTY_INTEGER:
        return json_is_integer(json);
    case PROPERTY_DECIMAL:
        return json_is_integer(json) || (json_is_string(json) && is_decimal(value));
    case PROPERTY_BOOLEAN:
        return json_is_boolean(json);
    case PROPERTY_DAY:
        return json_is_string(json) && day_parse(value, &day);
    case PROPERTY_INSTANT:
        return json_is_string(json) && instant_parse(value, &instant);
    case PROPERTY_CHOICE:
        return json_is_string(json) && is_choice(property, value);
    }
    return false;
}

static enum status property_error(struct error *err, const char *code, const char *name, const char *sentence)
{
    enum status status = error_set(err, STATUS_INVALID, code, name, sentence, name);

    error_prefix_field(err, "properties.");
    return status;
}

static enum status check_given(const struct event_kind *kind, json_t *object, struct error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        const struct property *property = NULL;
        for (size_t i = 0; i < kind->property_count && property == NULL; i++)
            if (text_equals(kind->properties[i].name, name))
                property = &kind->properties[i];
        if (property == NULL)
            return property_error(err, "event.property_unknown", name, "the kind has no property '%s'");
        if (!value_fits(property, value)) {
            enum status status =
                error_set(err, STATUS_INVALID, "event.property_type", name, "'%s' is not %s %s", name,
                          property->type == PROPERTY_CHOICE ? "a" : "of type",
                          property->type == PROPERTY_CHOICE ? "declared choice" : property_types[property->type]);
            error_prefix_field(err, "properties.");
            return status;
        }
    }
    return STATUS_OK;
}

static enum status check_missing(const struct event_kind *kind, json_t *object, struct error *err)
{
    char name[CODE_SIZE_MAX + 1];

    for (size_t i = 0; i < kind->property_count; i++) {
        const struct property *property = &kind->properties[i];
        memcpy(name, property->name.bytes, property->name.size);
        name[property->name.size] = '\0';
        if (property->required && json_object_get(object, name) == NULL)
            return property_error(err, "event.property_missing", name, "the property '%s' is required");
    }
    return STATUS_OK;
}

enum status event_kind_check(const struct event_kind *kind, struct text properties, struct error *err)
{
    json_t *object = properties.size > 0 ? json_loadb(properties.bytes, properties.size, 0, NULL) : json_object();

    if (!json_is_object(object)) {
        json_decref(object);
        return error_set(err, STATUS_INVALID, "event.property_type", "properties", "the properties are a JSON object");
    }
    enum status status = check_given(kind, object, err);
    if (status == STATUS_OK)
        status = check_missing(kind, object, err);
    json_decref(object);
    return status;
}

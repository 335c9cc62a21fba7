#include "json/member.h"

#include <jansson.h>

const struct json_t *json_member(const struct json_t *value, const char *name)
{
    return json_object_get(value, name);
}

struct text json_text_of(const struct json_t *value)
{
    if (!json_is_string(value))
        return (struct text){NULL, 0};
    return (struct text){json_string_value(value), json_string_length(value)};
}

struct text json_member_text(const struct json_t *value, const char *name)
{
    return json_text_of(json_object_get(value, name));
}

bool json_member_integer(const struct json_t *value, const char *name, int64_t *out)
{
    static const double GREATEST = 9e15;
    const json_t *number = json_object_get(value, name);

    if (!json_is_number(number) || json_number_value(number) > GREATEST || json_number_value(number) < -GREATEST)
        return false;
    *out = json_is_integer(number) ? json_integer_value(number) : (int64_t)json_real_value(number);
    return true;
}

bool json_member_true(const struct json_t *value, const char *name)
{
    return json_is_true(json_object_get(value, name));
}

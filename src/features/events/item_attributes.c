#include "features/events/item_attributes.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static double number_of(const json_t *value)
{
    char *end;

    if (json_is_number(value))
        return json_number_value(value);
    if (!json_is_string(value) || json_string_value(value)[0] == '\0')
        return NAN;
    double number = strtod(json_string_value(value), &end);

    return *end == '\0' && isfinite(number) ? number : NAN;
}

struct item_attributes item_attributes_read(struct arena *arena, struct text json)
{
    json_t *object = json_loadb(json.bytes, json.size, 0, NULL);
    const char *brand = json_string_value(json_object_get(object, "brand"));
    struct item_attributes read = {.brand = brand == NULL ? TEXT("") : text_copy(arena, text_from(brand)),
                                   .cost = number_of(json_object_get(object, "cost"))};

    json_decref(object);
    return read;
}

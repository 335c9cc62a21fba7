/* unknown.c: the answer to a name that a shape does not know. */
#include "json/unknown.h"

#include <stdio.h>

enum status unknown_field(const struct shape *shape, struct text name, struct error *err)
{
    const char *names[SHAPE_FIELDS_MAX];
    for (size_t i = 0; i < shape->field_count; i++)
        names[i] = shape->fields[i].name;

    char field[ERROR_FIELD_SIZE];
    snprintf(field, sizeof field, "%.*s", name.size > 64 ? 64 : (int)name.size, name.size == 0 ? "" : name.bytes);
    const char *nearest = name_nearest(name, names, shape->field_count);
    if (nearest == NULL)
        return error_set(err, STATUS_INVALID, "json.unknown_field", field, "'%s' is not known here", field);
    return error_set(err, STATUS_INVALID, "json.unknown_field", field, "'%s' is not known here; did you mean '%s'?",
                     field, nearest);
}

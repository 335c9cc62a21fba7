#include "features/conditions/condition_read.h"

enum status object_expression(const struct object *object, const char *name, enum condition_about about,
                              const struct rule_type *type, struct condition *out)
{
    struct condition_request request = {.about = about, .type = type};
    struct error why = {0};

    TRY(object_text(object, name, false, CONDITION_SIZE_MAX, &request.source));
    if (condition_compile(object->arena, &request, out, &why) == STATUS_OK)
        return STATUS_OK;
    return error_set(object->err, why.status, why.code, object_path(object, name), "%s", why.message);
}

enum status object_condition(const struct object *object, const char *name, enum condition_about about,
                             struct condition *out)
{
    return object_expression(object, name, about, &rule_type_bool, out);
}

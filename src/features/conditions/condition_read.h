/* condition_read.h: conditions in documents that programme_read.h reads. Pure. */
#ifndef PATRON_FEATURES_CONDITIONS_CONDITION_READ_H
#define PATRON_FEATURES_CONDITIONS_CONDITION_READ_H

#include "features/conditions/condition.h"
#include "features/programme/programme_read.h"

/* The condition in the field `name`; without the field it holds always. Errors of condition_compile, with the field's path. */
enum status object_condition(const struct object *object, const char *name, enum condition_about about,
                             struct condition *out);
/* The same for an expression of another type than bool. */
enum status object_expression(const struct object *object, const char *name, enum condition_about about,
                              const struct rule_type *type, struct condition *out);

#endif

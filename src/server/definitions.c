/* definitions.c: the kinds of definitions, from one list (definition_kinds.def). */
#include "server/definitions.h"

#define DEFINITION_KIND(name) extern const struct definition_kind name##_kind;
#include "server/definition_kinds.def"
#undef DEFINITION_KIND

const struct definition_kind *const definition_kinds[] = {
#define DEFINITION_KIND(name) &name##_kind,
#include "server/definition_kinds.def"
#undef DEFINITION_KIND
    NULL, /* so that there is an array without any */
};
const size_t definition_kind_count = sizeof definition_kinds / sizeof definition_kinds[0] - 1;

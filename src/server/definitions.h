/* definitions.h: the list of the kinds of definitions that this program has. */
#ifndef PATRON_SERVER_DEFINITIONS_H
#define PATRON_SERVER_DEFINITIONS_H

#include "features/definitions/definition.h"

extern const struct definition_kind *const definition_kinds[];
extern const size_t definition_kind_count;

#endif

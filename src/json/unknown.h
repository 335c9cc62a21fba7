/* unknown.h: the answer to a name that a shape does not know. */
#ifndef PATRON_JSON_UNKNOWN_H
#define PATRON_JSON_UNKNOWN_H

#include "json/shape.h"

enum status unknown_field(const struct shape *shape, struct text name, struct error *err);

#endif

/* nearest.h: the known name that a mistyped one is closest to. */
#ifndef PATRON_FOUNDATION_NEAREST_H
#define PATRON_FOUNDATION_NEAREST_H

#include <stddef.h>

#include "foundation/text.h"

struct nearest {
    struct text name, best; /* `best` without bytes: none is near */
    size_t distance;
};

struct nearest nearest_start(struct text name);
void nearest_try(struct nearest *nearest, struct text candidate); /* borrowed */

#endif

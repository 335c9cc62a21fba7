/*
 * difference.h: what is different between two JSON documents, field by field. Lists of objects that each have a code of their own
 * are compared by code ("rules[base].points"), other lists by place ("steps[0]"). Pure.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_DIFFERENCE_H
#define PATRON_FEATURES_DEFINITIONS_DIFFERENCE_H

#include <stddef.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

/* A field that is not the same. Of a list by code that is in another order, the codes before and after. */
struct difference {
    struct text path;
    struct text before, after; /* JSON; empty: the field is not there */
};

/* In the order of `before`, then what is new. An empty document is as {}. STATUS_INVALID `programme.syntax` for what is no JSON. */
enum status difference_find(struct arena *arena, struct text before, struct text after, struct difference **out,
                            size_t *count, struct error *err);

#endif

/* stamp.h: a kind of definitions for the tests: a number of stamps in a group; two of one group contradict each other. */
#ifndef PATRON_TESTS_DEFINITIONS_STAMP_H
#define PATRON_TESTS_DEFINITIONS_STAMP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/definitions/definition_read.h"

struct stamp {
    struct text name, group;
    int stamps;
};

static inline enum status read_stamp(const struct object *document, void *out)
{
    static const char *const fields[] = {"name", "group", "stamps", NULL};
    struct stamp *stamp = out;

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", false, 200, &stamp->name));
    TRY(object_code(document, "group", false, &stamp->group));
    return object_int(document, "stamps", true, (struct range){1, 100}, &stamp->stamps);
}

static inline enum status parse_stamp(const struct definition_input *input, const void **out, struct error *err)
{
    struct stamp *stamp = arena_alloc(input->arena, sizeof *stamp);

    *out = stamp;
    return definition_read(input, read_stamp, stamp, err);
}

static inline bool stamps_conflict(struct arena *arena, const struct definition *a, const struct definition *b,
                                   struct text *sentence)
{
    const struct stamp *one = a->parsed, *other = b->parsed;

    if (one->group.size == 0 || !text_equal(one->group, other->group))
        return false;
    *sentence = text_copy(arena, TEXT("both are in one group"));
    return true;
}

/* The index counts the stamps of all. */
static inline enum status index_stamps(struct arena *arena, const struct definition *items, size_t count,
                                       const void **out, struct error *err)
{
    int *sum = arena_alloc(arena, sizeof *sum);

    (void)err;
    for (size_t i = 0; i < count; i++)
        *sum += ((const struct stamp *)items[i].parsed)->stamps;
    *out = sum;
    return STATUS_OK;
}

static const struct definition_kind stamp_kind = {
    .name = "stamp", .plural = "stamps", .parse = parse_stamp, .index = index_stamps, .conflicts = stamps_conflict};

#endif

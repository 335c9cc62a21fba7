/* name.c: the nearest known name to a mistyped one. */
#include <string.h>

#include "json/shape.h"

enum { NAME_MAX_BYTES = 48 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions and replacements from `a` to `b`; both at most NAME_MAX_BYTES. */
static size_t edit_distance(struct text a, const char *b)
{
    size_t b_size = strlen(b);
    size_t row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = row[j];
            size_t replaced = diagonal + (a.bytes[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = smaller(replaced, smaller(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b_size];
}

const char *name_nearest(struct text name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t least = name.size / 2 + 1; /* further than half of it is another word */
    if (name.size > NAME_MAX_BYTES)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) > NAME_MAX_BYTES)
            continue;
        size_t distance = edit_distance(name, names[i]);
        if (distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

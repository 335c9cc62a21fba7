#include "foundation/nearest.h"

enum { NAME_SIZE_MAX = 96 };

struct nearest nearest_start(struct text name)
{
    /* A third of the letters may be wrong: more is another name. */
    return (struct nearest){.name = name, .distance = name.size / 3 + 2};
}

/* How many letters are inserted, dropped or exchanged between two names. */
static size_t edit_distance(struct text a, struct text b)
{
    size_t row[NAME_SIZE_MAX + 1];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t above = row[j], best = diagonal + (a.bytes[i - 1] != b.bytes[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[b.size];
}

void nearest_try(struct nearest *nearest, struct text candidate)
{
    if (nearest->name.size > NAME_SIZE_MAX || candidate.size > NAME_SIZE_MAX)
        return;
    size_t distance = edit_distance(nearest->name, candidate);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->best = candidate;
    }
}

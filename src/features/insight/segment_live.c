#include "features/insight/segment_live.h"

#include <string.h>

static const double ALIKE = 0.25, STILL_APART = 0.25;

static double jaccard(const struct segment_overlap *overlap, size_t fresh, size_t old)
{
    double shared = (double)overlap->shared[fresh][old];
    double all = (double)overlap->fresh[fresh] + (double)overlap->old[old] - shared;

    return all > 0 ? shared / all : 0;
}

void segments_match(const struct segment_overlap *overlap, size_t old_of[SEGMENTS_MAX])
{
    bool taken[SEGMENTS_MAX] = {0};

    for (size_t i = 0; i < SEGMENTS_MAX; i++)
        old_of[i] = SEGMENT_UNMATCHED;
    for (;;) {
        size_t fresh = 0, old = 0;
        double best = 0;

        for (size_t i = 0; i < overlap->fresh_count; i++)
            for (size_t j = 0; j < overlap->old_count; j++)
                if (old_of[i] == SEGMENT_UNMATCHED && !taken[j] && jaccard(overlap, i, j) > best) {
                    best = jaccard(overlap, i, j);
                    fresh = i;
                    old = j;
                }
        if (best < ALIKE)
            return;
        old_of[fresh] = old;
        taken[old] = true;
    }
}

static bool part_holds(const char *part, size_t size, const struct segment_features *features,
                       const struct segment *segment)
{
    bool high = strncmp(part, "high ", 5) == 0;
    size_t skip = high ? 5 : 4;

    if (!high && strncmp(part, "low ", 4) != 0)
        return false;
    for (size_t j = 0; j < features->feature_count; j++)
        if (strlen(features->names[j]) == size - skip && strncmp(part + skip, features->names[j], size - skip) == 0)
            return high ? segment->means[j].apart >= STILL_APART : segment->means[j].apart <= -STILL_APART;
    return false;
}

bool segment_name_holds(const char *name, const struct segment_features *features, const struct segment *segment)
{
    if (strcmp(name, "average") == 0)
        return strcmp(segment->name, "average") == 0;
    for (const char *part = name;;) {
        const char *comma = strstr(part, ", ");
        size_t size = comma == NULL ? strlen(part) : (size_t)(comma - part);

        if (size < 5 || !part_holds(part, size, features, segment))
            return false;
        if (comma == NULL)
            return true;
        part = comma + 2;
    }
}

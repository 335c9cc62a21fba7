/* Finding a definition in the configuration. */
#include <stddef.h>

#include "features/definitions/definition.h"

static const struct definition_list empty;

const struct definition_list *definitions_of(const struct programme_set *set, const struct definition_kind *kind)
{
    const struct definition_set *all = set->definitions;

    for (size_t i = 0; all != NULL && i < all->count; i++)
        if (all->lists[i].kind == kind)
            return &all->lists[i];
    return &empty;
}

/* How many items are before `code` at `from`, or the same: they ascend by (code, from). */
static size_t count_until(const struct definition_list *list, struct text code, int64_t from)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(list->items[middle].code, code);
        if (order < 0 || (order == 0 && list->items[middle].from <= from))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct definition *definition_at(const struct programme_set *set, const struct definition_kind *kind,
                                       struct text code, int64_t at)
{
    const struct definition_list *list = definitions_of(set, kind);
    size_t count = count_until(list, code, at);
    const struct definition *last = count > 0 ? &list->items[count - 1] : NULL;

    return last != NULL && text_equal(last->code, code) && definition_in_force(last, at) ? last : NULL;
}

const struct definition *definition_version(const struct programme_set *set, const struct definition_kind *kind,
                                            struct text code, int64_t version)
{
    const struct definition_list *list = definitions_of(set, kind);

    for (size_t i = count_until(list, code, INT64_MAX); i > 0 && text_equal(list->items[i - 1].code, code); i--)
        if (list->items[i - 1].version == version)
            return &list->items[i - 1];
    return NULL;
}

bool definition_in_force(const struct definition *definition, int64_t at)
{
    return definition->from <= at && at < definition->until;
}

bool definitions_overlap(const struct definition *a, const struct definition *b)
{
    return a->from < b->until && b->from < a->until;
}

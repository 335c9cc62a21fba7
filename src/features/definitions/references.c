#include "features/definitions/references.h"

#include <string.h>

static void add(struct definition_references *references, const struct definition_reference *reference)
{
    if (reference->code.size == 0)
        return;
    references->items = arena_grow(references->arena, references->items, &references->capacity, references->count + 1,
                                   sizeof *references->items);
    references->items[references->count++] = *reference;
}

void reference_add(struct definition_references *references, const char *kind, struct text code, const char *field)
{
    add(references, &(struct definition_reference){.kind = kind, .code = code, .field = field});
}

void reference_add_loose(struct definition_references *references, const char *kind, struct text code,
                         const char *field)
{
    add(references, &(struct definition_reference){.kind = kind, .code = code, .field = field, .loose = true});
}

void reference_add_list(struct definition_references *references, const struct definition_reference *first,
                        const struct text *codes, size_t count)
{
    struct definition_reference one = *first;

    for (size_t i = 0; i < count; i++) {
        one.code = codes[i];
        one.field = arena_format(references->arena, "%s[%zu]", first->field, i);
        add(references, &one);
    }
}

struct definition_namer *definition_namers(struct arena *arena, const struct programme_set *set,
                                           const struct definition_named *named, size_t *count)
{
    const struct definition_set *all = set->definitions;
    struct definition_namer *namers = NULL;
    size_t capacity = 0;

    *count = 0;
    for (size_t k = 0; all != NULL && k < all->count; k++) {
        const struct definition_list *list = &all->lists[k];
        for (size_t i = 0; list->kind->references != NULL && i < list->count; i++) {
            struct definition_references found = {.arena = arena};
            if (list->items[i].until <= named->at)
                continue;
            list->kind->references(list->items[i].parsed, &found);
            for (size_t r = 0; r < found.count; r++) {
                if (strcmp(found.items[r].kind, named->kind->name) != 0 ||
                    !text_equal(found.items[r].code, named->code))
                    continue;
                namers = arena_grow(arena, namers, &capacity, *count + 1, sizeof *namers);
                namers[(*count)++] = (struct definition_namer){list->kind, &list->items[i], found.items[r]};
            }
        }
    }
    return namers;
}

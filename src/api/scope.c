/* scope.c: which part of the company a user or key sees and acts in. */
#include "api/scope.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/map.h"

const struct scope scope_of_company = {.whole = true};
const struct scope scope_of_nobody = {.whole = false};

static int compare_texts(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

bool scope_sees(const struct scope *scope, struct text place)
{
    if (scope->whole)
        return true;
    return place.size > 0 && scope->place_count > 0 &&
           bsearch(&place, scope->places, scope->place_count, sizeof place, compare_texts) != NULL;
}

bool scope_covers(const struct scope *outer, const struct scope *inner)
{
    struct text given[SCOPE_PLACES_MAX];
    if (outer->whole)
        return true;
    if (inner->whole || (outer->home_members && !inner->home_members))
        return false;
    size_t count = scope_split(inner->given, given);
    for (size_t i = 0; i < count; i++)
        if (!scope_sees(outer, given[i]))
            return false;
    return true;
}

size_t scope_split(struct text given, struct text out[SCOPE_PLACES_MAX])
{
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= given.size; i++) {
        if (i < given.size && given.bytes[i] != ',')
            continue;
        if (i > start && count < SCOPE_PLACES_MAX)
            out[count++] = (struct text){given.bytes + start, i - start};
        start = i + 1;
    }
    return count;
}

static const struct scope_place *find_place(const struct scope_place *tree, size_t count, struct text code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(tree[middle].code, code);
        if (order == 0)
            return &tree[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_given(const struct text *given, size_t given_count, struct text code)
{
    for (size_t i = 0; i < given_count; i++)
        if (text_equal(given[i], code))
            return true;
    return false;
}

/* Whether the place or one above it is given. */
static bool lies_in(const struct scope_place *place, const struct text *given, size_t given_count,
                    const struct scope_place *tree, size_t count)
{
    for (int depth = 0; place != NULL && depth <= SCOPE_DEPTH_MAX; depth++) {
        if (is_given(given, given_count, place->code))
            return true;
        place = place->parent.size > 0 ? find_place(tree, count, place->parent) : NULL;
    }
    return false;
}

const struct scope *scope_build(struct arena *arena, struct text given, bool home_members,
                                const struct scope_place *tree, size_t count)
{
    struct text roots[SCOPE_PLACES_MAX];
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    if (given.size == 0)
        return &scope_of_company;
    *scope = (struct scope){.home_members = home_members, .given = text_copy(arena, given)};
    size_t root_count = scope_split(scope->given, roots), stores = 0;
    struct text *places = arena_array(arena, count + root_count + 1, sizeof *places);
    for (size_t i = 0; i < count; i++) {
        if (!lies_in(&tree[i], roots, root_count, tree, count))
            continue;
        places[scope->place_count++] = text_copy(arena, tree[i].code);
        stores += tree[i].store;
        if (tree[i].store)
            scope->only_store = places[scope->place_count - 1];
    }
    /* A store need not be declared. */
    for (size_t i = 0; i < root_count; i++) {
        if (find_place(tree, count, roots[i]) != NULL)
            continue;
        places[scope->place_count++] = scope->only_store = roots[i];
        stores++;
    }
    if (stores != 1)
        scope->only_store = TEXT("");
    if (scope->place_count > 1)
        qsort(places, scope->place_count, sizeof *places, compare_texts);
    scope->places = places;
    return scope;
}

const struct scope *scope_copy(struct arena *arena, const struct scope *scope)
{
    struct scope *copy = arena_copy(arena, scope, sizeof *scope);
    struct text *places = arena_array(arena, scope->place_count + 1, sizeof *places);
    for (size_t i = 0; i < scope->place_count; i++)
        places[i] = text_copy(arena, scope->places[i]);
    copy->given = text_copy(arena, scope->given);
    copy->only_store = text_copy(arena, scope->only_store);
    copy->places = places;
    return copy;
}

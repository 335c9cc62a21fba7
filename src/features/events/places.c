#include "features/events/places.h"

#include <string.h>

const char *const place_kinds[] = {"company", "entity", "brand", "region", "store", "till", NULL};

bool place_kind_find(struct text name, enum place_kind *out)
{
    for (int i = 0; place_kinds[i] != NULL; i++) {
        if (text_equals(name, place_kinds[i])) {
            *out = (enum place_kind)i;
            return true;
        }
    }
    return false;
}

enum status place_check_below(enum place_kind parent, enum place_kind child, struct error *err)
{
    bool fits = parent < child || (parent == PLACE_REGION && child == PLACE_REGION);

    if (child == PLACE_TILL)
        fits = parent == PLACE_STORE;
    if (!fits)
        return error_set(err, STATUS_INVALID, "place.parent", "parent", "a %s cannot lie in a %s", place_kinds[child],
                         place_kinds[parent]);
    return STATUS_OK;
}

enum status place_check_till(struct text code, struct text store, struct error *err)
{
    if (code.size < store.size + 2 || memcmp(code.bytes, store.bytes, store.size) != 0 || code.bytes[store.size] != '/')
        return error_set(err, STATUS_INVALID, "place.till_code", "code",
                         "the code of a till is that of its store, '/' "
                         "and its own: '%.*s/1'",
                         (int)store.size, store.bytes);
    return STATUS_OK;
}

/* ---- the order of the tree ---- */

struct ordering {
    const struct place_node *nodes;
    size_t count;
    size_t *child, *next; /* first child and next sibling, as index + 1 */
    bool *taken;
    struct place_node *out;
    size_t out_count;
};

static size_t find_node(const struct place_node *nodes, size_t count, struct text code)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(nodes[middle].code, code);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return count;
}

static void take_node(struct ordering *ordering, size_t index, int depth)
{
    ordering->taken[index] = true;
    ordering->out[ordering->out_count] = ordering->nodes[index];
    ordering->out[ordering->out_count].depth = depth;
    ordering->out[ordering->out_count++].index = index;
    for (size_t child = ordering->child[index]; child != 0; child = ordering->next[child - 1])
        if (!ordering->taken[child - 1])
            take_node(ordering, child - 1, depth + 1);
}

void place_order(struct arena *arena, struct place_node *nodes, size_t count)
{
    struct ordering ordering = {.nodes = nodes,
                                .count = count,
                                .child = arena_array(arena, count + 1, sizeof(size_t)),
                                .next = arena_array(arena, count + 1, sizeof(size_t)),
                                .taken = arena_array(arena, count + 1, sizeof(bool)),
                                .out = arena_array(arena, count + 1, sizeof *nodes)};
    bool *rooted = arena_array(arena, count + 1, sizeof *rooted);

    /* Backwards, so that first children come first. */
    for (size_t i = count; i-- > 0;) {
        size_t parent = nodes[i].parent.size > 0 ? find_node(nodes, count, nodes[i].parent) : count;
        rooted[i] = parent == count || parent == i;
        if (rooted[i])
            continue;
        ordering.next[i] = ordering.child[parent];
        ordering.child[parent] = i + 1;
    }
    for (size_t i = 0; i < count; i++)
        if (rooted[i])
            take_node(&ordering, i, 0);
    for (size_t i = 0; i < count; i++)
        if (!ordering.taken[i])
            take_node(&ordering, i, 0);
    if (count > 0)
        memcpy(nodes, ordering.out, count * sizeof *nodes);
}

/* ---- opening hours ---- */

bool minutes_read(struct text text, int *out)
{
    if (text.size != 5 || text.bytes[2] != ':')
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (i != 2 && (text.bytes[i] < '0' || text.bytes[i] > '9'))
            return false;
    int hours = (text.bytes[0] - '0') * 10 + text.bytes[1] - '0';
    int minutes = (text.bytes[3] - '0') * 10 + text.bytes[4] - '0';
    if (minutes > 59 || hours * 60 + minutes > 24 * 60)
        return false;
    *out = hours * 60 + minutes;
    return true;
}

/* Day 0 is a Thursday. */
int weekday_of(int32_t day)
{
    int weekday = (int)((day % 7 + 3) % 7);

    return weekday < 0 ? weekday + 7 : weekday;
}

static bool inside(int opens, int closes, int minute)
{
    return minute >= opens && minute < (closes > opens ? closes : closes + 24 * 60);
}

/* Whether what opens on `day` is open so many minutes after its midnight. */
static bool open_since(const struct opening_hours *hours, int32_t day, int minute)
{
    for (size_t i = 0; i < hours->exception_count; i++) {
        const struct opening_exception *exception = &hours->exceptions[i];
        if (exception->day == day)
            return !exception->closed && inside(exception->opens, exception->closes, minute);
    }
    for (size_t i = 0; i < hours->weekly_count; i++)
        if ((hours->weekly[i].days & 1U << weekday_of(day)) != 0 &&
            inside(hours->weekly[i].opens, hours->weekly[i].closes, minute))
            return true;
    return false;
}

bool opening_hours_open(const struct opening_hours *hours, int32_t day, int minute)
{
    return open_since(hours, day, minute) || open_since(hours, day - 1, minute + 24 * 60);
}

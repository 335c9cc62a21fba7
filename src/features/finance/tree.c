#include "features/finance/tree.h"

static const struct finance_node *find_node(const struct finance_node *nodes, size_t count, struct text code)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(nodes[middle].code, code);
        if (order == 0)
            return &nodes[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct text entity_above(const struct finance_node *nodes, size_t count, const struct finance_node *node)
{
    for (int depth = 0; node != NULL && depth <= PLACE_DEPTH_MAX; depth++) {
        if (node->kind == PLACE_ENTITY)
            return node->code;
        node = node->parent.size > 0 ? find_node(nodes, count, node->parent) : NULL;
    }
    return TEXT("");
}

void finance_tree_build(struct arena *arena, const struct finance_node *nodes, size_t count, struct finance_tree *out)
{
    struct finance_place *places = arena_array(arena, count + 1, sizeof *places);
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        struct text entity = entity_above(nodes, count, &nodes[i]);
        if (entity.size > 0)
            places[used++] = (struct finance_place){nodes[i].code, entity};
    }
    *out = (struct finance_tree){places, used};
}

struct text finance_tree_entity(const struct finance_tree *tree, struct text place)
{
    size_t low = 0, high = tree->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(tree->places[middle].place, place);
        if (order == 0)
            return tree->places[middle].entity;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return TEXT("");
}

static void add_code(struct builder *out, struct text code)
{
    builder_integer(out, (int64_t)code.size);
    builder_char(out, ':');
    builder_text(out, code);
}

struct text finance_tree_text(struct arena *arena, const struct finance_tree *tree)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < tree->count; i++) {
        add_code(&out, tree->places[i].place);
        add_code(&out, tree->places[i].entity);
    }
    return builder_done(&out);
}

/* Takes the first code off `rest`. */
static bool take_code(struct text *rest, struct text *out)
{
    size_t digits = 0;
    int64_t size;

    while (digits < rest->size && rest->bytes[digits] != ':')
        digits++;
    if (digits == rest->size || !text_to_integer((struct text){rest->bytes, digits}, &size) || size < 0 ||
        (size_t)size > rest->size - digits - 1)
        return false;
    *out = (struct text){rest->bytes + digits + 1, (size_t)size};
    *rest = (struct text){out->bytes + size, rest->size - digits - 1 - (size_t)size};
    return true;
}

bool finance_tree_parse(struct arena *arena, struct text text, struct finance_tree *out)
{
    struct finance_place *places = NULL;
    size_t count = 0, capacity = 0;

    while (text.size > 0) {
        struct finance_place place;
        if (!take_code(&text, &place.place) || !take_code(&text, &place.entity))
            return false;
        places = arena_grow(arena, places, &capacity, count + 1, sizeof *places);
        places[count++] = place;
    }
    *out = (struct finance_tree){places, count};
    return true;
}

size_t finance_epoch_of(const struct finance_epoch *epochs, size_t count, int64_t id)
{
    size_t i = count - 1;

    while (i > 0 && id_seq(id) <= epochs[i].cut.seqs[id_bucket(id)])
        i--;
    return i;
}

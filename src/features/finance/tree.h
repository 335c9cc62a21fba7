/* tree.h: which legal entity each place belongs to, and as of when. Pure. */
#ifndef PATRON_FEATURES_FINANCE_TREE_H
#define PATRON_FEATURES_FINANCE_TREE_H

#include "features/events/places.h"
#include "features/finance/month.h"

struct finance_place {
    struct text place, entity;
};

/* The places that lie in a legal entity, ascending by code. */
struct finance_tree {
    const struct finance_place *places;
    size_t count;
};

/* A place of the tree. */
struct finance_node {
    struct text code, parent;
    enum place_kind kind;
};

/* The nearest place of kind entity above each of `nodes` (ascending by code), or itself. */
void finance_tree_build(struct arena *arena, const struct finance_node *nodes, size_t count, struct finance_tree *out);

/* The entity of `place`; empty: of none. */
struct text finance_tree_entity(const struct finance_tree *tree, struct text place);

/* As one text (each code as its size, ':' and its bytes), equal for equal trees; and back. False for anything else. */
struct text finance_tree_text(struct arena *arena, const struct finance_tree *tree);
bool finance_tree_parse(struct arena *arena, struct text text, struct finance_tree *out);

/* A tree holds for the rows that came after its cut. */
struct finance_epoch {
    int64_t number;
    struct finance_cut cut;
    struct finance_tree tree;
    struct text text; /* of the tree */
};
/* The number, from 0, of the epoch that the row `id` lies in; `epochs` ascend; at least one. */
size_t finance_epoch_of(const struct finance_epoch *epochs, size_t count, int64_t id);

#endif

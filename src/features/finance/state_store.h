/* state_store.h: how far the journal was read, which tree of entities held when, and which months are closed. */
#ifndef PATRON_FEATURES_FINANCE_STATE_STORE_H
#define PATRON_FEATURES_FINANCE_STATE_STORE_H

#include "features/finance/tree.h"
#include "storage/storage.h"

struct finance_state {
    int64_t version;
    struct finance_cut cursors;
    size_t cursor_count; /* fewer than BUCKET_COUNT before the first reading */
    struct finance_epoch *epochs;
    size_t epoch_count, epoch_capacity;
    struct finance_close *closes; /* ascending by month */
    size_t close_count, close_capacity;
};

enum status finance_state_load(struct storage_session *session, struct arena *arena, struct finance_state *out,
                               struct error *err);

/* The tree of places as it is now. */
enum status finance_tree_load(struct storage_session *session, struct arena *arena, struct finance_tree *out,
                              struct error *err);

/*
 * In the transaction under way: takes the state for oneself. STATUS_BUSY `finance.moved` when it is no longer of `version`.
 * `changes`: the tree or the closed months change.
 */
enum status finance_state_take(struct storage_session *session, int64_t version, bool changes, struct error *err);

/* Moves the positions of the buckets that `moved` names from `from` to `to`. STATUS_BUSY `finance.moved`. */
enum status finance_cursors_move(struct storage_session *session, const struct finance_cut *from,
                                 const struct finance_cut *to, const bool moved[BUCKET_COUNT], struct error *err);

/*
 * Keeps `tree` for all rows after the positions of `state`, in a transaction of its own; before the first closed month for
 * all rows there are: everything is read anew.
 */
enum status finance_epoch_write(struct storage *storage, const struct finance_state *state, struct text tree,
                                struct error *err);

#endif

/* rewards_store.h: orders of rewards in the database, and what the catalogue shows beside its document. */
#ifndef PATRON_FEATURES_REWARDS_REWARDS_STORE_H
#define PATRON_FEATURES_REWARDS_REWARDS_STORE_H

#include "engine/engine.h"
#include "features/rewards/reward_orders.h"

/* STATUS_MISSING `reward.unknown_order`. */
enum status reward_order_read(struct storage_session *session, struct arena *arena, int64_t id,
                              struct reward_order *out, struct error *err);

/* Newest first. */
struct reward_order_page {
    const struct person *person; /* NULL: of anybody */
    struct text reward, store;   /* empty: any */
    int64_t before, before_id;   /* `at` and id of the last one before; INSTANT_NEVER: the first page */
    size_t limit;
};
enum status reward_orders_read(struct storage_session *session, struct arena *arena,
                               const struct reward_order_page *page, struct reward_order **out, size_t *count,
                               struct error *err);

/* What is used of counters, by their ids; 0 for what is not there. */
enum status reward_counts_read(struct storage_session *session, struct arena *arena, const char *const *ids,
                               size_t count, int64_t *out, struct error *err);

/* For a person as engine_view gives it: what it had of rewards, so that reward_member_used knows, and what conditions need. */
enum status reward_person_read(struct storage_session *session, struct arena *arena, struct person *person,
                               struct condition_person *known, struct error *err);

/* The command that changes an order, with its events, counters and subjects; its body is zeroed but for the action. */
enum status change_reward_order_command(struct storage_session *session, struct command *command,
                                        const struct reward_order *order, struct error *err);

/* Ends orders that nobody collected in time; called by the server every minute. */
enum status rewards_lapse(struct engine *engine, struct error *err);

#endif

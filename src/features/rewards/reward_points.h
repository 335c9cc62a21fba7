/*
 * reward_points.h: a reward that is points of another account: given with the order, by a row of their own that follows it, and
 * taken back with its cancellation while they are there. Pure.
 */
#ifndef PATRON_FEATURES_REWARDS_REWARD_POINTS_H
#define PATRON_FEATURES_REWARDS_REWARD_POINTS_H

#include "features/rewards/reward_orders.h"

/* `row` is that of the order. STATUS_CONFLICT `reward.gift` when the account is gone. */
enum status reward_points_give(struct decision *decision, const struct person *person, const struct reward *reward,
                               const struct journal_row *row, struct error *err);

/* Of the order `ordered`; nothing when it gave none. STATUS_CONFLICT `reward.gift_used`. Needs LOAD_LOTS. */
enum status reward_points_take_back(struct decision *decision, const struct person *person,
                                    const struct past_event *ordered, struct error *err);

#endif

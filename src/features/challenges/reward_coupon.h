/*
 * reward_coupon.h: the reward of a challenge that is a coupon: a code of a series, given to the member by a command that follows
 * the row of the reward, and made void by one that follows the row that takes the reward back, unless it was used. Pure.
 */
#ifndef PATRON_FEATURES_CHALLENGES_REWARD_COUPON_H
#define PATRON_FEATURES_CHALLENGES_REWARD_COUPON_H

#include "features/coupons/commands.h"

/* Claim 0 is that of the reaction. */
struct give_reward_coupon {
    struct issue_code issue; /* first: loaded as it is */
};
extern const struct command_type give_reward_coupon_type;

struct void_reward_coupon {
    struct void_code code; /* first: loaded as it is */
};
extern const struct command_type void_reward_coupon_type;

#endif

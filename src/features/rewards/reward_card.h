/*
 * reward_card.h: a reward that is a gift card: made with the order, void with its cancellation unless it was used. Pure.
 *
 * An order keeps its card as the card's counter ("gift:KEY"), which no code of a coupon looks like.
 */
#ifndef PATRON_FEATURES_REWARDS_REWARD_CARD_H
#define PATRON_FEATURES_REWARDS_REWARD_CARD_H

#include "features/gift_cards/gift_payment.h"
#include "features/rewards/reward_orders.h"

/* The key of the card that an order gave; empty: it gave none. */
struct text reward_card_key(struct text gift);

/* What the card is made from: `row` is that of the order. */
struct reward_card {
    struct decision *decision;
    const struct member *member;
    const struct journal_row *row;
    struct counter *counter;
};

/* A card worth `minor`, whose key and hash of a PIN are in `made`. STATUS_CONFLICT `reward.gift` when the key is taken. */
enum status reward_card_give(const struct reward_card *card, const struct gift_card *made, int64_t minor,
                             struct error *err);

/* Makes the card of the order `ordered` void: `row` is that of the change. STATUS_CONFLICT `reward.gift_used`. */
enum status reward_card_take_back(const struct reward_card *card, const struct past_event *ordered, struct text gift,
                                  struct error *err);

#endif

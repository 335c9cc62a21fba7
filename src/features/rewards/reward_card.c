#include "features/rewards/reward_card.h"

#define CARD_COUNTER TEXT("gift:")

struct text reward_card_key(struct text gift)
{
    if (!text_starts_with(gift, CARD_COUNTER))
        return (struct text){NULL, 0};
    return (struct text){gift.bytes + CARD_COUNTER.size, gift.size - CARD_COUNTER.size};
}

static struct journal_row *add_row(const struct reward_card *card, const char *kind, int64_t minor)
{
    struct journal_row *row = journal_add(card->decision, card->member, 0, kind, card->decision->now);

    row->day = card->row->day;
    row->store = card->row->store;
    row->channel = card->row->channel;
    row->cause = card->row->id;
    row->amount = minor;
    return row;
}

enum status reward_card_give(const struct reward_card *card, const struct gift_card *made, int64_t minor,
                             struct error *err)
{
    struct gift_card given = {.key = made->key, .pin_hash = made->pin_hash};

    if (made->key.size == 0 || card->counter == NULL || !card->counter->fresh)
        return error_set(err, STATUS_CONFLICT, "reward.gift", "reward", "what the reward gives cannot be had now");
    const struct journal_row *row = add_row(card, "gift_card_sold", minor);
    given.id = row->id;
    given.version = 1;
    given.state = GIFT_ACTIVE;
    given.minor = minor;
    given.expires_at = INSTANT_NEVER;
    given.store = row->store;
    given.paid_by = TEXT("reward");
    given.sold_at = given.activated_at = card->decision->now;
    card->counter->used = 0;
    card->counter->maximum = minor;
    card->counter->changed = true;
    store_gift_card(card->decision, &given);
    store_gift_movement(card->decision, row, (struct gift_movement){row->id, ACCOUNT_ISSUED, ACCOUNT_ACTIVE, minor});
    return STATUS_OK;
}

enum status reward_card_take_back(const struct reward_card *card, const struct past_event *ordered, struct text gift,
                                  struct error *err)
{
    const struct journal_row *sold = NULL;

    for (size_t i = 0; ordered != NULL && i < ordered->follower_count; i++)
        if (text_equals(ordered->followers[i].row.kind, "gift_card_sold"))
            sold = &ordered->followers[i].row;
    if (card->counter == NULL || sold == NULL || card->counter->maximum < 0)
        return STATUS_OK; /* it is void already */
    if (card->counter->used > 0 || card->counter->maximum > sold->amount)
        return error_set(err, STATUS_CONFLICT, "reward.gift_used", "",
                         "the gift card that it gave has been used or topped up");
    int64_t left = card->counter->maximum;
    card->counter->maximum = -1;
    card->counter->changed = true;
    const struct journal_row *row = add_row(card, "gift_card_void", left);
    store_gift_void(card->decision, text_copy(card->decision->arena, reward_card_key(gift)));
    store_gift_movement(card->decision, row, (struct gift_movement){sold->id, ACCOUNT_ACTIVE, ACCOUNT_ADJUSTED, left});
    return STATUS_OK;
}

/* What of the money of a return goes back to the gift cards that paid. */
#include "features/events/return_internal.h"

static const struct gift_taker *taker_of(const struct purchase_return *body, int64_t card)
{
    for (size_t i = 0; i < body->taker_count; i++)
        if (body->takers[i].card == card)
            return &body->takers[i];
    return NULL;
}

/* First all that the card paid, or its part of the goods. */
static int64_t wanted(const struct return_work *work, const struct gift_paid *bought, int64_t left)
{
    if (!work->body->cards_share)
        return left;
    int64_t back = return_share(bought->minor, work->returned, work->purchase->row.amount) - (bought->minor - left);
    return back > 0 ? back : 0;
}

/* A card that can take nothing any more leaves its part to be paid out. */
void return_cards(struct return_work *work)
{
    const struct purchase_facts *bought = &work->bought, *before = &work->before;
    const struct gift_charging charging = {
        .decision = work->decision, .command = work->command, .member = work->person.member, .purchase = work->row};

    if (bought->card_count == 0 || before->card_count != bought->card_count)
        return;
    struct gift_paid *left =
        arena_copy(work->decision->arena, before->cards, before->card_count * sizeof *before->cards);
    for (size_t i = 0; i < before->card_count; i++) {
        int64_t minor = wanted(work, &bought->cards[i], left[i].minor);
        minor = minor < left[i].minor ? minor : left[i].minor;
        minor = minor < work->after.money ? minor : work->after.money;
        if (minor <= 0 || !gift_give_back(&charging, taker_of(work->body, left[i].card), &left[i], minor))
            continue;
        left[i].minor -= minor;
        work->after.money -= minor;
        work->to_cards += minor;
    }
    work->after.cards = left;
    work->after.card_count = before->card_count;
}

enum status return_cards_left(struct arena *arena, const struct past_event *purchase, struct purchase_facts *out,
                              struct error *err)
{
    struct purchase_facts facts = {0};
    const struct journal_row *last = &purchase->row;

    for (size_t f = 0; f < purchase->follower_count; f++)
        if (text_equals(purchase->followers[f].row.kind, "return"))
            last = &purchase->followers[f].row;
    enum status status = purchase_facts_read(arena, last->facts, &facts, err);
    out->cards = facts.cards;
    out->card_count = facts.card_count;
    return status;
}

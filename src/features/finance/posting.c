#include "features/finance/posting.h"

const char *const finance_account_names[ACCOUNTS_COUNT + 1] = {
    [ACCOUNTS_LIABILITY] = "points_liability",
    [ACCOUNTS_ISSUED] = "points_issued",
    [ACCOUNTS_REDEEMED] = "points_redeemed",
    [ACCOUNTS_BREAKAGE] = "points_expired",
    [ACCOUNTS_CLAWED_BACK] = "points_clawed_back",
    [ACCOUNTS_WRITTEN_OFF] = "points_written_off",
    [ACCOUNTS_ADJUSTED] = "points_adjusted",
    [ACCOUNTS_TAKEN_OVER] = "points_taken_over",
    [ACCOUNTS_TRANSFERRED] = "points_transferred",
    [ACCOUNTS_REVALUED] = "points_revalued",
    [ACCOUNTS_PAID_IN] = "stored_paid_in",
    [ACCOUNTS_PAID_OUT] = "stored_paid_out",
    [ACCOUNTS_RECEIVABLE] = "entities_receivable",
    [ACCOUNTS_PAYABLE] = "entities_payable",
    [ACCOUNTS_CARDS_LIABILITY] = "gift_cards_liability",
    [ACCOUNTS_CARDS_SOLD] = "gift_cards_sold",
    [ACCOUNTS_CARDS_GIVEN] = "gift_cards_given",
    [ACCOUNTS_CARDS_CHARGED] = "gift_cards_charged",
    [ACCOUNTS_CARDS_EXPIRED] = "gift_cards_expired",
    [ACCOUNTS_CARDS_ADJUSTED] = "gift_cards_adjusted",
    [ACCOUNTS_PARTNERS_RECEIVABLE] = "partners_receivable",
    [ACCOUNTS_PARTNERS_PAYABLE] = "partners_payable",
    [ACCOUNTS_PARTNERS_SETTLEMENT] = "partners_settlement",
    [ACCOUNTS_PARTNERS_ISSUED] = "partners_issued",
    [ACCOUNTS_PARTNERS_REDEEMED] = "partners_redeemed",
    [ACCOUNTS_PARTNERS_REWARDS] = "partners_rewards",
    [ACCOUNTS_PARTNERS_PAID] = "partners_paid",
    [ACCOUNTS_CONTRACTS_RECEIVABLE] = "contracts_receivable",
    [ACCOUNTS_CONTRACTS_SHORTFALL] = "contracts_shortfall",
    [ACCOUNTS_CONTRACTS_WAIVED] = "contracts_waived",
    [ACCOUNTS_CONTRACTS_PAID] = "contracts_paid",
};

/* The other side of each entry, and what the posting says. */
static const struct {
    enum finance_account account;
    const char *text;
} sides[FINANCE_ENTRY_COUNT] = {
    [FINANCE_ISSUED] = {ACCOUNTS_ISSUED, "points issued"},
    [FINANCE_REDEEMED] = {ACCOUNTS_REDEEMED, "points redeemed"},
    [FINANCE_EXPIRED] = {ACCOUNTS_BREAKAGE, "points expired"},
    [FINANCE_CLAWED_BACK] = {ACCOUNTS_CLAWED_BACK, "points clawed back"},
    [FINANCE_WRITTEN_OFF] = {ACCOUNTS_WRITTEN_OFF, "debt written off"},
    [FINANCE_ADJUSTED] = {ACCOUNTS_ADJUSTED, "points adjusted"},
    [FINANCE_TAKEN_OVER] = {ACCOUNTS_TAKEN_OVER, "points taken over"},
    [FINANCE_TRANSFERRED] = {ACCOUNTS_TRANSFERRED, "points transferred"},
    [FINANCE_PAID_IN] = {ACCOUNTS_PAID_IN, "stored value paid in"},
    [FINANCE_PAID_OUT] = {ACCOUNTS_PAID_OUT, "stored value paid back"},
};

/* What stands in the place of accounts of points where gift cards are posted. */
static const struct {
    enum finance_account points, cards;
    const char *text;
} card_sides[] = {
    {ACCOUNTS_LIABILITY, ACCOUNTS_CARDS_LIABILITY, NULL},
    {ACCOUNTS_PAID_IN, ACCOUNTS_CARDS_SOLD, "gift cards sold"},
    {ACCOUNTS_ISSUED, ACCOUNTS_CARDS_GIVEN, "gift cards given"},
    {ACCOUNTS_REDEEMED, ACCOUNTS_CARDS_CHARGED, "gift cards charged"},
    {ACCOUNTS_BREAKAGE, ACCOUNTS_CARDS_EXPIRED, "gift cards expired"},
    {ACCOUNTS_ADJUSTED, ACCOUNTS_CARDS_ADJUSTED, "gift cards made void"},
};

/* The account of gift cards in the place of that of points, and what the posting then says. */
static enum finance_account account_for(struct text wallet, enum finance_account account, const char **said)
{
    if (!text_equals(wallet, FINANCE_GIFT_CARDS))
        return account;
    for (size_t i = 0; i < sizeof card_sides / sizeof card_sides[0]; i++) {
        if (card_sides[i].points != account)
            continue;
        if (said != NULL && card_sides[i].text != NULL)
            *said = card_sides[i].text;
        return card_sides[i].cards;
    }
    return account;
}

bool finance_account_find(struct text name, enum finance_account *out)
{
    for (int i = 0; i < ACCOUNTS_COUNT; i++)
        if (text_equals(name, finance_account_names[i])) {
            *out = (enum finance_account)i;
            return true;
        }
    return false;
}

static void add(struct finance_postings *postings, struct finance_posting posting)
{
    postings->items =
        arena_grow(postings->arena, postings->items, &postings->capacity, postings->count + 1, sizeof *postings->items);
    postings->items[postings->count++] = posting;
}

void finance_post_pair(struct finance_postings *postings, struct finance_posting like, enum finance_account debit,
                       enum finance_account credit, int64_t minor)
{
    int64_t amount = minor < 0 ? -minor : minor;

    if (minor == 0)
        return;
    like.account = minor > 0 ? debit : credit;
    like.debit = amount;
    add(postings, like);
    like.account = minor > 0 ? credit : debit;
    like.debit = 0;
    like.credit = amount;
    add(postings, like);
}

void finance_post_line(struct finance_postings *postings, const struct finance_line *line,
                       const struct finance_rates *rates, const struct finance_rates *before)
{
    struct finance_posting like = {.month = line->month, .entity = line->entity, .wallet = line->wallet};
    enum finance_account liability = account_for(line->wallet, ACCOUNTS_LIABILITY, NULL);
    int64_t left =
        finance_value(rates, line->wallet, line->closing) - finance_value(before, line->wallet, line->opening);

    for (int entry = 1; entry < FINANCE_ENTRY_COUNT; entry++) {
        int64_t minor = finance_value(rates, line->wallet, line->entries[entry]);
        like.points = line->entries[entry] < 0 ? -line->entries[entry] : line->entries[entry];
        like.text = sides[entry].text;
        enum finance_account other = account_for(line->wallet, sides[entry].account, &like.text);
        finance_post_pair(postings, like, other, liability, minor);
        left -= minor;
    }
    like.points = 0;
    like.text = "change of value";
    finance_post_pair(postings, like, ACCOUNTS_REVALUED, liability, left);
}

/* Money on a gift card of another entity, which owes it: the other took it in for the seller. */
static void post_taken_in(struct finance_postings *postings, const struct finance_settlement *settlement,
                          struct finance_posting like)
{
    enum finance_account sold = account_for(settlement->wallet, ACCOUNTS_PAID_IN, NULL);

    like.text = "paid in elsewhere";
    finance_post_pair(postings, like, ACCOUNTS_RECEIVABLE, sold, -settlement->minor);
    like.entity = settlement->redeemer;
    like.counterparty = settlement->issuer;
    like.text = "paid in for another entity";
    finance_post_pair(postings, like, sold, ACCOUNTS_PAYABLE, -settlement->minor);
}

/* The issuer hands on what it had kept for the points; the other, who gave the goods, earns it. */
void finance_post_settlement(struct finance_postings *postings, const struct finance_settlement *settlement)
{
    struct finance_posting like = {.month = settlement->month,
                                   .entity = settlement->issuer,
                                   .wallet = settlement->wallet,
                                   .points = settlement->points < 0 ? -settlement->points : settlement->points,
                                   .text = "redeemed elsewhere",
                                   .counterparty = settlement->redeemer};

    if (settlement->entry == FINANCE_PAID_IN) {
        post_taken_in(postings, settlement, like);
        return;
    }
    enum finance_account redeemed = account_for(settlement->wallet, ACCOUNTS_REDEEMED, NULL);

    finance_post_pair(postings, like, redeemed, ACCOUNTS_PAYABLE, settlement->minor);
    like.entity = settlement->redeemer;
    like.counterparty = settlement->issuer;
    like.text = "redeemed for another entity";
    finance_post_pair(postings, like, ACCOUNTS_RECEIVABLE, redeemed, settlement->minor);
}

/* posting.h: the double entries of a month for the accounts: every one a debit and a credit of the same amount. Pure. */
#ifndef PATRON_FEATURES_FINANCE_POSTING_H
#define PATRON_FEATURES_FINANCE_POSTING_H

#include "features/finance/lines.h"
#include "features/finance/rates.h"

/* Accounts that a posting names; the business gives each its own number. */
enum finance_account {
    ACCOUNTS_LIABILITY,
    ACCOUNTS_ISSUED,
    ACCOUNTS_REDEEMED,
    ACCOUNTS_BREAKAGE,
    ACCOUNTS_CLAWED_BACK,
    ACCOUNTS_WRITTEN_OFF,
    ACCOUNTS_ADJUSTED,
    ACCOUNTS_TAKEN_OVER,
    ACCOUNTS_TRANSFERRED,
    ACCOUNTS_REVALUED,
    ACCOUNTS_PAID_IN,
    ACCOUNTS_PAID_OUT,
    ACCOUNTS_RECEIVABLE,      /* from other entities */
    ACCOUNTS_PAYABLE,         /* to other entities */
    ACCOUNTS_CARDS_LIABILITY, /* of gift cards, each in the place of that of points */
    ACCOUNTS_CARDS_SOLD,
    ACCOUNTS_CARDS_GIVEN,
    ACCOUNTS_CARDS_CHARGED,
    ACCOUNTS_CARDS_EXPIRED,
    ACCOUNTS_CARDS_ADJUSTED,
    ACCOUNTS_PARTNERS_RECEIVABLE, /* from partners and to them, until the statement nets both */
    ACCOUNTS_PARTNERS_PAYABLE,
    ACCOUNTS_PARTNERS_SETTLEMENT, /* statements that are not paid */
    ACCOUNTS_PARTNERS_ISSUED,     /* what partners pay for the points of their tills */
    ACCOUNTS_PARTNERS_REDEEMED,   /* what they get for those redeemed there */
    ACCOUNTS_PARTNERS_REWARDS,
    ACCOUNTS_PARTNERS_PAID,
    ACCOUNTS_CONTRACTS_RECEIVABLE, /* for shortfalls */
    ACCOUNTS_CONTRACTS_SHORTFALL,
    ACCOUNTS_CONTRACTS_WAIVED,
    ACCOUNTS_CONTRACTS_PAID,
    ACCOUNTS_COUNT,
};
extern const char *const finance_account_names[ACCOUNTS_COUNT + 1]; /* "points_liability" ...; ends with NULL */
bool finance_account_find(struct text name, enum finance_account *out);

struct finance_posting {
    int32_t month;
    struct text entity, wallet;
    enum finance_account account;
    int64_t debit, credit; /* minor units; one of them is 0 */
    int64_t points;        /* that it stands for; 0: none, a change of value */
    const char *text;
    struct text counterparty; /* of a settlement */
    const char *currency;     /* NULL: that of the programme */
};

/*
 * Adds what the line, or the settlement, means to the accounts: pairs of postings, the debit first; nothing that is worth 0.
 * What the values of the entries leave of the change of the balance's value (a new rate, rounding) is a revaluation.
 */
struct finance_postings {
    struct arena *arena;
    struct finance_posting *items;
    size_t count, capacity;
};
/* `before` is worth for the opening: the rates of the month before. */
void finance_post_line(struct finance_postings *postings, const struct finance_line *line,
                       const struct finance_rates *rates, const struct finance_rates *before);
void finance_post_settlement(struct finance_postings *postings, const struct finance_settlement *settlement);

/* Adds `minor` as a debit of the one and a credit of the other, below 0 the other way round; nothing of 0. */
void finance_post_pair(struct finance_postings *postings, struct finance_posting like, enum finance_account debit,
                       enum finance_account credit, int64_t minor);

#endif

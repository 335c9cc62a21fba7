/*
 * fold.h: movements of points added up by month, legal entity, points account and what they are to the accounts; by the
 * month of issue; between entities; and at partners. Pure.
 *
 * One kind of sum serves all: SUM_MONTH is what the months are made of, SUM_VINTAGE what the estimate of breakage
 * learns from, SUM_SETTLEMENT what entities owe each other, SUM_PARTNER what was issued, taken back and redeemed at the
 * tills of a partner, whoever had issued it (features/partners makes statements of it; nothing is settled twice), SUM_MONEY
 * what is owed and paid in money besides: for shortfalls of contracts, of statements of partners. Points of a lot belong to the entity that issued them until they
 * are gone; a debt of a member belongs to the entity of the store where it arose, and what pays it moves there.
 */
#ifndef PATRON_FEATURES_FINANCE_FOLD_H
#define PATRON_FEATURES_FINANCE_FOLD_H

#include "features/finance/month.h"

enum finance_kind { SUM_MONTH = 1, SUM_VINTAGE = 2, SUM_SETTLEMENT = 3, SUM_PARTNER = 4, SUM_MONEY = 5 };

/* What money is in SUM_MONEY. Stored as numbers: never renumber. */
enum finance_money { MONEY_DUE = 1, MONEY_WAIVED = 2, MONEY_PAID = 3, MONEY_COUNT = 4 };
extern const char *const finance_money_names[MONEY_COUNT]; /* "due"; [0] is empty */

struct finance_sum {
    enum finance_kind kind;
    int32_t month;      /* posted in */
    struct text wallet; /* SUM_MONEY: the currency; empty: that of the programme */
    /* That issued the points; empty: of no entity. SUM_PARTNER, SUM_MONEY: the partner; empty: contracts. */
    struct text entity;
    /* SUM_SETTLEMENT: where they were redeemed; SUM_MONEY: the month of the statement, "2026-09"; otherwise empty. */
    struct text counterparty;
    /* SUM_MONTH, SUM_PARTNER, SUM_MONEY: of the business day when it came late, else 0; SUM_VINTAGE: of issue. */
    int32_t other_month;
    enum finance_entry
        entry; /* SUM_SETTLEMENT: FINANCE_REDEEMED, or _PAID_IN on gift cards; SUM_MONEY: an enum finance_money */
    /* SUM_SETTLEMENT: points redeemed, above 0, or paid in, below 0; SUM_MONEY: minor units; otherwise what it adds to the balance. */
    int64_t amount;
};

/* A movement with all that had to be looked up. Names are numbers by finance_fold_name. */
struct finance_movement {
    int32_t month;    /* posted in */
    int32_t late_for; /* 0: not late */
    int32_t vintage;  /* month of issue of the lot; 0: no lot */
    int wallet;
    int issuer, redeemer; /* entities */
    int debtor;           /* credit ACCOUNT_DEBT: the entity whose debt it pays */
    enum account debit, credit;
    int64_t amount;
};

/* Money on gift cards stands in the sums as a points account of this name, which no account can have, in minor units; each card is as a lot. */
#define FINANCE_GIFT_CARDS "gift cards"

struct finance_fold;

struct finance_fold *finance_fold_new(struct arena *arena);
int finance_fold_name(struct finance_fold *fold, struct text name);
struct text finance_fold_text(const struct finance_fold *fold, int name);

/* False when a sum would overflow. */
bool finance_fold_add(struct finance_fold *fold, const struct finance_movement *movement);
/* Adds a sum as it is. */
bool finance_fold_add_sum(struct finance_fold *fold, const struct finance_sum *sum);

size_t finance_fold_count(const struct finance_fold *fold);
const struct finance_sum *finance_fold_at(const struct finance_fold *fold, size_t index);
/* The sum of that key, whatever its amount; NULL: there is none. */
const struct finance_sum *finance_fold_find(struct finance_fold *fold, const struct finance_sum *key);

struct finance_sums {
    struct finance_sum *items;
    size_t count, capacity;
};

/* By kind, month, wallet, entity, counterparty, other month, entry. */
int finance_sum_compare(const struct finance_sum *a, const struct finance_sum *b);
void finance_sums_sort(struct finance_sum *sums, size_t count);

#endif

/* rates.h: what points are worth to the accounts, and between entities. Pure. */
#ifndef PATRON_FEATURES_FINANCE_RATES_H
#define PATRON_FEATURES_FINANCE_RATES_H

#include "features/finance/month.h"
#include "features/programme/programme.h"

enum { FINANCE_WALLETS_MAX = 64 };

/* `points` of `wallet` are `minor` minor units; points 0: no money value. */
struct finance_rate {
    struct text wallet;
    int64_t points, minor;
};

struct finance_rates {
    char currency[CURRENCY_SIZE];
    struct finance_rate values[FINANCE_WALLETS_MAX];      /* in the accounts: those of the programme */
    struct finance_rate settlements[FINANCE_WALLETS_MAX]; /* between entities; of the same wallets */
    size_t count;
};

/* By the programme in force at the end of `month`; `agreed` are the rates between entities, by default the same. */
void finance_rates_build(const struct programme_set *set, int32_t month, const struct finance_rate *agreed,
                         size_t agreed_count, struct finance_rates *out);

/* What the points are worth, rounded half even; 0 without a rate or past the range of money. */
int64_t finance_value(const struct finance_rates *rates, struct text wallet, int64_t points);
int64_t finance_settlement_value(const struct finance_rates *rates, struct text wallet, int64_t points);
bool finance_has_value(const struct finance_rates *rates, struct text wallet);

/* As a text that a closed month keeps, and back. */
struct text finance_rates_text(struct arena *arena, const struct finance_rates *rates);
bool finance_rates_parse(struct text text, struct finance_rates *out);

#endif

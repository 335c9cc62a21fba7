/*
 * verify_totals.h: what the movements of one bucket add up to: by member and wallet, by lot, by day. Open-addressing
 * tables that are emptied for the next bucket; nothing is allocated by the row.
 */
#ifndef PATRON_FEATURES_POINTS_VERIFY_TOTALS_H
#define PATRON_FEATURES_POINTS_VERIFY_TOTALS_H

#include "engine/decide.h"

enum { TOTALS_WALLETS_MAX = 256 };

struct wallet_sum {
    int64_t member;
    int wallet;
    bool used, seen; /* seen: the stored row was compared */
    int64_t active, pending, held, debt;
};

struct lot_sum {
    int64_t lot; /* 0: free place */
    int64_t member;
    int wallet;
    bool seen;
    int64_t amount; /* of the first movement */
    int64_t active, pending, held, expired;
};

struct day_sum {
    int wallet, account;
    int32_t day;
    bool used, seen;
    int64_t amount;
};

struct verify_totals {
    char wallet_codes[TOTALS_WALLETS_MAX][CODE_SIZE_MAX];
    size_t wallet_sizes[TOTALS_WALLETS_MAX];
    int wallet_count;
    struct wallet_sum *wallets;
    struct lot_sum *lots;
    struct day_sum *days;
    size_t wallet_used, wallet_capacity, lot_used, lot_capacity, day_used, day_capacity;
    struct day_sum *recent[2]; /* the days of the movement before, most often the same */
    int64_t held[TOTALS_WALLETS_MAX], transit[TOTALS_WALLETS_MAX]; /* over all buckets of the thread */
};

bool totals_start(struct verify_totals *totals); /* false without memory */
void totals_clear(struct verify_totals *totals); /* for the next bucket; keeps the names of wallets */
void totals_release(struct verify_totals *totals);

/* The number of a wallet's code; -1 when there are too many. */
int totals_wallet(struct verify_totals *totals, struct text code);
struct text totals_wallet_code(const struct verify_totals *totals, int wallet);

/* Places; made when missing; NULL without memory. */
struct wallet_sum *totals_wallet_sum(struct verify_totals *totals, int64_t member, int wallet);
struct lot_sum *totals_lot_sum(struct verify_totals *totals, int64_t lot);
struct day_sum *totals_day_sum(struct verify_totals *totals, int wallet, int account, int32_t day);

/* Adds a movement on `day`. Returns NULL, or what is wrong with it. */
const char *totals_add(struct verify_totals *totals, const struct movement *movement, int32_t day);

#endif

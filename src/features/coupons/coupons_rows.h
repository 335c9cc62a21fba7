/* coupons_rows.h: the rows that decisions on coupons write (coupons_store.c). */
#ifndef PATRON_FEATURES_COUPONS_COUPONS_ROWS_H
#define PATRON_FEATURES_COUPONS_COUPONS_ROWS_H

#include "features/coupons/coupons.h"

/* Stored as numbers: never renumber. */
enum coupon_use_state { COUPON_RESERVED = 1, COUPON_REDEEMED = 2, COUPON_RELEASED = 3 };
extern const char *const coupon_use_states[]; /* "reserved", "redeemed", "released" from 1 on; [0] is "" */

/* One use: of the code `key` by the journal row `id`. */
struct coupon_row {
    struct text key;
    int64_t id;
    struct text series;
    int64_t member; /* 0: nobody known */
    int64_t state;
    int64_t at;
    int64_t until;    /* of a reservation; 0: none */
    int64_t ended_by; /* the row that settled or released it; 0: none */
};

/* A later row of the same use keeps its `at` and member. */
void store_coupon_use(struct decision *decision, const struct coupon_row *row);

/* A code that comes into being by a command, or what became of it. */
struct coupon_code {
    struct text key, series;
    int64_t issued_at, valid_from, valid_until, uses;
    int64_t owner;
    int64_t voided_at; /* 0: not */
};
void store_coupon_code(struct decision *decision, const struct coupon_code *code);

/* In the bucket of the member: what it was given. `event` is the row that gave it. */
void store_coupon_owner(struct decision *decision, int64_t member, const struct coupon_code *code, int64_t event);

#endif

/* coupon.h: codes of coupons given out by the system before: taken over, looked up, and used so often and no more. Pure. */
#ifndef PATRON_FEATURES_TAKEOVER_COUPON_H
#define PATRON_FEATURES_TAKEOVER_COUPON_H

#include "features/takeover/takeover.h"

enum { COUPON_VALUE_SIZE_MAX = 200, COUPON_USES_MAX = 1000000000 };

/* What does not change once it is taken over. How often it may still be used is the counter "coupon:CODE". */
struct coupon {
    int64_t id; /* journal id */
    struct text code;
    int64_t owner;       /* member; 0: whoever brings it */
    struct text value;   /* what it gives, in words: the till knows what to do */
    int64_t valid_from;  /* first instant; INT64_MIN: always */
    int64_t valid_until; /* first instant after; INSTANT_NEVER */
};

/* In capitals, without blanks around it. STATUS_INVALID `coupon.code` unless it has 1 to CODE_SIZE_MAX bytes. */
enum status coupon_code(struct arena *arena, struct text given, struct text *out, struct error *err);
struct claim_key coupon_claim(struct text code);
const char *coupon_counter(struct arena *arena, struct text code);

/* One row: the last claim is the coupon's, counters[0] its counter. Subject 0 is the owner; without subjects there is none. */
struct take_coupon {
    struct takeover takeover;
    struct coupon coupon;
    int64_t uses_left; /* 0: it was used up there, and is known as used here */
    int bucket;        /* of a coupon without an owner */
};
extern const struct command_type take_coupon_type;

/* STATUS_CONFLICT `coupon.not_started`, `coupon.expired`: whether it is valid at `now`. */
enum status coupon_check(const struct coupon *coupon, int64_t now, struct error *err);

/*
 * Uses a coupon once. Subject 0 is the owner, or, of a coupon without one, who brings it, if anybody is named. The coupon does
 * not change, so it is read before; the counter decides: STATUS_CONFLICT `coupon.used`.
 */
struct use_coupon {
    struct coupon coupon;
    struct text store, channel;
    struct text receipt; /* a code of the till's; may be empty */
    int64_t id;          /* result */
    int64_t member;      /* result; 0: nobody */
    int64_t uses_left;   /* result */
};
extern const struct command_type use_coupon_type;

/* coupon_store.c */
void store_coupon(struct decision *decision, const struct coupon *coupon);

#endif

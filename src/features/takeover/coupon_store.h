/* coupon_store.h: coupons in the database. */
#ifndef PATRON_FEATURES_TAKEOVER_COUPON_STORE_H
#define PATRON_FEATURES_TAKEOVER_COUPON_STORE_H

#include "engine/engine.h"
#include "features/takeover/coupon.h"

struct coupon_uses {
    int64_t used; /* since it was taken over */
    int64_t left;
};

/* By its code as coupon_code gives it; texts in `arena`. STATUS_MISSING `coupon.unknown`. `uses` may be NULL. */
enum status coupon_find(struct storage_session *session, struct arena *arena, struct text code, struct coupon *out,
                        struct coupon_uses *uses, struct error *err);

#endif

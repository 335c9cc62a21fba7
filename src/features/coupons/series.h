/* series.h: what is found out of the published series at once: public codes, and how made codes look. Pure; for coupons.c. */
#ifndef PATRON_FEATURES_COUPONS_SERIES_H
#define PATRON_FEATURES_COUPONS_SERIES_H

#include "features/coupons/coupons.h"

/* The series whose public code it is at `now`; otherwise the one that last was or next is. NULL: no public code. */
const struct coupon_series *coupon_public_find(const struct programme_set *set, struct text key, int64_t now);

/* Whether an unknown key looks like a made code of some series with one symbol wrong, or two that changed places. */
bool coupon_mistyped(const struct programme_set *set, struct text key);

#endif

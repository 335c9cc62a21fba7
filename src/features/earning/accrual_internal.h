/* accrual_internal.h: asking rules, between its files. */
#ifndef PATRON_FEATURES_EARNING_ACCRUAL_INTERNAL_H
#define PATRON_FEATURES_EARNING_ACCRUAL_INTERNAL_H

#include "features/earning/accrual.h"

/* An event whose rules are being asked. */
struct accrual_work {
    const struct accrual_event *event;
    struct arena *arena;
    bool again; /* what concerns the member was decided before */

    /* Of a purchase. */
    const int64_t *paid; /* of each line, less its share of the part paid with points; NULL: nothing was */
    bool *counts;        /* which lines count for the rule at hand */
    struct tier_share share;
    bool share_known;

    /* What conditions look at; its slots are filled when the first one is asked. */
    struct condition_world world;
    struct condition_event about;
    struct condition_purchase purchase;
};

enum status accrual_work_start(struct accrual_work *work, const struct accrual_event *event, struct arena *arena,
                               struct error *err);

/* Whether the rule holds, with `work->counts` set; if not, `outcome` says why. */
bool accrual_holds(struct accrual_work *work, struct accrual_outcome *outcome);

/*
 * The points that the rule gives for the lines that count; `so_far` is what earning rules before it gave into the same
 * account. STATUS_LIMIT `points.range`; STATUS_INVALID where an expression gives no number.
 */
enum status accrual_amount(struct accrual_work *work, const struct accrual_rule *rule, int64_t so_far, int64_t *points,
                           struct error *err);

#endif

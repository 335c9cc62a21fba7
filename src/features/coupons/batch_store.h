/* batch_store.h: codes by the thousand: made, or read in from a list; what was begun is gone on with, never made twice. */
#ifndef PATRON_FEATURES_COUPONS_BATCH_STORE_H
#define PATRON_FEATURES_COUPONS_BATCH_STORE_H

#include "engine/engine.h"
#include "features/coupons/coupons.h"

enum {
    BATCH_CODES_MAX = 10000000,
    BATCH_REFERENCE_MAX = 100,
    BATCH_CONTENT_MAX = 64 << 20, /* bytes of a list */
    BATCH_REFUSED_TOLD = 20,      /* lines of a list that were refused: so many are told */
};
enum code_batch_kind { BATCH_MADE = 1, BATCH_IMPORTED = 2 };

struct code_batch {
    struct text series, reference; /* together its key */
    int64_t id, kind;
    int64_t wanted, done;         /* codes, or lines of a list */
    int64_t known;                /* lines of a list whose code was there before */
    int64_t started_at, ended_at; /* 0: not yet */
    struct text actor;
};

/* Called after each commit; returning true stops the work, which the next run goes on with. */
struct batch_watch {
    bool (*moved)(void *context, int64_t done, int64_t total);
    void *context;
};

/*
 * Makes `count` codes of a unique series (content empty), or reads in the lines of a list for an imported one: a code, and if
 * wanted after a comma its uses and the first instant without it; a first line "code..." names the columns. The same series and
 * reference again goes on where it stopped: STATUS_CONFLICT `coupon.reference` when it was for another count. Lines that are
 * no code are counted in `*refused` and told in `*complaints` (may be NULL). STATUS_CONFLICT `coupon.series`, `coupon.kind`.
 */
struct batch_request {
    struct text series, reference, actor;
    int64_t count;
    struct text content;
    struct batch_watch watch;
};
enum status coupon_batch_run(struct engine *engine, struct arena *arena, const struct batch_request *request,
                             struct code_batch *out, struct text *complaints, struct error *err);

enum status coupon_batches_read(struct storage_session *session, struct arena *arena, struct text series,
                                struct code_batch **out, size_t *count, struct error *err);

/* All codes of a series as CSV into `descriptor`, in constant memory. */
enum status coupon_codes_write(struct engine *engine, const struct coupon_series *series, int descriptor,
                               struct error *err);

#endif

/* finance_store.h: the sums of finance in the database: kept up with the journal, read, closed, verified. */
#ifndef PATRON_FEATURES_FINANCE_FINANCE_STORE_H
#define PATRON_FEATURES_FINANCE_FINANCE_STORE_H

#include "engine/engine.h"
#include "features/finance/lines.h"
#include "features/finance/rates.h"
#include "features/finance/state_store.h"
#include "features/points/verify.h"

/* ---- keeping up ---- */

/*
 * Folds what the journal has since the last time, up to one moment of all buckets: exactly once, whatever other processes
 * do. `cut` (may be NULL) gets that moment. STATUS_BUSY `finance.busy` when others change the same all the time.
 */
struct finance_moment {
    int64_t version; /* of the state */
    struct verify_head heads[BUCKET_COUNT];
};
enum status finance_catch_up(struct engine *engine, struct finance_moment *moment, struct error *err);

/* ---- reading ---- */

/* Those of a kind, posted in the months of `range`. */
enum status finance_sums_read(struct storage_session *session, struct arena *arena, enum finance_kind kind,
                              const struct finance_range *range, struct finance_sums *out, struct error *err);

/* The document that finance_settings_put wrote, and its version; 0: there is none. */
enum status finance_settings_get(struct storage_session *session, struct arena *arena, int64_t *version,
                                 struct text *body, struct error *err);
enum status finance_settings_put(struct storage_session *session, int64_t version, struct text body, struct error *err);

/* ---- closing ---- */

struct finance_closing {
    int32_t month;
    struct text actor;
    int64_t now;
    const struct programme_set *programmes;
    const struct finance_rate *agreed; /* between entities */
    size_t agreed_count;
    /* Writes the audit of it in the same transaction. */
    enum status (*note)(struct storage_session *session, struct arena *arena, const struct finance_close *close,
                        struct error *err);
};
/*
 * Closes the month after catching up. STATUS_CONFLICT `finance.closed`, `finance.not_over`, or `finance.order` for one that
 * is not the next after those that are closed; `finance.clock` while the sweeper rests. What is due by time alone is posted
 * first. The first month closes all before it as well.
 */
enum status finance_close_month(struct engine *engine, struct arena *arena, const struct finance_closing *closing,
                                struct finance_close *out, struct error *err);

/* The digest of a closed month: of its sums, its rates, the seals it ends with and the digest before. */
struct finance_digest {
    const unsigned char *key;                   /* SEAL_KEY_SIZE bytes */
    const struct finance_close *close, *before; /* before: NULL: the first */
};
enum status finance_digest_compute(struct storage_session *session, const struct finance_digest *input,
                                   unsigned char digest[DIGEST_SIZE], struct error *err);

/* ---- verifying ---- */

struct finance_check {
    bool clean;
    int64_t movements, sums, months;
    char what[240]; /* the first thing that disagrees */
};
/* Folds the whole journal anew and compares, and recomputes the digests of the closed months. Writes nothing. */
struct finance_verifying {
    struct engine *engine;
    void (*progress)(void *context, int buckets_done); /* may be NULL */
    void *context;
};
enum status finance_verify(const struct finance_verifying *verifying, struct finance_check *out, struct error *err);

#endif

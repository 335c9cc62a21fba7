/* verify_bucket_store.h: one bucket of a verification; between verify_store.c and verify_bucket_store.c. */
#ifndef PATRON_FEATURES_POINTS_VERIFY_BUCKET_STORE_H
#define PATRON_FEATURES_POINTS_VERIFY_BUCKET_STORE_H

#include "engine/seal.h"
#include "features/points/verify.h"
#include "features/points/verify_totals.h"
#include "storage/storage.h"

enum { VERIFY_PAGE_ROWS = 4096, VERIFY_PAGE_MEMBERS = 16384 };

/* What a thread has from bucket to bucket. */
struct verify_worker {
    const struct verify_options *options;
    struct storage_session *session;
    struct arena *arena; /* of a page */
    struct seal_buffer buffer;
    struct verify_totals totals;
    int64_t open_holds[TOTALS_WALLETS_MAX]; /* over its buckets */
    int64_t card_rows;                      /* of the journal: those that moved what is on a gift card */
    struct verify_report report;            /* counts; the disagreement of the bucket in hand */
};

/* What was stored of a bucket when the snapshot was taken. */
struct stored_head {
    int64_t batch, seq;
    unsigned char seal[SEAL_SIZE];
};

/*
 * Verifies a bucket. A disagreement is told in worker->report (clean = false), and STATUS_OK returned; the first one ends
 * the bucket.
 */
enum status verify_bucket(struct verify_worker *worker, int bucket, const struct stored_head *head, struct error *err);

/* Whether a row of the journal moved what is on a gift card. */
bool verify_card_row(const struct journal_row *row);
/* Over all buckets, in one snapshot, with `rows` rows of the kind: the first that disagrees is told in `report`. */
enum status verify_cards(struct storage_session *session, int64_t rows, struct verify_report *report,
                         struct error *err);

#endif

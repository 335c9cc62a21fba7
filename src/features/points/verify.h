/*
 * verify.h: recomputes seals, balances, lots and daily totals from the journal and its movements, and names the first row
 * that disagrees with what is stored.
 */
#ifndef PATRON_FEATURES_POINTS_VERIFY_H
#define PATRON_FEATURES_POINTS_VERIFY_H

#include "engine/decide.h"

struct storage; /* storage/storage.h */
struct storage_session;

enum { VERIFY_THREADS_MAX = 16, VERIFY_KEY_SIZE = 160, VERIFY_WHAT_SIZE = 240 };

/* A seal kept outside the database: what the chain of `bucket` was after row `seq` (0: before the first). */
struct verify_head {
    int bucket;
    int64_t seq;
    unsigned char seal[SEAL_SIZE];
};

struct verify_options {
    struct storage *storage;
    const unsigned char *seal_key;
    int threads;       /* 0: 2 */
    int64_t last_rows; /* above 0: the seals of so many rows at the end of each bucket, and nothing else */
    const struct verify_head *heads; /* kept outside; may be NULL */
    size_t head_count;
    void (*progress)(void *context, int buckets_done); /* of BUCKET_COUNT; from any thread; may be NULL */
    bool (*cancelled)(void *context);                  /* may be NULL */
    void *context;
};

struct verify_report {
    bool clean;
    bool changed_meanwhile;      /* others wrote: what spans buckets (transit, holds) was not compared */
    int64_t rows, movements;     /* journal rows and movements read */
    int64_t wallets, lots, days; /* stored rows compared */
    int64_t erased;              /* details that an erasure took; their digests are under the seals */
    /* The first row that disagrees, when not clean. */
    int bucket;
    char table
        [32]; /* "journal", "detail", "movement", "wallet", "lot", "ledger_day", "head", "hold", "gift_card", "gift_card_movement" */
    char key[VERIFY_KEY_SIZE];   /* "seq 17", "mbr_..., points" */
    char what[VERIFY_WHAT_SIZE]; /* "active is 40, the movements say 50" */
};

/*
 * Reads in its own sessions, each in one snapshot; the product may go on writing. An error is one of reading; what does
 * not agree is in the report.
 */
enum status verify_run(const struct verify_options *options, struct verify_report *out, struct error *err);

/* The seals now, to be kept outside: BUCKET_COUNT entries. */
enum status verify_heads_read(struct storage_session *session, struct verify_head heads[BUCKET_COUNT],
                              struct error *err);

#endif

/* reading_store.h: movements of the journal with all that the fold has to know of them, page by page. */
#ifndef PATRON_FEATURES_FINANCE_READING_STORE_H
#define PATRON_FEATURES_FINANCE_READING_STORE_H

#include "features/finance/fold.h"
#include "features/finance/state_store.h"

struct map;

/* What the rows of the journal are to the fold. */
enum row_kind { ROW_OTHER, ROW_SHARE, ROW_TRANSFER_IN, ROW_MIGRATION, ROW_PARTNER };
enum row_kind row_kind_of(struct text kind);

/* Where and when something happened. */
struct finance_origin {
    int64_t id; /* of the row of the journal */
    int store;  /* by finance_fold_name */
    int32_t day;
    enum row_kind kind;
    int64_t cause;
};

/* One movement as it is read. */
struct finance_raw {
    struct finance_origin row;
    int64_t line, member;
    int wallet;
    enum account debit, credit;
    int64_t amount, lot;
    struct finance_origin source; /* of the lot; id 0: none */
    bool card;                    /* of a gift card: the lot is the row that sold it */
    int32_t earned_day;           /* of the lot, in UTC */
};

/* Reads with `session`, which is in a transaction, and adds to `fold`. Zero it but for these and `state`. */
struct finance_reading {
    struct storage_session *session;
    const struct finance_state *state;
    struct finance_fold *fold;
    struct arena *page;    /* of what is read and looked up; reset by finance_reading_post */
    struct map *transfers; /* lot -> struct finance_origin: where the points of a transferred lot were issued */
    struct finance_raw *rows;
    size_t count, capacity;
    int64_t movements; /* in all */
};

/* Adds the movements of the rows after `after` until `last` to the rows in hand, and their money to the fold. */
enum status finance_reading_page(struct finance_reading *reading, int bucket, int64_t after, int64_t last,
                                 struct error *err);

/* Looks up what the rows in hand need, folds them and forgets them. */
enum status finance_reading_post(struct finance_reading *reading, struct error *err);

/* ---- money_store.c ---- */

enum status finance_reading_money(struct finance_reading *reading, int bucket, int64_t after, int64_t last,
                                  struct error *err);

/* ---- reading_store.c and debt_store.c ---- */

/* A row that says no business day has that of its recording, in UTC. */
int32_t finance_day_of(int64_t day, int64_t recorded_at);

/* A debt of a member, or the part of it that a payment pays. */
struct finance_debt {
    int entity;
    int64_t amount;
};

/*
 * The movements of debt of raw's member and points account before `raw`, into `out` (its own rows; session, state, fold and page
 * those of `reading`).
 */
enum status finance_reading_debts(const struct finance_reading *reading, const struct finance_raw *raw,
                                  struct finance_reading *out, struct error *err);

/* The entity that each of the rows in hand belongs to: `out` has as many. */
enum status finance_reading_issuers(struct finance_reading *reading, int *out, struct error *err);

/* The debts that `raw` pays, oldest first; together raw's amount. */
enum status finance_debts_paid(struct finance_reading *reading, const struct finance_raw *raw,
                               struct finance_debt **out, size_t *count, struct error *err);

/* ---- origin_store.c ---- */

/* Where the points of a lot were issued that came by the transfer `source`; the same for what of it paid a debt (lot 0, `line`). */
enum status finance_transfer_origin(struct finance_reading *reading, const struct finance_raw *raw,
                                    struct finance_origin *out, struct error *err);

#endif

/* points_store.h: what points read from the database beside the engine. */
#ifndef PATRON_FEATURES_POINTS_POINTS_STORE_H
#define PATRON_FEATURES_POINTS_POINTS_STORE_H

#include "engine/decide.h"
#include "features/programme/earned_rules.h"
#include "storage/storage.h"

struct stored_hold {
    int64_t member;
    struct text wallet;
    int64_t amount, captured, expires_at;
    enum hold_state state;
};
/* STATUS_MISSING `hold.unknown`. */
enum status hold_find(struct storage_session *session, struct arena *arena, int64_t id, struct stored_hold *out,
                      struct error *err);

/* ---- statements ---- */

enum { STATEMENT_ENTRIES_MAX = 10000 };

struct statement_entry {
    int64_t id, member;
    struct text kind;
    int64_t at;
    struct text store;
    int64_t change;                   /* of active + pending + held - debt */
    const struct earned_rule *earned; /* by which rules, in all accounts; only when points came */
    size_t earned_count;
};
struct statement {
    int64_t opening, closing;
    struct statement_entry *entries; /* by time; at most STATEMENT_ENTRIES_MAX */
    size_t entry_count;
};
/* What a person's members have in `wallet` from `start` to before `end`. */
struct statement_range {
    const int64_t *members;
    size_t member_count;
    struct text wallet;
    int64_t start, end;
};
enum status statement_read(struct storage_session *session, struct arena *arena, const struct statement_range *range,
                           struct statement *out, struct error *err);

/* ---- the whole ledger ---- */

struct account_total {
    struct text wallet;
    enum account account;
    int64_t amount; /* entered less left, since the beginning */
};
enum status account_totals(struct storage_session *session, struct arena *arena, struct account_total **out,
                           size_t *count, struct error *err);

/* What the ledger has of a part of the stores: sums by account and business day, of days up to `last`. */
struct ledger_sum {
    struct text wallet; /* lives until `each` returns */
    enum account account;
    int32_t day;
    int64_t amount; /* entered, or left (below zero) */
};
struct ledger_part {
    /* A lot, and all that becomes of it, is of the store whose event gave it; what has no lot, of its event's store. */
    bool (*sees)(void *context, struct text store);
    void *sees_context;
    void (*each)(void *context, const struct ledger_sum *sum);
    void *context;
    int32_t last;
};
enum status ledger_part_stream(struct storage_session *session, const struct ledger_part *part, struct error *err);
/* As account_totals, of a part; `each` is not used. */
enum status account_part_totals(struct storage_session *session, struct arena *arena, struct ledger_part part,
                                struct account_total **out, size_t *count, struct error *err);

struct ledger_entry {
    int bucket;
    int64_t seq, line;
    int64_t member;
    struct text kind, wallet;
    struct text store;        /* of the event */
    struct text issued_store; /* of the event that gave the lot; empty without a lot */
    enum account debit, credit;
    int64_t amount, lot, at;
    int32_t day;
};
/* Movements after (bucket, seq, line) in that order; `wallet` empty and `day` DAY_NONE: any. */
struct ledger_filter {
    struct text wallet;
    int32_t day;
    int64_t bucket, seq, line;
    size_t limit;
};
enum status ledger_entries(struct storage_session *session, struct arena *arena, const struct ledger_filter *filter,
                           struct ledger_entry **out, size_t *count, struct error *err);

#endif

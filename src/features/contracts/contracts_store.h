/* contracts_store.h: contracts in the database; the reaction that counts; what time does to them. */
#ifndef PATRON_FEATURES_CONTRACTS_CONTRACTS_STORE_H
#define PATRON_FEATURES_CONTRACTS_CONTRACTS_STORE_H

#include "engine/engine.h"
#include "features/contracts/contract_command.h"
#include "features/reactions/reactions_store.h"

/* Events count for a contract so long after it ended. */
#define CONTRACT_COUNTS_AFTER (400 * INSTANT_DAY)

extern const struct reaction contracts_reaction;

/* With its whole history, as it was stored. STATUS_MISSING `contract.unknown`. */
enum status contract_read(struct storage_session *session, struct arena *arena, int64_t id, struct contract *out,
                          struct error *err);

/* By id (ctr_...) or code. STATUS_MISSING `contract.unknown`. */
enum status contract_find(struct storage_session *session, struct text word, int64_t *id, struct error *err);

/* The end that is next first. */
struct contract_page {
    int64_t member;    /* 0: of anybody */
    const char *state; /* NULL: any */
    int32_t today;
    int32_t ending_before; /* DAY_NONE: any */
    int32_t after_day;     /* the last one before: its end; DAY_NONE: the first page */
    int64_t after_id;
    size_t limit;
};
enum status contracts_list(struct storage_session *session, struct arena *arena, const struct contract_page *page,
                           struct contract **out, size_t *count, struct error *err);

/* Amounts to collect, or to pay back, the oldest first. */
struct contract_due {
    int64_t contract, member;
    struct text code;
    struct contract_change change;
};
struct contract_due_page {
    bool open;                                /* those that nobody settled */
    int64_t after_at, after_id, after_number; /* the last one before; 0: the first page */
    size_t limit;
};
enum status contract_dues_list(struct storage_session *session, struct arena *arena,
                               const struct contract_due_page *page, struct contract_due **out, size_t *count,
                               struct error *err);

/* A change_contract in `arena` for a contract that was read; the caller fills the body. */
struct command *change_contract_command(struct arena *arena, const struct contract *contract,
                                        enum contract_action action);

/* Closes, renews and reminds what is due; called by the server every minute. */
enum status contracts_follow(struct engine *engine, struct error *err);

#endif

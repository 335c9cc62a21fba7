/* partners_store.h: what statements of partners read from the database. */
#ifndef PATRON_FEATURES_PARTNERS_PARTNERS_STORE_H
#define PATRON_FEATURES_PARTNERS_PARTNERS_STORE_H

#include "features/finance/lines.h"
#include "features/partners/partner_facts.h"
#include "features/partners/statement.h"
#include "storage/storage.h"

struct partner_fulfilments {
    struct partner_fulfilment *items; /* by month */
    size_t count, capacity;
};
/* Those of the months of `range`. */
enum status partner_fulfilments_read(struct storage_session *session, struct arena *arena,
                                     const struct finance_range *range, struct partner_fulfilments *out,
                                     struct error *err);

/*
 * All versions of a partner that ever came into force, ascending by time, however long ago: definitions that ended long ago are not
 * in the configuration any more.
 */
struct partner_versions {
    const struct partner **partners;
    struct statement_period *periods;
    size_t count;
};
struct partner_question {
    struct text code;
    const struct programme_set *programmes;
    int64_t now;
};
enum status partner_versions_read(struct storage_session *session, struct arena *arena,
                                  const struct partner_question *question, struct partner_versions *out,
                                  struct error *err);

/* ---- what a statement is made of ---- */

struct partner_transaction {
    int64_t id, at;
    struct text kind; /* of the row */
    int32_t day;
    struct partner_facts facts;
};
/*
 * What happened at a partner on the days from `first` to `last`, and before when it was recorded at `since` or later; by day. Lives until
 * `each` returns.
 */
struct partner_transactions {
    struct text place;
    int32_t first, last;
    int64_t since;
    enum status (*each)(void *context, const struct partner_transaction *transaction, struct error *err);
    void *context;
};
enum status partner_transactions_read(struct storage_session *session, const struct partner_transactions *question,
                                      struct error *err);

#endif

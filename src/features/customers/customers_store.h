/* customers_store.h: what is known of members, on a read session. */
#ifndef PATRON_FEATURES_CUSTOMERS_CUSTOMERS_STORE_H
#define PATRON_FEATURES_CUSTOMERS_CUSTOMERS_STORE_H

#include "features/customers/model.h"

struct storage_session;

/* The parts of the members that `states` name, as customers_load loads them. */
enum status customers_read(struct storage_session *session, struct arena *arena, unsigned parts,
                           struct customer_state *states, size_t count, struct error *err);
/* The same within a batch: they are filled once the session is flushed. */
enum status customers_send(struct storage_session *session, struct arena *arena, unsigned parts,
                           struct customer_state *states, size_t count, struct error *err);

/* Whether somebody with one of the identifiers was erased; `seal_key` has SEAL_KEY_SIZE bytes. */
struct tombstone_question {
    const unsigned char *seal_key;
    const struct identifier *identifiers;
    size_t count;
};
enum status customers_erased(struct storage_session *session, struct arena *arena,
                             const struct tombstone_question *question, bool *erased, struct error *err);

#endif

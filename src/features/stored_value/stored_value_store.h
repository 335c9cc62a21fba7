/* stored_value_store.h: what is outstanding of stored value, by the store at which it was paid in. */
#ifndef PATRON_FEATURES_STORED_VALUE_STORED_VALUE_STORE_H
#define PATRON_FEATURES_STORED_VALUE_STORED_VALUE_STORE_H

#include "features/stored_value/stored_value.h"

struct storage_session;

struct store_balance {
    struct text store; /* empty: none was told */
    struct stored_split outstanding;
};

/* Ascending by store. */
enum status store_balances_read(struct storage_session *session, struct arena *arena, const struct stored_value *value,
                                struct store_balance **out, size_t *count, struct error *err);

#endif

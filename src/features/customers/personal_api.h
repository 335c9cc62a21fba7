/* personal_api.h: rows of personal tables as JSON objects, for every export of a member. */
#ifndef PATRON_FEATURES_CUSTOMERS_PERSONAL_API_H
#define PATRON_FEATURES_CUSTOMERS_PERSONAL_API_H

#include "features/customers/personal_store.h"

/* A personal_reader's `row`: `context` is the struct json_writer, in a list. */
void personal_write(void *context, const struct personal_table *table, const struct personal_value *values);

#endif

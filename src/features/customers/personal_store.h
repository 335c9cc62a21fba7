/* personal_store.h: where personal data lies: the one table that drives export, erasure and the test of both. */
#ifndef PATRON_FEATURES_CUSTOMERS_PERSONAL_STORE_H
#define PATRON_FEATURES_CUSTOMERS_PERSONAL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

struct storage_query;
struct storage_session;

enum personal_type {
    PERSONAL_TEXT,
    PERSONAL_JSON,
    PERSONAL_INTEGER,
    PERSONAL_FACT, /* true or false */
    PERSONAL_INSTANT,
    PERSONAL_DAY,
    PERSONAL_ACCOUNT, /* enum account, by name */
    PERSONAL_EVENT,   /* a journal id */
    PERSONAL_MEMBER,
    PERSONAL_HIDDEN, /* not exported: says nothing to the person */
};

struct personal_column {
    const char *name;
    enum personal_type type;
    bool personal; /* tells who the member is: gone after an erasure */
};

/* The export query takes (bucket, member) and gives the columns that are not hidden, in order; NULL: not exported. The
 * erase query takes :rows(bucket, member) and removes the personal columns, or their rows; NULL: nothing personal. */
struct personal_table {
    const char *table;
    const struct storage_query *export_query;
    const struct storage_query *erase;
    const struct personal_column *columns;
    size_t column_count;
    bool everywhere; /* rows of a member lie in any bucket */
};
extern const struct personal_table personal_tables[];
extern const size_t personal_table_count;

enum { PERSONAL_COLUMNS_MAX = 32 };

struct personal_value {
    bool null;
    int64_t integer;
    struct text text; /* borrowed until the callback returns */
};

/* Calls `row` with the values of each row of `table` that belongs to `member`, one for each column that is not hidden. */
struct personal_reader {
    void (*row)(void *context, const struct personal_table *table, const struct personal_value *values);
    void *context;
};
enum status personal_read(struct storage_session *session, const struct personal_table *table, int64_t member,
                          const struct personal_reader *reader, struct error *err);

#endif

/* import_row.h: a row of a file as values by field, and the count of identical rows by which one without receipt is known. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_ROW_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_ROW_H

#include "features/exchange/mapping.h"
#include "features/exchange/reader.h"
#include "foundation/secret.h"

enum { ROW_KEY_SIZE = 64, ROW_COUNTS_MAX = 100 * 1000 * 1000 };

struct import_row {
    struct text values[IMPORT_FIELDS];
    int64_t line;
    char key[ROW_KEY_SIZE]; /* digest of the bytes and ordinal among identical rows; "" with a receipt */
};

/* How often each row was met. */
struct row_counts;
struct row_counts *row_counts_new(void); /* NULL without memory */
void row_counts_free(struct row_counts *counts);

/* Values are borrowed from the record. STATUS_LIMIT `import.rows` past ROW_COUNTS_MAX rows without receipt. */
enum status import_row_read(const struct mapping *mapping, const struct record *record, struct row_counts *counts,
                            struct import_row *out, struct error *err);

/* A row as bytes, for sorting, and back (borrowed from `bytes`). */
void import_row_pack(const struct import_row *row, struct builder *out);
/* Reads the row at the start of `bytes`; returns how many bytes it took. */
size_t import_row_unpack(struct text bytes, struct import_row *out);

#endif

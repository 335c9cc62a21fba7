/* table.h: writes rows as CSV, JSON Lines or XLSX, in constant memory. */
#ifndef PATRON_FEATURES_EXCHANGE_TABLE_H
#define PATRON_FEATURES_EXCHANGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum table_format { TABLE_CSV, TABLE_JSON, TABLE_XLSX };
bool table_format_from(struct text name, enum table_format *out); /* "csv", "jsonl", "xlsx" */
const char *table_format_extension(enum table_format format);
const char *table_format_content_type(enum table_format format);

enum { XLSX_ROWS_MAX = 1048575 }; /* what a worksheet holds below its header */

struct table_column {
    const char *name;
    bool number; /* integers and decimals: never escaped, and bare in JSON when an integer */
};

struct table_options {
    enum table_format format;
    const char *path; /* "-": standard output (not for XLSX) */
    bool bom;         /* CSV: begin with the mark that spreadsheets want */
};

struct table;

/* Writes the header. STATUS_IO `export.open`, STATUS_INVALID `export.format` for XLSX on standard output. */
enum status table_open(const struct table_options *options, const struct table_column *columns, size_t column_count,
                       struct table **out, struct error *err);
/*
 * A row of as many texts as columns. In CSV and XLSX a text that a spreadsheet would run as a formula (it begins with
 * = + - @, tab or CR) gets an apostrophe before it; numbers do not. STATUS_LIMIT `export.rows` past XLSX_ROWS_MAX.
 */
enum status table_row(struct table *table, const struct text *fields, struct error *err);
/* Ends and closes the file; STATUS_IO `export.write` when not everything was written. Frees the table in any case. */
enum status table_close(struct table *table, struct error *err);
void table_abandon(struct table *table); /* accepts NULL */

#endif

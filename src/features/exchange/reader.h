/* reader.h: rows from a file of almost any tabular form: CSV of any dialect, blank-aligned columns, JSON Lines; gzip. */
#ifndef PATRON_FEATURES_EXCHANGE_READER_H
#define PATRON_FEATURES_EXCHANGE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum {
    READER_ROW_SIZE_MAX = 1024 * 1024, /* bytes of one row in UTF-8 */
    READER_COLUMNS_MAX = 256,
    READER_SAMPLE_SIZE = 256 * 1024, /* looked at to find the encoding and the delimiter */
};

enum reader_format { READER_AUTO, READER_CSV, READER_BLANK, READER_JSON };
enum reader_header { READER_HEADER_AUTO, READER_HEADER_YES, READER_HEADER_NO };

struct reader_options {
    const char *path;          /* "-": standard input */
    enum reader_format format; /* READER_AUTO: JSON Lines when it begins with '{', else CSV */
    const char *encoding;      /* an ICU name; NULL: found out (UTF-8, UTF-16, GB18030, Big5, Latin-1) */
    char delimiter;            /* 0: found out among , ; tab | */
    enum reader_header header; /* auto: a header is a first row in which no field begins with a digit */
    const char *columns;       /* "customer,date,units": names that replace the header's; NULL: none */
};

/* One row. Everything is borrowed until the next call. */
struct record {
    const struct text *fields;
    size_t field_count;
    int64_t row;  /* 1 is the first row of data */
    int64_t line; /* of the file, 1 is the first; where the row begins */
};

struct reader;

/*
 * Opens the file and reads its head. Errors: STATUS_IO `import.open`, `import.read`; STATUS_INVALID `import.encoding`
 * (a name that is not known), `import.columns` (too many, or a name twice).
 */
enum status reader_open(const struct reader_options *options, struct reader **out, struct error *err);
void reader_close(struct reader *reader); /* accepts NULL */

/*
 * The next row; `*end` is set after the last. STATUS_INVALID is a fault of one row, of which `record` has row and line
 * (`import.row_size`, `import.column_count`, `import.utf8`, `import.json`): the next call goes on after it. STATUS_IO ends.
 */
enum status reader_next(struct reader *reader, struct record *record, bool *end, struct error *err);

/* Names of the columns: from the header, the options, "1", "2" ..., or for JSON Lines the keys met so far. */
const struct text *reader_columns(const struct reader *reader, size_t *count);

/* Bytes read from the file so far, and its size (0 when it is not known): for the progress bar. */
int64_t reader_position(const struct reader *reader);
int64_t reader_size(const struct reader *reader);

#endif

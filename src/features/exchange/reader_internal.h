/* reader_internal.h: the parts of a reader: bytes, characters, rows. Only the reader's own files include it. */
#ifndef PATRON_FEATURES_EXCHANGE_READER_INTERNAL_H
#define PATRON_FEATURES_EXCHANGE_READER_INTERNAL_H

#include <csv.h>
#include <stdio.h>
#include <zlib.h>

#include "features/exchange/reader.h"
#include "foundation/arena.h"
#include "foundation/map.h"

enum { INPUT_CHUNK_SIZE = 64 * 1024 };

struct UConverter;

/* Bytes of the file, unpacked when they begin with the magic of gzip, in UTF-8 whatever the encoding of the file. */
struct input {
    FILE *file;
    int64_t size, position;
    bool packed, packed_ended, file_ended;
    z_stream unpack;
    unsigned char raw[INPUT_CHUNK_SIZE]; /* from the file */
    size_t raw_used, raw_size;
    char *sample; /* the unpacked head, looked at first */
    size_t sample_size, sample_used;
    struct UConverter *source, *target; /* NULL: the file is UTF-8 already */
    uint16_t pivot[4096];
    uint16_t *pivot_source, *pivot_target;
    char plain[INPUT_CHUNK_SIZE]; /* unpacked, not yet converted */
    size_t plain_used, plain_size;
    bool plain_ended, convert_ended;
};

enum status input_open(struct input *input, const char *path, const char *encoding, struct error *err);
void input_close(struct input *input);
/* Up to `size` bytes of UTF-8; 0 at the end. */
enum status input_read(struct input *input, char *out, size_t size, size_t *got, struct error *err);
/* The head of the file in UTF-8 as far as the sample goes; nothing is consumed. */
struct text input_sample(struct input *input, struct arena *arena);

/* A parsed row waiting to be given out. */
struct row {
    struct text *fields;
    size_t field_count;
    int64_t line;
    const char *fault; /* error code; NULL: none */
};

struct reader {
    struct input input;
    enum reader_format format;
    char delimiter;
    struct arena *arena;       /* lives as long as the reader: names */
    struct arena *rows_arena;  /* rows of the chunk at hand */
    struct arena *spare_arena; /* takes turns with it: a row may begin in one chunk and end in the next */
    struct row *rows;
    size_t row_count, row_capacity, row_next;
    int64_t row_number, line;
    struct text columns[READER_COLUMNS_MAX];
    size_t column_count;
    bool columns_fixed; /* from a header or the options: longer rows are at fault */
    bool ended;

    /* CSV */
    struct csv_parser csv;
    bool csv_open;
    struct text row_fields[READER_COLUMNS_MAX];
    size_t row_fields_count, row_size;
    int64_t row_line;
    const char *row_fault;
    int row_last_end;

    /* lines (blank and JSON) */
    char *buffer;
    size_t buffer_used, buffer_size;
    bool line_skipping; /* inside a line that is too long */
    struct map *names;  /* JSON: key -> column + 1 */
};

/* Fill reader->rows with at least one row, or set reader->ended. */
enum status csv_fill(struct reader *reader, struct error *err);
enum status lines_fill(struct reader *reader, struct error *err);

void reader_row_add(struct reader *reader, const struct text *fields, size_t count, int64_t line, const char *fault);
/* Splits a line at runs of blanks; false with too many columns. */
bool blank_split(struct text line, struct text *fields, size_t *count);
/* Reads one JSON object into fields by column; a fault code, or NULL. */
const char *json_split(struct reader *reader, struct text line, struct text *fields, size_t *count);

#endif

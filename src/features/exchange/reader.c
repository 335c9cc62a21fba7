#include "features/exchange/reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "features/exchange/reader_internal.h"

enum { READER_ARENA_SIZE = 256 * 1024 * 1024, NAMES_ARENA_SIZE = 8 * 1024 * 1024, SAMPLE_LINES_MAX = 32 };

/* Faults of one row, and what they mean. */
static const struct {
    const char *code, *message;
} faults[] = {
    {"import.row_size", "the row is longer than 1 MiB"},
    {"import.column_count", "the row has more columns than the header, or more than 256"},
    {"import.utf8", "the row is not valid text in the file's encoding: say which with --encoding"},
    {"import.json", "the line is not a JSON object with plain values"},
};

void reader_row_add(struct reader *reader, const struct text *fields, size_t count, int64_t line, const char *fault)
{
    if (reader->row_count == reader->row_capacity)
        reader->rows = arena_grow(reader->rows_arena, reader->rows, &reader->row_capacity, reader->row_count + 1,
                                  sizeof *reader->rows);
    struct row *row = &reader->rows[reader->row_count++];
    *row = (struct row){.field_count = count, .line = line, .fault = fault};
    if (fault == NULL && count > 0)
        row->fields = arena_copy(reader->rows_arena, fields, count * sizeof *fields);
    for (size_t i = 0; row->fault == NULL && i < count; i++)
        if (!text_is_utf8(fields[i]))
            row->fault = "import.utf8";
    /* Empty columns at the end are a habit of spreadsheets, not a fault. */
    while (reader->columns_fixed && row->field_count > reader->column_count && fields[row->field_count - 1].size == 0)
        row->field_count--;
    if (reader->columns_fixed && row->field_count > reader->column_count && row->fault == NULL)
        row->fault = "import.column_count";
}

static enum status fill(struct reader *reader, struct error *err)
{
    struct arena *before = reader->rows_arena;
    reader->rows_arena = reader->spare_arena;
    reader->spare_arena = before;
    arena_reset(reader->rows_arena);
    for (size_t i = 0; i < reader->row_fields_count; i++)
        reader->row_fields[i] = text_copy(reader->rows_arena, reader->row_fields[i]);
    reader->rows = NULL;
    reader->row_count = 0;
    reader->row_capacity = 0;
    reader->row_next = 0;
    return reader->format == READER_CSV ? csv_fill(reader, err) : lines_fill(reader, err);
}

/* The separator that cuts the first lines into the same number of columns most often. */
static char find_delimiter(struct text sample)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    char best = ',';
    int best_score = 0;
    for (size_t c = 0; c < sizeof candidates; c++) {
        int counts[SAMPLE_LINES_MAX] = {0};
        int lines = 0;
        bool quoted = false;
        for (size_t i = 0; i < sample.size && lines < SAMPLE_LINES_MAX; i++) {
            quoted ^= sample.bytes[i] == '"';
            if (!quoted && sample.bytes[i] == candidates[c])
                counts[lines]++;
            else if (!quoted && sample.bytes[i] == '\n')
                lines++;
        }
        int score = counts[0];
        for (int i = 1; i < lines; i++)
            score += counts[i] == counts[0] && counts[0] > 0 ? 10 : 0;
        if (score > best_score) {
            best_score = score;
            best = candidates[c];
        }
    }
    return best;
}

static bool looks_like_header(const struct row *row)
{
    for (size_t i = 0; i < row->field_count; i++) {
        struct text field = text_trim(row->fields[i]);
        if (field.size == 0)
            continue;
        bool sign = field.size > 1 && (field.bytes[0] == '-' || field.bytes[0] == '+' || field.bytes[0] == '.');
        if (isdigit((unsigned char)field.bytes[sign]))
            return false;
    }
    return row->field_count > 0;
}

static enum status columns_add(struct reader *reader, struct text name, struct error *err)
{
    name = text_trim(name);
    if (reader->column_count == READER_COLUMNS_MAX)
        return error_set(err, STATUS_INVALID, "import.columns", "columns", "there are more than %d columns",
                         READER_COLUMNS_MAX);
    for (size_t i = 0; name.size > 0 && i < reader->column_count; i++)
        if (text_equal(reader->columns[i], name))
            return error_set(err, STATUS_INVALID, "import.columns", "columns", "the column '%.*s' is there twice",
                             (int)name.size, name.bytes);
    reader->columns[reader->column_count++] = text_copy(reader->arena, name);
    return STATUS_OK;
}

static enum status columns_from_list(struct reader *reader, const char *list, struct error *err)
{
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        enum status status = columns_add(reader, (struct text){list, size}, err);
        if (status != STATUS_OK)
            return status;
        list += size + (list[size] == ',');
    }
    return STATUS_OK;
}

/* Reads the first row, finds out whether it is a header, and names the columns. */
static enum status read_header(struct reader *reader, const struct reader_options *options, struct error *err)
{
    if (reader->format == READER_JSON)
        return STATUS_OK;
    enum status status = fill(reader, err);
    if (status != STATUS_OK || reader->row_count == 0)
        return status;
    const struct row *first = &reader->rows[0];
    bool header = options->header == READER_HEADER_YES ||
                  (options->header == READER_HEADER_AUTO && first->fault == NULL && looks_like_header(first));
    if (header)
        reader->row_next = 1;
    if (options->columns != NULL) {
        status = columns_from_list(reader, options->columns, err);
    } else {
        for (size_t i = 0; status == STATUS_OK && i < first->field_count; i++)
            status = columns_add(reader,
                                 header ? first->fields[i] : text_from(arena_format(reader->arena, "%zu", i + 1)), err);
        /* Blank-aligned rows may differ in width when nobody said what they hold. */
        while (reader->column_count > 0 && reader->columns[reader->column_count - 1].size == 0)
            reader->column_count--;
    }
    reader->columns_fixed = true;
    for (size_t i = reader->row_next; i < reader->row_count; i++)
        if (reader->rows[i].fault == NULL && reader->rows[i].field_count > reader->column_count &&
            reader->rows[i].fields[reader->rows[i].field_count - 1].size > 0)
            reader->rows[i].fault = "import.column_count";
    return status;
}

enum status reader_open(const struct reader_options *options, struct reader **out, struct error *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to read with");
    reader->line = 1;
    reader->row_line = 1;
    reader->arena = arena_new(NAMES_ARENA_SIZE);
    reader->rows_arena = arena_new(READER_ARENA_SIZE);
    reader->spare_arena = arena_new(READER_ARENA_SIZE);
    enum status status = STATUS_LIMIT;
    if (reader->arena == NULL || reader->rows_arena == NULL || reader->spare_arena == NULL) {
        error_set(err, status, "exchange.memory", "", "there is no memory to read with");
        goto out;
    }
    reader->names = map_new(reader->arena, READER_COLUMNS_MAX);
    status = input_open(&reader->input, options->path, options->encoding, err);
    if (status != STATUS_OK)
        goto out;
    struct text sample = input_sample(&reader->input, reader->rows_arena);
    struct text start = text_trim(sample);
    reader->format = options->format;
    if (reader->format == READER_AUTO)
        reader->format = start.size > 0 && start.bytes[0] == '{' ? READER_JSON : READER_CSV;
    reader->delimiter = options->delimiter != 0 ? options->delimiter : find_delimiter(sample);
    status = read_header(reader, options, err);
out:
    if (status != STATUS_OK) {
        reader_close(reader);
        return status;
    }
    *out = reader;
    return STATUS_OK;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    input_close(&reader->input);
    if (reader->csv_open)
        csv_free(&reader->csv);
    free(reader->buffer);
    arena_free(reader->arena);
    arena_free(reader->rows_arena);
    arena_free(reader->spare_arena);
    free(reader);
}

static enum status row_fault(const struct row *row, struct error *err)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (strcmp(faults[i].code, row->fault) == 0)
            return error_set(err, STATUS_INVALID, row->fault, "", "%s", faults[i].message);
    return error_set(err, STATUS_DEFECT, "exchange.fault", "", "the fault '%s' has no message", row->fault);
}

enum status reader_next(struct reader *reader, struct record *record, bool *end, struct error *err)
{
    *end = false;
    while (reader->row_next == reader->row_count) {
        if (reader->ended) {
            *end = true;
            return STATUS_OK;
        }
        enum status status = fill(reader, err);
        if (status != STATUS_OK)
            return status;
    }
    const struct row *row = &reader->rows[reader->row_next++];
    *record = (struct record){
        .fields = row->fields, .field_count = row->field_count, .row = ++reader->row_number, .line = row->line};
    return row->fault == NULL ? STATUS_OK : row_fault(row, err);
}

const struct text *reader_columns(const struct reader *reader, size_t *count)
{
    *count = reader->column_count;
    return reader->columns;
}

int64_t reader_position(const struct reader *reader)
{
    return reader->input.position;
}

int64_t reader_size(const struct reader *reader)
{
    return reader->input.size;
}

#include <string.h>

#include "features/exchange/reader_internal.h"

static void field_ended(void *bytes, size_t size, void *context)
{
    struct reader *reader = context;
    reader->row_size += size;
    if (reader->row_size > READER_ROW_SIZE_MAX)
        reader->row_fault = "import.row_size";
    if (reader->row_fields_count == READER_COLUMNS_MAX)
        reader->row_fault = "import.column_count";
    if (memchr(bytes == NULL ? "" : bytes, '\n', size) != NULL) {
        const char *at = bytes;
        for (size_t i = 0; i < size; i++)
            reader->line += at[i] == '\n';
    }
    reader->row_last_end = 0;
    if (reader->row_fault != NULL)
        return;
    struct text field = {bytes, size};
    reader->row_fields[reader->row_fields_count++] = text_copy(reader->rows_arena, field);
}

/* `end` is the character that ended the row, -1 at the end of the file. Empty lines come with no field at all. */
static void row_ended(int end, void *context)
{
    struct reader *reader = context;
    bool crlf = end == '\n' && reader->row_last_end == '\r' && reader->row_fields_count == 0;
    if (reader->row_fields_count > 0 || reader->row_fault != NULL)
        reader_row_add(reader, reader->row_fields, reader->row_fields_count, reader->row_line, reader->row_fault);
    if (!crlf)
        reader->line++;
    reader->row_line = reader->line;
    reader->row_last_end = end;
    reader->row_fields_count = 0;
    reader->row_size = 0;
    reader->row_fault = NULL;
}

/* A row that never ends: its bytes lie in the parser, not here. */
static bool row_endless(struct reader *reader)
{
    return csv_get_buffer_size(&reader->csv) > 2 * (size_t)READER_ROW_SIZE_MAX && reader->row_count == 0;
}

enum status csv_fill(struct reader *reader, struct error *err)
{
    if (!reader->csv_open) {
        if (csv_init(&reader->csv, CSV_REPALL_NL) != 0)
            return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to read with");
        csv_set_delim(&reader->csv, (unsigned char)reader->delimiter);
        reader->csv_open = true;
    }
    while (reader->row_count == 0 && !reader->ended) {
        char chunk[16 * 1024];
        size_t got = 0;
        enum status status = input_read(&reader->input, chunk, sizeof chunk, &got, err);
        if (status != STATUS_OK)
            return status;
        if (got == 0) {
            csv_fini(&reader->csv, field_ended, row_ended, reader);
            reader->ended = true;
            return STATUS_OK;
        }
        if (csv_parse(&reader->csv, chunk, got, field_ended, row_ended, reader) != got)
            return error_set(err, STATUS_IO, "import.read", "", "the CSV cannot be read: %s",
                             csv_strerror(csv_error(&reader->csv)));
        if (row_endless(reader))
            return error_set(err, STATUS_IO, "import.row_size", "",
                             "the field that begins on line %lld does not end within %d bytes: is a quote left open?",
                             (long long)reader->row_line, 2 * READER_ROW_SIZE_MAX);
    }
    return STATUS_OK;
}

#include "features/exchange/table.h"

#include <assert.h>
#include <csv.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "foundation/arena.h"
#include "json/writer.h"

enum { TABLE_ARENA_SIZE = 64 * 1024 * 1024, CELL_DIGITS_MAX = 15 };

struct table {
    enum table_format format;
    const struct table_column *columns;
    size_t column_count;
    struct arena *arena; /* of one row */
    FILE *file;
    lxw_workbook *workbook;
    lxw_worksheet *worksheet;
    uint32_t rows;
};

static const struct {
    const char *name, *extension, *content_type;
} formats[] = {
    [TABLE_CSV] = {"csv", "csv", "text/csv; charset=utf-8"},
    [TABLE_JSON] = {"jsonl", "jsonl", "application/x-ndjson"},
    [TABLE_XLSX] = {"xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

bool table_format_from(struct text name, enum table_format *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (text_equals(name, formats[i].name)) {
            *out = (enum table_format)i;
            return true;
        }
    return false;
}

const char *table_format_extension(enum table_format format)
{
    return formats[format].extension;
}

const char *table_format_content_type(enum table_format format)
{
    return formats[format].content_type;
}

static bool is_number(struct text text)
{
    size_t at = text.size > 0 && text.bytes[0] == '-';
    bool digits = false, point = false;
    for (; at < text.size; at++) {
        if (text.bytes[at] == '.' && !point)
            point = true;
        else if (isdigit((unsigned char)text.bytes[at]))
            digits = true;
        else
            return false;
    }
    return digits;
}

static struct text escape_formula(struct table *table, struct text text)
{
    if (text.size == 0 || strchr("=+-@\t\r", text.bytes[0]) == NULL || text.bytes[0] == '\0')
        return text;
    struct builder builder = {.arena = table->arena};
    builder_char(&builder, '\'');
    builder_text(&builder, text);
    return builder_done(&builder);
}

static struct text cell(struct table *table, size_t column, struct text text)
{
    if (table->columns[column].number && is_number(text))
        return text;
    return escape_formula(table, text);
}

static bool needs_quotes(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] == '"' || text.bytes[i] == ',' || text.bytes[i] == '\n' || text.bytes[i] == '\r')
            return true;
    return text.size > 0 && (text.bytes[0] == ' ' || text.bytes[text.size - 1] == ' ');
}

static void csv_row(struct table *table, const struct text *fields)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct text text = cell(table, i, fields[i]);
        if (i > 0)
            fputc(',', table->file);
        if (needs_quotes(text))
            csv_fwrite(table->file, text.bytes, text.size);
        else if (text.size > 0)
            fwrite(text.bytes, 1, text.size, table->file);
    }
    fputc('\n', table->file);
}

static void json_row(struct table *table, const struct text *fields)
{
    struct json_writer writer;
    writer_start(&writer, table->arena);
    writer_object(&writer, NULL);
    for (size_t i = 0; i < table->column_count; i++) {
        int64_t number = 0;
        if (table->columns[i].number && text_to_integer(fields[i], &number))
            writer_integer(&writer, table->columns[i].name, number);
        else if (table->columns[i].number && fields[i].size == 0)
            writer_null(&writer, table->columns[i].name);
        else
            writer_text(&writer, table->columns[i].name, fields[i]);
    }
    writer_end(&writer);
    struct text line = writer_done(&writer);
    fwrite(line.bytes, 1, line.size, table->file);
    fputc('\n', table->file);
}

static void xlsx_row(struct table *table, const struct text *fields)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (fields[i].size == 0)
            continue;
        lxw_col_t column = (lxw_col_t)i;
        if (table->columns[i].number && is_number(fields[i]) && fields[i].size <= CELL_DIGITS_MAX)
            worksheet_write_number(table->worksheet, table->rows, column,
                                   strtod(text_string(table->arena, fields[i]), NULL), NULL);
        else
            worksheet_write_string(table->worksheet, table->rows, column,
                                   text_string(table->arena, cell(table, i, fields[i])), NULL);
    }
}

static enum status open_file(struct table *table, const struct table_options *options, struct error *err)
{
    bool standard = strcmp(options->path, "-") == 0;
    if (table->format == TABLE_XLSX) {
        if (standard)
            return error_set(err, STATUS_INVALID, "export.format", "format", "XLSX needs a file: say --out FILE.xlsx");
        lxw_workbook_options settings = {.constant_memory = LXW_TRUE};
        table->workbook = workbook_new_opt(options->path, &settings);
        table->worksheet = table->workbook == NULL ? NULL : workbook_add_worksheet(table->workbook, NULL);
        if (table->worksheet == NULL)
            return error_set(err, STATUS_IO, "export.open", "out", "'%s' cannot be written", options->path);
        /* The time of making is not a fact of the table: the same rows give the same bytes. */
        lxw_doc_properties properties = {.created = 946684800};
        workbook_set_properties(table->workbook, &properties);
        return STATUS_OK;
    }
    table->file = standard ? stdout : fopen(options->path, "wb");
    if (table->file == NULL)
        return error_set(err, STATUS_IO, "export.open", "out", "'%s' cannot be written: %s", options->path,
                         strerror(errno));
    if (options->bom && table->format == TABLE_CSV)
        fputs("\xEF\xBB\xBF", table->file);
    return STATUS_OK;
}

enum status table_open(const struct table_options *options, const struct table_column *columns, size_t column_count,
                       struct table **out, struct error *err)
{
    struct table *table = calloc(1, sizeof *table);
    struct arena *arena = arena_new(TABLE_ARENA_SIZE);
    if (table == NULL || arena == NULL) {
        free(table);
        arena_free(arena);
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to write with");
    }
    *table =
        (struct table){.format = options->format, .columns = columns, .column_count = column_count, .arena = arena};
    enum status status = open_file(table, options, err);
    if (status != STATUS_OK) {
        table_abandon(table);
        return status;
    }
    for (size_t i = 0; i < column_count; i++) {
        if (table->format == TABLE_CSV)
            fprintf(table->file, "%s%s", i > 0 ? "," : "", columns[i].name);
        if (table->format == TABLE_XLSX)
            worksheet_write_string(table->worksheet, 0, (lxw_col_t)i, columns[i].name, NULL);
    }
    if (table->format == TABLE_CSV)
        fputc('\n', table->file);
    *out = table;
    return STATUS_OK;
}

enum status table_row(struct table *table, const struct text *fields, struct error *err)
{
    arena_reset(table->arena);
    table->rows++;
    switch (table->format) {
    case TABLE_CSV:
        csv_row(table, fields);
        break;
    case TABLE_JSON:
        json_row(table, fields);
        break;
    case TABLE_XLSX:
        if (table->rows > XLSX_ROWS_MAX)
            return error_set(err, STATUS_LIMIT, "export.rows", "format",
                             "an XLSX worksheet holds %d rows: export as CSV instead", XLSX_ROWS_MAX);
        xlsx_row(table, fields);
        break;
    }
    if (table->file != NULL && ferror(table->file))
        return error_set(err, STATUS_IO, "export.write", "out", "the file cannot be written: %s", strerror(errno));
    return STATUS_OK;
}

enum status table_close(struct table *table, struct error *err)
{
    enum status status = STATUS_OK;
    if (table->file != NULL && (fflush(table->file) != 0 || ferror(table->file)))
        status = error_set(err, STATUS_IO, "export.write", "out", "the file cannot be written: %s", strerror(errno));
    if (table->file != NULL && table->file != stdout && fclose(table->file) != 0 && status == STATUS_OK)
        status = error_set(err, STATUS_IO, "export.write", "out", "the file cannot be written: %s", strerror(errno));
    table->file = NULL;
    if (table->workbook != NULL) {
        lxw_error result = workbook_close(table->workbook);
        table->workbook = NULL;
        if (result != LXW_NO_ERROR)
            status = error_set(err, STATUS_IO, "export.write", "out", "the file cannot be written: %s",
                               lxw_strerror(result));
    }
    arena_free(table->arena);
    free(table);
    return status;
}

void table_abandon(struct table *table)
{
    if (table != NULL)
        table_close(table, NULL);
}

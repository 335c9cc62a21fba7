#include "cli/data_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/analyze_live.h"
#include "cli/data_cells.h"
#include "json/shape.h"

enum { ROWS_BETWEEN_CHECKS = 256 };

/* Memory that the columns of a file may take, as read and as arrays. */
static const size_t DATA_BYTES_MAX = (size_t)4 << 30;

/* The file while it is read. */
struct reading {
    struct cli *cli;
    struct arena *lines_arena;
    bool keys; /* JSON Lines: a row may name some of the columns only, and new ones */
    struct data_cells *columns[READER_COLUMNS_MAX];
    size_t column_count;
    int64_t *lines;
    size_t row_count, line_capacity;
    int64_t refused;
};

/* ---- rows ---- */

static enum status follow_columns(struct reading *reading, size_t count, struct error *err)
{
    while (reading->column_count < count) {
        struct data_cells *cells = data_cells_new(cli_flag(reading->cli, "decimal-comma"));

        if (cells == NULL)
            return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there is no memory to read with");
        reading->columns[reading->column_count++] = cells;
        data_cells_add_missing(cells, reading->row_count);
    }
    return STATUS_OK;
}

static enum status check_size(const struct reading *reading, struct error *err)
{
    size_t bytes = arena_used(reading->lines_arena);

    if (reading->row_count >= DATA_ROWS_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there are more than %d rows", DATA_ROWS_MAX);
    if (reading->row_count * reading->column_count >= DATA_CELLS_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "",
                         "there are more than %d cells: leave out rows, or columns that the analysis does not need",
                         DATA_CELLS_MAX);
    if (reading->row_count % ROWS_BETWEEN_CHECKS != 0)
        return STATUS_OK;
    for (size_t i = 0; i < reading->column_count; i++)
        bytes += data_cells_bytes(reading->columns[i]);
    if (bytes > DATA_BYTES_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "",
                         "the first %zu rows take %zu MiB of memory already: leave out rows, or columns of long texts",
                         reading->row_count, bytes >> 20);
    return STATUS_OK;
}

static struct text cell_of(const struct record *record, size_t column)
{
    return column < record->field_count ? record->fields[column] : TEXT("");
}

static enum status add_row(struct reading *reading, struct reader *reader, const struct record *record,
                           struct error *err)
{
    size_t count = 0;
    const struct text *names = reader_columns(reader, &count);

    if (!reading->keys && record->field_count < count)
        return error_set(err, STATUS_INVALID, "import.column_count", "", "the row has %zu cells, the header %zu",
                         record->field_count, count);
    /* Those that may refuse come first: a row is taken or refused as a whole. */
    for (size_t i = 0; i < count; i++) {
        struct text cell = cell_of(record, i);

        if (data_cells_strict(reading->columns[i]) && !data_cells_accept(reading->columns[i], cell))
            return error_set(err, STATUS_INVALID, "analyze.number", "",
                             "'%.*s' stands in '%.*s', which holds more than %d different numbers before",
                             (int)(cell.size > 40 ? 40 : cell.size), cell.bytes, (int)names[i].size, names[i].bytes,
                             DATA_LEVELS_NUMERIC);
    }
    for (size_t i = 0; i < count; i++)
        if (!data_cells_strict(reading->columns[i]))
            data_cells_accept(reading->columns[i], cell_of(record, i));
    for (size_t i = 0; i < count; i++)
        data_cells_add(reading->columns[i]);
    reading->lines = arena_lengthen(reading->lines_arena, reading->lines, &reading->line_capacity,
                                    reading->row_count + 1, sizeof *reading->lines);
    reading->lines[reading->row_count++] = record->line;
    return STATUS_OK;
}

static void refuse(struct reading *reading, const struct record *record, const struct error *err)
{
    if (reading->refused++ == 0)
        fprintf(stderr, "line %lld: %s\n", (long long)record->line, err->message);
}

static enum status read_rows(struct reading *reading, struct reader *reader, struct error *err)
{
    for (bool end = false;;) {
        struct record record = {0};
        size_t count = 0;
        enum status status = reader_next(reader, &record, &end, err);

        if (end)
            return STATUS_OK;
        reader_columns(reader, &count);
        if (status == STATUS_OK && count > reading->column_count)
            status = follow_columns(reading, count, err);
        if (status == STATUS_OK)
            status = check_size(reading, err);
        if (status == STATUS_OK)
            status = add_row(reading, reader, &record, err);
        if (status == STATUS_INVALID)
            refuse(reading, &record, err);
        else if (status != STATUS_OK)
            return status;
    }
}

/* ---- the file as arrays ---- */

static enum status finish(struct reading *reading, struct reader *reader, struct data_file *out, struct error *err)
{
    struct arena *arena = reading->cli->arena;
    size_t count = 0;
    const struct text *names = reader_columns(reader, &count);
    struct data_file file = {
        .column_count = reading->column_count, .row_count = reading->row_count, .refused = reading->refused};

    file.columns = arena_array(arena, READER_COLUMNS_MAX, sizeof *file.columns);
    file.lines = arena_try(arena, reading->row_count * sizeof *file.lines);
    if (file.lines == NULL)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there is no memory for %zu rows", reading->row_count);
    memcpy(file.lines, reading->lines, reading->row_count * sizeof *file.lines);
    for (size_t i = 0; i < file.column_count; i++) {
        struct data_column *column = &file.columns[i];

        if (!data_cells_finish(reading->columns[i], arena, column))
            return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there is no memory for %zu rows of %zu columns",
                             reading->row_count, count);
        column->name = names[i].size > 0 ? text_copy(arena, names[i]) : text_from(arena_format(arena, "%zu", i + 1));
        /* At once, so that a big file is not twice in memory. */
        data_cells_free(reading->columns[i]);
        reading->columns[i] = NULL;
    }
    *out = file;
    return STATUS_OK;
}

/* JSON Lines name their columns in each row, as reader.h says. */
static bool has_keys(const struct reader_options *how, const struct reader *reader)
{
    size_t count = 0;

    reader_columns(reader, &count);
    return how->format == READER_JSON || (how->format == READER_AUTO && count == 0);
}

enum status data_file_read(struct cli *cli, const struct reader_options *how, struct data_file *out, struct error *err)
{
    struct reading reading = {.cli = cli, .lines_arena = arena_new(DATA_BYTES_MAX)};
    struct reader *reader = NULL;

    if (reading.lines_arena == NULL)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there is no memory to read with");
    enum status status = analyze_open(cli, how, &reader, err);
    if (status == STATUS_OK) {
        reading.keys = has_keys(how, reader);
        status = read_rows(&reading, reader, err);
    }
    if (status == STATUS_OK && reading.row_count == 0)
        status = error_set(err, STATUS_INVALID, "analyze.empty", "", "the file has no row that can be read");
    if (status == STATUS_OK)
        status = finish(&reading, reader, out, err);
    reader_close(reader);
    for (size_t i = 0; i < reading.column_count; i++)
        data_cells_free(reading.columns[i]);
    arena_free(reading.lines_arena);
    if (status == STATUS_OK && out->refused > 0)
        fprintf(stderr, "%lld rows could not be read\n", (long long)out->refused);
    return status;
}

/* ---- columns by name ---- */

static enum status find_column(const struct data_file *file, struct text name, const struct data_column **out,
                               struct error *err)
{
    const char *names[READER_COLUMNS_MAX], *nearest = NULL;
    struct arena *scratch;

    for (size_t i = 0; i < file->column_count; i++)
        if (text_equal(file->columns[i].name, name)) {
            *out = &file->columns[i];
            return STATUS_OK;
        }
    scratch = arena_new(SIZE_MAX);
    for (size_t i = 0; scratch != NULL && i < file->column_count; i++)
        names[i] = text_string(scratch, file->columns[i].name);
    if (scratch != NULL)
        nearest = name_nearest(name, names, file->column_count);
    error_set(err, STATUS_INVALID, "analyze.column", "", "the file has no column '%.*s'%s%s%s",
              (int)(name.size > 64 ? 64 : name.size), name.bytes, nearest != NULL ? "; did you mean '" : "",
              nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    arena_free(scratch);
    return STATUS_INVALID;
}

enum status data_file_column(const struct data_file *file, const char *name, const struct data_column **out,
                             struct error *err)
{
    return find_column(file, text_from(name), out, err);
}

static bool starts_as_number(struct text cell)
{
    size_t sign = cell.size > 0 && (cell.bytes[0] == '-' || cell.bytes[0] == '+');

    return cell.size > sign && cell.bytes[sign] >= '0' && cell.bytes[sign] <= '9';
}

enum status data_file_numbers(const struct data_file *file, const char *name, const struct data_column **out,
                              struct error *err)
{
    const struct data_column *column;
    enum status status = data_file_column(file, name, &column, err);

    if (status != STATUS_OK)
        return status;
    if (column->numeric) {
        *out = column;
        return STATUS_OK;
    }
    const struct text cell = column->levels[column->codes[column->text_row]];

    return error_set(err, STATUS_INVALID, "analyze.number", "", "line %lld: '%.*s' in the column '%s' is no number%s",
                     (long long)file->lines[column->text_row], (int)(cell.size > 40 ? 40 : cell.size), cell.bytes, name,
                     starts_as_number(cell) ? " from -1e15 to 1e15, or is written as a code or a date" : "");
}

enum status data_file_columns(struct arena *arena, const struct data_file *file, const char *names,
                              const struct data_column ***out, size_t *count, struct error *err)
{
    const struct data_column **found = arena_array(arena, READER_COLUMNS_MAX, sizeof *found);
    size_t found_count = 0;

    for (size_t i = 0; names == NULL && i < file->column_count; i++)
        found[found_count++] = &file->columns[i];
    while (names != NULL && *names != '\0') {
        size_t size = strcspn(names, ",");

        if (found_count == READER_COLUMNS_MAX)
            return error_set(err, STATUS_INVALID, "analyze.column", "", "there are more than %d names",
                             READER_COLUMNS_MAX);
        enum status status = find_column(file, text_trim((struct text){names, size}), &found[found_count], err);

        if (status != STATUS_OK)
            return status;
        found_count++;
        names += size + (names[size] == ',');
    }
    *out = found;
    *count = found_count;
    return STATUS_OK;
}

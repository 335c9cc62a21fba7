#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze_live.h"
#include "cli/purchase_file.h"
#include "features/exchange/mapping.h"
#include "features/exchange/reader.h"
#include "features/exchange/value.h"
#include "foundation/map.h"

/*
 * What a row and all rows together may come to. Sums in the fourth decimal stay within 64 bits, and no analysis meets a
 * number that it cannot square.
 */
static const double NUMBER_MAX = 1e12, NUMBER_LEAST = 1e-12, AMOUNTS_MAX = 9e14;

enum { FILE_CUSTOMERS_MAX = 5000000, FILE_PURCHASES_MAX = 100000000, PURCHASE_COLUMNS_MAX = 16 };

/* The file while it is read. */
struct reading {
    struct cli *cli;
    struct mapping mapping;
    const char *date_format;
    struct map *numbers; /* name to number + 1 */
    struct purchase_file file;
    size_t purchase_capacity, name_capacity;
    int places[PURCHASE_COLUMNS_MAX]; /* of the further columns among the file's */
    int32_t until;
    int64_t later;  /* rows after it */
    double amounts; /* without their signs, added up */
};

static enum status number_of(struct reading *reading, struct text name, uint32_t *out, struct error *err)
{
    struct purchase_file *file = &reading->file;
    const void *known = map_get(reading->numbers, name);

    if (known != NULL) {
        *out = (uint32_t)((uintptr_t)known - 1);
        return STATUS_OK;
    }
    if (file->customer_count >= FILE_CUSTOMERS_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.customers", "", "there are more than %d customers",
                         FILE_CUSTOMERS_MAX);
    file->names = arena_lengthen(reading->cli->arena, file->names, &reading->name_capacity, file->customer_count + 1,
                                 sizeof *file->names);
    file->names[file->customer_count] = text_copy(reading->cli->arena, name);
    *out = (uint32_t)file->customer_count++;
    map_put(reading->numbers, file->names[*out], (void *)((uintptr_t)*out + 1));
    return STATUS_OK;
}

static struct text field_of(const struct reading *reading, enum import_field field, const struct record *record)
{
    return mapping_value(&reading->mapping, field, record->fields, record->field_count);
}

static bool is_missing(struct text value)
{
    return value.size == 0 || text_equals(value, "NA") || text_equals(value, "NULL") || text_equals(value, "N/A");
}

static struct text extra_of(const struct reading *reading, size_t column, const struct record *record)
{
    int place = reading->places[column];

    return place < 0 || (size_t)place >= record->field_count ? TEXT("") : text_trim(record->fields[place]);
}

/* A number of the file: a date or a range is none, and neither is what no amount of money comes to. */
static enum status read_number(const struct reading *reading, struct text value, double *out, struct error *err)
{
    char plain[NUMBER_TEXT_SIZE], *end;
    enum status status = number_plain(value, reading->mapping.decimal_comma, plain, err);

    if (status != STATUS_OK)
        return status;
    double number = strtod(plain, &end);

    if (*end != '\0')
        return error_set(err, STATUS_INVALID, "import.number", "", "'%.*s' is not a number",
                         (int)(value.size > 40 ? 40 : value.size), value.bytes);
    if (!(fabs(number) <= NUMBER_MAX))
        return error_set(err, STATUS_INVALID, "import.number", "", "'%.*s' is too large: numbers go up to %.0f",
                         (int)(value.size > 40 ? 40 : value.size), value.bytes, NUMBER_MAX);
    *out = fabs(number) < NUMBER_LEAST ? 0 : number;
    return STATUS_OK;
}

/* Numbers are read before the row counts, so that a row is taken whole or not at all. */
static enum status read_numbers(const struct reading *reading, const struct record *record, double *numbers,
                                struct error *err)
{
    for (size_t i = 0; i < reading->file.column_count; i++) {
        struct text value = extra_of(reading, i, record);

        numbers[i] = NAN;
        if (!reading->file.columns[i].number || is_missing(value))
            continue;
        enum status status = read_number(reading, value, &numbers[i], err);

        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static uint32_t level_of(struct reading *reading, struct purchase_column *column, struct text value)
{
    struct arena *arena = reading->cli->arena;

    if (is_missing(value))
        return PURCHASE_MISSING;
    const void *known = map_get(column->map, value);

    if (known != NULL)
        return (uint32_t)((uintptr_t)known - 1);
    column->levels =
        arena_lengthen(arena, column->levels, &column->level_capacity, column->level_count + 1, sizeof *column->levels);
    column->levels[column->level_count++] = text_copy(arena, value);
    map_put(column->map, column->levels[column->level_count - 1], (void *)(uintptr_t)column->level_count);
    return (uint32_t)(column->level_count - 1);
}

/* The cells of the purchase that comes next. */
static void keep_extras(struct reading *reading, const struct record *record, const double *numbers)
{
    size_t count = reading->file.count + 1;

    for (size_t i = 0; i < reading->file.column_count; i++) {
        struct purchase_column *column = &reading->file.columns[i];

        if (!column->known)
            continue;
        if (column->number) {
            column->numbers =
                arena_lengthen(reading->cli->arena, column->numbers, &column->capacity, count, sizeof *column->numbers);
            column->numbers[count - 1] = numbers[i];
        } else {
            column->codes =
                arena_lengthen(reading->cli->arena, column->codes, &column->capacity, count, sizeof *column->codes);
            column->codes[count - 1] = level_of(reading, column, extra_of(reading, i, record));
        }
    }
}

static enum status add_row(struct reading *reading, const struct record *record, struct error *err)
{
    struct text name = field_of(reading, IMPORT_EXTERNAL, record), amount = field_of(reading, IMPORT_AMOUNT, record);
    struct purchase_file *file = &reading->file;
    struct clv_purchase purchase = {0};
    double numbers[PURCHASE_COLUMNS_MAX];
    struct moment moment;

    if (name.size == 0)
        return error_set(err, STATUS_INVALID, "import.no_identifier", "customer", "the row names nobody");
    enum status status = moment_parse(field_of(reading, IMPORT_AT, record), reading->date_format, &moment, err);

    if (status == STATUS_OK && amount.size > 0)
        status = read_number(reading, amount, &purchase.amount, err);
    if (status == STATUS_OK)
        status = read_numbers(reading, record, numbers, err);
    if (status != STATUS_OK)
        return status;
    purchase.day = moment.absolute ? (int32_t)(moment.instant / INSTANT_DAY) : moment.day;
    if (purchase.day > reading->until) {
        reading->later++;
        return STATUS_OK;
    }
    if (file->count >= FILE_PURCHASES_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there are more than %d rows", FILE_PURCHASES_MAX);
    reading->amounts += fabs(purchase.amount);
    if (reading->amounts > AMOUNTS_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.number", "",
                         "line %lld: the amounts so far add up to more than %.0f", (long long)record->line,
                         AMOUNTS_MAX);
    status = number_of(reading, name, &purchase.customer, err);
    if (status != STATUS_OK)
        return status;
    file->purchases = arena_lengthen(reading->cli->arena, file->purchases, &reading->purchase_capacity, file->count + 1,
                                     sizeof *file->purchases);
    keep_extras(reading, record, numbers);
    file->first_day = file->count == 0 || purchase.day < file->first_day ? purchase.day : file->first_day;
    file->last_day = file->count == 0 || purchase.day > file->last_day ? purchase.day : file->last_day;
    file->purchases[file->count++] = purchase;
    return STATUS_OK;
}

static enum status set_column(struct reading *reading, const char *option, const char *field, struct error *err)
{
    const char *column = cli_value(reading->cli, option);

    if (column == NULL)
        return STATUS_OK;
    return mapping_set_column(&reading->mapping, reading->cli->arena,
                              text_from(arena_format(reading->cli->arena, "%s=%s", field, column)), err);
}

static enum status set_columns(struct reading *reading, struct error *err)
{
    struct cli *cli = reading->cli;
    enum status status = set_column(reading, "customer", "external", err);

    if (status == STATUS_OK)
        status = set_column(reading, "date", "at", err);
    if (status == STATUS_OK)
        status = set_column(reading, "amount", "amount", err);
    for (size_t i = 0; status == STATUS_OK && cli_value_at(cli, "map", i) != NULL; i++)
        status = mapping_set_column(&reading->mapping, cli->arena, text_from(cli_value_at(cli, "map", i)), err);
    return status;
}

static const char *column_name(const struct cli *cli, const struct purchase_column *column)
{
    return column->name != NULL ? column->name : cli_value(cli, column->option);
}

static enum status find_extras(struct reading *reading, const struct text *columns, size_t count, struct error *err)
{
    for (size_t i = 0; i < reading->file.column_count; i++) {
        const char *name = column_name(reading->cli, &reading->file.columns[i]);

        reading->places[i] = -1;
        for (size_t j = 0; name != NULL && j < count; j++)
            if (text_equals(text_trim(columns[j]), name))
                reading->places[i] = (int)j;
        if (name != NULL && reading->places[i] < 0)
            return error_set(err, STATUS_INVALID, "mapping.column", reading->file.columns[i].option,
                             "the file has no column '%s'", name);
    }
    return STATUS_OK;
}

/* An amount may be missing; a customer and a day may not. */
static enum status resolve(struct reading *reading, struct reader *reader, struct error *err)
{
    size_t count = 0;
    const struct text *columns = reader_columns(reader, &count);
    enum status status = mapping_resolve(&reading->mapping, columns, count, false, err);

    if (status == STATUS_OK)
        status = find_extras(reading, columns, count, err);
    if (status == STATUS_OK &&
        (reading->mapping.columns[IMPORT_EXTERNAL] < 0 || reading->mapping.columns[IMPORT_AT] < 0))
        return error_set(err, STATUS_INVALID, "mapping.required", "",
                         "no column is known for %s: name it with --customer and --date",
                         reading->mapping.columns[IMPORT_EXTERNAL] < 0 ? "the customer" : "the day");
    reading->file.amounts = reading->mapping.columns[IMPORT_AMOUNT] >= 0;
    return status;
}

static void refuse(struct reading *reading, const struct record *record, const struct error *err)
{
    if (reading->file.refused++ == 0)
        fprintf(stderr, "line %lld: %s\n", (long long)record->line, err->message);
}

static enum status read_rows(struct reading *reading, struct reader *reader, struct error *err)
{
    enum status status = STATUS_OK;
    size_t known = 0; /* columns; JSON Lines may bring more as they go */

    for (bool end = false; status == STATUS_OK;) {
        struct record record = {0};
        size_t count = 0;

        status = reader_next(reader, &record, &end, err);
        if (end)
            return STATUS_OK;
        reader_columns(reader, &count);
        if (status == STATUS_OK && count != known) {
            known = count;
            status = resolve(reading, reader, err);
            if (status != STATUS_OK)
                return status;
        }
        if (status == STATUS_OK)
            status = add_row(reading, &record, err);
        if (status == STATUS_INVALID) {
            refuse(reading, &record, err);
            status = STATUS_OK;
        }
    }
    return status;
}

enum status purchase_file_read(struct cli *cli, const struct reader_options *how, struct purchase_file *out,
                               struct error *err)
{
    return purchase_file_read_columns(cli, how, NULL, 0, out, err);
}

enum status purchase_file_read_columns(struct cli *cli, const struct reader_options *how,
                                       struct purchase_column *columns, size_t column_count, struct purchase_file *out,
                                       struct error *err)
{
    struct reading reading = {.cli = cli, .date_format = cli_value(cli, "date-format"), .until = INT32_MAX};
    const char *until = cli_value(cli, "until");
    struct reader *reader = NULL;
    bool further = false; /* columns, which days of a database have not */

    assert(column_count <= PURCHASE_COLUMNS_MAX);
    reading.file.columns = columns;
    reading.file.column_count = column_count;
    for (size_t i = 0; i < column_count; i++) {
        columns[i].known = column_name(cli, &columns[i]) != NULL;
        columns[i].map = columns[i].number ? NULL : map_new(cli->arena, 64);
    }
    if (until != NULL && !day_parse(text_from(until), &reading.until))
        return error_set(err, STATUS_INVALID, "import.date", "until", "--until is a day such as 2026-06-30");
    for (size_t i = 0; i < column_count; i++)
        further |= columns[i].known;
    if (how->path == NULL && !further) {
        *out = reading.file;
        return purchase_live_read(cli, reading.until, out, err);
    }
    mapping_start(&reading.mapping, IMPORT_PURCHASES);
    reading.mapping.decimal_comma = cli_flag(cli, "decimal-comma");
    reading.numbers = map_new(cli->arena, 4096);
    enum status status = set_columns(&reading, err);

    if (status == STATUS_OK)
        status = how->path == NULL ? analyze_open_lines(cli, &reader, err) : reader_open(how, &reader, err);
    if (status == STATUS_OK)
        status = read_rows(&reading, reader, err);
    reader_close(reader);
    if (status == STATUS_OK && reading.file.count == 0)
        status = reading.later > 0
                     ? error_set(err, STATUS_INVALID, "analyze.empty", "until",
                                 "no purchase is left: all that can be read are after --until %s", until)
                     : error_set(err, STATUS_INVALID, "analyze.empty", "", "the file has no purchase that can be read");
    if (status != STATUS_OK)
        return status;
    if (reading.until != INT32_MAX)
        reading.file.last_day = reading.until;
    if (reading.file.refused > 0)
        fprintf(stderr, "%lld rows could not be read\n", (long long)reading.file.refused);
    *out = reading.file;
    return STATUS_OK;
}

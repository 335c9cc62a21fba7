#include "features/exchange/export_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "features/exchange/sorter.h"
#include "features/programme/programme.h"
#include "foundation/mask.h"

enum { ROW_ARENA_SIZE = 16 * 1024 * 1024, EXPORT_PATH_SIZE = 1024, PROGRESS_ROWS = 4096 };

struct exporting {
    const struct export_options *options;
    struct table_column columns[EXPORT_COLUMNS_MAX];
    size_t column_count;
    struct sorter *sorter;
    struct arena *arena; /* of one row */
    int exponent;
    int64_t rows;
};

const struct export_table *export_table_find(struct text name)
{
    for (size_t i = 0; i < export_table_count; i++)
        if (text_equals(name, export_tables[i].name))
            return &export_tables[i];
    return NULL;
}

static bool is_generated(enum export_type type)
{
    return type >= EXPORT_MEMBER_ID;
}

static bool is_number(enum export_type type)
{
    return type == EXPORT_INTEGER || type == EXPORT_MONEY || type == EXPORT_MONEY_OR_NONE || type == EXPORT_MILLI ||
           type == EXPORT_MICRO || type == EXPORT_RECEIVED_INTEGER;
}

static const char *word(int64_t value, const char *const *words, size_t count)
{
    return value >= 0 && (size_t)value < count && words[value] != NULL ? words[value] : "";
}

/* Quantities without needless zeros: 1, 0.5, 1.255. */
static struct text format_milli(struct arena *arena, int64_t value)
{
    char *text = arena_alloc(arena, MONEY_TEXT_SIZE);
    money_format(value, 3, text);
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '0')
        size--;
    if (size > 0 && text[size - 1] == '.')
        size--;
    return (struct text){text, size};
}

static struct text format_id(struct arena *arena, const char *prefix, int64_t id)
{
    return id == 0 ? TEXT("") : text_from(id_format(prefix, id, arena_alloc(arena, ID_TEXT_SIZE)));
}

static struct text format_value(const struct exporting *exporting, enum export_type type, const struct storage_row *row,
                                int column)
{
    static const char *const statuses[] = {[MEMBER_ACTIVE] = "active", [MEMBER_ERASED] = "erased"};
    static const char *const states[] = {
        [HOLD_OPEN] = "open", [HOLD_CAPTURED] = "captured", [HOLD_RELEASED] = "released", [HOLD_EXPIRED] = "expired"};
    struct arena *arena = exporting->arena;
    int64_t value = row->values[column].type == STORAGE_INTEGER ? row_integer(row, column) : 0;
    if (row_is_null(row, column))
        return (struct text){NULL, 0};
    switch (type) {
    case EXPORT_PERSON:
    case EXPORT_CONTACT:
        return exporting->options->masked ? mask_contact(arena, row_text(row, column)) : row_text(row, column);
    case EXPORT_TEXT:
    case EXPORT_RECEIVED_TEXT:
        return row_text(row, column);
    case EXPORT_INTEGER:
    case EXPORT_RECEIVED_INTEGER:
        return text_from(arena_format(arena, "%lld", (long long)value));
    case EXPORT_MONEY_OR_NONE:
        if (value < 0)
            return TEXT("");
        return text_from(money_format(value, exporting->exponent, arena_alloc(arena, MONEY_TEXT_SIZE)));
    case EXPORT_MONEY:
        return text_from(money_format(value, exporting->exponent, arena_alloc(arena, MONEY_TEXT_SIZE)));
    case EXPORT_MILLI:
        return format_milli(arena, value);
    case EXPORT_MICRO:
        return text_from(money_format(value, 6, arena_alloc(arena, MONEY_TEXT_SIZE)));
    case EXPORT_INSTANT:
    case EXPORT_EVENT_AT:
    case EXPORT_RECEIVED:
        if (value == 0 || value >= INSTANT_OPEN)
            return TEXT("");
        return text_from(instant_format(value, arena_alloc(arena, INSTANT_TEXT_SIZE)));
    case EXPORT_DAY:
    case EXPORT_EVENT_DAY:
        if (type == EXPORT_EVENT_DAY && value == 0)
            return TEXT("");
        return text_from(day_format((int32_t)value, arena_alloc(arena, DAY_TEXT_SIZE)));
    case EXPORT_FACT:
        return value != 0 ? TEXT("yes") : TEXT("no");
    case EXPORT_ACCOUNT:
        return text_from(account_name((enum account)value));
    case EXPORT_MEMBER_STATUS:
        return text_from(word(value, statuses, sizeof statuses / sizeof statuses[0]));
    case EXPORT_HOLD_STATE:
        return text_from(word(value, states, sizeof states / sizeof states[0]));
    case EXPORT_MEMBER_ID:
        return format_id(arena, "mbr", value);
    case EXPORT_EVENT_ID:
        return format_id(arena, "evt", value);
    case EXPORT_HOUSEHOLD_ID:
        return format_id(arena, "hhd", value);
    }
    return (struct text){NULL, 0};
}

/* Behind the columns stand the store and the member of the row. */
static bool is_seen(const struct export_options *options, const struct storage_row *row)
{
    int hidden = (int)options->table->column_count;
    if (options->sees == NULL || options->table->open)
        return true;
    struct text store = row_text(row, hidden);
    return store.size > 0 ? options->sees(options->sees_context, store)
                          : map_get_id(options->members, row_integer(row, hidden + 1)) != NULL;
}

/* A row as its columns with NUL between: no text holds one, so the bytes sort as the columns do, one after another. */
static enum status sort_row(void *context, const struct storage_row *row, struct error *err)
{
    struct exporting *exporting = context;
    const struct export_table *table = exporting->options->table;
    struct builder key = {.arena = exporting->arena};
    if (exporting->options->progress != NULL && exporting->rows % PROGRESS_ROWS == 0 &&
        !exporting->options->progress(exporting->options->context, exporting->rows))
        return error_set(err, STATUS_BUSY, "export.stopped", "", "the export was stopped");
    arena_reset(exporting->arena);
    if (!is_seen(exporting->options, row))
        return STATUS_OK;
    for (size_t i = 0; i < table->column_count; i++) {
        if (is_generated(table->columns[i].type) && !exporting->options->ids)
            continue;
        builder_text(&key, format_value(exporting, table->columns[i].type, row, (int)i));
        builder_char(&key, '\0');
    }
    exporting->rows++;
    return sorter_add(exporting->sorter, builder_done(&key), (struct text){NULL, 0}, err);
}

static enum status read_rows(struct exporting *exporting, struct storage_session *session, struct error *err)
{
    enum status status = STATUS_OK;
    struct storage_receiver receiver = {.row = sort_row, .context = exporting};
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        struct storage_value value = value_integer(bucket);
        status = storage_stream(session, exporting->options->table->query, &value, &receiver, err);
    }
    return status;
}

static enum status write_rows(struct exporting *exporting, struct error *err)
{
    struct table *table = NULL;
    bool end = false;
    enum status status = sorter_finish(exporting->sorter, err);
    if (status == STATUS_OK)
        status = table_open(&exporting->options->file, exporting->columns, exporting->column_count, &table, err);
    while (status == STATUS_OK) {
        struct text key, payload, fields[EXPORT_COLUMNS_MAX];
        status = sorter_next(exporting->sorter, &key, &payload, &end, err);
        if (status != STATUS_OK || end)
            break;
        for (size_t i = 0, at = 0; i < exporting->column_count; i++) {
            fields[i] = (struct text){key.bytes + at, strlen(key.bytes + at)};
            at += fields[i].size + 1;
        }
        status = table_row(table, fields, err);
    }
    if (table != NULL && status != STATUS_OK) {
        table_abandon(table);
        return status;
    }
    return table == NULL ? status : table_close(table, err);
}

static enum status export_with(struct exporting *exporting, struct storage_session *session, struct error *err)
{
    const struct export_table *table = exporting->options->table;
    for (size_t i = 0; i < table->column_count; i++)
        if (!is_generated(table->columns[i].type) || exporting->options->ids)
            exporting->columns[exporting->column_count++] =
                (struct table_column){table->columns[i].name, is_number(table->columns[i].type)};
    exporting->arena = arena_new(ROW_ARENA_SIZE);
    if (exporting->arena == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to export with");
    enum status status = sorter_new(SORTER_MEMORY_DEFAULT, &exporting->sorter, err);
    if (status == STATUS_OK)
        status = read_rows(exporting, session, err);
    if (status == STATUS_OK)
        status = write_rows(exporting, err);
    sorter_free(exporting->sorter);
    arena_free(exporting->arena);
    return status;
}

static int currency_decimals(struct engine *engine)
{
    struct configuration configuration = engine_configuration(engine);
    int exponent = programme_at(configuration.programmes, clock_now(engine_clock(engine)))->exponent;
    engine_configuration_release(engine, configuration);
    return exponent;
}

enum status export_run(struct engine *engine, const struct export_options *options, int64_t *rows, struct error *err)
{
    struct storage_session *session = NULL;
    struct exporting exporting = {.options = options, .exponent = currency_decimals(engine)};
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = export_with(&exporting, session, err);
    engine_read_end(engine, session);
    *rows = exporting.rows;
    return status;
}

enum status export_all(struct engine *engine, const struct export_all_options *options, int64_t *rows,
                       struct error *err)
{
    struct storage_session *session = NULL;
    int exponent = currency_decimals(engine);
    *rows = 0;
    if (mkdir(options->directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, STATUS_IO, "export.open", "out", "the directory '%s' cannot be made: %s",
                         options->directory, strerror(errno));
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; status == STATUS_OK && i < export_table_count; i++) {
        char path[EXPORT_PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s.%s", options->directory, export_tables[i].name,
                 table_format_extension(options->format));
        struct export_options one = {.table = &export_tables[i],
                                     .file = {.format = options->format, .path = path, .bom = options->bom},
                                     .ids = options->ids,
                                     .progress = options->progress,
                                     .context = options->context};
        struct exporting exporting = {.options = &one, .exponent = exponent};
        status = export_with(&exporting, session, err);
        *rows += exporting.rows;
        if (status != STATUS_OK)
            error_add_context(err, "%s", export_tables[i].name);
    }
    engine_read_end(engine, session);
    return status;
}

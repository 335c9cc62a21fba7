/* patron item: the catalogue of items, the tree of their categories, where they lie in stores. */
#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/output.h"
#include "engine/engine.h"
#include "features/events/events_store.h"
#include "features/exchange/reader.h"
#include "foundation/clock.h"
#include "foundation/money.h"
#include "storage/storage.h"

enum { PAGE_ROWS = 1000 };

static const struct cli_option options[] = {OPTION_DATABASE, OPTION_KEY_FILE, OPTION_FORMAT};

/* ---- list ---- */

static struct text money_text(struct cli *cli, int64_t minor, int exponent)
{
    return minor < 0 ? TEXT("") : text_from(money_format(minor, exponent, arena_alloc(cli->arena, MONEY_TEXT_SIZE)));
}

static void print_item(struct cli *cli, struct output *output, const struct catalogue_row *row, int exponent)
{
    const struct text fields[] = {row->key,
                                  row->columns[ITEM_NAME].text,
                                  row->columns[ITEM_CATEGORY].text,
                                  row->columns[ITEM_BRAND].text,
                                  money_text(cli, row->columns[ITEM_PRICE].integer, exponent),
                                  money_text(cli, row->columns[ITEM_COST].integer, exponent),
                                  money_text(cli, row->columns[ITEM_TAX].integer, 6)};

    output_row(output, fields);
}

static enum status read_items(struct cli *cli, struct output *output, int exponent, struct error *err)
{
    struct storage_session *session = NULL;
    struct catalogue_page page = {.after = TEXT(""), .limit = PAGE_ROWS};
    enum status status = storage_session_new(cli->opened.storage, true, &session, err);

    do {
        page.count = 0;
        if (status == STATUS_OK)
            status = catalogue_list(session, cli->arena, CATALOGUE_ITEMS, &page, err);
        for (size_t i = 0; status == STATUS_OK && i < page.count; i++)
            print_item(cli, output, &page.rows[i], exponent);
        if (page.count > 0)
            page.after = page.rows[page.count - 1].key;
    } while (status == STATUS_OK && page.count == PAGE_ROWS);
    storage_session_free(session);
    return status;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"sku", false},    {"name", false}, {"category", false},
                                                   {"brand", false},  {"price", true}, {"unit_cost", true},
                                                   {"tax_rate", true}};
    struct error error = {0};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    int exponent = programme_at(configuration.programmes, now)->exponent;
    engine_configuration_release(cli->opened.engine, configuration);
    if (read_items(cli, &output, exponent, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- files ---- */

struct item_file {
    struct cli *cli;
    struct storage_session *session;
    bool shelves; /* else categories */
};

static struct text cell(const struct record *record, const struct text *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count && i < record->field_count; i++)
        if (text_equals(text_trim(columns[i]), name))
            return text_trim(record->fields[i]);
    return TEXT("");
}

static enum status fill_row(struct item_file *file, const struct record *record, const struct reader *reader,
                            struct catalogue_row *row, struct error *err)
{
    size_t count;
    const struct text *columns = reader_columns(reader, &count);
    struct text code = cell(record, columns, count, file->shelves ? "sku" : "code");
    struct text store = cell(record, columns, count, "store"), name = cell(record, columns, count, "name");

    if (code.size == 0 || code.size > CODE_SIZE_MAX || name.size > CODE_SIZE_MAX || store.size > CODE_SIZE_MAX ||
        (file->shelves && store.size == 0))
        return error_set(err, STATUS_INVALID, "catalogue.key", file->shelves ? "sku" : "code",
                         file->shelves ? "a row needs sku and store, each of at most %d bytes"
                                       : "a row needs a code of at most %d bytes",
                         CODE_SIZE_MAX);
    *row = (struct catalogue_row){.key = code};
    if (!file->shelves) {
        row->columns[CATEGORY_NAME] = value_text(name.size > 0 ? name : code);
        row->columns[CATEGORY_PARENT] = value_text(cell(record, columns, count, "parent"));
        return STATUS_OK;
    }
    row->key = text_from(
        arena_format(file->cli->arena, "%.*s\n%.*s", (int)store.size, store.bytes, (int)code.size, code.bytes));
    row->columns[SHELF_STORE] = value_text(store);
    row->columns[SHELF_SKU] = value_text(code);
    row->columns[SHELF_AISLE] = value_text(cell(record, columns, count, "aisle"));
    row->columns[SHELF_SHELF] = value_text(cell(record, columns, count, "shelf"));
    return STATUS_OK;
}

static enum status keep_row(struct item_file *file, struct catalogue_row *row, struct error *err)
{
    enum catalogue catalogue = file->shelves ? CATALOGUE_SHELVES : CATALOGUE_CATEGORIES;
    struct arena *arena = file->cli->arena;
    struct catalogue_row *before;
    enum status status = catalogue_get(file->session, arena, catalogue, row->key, &before, err);

    if (status == STATUS_OK && !file->shelves)
        status = category_check(file->session, arena, row, err);
    if (status != STATUS_OK)
        return status;
    row->version = before == NULL ? 1 : before->version + 1;
    return catalogue_put(file->session, catalogue, row, err);
}

static enum status keep_rows(struct item_file *file, int64_t *rows, struct error *err)
{
    const struct reader_options how = {.path = file->cli->arguments[1], .header = READER_HEADER_YES};
    struct reader *reader = NULL;
    struct record record = {0};
    struct catalogue_row row;
    bool end = false;
    enum status status = reader_open(&how, &reader, err);

    while (status == STATUS_OK) {
        status = reader_next(reader, &record, &end, err);
        if (end)
            break;
        if (status == STATUS_OK)
            status = fill_row(file, &record, reader, &row, err);
        if (status == STATUS_OK)
            status = keep_row(file, &row, err);
        if (status != STATUS_OK)
            error_add_context(err, "line %lld", (long long)record.line);
        ++*rows;
    }
    reader_close(reader);
    return status;
}

static enum status keep_file(struct item_file *file, int64_t *rows, struct error *err)
{
    struct audit_entry entry = {.actor = TEXT("cli"),
                                .what = file->shelves ? TEXT("shelf.updated") : TEXT("item_category.updated")};
    enum status status = cli_open(file->cli, true, err);

    if (status == STATUS_OK)
        status = storage_session_new(file->cli->opened.storage, false, &file->session, err);
    if (status == STATUS_OK)
        status = storage_begin(file->session, err);
    if (status == STATUS_OK)
        status = keep_rows(file, rows, err);
    if (status == STATUS_OK) {
        entry.at = clock_now(engine_clock(file->cli->opened.engine));
        entry.after = text_from(arena_format(file->cli->arena, "{\"rows\":%lld}", (long long)*rows));
        status = audit_write(file->session, &entry, err);
    }
    if (status == STATUS_OK)
        status = storage_commit(file->session, err);
    else if (file->session != NULL)
        storage_rollback(file->session);
    storage_session_free(file->session);
    return status;
}

static int run(struct cli *cli)
{
    const char *action = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};
    struct item_file file = {.cli = cli, .shelves = strcmp(action, "shelves") == 0};
    int64_t rows = 0;

    if (strcmp(action, "list") == 0 && cli->argument_count == 1)
        return list(cli);
    if ((!file.shelves && strcmp(action, "categories") != 0) || cli->argument_count != 2)
        return cli_usage(cli, "say item list, item categories FILE or item shelves FILE");
    if (keep_file(&file, &rows, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld rows kept\n", (long long)rows);
    return EXIT_DONE;
}

const struct subcommand item_subcommand = {
    .name = "item",
    .about = "list items; keep the tree of their categories and where they lie in stores",
    .usage = "item list | item categories FILE | item shelves FILE",
    .example = "patron item categories tree.csv     (code, name, parent; a parent comes before what lies in it)\n"
               "patron item shelves shelves.csv     (store, sku, aisle, shelf)\n"
               "patron import items items.csv       (sku, name, category, price, brand, unit_cost, tax_rate)",
    .options = CLI_OPTIONS(options),
    .run = run,
};

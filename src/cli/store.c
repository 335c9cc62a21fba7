#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/output.h"
#include "features/events/events_store.h"
#include "features/exchange/reader.h"
#include "foundation/clock.h"
#include "foundation/money.h"
#include "storage/storage.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"kind", "KIND", "company, entity, brand, region, store or till; default store"},
    {"name", "NAME", "how it is shown; default its code"},
    {"parent", "CODE", "the place it lies in; default none"},
    {"zone", "ZONE", "IANA time zone; default that of the place above"},
    {"cut", "MINUTES", "the business day begins so many minutes after midnight; default 0"},
    {"currency", "CODE", "of a legal entity"},
    {"on", "DAY", "close: the first day on which it is closed (2026-11-22)"},
    OPTION_FORMAT,
};

/* Of an employee in a file that does not say who they are as a customer. */
static const int64_t MEMBER_AS_BEFORE = -1;

/* A change under way, in one transaction. */
struct keeping {
    struct cli *cli;
    struct storage_session *session;
};

static enum status keeping_begin(struct keeping *keeping, struct cli *cli, struct error *err)
{
    *keeping = (struct keeping){.cli = cli};
    enum status status = cli_open(cli, true, err);
    if (status == STATUS_OK)
        status = storage_session_new(cli->opened.storage, false, &keeping->session, err);
    return status == STATUS_OK ? storage_begin(keeping->session, err) : status;
}

static enum status keeping_end(struct keeping *keeping, enum status status, struct error *err)
{
    if (status == STATUS_OK)
        status = storage_commit(keeping->session, err);
    else if (keeping->session != NULL)
        storage_rollback(keeping->session);
    storage_session_free(keeping->session);
    return status;
}

/* Checks and writes a place or an employee as its next version, with the audit. */
static enum status keep_row(struct keeping *keeping, enum catalogue catalogue, struct catalogue_row *row,
                            struct error *err)
{
    struct arena *arena = keeping->cli->arena;
    struct catalogue_row *before;
    enum status status = catalogue_get(keeping->session, arena, catalogue, row->key, &before, err);
    if (status == STATUS_OK && catalogue == CATALOGUE_PLACES)
        status = place_check(keeping->session, arena, row, err);
    if (status != STATUS_OK)
        return status;
    row->version = before == NULL ? 1 : before->version + 1;
    if (catalogue == CATALOGUE_EMPLOYEES && row->columns[EMPLOYEE_MEMBER].integer == MEMBER_AS_BEFORE)
        row->columns[EMPLOYEE_MEMBER] = before != NULL ? before->columns[EMPLOYEE_MEMBER] : value_integer(0);
    status = catalogue_put(keeping->session, catalogue, row, err);
    struct audit_entry entry = {
        .at = clock_now(engine_clock(keeping->cli->opened.engine)),
        .actor = TEXT("cli"),
        .what = catalogue == CATALOGUE_PLACES ? TEXT("place.updated") : TEXT("employee.updated"),
        .after = text_from(arena_format(arena, "{\"code\":\"%.*s\"}", (int)row->key.size, row->key.bytes))};
    return status == STATUS_OK ? audit_write(keeping->session, &entry, err) : status;
}

static enum status find_place(struct keeping *keeping, const char *code, struct catalogue_row **out, struct error *err)
{
    enum status status =
        catalogue_get(keeping->session, keeping->cli->arena, CATALOGUE_PLACES, text_from(code), out, err);
    if (status == STATUS_OK && *out == NULL)
        return error_set(err, STATUS_MISSING, "catalogue.unknown", "", "there is no place '%s'", code);
    return status;
}

/* ---- from texts to rows; the texts of an option or of a cell, empty: not given ---- */

struct place_texts {
    struct text code, kind, name, parent, zone, cut, currency;
};

static enum status place_fill(struct arena *arena, const struct place_texts *texts, struct catalogue_row *row,
                              struct error *err)
{
    const struct zone *zone;
    enum place_kind kind = PLACE_STORE;
    int64_t cut = 0;
    if (texts->code.size == 0 || texts->code.size > CODE_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "a code has 1 to %d bytes", CODE_SIZE_MAX);
    if (texts->kind.size > 0 && !place_kind_find(texts->kind, &kind))
        return error_set(err, STATUS_INVALID, "place.kind", "kind", "'%.*s' is no kind of place", (int)texts->kind.size,
                         texts->kind.bytes);
    if (texts->cut.size > 0 && (!text_to_integer(texts->cut, &cut) || cut < 0 || cut > 1439))
        return error_set(err, STATUS_INVALID, "json.range", "cut", "the cut is 0 to 1439 minutes after midnight");
    if (texts->currency.size > 0 && currency_exponent(texts->currency) < 0)
        return error_set(err, STATUS_INVALID, "json.currency", "currency", "'%.*s' is no currency of ISO 4217",
                         (int)texts->currency.size, texts->currency.bytes);
    if (texts->zone.size > 0 && zone_load(arena, texts->zone, &zone, err) != STATUS_OK)
        return STATUS_INVALID;
    *row = (struct catalogue_row){.key = texts->code};
    row->columns[PLACE_KIND] = value_text(text_from(place_kinds[kind]));
    row->columns[PLACE_NAME] = value_text(texts->name.size > 0 ? texts->name : texts->code);
    row->columns[PLACE_PARENT] = value_text(texts->parent);
    row->columns[PLACE_ZONE] = value_text(texts->zone);
    row->columns[PLACE_CUT_MINUTES] = value_integer(cut);
    row->columns[PLACE_CURRENCY] = value_text(texts->currency);
    row->columns[PLACE_HOURS] = value_text(TEXT(""));
    row->columns[PLACE_OPENED_ON] = value_integer(DAY_NONE);
    row->columns[PLACE_CLOSED_ON] = value_integer(DAY_NONE);
    return STATUS_OK;
}

/* What is there already keeps its hours and days. */
static enum status keep_place(struct keeping *keeping, const struct place_texts *texts, struct error *err)
{
    struct catalogue_row row, *before;
    enum status status = place_fill(keeping->cli->arena, texts, &row, err);
    if (status == STATUS_OK)
        status = catalogue_get(keeping->session, keeping->cli->arena, CATALOGUE_PLACES, row.key, &before, err);
    if (status != STATUS_OK)
        return status;
    for (int i = PLACE_HOURS; before != NULL && i < PLACE_COLUMN_COUNT; i++)
        row.columns[i] = before->columns[i];
    return keep_row(keeping, CATALOGUE_PLACES, &row, err);
}

static struct text option_text(const struct cli *cli, const char *name)
{
    return text_from(cli_value(cli, name));
}

/* ---- add, move, close ---- */

static int finish(struct keeping *keeping, enum status status, const char *done, struct error *error)
{
    status = keeping_end(keeping, status, error);
    if (status != STATUS_OK)
        return cli_fail(keeping->cli, error);
    printf("%s\n", done);
    return EXIT_DONE;
}

static int add(struct cli *cli)
{
    struct error error = {0};
    struct keeping keeping;
    const struct place_texts texts = {.code = text_from(cli->arguments[1]),
                                      .kind = option_text(cli, "kind"),
                                      .name = option_text(cli, "name"),
                                      .parent = option_text(cli, "parent"),
                                      .zone = option_text(cli, "zone"),
                                      .cut = option_text(cli, "cut"),
                                      .currency = option_text(cli, "currency")};
    enum status status = keeping_begin(&keeping, cli, &error);
    if (status == STATUS_OK)
        status = keep_place(&keeping, &texts, &error);
    return finish(&keeping, status, arena_format(cli->arena, "%s kept", cli->arguments[1]), &error);
}

static int move(struct cli *cli)
{
    struct error error = {0};
    struct keeping keeping;
    struct catalogue_row *row = NULL;
    enum status status = keeping_begin(&keeping, cli, &error);
    if (status == STATUS_OK)
        status = find_place(&keeping, cli->arguments[1], &row, &error);
    if (status == STATUS_OK) {
        row->columns[PLACE_PARENT] = value_text(text_from(cli->arguments[2]));
        status = keep_row(&keeping, CATALOGUE_PLACES, row, &error);
    }
    return finish(&keeping, status, arena_format(cli->arena, "%s moved", cli->arguments[1]), &error);
}

static int close_place(struct cli *cli)
{
    struct error error = {0};
    struct keeping keeping;
    struct catalogue_row *row = NULL;
    int32_t day = 0;
    if (cli_value(cli, "on") == NULL || !day_parse(option_text(cli, "on"), &day))
        return cli_usage(cli, "say from which day on: --on 2026-11-22");
    enum status status = keeping_begin(&keeping, cli, &error);
    if (status == STATUS_OK)
        status = find_place(&keeping, cli->arguments[1], &row, &error);
    if (status == STATUS_OK) {
        row->columns[PLACE_CLOSED_ON] = value_integer(day);
        status = keep_row(&keeping, CATALOGUE_PLACES, row, &error);
    }
    return finish(&keeping, status, arena_format(cli->arena, "%s closed", cli->arguments[1]), &error);
}

/* ---- files ---- */

static struct text cell(const struct record *record, const struct text *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count && i < record->field_count; i++)
        if (text_equals(text_trim(columns[i]), name))
            return text_trim(record->fields[i]);
    return TEXT("");
}

static enum status keep_record(struct keeping *keeping, bool employees, const struct record *record,
                               const struct reader *reader, struct error *err)
{
    size_t count;
    const struct text *columns = reader_columns(reader, &count);
    struct text code = cell(record, columns, count, "code"), name = cell(record, columns, count, "name");
    if (!employees) {
        const struct place_texts texts = {.code = code,
                                          .kind = cell(record, columns, count, "kind"),
                                          .name = name,
                                          .parent = cell(record, columns, count, "parent"),
                                          .zone = cell(record, columns, count, "zone"),
                                          .cut = cell(record, columns, count, "cut_minutes"),
                                          .currency = cell(record, columns, count, "currency")};
        return keep_place(keeping, &texts, err);
    }
    struct catalogue_row row = {.key = code};
    struct text active = cell(record, columns, count, "active");
    bool gone = text_equals(active, "no") || text_equals(active, "0") || text_equals(active, "false");
    row.columns[EMPLOYEE_NAME] = value_text(name.size > 0 ? name : code);
    row.columns[EMPLOYEE_STORE] = value_text(cell(record, columns, count, "store"));
    row.columns[EMPLOYEE_ACTIVE] = value_integer(gone ? 0 : 1);
    struct text person = cell(record, columns, count, "member");
    int64_t member = MEMBER_AS_BEFORE;
    if (person.size > 0 && !id_parse("mbr", person, &member))
        return error_set(err, STATUS_INVALID, "place.columns", "", "'%.*s' is not the id of a member", (int)person.size,
                         person.bytes);
    row.columns[EMPLOYEE_MEMBER] = value_integer(member);
    if (code.size == 0 || code.size > CODE_SIZE_MAX || row.columns[EMPLOYEE_STORE].text.size == 0)
        return error_set(err, STATUS_INVALID, "place.columns", "", "an employee needs code and store");
    return keep_row(keeping, CATALOGUE_EMPLOYEES, &row, err);
}

static enum status keep_file(struct keeping *keeping, bool employees, int64_t *rows, struct error *err)
{
    const struct reader_options how = {.path = keeping->cli->arguments[1], .header = READER_HEADER_YES};
    struct reader *reader = NULL;
    struct record record = {0};
    bool end = false;
    enum status status = reader_open(&how, &reader, err);
    while (status == STATUS_OK && !end) {
        status = reader_next(reader, &record, &end, err);
        if (status == STATUS_OK && !end) {
            status = keep_record(keeping, employees, &record, reader, err);
            ++*rows;
        }
        if (status != STATUS_OK)
            error_add_context(err, "line %lld", (long long)record.line);
    }
    reader_close(reader);
    return status;
}

/* All of the file or nothing. */
static int import(struct cli *cli, bool employees)
{
    struct error error = {0};
    struct keeping keeping;
    int64_t rows = 0;
    enum status status = keeping_begin(&keeping, cli, &error);
    if (status == STATUS_OK)
        status = keep_file(&keeping, employees, &rows, &error);
    return finish(&keeping, status,
                  arena_format(cli->arena, "%lld %s kept", (long long)rows, employees ? "employees" : "places"),
                  &error);
}

/* ---- the tree ---- */

static void print_node(struct cli *cli, struct output *output, const struct catalogue_row *row, int depth)
{
    char day[DAY_TEXT_SIZE];
    int64_t closed = row->columns[PLACE_CLOSED_ON].integer;
    struct builder shown = {.arena = cli->arena};
    for (int i = 0; output->format == OUTPUT_TABLE && i < depth; i++)
        builder_string(&shown, "  ");
    builder_text(&shown, row->key);
    const struct text fields[] = {
        builder_done(&shown),
        row->columns[PLACE_KIND].text,
        row->columns[PLACE_NAME].text,
        row->columns[PLACE_PARENT].text,
        row->columns[PLACE_ZONE].text,
        text_from(arena_format(cli->arena, "%lld", (long long)row->columns[PLACE_CUT_MINUTES].integer)),
        row->columns[PLACE_CURRENCY].text,
        closed == DAY_NONE ? TEXT("") : text_from(day_format((int32_t)closed, day))};
    output_row(output, fields);
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"code", false},     {"kind", false},     {"name", false},
                                                   {"parent", false},   {"zone", false},     {"cut_minutes", true},
                                                   {"currency", false}, {"closed_on", false}};
    struct error error = {0};
    struct output output;
    struct catalogue_page page;
    struct storage_session *session = NULL;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = cli_open(cli, false, &error);
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = places_read(session, cli->arena, &page, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct place_node *nodes = arena_array(cli->arena, page.count + 1, sizeof *nodes);
    for (size_t i = 0; i < page.count; i++)
        nodes[i] = (struct place_node){.code = page.rows[i].key, .parent = page.rows[i].columns[PLACE_PARENT].text};
    place_order(cli->arena, nodes, page.count);
    for (size_t i = 0; i < page.count; i++)
        print_node(cli, &output, &page.rows[nodes[i].index], nodes[i].depth);
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    if (strcmp(what, "list") == 0 && cli->argument_count == 1)
        return list(cli);
    if (strcmp(what, "add") == 0 && cli->argument_count == 2)
        return add(cli);
    if (strcmp(what, "move") == 0 && cli->argument_count == 3)
        return move(cli);
    if (strcmp(what, "close") == 0 && cli->argument_count == 2)
        return close_place(cli);
    if (strcmp(what, "import") == 0 && cli->argument_count == 2)
        return import(cli, false);
    if (strcmp(what, "employees") == 0 && cli->argument_count == 2)
        return import(cli, true);
    return cli_usage(cli, "say list, add CODE, move CODE PARENT, close CODE, import FILE, or employees FILE");
}

const struct subcommand store_subcommand = {
    .name = "store",
    .about = "the tree of places (company, entity, brand, region, store, till) and employees",
    .usage = "store list | store add CODE [options] | store move CODE PARENT | store close CODE --on DAY |\n"
             "       patron store import FILE | store employees FILE",
    .example = "patron store add soho --name Soho --parent london --zone Europe/London --cut 240\n"
               "patron store import places.csv      (code, kind, name, parent, zone, cut_minutes, currency)\n"
               "patron store employees staff.csv    (code, name, store, active, member)",
    .options = CLI_OPTIONS(options),
    .run = run,
};

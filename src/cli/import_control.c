#include "cli/import_control.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/exchange/reader.h"

enum { SHEET_COLUMNS = 5 };

/* Where each column of the file is; -1: it has none. */
static enum status find_columns(const struct reader *reader, int columns[SHEET_COLUMNS], struct error *err)
{
    static const char *const names[SHEET_COLUMNS] = {"measure", "wallet", "store", "month", "value"};
    size_t count = 0;
    const struct text *found = reader_columns(reader, &count);

    for (int i = 0; i < SHEET_COLUMNS; i++) {
        columns[i] = -1;
        for (size_t c = 0; c < count; c++)
            if (text_equals(text_trim(found[c]), names[i]))
                columns[i] = (int)c;
    }
    if (columns[0] < 0 || columns[SHEET_COLUMNS - 1] < 0)
        return error_set(err, STATUS_INVALID, "control.measure", "theirs",
                         "the sheet has the columns measure, wallet, store, month, value");
    return STATUS_OK;
}

static struct text cell(const struct record *record, int column)
{
    return column >= 0 && (size_t)column < record->field_count ? text_trim(record->fields[column])
                                                               : (struct text){NULL, 0};
}

static enum status add_line(const struct programme *programme, const struct record *record, const int *columns,
                            struct sheet *sheet, struct error *err)
{
    const struct sheet_text text = {cell(record, columns[0]), cell(record, columns[1]), cell(record, columns[2]),
                                    cell(record, columns[3]), cell(record, columns[4])};
    struct sheet_line line;
    struct error error;

    if (sheet_line_read(programme, &text, &line, &error) != STATUS_OK)
        return error_set(err, error.status, error.code, error.field, "line %lld: %s", (long long)record->line,
                         error.message);
    sheet_add(sheet, &line);
    return STATUS_OK;
}

static enum status read_sheet(struct cli *cli, const struct programme *programme, struct sheet *sheet,
                              struct error *err)
{
    const struct reader_options options = {.path = cli_value(cli, "theirs"), .header = READER_HEADER_YES};
    int columns[SHEET_COLUMNS];
    struct reader *reader = NULL;
    bool end = false;
    enum status status = reader_open(&options, &reader, err);

    if (status == STATUS_OK)
        status = find_columns(reader, columns, err);
    while (status == STATUS_OK) {
        struct record record;
        status = reader_next(reader, &record, &end, err);
        if (end)
            break;
        if (status == STATUS_OK)
            status = add_line(programme, &record, columns, sheet, err);
    }
    reader_close(reader);
    return status;
}

static struct text number(struct cli *cli, const struct programme *programme, const struct sheet_line *of,
                          int64_t value)
{
    char money[MONEY_TEXT_SIZE];

    if (of->measure == SHEET_LIABILITY)
        return text_from(arena_format(cli->arena, "%s", money_format(value, programme->exponent, money)));
    return text_from(arena_format(cli->arena, "%lld", (long long)value));
}

static void print_control(struct cli *cli, const struct programme *programme, const struct control *control)
{
    static const struct output_column columns[] = {{"measure", false},  {"wallet", false}, {"store", false},
                                                   {"month", false},    {"theirs", true},  {"ours", true},
                                                   {"difference", true}};
    const char *format = cli_value(cli, "output");
    struct output output = {
        .arena = cli->arena, .columns = columns, .column_count = sizeof columns / sizeof columns[0]};

    if (format != NULL && strcmp(format, "json") == 0)
        output.format = OUTPUT_JSON;
    else if (format != NULL && strcmp(format, "csv") == 0)
        output.format = OUTPUT_CSV;
    for (size_t i = 0; i < control->count; i++) {
        const struct control_line *line = &control->lines[i];
        const struct text fields[] = {text_from(sheet_measure_name(line->of.measure)),
                                      line->of.wallet,
                                      line->of.store,
                                      line->of.month,
                                      number(cli, programme, &line->of, line->of.value),
                                      number(cli, programme, &line->of, line->ours),
                                      number(cli, programme, &line->of, line->difference)};
        output_row(&output, fields);
    }
    output_end(&output);
}

static enum status compare(struct cli *cli, const struct programme *programme, struct control *control,
                           struct error *err)
{
    const char *migration = cli_value(cli, "migration");
    struct control_request request = {.migration = text_from(migration != NULL ? migration : MIGRATION_DEFAULT),
                                      .programme = programme};
    struct storage_session *session;
    struct sheet theirs;
    enum status status = STATUS_OK;

    sheet_start(&theirs, cli->arena);
    if (cli_value(cli, "theirs") != NULL) {
        status = read_sheet(cli, programme, &theirs, err);
        request.theirs = &theirs;
    }
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = control_run(session, cli->arena, &request, control, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

int import_control(struct cli *cli)
{
    struct control control = {0};
    struct error error = {0};

    if (cli->argument_count != 1)
        return cli_usage(cli, "import control takes no file but --theirs FILE");
    enum status status = cli_open(cli, false, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct programme *programme =
        programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine)));
    status = compare(cli, programme, &control, &error);
    if (status == STATUS_OK)
        print_control(cli, programme, &control);
    engine_configuration_release(cli->opened.engine, configuration);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (!cli_flag(cli, "quiet") && control.refused > 0)
        fprintf(stderr,
                "%lld rows of balances were refused when their files were last read: see --errors of the import\n",
                (long long)control.refused);
    if (!cli_flag(cli, "quiet"))
        fprintf(stderr, "%s\n", control.zero ? "zero: nothing differs" : "NOT zero: see the column difference");
    return control.zero ? EXIT_DONE : EXIT_FAILED;
}

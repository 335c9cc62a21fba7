#include <stdio.h>
#include <string.h>

#include "cli/subcommand.h"
#include "features/exchange/export_store.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"format", "FORMAT", "csv, jsonl or xlsx; default csv"},
    {"out", "FILE", "write here instead of on standard output"},
    {"bom", NULL, "begin CSV with the mark that spreadsheets want"},
    {"ids", NULL, "generated ids and times of receipt too"},
    {"quiet", NULL, "no progress"},
};

static bool show_progress(void *context, int64_t rows)
{
    (void)context;
    cli_progress(0, 0, rows, "rows");
    return true;
}

static enum status run_export(struct cli *cli, enum table_format format, int64_t *rows, struct error *err)
{
    bool progress = cli_shows_progress() && !cli_flag(cli, "quiet");
    if (strcmp(cli->arguments[0], "all") == 0) {
        struct export_all_options all = {.directory = cli->arguments[1],
                                         .format = format,
                                         .bom = cli_flag(cli, "bom"),
                                         .ids = cli_flag(cli, "ids"),
                                         .progress = progress ? show_progress : NULL};
        return export_all(cli->opened.engine, &all, rows, err);
    }
    const char *out = cli_value(cli, "out");
    struct export_options one = {.table = export_table_find(text_from(cli->arguments[0])),
                                 .file = {format, out != NULL ? out : "-", cli_flag(cli, "bom")},
                                 .ids = cli_flag(cli, "ids"),
                                 .progress = progress ? show_progress : NULL};
    return export_run(cli->opened.engine, &one, rows, err);
}

static int run(struct cli *cli)
{
    enum table_format format = TABLE_CSV;
    struct error error = {0};
    int64_t rows = 0;
    const char *name = cli_value(cli, "format");
    if (name != NULL && !table_format_from(text_from(name), &format))
        return cli_usage(cli, "the format is csv, jsonl or xlsx, not '%s'", name);
    if (cli->argument_count == 0)
        return cli_usage(cli, "say which table to export, or all");
    bool all = strcmp(cli->arguments[0], "all") == 0;
    if (!all && export_table_find(text_from(cli->arguments[0])) == NULL)
        return cli_usage(cli, "there is no table '%s'", cli->arguments[0]);
    if (cli->argument_count != (all ? 2 : 1))
        return cli_usage(cli, all ? "say into which directory" : "one table at a time; --out FILE says where");

    enum status status = cli_open(cli, false, &error);
    if (status == STATUS_OK)
        status = run_export(cli, format, &rows, &error);
    if (cli_shows_progress() && !cli_flag(cli, "quiet"))
        cli_progress(-1, 0, 0, "");
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

static void more_help(struct builder *out)
{
    builder_string(out, "Tables:\n");
    for (size_t i = 0; i < export_table_count; i++)
        builder_format(out, "  %-14s %s\n", export_tables[i].name, export_tables[i].about);
}

const struct subcommand export_subcommand = {
    .name = "export",
    .about = "write tables as CSV, JSON Lines or XLSX",
    .usage = "export TABLE [options] | export all DIRECTORY [options]",
    .example = "patron export members --format xlsx --out members.xlsx\npatron export all backup-csv --bom",
    .options = CLI_OPTIONS(options),
    .run = run,
    .more_help = more_help,
};

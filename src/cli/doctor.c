#include "server/doctor.h"

#include <stdio.h>

#include "cli/output.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"files", "DIR", "where jobs keep their files; default beside the database"},
    {"archive", "DIR", "the archive of 'patron serve --archive'; default $PATRON_ARCHIVE, or none"},
    {"heads", "DIR", "the seals of each day; default $PATRON_HEADS, or none"},
    {"tls-cert", "FILE", "certificate chain (PEM)"},
    {"tls-key", "FILE", "its private key (PEM)"},
    {"free-min", "MIB", "so much must be free on each disk; default 1024"},
    {"rows", "N", "verify the seals of the last N rows of each bucket; default 1000"},
    {"full", NULL, "verify everything, and check every page and index"},
    OPTION_FORMAT,
};

static bool print_report(struct cli *cli, const struct doctor_report *report)
{
    static const char *const severities[] = {"note", "warning", "error"};
    static const struct output_column columns[] = {
        {"severity", false}, {"code", false}, {"finding", false}, {"advice", false}};
    struct output output;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return false;
    if (output.format == OUTPUT_TABLE) { /* sentences are too long for columns */
        for (size_t i = 0; i < report->count; i++)
            printf("%s %s: %s\n    %s\n", severities[doctor_severity(report->findings[i].kind)],
                   doctor_code(report->findings[i].kind), report->findings[i].sentence,
                   doctor_advice(report->findings[i].kind));
        return true;
    }
    for (size_t i = 0; i < report->count; i++)
        output_row(&output, (struct text[]){text_from(severities[doctor_severity(report->findings[i].kind)]),
                                            text_from(doctor_code(report->findings[i].kind)),
                                            text_from(report->findings[i].sentence),
                                            text_from(doctor_advice(report->findings[i].kind))});
    output_end(&output);
    return true;
}

static int run(struct cli *cli)
{
    struct doctor_options doctor = {.database = cli_value(cli, "database"),
                                    .key_file = cli_value(cli, "key-file"),
                                    .files = cli_value(cli, "files"),
                                    .archive = cli_value(cli, "archive"),
                                    .heads = cli_value(cli, "heads"),
                                    .tls_certificate = cli_value(cli, "tls-cert"),
                                    .tls_key = cli_value(cli, "tls-key"),
                                    .full = cli_flag(cli, "full")};
    struct doctor_report report = {.arena = cli->arena};
    int64_t free_min = 0;
    size_t wrong = 0;
    if (cli->argument_count > 0)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[0]);
    if (!cli_integer(cli, "free-min", 1, INT64_C(1) << 40, &free_min) ||
        !cli_integer(cli, "rows", 1, INT64_C(1) << 40, &doctor.last_rows))
        return EXIT_USAGE;
    doctor.free_min_bytes = free_min * 1048576;
    doctor_run(&doctor, &report);
    for (size_t i = 0; i < report.count; i++)
        wrong += doctor_severity(report.findings[i].kind) != DOCTOR_NOTE;
    if (!print_report(cli, &report))
        return EXIT_USAGE;
    if (cli_value(cli, "format") == NULL)
        printf(wrong == 0 ? "nothing is wrong\n" : "%zu things are wrong\n", wrong);
    return wrong == 0 ? EXIT_DONE : EXIT_FAILED;
}

const struct subcommand doctor_subcommand = {
    .name = "doctor",
    .about = "look for what is wrong: configuration, disks, clock, database, seals; changes nothing",
    .usage = "doctor [options]",
    .example = "patron doctor --database patron.db --heads /var/lib/patron/heads\n"
               "patron doctor --full --format json",
    .options = CLI_OPTIONS(options),
    .run = run,
};

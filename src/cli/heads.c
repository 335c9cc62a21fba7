#include <stdio.h>
#include <string.h>

#include "cli/subcommand.h"
#include "server/heads_file.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"out", "FILE", "into this file; default: standard output"},
    {"fingerprint", NULL, "print only the line that stands for all of them"},
};

static int run(struct cli *cli)
{
    const struct server_engine_options where = {.database = cli_value(cli, "database"),
                                                .key_file = cli_value(cli, "key-file")};
    const char *path = cli_value(cli, "out");
    struct server_storage database;
    struct error error = {0};
    struct heads heads;
    char fingerprint[HEADS_FINGERPRINT_SIZE];
    if (cli->argument_count > 0)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[0]);
    enum status status = server_storage_open(&where, &database, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = heads_now(database.storage, &heads, &error);
    storage_close(database.storage);
    if (status == STATUS_OK && path != NULL)
        status = heads_save(path, &heads, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct text text = heads_write(cli->arena, &heads);
    if (path != NULL || cli_flag(cli, "fingerprint"))
        printf("%s\n", heads_fingerprint(&heads, fingerprint));
    else
        printf("%.*s", (int)text.size, text.bytes);
    return EXIT_DONE;
}

const struct subcommand heads_subcommand = {
    .name = "heads",
    .about = "the seals of now, to be kept outside: mailed, printed, on another machine",
    .usage = "heads [--out FILE] [options]",
    .example = "patron heads --out heads-2026-11-22.txt\n"
               "patron verify --heads heads-2026-11-22.txt --fingerprint '2026-11-22 ...'",
    .options = CLI_OPTIONS(options),
    .run = run,
};

#include <stdio.h>
#include <string.h>

#include "cli/subcommand.h"
#include "cli/verify.h"
#include "foundation/clock.h"
#include "server/key_file.h"
#include "server/upkeep_times.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"no-verify", NULL, "do not verify the copy"},
};

/* So that the doctor knows. */
static int keep_time(struct cli *cli)
{
    struct error error = {0};
    if (upkeep_time_keep(cli->opened.storage, UPKEEP_BACKUP, clock_now(&clock_system), &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    struct error error = {0};
    if (cli->argument_count != 1)
        return cli_usage(cli, "say into which file");
    if (file_has_content(cli->arguments[0])) {
        error_set(&error, STATUS_CONFLICT, "file.exists", "", "'%s' is there already: a backup is a new file",
                  cli->arguments[0]);
        return cli_fail(cli, &error);
    }
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (strcmp(storage_engine(cli->opened.storage), "postgres") == 0) {
        fprintf(stderr,
                "patron backup: a PostgreSQL database is backed up with its own tools:\n"
                "  pg_dump --format=custom --file=%s \"$PATRON_DATABASE\"\n"
                "  and, for a point in time, archiving of its write-ahead log\n",
                cli->arguments[0]);
        return EXIT_FAILED;
    }
    if (storage_backup(cli->opened.storage, cli->arguments[0], &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_flag(cli, "no-verify")) {
        printf("copied to %s, not verified\n", cli->arguments[0]);
        return keep_time(cli);
    }

    /* The copy is opened as a database of its own; it needs the same key. */
    struct server_storage copy;
    struct server_engine_options opening = {.database = cli->arguments[0], .key_file = cli_key_file(cli)};
    if (server_storage_open(&opening, &copy, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    bool clean = false;
    enum status status = cli_verify(cli, copy.storage, copy.seal_key, &clean, &error);
    storage_close(copy.storage);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return clean ? keep_time(cli) : EXIT_FAILED;
}

const struct subcommand backup_subcommand = {
    .name = "backup",
    .about = "copy the database into a new file while it is in use, and verify the copy",
    .usage = "backup FILE [options]",
    .example = "patron backup patron-2026-11-22.db",
    .options = CLI_OPTIONS(options),
    .run = run,
};

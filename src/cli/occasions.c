/* occasions.c: `patron occasions`: points for birthdays and days of joining that are due now. */
#include <stdio.h>

#include "cli/subcommand.h"
#include "features/occasions/occasions_store.h"
#include "server/reactions.h"

static const struct cli_option options[] = {OPTION_DATABASE, OPTION_KEY_FILE};

static int run(struct cli *cli)
{
    struct error error = {0};
    int32_t day = DAY_NONE;
    int64_t given = 0;

    if (cli->argument_count != 0)
        return cli_usage(cli, "there is nothing to name");
    enum status status = cli_open(cli, false, &error);
    if (status == STATUS_OK)
        status = occasions_give(cli->opened.engine, &day, &given, &error);
    if (status == STATUS_OK)
        status = reactions_catch_up(cli->opened.engine, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld members got points\n", (long long)given);
    return EXIT_DONE;
}

const struct subcommand occasions_subcommand = {
    .name = "occasions",
    .about = "give what is due for birthdays and days of joining, as the server does each day",
    .usage = "occasions [options]",
    .example = "patron occasions\n",
    .options = CLI_OPTIONS(options),
    .run = run,
};

#include <stdio.h>

#include "cli/demo.h"
#include "cli/subcommand.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"seed", "N", "another chain of events; default: the usual one"},
    {"day", "YYYY-MM-DD", "the last day of the year; default: today"},
    {"members", "N", "so many instead of 5,000"},
};

static int run(struct cli *cli)
{
    struct error error = {0};
    struct demo_options demo = {.seed = 0};
    int64_t seed = 0, members = DEMO_MEMBERS;
    if (cli->argument_count > 0)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[0]);
    if (!cli_integer(cli, "seed", 1, INT64_MAX, &seed) || !cli_integer(cli, "members", 1, DEMO_MEMBERS, &members))
        return EXIT_USAGE;
    const char *text = cli_value(cli, "day");
    if (text != NULL && !day_parse(text_from(text), &demo.today))
        return cli_usage(cli, "'%s' is not a day such as 2026-11-22", text);
    demo.seed = (uint64_t)seed;
    demo.members = (int)members;
    if (cli_open(cli, true, &error) != STATUS_OK || demo_fill(cli->opened.engine, &demo, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("Harbour & Pine 港松 is there: %d members and a year of what they did\n", demo.members);
    return EXIT_DONE;
}

const struct subcommand demo_subcommand = {
    .name = "demo",
    .about = "fill an empty database with a year of a fictional hotel-and-café chain",
    .usage = "demo [options]",
    .example = "patron demo --database demo.db\npatron serve --demo",
    .options = CLI_OPTIONS(options),
    .run = run,
    .bulk = true,
};

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "cli/subcommand.h"

static int run(struct cli *cli)
{
    if (cli->argument_count != 1)
        return cli_usage(cli, "say which subcommand, or errors");
    if (strcmp(cli->arguments[0], "errors") == 0) {
        struct text markdown = error_codes_markdown(cli->arena);
        printf("%.*s", (int)markdown.size, markdown.bytes);
        return EXIT_DONE;
    }
    for (size_t i = 0; subcommands[i] != NULL; i++)
        if (strcmp(subcommands[i]->name, cli->arguments[0]) == 0) {
            cli_print_help(subcommands[i]);
            return EXIT_DONE;
        }
    return cli_usage(cli, "there is no subcommand '%s'", cli->arguments[0]);
}

const struct subcommand help_subcommand = {
    .name = "help",
    .about = "help on a subcommand, or the list of error codes",
    .usage = "help SUBCOMMAND | help errors",
    .example = "patron help import\npatron help errors",
    .run = run,
};

/* reactions.c: `patron reactions`: what follows from journal rows, and how far it came. */
#include <string.h>

#include "cli/output.h"
#include "cli/subcommand.h"
#include "features/reactions/reactions_store.h"
#include "server/reactions.h"

static const struct cli_option options[] = {OPTION_DATABASE, OPTION_KEY_FILE, OPTION_FORMAT};

static int print(struct cli *cli, const struct reaction_figures *figures, size_t count)
{
    static const struct output_column columns[] = {{"reaction", false}, {"behind", true}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        const struct text fields[] = {figures[i].name,
                                      text_from(arena_format(cli->arena, "%lld", (long long)figures[i].behind))};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *word = cli->argument_count > 0 ? cli->arguments[0] : "list";
    struct reaction_figures *figures = NULL;
    struct storage_session *session;
    struct error error = {0};
    size_t count = 0;

    if (cli->argument_count > 1 || (strcmp(word, "list") != 0 && strcmp(word, "run") != 0))
        return cli_usage(cli, "say list or run");
    enum status status = cli_open(cli, false, &error);
    if (status == STATUS_OK && strcmp(word, "run") == 0)
        status = reactions_catch_up(cli->opened.engine, &error);
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = reactions_read(session, cli->arena, &figures, &count, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print(cli, figures, count) : cli_fail(cli, &error);
}

const struct subcommand reactions_subcommand = {
    .name = "reactions",
    .about = "what follows from purchases and other events by itself: how far it came",
    .usage = "reactions [list|run] [options]",
    .example = "patron reactions run\n",
    .options = CLI_OPTIONS(options),
    .run = run,
};

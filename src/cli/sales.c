/* patron sales: what was sold, and the profit where costs are known. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "engine/engine.h"
#include "features/events/sales_store.h"
#include "foundation/clock.h"
#include "foundation/money.h"

enum { DAYS_USUAL = 30 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"by", "GROUP", "day, store, category, item or brand; default day"},
    {"from", "DAY", "first business day (2026-11-01); default 29 days before --to"},
    {"to", "DAY", "last business day; default today"},
    {"store", "CODE", "one store alone"},
    {"level", "N", "of categories: 1 for the top of their tree; default each line's own"},
    {"definitions", NULL, "say what each figure means, and end"},
    OPTION_FORMAT,
};

static const struct output_column columns[] = {
    {"key", false},     {"name", false},     {"purchases", true}, {"quantity", true},         {"sales", true},
    {"returned", true}, {"net_sales", true}, {"cost", true},      {"known_cost_share", true}, {"profit", true},
    {"basis", false},
};

static struct text money_text(struct cli *cli, int64_t minor, int exponent)
{
    return text_from(money_format(minor, exponent, arena_alloc(cli->arena, MONEY_TEXT_SIZE)));
}

static void print_figures(struct cli *cli, struct output *output, const struct sales_figures *figures, int exponent)
{
    int64_t share = sales_known_share(figures);
    bool known = sales_profit_known(figures);
    const struct text fields[] = {
        figures->key,
        figures->name,
        text_from(arena_format(cli->arena, "%lld", (long long)figures->purchases)),
        money_text(cli, figures->quantity_milli, 3),
        money_text(cli, figures->sales, exponent),
        money_text(cli, figures->returned, exponent),
        money_text(cli, figures->net_sales, exponent),
        money_text(cli, figures->cost, exponent),
        share < 0 ? TEXT("") : money_text(cli, share, 4),
        known ? money_text(cli, figures->net_sales - figures->cost, exponent) : TEXT(""),
        known ? TEXT("profit") : TEXT("sales, not profit"),
    };

    output_row(output, fields);
}

static bool read_day(const struct cli *cli, const char *option, int32_t *day)
{
    const char *given = cli_value(cli, option);

    return given == NULL || day_parse(text_from(given), day) ||
           (cli_usage(cli, "--%s is a day, such as 2026-11-22", option), false);
}

static bool read_question(const struct cli *cli, int32_t today, struct sales_question *question)
{
    const char *by = cli_value(cli, "by");
    int64_t level = 0;
    int group = 0;

    while (by != NULL && sales_by_names[group] != NULL && strcmp(sales_by_names[group], by) != 0)
        group++;
    if (sales_by_names[group] == NULL)
        return cli_usage(cli, "--by is day, store, category, item or brand"), false;
    question->by = (enum sales_by)group;
    question->last = today;
    if (!cli_integer(cli, "level", 0, CATEGORY_DEPTH_MAX, &level) || !read_day(cli, "to", &question->last))
        return false;
    question->level = (int)level;
    question->first = question->last - (DAYS_USUAL - 1);
    question->store = text_from(cli_value(cli, "store"));
    return read_day(cli, "from", &question->first);
}

static int print_definitions(struct cli *cli)
{
    static const struct output_column names[] = {{"figure", false}, {"definition", false}};
    struct output output;

    if (!output_start(&output, cli, names, 2))
        return EXIT_USAGE;
    for (size_t i = 0; i < sales_definition_count; i++) {
        const struct text fields[] = {text_from(sales_definitions[i].name), text_from(sales_definitions[i].text)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int print_sum(struct cli *cli, struct sales_sum *sum, int exponent)
{
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < sum->group_count; i++)
        print_figures(cli, &output, sum->groups[i], exponent);
    if (output.format == OUTPUT_TABLE) {
        sum->total.key = TEXT("total");
        print_figures(cli, &output, &sum->total, exponent);
    }
    output_end(&output);
    return EXIT_DONE;
}

static enum status read_sum(struct cli *cli, const struct programme_set *set, const struct sales_question *question,
                            struct sales_sum *sum, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = storage_session_new(cli->opened.storage, true, &session, err);

    if (status == STATUS_OK)
        status = sales_read(session, cli->arena, set, question, sum, err);
    storage_session_free(session);
    return status;
}

static int run(struct cli *cli)
{
    struct error error = {0};
    struct sales_question question = {0};
    struct sales_sum sum;

    if (cli->argument_count > 0)
        return cli_usage(cli, "what is '%s'? Options say what to show", cli->arguments[0]);
    if (cli_flag(cli, "definitions"))
        return print_definitions(cli);
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    const struct programme *programme = programme_at(configuration.programmes, now);
    int done = EXIT_USAGE;
    if (read_question(cli, zone_day(programme->zone, now), &question))
        done = read_sum(cli, configuration.programmes, &question, &sum, &error) == STATUS_OK
                   ? print_sum(cli, &sum, programme->exponent)
                   : cli_fail(cli, &error);
    engine_configuration_release(cli->opened.engine, configuration);
    return done;
}

const struct subcommand sales_subcommand = {
    .name = "sales",
    .about = "show sales, and profit where costs are known",
    .usage = "sales [--by day|store|category|item|brand] [options]",
    .example = "patron sales --by category --level 1 --from 2026-11-01 --to 2026-11-30\n",
    .options = CLI_OPTIONS(options),
    .run = run,
};

/* alerts.c: alerts of unusual earning on the command line: searched and listed. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/redemption/fraud_store.h"
#include "foundation/clock.h"
#include "storage/storage.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 100000 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"state", "STATE", "fraud: open, confirmed, dismissed or any; default open"},
    {"limit", "N", "fraud: how many rows at most; default 50"},
    {"day", "DAY", "search: the day to judge (2026-11-22); default yesterday"},
    OPTION_FORMAT,
};

static int search(struct cli *cli)
{
    const char *given = cli_value(cli, "day");
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    int32_t day = zone_day(programme_at(configuration.programmes, now)->zone, now) - 1;
    struct fraud_found found;
    struct error error = {0};
    engine_configuration_release(cli->opened.engine, configuration);
    if (given != NULL && !day_parse(text_from(given), &day))
        return cli_usage(cli, "'%s' is not a day such as 2026-11-22", given);
    if (fraud_search(cli->opened.engine, day, &found, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld of %lld are unusual; the history of %lld is too short to judge by\n", (long long)found.raised,
           (long long)found.judged, (long long)found.short_history);
    return EXIT_DONE;
}

static bool read_state(const struct cli *cli, int *out)
{
    const char *given = cli_value(cli, "state");
    *out = given == NULL ? FRAUD_OPEN : -1;
    if (given != NULL && strcmp(given, "any") == 0)
        *out = 0;
    for (int i = 0; given != NULL && fraud_states[i] != NULL; i++)
        if (strcmp(given, fraud_states[i]) == 0)
            *out = FRAUD_OPEN + i;
    return *out >= 0 || (cli_usage(cli, "--state is open, confirmed, dismissed or any"), false);
}

static void print_alert(struct cli *cli, struct output *output, const struct fraud_alert *alert)
{
    char id[ID_TEXT_SIZE], member[ID_TEXT_SIZE], day[DAY_TEXT_SIZE];
    const struct text fields[] = {
        text_from(id_format("fra", alert->id, id)),
        text_from(fraud_states[alert->state - FRAUD_OPEN]),
        text_from(fraud_kinds[alert->kind - FRAUD_EMPLOYEE]),
        alert->member != 0 ? text_from(id_format("mbr", alert->member, member)) : alert->subject,
        alert->store,
        text_from(day_format(alert->day, day)),
        text_from(fraud_metrics[alert->metric - FRAUD_PURCHASES]),
        text_from(arena_format(cli->arena, "%lld", (long long)alert->value)),
        text_from(arena_format(cli->arena, "%.1f", (double)alert->usual / 1000)),
        text_from(arena_format(cli->arena, "%.3g", (double)alert->probability / 1e9)),
        text_from(arena_format(cli->arena, "%lld", (long long)alert->history)),
        alert->reason,
    };
    output_row(output, fields);
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", false},         {"state", false},  {"kind", false},
                                                   {"subject", false},    {"store", false},  {"day", false},
                                                   {"metric", false},     {"value", true},   {"usual", true},
                                                   {"probability", true}, {"history", true}, {"reason", false}};
    struct fraud_page page = {0};
    struct storage_session *session;
    struct fraud_alert *alerts = NULL;
    struct output output;
    struct error error = {0};
    int64_t limit = LIST_LIMIT;
    size_t count = 0;
    if (!cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &limit) || !read_state(cli, &page.state) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    page.limit = (size_t)limit;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = fraud_list(session, cli->arena, &page, &alerts, &count, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++)
        print_alert(cli, &output, &alerts[i]);
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count == 1 ? cli->arguments[0] : "";
    struct error error = {0};
    if (strcmp(what, "fraud") != 0 && strcmp(what, "search") != 0)
        return cli_usage(cli, "say fraud or search");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return strcmp(what, "fraud") == 0 ? list(cli) : search(cli);
}

const struct subcommand alerts_subcommand = {
    .name = "alerts",
    .about = "employees, tills and members with unusual earning: search, list",
    .usage = "alerts fraud | alerts search [--day DAY]",
    .example = "patron alerts search --day 2026-11-21\npatron alerts fraud --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};

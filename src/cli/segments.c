/* segments.c: segments in force, who is in them, how many an expression would take in, evaluating the whole base. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/segments/membership_store.h"
#include "features/segments/segment.h"
#include "features/segments/segment_follow_store.h"
#include "features/segments/segments_preview_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"

enum { PAGE_ROWS = 1000, ROWS_LIMIT = 100000000 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"limit", "N", "members: how many rows at most; default all"},
    {"anew", NULL, "evaluate: look at everybody, not only where something has changed"},
    OPTION_FORMAT,
};

static struct text number_cell(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static struct text id_cell(struct cli *cli, int64_t member)
{
    char id[ID_TEXT_SIZE];
    return text_from(arena_format(cli->arena, "%s", id_format("mbr", member, id)));
}

static struct text time_cell(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];
    return at == 0 ? TEXT("") : text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

/* ---- those in force ---- */

static enum status list_one(struct cli *cli, struct storage_session *session, struct output *output,
                            const struct definition *definition, struct error *err)
{
    const struct segment_rule *segment = definition->parsed;
    struct segment_progress progress;
    int64_t count;
    enum status status =
        segment_progress_read(cli->opened.engine, session, cli->arena, definition->code, &progress, err);
    if (status == STATUS_OK)
        status = membership_count(session, definition->code, &count, err);
    if (status != STATUS_OK)
        return status;
    const struct text fields[] = {definition->code,
                                  segment->name,
                                  number_cell(cli, count),
                                  progress.complete ? TEXT("yes") : TEXT("no"),
                                  time_cell(cli, progress.evaluated_at),
                                  segment->when.source};
    output_row(output, fields);
    return STATUS_OK;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"segment", false},  {"name", false},         {"members", true},
                                                   {"complete", false}, {"evaluated_at", false}, {"when", false}};
    struct error error = {0};
    struct output output;
    struct storage_session *session;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct definition_list *segments = definitions_of(configuration.programmes, &segment_kind);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    for (size_t i = 0; status == STATUS_OK && i < segments->count; i++)
        if (definition_in_force(&segments->items[i], now))
            status = list_one(cli, session, &output, &segments->items[i], &error);
    engine_configuration_release(cli->opened.engine, configuration);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- who is in one ---- */

static int members(struct cli *cli)
{
    static const struct output_column columns[] = {{"member", false}, {"since", false}};
    struct error error = {0};
    struct output output;
    struct storage_session *session;
    struct membership_rows rows = {.count = PAGE_ROWS};
    struct membership_page page = {.segment = text_from(cli->arguments[1])};
    int64_t left = ROWS_LIMIT;
    if (!cli_integer(cli, "limit", 1, ROWS_LIMIT, &left) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    while (status == STATUS_OK && left > 0 && rows.count == PAGE_ROWS) {
        page.limit = PAGE_ROWS;
        status = membership_page_read(session, cli->arena, &page, &rows, &error);
        for (size_t i = 0; status == STATUS_OK && i < rows.count && left > 0; i++, left--) {
            const struct text fields[] = {id_cell(cli, rows.items[i].member), time_cell(cli, rows.items[i].since)};
            output_row(&output, fields);
            page.after = rows.items[i].member;
        }
    }
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- how many there would be ---- */

static struct text sample_cell(struct cli *cli, const struct segment_preview_result *result)
{
    struct builder out = {.arena = cli->arena};
    char id[ID_TEXT_SIZE];
    for (size_t i = 0; i < result->sample_count; i++)
        builder_format(&out, "%s%s", i > 0 ? " " : "", id_format("mbr", result->sample[i], id));
    return builder_done(&out);
}

static int preview(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"members", true}, {"base", true}, {"share", true}, {"sample", false}};
    struct error error = {0};
    struct output output;
    struct condition when;
    struct segment_preview_result result;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (segment_compile(cli->arena, text_from(cli->arguments[1]), &when, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct segment_preview what = {
        .when = &when, .programmes = configuration.programmes, .now = clock_now(engine_clock(cli->opened.engine))};
    enum status status = segments_preview(cli->opened.engine, &what, &result, &error);
    engine_configuration_release(cli->opened.engine, configuration);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    double share = result.base > 0 ? (double)result.count / (double)result.base : 0;
    const struct text fields[] = {number_cell(cli, result.count), number_cell(cli, result.base),
                                  text_from(arena_format(cli->arena, "%.6f", share)), sample_cell(cli, &result)};
    output_row(&output, fields);
    output_object_end(&output);
    return EXIT_DONE;
}

/* ---- evaluating ---- */

static int evaluate(struct cli *cli)
{
    struct error error = {0};
    if (segments_catch_up(cli->opened.engine, cli_flag(cli, "anew"), &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return list(cli);
}

/* ---- the command ---- */

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {{"list", 1, list},
                                                {"members", 2, members},
                                                {"preview", 2, preview},
                                                {"evaluate", 1, evaluate},
                                                {NULL, 0, NULL}};

    return cli_act(cli, actions, "say list, members SEGMENT, preview 'EXPRESSION', or evaluate");
}

const struct subcommand segments_subcommand = {
    .name = "segments",
    .about = "members for whom an expression holds: list, members, preview, evaluate",
    .usage = "segments list|evaluate [options] | segments members SEGMENT | segments preview 'EXPRESSION'",
    .example = "patron segments list\npatron segments members regulars --format csv > regulars.csv\n"
               "patron segments preview 'member.spend > 500 && within(member.last_purchase_at, \"30d\")'\n"
               "patron segments evaluate --anew",
    .options = CLI_OPTIONS(options),
    .run = run,
};

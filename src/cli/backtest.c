/* backtest.c: `patron backtest`: what a planned programme would have given in a past period. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/programme.h"
#include "features/backtest/plan_api.h"
#include "features/backtest/view_api.h"
#include "foundation/clock.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"from", "DAY", "from the start of this day in the programme's zone; 90 days ago"},
    {"until", "DAY", "until before the start of this day; now"},
    {"programme", "FILE", "the programme that is planned"},
    {"definitions", "FILE", "parts that are planned, as `patron definitions export` writes them"},
    {"ready", "NAME", "a ready programme (`patron ready`), with its parts"},
    {"drafts", NULL, "all that is drafted, the programme included; without a plan the period is decided as it was"},
    {"margin", "SHARE", "of sales that is left before the programme: 0.3"},
    OPTION_FORMAT,
};

static enum status read_day(struct cli *cli, const char *option, const struct zone *zone, int64_t usual, int64_t *out,
                            struct error *err)
{
    const char *text = cli_value(cli, option);
    int32_t day;
    *out = usual;
    if (text == NULL)
        return STATUS_OK;
    if (!day_parse(text_from(text), &day))
        return error_set(err, STATUS_INVALID, "backtest.period", option, "--%s takes a day such as 2026-11-22", option);
    *out = zone_day_start(zone, day);
    return STATUS_OK;
}

static enum status read_margin(struct cli *cli, int64_t *out, struct error *err)
{
    const char *text = cli_value(cli, "margin");
    char *end = NULL;
    double share = text != NULL ? strtod(text, &end) : 0;
    *out = BACKTEST_MARGIN_USUAL;
    if (text == NULL)
        return STATUS_OK;
    if (end == text || *end != '\0' || !(share >= 0 && share <= 1))
        return error_set(err, STATUS_INVALID, "backtest.margin", "margin", "--margin takes a share from 0 to 1");
    *out = (int64_t)(share * BACKTEST_MARGIN_SCALE + 0.5);
    return STATUS_OK;
}

static enum status read_parts(struct cli *cli, const struct programme_set *programmes, int64_t now, struct plan *plan,
                              struct error *err)
{
    const char *path = cli_value(cli, "definitions");
    struct storage_session *session;
    struct text lines;
    enum status status = STATUS_OK;
    if (path != NULL) {
        status = cli_read_file(cli, path, PLAN_LINES_BYTES_MAX, &lines, err);
        if (status == STATUS_OK)
            status = plan_read_lines(cli->arena, lines, plan, err);
    }
    if (status == STATUS_OK && cli_value(cli, "ready") != NULL)
        status = plan_read_ready(cli->arena, text_from(cli_value(cli, "ready")), plan, err);
    if (status != STATUS_OK || !cli_flag(cli, "drafts"))
        return status;
    status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = plan_read_drafts(session, cli->arena, programmes, now, plan, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static enum status read_request(struct cli *cli, struct backtest_view *view, const struct programme_set *programmes,
                                int64_t now, struct error *err)
{
    const int64_t usual_days = 90;
    const char *path = cli_value(cli, "programme");
    const struct zone *zone = programme_at(programmes, now)->zone;
    enum status status = read_day(cli, "from", zone, now - usual_days * INSTANT_DAY, &view->request.plan.from, err);
    if (status == STATUS_OK)
        status = read_day(cli, "until", zone, now, &view->request.until, err);
    if (status == STATUS_OK)
        status = read_margin(cli, &view->margin, err);
    if (status == STATUS_OK && path != NULL)
        status = cli_read_file(cli, path, PLAN_DOCUMENT_MAX, &view->request.plan.document, err);
    if (status == STATUS_OK)
        status = read_parts(cli, programmes, now, &view->request.plan, err);
    view->programme = programme_at(programmes, view->request.until);
    return status;
}

static struct text number(struct cli *cli, int64_t value)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)value));
}

static struct text money(struct cli *cli, const struct programme *programme, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];
    return text_from(arena_format(cli->arena, "%s", money_format(minor, programme->exponent, text)));
}

static void print_parts(struct cli *cli, const struct backtest_view *view, const char *what,
                        const struct replay_part *parts, size_t count)
{
    const struct output_column columns[] = {{what, false},         {"members", true}, {"members after", true},
                                            {"touched", true},     {"sales", true},   {"points before", true},
                                            {"points after", true}};
    bool tiers = parts == view->report->tiers;
    struct output output;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return;
    for (size_t i = 0; i < count; i++) {
        struct text fields[] = {parts[i].name.size > 0 ? parts[i].name : TEXT("none"),
                                number(cli, parts[i].persons),
                                tiers ? number(cli, parts[i].persons_after) : TEXT(""),
                                number(cli, parts[i].touched),
                                money(cli, view->programme, parts[i].spend),
                                number(cli, parts[i].points[REPLAY_AS_IT_WAS]),
                                number(cli, parts[i].points[REPLAY_PLAN])};
        output_row(&output, fields);
    }
    output_end(&output);
}

/* Every third month is enough to see where it goes. */
static void print_forecast(struct cli *cli, const struct backtest_view *view)
{
    static const struct output_column columns[] = {{"outstanding", false},     {"wallet", false},
                                                   {"points before", true},    {"points after", true},
                                                   {"liability before", true}, {"liability after", true}};
    enum { EVERY_MONTHS = 3 };
    const struct replay_report *report = view->report;
    struct output output;
    printf("\n");
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return;
    for (size_t i = 0; i < report->wallet_count; i++)
        for (size_t month = EVERY_MONTHS - 1; backtest_is_forecast(view, &report->wallets[i]) && month < REPLAY_MONTHS;
             month += EVERY_MONTHS) {
            const struct replay_wallet *wallet = &report->wallets[i];
            char day[DAY_TEXT_SIZE];
            struct text fields[] = {
                text_copy(cli->arena,
                          text_from(day_format(zone_day(view->programme->zone, report->month_ends[month]), day))),
                wallet->code,
                number(cli, replay_outstanding(wallet, REPLAY_AS_IT_WAS, month)),
                number(cli, replay_outstanding(wallet, REPLAY_PLAN, month)),
                money(cli, view->programme, backtest_liability(view, wallet, REPLAY_AS_IT_WAS, month)),
                money(cli, view->programme, backtest_liability(view, wallet, REPLAY_PLAN, month))};
            output_row(&output, fields);
        }
    output_end(&output);
}

static void print_offers(struct cli *cli, const struct backtest_view *view)
{
    static const struct output_column columns[] = {{"offer", false},        {"baskets before", true},
                                                   {"baskets after", true}, {"given before", true},
                                                   {"given after", true},   {"minimum missed", true}};
    const struct replay_report *report = view->report;
    struct output output;
    if (report->offer_count == 0)
        return;
    printf("\n");
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return;
    for (size_t i = 0; i < report->offer_count; i++) {
        const struct replay_offer *offer = &report->offers[i];
        struct text fields[] = {offer->code,
                                number(cli, offer->baskets[REPLAY_AS_IT_WAS]),
                                number(cli, offer->baskets[REPLAY_PLAN]),
                                money(cli, view->programme, offer->given[REPLAY_AS_IT_WAS]),
                                money(cli, view->programme, offer->given[REPLAY_PLAN]),
                                number(cli, offer->missed)};
        output_row(&output, fields);
    }
    output_end(&output);
}

static void print_challenges(struct cli *cli, const struct backtest_view *view)
{
    static const struct output_column columns[] = {{"challenge", false},       {"members after", true},
                                                   {"completed before", true}, {"completed after", true},
                                                   {"points before", true},    {"points after", true}};
    const struct replay_report *report = view->report;
    struct output output;
    if (report->challenge_count == 0)
        return;
    printf("\n");
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return;
    for (size_t i = 0; i < report->challenge_count; i++) {
        const struct replay_challenge *one = &report->challenges[i];
        struct text fields[] = {one->code,
                                number(cli, one->members[REPLAY_PLAN]),
                                number(cli, one->completed[REPLAY_AS_IT_WAS]),
                                number(cli, one->completed[REPLAY_PLAN]),
                                number(cli, one->points[REPLAY_AS_IT_WAS]),
                                number(cli, one->points[REPLAY_PLAN])};
        output_row(&output, fields);
    }
    output_end(&output);
}

static void print_assumptions(const struct backtest_view *view)
{
    const char *sentences[BACKTEST_ASSUMPTIONS_MAX];
    size_t count = backtest_assumptions(view, sentences);
    printf("\nIt assumes:\n");
    for (size_t i = 0; i < count; i++)
        printf("- %s\n", sentences[i]);
}

static void print_table(struct cli *cli, const struct backtest_view *view)
{
    static const struct output_column columns[] = {{"wallet", false},
                                                   {"earned before", true},
                                                   {"earned after", true},
                                                   {"taken back before", true},
                                                   {"taken back after", true}};
    const struct replay_report *report = view->report;
    struct text sentence = backtest_sentence(view);
    struct output output;
    printf("%.*s\n\n", (int)sentence.size, sentence.bytes);
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return;
    for (size_t i = 0; i < report->wallet_count; i++) {
        const struct replay_sum *sums = report->wallets[i].sums;
        struct text fields[] = {report->wallets[i].code, number(cli, sums[0].earned), number(cli, sums[1].earned),
                                number(cli, sums[0].taken_back), number(cli, sums[1].taken_back)};
        output_row(&output, fields);
    }
    output_end(&output);
    printf("\n");
    print_parts(cli, view, "stage", report->stages, report->stage_count);
    if (report->segment_count > 0) {
        printf("\n");
        print_parts(cli, view, "segment", report->segments, report->segment_count);
    }
    if (report->tier_count > 1 || (report->tier_count == 1 && report->tiers[0].name.size > 0)) {
        printf("\n");
        print_parts(cli, view, "tier", report->tiers, report->tier_count);
    }
    print_offers(cli, view);
    print_challenges(cli, view);
    print_forecast(cli, view);
    print_assumptions(view);
    if (report->events > 0)
        printf("\n%lld of %lld other events, decided again as it was, earned what they did.",
               (long long)(report->events - report->events_different), (long long)report->events);
    if (report->partner_purchases + report->partner_redemptions > 0)
        printf("\n%lld purchases at partners were decided again, %lld redemptions there left as they were.",
               (long long)report->partner_purchases, (long long)report->partner_redemptions);
    printf("\n%lld of %lld purchases, decided again as it was, earned what they did.\n", (long long)report->reproduced,
           (long long)(report->reproduced + report->different));
}

static void print_json(struct cli *cli, const struct backtest_view *view)
{
    struct json_writer writer;
    writer_start(&writer, cli->arena);
    writer_object(&writer, NULL);
    backtest_write(&writer, view);
    writer_end(&writer);
    struct text json = writer_done(&writer);
    printf("%.*s\n", (int)json.size, json.bytes);
}

static int run(struct cli *cli)
{
    struct error error = {0};
    struct backtest_view view = {.arena = cli->arena};
    const char *format = cli_value(cli, "format");
    if (cli->argument_count != 0)
        return cli_usage(cli, "there is nothing to name");
    enum status status = cli_open(cli, false, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct engine *engine = cli->opened.engine;
    struct configuration configuration = engine_configuration(engine);
    struct arena *memory = arena_new(BACKTEST_MEMORY_BYTES);
    status = read_request(cli, &view, configuration.programmes, clock_now(engine_clock(engine)), &error);
    if (status == STATUS_OK)
        status = backtest_run(engine, memory, &view.request, NULL, &view.report, &error);
    if (status == STATUS_OK && format != NULL && strcmp(format, "json") == 0)
        print_json(cli, &view);
    else if (status == STATUS_OK)
        print_table(cli, &view);
    engine_configuration_release(engine, configuration);
    arena_free(memory);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

const struct subcommand backtest_subcommand = {
    .name = "backtest",
    .about = "what a planned programme would have given in a past period",
    .usage = "backtest [--from DAY] [--until DAY] [--programme FILE]",
    .example = "patron backtest --from 2026-07-01 --until 2026-10-01 --programme autumn.json\n",
    .options = CLI_OPTIONS(options),
    .run = run,
};

/* tiers.c: `patron tiers`: tiers of a member, what the next one takes, and tiers that are given. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/entitlements/entitlements_store.h"
#include "features/entitlements/loyalty_store.h"
#include "features/entitlements/tier_preview.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { DAYS_MAX = 3660, REQUESTS_MAX = 1000 };

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == INSTANT_NEVER || at == 0)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return id == 0 ? TEXT("") : text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

/* ---- show ---- */

static void add_amounts(struct builder *out, const struct programme *programme, const struct tier_minimums *amounts)
{
    char money[MONEY_TEXT_SIZE];
    bool first = true;

    for (size_t i = 0; i < TIER_METRICS; i++) {
        if (amounts->at_least[i] == 0)
            continue;
        builder_string(out, first ? "" : " and ");
        if (i == TIER_SPEND)
            builder_format(out, "%s %s", money_format(amounts->at_least[i], programme->exponent, money),
                           programme->currency);
        else
            builder_format(out, "%lld %s", (long long)amounts->at_least[i], tier_metric_names[i]);
        first = false;
    }
}

/* "200 points, or 3 nights and 1 stays": what is missing. */
static struct text goal_text(struct cli *cli, const struct programme *programme, const struct tier_goal *goal)
{
    struct builder out = {.arena = cli->arena};

    if (goal->level == NULL)
        return TEXT("");
    if (goal->met)
        return TEXT("nothing");
    for (size_t i = 0; i < goal->count; i++) {
        builder_string(&out, i > 0 ? ", or " : "");
        add_amounts(&out, programme, &goal->alternatives[i].missing);
    }
    return builder_done(&out);
}

static void print_ladders(struct cli *cli, struct output *output, const struct programme *programme,
                          const struct person *person)
{
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    struct tier_preview *preview = arena_alloc(cli->arena, sizeof *preview);
    struct held held;

    held_read(&person->leader->standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        tier_preview_make(programme, programme_ladder(programme, i), &held, person->leader, now, preview);
        const struct text none = TEXT("");
        const struct text fields[] = {preview->ladder->code,
                                      preview->level->code,
                                      instant_text(cli, preview->since),
                                      instant_text(cli, preview->until),
                                      preview->given != NULL ? preview->given->code : none,
                                      id_text(cli, "evt", preview->given != NULL ? preview->given->id : 0),
                                      preview->next.level != NULL ? preview->next.level->code : none,
                                      goal_text(cli, programme, &preview->next),
                                      goal_text(cli, programme, &preview->keep),
                                      instant_text(cli, preview->next.by)};
        output_row(output, fields);
    }
}

static int show(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"ladder", false}, {"tier", false}, {"since", false},   {"until", false},   {"given", false},
        {"right", false},  {"next", false}, {"missing", false}, {"to_keep", false}, {"by", false}};
    struct configuration configuration;
    struct storage_session *session;
    struct error error = {0};
    struct output output;
    struct person person;
    int64_t member;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_member(cli, session, cli->arguments[1], &member, &error);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, member, cli->arena, &person, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    configuration = engine_configuration(cli->opened.engine);
    print_ladders(cli, &output, programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine))),
                  &person);
    engine_configuration_release(cli->opened.engine, configuration);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- commands ---- */

static int run_command(struct cli *cli, struct command *command, struct error *err)
{
    command->actor = TEXT("cli");
    command->arena = cli->arena;
    command->day = DAY_NONE;
    command->bucket = -1;
    enum status status = engine_run(cli->opened.engine, &command, 1, err);

    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, err);
}

static enum status name_member(struct cli *cli, struct command *command, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, cli->arguments[1], &member, err);
    engine_read_end(cli->opened.engine, session);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    command->subject_count = 1;
    return status;
}

static bool read_given(struct cli *cli, struct give_tier *body)
{
    const char *as = cli_value(cli, "as"), *until = cli_value(cli, "until");

    body->wanted.as = GIVEN_GRANT;
    for (int i = 0; as != NULL; i++) {
        if (given_as_names[i] == NULL)
            return cli_usage(cli, "--as is invitation, trial or grant"), false;
        body->wanted.as = i;
        if (strcmp(as, given_as_names[i]) == 0)
            break;
    }
    body->wanted.until = INSTANT_NEVER;
    if (until != NULL && !instant_parse(text_from(until), &body->wanted.until))
        return cli_usage(cli, "--until is a time such as 2026-12-31T00:00:00+08:00"), false;
    return cli_integer(cli, "days", 1, DAYS_MAX, &body->days);
}

static int give(struct cli *cli)
{
    struct give_tier *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct error error = {0};

    *command = (struct command){.type = &give_tier_type, .body = body};
    if (cli_value(cli, "reason") == NULL)
        return cli_usage(cli, "say why: --reason TEXT");
    if (!read_given(cli, body))
        return EXIT_USAGE;
    body->may_approve = true;
    body->wanted.ladder = text_from(cli_value(cli, "ladder"));
    body->wanted.tier = text_from(cli->arguments[2]);
    body->wanted.reason = text_from(cli_value(cli, "reason"));
    if (name_member(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%.*s on %.*s%s%.*s\n", (int)body->result.tier.size, body->result.tier.bytes,
               (int)body->result.ladder.size, body->result.ladder.bytes,
               body->result.until != INSTANT_NEVER ? " until " : "", (int)instant_text(cli, body->result.until).size,
               instant_text(cli, body->result.until).bytes);
    return result;
}

static int end(struct cli *cli)
{
    struct end_right *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct error error = {0};

    *command = (struct command){.type = &end_right_type, .body = body};
    if (cli_value(cli, "reason") == NULL)
        return cli_usage(cli, "say why: --reason TEXT");
    if (!id_parse("evt", text_from(cli->arguments[2]), &body->right))
        return cli_usage(cli, "a right is named evt_...");
    body->reason = text_from(cli_value(cli, "reason"));
    if (name_member(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%s ended\n", cli->arguments[2]);
    return result;
}

static int requests(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", false},     {"state", false},    {"member", false},
                                                   {"ladder", false}, {"tier", false},     {"as", false},
                                                   {"until", false},  {"asked_by", false}, {"reason", false}};
    const struct tier_request_page page = {.state = TIER_REQUEST_WAITING, .limit = REQUESTS_MAX};
    struct storage_session *session;
    struct tier_request *found = NULL;
    struct error error = {0};
    struct output output;
    size_t count = 0;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = tier_request_page_read(session, cli->arena, &page, &found, &count, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        const struct text fields[] = {id_text(cli, "evt", found[i].id),
                                      text_from(tier_request_state_names[found[i].state]),
                                      id_text(cli, "mbr", found[i].member),
                                      found[i].ladder,
                                      found[i].tier,
                                      text_from(given_as_names[found[i].as]),
                                      instant_text(cli, found[i].until),
                                      found[i].asked_by,
                                      found[i].reason};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int decide(struct cli *cli)
{
    struct decide_tier_request *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct storage_session *session;
    struct tier_request request;
    struct error error = {0};

    *command = (struct command){.type = &decide_tier_request_type, .body = body};
    if (!id_parse("evt", text_from(cli->arguments[1]), &body->id))
        return cli_usage(cli, "a request is named evt_...");
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = tier_request_read(session, cli->arena, body->id, &request, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = request.member};
    command->subject_count = 1;
    body->approve = strcmp(cli->arguments[0], "approve") == 0;
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%s: %s\n", cli->arguments[1], tier_request_state_names[body->result.state]);
    return result;
}

static int measure(struct cli *cli)
{
    struct error error = {0};
    int64_t count;

    if (tiers_measure(cli->opened.engine, &count, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld changed\n", (long long)count);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {
        {"show", 2, show},         {"give", 3, give},      {"end", 3, end},       {"measure", 1, measure},
        {"requests", 1, requests}, {"approve", 2, decide}, {"refuse", 2, decide}, {NULL, 0, NULL}};

    return cli_act(
        cli, actions,
        "say what: show MEMBER, give MEMBER TIER, end MEMBER RIGHT, requests, approve or refuse REQUEST, measure");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"ladder", "CODE", "of what is given; default the first"},
    {"as", "HOW", "invitation, trial or grant; default grant"},
    {"until", "TIME", "the first instant without it; default no end"},
    {"days", "N", "for so many days, instead of --until"},
    {"reason", "TEXT", "why it is given or ended"},
    OPTION_FORMAT,
};

const struct subcommand tiers_subcommand = {
    .name = "tiers",
    .about = "tiers of a member: what the next one takes; tiers that are given",
    .usage = "tiers show MEMBER | give MEMBER TIER | end MEMBER RIGHT | requests | approve|refuse REQUEST | measure "
             "[options]",
    .example = "patron tiers show phone:13800138000\n"
               "patron tiers give card:4711 gold --as trial --days 90 --reason 'status match'\n"
               "patron tiers approve evt_00000000003PC",
    .options = CLI_OPTIONS(options),
    .run = run,
};

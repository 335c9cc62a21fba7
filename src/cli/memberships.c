/* memberships.c: `patron memberships`: paid memberships of a member. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/entitlements/entitled_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format("evt", id, text)));
}

static struct text money_text(struct cli *cli, int64_t minor)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int exponent = programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine)))->exponent;
    char text[MONEY_TEXT_SIZE];

    engine_configuration_release(cli->opened.engine, configuration);
    return text_from(arena_format(cli->arena, "%s", money_format(minor, exponent, text)));
}

static enum status find_member(struct cli *cli, int64_t *member, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, cli->arguments[1], member, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"membership", false}, {"code", false},  {"state", false},
                                                   {"paid_until", false}, {"until", false}, {"paid", true},
                                                   {"refunded", true},    {"saved", true}};
    int64_t now = clock_now(engine_clock(cli->opened.engine)), member;
    struct entitled entitled = {.parts = 0};
    struct storage_session *session;
    struct error error = {0};
    struct person person;
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = find_member(cli, &member, &error);
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = engine_view(cli->opened.engine, session, member, cli->arena, &person, &error);
    if (status == STATUS_OK)
        status = entitled_read(session, cli->arena, &person, &entitled, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < entitled.membership_count; i++) {
        const struct membership *one = &entitled.memberships[i];
        const struct text fields[] = {id_text(cli, one->id),
                                      one->code,
                                      text_from(membership_state(one, now)),
                                      instant_text(cli, one->paid_until),
                                      instant_text(cli, one->ended_at != 0 ? one->ended_at : one->grace_until),
                                      money_text(cli, one->paid),
                                      money_text(cli, one->refunded),
                                      money_text(cli, entitled_saved(&entitled, one->id, INT64_MIN))};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static const struct {
    const char *name;
    enum membership_action action;
} changes[] = {
    {"buy", MEMBERSHIP_BUY}, {"renew", MEMBERSHIP_RENEW}, {"cancel", MEMBERSHIP_CANCEL}, {"refund", MEMBERSHIP_REFUND}};

static int change(struct cli *cli, enum membership_action action)
{
    struct change_membership *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct claim_key *claim = arena_alloc(cli->arena, sizeof *claim);
    const char *reference = cli_value(cli, "reference"), *reason = cli_value(cli, "reason");
    struct error error = {0};
    int64_t member;

    *body = (struct change_membership){.action = action,
                                       .code = text_from(cli->arguments[2]),
                                       .reference = text_from(reference),
                                       .context = {.note = text_from(reason)},
                                       .claim = reference != NULL ? 0 : -1};
    if (action != MEMBERSHIP_BUY && !id_parse("evt", body->code, &body->id))
        return cli_usage(cli, "a membership is named evt_...");
    if ((action == MEMBERSHIP_CANCEL || action == MEMBERSHIP_REFUND) && reason == NULL)
        return cli_usage(cli, "say why: --reason TEXT");
    *claim = (struct claim_key){.kind = "membership_payment", .key = text_from(reference)};
    *command = (struct command){.type = &change_membership_type,
                                .body = body,
                                .claims = claim,
                                .claim_count = reference != NULL,
                                .subject_count = 1,
                                .actor = TEXT("cli"),
                                .arena = cli->arena,
                                .day = DAY_NONE,
                                .bucket = -1};
    enum status status = find_member(cli, &member, &error);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    if (status == STATUS_OK)
        status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        error = command->error;
        status = command->status;
    }
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct text id = id_text(cli, body->membership.id), back = money_text(cli, body->refund);
    printf("%.*s: %s", (int)id.size, id.bytes, body->state);
    if (action == MEMBERSHIP_REFUND)
        printf(", %.*s goes back", (int)back.size, back.bytes);
    printf("\n");
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool lists = strcmp(what, "list") == 0 && cli->argument_count == 2;
    struct error error = {0};

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        bool named = strcmp(what, changes[i].name) == 0 && cli->argument_count == 3;
        if (!lists && !named)
            continue;
        if (cli_open(cli, false, &error) != STATUS_OK)
            return cli_fail(cli, &error);
        return lists ? list(cli) : change(cli, changes[i].action);
    }
    return cli_usage(cli, "say what: list MEMBER, buy MEMBER CODE, or renew, cancel, refund MEMBER MEMBERSHIP");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"reference", "TEXT", "of the payment: the same one is taken once"},
    {"reason", "TEXT", "why it is cancelled or refunded"},
    OPTION_FORMAT,
};

const struct subcommand memberships_subcommand = {
    .name = "memberships",
    .about = "paid memberships of a member: buy, renew, cancel, refund",
    .usage = "memberships list MEMBER | buy MEMBER CODE | renew|cancel|refund MEMBER MEMBERSHIP [options]",
    .example = "patron memberships buy phone:13800138000 plus --reference pay-4711\n"
               "patron memberships list phone:13800138000",
    .options = CLI_OPTIONS(options),
    .run = run,
};

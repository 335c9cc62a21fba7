/* referrals.c: `patron referrals`: codes of members, whom they brought, what is held. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/referrals/referrals_store.h"
#include "foundation/clock.h"

enum { HELD_LIMIT = 1000 };

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return id == 0 ? TEXT("") : text_copy(cli->arena, text_from(id_format(prefix, id, text)));
}

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    return at == 0 ? TEXT("") : text_copy(cli->arena, text_from(instant_format(at, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static int print(struct cli *cli, const struct referral *referrals, size_t count)
{
    static const struct output_column columns[] = {
        {"id", false},          {"programme", false}, {"referrer", false},
        {"friend", false},      {"state", false},     {"reason", false},
        {"joined", false},      {"purchase", false},  {"referrer_points", true},
        {"friend_points", true}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    struct output output;
    bool fine = output_start(&output, cli, columns, sizeof columns / sizeof columns[0]);

    for (size_t i = 0; fine && i < count; i++) {
        const struct referral *referral = &referrals[i];
        bool over = referral_is_over(configuration.programmes, referral, now);
        const struct text fields[] = {id_text(cli, "rfr", referral->id),
                                      referral->programme,
                                      id_text(cli, "mbr", referral->referrer),
                                      id_text(cli, "mbr", referral->friend_member),
                                      over ? TEXT("expired") : text_from(referral_states[referral->state]),
                                      referral->reason,
                                      instant_text(cli, referral->joined_at),
                                      id_text(cli, "evt", referral->purchase),
                                      number_text(cli, referral->referrer_points),
                                      number_text(cli, referral->friend_points)};
        output_row(&output, fields);
    }
    if (fine)
        output_end(&output);
    engine_configuration_release(cli->opened.engine, configuration);
    return fine ? EXIT_DONE : EXIT_USAGE;
}

static enum status find_member(struct cli *cli, const char *word, int64_t *member, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, word, member, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static enum status run_command(struct cli *cli, struct command *command, struct error *err)
{
    command->actor = TEXT("cli");
    command->day = DAY_NONE;
    command->arena = cli->arena;
    enum status status = engine_run(cli->opened.engine, &command, 1, err);

    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status;
}

/* ---- what is there ---- */

static int list(struct cli *cli)
{
    struct referral_state_of state = {.referrals = NULL};
    struct storage_session *session;
    struct error error = {0};
    struct person person;
    int64_t member;
    enum status status = find_member(cli, cli->arguments[1], &member, &error);

    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = engine_view(cli->opened.engine, session, member, cli->arena, &person, &error);
    if (status == STATUS_OK)
        status = referrals_read(session, cli->arena, &person, &state, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print(cli, state.referrals, state.referral_count) : cli_fail(cli, &error);
}

static int held(struct cli *cli)
{
    const struct referral_page page = {.limit = HELD_LIMIT};
    struct storage_session *session;
    struct referral *referrals = NULL;
    struct error error = {0};
    size_t count = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = referrals_held(session, cli->arena, &page, &referrals, &count, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print(cli, referrals, count) : cli_fail(cli, &error);
}

/* ---- what people do ---- */

static unsigned parts_of(struct cli *cli, struct text programme)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct definition *found = definition_at(configuration.programmes, &referral_programme_kind, programme,
                                                   clock_now(engine_clock(cli->opened.engine)));
    unsigned parts = found != NULL ? ((const struct referral_programme *)found->parsed)->when.parts : 0;

    engine_configuration_release(cli->opened.engine, configuration);
    return parts;
}

static int code(struct cli *cli)
{
    struct make_referral_code *body = arena_alloc(cli->arena, sizeof *body);
    struct claim_key claims[] = {{.kind = REFERRAL_CODE_CLAIM, .key = referral_code_make(cli->arena)}};
    struct command command = {
        .type = &make_referral_code_type, .body = body, .claims = claims, .claim_count = 1, .bucket = -1};
    struct error error = {0};

    body->programme = text_from(cli->arguments[2]);
    body->device_claim = -1;
    body->load.parts = parts_of(cli, body->programme);
    command.subjects[0].by = SUBJECT_MEMBER;
    command.subject_count = 1;
    enum status status = find_member(cli, cli->arguments[1], &command.subjects[0].id, &error);
    if (status == STATUS_OK)
        status = run_command(cli, &command, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%.*s\n", (int)body->code.size, body->code.bytes);
    return EXIT_DONE;
}

static enum status read_chain(struct cli *cli, struct join_referral *body, struct error *err)
{
    struct storage_session *session;
    int64_t reference, member, *chain = NULL;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = engine_claim_find(session, REFERRAL_CODE_CLAIM, body->code, &reference, &member, err);
    if (status == STATUS_OK)
        status = referral_chain(session, cli->arena, member, &chain, &body->chain_count, err);
    engine_read_end(cli->opened.engine, session);
    body->chain = chain;
    return status;
}

static int join(struct cli *cli)
{
    struct join_referral *body = arena_alloc(cli->arena, sizeof *body);
    struct claim_key claims[] = {
        {.kind = REFERRAL_CODE_CLAIM, .key = referral_code_read(cli->arena, text_from(cli->arguments[1]))}};
    struct command command = {
        .type = &join_referral_type, .body = body, .claims = claims, .claim_count = 1, .bucket = -1};
    struct error error = {0};

    body->code = claims[0].key;
    body->device_claim = body->payment_claim = -1;
    command.subjects[0].by = SUBJECT_MEMBER;
    command.subjects[1] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = 1};
    command.subject_count = 2;
    enum status status = find_member(cli, cli->arguments[2], &command.subjects[0].id, &error);
    if (status == STATUS_OK)
        status = read_chain(cli, body, &error);
    if (status == STATUS_OK)
        status = run_command(cli, &command, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s: %s\n", id_text(cli, "rfr", body->result.id).bytes, referral_states[body->result.state]);
    return EXIT_DONE;
}

static enum status name_both(struct cli *cli, struct command *command, int64_t id, struct error *err)
{
    struct storage_session *session;
    struct referral referral;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = referral_read(session, cli->arena, id, &referral, err);
    engine_read_end(cli->opened.engine, session);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = referral.friend_member};
    command->subjects[1] = (struct subject){.by = SUBJECT_MEMBER, .id = referral.referrer};
    command->subject_count = 2;
    return status;
}

static int decide(struct cli *cli)
{
    struct decide_referral *body = arena_alloc(cli->arena, sizeof *body);
    struct command command = {.type = &decide_referral_type, .body = body, .bucket = -1};
    struct error error = {0};

    if (!id_parse("rfr", text_from(cli->arguments[1]), &body->id))
        return cli_usage(cli, "a referral is named rfr_...");
    body->approve = strcmp(cli->arguments[0], "approve") == 0;
    body->reason = text_from(cli_value(cli, "reason"));
    body->by = TEXT("cli");
    enum status status = name_both(cli, &command, body->id, &error);
    if (status == STATUS_OK)
        status = run_command(cli, &command, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s: %s\n", cli->arguments[1], referral_states[body->result.state]);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {{"list", 2, list}, {"held", 1, held},      {"code", 3, code},
                                                {"join", 3, join}, {"approve", 2, decide}, {"refuse", 2, decide},
                                                {NULL, 0, NULL}};

    return cli_act(cli, actions,
                   "say what: list MEMBER, held, code MEMBER PROGRAMME, join CODE MEMBER, approve or refuse REFERRAL");
}

static const struct cli_option options[] = {
    OPTION_DATABASE, OPTION_KEY_FILE, {"reason", "TEXT", "of a decision, for the audit"}, OPTION_FORMAT};

const struct subcommand referrals_subcommand = {
    .name = "referrals",
    .about = "members who bring friends: codes, who brought whom, what waits for a decision",
    .usage =
        "referrals list MEMBER | held | code MEMBER PROGRAMME | join CODE MEMBER | approve|refuse REFERRAL [options]",
    .example = "patron referrals code phone:13800138000 friends\n"
               "patron referrals refuse rfr_00000000003PC --reason 'same phone'",
    .options = CLI_OPTIONS(options),
    .run = run,
};

/* challenges.c: `patron challenges` and `patron badges`: where a member stands, what was given, by hand what people do. */
#include "features/challenges/challenges_store.h"
#include "features/coupons/granted_store.h"

#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "foundation/clock.h"

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == 0)
        return TEXT("");
    return text_copy(cli->arena, text_from(instant_format(at, text)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_copy(cli->arena, text_from(id_format(prefix, id, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

/* What a subcommand looks at: the member of an argument, and its state. */
struct view {
    struct configuration configuration;
    int64_t now, member;
    struct person person;
    struct challenge_state state;
    struct granted_list *granted; /* of each reward */
    const struct text *codes;     /* of the challenges in force */
    size_t code_count;
};

static enum status read_granted(struct cli *cli, struct storage_session *session, struct view *view, struct error *err)
{
    size_t count = view->state.reward_count;
    int64_t *ids = arena_array(cli->arena, count + 1, sizeof *ids);

    view->granted = arena_array(cli->arena, count + 1, sizeof *view->granted);
    for (size_t i = 0; i < count; i++)
        ids[i] = view->state.rewards[i].id;
    return granted_read(session, cli->arena, ids, count, view->granted, err);
}

static enum status view_member(struct cli *cli, const char *word, struct view *view, struct error *err)
{
    struct engine *engine = cli->opened.engine;
    struct storage_session *session;

    view->configuration = engine_configuration(engine);
    view->now = clock_now(engine_clock(engine));
    const struct definition_list *list = definitions_of(view->configuration.programmes, &challenge_kind);
    struct text *codes = arena_array(cli->arena, list->count + 1, sizeof *codes);
    for (size_t i = 0; i < list->count; i++)
        if (definition_in_force(&list->items[i], view->now))
            codes[view->code_count++] = list->items[i].code;
    view->codes = codes;
    struct challenge_load load = {.codes = codes, .code_count = view->code_count};
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, word, &view->member, err);
    if (status == STATUS_OK)
        status = engine_view(engine, session, view->member, cli->arena, &view->person, err);
    if (status == STATUS_OK)
        status = challenge_state_read(session, cli->arena, &view->person, &load, err);
    view->state = load.state;
    if (status == STATUS_OK)
        status = read_granted(cli, session, view, err);
    engine_read_end(engine, session);
    return status;
}

/* ---- where a member stands ---- */

static void print_steps(struct cli *cli, struct output *output, const struct view *view, struct text code)
{
    const struct programme_set *programmes = view->configuration.programmes;
    const struct programme *programme = programme_at(programmes, view->now);
    const struct definition *definition = definition_at(programmes, &challenge_kind, code, view->now);
    const struct challenge *challenge = definition->parsed;
    struct challenge_folding folding = {.zone = programme->zone, .now = view->now};
    struct challenge_progress progress;
    bool takes_part = challenge_taken_part(challenge, &view->state, code, view->now, &folding.enrolled_at);
    folding.rows = challenge_rows_of(cli->arena, &view->state, code, &folding.count);

    challenge_fold(cli->arena, challenge, &folding, &progress);
    for (size_t i = 0; i < challenge->step_count; i++) {
        const struct challenge_step *step = &challenge->steps[i];
        const struct text fields[] = {code,
                                      takes_part ? TEXT("yes") : TEXT("no"),
                                      step->code,
                                      challenge_units_text(cli->arena, step, progress.reached[i], programme->exponent),
                                      challenge_units_text(cli->arena, step, step->target, programme->exponent),
                                      number_text(cli, progress.completed),
                                      number_text(cli, (int64_t)challenge_given(&view->state, code))};
        output_row(output, fields);
    }
}

static int list(struct cli *cli, struct view *view)
{
    static const struct output_column columns[] = {{"challenge", false}, {"takes_part", false}, {"step", false},
                                                   {"reached", true},    {"target", true},      {"completed", true},
                                                   {"rewards", true}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < view->code_count; i++)
        print_steps(cli, &output, view, view->codes[i]);
    output_end(&output);
    return EXIT_DONE;
}

static int rewards(struct cli *cli, struct view *view)
{
    static const struct output_column columns[] = {
        {"id", false},    {"challenge", false}, {"number", true}, {"given", false},      {"points", true},
        {"badge", false}, {"item", false},      {"used", false},  {"taken_back", false}, {"granted", false}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = view->state.reward_count; i-- > 0;) {
        const struct challenge_reward *reward = &view->state.rewards[i];
        const struct text fields[] = {id_text(cli, "evt", reward->id),
                                      reward->challenge,
                                      number_text(cli, reward->number),
                                      instant_text(cli, reward->given_at),
                                      number_text(cli, reward->points),
                                      reward->badge,
                                      reward->item,
                                      instant_text(cli, reward->used_at),
                                      instant_text(cli, reward->taken_at),
                                      granted_words(cli->arena, &view->granted[i])};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* ---- what people do ---- */

static int run_command(struct cli *cli, const struct command_type *type, void *body, int64_t member)
{
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct error error = {0};

    *command = (struct command){.type = type,
                                .body = body,
                                .day = DAY_NONE,
                                .bucket = -1,
                                .arena = cli->arena,
                                .actor = TEXT("cli"),
                                .subjects = {{.by = SUBJECT_MEMBER, .id = member}},
                                .subject_count = 1};
    enum status status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        error = command->error;
        status = command->status;
    }
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

static int enrol(struct cli *cli, const struct view *view, bool leave)
{
    struct enrol_challenge *body = arena_alloc(cli->arena, sizeof *body);
    const struct definition *definition =
        definition_at(view->configuration.programmes, &challenge_kind, text_from(cli->arguments[2]), view->now);

    body->code = text_from(cli->arguments[2]);
    body->leave = leave;
    if (definition != NULL)
        body->load.parts = ((const struct challenge *)definition->parsed)->when.parts;
    int result = run_command(cli, &enrol_challenge_type, body, view->member);
    if (result == EXIT_DONE)
        printf("%s: %s\n", cli->arguments[2], leave ? "left" : "enrolled");
    return result;
}

static int use(struct cli *cli, const struct view *view, bool undo)
{
    struct use_reward *body = arena_alloc(cli->arena, sizeof *body);

    if (!id_parse("evt", text_from(cli->arguments[2]), &body->reward))
        return cli_usage(cli, "a reward is named evt_...");
    body->undo = undo;
    int result = run_command(cli, &use_reward_type, body, view->member);
    if (result == EXIT_DONE)
        printf("%s: %.*s %s\n", cli->arguments[2], (int)body->result.item.size, body->result.item.bytes,
               undo ? "not handed over" : "handed over");
    return result;
}

static int run(struct cli *cli)
{
    static const struct {
        const char *name;
        int arguments;
    } words[] = {{"list", 2}, {"rewards", 2}, {"enrol", 3}, {"leave", 3}, {"use", 3}, {"undo", 3}};
    const char *word = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct view view = {.now = 0};
    struct error error = {0};
    size_t found = 0;

    while (found < sizeof words / sizeof words[0] && strcmp(words[found].name, word) != 0)
        found++;
    if (found == sizeof words / sizeof words[0] || cli->argument_count != words[found].arguments)
        return cli_usage(cli, "say what: list MEMBER, rewards MEMBER, enrol or leave MEMBER CHALLENGE, use or undo "
                              "MEMBER REWARD");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (view_member(cli, cli->arguments[1], &view, &error) != STATUS_OK) {
        engine_configuration_release(cli->opened.engine, view.configuration);
        return cli_fail(cli, &error);
    }
    int result = found == 0   ? list(cli, &view)
                 : found == 1 ? rewards(cli, &view)
                 : found < 4  ? enrol(cli, &view, found == 3)
                              : use(cli, &view, found == 5);
    engine_configuration_release(cli->opened.engine, view.configuration);
    return result;
}

static const struct cli_option options[] = {OPTION_DATABASE, OPTION_KEY_FILE, OPTION_FORMAT};

const struct subcommand challenges_subcommand = {
    .name = "challenges",
    .about = "where a member stands in challenges and stamp cards, and what was given",
    .usage = "challenges list|rewards MEMBER | enrol|leave MEMBER CHALLENGE | use|undo MEMBER REWARD [options]",
    .example = "patron challenges list phone:13800138000\n"
               "patron challenges use card:100017 evt_00000000003PC",
    .options = CLI_OPTIONS(options),
    .run = run,
};

/* ---- badges ---- */

static int list_badges(struct cli *cli, const struct view *view)
{
    static const struct output_column columns[] = {
        {"id", false}, {"badge", false}, {"awarded", false}, {"revoked", false}, {"certificate", false}};
    char certificate[CERTIFICATE_SIZE];
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = view->state.badge_count; i-- > 0;) {
        const struct member_badge *badge = &view->state.badges[i];
        badge_certificate(engine_seal_key(cli->opened.engine), badge, certificate);
        const struct text fields[] = {id_text(cli, "bdg", badge->id), badge->badge,
                                      instant_text(cli, badge->awarded_at), instant_text(cli, badge->revoked_at),
                                      text_copy(cli->arena, text_from(certificate))};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int award(struct cli *cli, const struct view *view, bool revoke)
{
    struct award_badge *body = arena_alloc(cli->arena, sizeof *body);

    body->code = text_from(cli->arguments[2]);
    body->reason = text_from(cli_value(cli, "reason"));
    if (revoke && !id_parse("bdg", body->code, &body->revoke))
        return cli_usage(cli, "a badge that is held is named bdg_...");
    int result = run_command(cli, &award_badge_type, body, view->member);
    if (result == EXIT_DONE)
        printf("%.*s: %s\n", (int)body->result.badge.size, body->result.badge.bytes, revoke ? "revoked" : "awarded");
    return result;
}

static int run_badges(struct cli *cli)
{
    const char *word = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool lists = strcmp(word, "list") == 0, revokes = strcmp(word, "revoke") == 0;
    struct view view = {.now = 0};
    struct error error = {0};

    if ((!lists && !revokes && strcmp(word, "award") != 0) || cli->argument_count != (lists ? 2 : 3))
        return cli_usage(cli, "say what: list MEMBER, award MEMBER BADGE, revoke MEMBER ID");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    enum status status = view_member(cli, cli->arguments[1], &view, &error);
    engine_configuration_release(cli->opened.engine, view.configuration);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return lists ? list_badges(cli, &view) : award(cli, &view, revokes);
}

static const struct cli_option badge_options[] = {
    OPTION_DATABASE, OPTION_KEY_FILE, {"reason", "TEXT", "of an award, for the audit"}, OPTION_FORMAT};

const struct subcommand badges_subcommand = {
    .name = "badges",
    .about = "the badges of a member: list, award, revoke",
    .usage = "badges list MEMBER | award MEMBER BADGE | revoke MEMBER ID [options]",
    .example = "patron badges award phone:13800138000 knight --reason 'saved a cat'",
    .options = CLI_OPTIONS(badge_options),
    .run = run_badges,
};

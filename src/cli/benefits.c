/* benefits.c: `patron benefits`: what a member is entitled to, used, given and taken back. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/entitlements/entitled_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { DAYS_MAX = 3660 };

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == INSTANT_NEVER || at == 0 || at == INT64_MIN)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return id == 0 ? TEXT("") : text_from(arena_format(cli->arena, "%s", id_format("evt", id, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

/* ---- shown ---- */

static enum status view(struct cli *cli, struct person *person, struct entitled *entitled, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, cli->arguments[1], &member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, member, cli->arena, person, err);
    if (status == STATUS_OK)
        status = entitled_read(session, cli->arena, person, entitled, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static void print_held(struct cli *cli, struct output *output, const struct programme_set *set,
                       const struct person *person, const struct entitled *entitled)
{
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    const struct definition_list *list = definitions_of(set, &benefit_kind);
    struct condition_world world = {.arena = cli->arena,
                                    .programmes = set,
                                    .programme = programme_at(set, now),
                                    .now = now,
                                    .person = person,
                                    .known = &entitled->known};
    const struct benefit_asker asker = {set, person, &world, now};
    struct benefit_holding holding;
    struct benefit_left left;

    condition_start(&world);
    for (size_t i = 0; i < list->count; i++) {
        const struct benefit *benefit = list->items[i].parsed;
        if (!definition_in_force(&list->items[i], now) || !benefit_holds(&asker, &list->items[i], &holding))
            continue;
        bool counted = benefit_left_of(&asker, &list->items[i], &holding, entitled->uses, entitled->use_count, &left);
        const struct text fields[] = {list->items[i].code,
                                      benefit->name,
                                      text_from(benefit_effect_names[benefit->effect]),
                                      text_from(holding.by),
                                      instant_text(cli, holding.until),
                                      counted ? number_text(cli, left.left) : TEXT(""),
                                      counted ? instant_text(cli, left.until) : TEXT("")};
        output_row(output, fields);
    }
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"benefit", false},   {"name", false},  {"effect", false},
                                                   {"by", false},        {"until", false}, {"left", true},
                                                   {"left_until", false}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct entitled entitled = {
        .parts = benefit_parts(configuration.programmes, clock_now(engine_clock(cli->opened.engine)))};
    struct error error = {0};
    struct person person;
    struct output output;
    int result = EXIT_USAGE;

    if (output_start(&output, cli, columns, sizeof columns / sizeof columns[0])) {
        result = view(cli, &person, &entitled, &error) == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
        if (result == EXIT_DONE) {
            print_held(cli, &output, configuration.programmes, &person, &entitled);
            output_end(&output);
        }
    }
    engine_configuration_release(cli->opened.engine, configuration);
    return result;
}

static int uses(struct cli *cli)
{
    static const struct output_column columns[] = {{"use", false},   {"benefit", false}, {"units", true},
                                                   {"store", false}, {"at", false},      {"reversed", false}};
    struct entitled entitled = {.parts = 0};
    struct error error = {0};
    struct person person;
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (view(cli, &person, &entitled, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < entitled.use_count; i++) {
        const struct benefit_use *use = &entitled.uses[i];
        const struct text fields[] = {id_text(cli, use->id),        use->code,
                                      number_text(cli, use->units), use->store,
                                      instant_text(cli, use->at),   use->reversed != 0 ? TEXT("yes") : TEXT("no")};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* ---- commands ---- */

static int run_command(struct cli *cli, struct command *command, struct error *err)
{
    struct storage_session *session;
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct entitled *entitled = command->body;
    int64_t member = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    entitled->parts = benefit_parts(configuration.programmes, clock_now(engine_clock(cli->opened.engine)));
    engine_configuration_release(cli->opened.engine, configuration);
    if (status == STATUS_OK) {
        status = cli_member(cli, session, cli->arguments[1], &member, err);
        engine_read_end(cli->opened.engine, session);
    }
    if (status != STATUS_OK)
        return cli_fail(cli, err);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    command->subject_count = 1;
    command->actor = TEXT("cli");
    command->arena = cli->arena;
    command->day = DAY_NONE;
    command->bucket = -1;
    status = engine_run(cli->opened.engine, &command, 1, err);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, err);
}

static int use(struct cli *cli)
{
    struct use_benefit *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct claim_key *claim = arena_alloc(cli->arena, sizeof *claim);
    struct error error = {0};
    int64_t units = 1;

    if (!cli_integer(cli, "units", 1, BENEFIT_USES_MAX, &units))
        return EXIT_USAGE;
    *body = (struct use_benefit){.code = text_from(cli->arguments[2]), .units = units, .claim = -1};
    body->entitled.code = body->code;
    body->context.store = text_from(cli_value(cli, "store"));
    *command = (struct command){.type = &use_benefit_type, .body = body, .claims = claim};
    if (cli_value(cli, "reference") != NULL) {
        *claim = (struct claim_key){.kind = "benefit_use", .key = text_from(cli_value(cli, "reference"))};
        command->claim_count = 1;
        body->claim = 0;
    }
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE && body->existed)
        printf("%.*s: used before\n", (int)id_text(cli, body->use.id).size, id_text(cli, body->use.id).bytes);
    else if (result == EXIT_DONE)
        printf("%.*s: %lld left\n", (int)id_text(cli, body->use.id).size, id_text(cli, body->use.id).bytes,
               (long long)body->left.left);
    return result;
}

static int reverse(struct cli *cli)
{
    struct reverse_use *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct error error = {0};

    *body = (struct reverse_use){.reason = text_from(cli_value(cli, "reason"))};
    *command = (struct command){.type = &reverse_use_type, .body = body};
    if (body->reason.size == 0)
        return cli_usage(cli, "say why: --reason TEXT");
    if (!id_parse("evt", text_from(cli->arguments[2]), &body->use))
        return cli_usage(cli, "a use is named evt_...");
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%s: taken back\n", cli->arguments[2]);
    return result;
}

static int give(struct cli *cli)
{
    struct give_benefit *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct error error = {0};

    *body = (struct give_benefit){.code = text_from(cli->arguments[2]),
                                  .reason = text_from(cli_value(cli, "reason")),
                                  .source = TEXT("hand"),
                                  .until = INSTANT_NEVER};
    *command = (struct command){.type = &give_benefit_type, .body = body};
    if (body->reason.size == 0)
        return cli_usage(cli, "say why: --reason TEXT");
    if (!cli_integer(cli, "days", 1, DAYS_MAX, &body->days))
        return EXIT_USAGE;
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%.*s: given\n", (int)id_text(cli, body->result.id).size, id_text(cli, body->result.id).bytes);
    return result;
}

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {{"list", 2, list},       {"uses", 2, uses}, {"use", 3, use},
                                                {"reverse", 3, reverse}, {"give", 3, give}, {NULL, 0, NULL}};

    return cli_act(cli, actions,
                   "say what: list MEMBER, uses MEMBER, use MEMBER BENEFIT, reverse MEMBER USE, give MEMBER BENEFIT");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"units", "N", "how many are used; default 1"},
    {"store", "CODE", "where it is used"},
    {"reference", "TEXT", "names the use: the same one is never counted twice"},
    {"days", "N", "given for so many days; default no end"},
    {"reason", "TEXT", "why it is given or taken back"},
    OPTION_FORMAT,
};

const struct subcommand benefits_subcommand = {
    .name = "benefits",
    .about = "what a member is entitled to: what is left, using it, giving it",
    .usage = "benefits list|uses MEMBER | use MEMBER BENEFIT | reverse MEMBER USE | give MEMBER BENEFIT [options]",
    .example = "patron benefits list phone:13800138000\n"
               "patron benefits use phone:13800138000 manicure --store SH1 --reference visit-17",
    .options = CLI_OPTIONS(options),
    .run = run,
};

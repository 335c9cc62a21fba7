#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/stored_value/stored_value.h"
#include "features/stored_value/stored_value_store.h"
#include "foundation/id.h"
#include "foundation/money.h"
#include "storage/storage.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"code", "CODE", "which stored value; default the programme's first"},
    {"store", "CODE", "the store at which it happens"},
    {"paid-by", "CODE", "of a top-up: cash, card ..."},
    {"reason", "CODE", "of a refund or a void; needed"},
    OPTION_FORMAT,
};

/* A call: the programme in force, and the stored value meant. */
struct work {
    struct cli *cli;
    struct configuration configuration;
    const struct programme *programme;
    const struct stored_value *value;
};

static enum status find_value(struct work *work, struct error *err)
{
    const char *code = cli_value(work->cli, "code");
    struct engine *engine = work->cli->opened.engine;

    work->configuration = engine_configuration(engine);
    work->programme = programme_at(work->configuration.programmes, clock_now(engine_clock(engine)));
    if (code != NULL)
        return stored_value_find(work->programme, text_from(code), &work->value, err);
    if (work->programme->stored_value_count == 0)
        return error_set(err, STATUS_MISSING, "stored_value.none", "code", "the programme has no stored value");
    work->value = &work->programme->stored_values[0];
    return STATUS_OK;
}

static struct text amount_text(const struct work *work, int64_t minor)
{
    char *text = arena_alloc(work->cli->arena, MONEY_TEXT_SIZE);

    return text_from(money_format(minor, work->programme->exponent, text));
}

/* ---- changing ---- */

static struct command *command_of(struct cli *cli, const struct command_type *type, size_t size)
{
    struct command *command = arena_alloc(cli->arena, sizeof *command);

    *command = (struct command){.type = type,
                                .body = arena_alloc(cli->arena, size),
                                .day = DAY_NONE,
                                .bucket = -1,
                                .actor = TEXT("cli"),
                                .arena = cli->arena};
    return command;
}

static struct points_context context_of(struct cli *cli)
{
    const char *store = cli_value(cli, "store");

    return (struct points_context){.store = store != NULL ? text_from(store) : TEXT("")};
}

static struct text option_text(struct cli *cli, const char *name)
{
    const char *value = cli_value(cli, name);

    return value != NULL ? text_from(value) : TEXT("");
}

static enum status name_member(struct cli *cli, struct command *command, const char *word, struct error *err)
{
    struct storage_session *session;
    int64_t member = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, word, &member, err);
    engine_read_end(cli->opened.engine, session);
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    return status;
}

static enum status top_up_command(struct work *work, struct command **out, struct error *err)
{
    struct command *command = command_of(work->cli, &top_up_command_type, sizeof(struct top_up));
    struct top_up *body = command->body;

    *out = command;
    *body = (struct top_up){.context = context_of(work->cli),
                            .code = work->value->code,
                            .paid_by = option_text(work->cli, "paid-by"),
                            .claim = -1};
    enum status status = money_parse(text_from(work->cli->arguments[2]), work->programme->exponent, &body->minor, err);
    return status == STATUS_OK ? name_member(work->cli, command, work->cli->arguments[1], err) : status;
}

static enum status refund_command(struct work *work, struct command **out, struct error *err)
{
    struct command *command = command_of(work->cli, &stored_refund_command_type, sizeof(struct stored_refund));
    struct stored_refund *body = command->body;
    enum status status = STATUS_OK;

    *out = command;
    *body = (struct stored_refund){
        .context = context_of(work->cli), .code = work->value->code, .reason = option_text(work->cli, "reason")};
    if (work->cli->argument_count > 2)
        status = money_parse(text_from(work->cli->arguments[2]), work->programme->exponent, &body->minor, err);
    return status == STATUS_OK ? name_member(work->cli, command, work->cli->arguments[1], err) : status;
}

static enum status void_command(struct work *work, struct command **out, struct error *err)
{
    struct command *command = command_of(work->cli, &top_up_void_command_type, sizeof(struct top_up_void));
    struct top_up_void *body = command->body;
    struct storage_session *session;
    struct past_event *event;
    int64_t id;

    *out = command;
    *body = (struct top_up_void){.context = context_of(work->cli), .reason = option_text(work->cli, "reason")};
    if (!id_parse("evt", text_from(work->cli->arguments[1]), &id))
        return error_set(err, STATUS_MISSING, "stored_value.unknown_top_up", "top_up", "there is no such top-up");
    enum status status = engine_read_begin(work->cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, 0, work->cli->arena, &event, err);
    engine_read_end(work->cli->opened.engine, session);
    if (status != STATUS_OK)
        return status;
    command->events[0] = (struct event_reference){.id = id, .claim = -1};
    command->event_count = 1;
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = event->row.member};
    return STATUS_OK;
}

static const struct stored_result *result_of(const struct command *command)
{
    if (command->type == &top_up_command_type)
        return &((const struct top_up *)command->body)->result;
    if (command->type == &top_up_void_command_type)
        return &((const struct top_up_void *)command->body)->result;
    return &((const struct stored_refund *)command->body)->result;
}

static int change(struct work *work, struct command *command)
{
    static const struct output_column columns[] = {
        {"id", false}, {"principal", true}, {"bonus", true}, {"left_principal", true}, {"left_bonus", true}};
    struct error error = {0};
    struct output output;
    char id[ID_TEXT_SIZE];

    if (!output_start(&output, work->cli, columns, 5))
        return EXIT_USAGE;
    enum status status = engine_run(work->cli->opened.engine, &command, 1, &error);
    if (status != STATUS_OK || command->status != STATUS_OK)
        return cli_fail(work->cli, status != STATUS_OK ? &error : &command->error);
    const struct stored_result *result = result_of(command);
    const struct text fields[] = {text_from(id_format("evt", result->id, id)),
                                  amount_text(work, result->moved.principal), amount_text(work, result->moved.bonus),
                                  amount_text(work, result->available.principal),
                                  amount_text(work, result->available.bonus)};
    output_row(&output, fields);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- reading ---- */

static int show_member(struct work *work)
{
    static const struct output_column columns[] = {
        {"code", false}, {"principal", true}, {"bonus", true}, {"available", true}};
    struct cli *cli = work->cli;
    struct storage_session *session;
    struct error error = {0};
    struct output output;
    struct person person;
    int64_t member = 0;

    if (!output_start(&output, cli, columns, 4))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK) {
        status = cli_member(cli, session, cli->arguments[1], &member, &error);
        if (status == STATUS_OK)
            status = engine_view(cli->opened.engine, session, member, cli->arena, &person, &error);
        engine_read_end(cli->opened.engine, session);
    }
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < work->programme->stored_value_count; i++) {
        const struct stored_value *value = &work->programme->stored_values[i];
        struct stored_split has = stored_value_available(&person, value);
        const struct text fields[] = {value->code, amount_text(work, has.principal), amount_text(work, has.bonus),
                                      amount_text(work, has.principal + has.bonus)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int show_stores(struct work *work)
{
    static const struct output_column columns[] = {{"store", false}, {"principal", true}, {"bonus", true}};
    struct cli *cli = work->cli;
    struct store_balance *balances = NULL;
    struct storage_session *session;
    struct error error = {0};
    struct output output;
    size_t count = 0;

    if (!output_start(&output, cli, columns, 3))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK) {
        status = store_balances_read(session, cli->arena, work->value, &balances, &count, &error);
        engine_read_end(cli->opened.engine, session);
    }
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        const struct text fields[] = {balances[i].store, amount_text(work, balances[i].outstanding.principal),
                                      amount_text(work, balances[i].outstanding.bonus)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* ---- the subcommand ---- */

static const struct action {
    const char *name;
    int least, most; /* arguments, the name included */
    enum status (*make)(struct work *work, struct command **out, struct error *err);
    int (*show)(struct work *work);
} actions[] = {{"top-up", 3, 3, top_up_command, NULL},
               {"void", 2, 2, void_command, NULL},
               {"refund", 2, 3, refund_command, NULL},
               {"show", 2, 2, NULL, show_member},
               {"stores", 1, 1, NULL, show_stores}};

static int act(struct work *work, const struct action *action)
{
    struct command *command;
    struct error error = {0};

    if (find_value(work, &error) != STATUS_OK)
        return cli_fail(work->cli, &error);
    if (action->show != NULL)
        return action->show(work);
    if (action->make(work, &command, &error) != STATUS_OK)
        return cli_fail(work->cli, &error);
    return change(work, command);
}

static int run(struct cli *cli)
{
    const char *name = cli->argument_count > 0 ? cli->arguments[0] : "";
    const struct action *found = NULL;
    struct work work = {.cli = cli};
    struct error error = {0};

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(actions[i].name, name) == 0)
            found = &actions[i];
    if (found == NULL || (int)cli->argument_count < found->least || (int)cli->argument_count > found->most)
        return cli_usage(cli,
                         "say what: top-up MEMBER AMOUNT, void TOP-UP, refund MEMBER [AMOUNT], show MEMBER or stores");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    int exit_status = act(&work, found);
    engine_configuration_release(cli->opened.engine, work.configuration);
    return exit_status;
}

const struct subcommand stored_value_subcommand = {
    .name = "stored-value",
    .about = "money paid in beforehand: top up, void, refund, show, what is owed by store",
    .usage = "stored-value top-up MEMBER AMOUNT | void TOP-UP | refund MEMBER [AMOUNT] | show MEMBER | stores",
    .example = "patron stored-value top-up phone:13800138000 100.00 --paid-by cash --store soho\n"
               "patron stored-value refund card:2001 --reason moved\npatron stored-value stores --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};

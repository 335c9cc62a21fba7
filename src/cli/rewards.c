/* rewards.c: `patron rewards`: the catalogue, and orders of rewards. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/coupons/granted_store.h"
#include "features/rewards/reward_card.h"
#include "features/rewards/rewards_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { ORDERS_SHOWN = 200 };

static struct text option_text(const struct cli *cli, const char *name)
{
    return text_from(cli_value(cli, name));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return number == INT64_MAX ? TEXT("any") : text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == 0 || at == INSTANT_NEVER)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

/* The person of --member; `person` stays empty without. */
static enum status find_person(struct cli *cli, struct storage_session *session, struct person *person,
                               struct condition_person *known, int64_t *member, struct error *err)
{
    const char *word = cli_value(cli, "member");

    *person = (struct person){NULL, NULL, NULL};
    *known = (struct condition_person){.parts = 0};
    *member = 0;
    if (word == NULL)
        return STATUS_OK;
    enum status status = cli_member(cli, session, word, member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, *member, cli->arena, person, err);
    return status == STATUS_OK ? reward_person_read(session, cli->arena, person, known, err) : status;
}

/* ---- the catalogue ---- */

struct listing {
    struct cli *cli;
    struct storage_session *session;
    const struct programme_set *set;
    int64_t now;
    struct person person;
    struct condition_person known;
    struct output output;
};

static enum status list_reward(struct listing *listing, const struct reward *reward, struct error *err)
{
    struct cli *cli = listing->cli;
    const char *const ids[] = {reward_counter(cli->arena, reward->code)};
    const struct reward_price price = reward_price_of(reward, &listing->person);
    struct error why = {.status = STATUS_OK};
    int64_t used, missing;
    enum status status = reward_counts_read(listing->session, cli->arena, ids, 1, &used, err);

    if (status != STATUS_OK)
        return status;
    const struct reward_question question = {.set = listing->set,
                                             .now = listing->now,
                                             .person = &listing->person,
                                             .known = &listing->known,
                                             .quantity = 1,
                                             .used = used,
                                             .free = listing->person.group == NULL,
                                             .arena = cli->arena};
    bool may = reward_check(reward, &question, &missing, &why) == STATUS_OK;
    const struct text fields[] = {reward->code,
                                  reward->name,
                                  number_text(cli, price.points),
                                  number_text(cli, reward->stock == INT64_MAX ? INT64_MAX : reward->stock - used),
                                  may ? TEXT("yes") : TEXT("no"),
                                  may ? TEXT("") : text_from(arena_format(cli->arena, "%s", why.code)),
                                  number_text(cli, missing)};
    output_row(&listing->output, fields);
    return STATUS_OK;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"code", false},  {"name", false},      {"points", true},
                                                   {"left", true},   {"available", false}, {"reason", false},
                                                   {"missing", true}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct listing listing = {
        .cli = cli, .set = configuration.programmes, .now = clock_now(engine_clock(cli->opened.engine))};
    const struct definition_list *rewards = definitions_of(listing.set, &reward_kind);
    struct error error = {0};
    int64_t member;
    enum status status = STATUS_OK;

    if (!output_start(&listing.output, cli, columns, sizeof columns / sizeof columns[0])) {
        engine_configuration_release(cli->opened.engine, configuration);
        return EXIT_USAGE;
    }
    status = engine_read_begin(cli->opened.engine, &listing.session, &error);
    if (status == STATUS_OK) {
        status = find_person(cli, listing.session, &listing.person, &listing.known, &member, &error);
        for (size_t i = 0; i < rewards->count && status == STATUS_OK; i++)
            if (definition_in_force(&rewards->items[i], listing.now))
                status = list_reward(&listing, rewards->items[i].parsed, &error);
        engine_read_end(cli->opened.engine, listing.session);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&listing.output);
    return EXIT_DONE;
}

/* ---- orders ---- */

static int orders(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", false},     {"state", false},      {"member", false},
                                                   {"reward", false}, {"quantity", true},    {"points", true},
                                                   {"store", false},  {"ordered_at", false}, {"kept_until", false},
                                                   {"code", false},   {"granted", false}};
    int64_t now = clock_now(engine_clock(cli->opened.engine)), member;
    struct reward_order_page page = {.before = INSTANT_NEVER, .before_id = INT64_MAX, .limit = ORDERS_SHOWN};
    struct storage_session *session;
    struct condition_person known;
    struct reward_order *found = NULL;
    struct person person;
    struct output output;
    struct error error = {0};
    size_t count = 0;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = find_person(cli, session, &person, &known, &member, &error);
    page.person = member != 0 ? &person : NULL;
    if (status == STATUS_OK)
        status = reward_orders_read(session, cli->arena, &page, &found, &count, &error);
    int64_t *ids = arena_array(cli->arena, count + 1, sizeof *ids);
    struct granted_list *granted = arena_array(cli->arena, count + 1, sizeof *granted);
    for (size_t i = 0; i < count; i++)
        ids[i] = found[i].id;
    if (status == STATUS_OK)
        status = granted_read(session, cli->arena, ids, count, granted, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        bool card = reward_card_key(found[i].gift).size > 0;
        const struct text fields[] = {id_text(cli, "rwo", found[i].id),
                                      text_from(reward_states[reward_state_at(&found[i], now)]),
                                      id_text(cli, "mbr", found[i].member),
                                      found[i].reward,
                                      number_text(cli, found[i].quantity),
                                      number_text(cli, found[i].points),
                                      found[i].store,
                                      instant_text(cli, found[i].at),
                                      instant_text(cli, found[i].state <= REWARD_READY ? found[i].until : 0),
                                      card ? TEXT("") : found[i].gift,
                                      granted_words(cli->arena, &granted[i])};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static struct command *start_command(struct cli *cli, const struct command_type *type, size_t body_size)
{
    struct command *command = arena_alloc(cli->arena, sizeof *command);

    *command = (struct command){.type = type,
                                .body = arena_alloc(cli->arena, body_size),
                                .day = DAY_NONE,
                                .bucket = -1,
                                .actor = TEXT("cli"),
                                .arena = cli->arena};
    return command;
}

static int run_command(struct cli *cli, struct command *command, const struct reward_order *result)
{
    struct error error = {0};
    enum status status = engine_run(cli->opened.engine, &command, 1, &error);

    if (status == STATUS_OK && command->status != STATUS_OK) {
        error = command->error;
        status = command->status;
    }
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s: %s\n", id_text(cli, "rwo", result->id).bytes, reward_states[result->state]);
    return EXIT_DONE;
}

static int order(struct cli *cli)
{
    struct command *command = start_command(cli, &order_reward_type, sizeof(struct order_reward));
    struct order_reward *body = command->body;
    struct storage_session *session;
    struct error error = {0};
    int64_t member = 0, quantity = 1;

    if (cli_value(cli, "member") == NULL)
        return cli_usage(cli, "say who gets it: --member MEMBER");
    if (!cli_integer(cli, "quantity", 1, REWARD_QUANTITY_MAX, &quantity))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_member(cli, session, cli_value(cli, "member"), &member, &error);
    engine_read_end(cli->opened.engine, session);
    if (status == STATUS_OK && cli_value(cli, "code") != NULL)
        status = code_key(cli->arena, option_text(cli, "code"), &body->coupon.key, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    body->reward = text_from(cli->arguments[1]);
    body->quantity = quantity;
    body->context.store = option_text(cli, "store");
    body->coupon.counter = body->gift.counter = -1;
    order_reward_name(command, cli->arena);
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    return run_command(cli, command, &body->result);
}

static const struct {
    const char *name;
    enum reward_action action;
} steps[] = {
    {"prepare", REWARD_PREPARE}, {"ship", REWARD_SHIP}, {"handover", REWARD_HAND_OVER}, {"cancel", REWARD_CANCEL}};

static int change(struct cli *cli, enum reward_action action)
{
    struct command *command = start_command(cli, &change_reward_order_type, sizeof(struct change_reward_order));
    struct change_reward_order *body = command->body;
    struct storage_session *session;
    struct reward_order found;
    struct error error = {0};
    int64_t id;

    if (!id_parse("rwo", text_from(cli->arguments[1]), &id))
        return cli_usage(cli, "an order is named rwo_...");
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    body->action = action;
    body->reason = option_text(cli, "reason");
    status = reward_order_read(session, cli->arena, id, &found, &error);
    if (status == STATUS_OK)
        status = change_reward_order_command(session, command, &found, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? run_command(cli, command, &body->result) : cli_fail(cli, &error);
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};
    bool one = cli->argument_count == 1 && (strcmp(what, "list") == 0 || strcmp(what, "orders") == 0);
    bool two = cli->argument_count == 2 && strcmp(what, "order") == 0;
    size_t step = 0;

    while (step < sizeof steps / sizeof steps[0] && strcmp(what, steps[step].name) != 0)
        step++;
    bool moves = cli->argument_count == 2 && step < sizeof steps / sizeof steps[0];
    if (!one && !two && !moves)
        return cli_usage(cli, "say what: list, orders, order REWARD, or prepare, ship, handover, cancel ORDER");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (one)
        return strcmp(what, "list") == 0 ? list(cli) : orders(cli);
    return two ? order(cli) : change(cli, steps[step].action);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"member", "MEMBER", "who: mbr_..., phone:, card: ...; of a list: what it costs, or has ordered"},
    {"quantity", "N", "of order: how many; default 1"},
    {"code", "CODE", "of order: a coupon that pays"},
    {"store", "CODE", "of order: where it is handed over"},
    {"reason", "CODE", "of cancel: why"},
    OPTION_FORMAT,
};

const struct subcommand rewards_subcommand = {
    .name = "rewards",
    .about = "rewards for points: the catalogue, orders, handing over",
    .usage = "rewards list | orders | order REWARD | prepare|ship|handover|cancel ORDER [options]",
    .example = "patron rewards list --member card:8801\n"
               "patron rewards order mug --member card:8801 --store SH1\n"
               "patron rewards handover rwo_00000000003PC",
    .options = CLI_OPTIONS(options),
    .run = run,
};

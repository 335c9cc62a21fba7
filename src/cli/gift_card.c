/* gift_card.c: `patron gift-card`: selling one, topping it up, what happened to it, and what is owed. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/subcommand.h"
#include "features/gift_cards/gift_cards_store.h"
#include "features/programme/programme.h"
#include "foundation/clock.h"
#include "foundation/instant.h"
#include "foundation/money.h"
#include "foundation/secret.h"

enum { MAKE_TRIES = 100, PIN_MODULUS = 1000000 };

static const struct programme *programme_now(struct cli *cli, const struct configuration *configuration)
{
    return programme_at(configuration->programmes, clock_now(engine_clock(cli->opened.engine)));
}

static int liability(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"store", false}, {"cards", true}, {"owed", true}, {"currency", false}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct programme *programme = programme_now(cli, &configuration);
    struct storage_session *session;
    struct gift_owed *owed = NULL;
    struct output output;
    struct error error = {0};
    size_t count = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);

    if (status == STATUS_OK) {
        status = gift_owed_read(session, cli->arena, &owed, &count, &error);
        engine_read_end(cli->opened.engine, session);
    }
    bool prints = status == STATUS_OK && output_start(&output, cli, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; prints && i < count; i++) {
        char text[MONEY_TEXT_SIZE];
        const struct text fields[] = {
            owed[i].store, text_from(arena_format(cli->arena, "%lld", (long long)owed[i].cards)),
            text_from(arena_format(cli->arena, "%s", money_format(owed[i].minor, programme->exponent, text))),
            text_from(arena_format(cli->arena, "%s", programme->currency))};
        output_row(&output, fields);
    }
    if (prints)
        output_end(&output);
    engine_configuration_release(cli->opened.engine, configuration);
    return status != STATUS_OK ? cli_fail(cli, &error) : prints ? EXIT_DONE : EXIT_USAGE;
}

/* Code, PIN and its hash. */
static enum status make_card(struct cli *cli, struct gift_card *card, char pin[GIFT_PIN_DIGITS + 1], struct error *err)
{
    unsigned char random[CODE_RANDOM_BYTES];
    char *hash = arena_alloc(cli->arena, PASSWORD_HASH_SIZE), key[CODE_KEY_MAX + 1];
    bool made = false;
    uint32_t number;

    for (int try = 0; try < MAKE_TRIES && !made; try++) {
        secret_random(random, sizeof random);
        made = code_make(&gift_pattern, random, key);
    }
    do
        secret_random(&number, sizeof number);
    while (number >= UINT32_MAX / PIN_MODULUS * PIN_MODULUS);
    snprintf(pin, GIFT_PIN_DIGITS + 1, "%06u", number % PIN_MODULUS);
    enum status status = password_hash(text_from(pin), hash, err);
    card->key = text_copy(cli->arena, text_from(key));
    card->pin_hash = text_from(hash);
    return status;
}

static int sell(struct cli *cli)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct sell_gift_card *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    char pin[GIFT_PIN_DIGITS + 1];
    struct error error = {0};
    enum status status = money_parse(text_from(cli->arguments[1]), programme_now(cli, &configuration)->exponent,
                                     &body->card.minor, &error);

    engine_configuration_release(cli->opened.engine, configuration);
    if (status == STATUS_OK)
        status = make_card(cli, &body->card, pin, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    body->active = true;
    body->card.expires_at = INSTANT_NEVER;
    body->card.paid_by = text_from(cli_value(cli, "paid-by"));
    body->context.store = text_from(cli_value(cli, "store"));
    *command = (struct command){.type = &sell_gift_card_type,
                                .body = body,
                                .day = DAY_NONE,
                                .bucket = gift_bucket(body->card.key),
                                .actor = TEXT("cli"),
                                .arena = cli->arena};
    command->counters[command->counter_count++] = gift_counter(cli->arena, body->card.key);
    status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status != STATUS_OK || command->status != STATUS_OK)
        return cli_fail(cli, status != STATUS_OK ? &error : &command->error);
    struct text shown = code_shown(cli->arena, &gift_pattern, body->card.key);
    printf("%.*s PIN %s\n", (int)shown.size, shown.bytes, pin);
    return EXIT_DONE;
}

/* The card of the first argument. */
static enum status find_card(struct cli *cli, struct gift_card *card, struct error *err)
{
    struct storage_session *session;
    struct text key;
    enum status status = code_key(cli->arena, text_from(cli->arguments[1]), &key, err);

    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = gift_card_read(session, cli->arena, key, card, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static int top_up(struct cli *cli)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int exponent = programme_now(cli, &configuration)->exponent;
    struct change_gift_card *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    char text[MONEY_TEXT_SIZE];
    struct gift_card card;
    struct error error = {0};
    enum status status = money_parse(text_from(cli->arguments[2]), exponent, &body->minor, &error);

    engine_configuration_release(cli->opened.engine, configuration);
    if (status == STATUS_OK)
        status = find_card(cli, &card, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    body->action = GIFT_TOP_UP;
    body->key = card.key;
    body->paid_by = text_from(cli_value(cli, "paid-by"));
    body->reason = text_from(cli_value(cli, "reason"));
    body->context.store = text_from(cli_value(cli, "store"));
    *command = (struct command){.type = &top_up_gift_card_type,
                                .body = body,
                                .events = {{.id = card.id, .claim = -1}},
                                .event_count = 1,
                                .day = DAY_NONE,
                                .bucket = gift_bucket(card.key),
                                .actor = TEXT("cli"),
                                .arena = cli->arena};
    command->counters[command->counter_count++] = gift_counter(cli->arena, card.key);
    status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status != STATUS_OK || command->status != STATUS_OK)
        return cli_fail(cli, status != STATUS_OK ? &error : &command->error);
    printf("%s left\n", money_format(body->result.balance, exponent, text));
    return EXIT_DONE;
}

static int history(struct cli *cli)
{
    static const struct output_column columns[] = {{"at", false},    {"what", false},    {"amount", true},
                                                   {"store", false}, {"paid_by", false}, {"reason", false}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int exponent = programme_now(cli, &configuration)->exponent;
    struct storage_session *session;
    struct gift_event *events = NULL;
    struct gift_card card;
    struct output output;
    struct error error = {0};
    size_t count = 0;
    enum status status = find_card(cli, &card, &error);

    engine_configuration_release(cli->opened.engine, configuration);
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = gift_history_read(session, cli->arena, card.id, &events, &count, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        char at[INSTANT_TEXT_SIZE], text[MONEY_TEXT_SIZE];
        const size_t begin = sizeof "gift_card_" - 1;
        const struct text fields[] = {text_copy(cli->arena, text_from(instant_format(events[i].at, at))),
                                      {events[i].kind.bytes + begin, events[i].kind.size - begin},
                                      text_copy(cli->arena, text_from(money_format(events[i].minor, exponent, text))),
                                      events[i].store,
                                      gift_fact(&events[i], "\"paid_by\":\""),
                                      gift_fact(&events[i], "\"reason\":\"")};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct {
        const char *word;
        int arguments;
        int (*run)(struct cli *cli);
    } words[] = {{"sell", 2, sell}, {"top-up", 3, top_up}, {"history", 2, history}, {"liability", 1, liability}};
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};
    size_t found = 0, count = sizeof words / sizeof words[0];

    while (found < count && (strcmp(words[found].word, what) != 0 || words[found].arguments != cli->argument_count))
        found++;
    if (found == count)
        return cli_usage(cli, "say what: sell AMOUNT, top-up CODE AMOUNT, history CODE, or liability");
    if (strcmp(what, "top-up") == 0 && cli_value(cli, "paid-by") == NULL)
        return cli_usage(cli, "say how it was paid: --paid-by cash, card ...");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return words[found].run(cli);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"store", "CODE", "of sell and top-up: where"},
    {"paid-by", "CODE", "of sell: cash, card ..., or why it is given; of top-up: cash, card ...; needed"},
    {"reason", "CODE", "of top-up: kept with it"},
    OPTION_FORMAT,
};

const struct subcommand gift_card_subcommand = {
    .name = "gift-card",
    .about = "gift cards: sell one, top one up, its history, what is owed on all",
    .usage = "gift-card sell AMOUNT | top-up CODE AMOUNT | history CODE | liability [options]",
    .example = "patron gift-card sell 50.00 --store SH1 --paid-by cash\npatron gift-card liability",
    .options = CLI_OPTIONS(options),
    .run = run,
};

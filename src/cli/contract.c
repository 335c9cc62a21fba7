/* contract.c: `patron contract`: long-term contracts, their progress, renewal and end. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/contracts/contracts_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"
#include "foundation/money.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 1000 };

/* What the output needs: times, days and amounts as the programme has them. */
struct showing {
    struct cli *cli;
    const struct zone *zone;
    char currency[CURRENCY_SIZE];
    int exponent;
    int64_t now;
};

static struct showing showing_of(struct cli *cli)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct showing showing = {.cli = cli, .now = clock_now(engine_clock(cli->opened.engine))};
    const struct programme *programme = programme_at(configuration.programmes, showing.now);

    struct error error;
    /* The programme's goes with its configuration; it was loaded there by this name. */
    enum status status = zone_load(cli->arena, text_from(zone_name(programme->zone)), &showing.zone, &error);
    assert(status == STATUS_OK);
    memcpy(showing.currency, programme->currency, CURRENCY_SIZE);
    showing.exponent = programme->exponent;
    engine_configuration_release(cli->opened.engine, configuration);
    return showing;
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

static struct text day_text(struct cli *cli, int32_t day)
{
    char text[DAY_TEXT_SIZE];

    return day == DAY_NONE ? TEXT("") : text_from(arena_format(cli->arena, "%s", day_format(day, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static struct text amount_text(const struct showing *showing, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];

    return text_from(arena_format(showing->cli->arena, "%s", money_format(minor, showing->exponent, text)));
}

static struct text quantity_text(const struct showing *showing, const struct contract *contract, int64_t value)
{
    if (contract->metric == CONTRACT_TERM)
        return TEXT("");
    return contract->metric == CONTRACT_SPEND ? amount_text(showing, value) : number_text(showing->cli, value);
}

static void advance(const struct showing *showing, struct contract *contract)
{
    const struct contract_clock clock = {showing->cli->arena, showing->zone, showing->now};

    contract_advance(&clock, contract);
}

/* ---- list ---- */

static const struct output_column list_columns[] = {
    {"code", false},    {"name", false},   {"member", false},           {"state", false},
    {"from", false},    {"until", false},  {"metric", false},           {"commitment", true},
    {"achieved", true}, {"percent", true}, {"projected_percent", true}, {"discount", true}};

static void add_row(const struct showing *showing, struct output *output, struct contract *contract)
{
    struct cli *cli = showing->cli;
    int32_t today = zone_day(showing->zone, showing->now);

    advance(showing, contract);
    const struct contract_period *period = contract_current(contract);
    const struct contract_terms *terms = contract_terms_on(contract, today);
    int64_t achieved = contract_achieved(contract, period);
    const struct text fields[] = {
        contract->code,
        contract->name,
        id_text(cli, "mbr", contract->member),
        text_from(contract_state(contract, today)),
        day_text(cli, period->from_day),
        day_text(cli, contract_period_end(period)),
        text_from(contract_metrics[contract->metric]),
        quantity_text(showing, contract, period->commitment),
        quantity_text(showing, contract, achieved),
        number_text(cli, contract_percent(achieved, period->commitment)),
        number_text(cli, contract_percent(contract_projected(contract, period, today), period->commitment)),
        text_from(arena_format(cli->arena, "%.2f", (double)(terms != NULL ? terms->discount : 0) / CONTRACT_PERCENT))};
    output_row(output, fields);
}

static int list(struct cli *cli)
{
    const struct showing showing = showing_of(cli);
    const char *before = cli_value(cli, "ending-before"), *word = cli_value(cli, "member");
    struct contract_page page = {.state = cli_value(cli, "state"),
                                 .today = zone_day(showing.zone, showing.now),
                                 .ending_before = DAY_NONE,
                                 .after_day = INT32_MIN};
    struct storage_session *session;
    struct contract *found = NULL;
    struct output output;
    struct error error = {0};
    int64_t limit = LIST_LIMIT;
    size_t count = 0;

    if (!cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &limit) ||
        !output_start(&output, cli, list_columns, sizeof list_columns / sizeof list_columns[0]))
        return EXIT_USAGE;
    if (before != NULL && !day_parse(text_from(before), &page.ending_before))
        return cli_usage(cli, "--ending-before is a day such as 2026-11-22");
    if (page.state != NULL && strcmp(page.state, "planned") != 0 && strcmp(page.state, "running") != 0 &&
        strcmp(page.state, "ended") != 0)
        return cli_usage(cli, "--state is planned, running or ended");
    page.limit = (size_t)limit;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (word != NULL)
        status = cli_member(cli, session, word, &page.member, &error);
    if (status == STATUS_OK)
        status = contracts_list(session, cli->arena, &page, &found, &count, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++)
        add_row(&showing, &output, &found[i]);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- one ---- */

static enum status find(struct cli *cli, const char *word, struct contract *out, struct error *err)
{
    struct storage_session *session;
    int64_t id = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = contract_find(session, text_from(word), &id, err);
    if (status == STATUS_OK)
        status = contract_read(session, cli->arena, id, out, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static int print_contract(const struct showing *showing, struct contract *contract)
{
    struct output output;

    if (!output_start(&output, showing->cli, list_columns, sizeof list_columns / sizeof list_columns[0]))
        return EXIT_USAGE;
    add_row(showing, &output, contract);
    output_object_end(&output);
    return EXIT_DONE;
}

static int print_periods(const struct showing *showing, struct contract *contract)
{
    static const struct output_column columns[] = {{"period", true},     {"from", false},   {"until", false},
                                                   {"commitment", true}, {"carried", true}, {"achieved", true},
                                                   {"percent", true},    {"due", true},     {"closed", false}};
    struct cli *cli = showing->cli;
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    advance(showing, contract);
    for (size_t i = 0; i < contract->period_count; i++) {
        const struct contract_period *period = &contract->periods[i];
        int64_t achieved = contract_achieved(contract, period);
        const struct text fields[] = {number_text(cli, period->number),
                                      day_text(cli, period->from_day),
                                      day_text(cli, contract_period_end(period)),
                                      quantity_text(showing, contract, period->commitment),
                                      quantity_text(showing, contract, period->carried),
                                      quantity_text(showing, contract, achieved),
                                      number_text(cli, contract_percent(achieved, period->commitment)),
                                      amount_text(showing, period->due),
                                      period->closed_at != 0 ? TEXT("yes") : TEXT("no")};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int print_history(const struct showing *showing, struct contract *contract)
{
    static const struct output_column columns[] = {{"at", false},    {"what", false}, {"period", true}, {"day", false},
                                                   {"amount", true}, {"by", false},   {"reason", false}};
    struct cli *cli = showing->cli;
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    advance(showing, contract);
    for (size_t i = 0; i < contract->loaded_count; i++) {
        const struct contract_change *change = &contract->changes[i];
        char at[INSTANT_TEXT_SIZE];
        const struct text fields[] = {text_from(arena_format(cli->arena, "%s", instant_format(change->at, at))),
                                      change->what,
                                      change->period != 0 ? number_text(cli, change->period) : TEXT(""),
                                      day_text(cli, change->day),
                                      change->amount != 0 ? amount_text(showing, change->amount) : TEXT(""),
                                      change->actor,
                                      change->reason};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int show(struct cli *cli)
{
    const struct showing showing = showing_of(cli);
    struct contract contract;
    struct error error = {0};

    if (find(cli, cli->arguments[1], &contract, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return cli_flag(cli, "periods")   ? print_periods(&showing, &contract)
           : cli_flag(cli, "history") ? print_history(&showing, &contract)
                                      : print_contract(&showing, &contract);
}

/* ---- changes ---- */

static int run_command(struct cli *cli, struct command *command)
{
    const struct showing showing = showing_of(cli);
    struct change_contract *body = command->body;
    struct error error = {0};

    command->actor = TEXT("cli");
    body->by = TEXT("cli");
    body->reason = text_from(cli_value(cli, "reason"));
    enum status status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        error = command->error;
        status = command->status;
    }
    return status == STATUS_OK ? print_contract(&showing, &body->result) : cli_fail(cli, &error);
}

static int renew(struct cli *cli)
{
    const struct showing showing = showing_of(cli);
    const char *amount = cli_value(cli, "commitment");
    struct contract contract;
    struct error error = {0};
    int64_t months = 0;

    if (!cli_integer(cli, "months", 1, CONTRACT_MONTHS_MAX, &months))
        return EXIT_USAGE;
    if (find(cli, cli->arguments[1], &contract, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct command *command = change_contract_command(cli->arena, &contract, CONTRACT_RENEW);
    struct change_contract *body = command->body;
    body->months = months;
    body->spend_given = contract.metric == CONTRACT_SPEND;
    int decimals = body->spend_given ? showing.exponent : 0;
    if (amount != NULL && (money_parse(text_from(amount), decimals, &body->commitment, &error) != STATUS_OK ||
                           body->commitment <= 0 || body->commitment > CONTRACT_COMMITMENT_MAX))
        return cli_usage(cli, "--commitment is an amount above 0, or a number of purchases or nights");
    return run_command(cli, command);
}

static int end(struct cli *cli)
{
    const char *on = cli_value(cli, "on");
    struct contract contract;
    struct error error = {0};

    if (cli_value(cli, "reason") == NULL)
        return cli_usage(cli, "say why: --reason TEXT");
    if (find(cli, cli->arguments[1], &contract, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct command *command = change_contract_command(cli->arena, &contract, CONTRACT_END);
    struct change_contract *body = command->body;
    if (on != NULL && !day_parse(text_from(on), &body->end_day))
        return cli_usage(cli, "--on is a day such as 2026-11-22");
    body->without_notice = cli_flag(cli, "without-notice");
    return run_command(cli, command);
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};
    bool lists = cli->argument_count == 1 && strcmp(what, "list") == 0, two = cli->argument_count == 2;
    bool shows = two && strcmp(what, "show") == 0, renews = two && strcmp(what, "renew") == 0;

    if (!lists && !shows && !renews && !(two && strcmp(what, "end") == 0))
        return cli_usage(cli, "say what: list, or show, renew, end CONTRACT");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return lists ? list(cli) : shows ? show(cli) : renews ? renew(cli) : end(cli);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"state", "STATE", "of list: planned, running or ended"},
    {"member", "MEMBER", "of list: of this person or organisation, mbr_..., card: ..."},
    {"ending-before", "DAY", "of list: whose period is over before that day"},
    {"limit", "N", "of list: how many at most; default 50"},
    {"periods", NULL, "of show: its periods"},
    {"history", NULL, "of show: what was agreed, changed, closed and settled"},
    {"months", "N", "of renew: of the next period; default as this one"},
    {"commitment", "AMOUNT", "of renew: from then on; default as before"},
    {"on", "DAY", "of end: the first day without it; default the end of the period, if notice is in time"},
    {"without-notice", NULL, "of end, with --on: from today on"},
    {"reason", "TEXT", "of renew and end: why"},
    OPTION_FORMAT,
};

const struct subcommand contract_subcommand = {
    .name = "contract",
    .about = "long-term contracts: commitment, progress, renewal, end",
    .usage = "contract list | show|renew|end CONTRACT [options]",
    .example = "patron contract list --state running --ending-before 2027-04-01\n"
               "patron contract show ACME-26 --periods\n"
               "patron contract renew ACME-26 --commitment 12000\n"
               "patron contract end ACME-26 --reason \"moved away\"",
    .options = CLI_OPTIONS(options),
    .run = run,
};

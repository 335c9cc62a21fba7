/* partner.c: `patron partner`: the partners, and what they and the programme owe each other. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/partners/statement_view_api.h"
#include "foundation/clock.h"

/* ---- the partners ---- */

static struct text rate_text(struct cli *cli, const struct partner *partner, int64_t rate)
{
    return text_from(arena_format(cli->arena, "%s %s", partner_rate_text(cli->arena, rate), partner->currency));
}

static struct text earn_text(struct cli *cli, const struct partner *partner)
{
    const struct partner_earning *earn = &partner->earn;
    char per[MONEY_TEXT_SIZE];

    if (earn->wallet.size == 0)
        return TEXT("");
    if (earn->per == 0)
        return text_from(arena_format(cli->arena, "%lld", (long long)earn->points));
    return text_from(arena_format(cli->arena, "%lld per %s", (long long)earn->points,
                                  money_format(earn->per, partner->exponent, per)));
}

static struct text redeem_text(struct cli *cli, const struct partner *partner)
{
    char worth[MONEY_TEXT_SIZE];

    if (partner->redeem.wallet.size == 0)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%lld for %s", (long long)partner->redeem.points,
                                  money_format(partner->redeem.minor, partner->exponent, worth)));
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"code", false},    {"name", false},      {"state", false},        {"earns", false},
        {"redeems", false}, {"claim_days", true}, {"pays_a_point", false}, {"gets_a_point", false}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct definition_list *partners = definitions_of(configuration.programmes, &partner_kind);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0])) {
        engine_configuration_release(cli->opened.engine, configuration);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < partners->count; i++) {
        const struct partner *partner = partners->items[i].parsed;
        if (!definition_in_force(&partners->items[i], now))
            continue;
        const struct text fields[] = {partner->code,
                                      partner->name,
                                      partner->suspended ? TEXT("suspended") : TEXT("open"),
                                      earn_text(cli, partner),
                                      redeem_text(cli, partner),
                                      text_from(arena_format(cli->arena, "%d", partner->claim_days)),
                                      rate_text(cli, partner, partner->rate_issued),
                                      rate_text(cli, partner, partner->rate_redeemed)};
        output_row(&output, fields);
    }
    output_end(&output);
    engine_configuration_release(cli->opened.engine, configuration);
    return EXIT_DONE;
}

/* ---- statements ---- */

static enum status read_range(struct cli *cli, struct statement_view *view, struct error *err)
{
    struct finance_range *range = &view->range;
    int32_t last = finance_view_this_month(&view->finance) - 1;
    enum status status = finance_month_read(text_from(cli_value(cli, "to")), last, "to", &range->to, err);

    if (status == STATUS_OK)
        status = finance_month_read(text_from(cli_value(cli, "from")), range->to, "from", &range->from, err);
    if (status == STATUS_OK && (range->from > range->to || range->to - range->from >= STATEMENT_MONTHS_MAX))
        status = error_set(err, STATUS_INVALID, "finance.month", "from", "the period has 1 to %d months",
                           STATEMENT_MONTHS_MAX);
    return status;
}

/* By the end of the name of --out, or --format: CSV, XLSX or JSON Lines. */
static struct table_options table_of(const struct cli *cli)
{
    const char *path = cli_value(cli, "out"), *format = cli_value(cli, "format");
    size_t size = path != NULL ? strlen(path) : 0;
    bool sheet = size > 5 && strcmp(path + size - 5, ".xlsx") == 0;
    bool json = format != NULL && strcmp(format, "json") == 0;

    return (struct table_options){.format = sheet  ? TABLE_XLSX
                                            : json ? TABLE_JSON
                                                   : TABLE_CSV,
                                  .path = path != NULL ? path : "-"};
}

static enum status print_statements(struct statement_view *view, const struct table_options *options, struct error *err)
{
    struct partner_statements statements;
    enum status status = partner_statements_read(view, &statements, err);

    return status == STATUS_OK ? partner_statements_write(view, &statements, options, err) : status;
}

static enum status print_view(struct cli *cli, struct statement_view *view,
                              enum status (*print)(struct statement_view *view, const struct table_options *options,
                                                   struct error *err),
                              struct error *err)
{
    struct engine *engine = cli->opened.engine;
    const struct table_options options = table_of(cli);
    enum status status = engine_read_begin(engine, &view->finance.session, err);

    if (status != STATUS_OK)
        return status;
    status = finance_view_open(&view->finance, err);
    if (status == STATUS_OK)
        status = read_range(cli, view, err);
    if (status == STATUS_OK)
        status = print(view, &options, err);
    engine_read_end(engine, view->finance.session);
    return status;
}

static int show(struct cli *cli, enum status (*print)(struct statement_view *view, const struct table_options *options,
                                                      struct error *err))
{
    struct engine *engine = cli->opened.engine;
    struct error error = {0};
    enum status status = finance_catch_up(engine, NULL, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(engine);
    struct statement_view view = {.finance = {.arena = cli->arena,
                                              .programmes = configuration.programmes,
                                              .now = clock_now(engine_clock(engine))},
                                  .partner = text_from(cli->argument_count > 1 ? cli->arguments[1] : NULL)};
    status = print_view(cli, &view, print, &error);
    engine_configuration_release(engine, configuration);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

/* ---- payments ---- */

static enum status read_payment(struct cli *cli, struct statement_view *view, struct partner_payment *body,
                                struct error *err)
{
    const char *amount = cli_value(cli, "amount");
    enum status status = finance_view_open(&view->finance, err);

    if (status == STATUS_OK)
        status = partner_payment_read(view, amount != NULL, body, err);
    if (status != STATUS_OK || amount == NULL)
        return status;
    return money_parse(text_from(amount), currency_exponent(text_from(body->currency)), &body->minor, err);
}

static enum status pay(struct cli *cli, struct partner_payment *body, struct error *err)
{
    struct engine *engine = cli->opened.engine;
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    enum status status = finance_catch_up(engine, NULL, err);

    if (status != STATUS_OK)
        return status;
    struct configuration configuration = engine_configuration(engine);
    struct statement_view view = {.finance = {.arena = cli->arena,
                                              .programmes = configuration.programmes,
                                              .now = clock_now(engine_clock(engine))}};
    status = engine_read_begin(engine, &view.finance.session, err);
    if (status == STATUS_OK) {
        status = read_payment(cli, &view, body, err);
        engine_read_end(engine, view.finance.session);
    }
    engine_configuration_release(engine, configuration);
    if (status != STATUS_OK)
        return status;
    *command = (struct command){
        .type = &partner_payment_type, .body = body, .day = DAY_NONE, .actor = TEXT("cli"), .arena = cli->arena};
    partner_payment_name(command);
    status = engine_run(engine, &command, 1, err);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status;
}

static int payment(struct cli *cli)
{
    struct partner_payment body = {.partner = text_from(cli->arguments[1]),
                                   .reference = text_from(cli_value(cli, "reference"))};
    char paid[MONEY_TEXT_SIZE], left[MONEY_TEXT_SIZE];
    struct error error = {0};

    if (!month_parse(text_from(cli_value(cli, "month")), &body.month) || body.reference.size == 0)
        return cli_usage(cli, "payment PARTNER --month MONTH --reference TEXT [--amount AMOUNT]");
    if (pay(cli, &body, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    int exponent = currency_exponent(text_from(body.currency));
    printf("%s %s paid, %s outstanding\n", money_format(body.minor, exponent, paid), body.currency,
           money_format(body.net - body.paid, exponent, left));
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool lists = strcmp(what, "list") == 0 && cli->argument_count == 1;
    bool states = strcmp(what, "statement") == 0 && cli->argument_count <= 2;
    bool details = strcmp(what, "transactions") == 0 && cli->argument_count == 2;
    bool pays = strcmp(what, "payment") == 0 && cli->argument_count == 2;
    struct error error = {0};

    if (!lists && !states && !details && !pays)
        return cli_usage(cli, "say what: list, statement [PARTNER], transactions PARTNER, or payment PARTNER");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (pays)
        return payment(cli);
    return lists ? list(cli) : show(cli, states ? print_statements : partner_transactions_write);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"from", "MONTH", "of statement: the first month, such as 2026-09; default: --to"},
    {"to", "MONTH", "the last month, of transactions the one; default: the last that is over"},
    {"month", "MONTH", "of payment: that of the statement"},
    {"reference", "TEXT", "of payment: the transfer; each counts once"},
    {"amount", "AMOUNT", "of payment: below 0 to the partner; default: all that is outstanding"},
    {"out", "FILE", "of statement and transactions: into this file, .csv or .xlsx; default: CSV on standard output"},
    {"format", "FORMAT", "of list: table, json or csv; of the others: csv or json"},
};

const struct subcommand partner_subcommand = {
    .name = "partner",
    .about = "partners at whose tills members earn and redeem, and what is owed for it",
    .usage = "partner list | statement [PARTNER] | transactions PARTNER | payment PARTNER [options]",
    .example = "patron partner list\npatron partner statement acme --from 2026-07 --to 2026-09\n"
               "patron partner transactions acme --to 2026-09 --out receipts.csv\n"
               "patron partner statement --to 2026-09 --out september.xlsx\n"
               "patron partner payment acme --month 2026-09 --reference 4711",
    .options = CLI_OPTIONS(options),
    .run = run,
};

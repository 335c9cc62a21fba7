#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/receivables/owed_view_api.h"
#include "foundation/encoding.h"

/* What of finance a call is about. */
struct request {
    struct cli *cli;
    struct finance_view view;
    struct finance_range range;
    struct configuration configuration;
    struct error error;
};

static struct text number_text(struct cli *cli, int64_t value)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)value));
}

static struct text month_text(struct cli *cli, int32_t month)
{
    char text[MONTH_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", month_format(month, text)));
}

static struct text money_text(struct cli *cli, const struct finance_rates *rates, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];
    int exponent = currency_exponent(text_from(rates->currency));

    return text_from(arena_format(cli->arena, "%s %s", money_format(minor, exponent, text), rates->currency));
}

static struct text value_text_of(struct cli *cli, const struct finance_rates *rates, struct text wallet, int64_t points)
{
    return finance_has_value(rates, wallet) ? money_text(cli, rates, finance_value(rates, wallet, points)) : TEXT("");
}

/* ---- opening ---- */

static enum status read_range(struct request *request, int32_t usual_months, int32_t usual_to)
{
    struct cli *cli = request->cli;
    struct error *err = &request->error;
    enum status status = finance_month_read(text_from(cli_value(cli, "to")), usual_to, "to", &request->range.to, err);

    if (status == STATUS_OK)
        status = finance_month_read(text_from(cli_value(cli, "from")), request->range.to - usual_months + 1, "from",
                                    &request->range.from, err);
    if (status == STATUS_OK && request->range.from > request->range.to)
        status = error_set(err, STATUS_INVALID, "finance.month", "from", "--from comes before --to");
    return status;
}

/* Catches up, and opens the view; ended by end_request. */
static enum status start_request(struct cli *cli, struct request *request)
{
    struct engine *engine = cli->opened.engine;
    struct error *err = &request->error;

    request->cli = cli;
    enum status status = finance_catch_up(engine, NULL, err);
    if (status != STATUS_OK)
        return status;
    request->configuration = engine_configuration(engine);
    request->view = (struct finance_view){.arena = cli->arena,
                                          .programmes = request->configuration.programmes,
                                          .now = clock_now(engine_clock(engine)),
                                          .wallet = text_from(cli_value(cli, "wallet")),
                                          .entity = text_from(cli_value(cli, "entity"))};
    status = engine_read_begin(engine, &request->view.session, err);
    return status == STATUS_OK ? finance_view_open(&request->view, err) : status;
}

static int end_request(struct request *request, enum status status)
{
    struct engine *engine = request->cli->opened.engine;

    if (request->view.session != NULL)
        engine_read_end(engine, request->view.session);
    if (request->configuration.handle != NULL)
        engine_configuration_release(engine, request->configuration);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(request->cli, &request->error);
}

/* ---- months ---- */

static struct text late_text(struct cli *cli, const struct finance_line *line)
{
    struct builder out = {.arena = cli->arena};
    char month[MONTH_TEXT_SIZE];

    for (size_t i = 0; i < line->late_count; i++)
        builder_format(&out, "%slate for %s: %lld", i > 0 ? "; " : "", month_format(line->late[i].month, month),
                       (long long)line->late[i].points);
    return builder_done(&out);
}

enum { LINE_COLUMNS = 18 };

static void print_line(struct request *request, struct output *output, const struct finance_line *line)
{
    struct cli *cli = request->cli;
    const struct finance_rates *rates = finance_view_rates(&request->view, line->month);
    struct text fields[LINE_COLUMNS] = {month_text(cli, line->month),
                                        finance_view_is_closed(&request->view, line->month) ? TEXT("closed")
                                                                                            : TEXT("open"),
                                        line->entity, line->wallet, number_text(cli, line->opening)};

    for (int entry = 1; entry < FINANCE_ENTRY_COUNT; entry++)
        fields[4 + entry] = number_text(cli, line->entries[entry]);
    fields[15] = number_text(cli, line->closing);
    fields[16] = value_text_of(cli, rates, line->wallet, line->closing);
    fields[17] = late_text(cli, line);
    output_row(output, fields);
}

static int months(struct cli *cli)
{
    static const struct output_column columns[LINE_COLUMNS] = {
        {"month", false},         {"state", false},      {"entity", false},  {"wallet", false},
        {"opening", true},        {"issued", true},      {"redeemed", true}, {"expired", true},
        {"clawed_back", true},    {"written_off", true}, {"adjusted", true}, {"taken_over", true},
        {"transferred", true},    {"paid_in", true},     {"paid_out", true}, {"closing", true},
        {"closing_value", false}, {"late", false}};
    struct request request = {.cli = cli};
    struct finance_lines lines = {NULL, 0};
    struct output output;

    if (!output_start(&output, cli, columns, LINE_COLUMNS))
        return EXIT_USAGE;
    enum status status = start_request(cli, &request);
    if (status == STATUS_OK)
        status = read_range(&request, 13, finance_view_this_month(&request.view));
    if (status == STATUS_OK)
        status = finance_view_lines(&request.view, &request.range, &lines, &request.error);
    for (size_t i = 0; status == STATUS_OK && i < lines.count; i++)
        print_line(&request, &output, &lines.items[i]);
    if (status == STATUS_OK)
        output_end(&output);
    return end_request(&request, status);
}

static int close_month(struct cli *cli)
{
    struct request request = {.cli = cli};
    struct finance_close close;
    char digest[DIGEST_SIZE * 2 + 1];
    int32_t month;

    if (!month_parse(text_from(cli->arguments[1]), &month))
        return cli_usage(cli, "close MONTH, such as 2026-09");
    enum status status = start_request(cli, &request);
    const struct finance_closing closing = {.month = month,
                                            .actor = TEXT("cli"),
                                            .now = request.view.now,
                                            .programmes = request.view.programmes,
                                            .agreed = request.view.settings.agreed,
                                            .agreed_count = request.view.settings.agreed_count,
                                            .note = finance_close_note};
    if (status == STATUS_OK)
        status = finance_close_month(cli->opened.engine, cli->arena, &closing, &close, &request.error);
    if (status == STATUS_OK)
        printf("%s is closed: %s\n", cli->arguments[1], hex_encode(close.digest, DIGEST_SIZE, digest));
    return end_request(&request, status);
}

/* ---- vintages ---- */

static void print_vintage(struct cli *cli, struct output *output, const struct finance_vintage *vintage, bool estimated)
{
    const struct text fields[] = {month_text(cli, vintage->month),
                                  number_text(cli, vintage->issued),
                                  number_text(cli, vintage->redeemed),
                                  number_text(cli, vintage->expired),
                                  number_text(cli, vintage->outstanding),
                                  number_text(cli, llround(vintage->expected)),
                                  estimated ? text_from(arena_format(cli->arena, "%.4f", vintage->developed))
                                            : TEXT(""),
                                  !estimated         ? TEXT("none")
                                  : vintage->by_rate ? TEXT("cape_cod")
                                                     : TEXT("chain_ladder")};

    output_row(output, fields);
}

static int vintages(struct cli *cli)
{
    static const struct output_column columns[] = {{"issued_in", false}, {"issued", true},      {"redeemed", true},
                                                   {"expired", true},    {"outstanding", true}, {"expected", true},
                                                   {"developed", true},  {"method", false}};
    struct request request = {.cli = cli};
    struct finance_vintages found;
    struct output output;
    int32_t month;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = start_request(cli, &request);
    if (status != STATUS_OK)
        return end_request(&request, status);
    const struct programme *programme = programme_at(request.view.programmes, request.view.now);
    if (request.view.wallet.size == 0 && programme->wallet_count > 0)
        request.view.wallet = programme->wallets[0].code;
    status = finance_month_read(text_from(cli_value(cli, "to")), finance_view_this_month(&request.view) - 1, "to",
                                &month, &request.error);
    if (status == STATUS_OK)
        status = finance_view_vintages(&request.view, month, &found, &request.error);
    if (status != STATUS_OK)
        return end_request(&request, status);
    for (size_t i = 0; i < found.breakage->count; i++)
        print_vintage(cli, &output, &found.breakage->vintages[i], found.breakage->enough);
    output_end(&output);
    if (output.format == OUTPUT_TABLE) {
        printf("\n%.*s\n", (int)found.breakage->sentence.size, found.breakage->sentence.bytes);
        if (finance_has_value(found.rates, request.view.wallet)) {
            struct text value = value_text_of(cli, found.rates, request.view.wallet, llround(found.breakage->expected));
            printf("Liability at the end of %s: %.*s.\n", month_text(cli, month).bytes, (int)value.size, value.bytes);
        }
    }
    return end_request(&request, status);
}

/* ---- settlements and entries ---- */

/* CSV, or XLSX by the end of the name; without --out CSV on standard output. */
static struct table_options table_of(const struct cli *cli)
{
    const char *path = cli_value(cli, "out");
    size_t size = path != NULL ? strlen(path) : 0;
    bool sheet = size > 5 && strcmp(path + size - 5, ".xlsx") == 0;

    return (struct table_options){.format = sheet ? TABLE_XLSX : TABLE_CSV, .path = path != NULL ? path : "-"};
}

static int settlements(struct cli *cli)
{
    const struct table_options options = table_of(cli);
    struct finance_settlements found;
    struct request request = {.cli = cli};
    enum status status = start_request(cli, &request);

    if (status == STATUS_OK)
        status = read_range(&request, 1, finance_view_this_month(&request.view) - 1);
    if (status == STATUS_OK)
        status = finance_view_settlements(&request.view, &request.range, &found, &request.error);
    if (status == STATUS_OK)
        status = finance_settlements_write(&request.view, &found, &options, &request.error);
    return end_request(&request, status);
}

static int journal(struct cli *cli)
{
    const struct table_options options = table_of(cli);
    struct finance_postings found;
    struct request request = {.cli = cli};
    enum status status = start_request(cli, &request);

    if (status == STATUS_OK)
        status = read_range(&request, 1, finance_view_this_month(&request.view) - 1);
    if (status == STATUS_OK)
        status = owed_view_postings(&request.view, &request.range, &found, &request.error);
    if (status == STATUS_OK)
        status = finance_postings_write(&request.view, &found, &options, &request.error);
    return end_request(&request, status);
}

enum { OWED_COLUMNS = 5 + OWED_COUNT + 1 };

static void print_owed(struct request *request, struct output *output, const struct owed_line *line)
{
    struct cli *cli = request->cli;
    int exponent = currency_exponent(text_from(line->currency));
    const int64_t amounts[] = {line->opening, line->closing};
    char text[MONEY_TEXT_SIZE];
    struct text fields[OWED_COLUMNS] = {month_text(cli, line->month),
                                        finance_view_is_closed(&request->view, line->month) ? TEXT("closed")
                                                                                            : TEXT("open"),
                                        line->debtor, text_from(line->currency)};

    for (int i = 0; i < OWED_COUNT + 2; i++) {
        int64_t minor = i == 0 ? amounts[0] : i == OWED_COUNT + 1 ? amounts[1] : line->amounts[i - 1];
        fields[4 + i] = text_from(arena_format(cli->arena, "%s", money_format(minor, exponent, text)));
    }
    output_row(output, fields);
}

static int receivables(struct cli *cli)
{
    static const struct output_column columns[OWED_COLUMNS] = {
        {"month", false}, {"state", false},   {"debtor", false}, {"currency", false}, {"opening", true},
        {"issued", true}, {"redeemed", true}, {"rewards", true}, {"fulfilled", true}, {"due", true},
        {"waived", true}, {"paid", true},     {"closing", true}};
    struct request request = {.cli = cli};
    struct owed_lines lines = {.count = 0};
    struct output output;

    if (!output_start(&output, cli, columns, OWED_COLUMNS))
        return EXIT_USAGE;
    enum status status = start_request(cli, &request);
    if (status == STATUS_OK)
        status = read_range(&request, 13, finance_view_this_month(&request.view));
    if (status == STATUS_OK)
        status = owed_view_lines(&request.view, &request.range, &lines, &request.error);
    for (size_t i = 0; status == STATUS_OK && i < lines.count; i++)
        print_owed(&request, &output, &lines.items[i]);
    if (status == STATUS_OK)
        output_end(&output);
    return end_request(&request, status);
}

static void show_progress(void *context, int buckets_done)
{
    (void)context;
    if (cli_shows_progress())
        cli_progress(buckets_done, BUCKET_COUNT, buckets_done, "parts");
}

static int verify(struct cli *cli)
{
    const struct finance_verifying verifying = {.engine = cli->opened.engine, .progress = show_progress};
    struct finance_check check;
    struct error error = {0};
    enum status status = finance_catch_up(cli->opened.engine, NULL, &error);

    if (status == STATUS_OK)
        status = finance_verify(&verifying, &check, &error);
    if (cli_shows_progress())
        cli_progress(-1, 0, 0, "parts");
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (!check.clean) {
        printf("disagrees: %s\n", check.what);
        return EXIT_FAILED;
    }
    printf("everything agrees: %lld movements, %lld figures, %lld closed months\n", (long long)check.movements,
           (long long)check.sums, (long long)check.months);
    return EXIT_DONE;
}

static const struct {
    const char *name;
    int arguments;
    int (*run)(struct cli *cli);
} actions[] = {{"months", 1, months},     {"close", 2, close_month},
               {"vintages", 1, vintages}, {"settlements", 1, settlements},
               {"journal", 1, journal},   {"receivables", 1, receivables},
               {"verify", 1, verify}};

static int run(struct cli *cli)
{
    struct error error = {0};

    for (size_t i = 0; cli->argument_count > 0 && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(cli->arguments[0], actions[i].name) != 0)
            continue;
        if (cli->argument_count != actions[i].arguments)
            break;
        if (cli_open(cli, false, &error) != STATUS_OK)
            return cli_fail(cli, &error);
        return actions[i].run(cli);
    }
    return cli_usage(cli, "say what: months, close MONTH, vintages, settlements, receivables, journal or verify");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"from", "MONTH", "the first month, such as 2026-09"},
    {"to", "MONTH", "the last month; default: the last that is over, of months and receivables this one"},
    {"entity", "CODE", "one legal entity alone; of receivables a debtor: partner:CODE or contracts"},
    {"wallet", "CODE", "one points account alone"},
    {"out", "FILE", "settlements and journal: into this file, .csv or .xlsx; default: CSV on standard output"},
    OPTION_FORMAT,
};

const struct subcommand finance_subcommand = {
    .name = "finance",
    .about = "months that close, what entities owe each other, breakage, entries for the accounts",
    .usage = "finance months | close MONTH | vintages | settlements | receivables | journal | verify [options]",
    .example = "patron finance months --from 2026-07\npatron finance close 2026-09\n"
               "patron finance settlements --from 2026-09 --to 2026-09 --out september.xlsx\n"
               "patron finance journal --to 2026-09 --out journal.csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};

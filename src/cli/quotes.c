/* quotes.c: `patron quotes`: quotes that are open, and what they reserve. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/subcommand.h"
#include "features/offers/quotes_store.h"
#include "foundation/id.h"
#include "foundation/money.h"

enum { QUOTES_SHOWN = 1000 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    OPTION_FORMAT,
    {"state", "STATE", "open (default), settled, released or lapsed"},
    {"reserved", NULL, "only those that reserve something"},
};

/* Codes of its limited offers, its coupons and the points on hold. */
static struct text reserves(struct cli *cli, const struct quoted *quoted)
{
    struct builder out = {.arena = cli->arena};

    for (size_t i = 0; i < quoted->offer_count && quoted->reserved; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        const struct quoted free = {.reserved = false};
        if (quoted_offer_guaranteed(&free, offer))
            continue;
        builder_string(&out, out.size > 0 ? " " : "");
        builder_text(&out, offer->code);
        if (offer->key.size > 0) {
            builder_string(&out, " ");
            builder_text(&out, offer->shown);
        }
    }
    if (quoted->hold != 0)
        builder_format(&out, "%s%lld %.*s", out.size > 0 ? " " : "", (long long)quoted->points,
                       (int)quoted->wallet.size, quoted->wallet.bytes);
    return builder_done(&out);
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return id == 0 ? (struct text){NULL, 0} : text_copy(cli->arena, text_from(id_format(prefix, id, text)));
}

static enum status print(struct cli *cli, struct output *output, const struct quote_row *row, struct error *err)
{
    char until[INSTANT_TEXT_SIZE], total[MONEY_TEXT_SIZE];
    struct quoted quoted;
    enum status status = quote_read(cli->arena, row->document, &quoted, err);

    if (status != STATUS_OK)
        return status;
    const struct text fields[] = {
        id_text(cli, "quo", row->id),
        id_text(cli, "mbr", row->member),
        text_from(quote_state_name((enum quote_state)row->state)),
        text_copy(cli->arena, text_from(instant_format(row->due_at, until))),
        text_copy(cli->arena,
                  text_from(money_format(quoted.total, currency_exponent(text_from(quoted.currency)), total))),
        quoted.reserved ? TEXT("yes") : TEXT("no"),
        reserves(cli, &quoted)};
    output_row(output, fields);
    return STATUS_OK;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", false},      {"member", false}, {"state", false},
                                                   {"until", false},   {"total", true},   {"reserved", false},
                                                   {"reserves", false}};
    const char *state = cli_value(cli, "state");
    struct quote_listing listing = {
        .state = QUOTE_OPEN, .reserved = cli_flag(cli, "reserved"), .after_due = INT64_MIN, .limit = QUOTES_SHOWN};
    struct storage_session *session;
    struct error error = {0};
    struct output output;

    if (cli->argument_count != 0)
        return cli_usage(cli, "there is nothing to name");
    while (state != NULL && strcmp(state, quote_state_name(listing.state)) != 0)
        if (listing.state++ == QUOTE_LAPSED)
            return cli_usage(cli, "a state is open, settled, released or lapsed");
    enum status status = cli_open(cli, false, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK) {
        status = quotes_listed(session, cli->arena, &listing, &error);
        engine_read_end(cli->opened.engine, session);
    }
    for (size_t i = 0; i < listing.count && status == STATUS_OK; i++)
        status = print(cli, &output, &listing.items[i], &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

const struct subcommand quotes_subcommand = {
    .name = "quotes",
    .about = "quotes that are open, and what they reserve",
    .usage = "quotes [--state STATE] [--reserved] [options]",
    .example = "patron quotes --reserved",
    .options = CLI_OPTIONS(options),
    .run = run,
};

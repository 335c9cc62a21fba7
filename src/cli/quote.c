#include <stdio.h>

#include "cli/member.h"
#include "cli/programme.h"
#include "cli/subcommand.h"
#include "features/coupons/coupons_store.h"
#include "features/quotes/quote_input_api.h"
#include "features/quotes/quote_view_api.h"
#include "features/quotes/quotes_api.h"
#include "features/quotes/simulate_api.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"member", "MEMBER", "whom it is for, mbr_..., phone:, card: ...; default nobody"},
    {"at", "TIME", "what it cost, or will cost, then; default now"},
    {"all", NULL, "and what it earns, with every rule, offer and benefit that does not apply, and why; now"},
};

/* Who asks, and for what. */
struct asking {
    struct cli *cli;
    const struct quoting *quoting;
    const struct quote_input *input;
};

static enum status find_person(const struct asking *asking, struct storage_session *session, struct quote_request *body,
                               struct person *out, struct error *err)
{
    struct cli *cli = asking->cli;
    const char *word = cli_value(cli, "member");
    int64_t member = 0;
    enum status status = word != NULL ? cli_member(cli, session, word, &member, err) : STATUS_OK;

    *out = (struct person){NULL, NULL, NULL};
    if (status == STATUS_OK)
        status = quote_buyer(asking->quoting, session, asking->input, &member, body, err);
    return status == STATUS_OK && member != 0 ? engine_view(cli->opened.engine, session, member, cli->arena, out, err)
                                              : status;
}

static enum status read_coupons(struct cli *cli, struct storage_session *session, const struct quoting *quoting,
                                struct quote_request *body, struct error *err)
{
    const struct json_list codes = quote_coupon_codes(quoting, body);
    const struct text *given = codes.items;

    body->coupons = arena_array(cli->arena, codes.count + 1, sizeof *body->coupons);
    for (size_t i = 0; i < codes.count; i++) {
        struct coupon_use use = {.given = given[i], .counter = -1};
        if (code_key(cli->arena, given[i], &use.key, err) == STATUS_OK)
            body->coupons[body->coupon_count++] = use;
    }
    body->parts |= CONDITION_PROFILE | CONDITION_SEGMENTS;
    return body->coupon_count == 0 ? STATUS_OK
                                   : coupons_read(session, cli->arena, body->coupons, body->coupon_count, err);
}

static enum status price(struct cli *cli, const struct quoting *quoting, const struct quote_input *input,
                         struct json_writer *writer, struct error *err)
{
    struct quote_request *body = arena_alloc(cli->arena, sizeof *body);
    struct storage_session *session;
    struct person person;
    enum status status = quote_open(quoting, input, body, err);

    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = find_person(&(struct asking){cli, quoting, input}, session, body, &person, err);
    if (status == STATUS_OK)
        status = read_coupons(cli, session, quoting, body, err);
    if (status == STATUS_OK)
        status = quote_complete(quoting, session, &person, body, err);
    if (status == STATUS_OK)
        status = quote_now(quoting, session, &person, body, err);
    if (status == STATUS_OK && cli_flag(cli, "all"))
        status = simulation_write(&(struct simulating){quoting, session, &person, body}, writer, err);
    else if (status == STATUS_OK)
        write_quote(writer, body);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static enum status print(struct cli *cli, const struct quoting *quoting, const struct quote_input *input,
                         struct error *err)
{
    struct json_writer writer;

    writer_start(&writer, cli->arena);
    writer_object(&writer, NULL);
    enum status status = price(cli, quoting, input, &writer, err);
    if (status != STATUS_OK)
        return status;
    writer_end(&writer);
    struct text text = writer_done(&writer);
    printf("%.*s\n", (int)text.size, text.bytes);
    return STATUS_OK;
}

static int run(struct cli *cli)
{
    struct quote_input input = {.next = true};
    struct error error = {0};
    struct text json;
    const char *at = cli_value(cli, "at");

    if (cli->argument_count != 1)
        return cli_usage(cli, "a file with a basket is wanted");
    enum status status = cli_read_file(cli, cli->arguments[0], FILE_BYTES_MAX, &json, &error);
    if (status == STATUS_OK)
        status = shape_read_text(cli->arena, &quote_input_shape, json, &input, &error);
    if (status == STATUS_OK && input.member != NULL)
        status = error_set(&error, STATUS_INVALID, "quote.member", "member", "--member names the member");
    if (status == STATUS_OK && at != NULL && !instant_parse(text_from(at), &input.at))
        return cli_usage(cli, "--at is a time such as 2026-11-22T09:00:00Z");
    if (status == STATUS_OK && at != NULL && cli_flag(cli, "all"))
        return cli_usage(cli, "--all tells of now");
    if (status == STATUS_OK)
        status = cli_open(cli, false, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct quoting quoting = {cli->arena, configuration.programmes, clock_now(engine_clock(cli->opened.engine))};
    if (cli_flag(cli, "all"))
        input.explain = simulation_offers(&quoting);
    status = print(cli, &quoting, &input, &error);
    engine_configuration_release(cli->opened.engine, configuration);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

const struct subcommand quote_subcommand = {
    .name = "quote",
    .about = "what a basket costs with the offers in force, and why, as JSON; nothing is stored",
    .usage = "quote FILE.json [--member MEMBER] [--at TIME | --all] [options]",
    .example = "patron quote basket.json --member card:60001234",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};

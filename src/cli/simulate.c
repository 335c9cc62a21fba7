#include <stddef.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/programme.h"
#include "features/programme/programme.h"
#include "json/shape.h"

enum { BASKET_SIZE_MAX = 1024 * 1024, BASKET_LINES_MAX = 1000 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"programme", "FILE", "by this programme instead of the published one; needs no database"},
    OPTION_FORMAT,
};

/* ---- the basket ---- */

struct basket_line {
    struct text sku, category, amount;
    int64_t quantity_milli;
};

struct basket {
    int64_t at, qualifying;
    struct text store, channel, tier;
    struct json_list lines;
};

static const struct field line_fields[] = {
    {.name = "sku", .type = FIELD_TEXT, .offset = offsetof(struct basket_line, sku)},
    {.name = "category", .type = FIELD_TEXT, .offset = offsetof(struct basket_line, category)},
    {.name = "amount", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(struct basket_line, amount)},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct basket_line, quantity_milli),
     .scale = 3,
     .maximum = INT64_C(1000000000000),
     .fallback = 1000},
};
static const struct shape line_shape = {
    .name = "SimulatedLine", .size = sizeof(struct basket_line), SHAPE_FIELDS(line_fields)};

static const struct field basket_fields[] = {
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct basket, at)},
    {.name = "store", .type = FIELD_TEXT, .offset = offsetof(struct basket, store)},
    {.name = "channel", .type = FIELD_TEXT, .offset = offsetof(struct basket, channel)},
    {.name = "tier", .type = FIELD_TEXT, .offset = offsetof(struct basket, tier)},
    {.name = "qualifying",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct basket, qualifying),
     .maximum = INT64_MAX},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct basket, lines),
     .minimum = 1,
     .maximum = BASKET_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_shape},
};
static const struct shape basket_shape = {
    .name = "SimulatedBasket", .size = sizeof(struct basket), SHAPE_FIELDS(basket_fields)};

static enum status basket_input(struct cli *cli, const struct basket *basket, const struct programme *programme,
                                struct earning_input *input, struct error *err)
{
    const struct basket_line *from = basket->lines.items;
    struct purchase_line *lines = arena_array(cli->arena, basket->lines.count, sizeof *lines);
    *input = (struct earning_input){.at = basket->at,
                                    .store = basket->store,
                                    .channel = basket->channel,
                                    .lines = lines,
                                    .line_count = basket->lines.count,
                                    .tier = basket->tier,
                                    .qualifying = basket->qualifying};
    for (size_t i = 0; i < basket->lines.count; i++) {
        lines[i] = (struct purchase_line){.number = (int32_t)i + 1,
                                          .sku = from[i].sku,
                                          .category = from[i].category,
                                          .quantity_milli = from[i].quantity_milli};
        enum status status = money_parse(from[i].amount, programme->exponent, &lines[i].amount, err);
        if (status != STATUS_OK)
            return status;
        if (lines[i].amount < 0 || !checked_add(input->total, lines[i].amount, &input->total))
            return error_set(err, STATUS_INVALID, "purchase.range", "lines", "an amount is negative or too large");
    }
    return STATUS_OK;
}

/* ---- the run ---- */

static int print_earned(struct cli *cli, const struct earned *earned, size_t count)
{
    static const struct output_column columns[] = {
        {"rule", false}, {"wallet", false}, {"points", true}, {"bonus", true}, {"multipliers", false}};
    struct output output;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        struct builder names = {.arena = cli->arena};
        int64_t bonus = 0;
        for (size_t b = 0; b < earned[i].bonus_count; b++) {
            bonus += earned[i].bonuses[b].bonus;
            builder_format(&names, "%s%.*s", b > 0 ? "," : "", (int)earned[i].bonuses[b].multiplier->code.size,
                           earned[i].bonuses[b].multiplier->code.bytes);
        }
        struct text fields[] = {earned[i].rule->code, earned[i].rule->wallet,
                                text_from(arena_format(cli->arena, "%lld", (long long)earned[i].points)),
                                text_from(arena_format(cli->arena, "%lld", (long long)bonus)), builder_done(&names)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static enum status choose_programme(struct cli *cli, int64_t at, struct programme *out,
                                    struct configuration *configuration, struct error *err)
{
    const char *path = cli_value(cli, "programme");
    struct text source;
    if (path != NULL) {
        enum status status = cli_read_file(cli, path, BASKET_SIZE_MAX, &source, err);
        return status == STATUS_OK ? programme_parse(cli->arena, source, out, err) : status;
    }
    enum status status = cli_open(cli, false, err);
    if (status != STATUS_OK)
        return status;
    *configuration = engine_configuration(cli->opened.engine);
    *out = *programme_at(configuration->programmes, at);
    return STATUS_OK;
}

static int run(struct cli *cli)
{
    struct error error = {0};
    struct text json;
    struct basket basket = {0};
    struct programme programme;
    struct configuration configuration = {0};
    struct earning_input input;
    struct earned *earned = NULL;
    size_t count = 0;
    if (cli->argument_count != 1)
        return cli_usage(cli, "say which basket ('-': standard input)");
    enum status status = cli_read_file(cli, cli->arguments[0], BASKET_SIZE_MAX, &json, &error);
    if (status == STATUS_OK)
        status = shape_read_text(cli->arena, &basket_shape, json, &basket, &error);
    if (status == STATUS_OK && basket.at == 0)
        basket.at = clock_now(&clock_system);
    if (status == STATUS_OK)
        status = choose_programme(cli, basket.at, &programme, &configuration, &error);
    if (status == STATUS_OK)
        status = basket_input(cli, &basket, &programme, &input, &error);
    if (status == STATUS_OK)
        status = programme_earn(&programme, &input, cli->arena, &earned, &count, &error);
    int result = status == STATUS_OK ? print_earned(cli, earned, count) : cli_fail(cli, &error);
    if (configuration.handle != NULL)
        engine_configuration_release(cli->opened.engine, configuration);
    return result;
}

const struct subcommand simulate_subcommand = {
    .name = "simulate",
    .about = "what a basket would earn, rule by rule",
    .usage = "simulate BASKET.json [options]",
    .example = "echo '{\"tier\": \"gold\", \"lines\": [{\"category\": \"room\", \"amount\": \"580.00\"}]}' | patron "
               "simulate -",
    .options = CLI_OPTIONS(options),
    .run = run,
};

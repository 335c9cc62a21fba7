#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/output.h"
#include "features/exchange/mapping.h"
#include "features/exchange/reader.h"
#include "features/exchange/value.h"
#include "features/insight/rfm.h"
#include "foundation/checked.h"
#include "foundation/map.h"
#include "foundation/money.h"

enum { ANALYZE_SCALE = 4, CUSTOMERS_MAX = 5000000 };

static const struct cli_option options[] = {
    {"map", "FIELD=COLUMN", "which column is external (the customer), at (the day) or amount (may be repeated)"},
    {"bins", "N", "scores 1 to N; default 5"},
    {"format", "FORMAT", "table, json or csv; default table"},
    {"input-format", "FORMAT", "csv, blank or jsonl; default: found out"},
    {"columns", "A,B,C", "names of the columns, when the header does not say"},
    {"delimiter", "CHARACTER", "of CSV, or 'tab'; default: found out"},
    {"encoding", "NAME", "default: found out"},
    {"date-format", "FORMAT", "letters d m y H M S and separators, such as d/m/y"},
    {"decimal-comma", NULL, "12,90 means twelve ninety"},
    {"scores", NULL, "rfm, clv: a row for each customer"},
    {"customer", "COLUMN", "clv, cohorts: the same as --map external=COLUMN"},
    {"date", "COLUMN", "clv, cohorts: the same as --map at=COLUMN"},
    {"amount", "COLUMN", "clv, cohorts: the same as --map amount=COLUMN"},
    {"until", "DAY", "clv, cohorts: leave out what is later; default: the last day of the file"},
    {"model", "MODEL",
     "clv: bg-nbd, mbg-nbd, pareto-nbd, nbd, bg-cnbd-k or mbg-cnbd-k; default: the best on the purchases held out"},
    {"holdout", "WEEKS", "clv: the last weeks, held out to choose and check the model; default a third of the time"},
    {"horizon", "WEEKS", "clv: how far ahead; default 52"},
    {"discount", "PERCENT", "clv: a year, for discounted value; default 10"},
    {"period", "PERIOD", "cohorts: week, month or quarter; default month"},
    {"summary", NULL, "cohorts: repeat rate, gaps and the share of the best instead of the matrix"},
};

struct customer {
    struct text name;
    struct rfm_value value; /* recency is the last day */
};

static enum status add_row(struct cli *cli, struct map *map, const struct mapping *mapping, const struct record *record,
                           struct error *err)
{
    const char *format = mapping->date_format.size > 0 ? text_string(cli->arena, mapping->date_format) : NULL;
    struct text name = mapping_value(mapping, IMPORT_EXTERNAL, record->fields, record->field_count);
    struct moment moment;
    int64_t amount = 0;
    if (name.size == 0)
        return error_set(err, STATUS_INVALID, "import.no_identifier", "external", "the row names nobody");
    enum status status =
        moment_parse(mapping_value(mapping, IMPORT_AT, record->fields, record->field_count), format, &moment, err);
    if (status == STATUS_OK)
        status = number_parse(mapping_value(mapping, IMPORT_AMOUNT, record->fields, record->field_count),
                              mapping->decimal_comma, ANALYZE_SCALE, &amount, err);
    if (status != STATUS_OK)
        return status;
    int32_t day = moment.absolute ? (int32_t)(moment.instant / INSTANT_DAY) : moment.day;
    struct customer *customer = map_get(map, name);
    if (customer == NULL) {
        if (map_count(map) >= CUSTOMERS_MAX)
            return error_set(err, STATUS_IO, "analyze.customers", "", "there are more than %d customers",
                             CUSTOMERS_MAX);
        customer = arena_alloc(cli->arena, sizeof *customer);
        *customer = (struct customer){.name = text_copy(cli->arena, name), .value = {.recency = day}};
        map_put(map, customer->name, customer);
    }
    if (day > customer->value.recency)
        customer->value.recency = day;
    customer->value.frequency++;
    return checked_add(customer->value.monetary, amount, &customer->value.monetary)
               ? STATUS_OK
               : error_set(err, STATUS_INVALID, "import.number", "amount", "the sum is too large");
}

static enum status read_file(struct cli *cli, struct map *map, int64_t *refused, struct error *err)
{
    struct mapping mapping;
    struct reader *reader = NULL;
    struct reader_options how = {
        .path = cli->arguments[1], .encoding = cli_value(cli, "encoding"), .columns = cli_value(cli, "columns")};
    const char *format = cli_value(cli, "input-format");
    const char *delimiter = cli_value(cli, "delimiter");
    if (format != NULL)
        how.format = strcmp(format, "blank") == 0 ? READER_BLANK
                     : strcmp(format, "csv") == 0 ? READER_CSV
                                                  : READER_JSON;
    if (delimiter != NULL)
        how.delimiter = strcmp(delimiter, "tab") == 0 ? '\t' : delimiter[0];
    mapping_start(&mapping, IMPORT_PURCHASES);
    mapping.date_format = text_from(cli_value(cli, "date-format"));
    mapping.decimal_comma = cli_flag(cli, "decimal-comma");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && cli_value_at(cli, "map", i) != NULL; i++)
        status = mapping_set_column(&mapping, cli->arena, text_from(cli_value_at(cli, "map", i)), err);
    if (status == STATUS_OK)
        status = reader_open(&how, &reader, err);
    bool end = false;
    for (int64_t rows = 0; status == STATUS_OK; rows++) {
        struct record record;
        size_t count = 0;
        status = reader_next(reader, &record, &end, err);
        if (end)
            break;
        const struct text *columns = reader_columns(reader, &count);
        if (status == STATUS_OK && (rows == 0 || how.format == READER_JSON))
            status = mapping_resolve(&mapping, columns, count, rows == 0, err);
        else if (status == STATUS_INVALID)
            status = STATUS_OK;
        if (status == STATUS_OK && add_row(cli, map, &mapping, &record, err) == STATUS_INVALID)
            ++*refused;
    }
    reader_close(reader);
    return status;
}

static void number_field(struct cli *cli, struct text *field, int64_t number)
{
    *field = text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static void print_scores(struct cli *cli, struct output *output, struct map *map, const struct rfm_scores *scores)
{
    for (size_t i = 0; i < map_count(map); i++) {
        const struct customer *customer = map_value_at(map, i);
        char day[DAY_TEXT_SIZE], money[MONEY_TEXT_SIZE];
        struct text fields[7] = {customer->name, text_from(day_format((int32_t)customer->value.recency, day))};
        number_field(cli, &fields[2], customer->value.frequency);
        fields[3] = text_from(money_format(customer->value.monetary, ANALYZE_SCALE, money));
        number_field(cli, &fields[4], scores[i].recency);
        number_field(cli, &fields[5], scores[i].frequency);
        number_field(cli, &fields[6], scores[i].monetary);
        output_row(output, fields);
    }
}

static void print_grid(struct cli *cli, struct output *output, struct map *map, const struct rfm_scores *scores,
                       int bins)
{
    for (int recency = bins; recency >= 1; recency--)
        for (int frequency = bins; frequency >= 1; frequency--) {
            int64_t count = 0, monetary = 0;
            char money[MONEY_TEXT_SIZE];
            for (size_t i = 0; i < map_count(map); i++)
                if (scores[i].recency == recency && scores[i].frequency == frequency) {
                    const struct customer *customer = map_value_at(map, i);
                    count++;
                    monetary += customer->value.monetary;
                }
            if (count == 0)
                continue;
            struct text fields[4];
            number_field(cli, &fields[0], recency);
            number_field(cli, &fields[1], frequency);
            number_field(cli, &fields[2], count);
            fields[3] = text_from(money_format(monetary, ANALYZE_SCALE, money));
            output_row(output, fields);
        }
}

static int run(struct cli *cli)
{
    static const struct output_column score_columns[] = {{"customer", false}, {"last", false}, {"purchases", true},
                                                         {"spend", true},     {"r", true},     {"f", true},
                                                         {"m", true}};
    static const struct output_column grid_columns[] = {{"r", true}, {"f", true}, {"customers", true}, {"spend", true}};
    struct error error = {0};
    struct output output;
    int64_t bins = RFM_BINS_DEFAULT, refused = 0;
    bool each = cli_flag(cli, "scores");
    if (cli->argument_count != 2)
        return cli_usage(cli, "say rfm, clv or cohorts, and a file");
    if (strcmp(cli->arguments[0], "clv") == 0)
        return analyze_clv(cli);
    if (strcmp(cli->arguments[0], "cohorts") == 0)
        return analyze_cohorts(cli);
    if (strcmp(cli->arguments[0], "rfm") != 0)
        return cli_usage(cli, "there is rfm, clv and cohorts, not %s", cli->arguments[0]);
    if (!cli_integer(cli, "bins", RFM_BINS_MIN, RFM_BINS_MAX, &bins) ||
        !output_start(&output, cli, each ? score_columns : grid_columns, each ? 7 : 4))
        return EXIT_USAGE;
    struct map *map = map_new(cli->arena, 4096);
    if (read_file(cli, map, &refused, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    size_t count = map_count(map);
    struct rfm_value *values = arena_array(cli->arena, count + 1, sizeof *values);
    struct rfm_scores *scores = arena_array(cli->arena, count + 1, sizeof *scores);
    for (size_t i = 0; i < count; i++)
        values[i] = ((const struct customer *)map_value_at(map, i))->value;
    rfm_score_all(cli->arena, values, count, (int)bins, scores);
    if (each)
        print_scores(cli, &output, map, scores);
    else
        print_grid(cli, &output, map, scores, (int)bins);
    output_end(&output);
    if (refused > 0)
        fprintf(stderr, "%lld rows could not be read\n", (long long)refused);
    return refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

const struct subcommand analyze_subcommand = {
    .name = "analyze",
    .about = "figures of a plain file, without a database: rfm, clv, cohorts",
    .usage = "analyze rfm|clv|cohorts FILE [options]",
    .example = "patron analyze rfm sales.csv --map external=customer_id --bins 5\n"
               "patron analyze rfm CDNOW_master.txt --input-format blank --columns external,date,units,dollars\n"
               "patron analyze clv sales.csv --customer id --date day --amount total --holdout 26 --horizon 52\n"
               "patron analyze cohorts sales.csv --period quarter --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};

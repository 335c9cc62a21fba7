#include <math.h>

#include "cli/analyze.h"
#include "cli/plot/plot.h"
#include "cli/purchase_file.h"
#include "features/insight/rfm.h"
#include "foundation/money.h"

enum { RFM_SCALE = 4 };

/* A call of `analyze rfm`. */
struct scoring {
    struct cli *cli;
    struct purchase_file file;
    struct rfm_value *values; /* of each customer; recency is the last day */
    struct rfm_scores *scores;
    int bins;
};

static enum status sum_up(struct scoring *scoring, struct error *err)
{
    const struct purchase_file *file = &scoring->file;
    double scale = pow(10, RFM_SCALE);

    if (!file->amounts)
        return error_set(err, STATUS_INVALID, "mapping.required", "amount",
                         "no column is known for the amount: name it with --amount");
    scoring->values = arena_array(scoring->cli->arena, file->customer_count, sizeof *scoring->values);
    scoring->scores = arena_array(scoring->cli->arena, file->customer_count, sizeof *scoring->scores);
    for (size_t i = 0; i < file->customer_count; i++)
        scoring->values[i].recency = INT32_MIN;
    for (size_t i = 0; i < file->count; i++) {
        const struct clv_purchase *purchase = &file->purchases[i];
        struct rfm_value *value = &scoring->values[purchase->customer];

        if (purchase->day > value->recency)
            value->recency = purchase->day;
        value->frequency++;
        value->monetary += llround(purchase->amount * scale);
    }
    rfm_score_all(scoring->cli->arena, scoring->values, file->customer_count, scoring->bins, scoring->scores);
    return STATUS_OK;
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static void print_scores(const struct scoring *scoring, struct output *output)
{
    struct cli *cli = scoring->cli;

    for (size_t i = 0; i < scoring->file.customer_count; i++) {
        const struct rfm_value *value = &scoring->values[i];
        char day[DAY_TEXT_SIZE], money[MONEY_TEXT_SIZE];
        const struct text fields[] = {scoring->file.names[i],
                                      text_from(day_format((int32_t)value->recency, day)),
                                      number_text(cli, value->frequency),
                                      text_from(money_format(value->monetary, RFM_SCALE, money)),
                                      number_text(cli, scoring->scores[i].recency),
                                      number_text(cli, scoring->scores[i].frequency),
                                      number_text(cli, scoring->scores[i].monetary)};

        output_row(output, fields);
    }
}

static void print_cell(const struct scoring *scoring, struct output *output, int recency, int frequency)
{
    struct cli *cli = scoring->cli;
    int64_t count = 0, monetary = 0;
    char money[MONEY_TEXT_SIZE];

    for (size_t i = 0; i < scoring->file.customer_count; i++)
        if (scoring->scores[i].recency == recency && scoring->scores[i].frequency == frequency) {
            count++;
            monetary += scoring->values[i].monetary;
        }
    const struct text fields[] = {number_text(cli, recency), number_text(cli, frequency), number_text(cli, count),
                                  text_from(money_format(monetary, RFM_SCALE, money))};

    if (count > 0)
        output_row(output, fields);
}

/* ---- the picture ---- */

/* Customers of one score, or of two (0: any): how many, what they spent, and between which values they lie. */
struct field {
    double customers, spend;
    int64_t days_low, days_high, purchases_low, purchases_high;
};

static struct field field_of(const struct scoring *scoring, int recency, int frequency)
{
    struct field field = {.days_low = INT64_MAX, .purchases_low = INT64_MAX};

    for (size_t i = 0; i < scoring->file.customer_count; i++) {
        const struct rfm_value *value = &scoring->values[i];
        int64_t days = scoring->file.last_day - value->recency;

        if ((recency != 0 && scoring->scores[i].recency != recency) ||
            (frequency != 0 && scoring->scores[i].frequency != frequency))
            continue;
        field.customers++;
        field.spend += (double)value->monetary;
        field.days_low = days < field.days_low ? days : field.days_low;
        field.days_high = days > field.days_high ? days : field.days_high;
        field.purchases_low = value->frequency < field.purchases_low ? value->frequency : field.purchases_low;
        field.purchases_high = value->frequency > field.purchases_high ? value->frequency : field.purchases_high;
    }
    return field;
}

static const char *range_name(struct arena *arena, char letter, int score, int64_t low, int64_t high)
{
    if (low > high)
        return arena_format(arena, "%c%d: none", letter, score);
    if (low == high)
        return arena_format(arena, "%c%d: %lld", letter, score, (long long)low);
    return arena_format(arena, "%c%d: %lld\xE2\x80\x93%lld", letter, score, (long long)low, (long long)high);
}

static enum status draw(const struct scoring *scoring, struct error *err)
{
    struct arena *arena = scoring->cli->arena;
    int bins = scoring->bins;
    size_t count = (size_t)bins;
    const char **rows = arena_array(arena, count, sizeof *rows), **columns = arena_array(arena, count, sizeof *columns);
    const char **texts = arena_array(arena, count * count, sizeof *texts);
    double *values = arena_array(arena, count * count, sizeof *values);
    struct field all = field_of(scoring, 0, 0);
    struct text customers = scale_number(arena, all.customers);

    for (int i = 0; i < bins; i++) {
        struct field row = field_of(scoring, bins - i, 0), column = field_of(scoring, 0, i + 1);

        rows[i] = range_name(arena, 'R', bins - i, row.days_low, row.days_high);
        columns[i] = range_name(arena, 'F', i + 1, column.purchases_low, column.purchases_high);
    }
    for (size_t cell = 0; cell < count * count; cell++) {
        struct field field = field_of(scoring, bins - (int)(cell / count), (int)(cell % count) + 1);
        struct text number = scale_number(arena, field.customers);

        values[cell] = field.customers / all.customers;
        texts[cell] = field.customers == 0 ? NULL
                      : all.spend > 0      ? arena_format(arena, "%.*s\n%.1f %%", (int)number.size, number.bytes,
                                                          100 * field.spend / all.spend)
                                           : text_string(arena, number);
    }
    const struct plot_heat heat = {
        .heading = {"Customers by how lately and how often they bought",
                    arena_format(arena,
                                 "%.*s customers; in each field their number and, below it, their share of all "
                                 "spending. The best are at the top on the right.",
                                 (int)customers.size, customers.bytes)},
        .row_label = "last, days ago",
        .column_label = "number of purchases",
        .value_label = "of the customers",
        .rows = rows,
        .columns = columns,
        .values = values,
        .texts = texts,
        .row_count = count,
        .column_count = count,
        .kind = SCALE_SHARE,
    };

    return plot_write(scoring->cli, plot_heat_draw(arena, &heat), err);
}

/* ---- in words ---- */

/* The upper two fifths of the scores. */
static bool is_high(const struct scoring *scoring, int score)
{
    return 5 * score > 3 * scoring->bins;
}

/* Customers who buy often: those who came lately, and those who have not come for long. */
struct regulars {
    double best, best_spend, fading, fading_spend;
};

static struct regulars count_regulars(const struct scoring *scoring)
{
    struct regulars regulars = {0};

    for (size_t i = 0; i < scoring->file.customer_count; i++) {
        const struct rfm_scores *scores = &scoring->scores[i];
        double spend = (double)scoring->values[i].monetary;

        if (!is_high(scoring, scores->frequency))
            continue;
        if (is_high(scoring, scores->recency)) {
            regulars.best++;
            regulars.best_spend += spend;
        } else if (5 * scores->recency <= 2 * scoring->bins) {
            regulars.fading++;
            regulars.fading_spend += spend;
        }
    }
    return regulars;
}

static const char *sentence_of(const struct scoring *scoring, const struct regulars *regulars, double spend)
{
    double customers = (double)scoring->file.customer_count;

    if (regulars->best == 0 || !(spend > 0))
        return "No group of customers stands out: the scores of how lately and how often they bought are alike.";
    return arena_format(
        scoring->cli->arena,
        "The %.0f customers (%.0f of 100) who bought lately and often bring %.0f %% of the sales; %.0f who used "
        "to buy often have not come for long, and brought %.0f %%: ask them back first.",
        regulars->best, 100 * regulars->best / customers, 100 * regulars->best_spend / spend, regulars->fading,
        100 * regulars->fading_spend / spend);
}

static int print_summary(const struct scoring *scoring)
{
    struct arena *arena = scoring->cli->arena;
    struct regulars regulars = count_regulars(scoring);
    double customers = (double)scoring->file.customer_count, scale = pow(10, RFM_SCALE);
    struct field all = field_of(scoring, 0, 0);
    struct figures figures;

    if (!figures_start(&figures, scoring->cli))
        return EXIT_USAGE;
    figures_add(&figures, "customers", customers, arena_format(arena, "scored 1 to %d", scoring->bins));
    figures_add(&figures, "spend", all.spend / scale, "");
    figures_add(&figures, "best", regulars.best, "scores of recency and frequency both in the upper two fifths");
    figures_add(&figures, "best_share", regulars.best / customers, "of the customers");
    figures_add(&figures, "best_spend_share", all.spend > 0 ? regulars.best_spend / all.spend : NAN, "of all sales");
    figures_add(&figures, "fading", regulars.fading, "frequency in the upper, recency in the lower two fifths");
    figures_add(&figures, "fading_spend_share", all.spend > 0 ? regulars.fading_spend / all.spend : NAN,
                "of all sales");
    figures_add(&figures, "summary", NAN, sentence_of(scoring, &regulars, all.spend));
    output_end(&figures.output);
    return scoring->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct output_column score_columns[] = {{"customer", false}, {"last", false}, {"purchases", true},
                                                         {"spend", true},     {"r", true},     {"f", true},
                                                         {"m", true}};
    static const struct output_column grid_columns[] = {{"r", true}, {"f", true}, {"customers", true}, {"spend", true}};
    struct scoring scoring = {.cli = cli};
    struct reader_options how;
    struct error error = {0};
    struct output output;
    int64_t bins = RFM_BINS_DEFAULT;
    bool each = cli_flag(cli, "scores"), summary = cli_flag(cli, "summary");

    if (each && summary)
        return cli_usage(cli, "--scores and --summary are two answers: ask for one");
    if (!cli_integer(cli, "bins", RFM_BINS_MIN, RFM_BINS_MAX, &bins) || !analyze_reader_options(cli, &how) ||
        (!summary && !output_start(&output, cli, each ? score_columns : grid_columns, each ? 7 : 4)))
        return EXIT_USAGE;
    scoring.bins = (int)bins;
    if (purchase_file_read(cli, &how, &scoring.file, &error) != STATUS_OK || sum_up(&scoring, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_value(cli, "plot") != NULL && draw(&scoring, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (summary)
        return print_summary(&scoring);
    if (each)
        print_scores(&scoring, &output);
    for (int recency = scoring.bins; !each && recency >= 1; recency--)
        for (int frequency = scoring.bins; frequency >= 1; frequency--)
            print_cell(&scoring, &output, recency, frequency);
    output_end(&output);
    return scoring.file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"bins", "N", "scores 1 to N; default 5"},
    {"scores", NULL, "a row for each customer instead of the grid"},
    {"summary", NULL, "who buys lately and often, and who no longer comes, instead of the grid"},
    OPTION_PLOT,
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_rfm = {
    .name = "analyze rfm",
    .about = "recency, frequency and money of customers as scores",
    .usage = "analyze rfm FILE [options]",
    .example = "patron analyze rfm sales.csv --customer customer_id --bins 5\n"
               "patron analyze rfm CDNOW_master.txt --input-format blank --columns external,date,units,dollars",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

#include <math.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/plot/plot.h"
#include "cli/purchase_file.h"
#include "features/insight/cohort.h"
#include "foundation/instant.h"

enum { COHORTS_DRAWN = 104 };

static void print_cells(struct cli *cli, struct output *output, const struct cohort_matrix *matrix)
{
    for (size_t cohort = 0; cohort < matrix->count; cohort++)
        for (size_t age = 0; cohort + age < matrix->count; age++) {
            const double *customers = &matrix->customers[cohort * matrix->count];
            const double *amounts = &matrix->amounts[cohort * matrix->count];
            char day[DAY_TEXT_SIZE];

            if (customers[0] == 0)
                continue;
            const struct text fields[] = {text_from(day_format(matrix->starts[cohort], day)),
                                          figure_text(cli->arena, (double)age),
                                          figure_text(cli->arena, customers[0]),
                                          figure_text(cli->arena, customers[age]),
                                          figure_text(cli->arena, customers[age] / customers[0]),
                                          figure_text(cli->arena, amounts[age]),
                                          figure_text(cli->arena, amounts[0] > 0 ? amounts[age] / amounts[0] : NAN)};

            output_row(output, fields);
        }
}

static void add_shares(struct figures *figures, const struct purchase_file *file)
{
    struct arena *arena = figures->cli->arena;
    double *sums = arena_array(arena, file->customer_count, sizeof *sums);

    if (!file->amounts)
        return;
    for (size_t i = 0; i < file->count; i++)
        sums[file->purchases[i].customer] += file->purchases[i].amount;
    for (int percent = 10; percent <= 30; percent += 10)
        figures_add(figures, arena_format(arena, "share_of_best_%d", percent),
                    share_of_best(arena, sums, file->customer_count, percent / 100.0),
                    "of all sales, from the customers who spend most");
}

/* One sentence and the figures behind it, instead of the matrix. */
static int print_summary(struct cli *cli, const struct purchase_file *file)
{
    struct figures figures;
    struct buying buying;

    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    buying_measure(cli->arena, &(struct clv_purchases){file->purchases, file->count, file->customer_count}, &buying);
    figures_add(&figures, "customers", buying.customers, "");
    figures_add(&figures, "purchases", buying.purchases, "purchases of a customer on one day are one");
    figures_add(&figures, "repeat_customers", buying.repeat_customers, "bought on at least two days");
    figures_add(&figures, "repeat_rate", buying.repeat_rate, "");
    figures_add(&figures, "gap_mean", buying.gap_mean, "days between purchases");
    figures_add(&figures, "gap_median", buying.gap_median, "days between purchases");
    add_shares(&figures, file);
    const char *sentence = buying.repeat_customers == 0
                               ? "Nobody has come back yet."
                               : arena_format(cli->arena,
                                              "%.0f of 100 customers came back; half of all returns came "
                                              "within %.0f days of the purchase before.",
                                              100 * buying.repeat_rate, buying.gap_median);

    figures_add(&figures, "summary", NAN, sentence);
    output_end(&figures.output);
    return file->refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the picture ---- */

static const char *const period_names[] = {"week", "month", "quarter"};

static const char *cohort_name(struct arena *arena, enum cohort_period period, int32_t start)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_from_day(start);

    if (period == COHORT_QUARTER)
        return arena_format(arena, "Q%d %d", (date.month + 2) / 3, date.year);
    if (period == COHORT_MONTH)
        return arena_format(arena, "%s %d", months[date.month - 1], date.year);
    return arena_format(arena, "%d %s %d", date.day, months[date.month - 1], date.year);
}

struct drawing {
    const struct cohort_matrix *matrix;
    enum cohort_period period;
    bool money;
    size_t first_age;
    size_t column_count;
};

/* A row of the map: the share of the cohort, or of its money, at each age. */
static void fill_row(struct arena *arena, const struct drawing *drawing, size_t cohort, double *values,
                     const char **texts)
{
    const struct cohort_matrix *matrix = drawing->matrix;
    const double *cells = (drawing->money ? matrix->amounts : matrix->customers) + cohort * matrix->count;

    for (size_t column = 0; column < drawing->column_count; column++) {
        size_t age = drawing->first_age + column;

        values[column] = cohort + age < matrix->count && cells[0] > 0 ? cells[age] / cells[0] : NAN;
        texts[column] = isnan(values[column])     ? NULL
                        : values[column] < 0.0995 ? arena_format(arena, "%.1f", 100 * values[column])
                                                  : arena_format(arena, "%.0f", 100 * values[column]);
    }
}

static const char *caption_of(struct cli *cli, const struct drawing *drawing, const struct purchase_file *file)
{
    const char *period = period_names[drawing->period];
    char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];
    struct text count = scale_number(cli->arena, (double)file->customer_count);

    return arena_format(cli->arena,
                        "Of %s who first bought in a %s, how many per cent %s so many %ss later; %.*s customers, %s to "
                        "%s, the last %s perhaps not whole.",
                        drawing->money ? "what those spent" : "the customers", period,
                        drawing->money ? "they spent again" : "bought again", period, (int)count.size, count.bytes,
                        day_format(file->first_day, first), day_format(file->last_day, last), period);
}

/* The latest cohorts, one a row. Age 0 is always whole, so the map begins with the period after it. */
static enum status draw(struct cli *cli, const struct drawing *given, const struct purchase_file *file,
                        struct error *err)
{
    const struct cohort_matrix *matrix = given->matrix;
    struct arena *arena = cli->arena;
    struct drawing drawing = *given;
    size_t rows = 0, ages = matrix->count < COHORTS_DRAWN ? matrix->count : COHORTS_DRAWN;

    drawing.first_age = ages > 1;
    drawing.column_count = ages - drawing.first_age;
    double *values = arena_array(arena, ages * drawing.column_count, sizeof *values);
    const char **texts = arena_array(arena, ages * drawing.column_count, sizeof *texts);
    const char **names = arena_array(arena, ages, sizeof *names), **sizes = arena_array(arena, ages, sizeof *sizes);
    const char **columns = arena_array(arena, ages, sizeof *columns);

    for (size_t column = 0; column < drawing.column_count; column++)
        columns[column] = arena_format(arena, "%zu", column + drawing.first_age);
    for (size_t cohort = matrix->count - ages; cohort < matrix->count; cohort++) {
        double size = matrix->customers[cohort * matrix->count];

        if (size == 0 || (cohort + drawing.first_age >= matrix->count && rows > 0))
            continue;
        names[rows] = cohort_name(arena, drawing.period, matrix->starts[cohort]);
        sizes[rows] = text_string(arena, scale_number(arena, size));
        fill_row(arena, &drawing, cohort, values + rows * drawing.column_count, texts + rows * drawing.column_count);
        rows++;
    }
    const struct plot_heat heat = {
        .heading = {drawing.money ? "How much of their spending customers repeat" : "How many customers come back",
                    caption_of(cli, &drawing, file)},
        .row_label = "first bought",
        .side_label = "customers",
        .column_label = arena_format(arena, "%ss after the first purchase", period_names[drawing.period]),
        .value_label = drawing.money ? "of what the cohort spent at first" : "of the cohort",
        .rows = names,
        .columns = columns,
        .sides = sizes,
        .values = values,
        .texts = texts,
        .row_count = rows,
        .column_count = drawing.column_count,
        .kind = SCALE_SHARE,
    };

    return plot_write(cli, plot_heat_draw(arena, &heat), err);
}

/* How to draw, by the options; false with a message. */
static bool read_drawing(const struct cli *cli, struct drawing *drawing)
{
    const char *kind = cli_value(cli, "plot-kind");

    drawing->money = kind != NULL && strcmp(kind, "amount") == 0;
    if (kind != NULL && !drawing->money && strcmp(kind, "customers") != 0)
        return cli_usage(cli, "--plot-kind is customers or amount"), false;
    return true;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"cohort", false},     {"age", true},       {"size", true},
                                                   {"active", true},      {"retention", true}, {"amount", true},
                                                   {"amount_share", true}};
    const char *name = cli_value(cli, "period");
    enum cohort_period period = COHORT_MONTH;
    struct cohort_matrix matrix;
    struct drawing drawing = {.matrix = &matrix};
    struct reader_options how;
    struct purchase_file file;
    struct error error = {0};
    struct output output;

    if (name != NULL && !cohort_period_from(name, &period))
        return cli_usage(cli, "--period is week, month or quarter");
    if (!read_drawing(cli, &drawing) || !analyze_reader_options(cli, &how) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (purchase_file_read(cli, &how, &file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct clv_purchases base = {file.purchases, file.count, file.customer_count};
    bool summary = cli_flag(cli, "summary"), drawn = cli_value(cli, "plot") != NULL;

    if ((drawn || !summary) && cohort_build(cli->arena, &base, period, &matrix, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    drawing.period = period;
    if (drawn && draw(cli, &drawing, &file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (summary)
        return print_summary(cli, &file);
    print_cells(cli, &output, &matrix);
    output_end(&output);
    return file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"period", "PERIOD", "week, month or quarter; default month"},
    {"summary", NULL, "repeat rate, gaps and the share of the best instead of the matrix"},
    OPTION_PLOT,
    {"plot-kind", "KIND", "customers (default) or amount: what the cells show"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_cohorts = {
    .name = "analyze cohorts",
    .about = "who comes back: customers and money by the period of the first purchase",
    .usage = "analyze cohorts FILE [options]",
    .example = "patron analyze cohorts sales.csv --period quarter --format csv\n"
               "patron analyze cohorts sales.csv --summary",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

#include <math.h>

#include "cli/analyze.h"
#include "cli/purchase_file.h"
#include "features/insight/cohort.h"

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

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"cohort", false},     {"age", true},       {"size", true},
                                                   {"active", true},      {"retention", true}, {"amount", true},
                                                   {"amount_share", true}};
    const char *name = cli_value(cli, "period");
    enum cohort_period period = COHORT_MONTH;
    struct cohort_matrix matrix;
    struct reader_options how;
    struct purchase_file file;
    struct error error = {0};
    struct output output;

    if (name != NULL && !cohort_period_from(name, &period))
        return cli_usage(cli, "--period is week, month or quarter");
    if (!analyze_reader_options(cli, &how) || !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (purchase_file_read(cli, &how, &file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_flag(cli, "summary"))
        return print_summary(cli, &file);
    const struct clv_purchases base = {file.purchases, file.count, file.customer_count};

    if (cohort_build(cli->arena, &base, period, &matrix, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    print_cells(cli, &output, &matrix);
    output_end(&output);
    return file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"period", "PERIOD", "week, month or quarter; default month"},
    {"summary", NULL, "repeat rate, gaps and the share of the best instead of the matrix"},
    OPTIONS_FILE,
};

const struct subcommand analyze_cohorts = {
    .name = "analyze cohorts",
    .about = "who comes back: customers and money by the period of the first purchase",
    .usage = "analyze cohorts FILE [options]",
    .example = "patron analyze cohorts sales.csv --period quarter --format csv\n"
               "patron analyze cohorts sales.csv --summary",
    .options = CLI_OPTIONS(options),
    .run = run,
};

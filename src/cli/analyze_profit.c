#include <math.h>

#include "cli/analyze.h"
#include "cli/data_cells.h"
#include "cli/purchase_file.h"
#include "features/insight/profit.h"

enum { COLUMN_GOODS, COLUMN_SERVING, COLUMNS };

static const double SHARES[] = {0.1, 0.2, 0.3, 0.5};

/* A call of `analyze profit`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file;
    struct profit_member *members;
    int64_t goods_percent, seed;
    double each; /* cost to serve of a purchase */
};

static double number_at(const struct purchase_column *column, size_t row)
{
    return column->known && !isnan(column->numbers[row]) ? column->numbers[row] : 0;
}

static void sum_up(struct analysis *analysis, const struct purchase_column *columns)
{
    const struct purchase_file *file = &analysis->file;
    double rate = (double)analysis->goods_percent / 100;

    analysis->members = arena_array(analysis->cli->arena, file->customer_count + 1, sizeof *analysis->members);
    for (size_t i = 0; i < file->count; i++) {
        const struct clv_purchase *purchase = &file->purchases[i];
        struct profit_member *member = &analysis->members[purchase->customer];

        member->purchases++;
        member->sales += purchase->amount;
        member->goods += columns[COLUMN_GOODS].known ? number_at(&columns[COLUMN_GOODS], i) : rate * purchase->amount;
        member->serving += number_at(&columns[COLUMN_SERVING], i) + analysis->each;
    }
    for (size_t i = 0; i < file->customer_count; i++) {
        struct profit_member *member = &analysis->members[i];

        member->profit = member->sales - member->goods - member->serving;
    }
}

static int print_members(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;
    uint32_t *order;

    profit_rank(arena, analysis->members, analysis->file.customer_count, &order);
    for (size_t i = 0; i < analysis->file.customer_count; i++) {
        const struct profit_member *member = &analysis->members[order[i]];
        const struct text fields[] = {analysis->file.names[order[i]],
                                      figure_text(arena, member->purchases),
                                      figure_text(arena, member->sales),
                                      figure_text(arena, member->goods),
                                      figure_text(arena, member->serving),
                                      figure_text(arena, member->profit),
                                      figure_text(arena, (double)(i + 1) / (double)analysis->file.customer_count)};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static void add_part(struct figures *figures, double share, const struct profit_part *part)
{
    struct arena *arena = figures->cli->arena;

    figures_add_interval(figures, arena_format(arena, "best_%.0f", 100 * share),
                         (double[]){part->of_profit, part->of_profit_low, part->of_profit_high},
                         arena_format(arena, "of all profit, from the best %.0f %%: %.6g, %.4g each; %.0f %% of sales",
                                      100 * share, part->profit, part->profit / fmax(1, part->members),
                                      isnan(part->of_sales) ? 0 : 100 * part->of_sales));
}

static int print_base(const struct analysis *analysis, const struct purchase_column *columns, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    struct profit_summary summary;
    struct profit_part fifth = {0};
    bool costs = columns[COLUMN_GOODS].known || columns[COLUMN_SERVING].known || analysis->goods_percent > 0 ||
                 analysis->each > 0;

    profit_summarise(analysis->members, analysis->file.customer_count, &summary);
    figures_add(figures, "customers", summary.members, "");
    figures_add(figures, "sales", summary.all.sales, arena_format(arena, "in %.0f purchases", summary.all.purchases));
    figures_add(figures, "goods", summary.all.goods, "cost of what was sold");
    figures_add(figures, "serving", summary.all.serving, "cost to serve");
    figures_add(figures, "profit", summary.all.profit,
                arena_format(arena, "%.4g a member", summary.all.profit / fmax(1, summary.members)));
    for (size_t i = 0; i < sizeof SHARES / sizeof SHARES[0]; i++) {
        struct profit_part part;

        profit_best(arena, analysis->members, analysis->file.customer_count, SHARES[i], (uint64_t)analysis->seed,
                    &part);
        add_part(figures, SHARES[i], &part);
        fifth = SHARES[i] == 0.2 ? part : fifth;
    }
    figures_add(figures, "losing", summary.losing,
                arena_format(arena, "members cost more than they bring: %.6g in all", summary.lost));
    figures_add(
        figures, "peak_share", summary.peak_share,
        arena_format(arena, "of the members bring something; these alone would bring %.6g", summary.peak_profit));
    figures_add(figures, "check costs", costs,
                costs ? "costs are known"
                      : "no cost is known: profit here is sales; name --goods, --serving or --goods-percent");
    figures_add(figures, "summary", NAN,
                isnan(fifth.of_profit)
                    ? "Together the members bring no profit."
                    : arena_format(arena,
                                   "The best fifth of the members bring %.0f %% of all profit, %.4g each; %.0f members "
                                   "cost more than they bring.",
                                   100 * fifth.of_profit, fifth.profit / fmax(1, fifth.members), summary.losing));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct output_column fields[] = {{"customer", false}, {"purchases", true}, {"sales", true},
                                                  {"goods", true},     {"serving", true},   {"profit", true},
                                                  {"best", true}};
    struct purchase_column columns[COLUMNS] = {
        [COLUMN_GOODS] = {.option = "goods", .number = true}, [COLUMN_SERVING] = {.option = "serving", .number = true}};
    struct analysis analysis = {.cli = cli, .seed = 1};
    const char *each = cli_value(cli, "serving-each");
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (each != NULL && (!data_number(text_from(each), false, &analysis.each) || analysis.each < 0))
        return cli_usage(cli, "--serving-each is an amount of at least 0");
    if (!cli_integer(cli, "goods-percent", 0, 100, &analysis.goods_percent) ||
        !cli_integer(cli, "seed", 0, INT32_MAX, &analysis.seed) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    bool members = cli_flag(cli, "scores");

    if (members ? !output_start(&output, cli, fields, sizeof fields / sizeof fields[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read_columns(cli, &how, columns, COLUMNS, &analysis.file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (!analysis.file.amounts) {
        error_set(&error, STATUS_INVALID, "profit.amounts", "amount", "name the column of the amounts with --amount");
        return cli_fail(cli, &error);
    }
    sum_up(&analysis, columns);
    return members ? print_members(&analysis, &output) : print_base(&analysis, columns, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"goods", "COLUMN", "cost of what was sold, of each row"},
    {"goods-percent", "PERCENT", "the same as a part of the amount, where there is no such column"},
    {"serving", "COLUMN", "cost to serve of each row: delivery, calls, returns, discounts"},
    {"serving-each", "AMOUNT", "the same for every row"},
    {"seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1"},
    {"scores", NULL, "a row for each member, the most profitable first"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_LINES, .defaults = {"goods=cost"}};

const struct subcommand analyze_profit = {
    .name = "analyze profit",
    .about = "what each member brings after what he costs, and what the best bring",
    .usage = "analyze profit FILE [options]",
    .example =
        "patron analyze profit sales.csv --customer id --date day --amount total --goods cost --serving delivery\n"
        "patron analyze profit sales.csv --goods-percent 70 --serving-each 1.20 --scores --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

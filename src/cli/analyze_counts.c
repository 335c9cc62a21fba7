#include <math.h>
#include <stdlib.h>

#include "cli/analyze.h"
#include "cli/purchase_file.h"
#include "features/insight/cohort.h"
#include "features/insight/counts.h"
#include "features/insight/rfm.h"
#include "mathematics/distribution.h"

enum { BASKET, QUANTITY, PROFIT, COLUMNS };
enum { SINCE_DEFAULT = 90 };

static const double NORMAL_95 = 1.6448536269514722;

/* A call of `analyze counts`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file;
    struct purchase_column columns[COLUMNS];
    struct clv_purchases purchases;
    double *worths; /* of each customer: profit, or else sales */
    int32_t since;  /* stages then against now */
};

static void add_spread(struct figures *figures, const char *name, const struct spread *spread, const char *unit)
{
    struct arena *arena = figures->cli->arena;
    double reach = NORMAL_95 * spread->deviation / sqrt(spread->count);

    if (spread->count == 0) {
        figures_add(figures, name, NAN, "there are none");
        return;
    }
    figures_add_interval(figures, name, (double[]){spread->mean, spread->mean - reach, spread->mean + reach},
                         arena_format(arena, "%s; mean of %.0f", unit, spread->count));
    figures_add(figures, arena_format(arena, "%s_median", name), spread->median,
                arena_format(arena, "half lie between %g and %g, nine tenths below %g, all between %g and %g",
                             spread->quarter, spread->three_quarters, spread->nine_tenths, spread->least,
                             spread->most));
}

/* ---- buying ---- */

static void add_buying(struct figures *figures, const struct analysis *analysis, struct buying *buying)
{
    struct arena *arena = figures->cli->arena;
    struct spread gaps, usual;
    double low, high;

    buying_measure(arena, &analysis->purchases, buying);
    counts_gaps(arena, &analysis->purchases, &gaps, &usual);
    share_interval(buying->repeat_customers, buying->customers, NORMAL_95, &low, &high);
    figures_add(figures, "customers", buying->customers, "");
    figures_add(figures, "rows", (double)analysis->file.count, "");
    figures_add(figures, "purchases", buying->purchases, "purchases of a customer on one day are one");
    figures_add_interval(figures, "repeat_rate", (double[]){buying->repeat_rate, low, high},
                         "share of the customers who bought on two days or more");
    add_spread(figures, "gap", &gaps, "days between purchases");
    add_spread(figures, "usual_interval", &usual, "days between purchases of a customer, of those with three or more");
}

static void add_baskets(struct figures *figures, const struct analysis *analysis)
{
    const struct basket_lines lines = {.purchases = &analysis->purchases,
                                       .baskets = analysis->columns[BASKET].codes,
                                       .quantities = analysis->columns[QUANTITY].numbers,
                                       .basket_count = analysis->columns[BASKET].level_count};
    struct spread items, values;

    counts_baskets(figures->cli->arena, &lines, &items, &values);
    add_spread(figures, "basket_items", &items,
               analysis->columns[QUANTITY].known ? "items in a basket" : "rows in a basket, as no quantity is known");
    if (analysis->file.amounts)
        add_spread(figures, "basket_value", &values, "money in a basket");
}

/* ---- ties of RFM ---- */

static int compare_values(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void add_ties(struct figures *figures, const char *name, int64_t *values, size_t count)
{
    struct arena *arena = figures->cli->arena;
    const struct rfm_cuts cuts = rfm_cut(values, count, RFM_BINS_DEFAULT);
    struct builder sizes = {.arena = arena};
    double used = 0;
    size_t largest = 0;

    qsort(values, count, sizeof *values, compare_values);
    for (int score = 1; score <= RFM_BINS_DEFAULT; score++) {
        size_t here = 0;

        for (size_t i = 0; i < count; i++)
            here += rfm_score(&cuts, values[i]) == score;
        used += here > 0;
        builder_format(&sizes, "%s%zu", score > 1 ? ", " : "", here);
    }
    for (size_t i = 0, end = 0; i < count; i = end) {
        for (end = i; end < count && values[end] == values[i]; end++)
            ;
        largest = end - i > largest ? end - i : largest;
    }
    figures_add(figures, name, used,
                arena_format(arena,
                             "scores in use of %d; customers with scores 1 to %d: %s; equal values share a score, "
                             "at most %zu customers one value",
                             RFM_BINS_DEFAULT, RFM_BINS_DEFAULT, text_string(arena, builder_done(&sizes)), largest));
}

static void add_rfm(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    size_t count = analysis->file.customer_count;
    int64_t *values[3];

    for (int i = 0; i < 3; i++)
        values[i] = arena_array(arena, count, sizeof **values);
    for (size_t i = 0; i < analysis->file.count; i++) {
        const struct clv_purchase *purchase = &analysis->file.purchases[i];
        uint32_t customer = purchase->customer;

        if (values[1][customer] == 0 || purchase->day > values[0][customer])
            values[0][customer] = purchase->day;
        values[1][customer]++;
        values[2][customer] += llround(purchase->amount * 10000);
    }
    add_ties(figures, "rfm recency", values[0], count);
    add_ties(figures, "rfm frequency", values[1], count);
    if (analysis->file.amounts)
        add_ties(figures, "rfm monetary", values[2], count);
}

/* ---- what customers bring ---- */

static void sum_up(struct analysis *analysis)
{
    const struct purchase_column *profit = &analysis->columns[PROFIT];

    analysis->worths = arena_array(analysis->cli->arena, analysis->file.customer_count, sizeof *analysis->worths);
    for (size_t i = 0; i < analysis->file.count; i++) {
        const struct clv_purchase *purchase = &analysis->file.purchases[i];
        double worth = !profit->known ? purchase->amount : isnan(profit->numbers[i]) ? 0 : profit->numbers[i];

        analysis->worths[purchase->customer] += worth;
    }
}

static void add_worths(struct figures *figures, const struct analysis *analysis)
{
    static const char *const names[PYRAMID_LAYERS] = {"pyramid top", "pyramid big", "pyramid medium", "pyramid small"};
    struct arena *arena = figures->cli->arena;
    const char *what = analysis->columns[PROFIT].known ? "profit" : "sales";
    size_t count = analysis->file.customer_count;
    struct pyramid_layer layers[PYRAMID_LAYERS];

    if (!analysis->columns[PROFIT].known && !analysis->file.amounts)
        return;
    for (int percent = 10; percent <= 30; percent += 5)
        if (percent != 15)
            figures_add(
                figures, arena_format(arena, "share_of_best_%d", percent),
                share_of_best(arena, analysis->worths, count, percent / 100.0),
                arena_format(arena, "of all %s, from the %d %% of the customers who bring most", what, percent));
    counts_pyramid(arena, analysis->worths, count, layers);
    for (int i = 0; i < PYRAMID_LAYERS; i++)
        figures_add(figures, names[i], layers[i].share,
                    layers[i].customers == 0
                        ? "nobody: there are too few customers for such a small share"
                        : arena_format(arena, "of all %s, from %.0f customers (%.0f to %.0f %% of them), %.2f each",
                                       what, layers[i].customers, 100 * layers[i].from, 100 * layers[i].to,
                                       layers[i].mean));
}

/* ---- stages ---- */

static void add_stages(struct figures *figures, const struct analysis *analysis, struct stage_changes *changes)
{
    struct arena *arena = figures->cli->arena;
    char day[DAY_TEXT_SIZE];

    counts_stages(arena, &analysis->purchases, analysis->since, analysis->file.last_day, changes);
    day_format(analysis->since, day);
    for (int i = STAGE_NEW; i < STAGES; i++)
        figures_add(figures, arena_format(arena, "stage %s", stage_name((enum stage)i)), changes->to[i],
                    arena_format(arena, "%.0f on %s", changes->from[i], day));
    for (int i = 0; i < STAGES; i++)
        for (int j = 0; j < STAGES; j++) {
            double low, high;

            if (changes->changes[i][j] == 0)
                continue;
            share_interval(changes->changes[i][j], changes->from[i], NORMAL_95, &low, &high);
            figures_add_interval(
                figures, arena_format(arena, "change %s to %s", stage_name((enum stage)i), stage_name((enum stage)j)),
                (double[]){changes->changes[i][j] / changes->from[i], low, high},
                arena_format(arena, "share of the %.0f who were %s on %s: %.0f", changes->from[i],
                             i == STAGE_NONE ? "not yet customers" : stage_name((enum stage)i), day,
                             changes->changes[i][j]));
        }
}

static void add_checks(struct figures *figures, const struct analysis *analysis, const struct stage_changes *changes)
{
    size_t below = 0;

    for (size_t i = 0; i < analysis->file.customer_count; i++)
        below += analysis->worths[i] < 0;
    figures_add(figures, "check negative", (double)below,
                below == 0 ? "no customer brings less than nothing"
                           : "customers bring less than nothing: shares of the best may pass 1");
    figures_add(figures, "check usual_interval", !isnan(changes->usual),
                isnan(changes->usual)
                    ? "nobody bought on three days: nobody can be at risk, lapsed or lost yet"
                    : "stages of those with fewer than three purchase days go by the median of the rest");
}

static const char *summary_of(const struct analysis *analysis, const struct buying *buying,
                              const struct stage_changes *changes)
{
    struct arena *arena = analysis->cli->arena;
    double gone = changes->to[STAGE_LAPSED] + changes->to[STAGE_LOST];

    if (!analysis->columns[PROFIT].known && !analysis->file.amounts)
        return arena_format(arena, "%.0f of 100 customers came back; %.0f of %.0f have lapsed or are lost.",
                            100 * buying->repeat_rate, gone, buying->customers);
    return arena_format(arena,
                        "%.0f of 100 customers came back; the best fifth bring %.0f %% of the %s; %.0f of %.0f have "
                        "lapsed or are lost.",
                        100 * buying->repeat_rate,
                        100 * share_of_best(arena, analysis->worths, analysis->file.customer_count, 0.2),
                        analysis->columns[PROFIT].known ? "profit" : "sales", gone, buying->customers);
}

static int print_base(struct analysis *analysis, struct figures *figures)
{
    struct stage_changes changes;
    struct buying buying;

    sum_up(analysis);
    add_buying(figures, analysis, &buying);
    add_baskets(figures, analysis);
    add_rfm(figures, analysis);
    add_worths(figures, analysis);
    add_stages(figures, analysis, &changes);
    add_checks(figures, analysis, &changes);
    figures_add(figures, "summary", NAN, summary_of(analysis, &buying, &changes));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    struct analysis analysis = {.cli = cli,
                                .columns = {[BASKET] = {.option = "basket"},
                                            [QUANTITY] = {.option = "quantity", .number = true},
                                            [PROFIT] = {.option = "profit", .number = true}}};
    const char *since = cli_value(cli, "since");
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (since != NULL && !day_parse(text_from(since), &analysis.since))
        return cli_usage(cli, "--since is a day such as 2026-03-31");
    if (!analyze_reader_options(cli, &how) || !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read_columns(cli, &how, analysis.columns, COLUMNS, &analysis.file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (since == NULL)
        analysis.since = analysis.file.last_day - SINCE_DEFAULT;
    analysis.purchases =
        (struct clv_purchases){analysis.file.purchases, analysis.file.count, analysis.file.customer_count};
    return print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"basket", "COLUMN", "the receipt; default: what a customer buys on a day is a basket"},
    {"quantity", "COLUMN", "how many items a row is; default 1"},
    {"profit", "COLUMN", "what a row brings after its costs; default: the amount"},
    {"since", "DAY", "stages then against those of the last day; default 90 days before it"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_counts = {
    .name = "analyze counts",
    .about = "gaps, baskets, what the best customers bring, and lifecycle stages with their changes",
    .usage = "analyze counts FILE [options]",
    .example = "patron analyze counts lines.csv --basket receipt --quantity pieces --profit margin\n"
               "patron analyze counts sales.csv --since 2026-03-31 --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

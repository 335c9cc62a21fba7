#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/analyze_plot.h"
#include "cli/data_file.h"
#include "features/exchange/value.h"
#include "features/insight/demand.h"

enum { HORIZON_DEFAULT = 28, HOLDOUT_DEFAULT = 8, HOLDOUT_MAX = 104, TOP_DEFAULT = 10, TOP_MAX = 10000 };
enum { SPAN_MAX = 20000, SERIES_MAX = 1000000 };

static const size_t SCRATCH_MAX = (size_t)1 << 30;

/* One store and category, or all together. */
struct series {
    uint32_t store, category; /* DATA_MISSING: all */
    double total;
    double *days;
    struct demand_day *foretold, sum;
    struct demand_trial trial;
    bool tried;
};

/* A call of `analyze demand`. */
struct analysis {
    struct cli *cli;
    struct data_file file;
    const struct data_column *date, *store, *category, *amount;
    int32_t *days;  /* of each row; INT32_MIN: none */
    uint32_t *keys; /* of each row: its series */
    int32_t first, last;
    struct series *series; /* [0] is the total, then the largest */
    size_t series_count;
    int64_t horizon, holdout, top, seed;
};

/* ---- rows to series ---- */

/* Why the day of this row is none. */
static void tell_day(const struct analysis *analysis, size_t row)
{
    const struct data_column *date = analysis->date;
    struct moment moment;
    struct error wrong = {0};

    if (date->codes[row] != DATA_MISSING)
        moment_parse(date->levels[date->codes[row]], cli_value(analysis->cli, "date-format"), &moment, &wrong);
    fprintf(stderr, "line %lld: %s\n", (long long)analysis->file.lines[row],
            wrong.message[0] != '\0' ? wrong.message : "there is no day");
}

static enum status read_days(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    const struct data_column *date = analysis->date;
    const char *format = cli_value(analysis->cli, "date-format");

    if (date->codes == NULL)
        return error_set(err, STATUS_LIMIT, "demand.dates", "date", "the column of days has too many different values");
    int32_t *levels = arena_array(arena, date->level_count + 1, sizeof *levels);
    struct error wrong = {0};

    for (size_t i = 0; i < date->level_count; i++) {
        struct moment moment;
        bool known = moment_parse(date->levels[i], format, &moment, &wrong) == STATUS_OK;

        levels[i] = !known ? INT32_MIN : moment.absolute ? (int32_t)(moment.instant / INSTANT_DAY) : moment.day;
    }
    analysis->days = arena_array(arena, analysis->file.row_count + 1, sizeof *analysis->days);
    analysis->first = INT32_MAX;
    analysis->last = INT32_MIN;
    int64_t refused = 0;
    for (size_t i = 0; i < analysis->file.row_count; i++) {
        int32_t day = date->codes[i] == DATA_MISSING ? INT32_MIN : levels[date->codes[i]];

        analysis->days[i] = day;
        if (day == INT32_MIN) {
            if (refused++ == 0)
                tell_day(analysis, i);
            continue;
        }
        analysis->first = day < analysis->first ? day : analysis->first;
        analysis->last = day > analysis->last ? day : analysis->last;
    }
    analysis->file.refused += refused;
    if (refused > 0)
        fprintf(stderr, "%lld rows could not be read\n", (long long)refused);
    if (analysis->last < analysis->first)
        return error_set(err, STATUS_INVALID, "analyze.empty", "", "no row has a day");
    if (analysis->last - analysis->first >= SPAN_MAX)
        return error_set(err, STATUS_LIMIT, "demand.span", "", "the days span more than %d: is one of them wrong?",
                         SPAN_MAX);
    return STATUS_OK;
}

static uint32_t level_of(const struct data_column *column, size_t row)
{
    return column == NULL ? DATA_MISSING : column->codes[row];
}

static double amount_of(const struct analysis *analysis, size_t row)
{
    double value = analysis->amount == NULL ? 1 : analysis->amount->numbers[row];

    return isnan(value) ? 0 : value;
}

static int compare_series(const void *a, const void *b)
{
    const struct series *left = a, *right = b;

    if (left->total != right->total)
        return left->total > right->total ? -1 : 1;
    if (left->store != right->store)
        return left->store < right->store ? -1 : 1;
    return (left->category > right->category) - (left->category < right->category);
}

/* Sums of each store and category; the largest become series. */
static enum status gather(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    size_t stores = analysis->store == NULL ? 0 : analysis->store->level_count;
    size_t categories = analysis->category == NULL ? 0 : analysis->category->level_count;
    size_t cells = (stores + 1) * (categories + 1), span = (size_t)(analysis->last - analysis->first) + 1, kept = 1;

    if (cells > SERIES_MAX)
        return error_set(err, STATUS_LIMIT, "demand.series", "", "%zu stores and categories are more than %d", cells,
                         SERIES_MAX);
    struct series *all = arena_array(arena, cells + 1, sizeof *all);
    uint32_t *place = arena_array(arena, cells + 1, sizeof *place);

    for (size_t i = 0; i < cells; i++)
        all[i + 1] =
            (struct series){.store = (uint32_t)(i / (categories + 1)), .category = (uint32_t)(i % (categories + 1))};
    all[0] = (struct series){.store = DATA_MISSING, .category = DATA_MISSING, .total = INFINITY};
    analysis->keys = arena_array(arena, analysis->file.row_count + 1, sizeof *analysis->keys);
    for (size_t i = 0; i < analysis->file.row_count; i++) {
        uint32_t store = level_of(analysis->store, i), category = level_of(analysis->category, i);

        analysis->keys[i] = DATA_MISSING;
        if (analysis->days[i] == INT32_MIN || (analysis->store != NULL && store == DATA_MISSING) ||
            (analysis->category != NULL && category == DATA_MISSING))
            continue;
        size_t cell = (store == DATA_MISSING ? stores : store) * (categories + 1) +
                      (category == DATA_MISSING ? categories : category);

        analysis->keys[i] = (uint32_t)cell;
        all[cell + 1].total += amount_of(analysis, i);
    }
    qsort(all, cells + 1, sizeof *all, compare_series);
    if (analysis->store != NULL || analysis->category != NULL)
        while (kept <= (size_t)analysis->top && kept <= cells && all[kept].total > 0)
            kept++;
    memset(place, 0, (cells + 1) * sizeof *place);
    for (size_t k = 0; k < kept; k++) {
        all[k].days = arena_array(arena, span, sizeof(double));
        if (k > 0)
            place[all[k].store * (categories + 1) + all[k].category] = (uint32_t)k;
    }
    for (size_t i = 0; i < analysis->file.row_count; i++) {
        if (analysis->days[i] == INT32_MIN)
            continue;
        size_t day = (size_t)(analysis->days[i] - analysis->first);
        double amount = amount_of(analysis, i);

        all[0].days[day] += amount;
        if (analysis->keys[i] != DATA_MISSING && place[analysis->keys[i]] > 0)
            all[place[analysis->keys[i]]].days[day] += amount;
    }
    analysis->series = all;
    analysis->series_count = kept;
    return STATUS_OK;
}

/* ---- what is found ---- */

static enum status foretell(struct analysis *analysis, struct error *err)
{
    size_t span = (size_t)(analysis->last - analysis->first) + 1;
    struct arena *scratch = arena_new(SCRATCH_MAX);
    enum status status = STATUS_OK;

    for (size_t k = 0; k < analysis->series_count; k++) {
        struct series *series = &analysis->series[k];
        struct demand_fit fit;
        struct error ignored;

        arena_reset(scratch);
        status = demand_learn(scratch, series->days, span, &fit, err);
        if (status != STATUS_OK)
            break;
        series->foretold = arena_array(analysis->cli->arena, (size_t)analysis->horizon, sizeof *series->foretold);
        demand_foretell(scratch, &fit, (size_t)analysis->horizon, (uint64_t)analysis->seed, series->foretold,
                        &series->sum);
        series->tried =
            demand_try(scratch, series->days, span, (size_t)analysis->holdout, &series->trial, &ignored) == STATUS_OK;
    }
    arena_free(scratch);
    return status;
}

/* ---- what is told ---- */

static struct text name_of(const struct data_column *column, uint32_t level)
{
    return column == NULL || level == DATA_MISSING || level >= column->level_count ? TEXT("") : column->levels[level];
}

static const char *series_name(const struct analysis *analysis, const struct series *series)
{
    struct text store = name_of(analysis->store, series->store),
                category = name_of(analysis->category, series->category);

    if (store.size + category.size == 0)
        return "all";
    return arena_format(analysis->cli->arena, "%.*s%s%.*s", (int)store.size, store.bytes,
                        store.size > 0 && category.size > 0 ? " / " : "", (int)category.size, category.bytes);
}

static void add_series(struct figures *figures, const struct analysis *analysis, const struct series *series)
{
    struct arena *arena = figures->cli->arena;
    const char *name = series_name(analysis, series);

    figures_add_interval(figures, arena_format(arena, "next %s", name),
                         (double[]){series->sum.expected, series->sum.low, series->sum.high},
                         arena_format(arena, "in the %lld days to come", (long long)analysis->horizon));
    if (!series->tried)
        return;
    figures_add(figures, arena_format(arena, "error %s", name), series->trial.error,
                arena_format(arena, "mean absolute error a day over the last %lld weeks, foretold a week at a time",
                             (long long)analysis->holdout));
    figures_add(figures, arena_format(arena, "error_week_before %s", name), series->trial.naive_error,
                "of the same weekday of the week before");
    figures_add(figures, arena_format(arena, "covered %s", name), series->trial.covered,
                "share of those days within the 90 % interval");
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct series *all = &analysis->series[0];
    size_t tried = 0, better = 0;
    char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];

    figures_add(figures, "days", (double)(analysis->last - analysis->first + 1),
                arena_format(arena, "%s to %s; a day without a row is a day without sales",
                             day_format(analysis->first, first), day_format(analysis->last, last)));
    for (size_t k = 0; k < analysis->series_count; k++) {
        add_series(figures, analysis, &analysis->series[k]);
        tried += analysis->series[k].tried;
        better += analysis->series[k].tried && analysis->series[k].trial.error < analysis->series[k].trial.naive_error;
    }
    if (tried > 0)
        figures_add(figures, "check holdout", (double)better / (double)tried,
                    arena_format(arena,
                                 "%zu of %zu series are foretold better than by the same weekday of the week before",
                                 better, tried));
    else
        figures_add(figures, "check holdout", NAN, "too few days to hold weeks out");
    figures_add(figures, "summary", NAN,
                arena_format(arena,
                             "In the next %lld days expect %.6g, and with 9 chances of 10 between %.6g and %.6g.",
                             (long long)analysis->horizon, all->sum.expected, all->sum.low, all->sum.high));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int print_days(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t k = 0; k < analysis->series_count; k++)
        for (int32_t i = 0; i < analysis->horizon; i++) {
            const struct series *series = &analysis->series[k];
            const struct demand_day *day = &series->foretold[i];
            char text[DAY_TEXT_SIZE];
            const struct text fields[] = {name_of(analysis->store, series->store),
                                          name_of(analysis->category, series->category),
                                          text_from(day_format(analysis->last + 1 + i, text)),
                                          figure_text(arena, day->expected),
                                          figure_text(arena, day->low),
                                          figure_text(arena, day->high),
                                          LEVEL_USUAL};

            output_row(output, fields);
        }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static enum status find_columns(struct analysis *analysis, struct error *err)
{
    const struct cli *cli = analysis->cli;
    const char *date = cli_value(cli, "date"), *store = cli_value(cli, "store"), *category = cli_value(cli, "category");
    const char *amount = cli_value(cli, "quantity") != NULL ? cli_value(cli, "quantity") : cli_value(cli, "amount");
    enum status status = data_file_column(&analysis->file, date != NULL ? date : "date", &analysis->date, err);

    if (status == STATUS_OK && store != NULL)
        status = data_file_column(&analysis->file, store, &analysis->store, err);
    if (status == STATUS_OK && category != NULL)
        status = data_file_column(&analysis->file, category, &analysis->category, err);
    if (status == STATUS_OK && amount != NULL)
        status = data_file_numbers(&analysis->file, amount, &analysis->amount, err);
    if (status == STATUS_OK && ((analysis->store != NULL && analysis->store->codes == NULL) ||
                                (analysis->category != NULL && analysis->category->codes == NULL)))
        return error_set(err, STATUS_LIMIT, "demand.series", "", "there are too many stores or categories");
    return status;
}

static enum status draw(const struct analysis *analysis, struct error *err)
{
    const char *amount = cli_value(analysis->cli, "amount"), *quantity = cli_value(analysis->cli, "quantity");
    const struct demand_picture picture = {
        .days = analysis->series[0].days,
        .day_count = (size_t)(analysis->last - analysis->first) + 1,
        .last = analysis->last,
        .foretold = analysis->series[0].foretold,
        .horizon = (size_t)analysis->horizon,
        .sum = &analysis->series[0].sum,
        .unit = quantity != NULL ? quantity
                : amount != NULL ? amount
                                 : "rows",
    };

    return demand_plot(analysis->cli, &picture, err);
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"store", false},   {"category", false}, {"day", false},
                                                   {"expected", true}, {"low", true},       {"high", true},
                                                   {"level", true}};
    struct analysis analysis = {
        .cli = cli, .horizon = HORIZON_DEFAULT, .holdout = HOLDOUT_DEFAULT, .top = TOP_DEFAULT, .seed = 1};
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (!cli_integer(cli, "horizon", 1, DEMAND_HORIZON_MAX, &analysis.horizon) ||
        !cli_integer(cli, "holdout", 1, HOLDOUT_MAX, &analysis.holdout) ||
        !cli_integer(cli, "top", 1, TOP_MAX, &analysis.top) ||
        !cli_integer(cli, "seed", 0, INT32_MAX, &analysis.seed) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    bool each = cli_flag(cli, "days");

    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (data_file_read(cli, &how, &analysis.file, &error) != STATUS_OK ||
        find_columns(&analysis, &error) != STATUS_OK || read_days(&analysis, &error) != STATUS_OK ||
        gather(&analysis, &error) != STATUS_OK || foretell(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_value(cli, "plot") != NULL && draw(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_days(&analysis, &output) : print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_LIVE,
    {"until", "DAY", "of a database: leave out purchases after"},
    {"date", "COLUMN", "the day; default date"},
    {"date-format", "FORMAT", "letters d m y H M S and separators, such as d/m/y"},
    {"store", "COLUMN", "foretell for each store"},
    {"category", "COLUMN", "foretell for each category, or each store and category"},
    {"amount", "COLUMN", "what is added up; default the number of rows"},
    {"quantity", "COLUMN", "the same, instead of an amount"},
    {"top", "N", "the largest series, besides all together; default 10"},
    {"horizon", "DAYS", "how far ahead; default 28"},
    {"holdout", "WEEKS", "the last weeks, foretold to measure the error; default 8"},
    {"days", NULL, "a row for each day and series"},
    OPTION_PLOT,
    {"seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_LINES, .defaults = {"date=date", "amount=amount"}};

const struct subcommand analyze_demand = {
    .name = "analyze demand",
    .about = "what will be sold each day, by store and category",
    .usage = "analyze demand FILE --date COLUMN [--store COLUMN] [--category COLUMN] [options]",
    .example = "patron analyze demand lines.csv --date day --category department --amount total\n"
               "patron analyze demand lines.csv --date day --store shop --quantity pieces --days --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

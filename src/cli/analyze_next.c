#include <math.h>

#include "cli/analyze.h"
#include "cli/purchase_file.h"
#include "features/insight/next_purchase.h"

static const int32_t SPANS[] = {7, 30, 90};
static const double LATE = 0.95;

/* A call of `analyze next`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file;
    struct next_member *members;
    struct next_model model;
};

static double elapsed_of(const struct analysis *analysis, const struct next_member *member)
{
    return (double)analysis->file.last_day - member->last;
}

static int print_members(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t i = 0; i < analysis->file.customer_count; i++) {
        const struct next_member *member = &analysis->members[i];
        char texts[4][DAY_TEXT_SIZE];
        struct next_date date;

        if (member->last == INT32_MIN)
            continue;
        next_foretell(&analysis->model, member, elapsed_of(analysis, member), &date);
        const double days[] = {0, date.middle, date.low, date.high};

        for (int k = 0; k < 4; k++)
            day_format((int32_t)fmin(2900000, member->last + ceil(days[k])), texts[k]); /* before the year 9999 */
        const struct text fields[] = {analysis->file.names[i],       figure_text(arena, member->gaps + 1.0),
                                      text_from(texts[0]),           text_from(texts[1]),
                                      text_from(texts[2]),           text_from(texts[3]),
                                      figure_text(arena, date.late), LEVEL_USUAL};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct next_model *model = &analysis->model;
    struct next_trial trial;
    double due[sizeof SPANS / sizeof SPANS[0]] = {0}, late = 0;

    for (size_t i = 0; i < analysis->file.customer_count; i++) {
        const struct next_member *member = &analysis->members[i];
        struct next_date date;

        if (member->last == INT32_MIN)
            continue;
        next_foretell(model, member, elapsed_of(analysis, member), &date);
        late += date.late > LATE;
        for (size_t k = 0; k < sizeof SPANS / sizeof SPANS[0]; k++)
            due[k] += date.late > LATE ? 0 : next_chance(model, member, elapsed_of(analysis, member), SPANS[k]);
    }
    next_try(model, analysis->members, analysis->file.customer_count, &trial);
    figures_add(figures, "customers", (double)analysis->file.customer_count,
                arena_format(arena, "%zu of them bought on two days and more", model->member_count));
    figures_add(figures, "gap_middle", exp(model->mean), "days between purchases of a member in the middle");
    figures_add_interval(figures, "gap_members",
                         (double[]){exp(model->mean), exp(model->mean - 1.645 * sqrt(model->between)),
                                    exp(model->mean + 1.645 * sqrt(model->between))},
                         "the usual gaps of nine members of ten lie between");
    figures_add(figures, "gap_spread", exp(sqrt(model->within)),
                "factor by which a gap differs from its member's usual one");
    for (size_t k = 0; k < sizeof SPANS / sizeof SPANS[0]; k++)
        figures_add(figures, arena_format(arena, "due_%d", (int)SPANS[k]), due[k],
                    arena_format(arena, "members expected to buy in the next %d days, of those who are not overdue",
                                 (int)SPANS[k]));
    figures_add(figures, "overdue", late, "their last purchase is longer ago than 19 of 20 of their gaps");
    figures_add(
        figures, "check coverage", trial.covered,
        arena_format(arena, "of %zu last gaps, foretold from those before, within the 90 %% interval", trial.members));
    figures_add(figures, "check error", trial.error,
                arena_format(arena, "days by which those are missed on average; %.4g by the middle of all",
                             trial.error_of_all));
    figures_add(
        figures, "summary", NAN,
        arena_format(arena,
                     "A member in the middle buys every %.0f days; %.0f members are expected in the next 7 days, "
                     "and %.0f are overdue.",
                     exp(model->mean), due[0], late));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"customer", false}, {"purchases", true}, {"last", false},
                                                   {"next", false},     {"low", false},      {"high", false},
                                                   {"late", true},      {"level", true}};
    struct analysis analysis = {.cli = cli};
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (!analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    bool each = cli_flag(cli, "scores");

    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read(cli, &how, &analysis.file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct clv_purchases base = {analysis.file.purchases, analysis.file.count, analysis.file.customer_count};

    analysis.members = arena_array(cli->arena, base.customer_count, sizeof *analysis.members);
    next_members(cli->arena, &base, analysis.members);
    if (next_learn(analysis.members, base.customer_count, &analysis.model, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_members(&analysis, &output) : print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"scores", NULL, "a row for each member: the next day with its interval, and how late he is"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_next = {
    .name = "analyze next",
    .about = "when each member will buy again, and who is overdue",
    .usage = "analyze next FILE [options]",
    .example = "patron analyze next sales.csv --customer id --date day\n"
               "patron analyze next sales.csv --customer id --date day --scores --format csv > next.csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

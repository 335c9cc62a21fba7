#include <math.h>

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "features/insight/segments.h"

enum { SEED_DEFAULT = 1 };

/* A call of `analyze segments`. */
struct analysis {
    struct cli *cli;
    struct data_file file;
    const struct data_column *customer; /* NULL: members are known by their rows */
    struct segment_features features;
    struct segmentation found;
    int64_t wanted, seed;
    enum segment_method method;
};

/* The features named, or else all columns of numbers but that of the customer. */
static enum status choose_features(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->cli;
    const char *named = cli_value(cli, "features");
    const struct data_column **columns;
    size_t count = 0, used = 0;
    enum status status = data_file_columns(cli->arena, &analysis->file, named, &columns, &count, err);

    if (status != STATUS_OK)
        return status;
    const double **numbers = arena_array(cli->arena, count + 1, sizeof *numbers);
    const char **names = arena_array(cli->arena, count + 1, sizeof *names);

    for (size_t i = 0; i < count; i++) {
        const struct data_column *column = columns[i];

        if (named == NULL && (!column->numeric || column == analysis->customer))
            continue;
        names[used] = text_string(cli->arena, column->name);
        if (status == STATUS_OK && !column->numeric)
            status = data_file_numbers(&analysis->file, names[used], &column, err);
        if (status != STATUS_OK)
            return status;
        numbers[used++] = column->numbers;
    }
    if (used == 0 || used > SEGMENT_FEATURES_MAX)
        return error_set(err, STATUS_INVALID, "segments.features", "features",
                         "%zu columns of numbers are not between 1 and %d: name some with --features", used,
                         SEGMENT_FEATURES_MAX);
    analysis->features = (struct segment_features){numbers, names, used, analysis->file.row_count};
    return STATUS_OK;
}

static enum status learn(struct analysis *analysis, const struct reader_options *how, struct error *err)
{
    struct cli *cli = analysis->cli;
    const char *customer = cli_value(cli, "customer");
    const struct segment_question question = {
        .method = analysis->method, .wanted = (size_t)analysis->wanted, .seed = (uint64_t)analysis->seed};
    enum status status = data_file_read(cli, how, &analysis->file, err);

    if (status == STATUS_OK && customer != NULL)
        status = data_file_column(&analysis->file, customer, &analysis->customer, err);
    if (status == STATUS_OK)
        status = choose_features(analysis, err);
    if (status == STATUS_OK)
        status = segments_find(cli->arena, &analysis->features, &question, &analysis->found, err);
    return status;
}

/* ---- each member ---- */

static struct text name_of(const struct analysis *analysis, size_t row)
{
    const struct data_column *column = analysis->customer;
    struct arena *arena = analysis->cli->arena;

    if (column == NULL)
        return text_from(arena_format(arena, "%zu", row + 1));
    if (column->codes == NULL)
        return isnan(column->numbers[row]) ? TEXT("") : text_from(arena_format(arena, "%.15g", column->numbers[row]));
    return column->codes[row] == DATA_MISSING ? TEXT("") : column->levels[column->codes[row]];
}

static int print_scores(const struct analysis *analysis, struct output *output)
{
    for (size_t i = 0; i < analysis->file.row_count; i++) {
        uint32_t segment = analysis->found.of[i];
        bool known = segment != SEGMENT_NONE;
        const struct text fields[] = {
            name_of(analysis, i), known ? figure_text(analysis->cli->arena, segment + 1.0) : TEXT(""),
            text_from(known ? analysis->found.segments[segment].name : "a feature is missing")};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the segments ---- */

static void add_segments(struct figures *figures, const struct analysis *analysis)
{
    const struct segmentation *found = &analysis->found;
    struct arena *arena = figures->cli->arena;

    for (size_t i = 0; i < found->count; i++) {
        const struct segment *segment = &found->segments[i];

        figures_add(figures, arena_format(arena, "segment %zu", i + 1), (double)segment->members,
                    arena_format(arena, "%s; %.1f %% of the members", segment->name,
                                 100 * (double)segment->members / (double)found->members));
        for (size_t j = 0; j < analysis->features.feature_count; j++) {
            const struct segment_mean *mean = &segment->means[j];

            figures_add_interval(figures, arena_format(arena, "segment %zu %s", i + 1, analysis->features.names[j]),
                                 (double[]){mean->mean, mean->low, mean->high},
                                 arena_format(arena, "mean; %+.2f standard deviations from all", mean->apart));
        }
    }
}

static void add_stability(struct figures *figures, const struct analysis *analysis)
{
    const struct segmentation *found = &analysis->found;
    struct arena *arena = figures->cli->arena;

    for (size_t k = 2; k <= SEGMENTS_MAX; k++)
        figures_add(figures, arena_format(arena, "stability %zu", k), found->stability[k],
                    arena_format(arena, "halves of the members agree so far on %zu segments; without any groups %.3f",
                                 k, found->even[k]));
}

/* Of a mixture, where the least fits best for what it costs. */
static void add_bic(struct figures *figures, const struct analysis *analysis)
{
    const struct segmentation *found = &analysis->found;
    struct arena *arena = figures->cli->arena;
    size_t best = 1;

    if (analysis->method != SEGMENT_MIXTURE)
        return;
    for (size_t k = 2; k <= SEGMENTS_MAX; k++)
        best = found->bic[k] < found->bic[best] ? k : best;
    for (size_t k = 1; k <= SEGMENTS_MAX; k++)
        figures_add(figures, arena_format(arena, "bic %zu", k), found->bic[k],
                    k == best ? "Bayesian information criterion: the least, so that this number fits best"
                              : "Bayesian information criterion of so many components");
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    const struct segmentation *found = &analysis->found;
    struct arena *arena = figures->cli->arena;
    size_t missing = analysis->file.row_count - found->members;
    bool stable = found->count > 1 && found->stability[found->count] >= 0.75 &&
                  found->stability[found->count] - found->even[found->count] >= 0.1;

    for (size_t j = 0; j < analysis->features.feature_count; j++) {
        const struct segment_feature *feature = &found->features[j];

        if (!feature->used || feature->logarithm)
            figures_add(figures, arena_format(arena, "check %s", analysis->features.names[j]), feature->used,
                        feature->used ? "skewed: grouped by its logarithm" : "the same for all: it tells nothing");
    }
    figures_add(figures, "check missing", (double)missing, "members left out because a feature is missing");
    figures_add(figures, "check stable", stable,
                found->count == 1 ? "no number of segments is stable: members differ by degrees, not by groups"
                : stable          ? "the segments come back in other halves of the members"
                                  : "these segments do not come back in other halves: do not build on them");
}

static const char *summary_of(const struct analysis *analysis)
{
    const struct segmentation *found = &analysis->found;
    struct builder text = {.arena = analysis->cli->arena};

    if (found->count == 1)
        return "Your members do not fall into groups by these features.";
    builder_format(&text, "Your %zu members fall into %zu groups: ", found->members, found->count);
    for (size_t i = 0; i < found->count; i++)
        builder_format(&text, "%s%zu with %s", i > 0 ? "; " : "", found->segments[i].members, found->segments[i].name);
    builder_string(&text, ".");
    return text_string(analysis->cli->arena, builder_done(&text));
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    const struct segmentation *found = &analysis->found;

    figures_add(figures, "members", (double)found->members, "with all features");
    figures_add(figures, "segments", (double)found->count,
                analysis->wanted > 0 ? "as many as asked for" : "the largest stable number");
    figures_add(figures, "explained", found->explained, "share of the differences between members that segments tell");
    add_segments(figures, analysis);
    add_stability(figures, analysis);
    add_bic(figures, analysis);
    add_checks(figures, analysis);
    figures_add(figures, "seed", (double)analysis->seed, "the same seed gives the same segments");
    figures_add(figures, "summary", NAN, summary_of(analysis));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"customer", false}, {"segment", true}, {"name", false}};
    struct analysis analysis = {.cli = cli, .seed = SEED_DEFAULT};
    const char *method = cli_value(cli, "method");
    bool each = cli_flag(cli, "scores");
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (method != NULL && !segment_method_from(method, &analysis.method))
        return cli_usage(cli, "--method is means or mixture, not '%s'", method);
    if (!cli_integer(cli, "segments", 1, SEGMENTS_MAX, &analysis.wanted) ||
        !cli_integer(cli, "seed", 0, INT32_MAX, &analysis.seed) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (learn(&analysis, &how, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(&analysis, &output) : print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_LIVE,
    {"customer", "COLUMN", "who the row is of; default: rows are numbered"},
    {"features", "A,B,C", "columns of numbers; default: all but the customer"},
    {"segments", "N", "so many; default: the largest stable number, 1 to 8"},
    {"method", "METHOD", "means (k-means, the default) or mixture (of normal distributions, of any width and slant)"},
    {"seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1"},
    {"scores", NULL, "a row for each member"},
    OPTIONS_FILE,
};

static const struct live_source live = {
    .rows = LIVE_ROWS_MEMBERS,
    .defaults = {
        "customer=customer",
        "features=purchases,mean_spend,days_since_last,days_as_customer,returned_share,discounted_share,categories"}};

const struct subcommand analyze_segments = {
    .name = "analyze segments",
    .about = "groups of members who are alike, as many as are stable, and what sets them apart",
    .usage = "analyze segments FILE [options]",
    .example = "patron analyze segments members.csv --customer id --features visits,spend,discounted\n"
               "patron analyze segments members.csv --customer id --segments 4 --scores --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};

#include <math.h>
#include <stdlib.h>

#include "cli/survey_file.h"
#include "features/insight/satisfaction_matrix.h"

enum { BEST_DEFAULT = 30 };

/* A call of `analyze matrix`. */
struct analysis {
    struct survey_file survey;
    enum matrix_kind kind;
    const struct data_column *satisfaction, *other;
    int64_t best; /* per cent of the members who are of high value */
    struct matrix_data data;
    const char *satisfaction_words, *other_words; /* how the cuts were found */
    struct matrix_report report;
};

/* A cut said by hand; false with a message when it is no number. */
static bool read_cut(const struct cli *cli, const char *option, double *cut, const char **words)
{
    const char *text = cli_value(cli, option);
    char *end;

    *words = NULL;
    if (text == NULL)
        return true;
    *cut = strtod(text, &end);
    *words = "as asked";
    if (end == text || *end != '\0' || !isfinite(*cut))
        return cli_usage(cli, "--%s is a number", option), false;
    return true;
}

/* From 8 of 10, 4 of 5 and so on; when the answers lie on no usual scale, the upper half. */
static enum status cut_scale(const struct analysis *analysis, const struct data_column *column, double *cut,
                             const char **words, struct error *err)
{
    struct arena *arena = analysis->survey.cli->arena;
    double low, high;

    if (survey_scale(&analysis->survey, &column, 1, &low, &high, err) == STATUS_OK) {
        *cut = matrix_cut_scale(low, high);
        *words = arena_format(arena, "the upper quarter of the scale from %g to %g", low, high);
        return STATUS_OK;
    }
    *words = "the upper half of the members";
    return matrix_cut_best(arena, column->numbers, analysis->survey.data.row_count, 0.5, cut, err);
}

static enum status build(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->survey.cli;
    struct matrix_data *data = &analysis->data;
    const char *other = cli_value(cli, analysis->kind == MATRIX_VALUE ? "value" : "loyalty");
    enum status status =
        data_file_numbers(&analysis->survey.data, cli_value(cli, "satisfaction"), &analysis->satisfaction, err);

    if (status == STATUS_OK)
        status = data_file_numbers(&analysis->survey.data, other, &analysis->other, err);
    if (status != STATUS_OK)
        return status;
    data->satisfaction = analysis->satisfaction->numbers;
    data->other = analysis->other->numbers;
    data->count = analysis->survey.data.row_count;
    if (analysis->satisfaction_words == NULL)
        status =
            cut_scale(analysis, analysis->satisfaction, &data->satisfaction_cut, &analysis->satisfaction_words, err);
    if (status == STATUS_OK && analysis->other_words == NULL) {
        if (analysis->kind == MATRIX_VALUE) {
            analysis->other_words = arena_format(cli->arena, "the best %lld of 100 members", (long long)analysis->best);
            status = matrix_cut_best(cli->arena, data->other, data->count, (double)analysis->best / 100,
                                     &data->other_cut, err);
        } else {
            status = cut_scale(analysis, analysis->other, &data->other_cut, &analysis->other_words, err);
        }
    }
    if (status != STATUS_OK)
        return status;
    return matrix_build(cli->arena, data, analysis->survey.confidence, &analysis->report, err);
}

/* ---- rows ---- */

static void add_field(struct figures *figures, const struct analysis *analysis, enum matrix_field field)
{
    const struct matrix_cell *cell = &analysis->report.cells[field];
    const char *name = matrix_field_name(analysis->kind, field);
    struct arena *arena = figures->cli->arena;

    figures_add_interval(
        figures, name, (double[]){cell->share, cell->low, cell->high},
        arena_format(arena, "share of the members: %.0f; %s", cell->count, matrix_field_action(analysis->kind, field)));
    figures_add(figures, arena_format(arena, "%s: satisfaction", name), cell->satisfaction, "mean");
    figures_add(figures, arena_format(arena, "%s: %s", name, analysis->kind == MATRIX_VALUE ? "value" : "loyalty"),
                cell->other, "mean");
    if (analysis->kind == MATRIX_VALUE)
        figures_add(figures, arena_format(arena, "%s: share of value", name), cell->sum_share,
                    arena_format(arena, "%.2f together", cell->sum));
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    const struct matrix_report *report = &analysis->report;
    double fewest = report->count;

    for (size_t i = 0; i < MATRIX_FIELDS; i++)
        fewest = fmin(fewest, report->cells[i].count);
    figures_add_interval(figures, "rank_correlation", (double[]){report->rank_correlation, report->low, report->high},
                         isnan(report->rank_correlation) ? "one of the two does not vary"
                         : report->low > 0               ? "the more satisfied, the higher the other: as one would hope"
                         : report->high < 0 ? "the more satisfied, the LOWER the other: look into who answers"
                                            : "satisfaction and the other do not go together by more than chance");
    figures_add(figures, "check size", fewest,
                fewest < 5 ? "members in the smallest field: below 5, say nothing of it"
                           : "members in the smallest field");
}

static const char *sentence(const struct analysis *analysis)
{
    const struct matrix_cell *cells = analysis->report.cells;
    struct arena *arena = analysis->survey.cli->arena;

    if (analysis->kind == MATRIX_LOYALTY)
        return arena_format(arena,
                            "Of 100 members %.0f are apostles, %.0f hostages, %.0f mercenaries and %.0f defectors.%s",
                            100 * cells[MATRIX_HIGH_HIGH].share, 100 * cells[MATRIX_LOW_HIGH].share,
                            100 * cells[MATRIX_HIGH_LOW].share, 100 * cells[MATRIX_LOW_LOW].share,
                            cells[MATRIX_LOW_HIGH].share > cells[MATRIX_HIGH_HIGH].share
                                ? " More stay because they must than because they like to: that does not last."
                                : "");
    const char *value = isnan(cells[MATRIX_LOW_HIGH].sum_share)
                            ? ""
                            : arena_format(arena, " with %.0f %% of all value", 100 * cells[MATRIX_LOW_HIGH].sum_share);

    return arena_format(arena, "%.0f members of high value are not satisfied%s: begin with them.",
                        cells[MATRIX_LOW_HIGH].count, value);
}

static int run(struct cli *cli)
{
    struct analysis analysis = {.best = BEST_DEFAULT};
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!survey_options(cli, &how, &analysis.survey) || !cli_integer(cli, "value-best", 1, 99, &analysis.best) ||
        !read_cut(cli, "satisfaction-cut", &analysis.data.satisfaction_cut, &analysis.satisfaction_words) ||
        !read_cut(cli, "cut", &analysis.data.other_cut, &analysis.other_words))
        return EXIT_USAGE;
    if (cli_value(cli, "satisfaction") == NULL ||
        (cli_value(cli, "loyalty") == NULL) == (cli_value(cli, "value") == NULL))
        return cli_usage(cli, "say the columns with --satisfaction, and with either --loyalty or --value");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    analysis.kind = cli_value(cli, "value") != NULL ? MATRIX_VALUE : MATRIX_LOYALTY;
    if (data_file_read(cli, &how, &analysis.survey.data, &error) != STATUS_OK || build(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    figures_add(&figures, "members", analysis.report.count,
                arena_format(cli->arena, "%.0f rows without both answers are left out", analysis.report.left_out));
    figures_add(&figures, "confidence", analysis.survey.confidence, "of all intervals here");
    figures_add(&figures, "cut satisfaction", analysis.data.satisfaction_cut,
                arena_format(cli->arena, "from here on satisfied: %s", analysis.satisfaction_words));
    figures_add(&figures, analysis.kind == MATRIX_VALUE ? "cut value" : "cut loyalty", analysis.data.other_cut,
                arena_format(cli->arena, "from here on high: %s", analysis.other_words));
    for (int field = 0; field < MATRIX_FIELDS; field++)
        add_field(&figures, &analysis, (enum matrix_field)field);
    add_checks(&figures, &analysis);
    return survey_end(&figures, &analysis.survey, sentence(&analysis));
}

static const struct cli_option options[] = {
    {"satisfaction", "COLUMN", "how satisfied each member is"},
    {"loyalty", "COLUMN", "how loyal: an answer, an index, a share of wallet"},
    {"value", "COLUMN", "or what each member is worth: margin, sales, lifetime value"},
    {"satisfaction-cut", "NUMBER", "from where on satisfied; default: the upper quarter of the scale, such as 4 of 5"},
    {"cut", "NUMBER", "from where on loyal or of high value"},
    {"value-best", "PERCENT", "without --cut, so many members are of high value; default 30"},
    OPTION_SCALE,
    OPTION_CONFIDENCE,
    OPTIONS_FILE,
};

const struct subcommand analyze_matrix = {
    .name = "analyze matrix",
    .about = "members by satisfaction and loyalty (apostles, hostages, mercenaries, defectors) or value",
    .usage = "analyze matrix FILE --satisfaction COLUMN --loyalty COLUMN|--value COLUMN [options]",
    .example = "patron analyze matrix members.csv --satisfaction satisfied --loyalty again\n"
               "patron analyze matrix members.csv --satisfaction satisfied --value margin --value-best 20",
    .options = CLI_OPTIONS(options),
    .run = run,
};

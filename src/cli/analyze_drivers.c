#include <math.h>
#include <stdlib.h>

#include "cli/analyze_plot.h"
#include "cli/survey_file.h"
#include "features/insight/satisfaction_drivers.h"

static const double INFLATION_MUCH = 10, MISSING_MUCH = 0.1;

/* A call of `analyze drivers`. */
struct analysis {
    struct survey_file survey;
    const struct data_column *outcome, **drivers;
    size_t driver_count;
    int64_t samples;
    struct driver_report report;
    size_t *order; /* the strongest first */
};

static const char *name_of(const struct analysis *analysis, size_t j)
{
    return text_string(analysis->survey.cli->arena, analysis->drivers[j]->name);
}

/* The drivers named, or every other column of numbers. */
static enum status find_drivers(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->survey.cli;
    const char *names = cli_value(cli, "drivers");
    size_t kept = 0;
    enum status status = data_file_numbers(&analysis->survey.data, cli_value(cli, "outcome"), &analysis->outcome, err);

    if (status == STATUS_OK && names != NULL)
        status = survey_columns(&analysis->survey, names, &analysis->drivers, &analysis->driver_count, err);
    else if (status == STATUS_OK)
        status = data_file_columns(cli->arena, &analysis->survey.data, NULL, &analysis->drivers,
                                   &analysis->driver_count, err);
    if (status != STATUS_OK)
        return status;
    for (size_t j = 0; j < analysis->driver_count; j++) {
        if (analysis->drivers[j] == analysis->outcome && names != NULL)
            return error_set(err, STATUS_INVALID, "drivers.count", "drivers", "the outcome is not one of its drivers");
        if (analysis->drivers[j] != analysis->outcome && analysis->drivers[j]->numeric)
            analysis->drivers[kept++] = analysis->drivers[j];
    }
    analysis->driver_count = kept;
    return STATUS_OK;
}

static enum status measure(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->survey.cli->arena;
    enum status status = find_drivers(analysis, err);

    if (status != STATUS_OK)
        return status;
    size_t count = analysis->driver_count;
    const struct driver_data data = {
        .outcome = analysis->outcome->numbers,
        .drivers = survey_numbers(arena, analysis->drivers, count),
        .driver_count = count,
        .row_count = analysis->survey.data.row_count,
    };
    const struct driver_options options = {
        .confidence = analysis->survey.confidence, .samples = (size_t)analysis->samples, .seed = analysis->survey.seed};

    status = driver_analyze(arena, &data, &options, &analysis->report, err);
    if (status != STATUS_OK)
        return status;
    analysis->order = arena_array(arena, count + 1, sizeof *analysis->order);
    for (size_t i = 0; i < count; i++) {
        size_t at = i;

        /* Few enough to be put in one by one. */
        for (; at > 0 && analysis->report.drivers[analysis->order[at - 1]].lmg < analysis->report.drivers[i].lmg; at--)
            analysis->order[at] = analysis->order[at - 1];
        analysis->order[at] = i;
    }
    return STATUS_OK;
}

/* ---- rows ---- */

static void add_whole(struct figures *figures, const struct analysis *analysis)
{
    const struct driver_report *report = &analysis->report;
    struct arena *arena = figures->cli->arena;

    figures_add(figures, "rows", (double)report->rows,
                arena_format(arena, "with every answer; %zu rows with a gap are left out", report->left_out));
    figures_add(figures, "confidence", analysis->survey.confidence, "of all intervals here");
    figures_add_interval(figures, "R2", (double[]){report->explained, report->explained_low, report->explained_high},
                         "share of the differences in the outcome that the drivers explain together");
    figures_add(figures, "R2_adjusted", report->adjusted, "less what as many columns of chance would explain");
    figures_add(figures, "bootstrap_samples", (double)report->samples,
                arena_format(arena, "seed %llu; %zu could not be computed and are left out",
                             (unsigned long long)analysis->survey.seed, report->failed));
}

static void add_driver(struct figures *figures, const struct analysis *analysis, size_t j)
{
    const struct driver_report *report = &analysis->report;
    const struct driver *driver = &report->drivers[j];
    struct arena *arena = figures->cli->arena;
    const char *name = name_of(analysis, j);
    double part = report->explained > 0 ? 100 * driver->lmg / report->explained : 0;

    figures_add_interval(
        figures, arena_format(arena, "lmg %s", name), (double[]){driver->lmg, driver->lmg_low, driver->lmg_high},
        driver->constant
            ? "all answers are the same: it explains nothing"
            : arena_format(arena, "%.1f %% of what is explained; goes with %s of the outcome%s", part,
                           driver->correlation < 0 ? "less" : "more",
                           report->exact ? ""
                                         : arena_format(arena, "; drawn, standard error %.2g", driver->draw_error)));
    figures_add_interval(figures, arena_format(arena, "johnson %s", name),
                         (double[]){driver->johnson, driver->johnson_low, driver->johnson_high},
                         "relative weight, a part of R2 too");
    figures_add(
        figures, arena_format(arena, "coefficient %s", name), driver->coefficient,
        isnan(driver->coefficient)
            ? "cannot be told apart from the other drivers"
            : arena_format(arena, "standardised, beside all others; variance inflation %.2f", driver->inflation));
    figures_add_interval(figures, arena_format(arena, "performance %s", name),
                         (double[]){driver->mean, driver->mean_low, driver->mean_high},
                         arena_format(arena, "mean answer; %zu missing", driver->missing));
    figures_add(figures, arena_format(arena, "map %s", name), NAN, driver_place_words(driver->place));
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    const struct driver_report *report = &analysis->report;
    double total = (double)(report->rows + report->left_out), inflation = 0;
    double missing = (double)report->left_out / total;

    for (size_t j = 0; j < analysis->driver_count; j++)
        inflation = fmax(inflation, report->drivers[j].inflation);
    figures_add(figures, "cut importance", report->importance_cut,
                "the equal part of R2: above it a driver is important");
    figures_add(figures, "cut performance", report->performance_cut,
                "mean of all drivers: above it one is good. Drivers lie on one scale");
    figures_add(figures, "check missing", missing,
                missing > MISSING_MUCH ? "share of the rows left out: many" : "share of the rows left out");
    if (!isnan(report->left_out_p_value))
        figures_add(figures, "check left_out", report->left_out_p_value,
                    report->left_out_p_value < 0.05
                        ? "p: rows left out have ANOTHER mean outcome, so the shares may not hold for them"
                        : "p: rows left out have the same mean outcome, as far as chance lets one see");
    figures_add(figures, "check overlap", inflation > 0 ? inflation : NAN,
                !(inflation > 0) ? "some drivers say the same: their shares are split evenly"
                : inflation > INFLATION_MUCH
                    ? "largest variance inflation: above 10, coefficients are unsure; shares hold"
                    : "largest variance inflation: below 10, drivers can be told apart");
    figures_add(figures, "check size", (double)report->rows / (double)analysis->driver_count,
                report->rows < 10 * analysis->driver_count ? "rows for each driver: below 10, R2 is too good to be true"
                                                           : "rows for each driver");
}

static const char *sentence(const struct analysis *analysis)
{
    const struct driver_report *report = &analysis->report;
    struct arena *arena = analysis->survey.cli->arena;
    size_t first = analysis->order[0];
    const char *improve = NULL;

    for (size_t i = 0; i < analysis->driver_count && improve == NULL; i++)
        if (report->drivers[analysis->order[i]].place == DRIVER_IMPROVE_FIRST)
            improve = name_of(analysis, analysis->order[i]);
    if (!(report->explained_low > 0.01) && report->explained < 0.05)
        return "The drivers explain next to nothing of the outcome: ask about other things.";
    return arena_format(
        arena,
        "Together the drivers explain %.0f %% of the differences in '%s'; most hangs on '%s' (%.0f %% "
        "of that). %s",
        100 * report->explained, text_string(arena, analysis->outcome->name), name_of(analysis, first),
        100 * report->drivers[first].lmg / report->explained,
        improve != NULL
            ? arena_format(arena, "Improve '%s' first: it matters, and is answered below the mean.", improve)
            : "What matters most is answered above the mean already: keep it up.");
}

static enum status draw(const struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->survey.cli;
    const char **names = arena_array(cli->arena, analysis->driver_count, sizeof *names);

    for (size_t j = 0; j < analysis->driver_count; j++)
        names[j] = name_of(analysis, j);
    const struct drivers_picture picture = {
        .report = &analysis->report,
        .names = names,
        .order = analysis->order,
        .count = analysis->driver_count,
        .outcome = text_string(cli->arena, analysis->outcome->name),
        .confidence = analysis->survey.confidence,
    };

    return drivers_plot(cli, &picture, err);
}

static int run(struct cli *cli)
{
    struct analysis analysis = {.samples = DRIVER_SAMPLES};
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!survey_options(cli, &how, &analysis.survey) ||
        !cli_integer(cli, "samples", 20, DRIVER_SAMPLES_MAX, &analysis.samples))
        return EXIT_USAGE;
    if (cli_value(cli, "outcome") == NULL)
        return cli_usage(cli, "say the column of satisfaction with --outcome");
    if (!drivers_plot_options(cli) || !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (data_file_read(cli, &how, &analysis.survey.data, &error) != STATUS_OK ||
        measure(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_value(cli, "plot") != NULL && draw(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    add_whole(&figures, &analysis);
    for (size_t i = 0; i < analysis.driver_count; i++)
        add_driver(&figures, &analysis, analysis.order[i]);
    add_checks(&figures, &analysis);
    return survey_end(&figures, &analysis.survey, sentence(&analysis));
}

static const struct cli_option options[] = {
    {"outcome", "COLUMN", "what should rise, such as overall satisfaction"},
    {"drivers", "A,B", "what it may hang on; default: all other columns of numbers"},
    {"samples", "NUMBER", "of the bootstrap; default 1000"},
    OPTION_SEED,
    OPTION_CONFIDENCE,
    OPTIONS_DRIVERS_PLOT,
    OPTIONS_FILE,
};

const struct subcommand analyze_drivers = {
    .name = "analyze drivers",
    .about = "what satisfaction hangs on, and what to improve first",
    .usage = "analyze drivers FILE --outcome COLUMN [options]",
    .example = "patron analyze drivers answers.csv --outcome overall --drivers price,staff,choice,speed\n"
               "patron analyze drivers answers.csv --outcome overall --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};

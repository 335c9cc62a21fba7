#include <math.h>
#include <string.h>

#include "cli/analyze_plot.h"
#include "cli/survey_file.h"
#include "features/insight/satisfaction_trend.h"
#include "foundation/instant.h"

enum { FALSE_ALARM_DEFAULT = 5 };

/* A call of `analyze trend`. */
struct analysis {
    struct survey_file survey;
    const struct data_column *score;
    const char *measure_name;
    struct trend_data data;
    struct trend_options options;
    struct trend_report report;
    size_t undated;
};

static bool read_measure(struct analysis *analysis)
{
    static const struct {
        const char *name;
        enum answer_measure measure;
    } measures[] = {{"mean", ANSWER_MEAN}, {"nps", ANSWER_NET}, {"csat", ANSWER_TOP}};
    const char *name = cli_value(analysis->survey.cli, "measure");

    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (name == NULL ? i == 0 : strcmp(name, measures[i].name) == 0) {
            analysis->measure_name = measures[i].name;
            analysis->data.measure = measures[i].measure;
            return true;
        }
    return cli_usage(analysis->survey.cli, "--measure is mean, nps or csat"), false;
}

static enum status follow(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->survey.cli;
    size_t row_count = analysis->survey.data.row_count;
    double low = 0, high = 10;
    int32_t *days;
    enum status status = data_file_numbers(&analysis->survey.data, cli_value(cli, "score"), &analysis->score, err);

    if (status == STATUS_OK && analysis->data.measure != ANSWER_NET)
        status = survey_scale(&analysis->survey, &analysis->score, 1, &low, &high, err);
    if (status == STATUS_OK)
        status = survey_days(&analysis->survey, cli_value(cli, "date"), &days, err);
    if (status != STATUS_OK)
        return status;
    double *answers = arena_array(cli->arena, row_count + 1, sizeof *answers);

    for (size_t row = 0; row < row_count; row++)
        if (days[row] == SURVEY_NO_DAY) {
            analysis->undated++;
        } else {
            answers[analysis->data.count] = analysis->score->numbers[row];
            days[analysis->data.count++] = days[row];
        }
    analysis->data.answers = answers;
    analysis->data.days = days;
    analysis->data.scale = analysis->data.measure == ANSWER_NET ? answer_scale_nps() : answer_scale_csat(low, high);
    return trend_build(cli->arena, &analysis->data, &analysis->options, &analysis->report, err);
}

/* ---- rows ---- */

static double value_of(const struct analysis *analysis, const struct answer_tally *tally)
{
    struct answer_estimate estimate;

    answer_estimate(tally, &analysis->data.scale, analysis->data.measure, analysis->options.confidence, &estimate);
    return estimate.value;
}

static void add_periods(struct figures *figures, const struct analysis *analysis)
{
    const struct trend_report *report = &analysis->report;
    struct arena *arena = figures->cli->arena;
    char day[DAY_TEXT_SIZE];

    for (size_t i = 0; i < report->period_count; i++) {
        const struct trend_period *period = &report->periods[i];
        struct answer_estimate estimate;

        answer_estimate(&period->tally, &analysis->data.scale, analysis->data.measure, analysis->options.confidence,
                        &estimate);
        survey_add_estimate(figures,
                            arena_format(arena, "%s %s", analysis->measure_name, day_format(period->start, day)),
                            &estimate, arena_format(arena, "%.0f answers", period->tally.count));
    }
}

static void add_changes(struct figures *figures, const struct analysis *analysis)
{
    const struct trend_report *report = &analysis->report;
    struct arena *arena = figures->cli->arena;
    char day[DAY_TEXT_SIZE];

    figures_add(figures, "changes", (double)report->change_count,
                arena_format(arena,
                             "jumps of the level; a level that never changed is told to have with a chance of %g %% "
                             "(%d rearrangements, seed %llu)",
                             100 * analysis->options.false_alarm, TREND_DRAWS,
                             (unsigned long long)analysis->options.seed));
    for (size_t i = 0; i < report->change_count; i++) {
        const struct trend_change *change = &report->changes[i];

        figures_add_interval(figures, arena_format(arena, "change %s", day_format(change->day, day)),
                             (double[]){change->difference.value, change->difference.low, change->difference.high},
                             arena_format(arena, "from %.4g (%.0f answers) to %.4g (%.0f), %s",
                                          value_of(analysis, &change->before), change->before.count,
                                          value_of(analysis, &change->after), change->after.count,
                                          survey_p_text(arena, change->p_value)));
    }
}

static void add_alert(struct figures *figures, const struct analysis *analysis)
{
    const struct trend_report *report = &analysis->report;
    struct arena *arena = figures->cli->arena;
    const struct answer_difference *last = &report->last, *drift = &report->drift;

    figures_add_interval(
        figures, "drift", (double[]){drift->value, drift->low, drift->high},
        arena_format(arena, "a year, along a straight line; %s", survey_p_text(arena, drift->p_value)));
    figures_add_interval(
        figures, "last_period", (double[]){last->value, last->low, last->high},
        arena_format(arena, "less what was before it since the last change; %s", survey_p_text(arena, last->p_value)));
    figures_add(figures, "alert", report->alert,
                arena_format(arena, "1: the last period differs; a false alert comes in %g of 100 periods",
                             100 * analysis->options.false_alarm));
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    const struct trend_report *report = &analysis->report;

    if (isnan(report->echo))
        figures_add(figures, "check independence", NAN, "too few periods to see whether each is like the one before");
    else
        figures_add(figures, "check independence", report->echo,
                    fabs(report->echo) > report->echo_limit
                        ? "correlation of neighbouring periods: they go TOGETHER, so false alarms come more often"
                        : "correlation of neighbouring periods about their level: they are independent, as supposed");
    if (analysis->undated > 0)
        figures_add(figures, "undated", (double)analysis->undated, "rows without a day are left out");
}

static const char *sentence(const struct analysis *analysis)
{
    const struct trend_report *report = &analysis->report;
    struct arena *arena = analysis->survey.cli->arena;
    char day[DAY_TEXT_SIZE];
    const char *alert = report->alert ? arena_format(arena, " Alert: the last period is %s than before.",
                                                     report->last.value < 0 ? "worse" : "better")
                                      : "";

    if (report->change_count == 0)
        return arena_format(arena, "The %s of %.4g has not changed by more than chance.%s", analysis->measure_name,
                            value_of(analysis, &report->all), alert);
    const struct trend_change *change = &report->changes[report->change_count - 1];

    return arena_format(arena, "The %s %s from %.4g to %.4g about %s: look for what happened then.%s",
                        analysis->measure_name, change->difference.value < 0 ? "fell" : "rose",
                        value_of(analysis, &change->before), value_of(analysis, &change->after),
                        day_format(change->day, day), alert);
}

static int run(struct cli *cli)
{
    struct analysis *analysis = arena_alloc(cli->arena, sizeof *analysis);
    int64_t false_alarm = FALSE_ALARM_DEFAULT;
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!survey_options(cli, &how, &analysis->survey) || !survey_period(cli, &analysis->data.period) ||
        !cli_integer(cli, "false-alarm", 1, 20, &false_alarm) || !read_measure(analysis))
        return EXIT_USAGE;
    if (cli_value(cli, "score") == NULL || cli_value(cli, "date") == NULL)
        return cli_usage(cli, "say the column of the answers with --score and of the days with --date");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    analysis->options = (struct trend_options){.confidence = analysis->survey.confidence,
                                               .false_alarm = (double)false_alarm / 100,
                                               .seed = analysis->survey.seed};
    if (data_file_read(cli, &how, &analysis->survey.data, &error) != STATUS_OK || follow(analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct trend_picture picture = {.report = &analysis->report,
                                          .data = &analysis->data,
                                          .measure = analysis->measure_name,
                                          .column = cli_value(cli, "score"),
                                          .confidence = analysis->survey.confidence};

    if (cli_value(cli, "plot") != NULL && trend_plot(cli, &picture, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    survey_add_head(&figures, &analysis->survey, &analysis->report.all);
    add_periods(&figures, analysis);
    add_changes(&figures, analysis);
    add_alert(&figures, analysis);
    add_checks(&figures, analysis);
    return survey_end(&figures, &analysis->survey, sentence(analysis));
}

static const struct cli_option options[] = {
    {"score", "COLUMN", "the answers"},
    {"date", "COLUMN", "their days"},
    {"date-format", "FORMAT", "letters d m y H M S and separators, such as d/m/y"},
    {"measure", "MEASURE", "mean, nps or csat; default mean"},
    {"period", "PERIOD", "week, month or quarter; default month"},
    {"false-alarm", "PERCENT", "the chance of a change told where there is none, 1 to 20; default 5"},
    OPTION_SCALE,
    OPTION_SEED,
    OPTION_CONFIDENCE,
    OPTION_PLOT,
    OPTIONS_FILE,
};

const struct subcommand analyze_trend = {
    .name = "analyze trend",
    .about = "satisfaction over time: jumps, drift, and an alert on the last period",
    .usage = "analyze trend FILE --score COLUMN --date COLUMN [options]",
    .example = "patron analyze trend answers.csv --score recommend --date day --measure nps\n"
               "patron analyze trend answers.csv --score satisfied --date day --period week --false-alarm 1",
    .options = CLI_OPTIONS(options),
    .run = run,
};

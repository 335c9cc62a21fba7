#include "cli/analyze_survival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze_plot.h"
#include "cli/data_cells.h"
#include "mathematics/special.h"

enum { GROUPS_MAX = 50, TIMES_BY_THEMSELVES = 5 };

/* ---- the file ---- */

static enum status take_rows(struct survival_call *call, const struct outcome *outcome, struct error *err)
{
    struct arena *arena = call->cli->arena;
    size_t count = call->file.row_count;

    call->rows = arena_array(arena, count, sizeof *call->rows);
    call->times = arena_array(arena, count, sizeof *call->times);
    call->events = arena_array(arena, count, sizeof *call->events);
    call->groups = call->group != NULL ? arena_array(arena, count, sizeof *call->groups) : NULL;
    for (uint32_t row = 0; row < count; row++) {
        double time = call->time->numbers[row];

        if (isnan(time) || outcome->values[row] == OUTCOME_UNKNOWN)
            continue;
        if (time < 0)
            return error_set(err, STATUS_INVALID, "survival.time", "time", "line %lld: the time %g is before the start",
                             (long long)call->file.lines[row], time);
        call->rows[call->count] = row;
        call->times[call->count] = time;
        call->events[call->count] = outcome->values[row];
        if (call->groups != NULL)
            call->groups[call->count] = call->group->codes[row];
        call->count++;
    }
    if (call->count == 0)
        return error_set(err, STATUS_INVALID, "analyze.empty", "", "no row has both a time and an event");
    return STATUS_OK;
}

static enum status read_file(struct survival_call *call, const struct reader_options *how, struct error *err)
{
    struct cli *cli = call->cli;
    const char *group = cli_value(cli, "group");
    struct outcome outcome;
    enum status status = data_file_read(cli, how, &call->file, err);

    if (status == STATUS_OK)
        status = data_file_numbers(&call->file, cli_value(cli, "time"), &call->time, err);
    if (status == STATUS_OK)
        status = data_file_column(&call->file, cli_value(cli, "event"), &call->event, err);
    if (status == STATUS_OK && group != NULL)
        status = data_file_column(&call->file, group, &call->group, err);
    if (status == STATUS_OK && call->group != NULL &&
        (call->group->codes == NULL || call->group->level_count > GROUPS_MAX))
        status = error_set(err, STATUS_INVALID, "churn.segments", "group", "'%s' has more than %d values", group,
                           GROUPS_MAX);
    if (status == STATUS_OK)
        status = outcome_read(cli->arena, &call->file, call->event, cli_value(cli, "positive"), &outcome, err);
    return status == STATUS_OK ? take_rows(call, &outcome, err) : status;
}

/* Round times that cut the span into about five. */
static void choose_times(struct survival_call *call)
{
    double last = 0;

    for (size_t i = 0; i < call->count; i++)
        last = fmax(last, call->times[i]);
    if (call->asked_count > 0 || last <= 0)
        return;
    double step = pow(10, floor(log10(last / TIMES_BY_THEMSELVES)));

    while (last / step > 2 * TIMES_BY_THEMSELVES)
        step *= 2;
    for (double time = step; time <= last && call->asked_count < SURVIVAL_TIMES_MAX; time += step)
        call->asked[call->asked_count++] = time;
}

/* ---- curves ---- */

static void add_curve(struct figures *figures, const struct survival_call *call, const char *prefix,
                      const struct survival_curve *curve)
{
    struct arena *arena = figures->cli->arena;

    figures_add(figures, arena_format(arena, "%sn", prefix), (double)curve->subject_count, "");
    figures_add(figures, arena_format(arena, "%sevents", prefix), (double)curve->event_count, "");
    figures_add_interval(figures, arena_format(arena, "%smedian", prefix),
                         (double[]){curve->median, curve->median_low, curve->median_high},
                         isnan(curve->median) ? "more than half are still there at the end of the data" : "");
    for (size_t i = 0; i < call->asked_count; i++) {
        const struct survival_step *step = survival_curve_at(curve, call->asked[i]);
        bool beyond =
            curve->step_count == 0 || curve->steps[curve->step_count - 1].time < call->asked[i]; /* nobody knows */
        double nothing[] = {beyond ? NAN : 1, beyond ? NAN : 1, beyond ? NAN : 1};
        const double found[] = {step != NULL ? step->survival : 1, step != NULL ? step->low : 1,
                                step != NULL ? step->high : 1};

        figures_add_interval(figures, arena_format(arena, "%ssurvival %.6g", prefix, call->asked[i]),
                             beyond ? nothing : found,
                             beyond         ? "nobody was seen for so long"
                             : step == NULL ? ""
                                            : arena_format(arena, "standard error %.7f", step->error));
    }
}

static void add_groups(struct figures *figures, const struct survival_call *call, const struct survival_data *data)
{
    struct arena *arena = figures->cli->arena;
    double reach = normal_quantile(0.95);
    struct survival_curve curve;
    struct survival_test test;

    for (uint32_t group = 0; group < data->group_count; group++) {
        const struct text name = call->group->levels[group];

        survival_curve_make(arena, data, group, reach, &curve);
        if (curve.subject_count > 0)
            add_curve(figures, call, arena_format(arena, "%.*s: ", (int)name.size, name.bytes), &curve);
    }
    survival_test_groups(arena, data, &test);
    if (isnan(test.statistic))
        return;
    figures_add(figures, "log_rank", test.statistic,
                arena_format(arena, "chi-square, %.0f degrees of freedom", test.freedom));
    figures_add(figures, "log_rank_p", test.p_value,
                test.p_value < 0.05 ? "the groups do not last alike" : "the groups may well last alike");
}

static void add_summary(struct figures *figures, const struct survival_call *call, const struct survival_curve *curve)
{
    struct arena *arena = figures->cli->arena;
    double censored = 1 - (double)curve->event_count / (double)curve->subject_count;
    const char *half = isnan(curve->median) ? "more than half are still there at the end"
                                            : arena_format(arena, "half last longer than %.6g", curve->median);

    figures_add(figures, "check censoring", censored,
                "still there when last seen: the curve supposes that they would leave as the others do");
    if (call->asked_count == 0) {
        figures_add(figures, "summary", NAN, "all times are 0: nobody was seen for any time");
        return;
    }
    const struct survival_step *step = survival_curve_at(curve, call->asked[0]);

    figures_add(figures, "summary", NAN,
                arena_format(arena, "%.1f %% last longer than %.6g; %s", 100 * (step != NULL ? step->survival : 1),
                             call->asked[0], half));
}

static enum status print_figures(struct survival_call *call, struct error *err)
{
    struct arena *arena = call->cli->arena;
    struct survival_data data = {call->times, call->events, NULL, call->count, 1};
    struct survival_curve curve;
    struct figures figures;
    enum status status = STATUS_OK;

    figures_start(&figures, call->cli);
    survival_curve_make(arena, &data, 0, normal_quantile(0.95), &curve);
    choose_times(call);
    add_curve(&figures, call, "", &curve);
    if (call->count < call->file.row_count)
        figures_add(&figures, "left_out", (double)(call->file.row_count - call->count),
                    "rows without a time or an event");
    if (call->group != NULL) {
        data.groups = call->groups;
        data.group_count = call->group->level_count;
        add_groups(&figures, call, &data);
    }
    if (cli_value(call->cli, "covariates") != NULL)
        status = survival_cox_add(call, &figures, err);
    if (status != STATUS_OK)
        return status;
    add_summary(&figures, call, &curve);
    output_end(&figures.output);
    return STATUS_OK;
}

/* Every step of every curve. */
static void print_steps(struct survival_call *call, struct output *output)
{
    struct arena *arena = call->cli->arena;
    size_t groups = call->group != NULL ? call->group->level_count : 1;
    const struct survival_data data = {call->times, call->events, call->groups, call->count, groups};

    for (uint32_t group = 0; group < groups; group++) {
        struct survival_curve curve;

        survival_curve_make(arena, &data, group, normal_quantile(0.95), &curve);
        for (size_t i = 0; i < curve.step_count; i++) {
            const struct survival_step *step = &curve.steps[i];
            const double values[] = {step->time,     step->at_risk, step->events, step->censored,
                                     step->survival, step->low,     step->high};
            struct text fields[9] = {call->group != NULL ? call->group->levels[group] : TEXT("")};

            for (size_t k = 0; k < 7; k++)
                fields[k + 1] = figure_text(arena, values[k]);
            fields[8] = LEVEL_USUAL;
            output_row(output, fields);
        }
    }
    output_end(output);
}

/* ---- the call ---- */

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static bool read_times(struct survival_call *call, const char *list)
{
    while (list != NULL && *list != '\0') {
        size_t size = strcspn(list, ",");

        if (call->asked_count == SURVIVAL_TIMES_MAX ||
            !data_number((struct text){list, size}, false, &call->asked[call->asked_count]) ||
            call->asked[call->asked_count] < 0)
            return cli_usage(call->cli, "--times is up to %d numbers such as 12,24", SURVIVAL_TIMES_MAX), false;
        call->asked_count++;
        list += size + (list[size] == ',');
    }
    qsort(call->asked, call->asked_count, sizeof call->asked[0], compare_times);
    return true;
}

static int run_survival(struct cli *cli)
{
    static const struct output_column columns[] = {{"group", false}, {"time", true},     {"at_risk", true},
                                                   {"events", true}, {"censored", true}, {"survival", true},
                                                   {"low", true},    {"high", true},     {"level", true}};
    struct survival_call call = {.cli = cli};
    const char *ties = cli_value(cli, "ties");
    struct reader_options how;
    struct output output;
    struct error error = {0};

    if (cli_value(cli, "time") == NULL || cli_value(cli, "event") == NULL)
        return cli_usage(cli, "say --time, how long it lasted, and --event, whether it ended");
    if (ties != NULL && strcmp(ties, "efron") != 0 && strcmp(ties, "breslow") != 0)
        return cli_usage(cli, "--ties is efron or breslow");
    call.ties = ties != NULL && strcmp(ties, "breslow") == 0 ? COX_BRESLOW : COX_EFRON;
    if (!read_times(&call, cli_value(cli, "times")) || !analyze_reader_options(cli, &how) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = read_file(&call, &how, &error);

    if (status == STATUS_OK && cli_value(cli, "plot") != NULL)
        status = survival_plot(&call, &error);
    if (status == STATUS_OK && cli_flag(cli, "curve"))
        print_steps(&call, &output);
    else if (status == STATUS_OK)
        status = print_figures(&call, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return call.file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct cli_option options[] = {
    OPTIONS_LIVE,
    {"time", "COLUMN", "how long it lasted, or has lasted so far: months, days ..."},
    {"event", "COLUMN", "whether it ended then"},
    {"positive", "VALUE", "the value that means: ended; default: a plain yes"},
    {"group", "COLUMN", "a curve for each value, and whether they differ"},
    {"covariates", "A,B", "what may make the end come sooner (Cox's model), or 'all'"},
    {"ignore", "A,B", "columns that 'all' leaves out"},
    {"ties", "METHOD", "ends at the same time: efron or breslow; default efron"},
    {"times", "A,B", "times at which to tell who is left; default: round ones"},
    {"curve", NULL, "print every step of the curves"},
    OPTION_PLOT,
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_MEMBERS, .defaults = {"time=days", "event=lapsed"}};

const struct subcommand analyze_survival = {
    .name = "analyze survival",
    .about = "how long members stay when some have not left yet, and what shortens it",
    .usage = "analyze survival FILE --time COLUMN --event COLUMN [options]",
    .example = "patron analyze survival contracts.csv --time months --event ended --group plan\n"
               "patron analyze survival contracts.csv --time months --event ended --covariates plan,price",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_survival,
    .live = &live,
};

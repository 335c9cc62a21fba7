#include "features/insight/satisfaction_trend.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/distribution.h"
#include "mathematics/sample.h"

enum { ECHO_PERIODS_MIN = 8, DRIFT_ANSWERS_MIN = 3 };

static const double YEAR = 365;

struct dated {
    int32_t day;
    double answer, value; /* as given, and as the measure takes it: its mean is the measure */
};

/* The answers that count, in order of days. */
struct series {
    struct dated *list;
    size_t count;
    double *values;
    size_t *starts; /* of each day */
    size_t day_count;
};

static double value_of(const struct trend_data *data, double answer)
{
    bool good = answer >= data->scale.top, bad = answer <= data->scale.bottom;

    switch (data->measure) {
    case ANSWER_NET:
        return good ? 100 : bad ? -100 : 0;
    case ANSWER_TOP:
        return good ? 100 : 0;
    case ANSWER_BOTTOM:
        return bad ? 100 : 0;
    case ANSWER_MEAN:
        break;
    }
    return answer;
}

static int compare_days(const void *a, const void *b)
{
    const struct dated *left = a, *right = b;

    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return (left->answer > right->answer) - (left->answer < right->answer);
}

static void sort_answers(struct arena *arena, const struct trend_data *data, struct series *series)
{
    series->list = arena_array(arena, data->count + 1, sizeof *series->list);
    for (size_t i = 0; i < data->count; i++) {
        struct answer_tally one = {0};

        answer_tally_add(&one, &data->scale, data->answers[i]);
        if (one.count > 0)
            series->list[series->count++] =
                (struct dated){data->days[i], data->answers[i], value_of(data, data->answers[i])};
    }
    qsort(series->list, series->count, sizeof *series->list, compare_days);
    series->values = arena_array(arena, series->count + 1, sizeof *series->values);
    series->starts = arena_array(arena, series->count + 1, sizeof *series->starts);
    for (size_t i = 0; i < series->count; i++) {
        series->values[i] = series->list[i].value;
        if (i == 0 || series->list[i].day != series->list[i - 1].day)
            series->starts[series->day_count++] = i;
    }
    series->starts[series->day_count] = series->count;
}

static enum status build_periods(struct arena *arena, const struct trend_data *data, const struct series *series,
                                 struct trend_report *report, struct error *err)
{
    size_t capacity = 0;
    int32_t last = cohort_start(data->period, series->list[series->count - 1].day);

    for (int32_t start = cohort_start(data->period, series->list[0].day);; start = cohort_next(data->period, start)) {
        if (report->period_count >= TREND_PERIODS_MAX)
            return error_set(err, STATUS_LIMIT, "trend.periods", "period",
                             "there are more than %d periods: take a longer one", TREND_PERIODS_MAX);
        report->periods =
            arena_grow(arena, report->periods, &capacity, report->period_count + 1, sizeof *report->periods);
        report->periods[report->period_count++] = (struct trend_period){.start = start};
        if (start >= last)
            break;
    }
    for (size_t i = 0, at = 0; i < series->count; i++) {
        while (at + 1 < report->period_count && report->periods[at + 1].start <= series->list[i].day)
            at++;
        answer_tally_add(&report->periods[at].tally, &data->scale, series->list[i].answer);
    }
    return STATUS_OK;
}

static struct answer_tally tally_between(const struct trend_data *data, const struct series *series, size_t from,
                                         size_t to)
{
    struct answer_tally tally = {0};

    for (size_t i = series->starts[from]; i < series->starts[to]; i++)
        answer_tally_add(&tally, &data->scale, series->list[i].answer);
    return tally;
}

static void find_changes(struct arena *arena, const struct trend_data *data, const struct trend_options *options,
                         const struct series *series, struct trend_report *report)
{
    const struct change_series values = {series->values, series->starts, series->day_count};
    const struct change_options how = {
        .level = options->false_alarm, .draws = TREND_DRAWS, .minimum = TREND_SIDE_MIN, .seed = options->seed};
    struct change_point found[CHANGE_POINTS_MAX];

    report->change_count = change_points_find(arena, &values, &how, found);
    for (size_t i = 0; i < report->change_count; i++) {
        struct trend_change *change = &report->changes[i];
        size_t from = i > 0 ? found[i - 1].moment : 0;
        size_t to = i + 1 < report->change_count ? found[i + 1].moment : series->day_count;

        change->day = series->list[series->starts[found[i].moment]].day;
        change->before = tally_between(data, series, from, found[i].moment);
        change->after = tally_between(data, series, found[i].moment, to);
        change->p_value = found[i].p_value;
        answer_compare(&change->after, &change->before, data->measure, options->confidence, &change->difference);
    }
}

/* Least squares on the days, with errors that hold when the spread of answers changes (HC1). */
static void find_drift(const struct series *series, double confidence, struct answer_difference *out)
{
    double n = (double)series->count, mean_day = 0, mean = 0, squares = 0, products = 0, doubt = 0;

    *out = (struct answer_difference){NAN, NAN, NAN, NAN};
    for (size_t i = 0; i < series->count; i++) {
        mean_day += series->list[i].day / n;
        mean += series->values[i] / n;
    }
    for (size_t i = 0; i < series->count; i++) {
        double day = series->list[i].day - mean_day;

        squares += day * day;
        products += day * (series->values[i] - mean);
    }
    if (series->count < DRIFT_ANSWERS_MIN || !(squares > 0))
        return;
    double slope = products / squares;

    for (size_t i = 0; i < series->count; i++) {
        double day = series->list[i].day - mean_day, rest = series->values[i] - mean - slope * day;

        doubt += day * day * rest * rest;
    }
    double error = YEAR * sqrt(doubt * n / (n - 2)) / squares;

    out->value = YEAR * slope;
    if (!(error > 0))
        return;
    double reach = student_quantile((1 + confidence) / 2, n - 2) * error;

    out->low = out->value - reach;
    out->high = out->value + reach;
    out->p_value = student_two_sided(out->value / error, n - 2);
}

/* The last period against what came before it, since the last change that lies before it. */
static void find_alert(const struct trend_data *data, const struct trend_options *options, const struct series *series,
                       struct trend_report *report)
{
    const struct trend_period *last = &report->periods[report->period_count - 1];
    struct answer_tally before = {0};
    int32_t since = INT32_MIN;

    for (size_t i = 0; i < report->change_count; i++)
        if (report->changes[i].day < last->start)
            since = report->changes[i].day;
    for (size_t i = 0; i < series->count; i++)
        if (series->list[i].day >= since && series->list[i].day < last->start)
            answer_tally_add(&before, &data->scale, series->list[i].answer);
    answer_compare(&last->tally, &before, data->measure, options->confidence, &report->last);
    report->alert = report->last.p_value < options->false_alarm;
}

/* The level that holds at a day: the measure between the changes around it. */
static const struct answer_tally *level_at(const struct trend_report *report, int32_t day)
{
    const struct answer_tally *level = report->change_count > 0 ? &report->changes[0].before : &report->all;

    for (size_t i = 0; i < report->change_count && report->changes[i].day <= day; i++)
        level = &report->changes[i].after;
    return level;
}

static void find_echo(const struct trend_data *data, struct trend_report *report)
{
    double products = 0, squares = 0, before = 0, count = 0;
    bool follows = false;

    for (size_t i = 0; i < report->period_count; i++) {
        const struct trend_period *period = &report->periods[i];
        struct answer_estimate here, level;

        answer_estimate(&period->tally, &data->scale, data->measure, 0.95, &here);
        answer_estimate(level_at(report, period->start), &data->scale, data->measure, 0.95, &level);
        if (isnan(here.value)) {
            follows = false;
            continue;
        }
        double rest = (here.value - level.value) * sqrt(period->tally.count);

        products += follows ? rest * before : 0;
        squares += rest * rest;
        before = rest;
        follows = true;
        count++;
    }
    report->echo = report->echo_limit = NAN;
    if (count >= ECHO_PERIODS_MIN && squares > 0) {
        report->echo = products / squares;
        report->echo_limit = 1.96 / sqrt(count);
    }
}

enum status trend_build(struct arena *arena, const struct trend_data *data, const struct trend_options *options,
                        struct trend_report *out, struct error *err)
{
    struct trend_report report = {0};
    struct series series = {0};

    sort_answers(arena, data, &series);
    if (series.count == 0)
        return error_set(err, STATUS_INVALID, "survey.empty", "score", "there is no answer on the scale");
    for (size_t i = 0; i < data->count; i++)
        answer_tally_add(&report.all, &data->scale, data->answers[i]);
    enum status status = build_periods(arena, data, &series, &report, err);

    if (status != STATUS_OK)
        return status;
    find_changes(arena, data, options, &series, &report);
    find_drift(&series, options->confidence, &report.drift);
    find_alert(data, options, &series, &report);
    find_echo(data, &report);
    *out = report;
    return STATUS_OK;
}

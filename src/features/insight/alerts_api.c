/* alerts_api.c: whether the risk of the base or of a part of it has risen, with the weeks that show it. */
#include <math.h>

#include "features/insight/churn_alert.h"
#include "features/insight/churn_api.h"
#include "features/insight/churn_live_store.h"
#include "features/programme/programme.h"

enum { WEEKS_BETWEEN = 500, DAYS_BACK = 371, ALERTS_MAX = 16 };

static const char *const series_names[CHURN_SERIES + 1] = {"all", "best_fifth", "new", NULL};

static const struct field week_fields[] = {
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The last of the week."},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Who had bought within 365 days."},
    {.name = "risk", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6, .about = "Mean churn risk of them."},
};
static const struct shape week_shape = {.name = "RiskWeek", .size = 0, SHAPE_FIELDS(week_fields)};
static const struct field series_fields[] = {
    {.name = "series",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .choices = series_names,
     .about = "All, the fifth who had bought most, those who first bought within 90 days."},
    {.name = "weeks", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &week_shape},
};
static const struct shape series_shape = {.name = "RiskSeries", .size = 0, SHAPE_FIELDS(series_fields)};
static const struct field alert_fields[] = {
    {.name = "series", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = series_names},
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The week in which the rise became clear."},
    {.name = "since", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The week in which it began."},
    {.name = "before", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6, .about = "Mean risk before."},
    {.name = "after", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6},
    {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape alert_shape = {.name = "Alert", .size = 0, SHAPE_FIELDS(alert_fields)};
static const struct field alerts_fields[] = {
    {.name = "alerts", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &alert_shape},
    {.name = "weeks_between_false_alarms",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "On average and of each series, when nothing changes and weeks are independent."},
    {.name = "evidence", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &series_shape},
};
const struct shape alerts_shape = {.name = "Alerts", .size = 0, SHAPE_FIELDS(alerts_fields)};

/* The points of one series are [first, end). */
struct run {
    const struct risk_point *points;
    size_t count;
};

static struct run run_of(const struct risk_points *points, enum churn_series series)
{
    struct run run = {0};

    for (size_t i = 0; i < points->count; i++)
        if (points->items[i].series == series) {
            run.points = run.count == 0 ? &points->items[i] : run.points;
            run.count++;
        }
    return run;
}

static void write_alert(struct json_writer *writer, struct arena *arena, const struct run *run,
                        const struct churn_alert *alert)
{
    static const char *const who[CHURN_SERIES] = {"all members", "the fifth who buy most", "new members"};
    const struct risk_point *since = &run->points[alert->since];
    char day[DAY_TEXT_SIZE];

    writer_object(writer, NULL);
    writer_string(writer, "series", series_names[since->series]);
    writer_day(writer, "day", run->points[alert->period].day);
    writer_day(writer, "since", since->day);
    writer_real(writer, "before", alert->before, 6);
    writer_real(writer, "after", alert->after, 6);
    writer_string(writer, "summary",
                  arena_format(arena, "The risk that %s have left rose from %.1f %% to %.1f %% since the week of %s.",
                               who[since->series], 100 * alert->before, 100 * alert->after,
                               day_format(since->day, day)));
    writer_end(writer);
}

static void write_alerts(struct json_writer *writer, struct arena *arena, const struct risk_points *points)
{
    struct alert_rule rule;

    alert_rule_make(arena, WEEKS_BETWEEN, &rule);
    writer_list(writer, "alerts");
    for (int series = 0; series < CHURN_SERIES; series++) {
        struct run run = run_of(points, (enum churn_series)series);
        double *risks = arena_array(arena, run.count + 1, sizeof *risks);
        struct churn_alert alerts[ALERTS_MAX];

        for (size_t i = 0; i < run.count; i++)
            risks[i] = run.points[i].risk;
        size_t found = churn_alerts_find(&rule, risks, run.count, alerts, ALERTS_MAX);

        for (size_t i = 0; i < found; i++)
            write_alert(writer, arena, &run, &alerts[i]);
    }
    writer_end(writer);
}

static void write_evidence(struct json_writer *writer, const struct risk_points *points)
{
    writer_list(writer, "evidence");
    for (int series = 0; series < CHURN_SERIES; series++) {
        struct run run = run_of(points, (enum churn_series)series);

        writer_object(writer, NULL);
        writer_string(writer, "series", series_names[series]);
        writer_list(writer, "weeks");
        for (size_t i = 0; i < run.count; i++) {
            writer_object(writer, NULL);
            writer_day(writer, "day", run.points[i].day);
            writer_integer(writer, "members", run.points[i].members);
            writer_real(writer, "risk", run.points[i].risk, 6);
            writer_end(writer);
        }
        writer_end(writer);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status alerts_get(struct call *call, struct item *item, struct error *err)
{
    int32_t today = zone_day(programme_at(call->programmes, call->now)->zone, call->now);
    struct storage_session *session;
    struct risk_points points;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = risks_read(session, call->arena, today - DAYS_BACK, &points, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    write_alerts(&item->writer, call->arena, &points);
    writer_integer(&item->writer, "weeks_between_false_alarms", WEEKS_BETWEEN);
    write_evidence(&item->writer, &points);
    return STATUS_OK;
}

/* When an earning rule holds, and the calendar periods of its caps. */
#include "features/earning/accrual_rule.h"

enum { MINUTES_OF_DAY = 24 * 60 };

static bool in_hours(const struct accrual_schedule *schedule, int32_t day, int minute)
{
    for (size_t i = 0; i < schedule->hour_count; i++) {
        const struct accrual_hours *hours = &schedule->hours[i];
        bool over = hours->until <= hours->from;
        int weekday = day_of_week(day), before = (weekday + 6) % 7;
        bool today = schedule->weekdays == 0 || (schedule->weekdays >> weekday & 1U) != 0;
        bool yesterday = schedule->weekdays == 0 || (schedule->weekdays >> before & 1U) != 0;
        if (today && minute >= hours->from && (over || minute < hours->until))
            return true;
        if (over && yesterday && minute < hours->until) /* what is after midnight belongs to the evening before */
            return true;
    }
    return false;
}

const char *accrual_schedule_refusal(const struct accrual_schedule *schedule, const struct zone *programme_zone,
                                     const struct zone *store_zone, int64_t at)
{
    const struct zone *zone = schedule->store_zone && store_zone != NULL ? store_zone : programme_zone;

    if (at < schedule->starts_at)
        return "earning.not_started";
    if (at >= schedule->ends_at)
        return "earning.ended";
    if (schedule->weekdays == 0 && schedule->hour_count == 0)
        return NULL;
    int32_t day = zone_day(zone, at);
    if (schedule->hour_count == 0)
        return (schedule->weekdays >> day_of_week(day) & 1U) != 0 ? NULL : "earning.weekday";
    int64_t local = at / INSTANT_MINUTE + zone_offset_seconds(zone, at) / 60;
    int minute = (int)(((local % MINUTES_OF_DAY) + MINUTES_OF_DAY) % MINUTES_OF_DAY);
    if (in_hours(schedule, day, minute))
        return NULL;
    return schedule->weekdays != 0 && (schedule->weekdays >> day_of_week(day) & 1U) == 0 ? "earning.weekday"
                                                                                         : "earning.hours";
}

struct text accrual_cap_id(struct arena *arena, struct text code, enum accrual_period period, const struct zone *zone,
                           int64_t at, bool times)
{
    int32_t day = zone_day(zone, at), monday = day - day_of_week(day);
    struct date date = date_from_day(day), week = date_from_day(monday);
    struct builder id = {.arena = arena};

    builder_format(&id, "earning:%.*s", (int)code.size, code.bytes);
    switch (period) {
    case ACCRUAL_DAY:
        builder_format(&id, ":%04d-%02d-%02d", date.year, date.month, date.day);
        break;
    case ACCRUAL_WEEK:
        builder_format(&id, ":%04d-%02d-%02dw", week.year, week.month, week.day);
        break;
    case ACCRUAL_MONTH:
        builder_format(&id, ":%04d-%02d", date.year, date.month);
        break;
    case ACCRUAL_QUARTER:
        builder_format(&id, ":%04d-Q%d", date.year, (date.month + 2) / 3);
        break;
    case ACCRUAL_YEAR:
        builder_format(&id, ":%04d", date.year);
        break;
    case ACCRUAL_EVER:
        break;
    }
    if (times)
        builder_char(&id, '#');
    return builder_done(&id);
}

const char *accrual_counter_id(struct arena *arena, struct text code, bool times)
{
    return arena_format(arena, "earning:%.*s%s", (int)code.size, code.bytes, times ? "#" : "");
}

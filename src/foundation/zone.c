#include "foundation/zone.h"

#include <assert.h>
#include <stdbool.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { NAME_MAX_SIZE = 64, TRANSITIONS_MAX = 1024, YEAR_FIRST = 1900, YEAR_LAST = 2100 };

/* No place is further from UTC than this. */
#define OFFSET_MAX (26 * INSTANT_HOUR)

struct period {
    int64_t start; /* its first instant; INT64_MIN for the first period */
    int64_t offset;
};

struct zone {
    const char *name;
    struct period *periods; /* ascending; each ends where the next one starts */
    size_t period_count;
};

static int64_t millis_of_year(int year)
{
    return day_from_date((struct date){year, 1, 1}) * (INSTANT_DAY / 1000);
}

/* The calendar of a zone that ICU's data lists, or NULL. */
static UCalendar *calendar_open(struct text name)
{
    UChar wide[NAME_MAX_SIZE], canonical[NAME_MAX_SIZE];
    int32_t size;
    UErrorCode code = U_ZERO_ERROR;
    if (name.size == 0 || name.size >= NAME_MAX_SIZE)
        return NULL;
    u_strFromUTF8(wide, NAME_MAX_SIZE, &size, name.bytes, (int32_t)name.size, &code);

    /* ICU also understands "GMT+8:13" and takes what it does not know for GMT; neither is an IANA zone. */
    UBool listed = false;
    ucal_getCanonicalTimeZoneID(wide, size, canonical, NAME_MAX_SIZE, &listed, &code);
    if (U_FAILURE(code) || !listed)
        return NULL;
    UCalendar *calendar = ucal_open(wide, size, "en_US", UCAL_GREGORIAN, &code);
    if (U_FAILURE(code))
        return NULL;
    return calendar;
}

static int64_t calendar_offset(UCalendar *calendar, double millis, UErrorCode *code)
{
    ucal_setMillis(calendar, millis, code);
    int32_t offset = ucal_get(calendar, UCAL_ZONE_OFFSET, code) + ucal_get(calendar, UCAL_DST_OFFSET, code);
    return (int64_t)offset * 1000;
}

/* Fills at most TRANSITIONS_MAX periods; the count, or 0 when ICU failed. */
static size_t periods_read(UCalendar *calendar, struct period *periods)
{
    UErrorCode code = U_ZERO_ERROR;
    double millis = (double)millis_of_year(YEAR_FIRST);
    const double end = (double)millis_of_year(YEAR_LAST + 1);
    size_t count = 0;
    periods[count++] = (struct period){INT64_MIN, calendar_offset(calendar, millis, &code)};

    while (count < TRANSITIONS_MAX &&
           ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &millis, &code) && U_SUCCESS(code) &&
           millis < end) {
        int64_t offset = calendar_offset(calendar, millis, &code);
        if (offset != periods[count - 1].offset) /* a change of name alone is none */
            periods[count++] = (struct period){(int64_t)millis * 1000, offset};
    }
    return U_SUCCESS(code) ? count : 0;
}

enum status zone_load(struct arena *arena, struct text name, const struct zone **out, struct error *err)
{
    UCalendar *calendar = calendar_open(name);
    if (calendar == NULL)
        return error_set(err, STATUS_INVALID, "zone.unknown", NULL, "'%.*s' is not a time zone such as 'Asia/Shanghai'",
                         (int)(name.size < NAME_MAX_SIZE ? name.size : NAME_MAX_SIZE),
                         name.size == 0 ? "" : name.bytes);

    struct period periods[TRANSITIONS_MAX];
    size_t count = periods_read(calendar, periods);
    ucal_close(calendar);
    if (count == 0)
        return error_set(err, STATUS_DEFECT, "zone.data", NULL, "the time zone data cannot be read");

    struct zone *zone = arena_alloc(arena, sizeof *zone);
    zone->name = text_string(arena, name);
    zone->periods = arena_copy(arena, periods, count * sizeof periods[0]);
    zone->period_count = count;
    *out = zone;
    return STATUS_OK;
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

/* The position of the period that holds `instant`. */
static size_t period_at(const struct zone *zone, int64_t instant)
{
    size_t low = 0, high = zone->period_count; /* start(low) <= instant < start(high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->periods[middle].start <= instant)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t zone_offset_seconds(const struct zone *zone, int64_t instant)
{
    return (int32_t)(zone->periods[period_at(zone, instant)].offset / INSTANT_SECOND);
}

int32_t zone_day(const struct zone *zone, int64_t instant)
{
    int64_t local;
    if (__builtin_add_overflow(instant, zone->periods[period_at(zone, instant)].offset, &local))
        local = instant; /* at the ends of the scale, such as INSTANT_NEVER */
    return (int32_t)(local / INSTANT_DAY - (local % INSTANT_DAY < 0));
}

int64_t zone_day_start(const struct zone *zone, int32_t day)
{
    return zone_local(zone, day, 0);
}

int64_t zone_local(const struct zone *zone, int32_t day, int64_t micros)
{
    int64_t local;
    if (__builtin_mul_overflow((int64_t)day, INSTANT_DAY, &local) || __builtin_add_overflow(local, micros, &local) ||
        local > INT64_MAX - OFFSET_MAX)
        return INSTANT_NEVER;

    /* The first period that ends after the local time: there it exists, or its start is the end of the gap. */
    assert(local > INT64_MIN + OFFSET_MAX);
    size_t i = period_at(zone, local - OFFSET_MAX);
    while (i + 1 < zone->period_count && local - zone->periods[i].offset >= zone->periods[i + 1].start)
        i++;
    int64_t instant = local - zone->periods[i].offset;
    return instant < zone->periods[i].start ? zone->periods[i].start : instant;
}

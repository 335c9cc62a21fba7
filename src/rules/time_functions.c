#include <ctype.h>
#include <stdlib.h>

#include "foundation/instant.h"
#include "rules/functions.h"
#include "rules/program.h"

enum {
    DAY = 86400,
    HOUR = 3600,
    MINUTE = 60,
    WEEK_DAYS = 7,
    MILLI = 1000000, /* nanoseconds */
    MICRO = 1000,
    ZONE_BYTES = 1024 * 1024,
    ZONE_COST = 5000,
    ZONE_NAME_SHOWN = 40,
};

/* ---- zones ---- */

/* "+08:00", "-02:30", "02:00". */
static bool fixed_offset(struct text name, int64_t *seconds)
{
    bool west = name.size > 0 && name.bytes[0] == '-';
    if (name.size > 0 && (west || name.bytes[0] == '+'))
        name = (struct text){name.bytes + 1, name.size - 1};
    if (name.size != 5 || name.bytes[2] != ':')
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (i != 2 && !isdigit((unsigned char)name.bytes[i]))
            return false;
    int hours = (name.bytes[0] - '0') * 10 + name.bytes[1] - '0';
    int minutes = (name.bytes[3] - '0') * 10 + name.bytes[4] - '0';
    *seconds = (west ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
    return hours < 24 && minutes < 60;
}

static const struct zone *known_zone(const struct rule_program *program, struct text name)
{
    for (size_t i = 0; program != NULL && i < program->zone_count; i++)
        if (text_equal(program->zones[i].name, name))
            return program->zones[i].zone;
    return NULL;
}

/* Seconds that the zone is ahead of UTC at the timestamp. */
static bool zone_offset(struct rule_machine *machine, struct rule_value timestamp, struct text name, int64_t *seconds)
{
    const struct zone *zone = known_zone(machine->program, name);
    *seconds = 0;
    if (zone == NULL && (fixed_offset(name, seconds) || text_equals(name, "UTC")))
        return true;
    struct arena *arena = NULL;
    if (zone == NULL) {
        if (!machine_charge(machine, ZONE_COST))
            return false;
        arena = arena_new(ZONE_BYTES);
        if (arena == NULL || zone_load(arena, name, &zone, NULL) != STATUS_OK)
            zone = NULL;
    }
    if (zone != NULL)
        *seconds = zone_offset_seconds(zone, rule_instant_micros(timestamp));
    arena_free(arena);
    return zone != NULL || machine_fail(machine, "rules.argument", "unknown time zone: '%.*s'",
                                        (int)(name.size < ZONE_NAME_SHOWN ? name.size : ZONE_NAME_SHOWN), name.bytes);
}

/* ---- parts ---- */

static int64_t part_of_day(enum time_part part, int64_t seconds, uint32_t nanos)
{
    if (part == PART_HOURS)
        return seconds / HOUR;
    if (part == PART_MINUTES)
        return seconds % HOUR / MINUTE;
    return part == PART_SECONDS ? seconds % MINUTE : nanos / MILLI;
}

static int64_t part_of_date(enum time_part part, int32_t day)
{
    struct date date = date_from_day(day);
    switch ((int)part) {
    case PART_YEAR:
        return date.year;
    case PART_MONTH:
        return date.month - 1;
    case PART_DATE:
        return date.day;
    case PART_DAY_OF_MONTH:
        return date.day - 1;
    case PART_DAY_OF_WEEK:
        return (day_of_week(day) + 1) % WEEK_DAYS; /* 0 is Sunday here, Monday there */
    default:
        return day - day_from_date((struct date){date.year, 1, 1});
    }
}

bool function_time_part(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value timestamp = call->arguments[0];
    int64_t offset = 0;
    if (call->count == 2 && !zone_offset(machine, timestamp, rule_text(call->arguments[1]), &offset))
        return false;
    int64_t local = timestamp.integer + offset, day = local / DAY - (local % DAY < 0);
    enum time_part part = (enum time_part)call->which;
    *out = rule_int(part >= PART_HOURS ? part_of_day(part, local - day * DAY, timestamp.size)
                                       : part_of_date(part, (int32_t)day));
    return true;
}

bool function_duration_part(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    int64_t seconds = call->arguments[0].integer / RULE_NANOS;
    (void)machine;
    switch (call->which) {
    case PART_HOURS:
        *out = rule_int(seconds / HOUR);
        return true;
    case PART_MINUTES:
        *out = rule_int(seconds / MINUTE);
        return true;
    case PART_SECONDS:
        *out = rule_int(seconds);
        return true;
    default: /* what is beyond the second */
        *out = rule_int(call->arguments[0].integer % RULE_NANOS / MILLI);
        return true;
    }
}

/* ---- from the instant of the evaluation ---- */

bool function_instant_known(struct rule_machine *machine)
{
    return machine->now != INSTANT_NEVER ||
           machine_fail(machine, "rules.instant", "the evaluation has no instant that time could be counted from");
}

void function_until(struct rule_machine *machine, int64_t instant)
{
    if (instant < machine->valid_until)
        machine->valid_until = instant;
}

int32_t function_day(const struct zone *zone, int64_t instant)
{
    return zone != NULL ? zone_day(zone, instant) : (int32_t)(instant / INSTANT_DAY - (instant % INSTANT_DAY < 0));
}

int64_t function_day_start(const struct zone *zone, int32_t day)
{
    return zone != NULL ? zone_day_start(zone, day) : day * INSTANT_DAY;
}

bool function_days_since(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    if (!function_instant_known(machine))
        return false;
    if (call->arguments[0].kind == RULE_NULL) {
        *out = rule_null();
        return true;
    }
    int32_t today = function_day(machine->zone, machine->now);
    *out = rule_int((int64_t)today - function_day(machine->zone, rule_instant_micros(call->arguments[0])));
    function_until(machine, function_day_start(machine->zone, today + 1));
    return true;
}

/* True from the timestamp on until the duration is over. */
bool function_within(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value since = call->arguments[0], width = call->arguments[1];
    int64_t nanos = width.integer;
    if (!function_instant_known(machine))
        return false;
    if (width.kind == RULE_STRING && !duration_parse(rule_text(width), true, &nanos))
        return machine_fail(machine, "rules.conversion", "within() wants a duration such as \"30d\" or \"12h\"");
    *out = rule_bool(false);
    if (since.kind == RULE_NULL)
        return true;
    int64_t start = rule_instant_micros(since), end = start + nanos / MICRO;
    *out = rule_bool(start <= machine->now && machine->now < end);
    if (machine->now < start && start < end)
        function_until(machine, start);
    else if (out->boolean)
        function_until(machine, end);
    return true;
}

/* window_functions.c: counts and sums over the last days of a list of days, today included. */
#include <math.h>

#include "foundation/instant.h"
#include "rules/functions.h"
#include "rules/rules.h"

/* Sums of money are made of whole ten-thousandths, so that what is added in another order is the same. */
static const double SUM_SCALE = 10000;
static const double SUM_MAX = 9e18;

bool window_days(struct rule_value width, int32_t *days)
{
    const int64_t day = INSTANT_DAY * (RULE_NANOS / INSTANT_SECOND);
    int64_t nanos = width.integer;
    if (width.kind == RULE_STRING ? !duration_parse(rule_text(width), true, &nanos) : width.kind != RULE_DURATION)
        return false;
    if (nanos <= 0 || nanos % day != 0 || nanos / day > RULE_WINDOW_DAYS_MAX)
        return false;
    *days = (int32_t)(nanos / day);
    return true;
}

/* A day with its number, as {"at": timestamp, "count": int, "sum": double}. */
static bool day_read(struct rule_value element, int which, int64_t *at, struct rule_value *number)
{
    if (element.kind != RULE_MAP)
        return false;
    const struct rule_value *start = rule_map_get(element, rule_string(TEXT("at")));
    const struct rule_value *found =
        rule_map_get(element, which == WINDOW_COUNT ? rule_string(TEXT("count")) : rule_string(TEXT("sum")));
    if (start == NULL || start->kind != RULE_TIMESTAMP || found == NULL ||
        found->kind != (which == WINDOW_COUNT ? RULE_INT : RULE_DOUBLE))
        return false;
    *at = rule_instant_micros(*start);
    *number = *found;
    return true;
}

/* Day by day the answer changes when the oldest counted day leaves, and when a day that is yet to come begins. */
bool function_window(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value list = call->arguments[0], number;
    int64_t at, sum = 0;
    int32_t days;
    if (!function_instant_known(machine) || !machine_charge(machine, list.size))
        return false;
    if (!window_days(call->arguments[1], &days))
        return machine_fail(machine, "rules.window", "a window is whole days such as \"30d\", at most \"%dd\"",
                            RULE_WINDOW_DAYS_MAX);
    int32_t today = function_day(machine->zone, machine->now);
    for (uint32_t i = 0; i < list.size; i++) {
        if (!day_read(list.items[i], call->which, &at, &number))
            return machine_fail(machine, "rules.overload", "no such overload: a window is taken of member.days");
        int32_t day = function_day(machine->zone, at);
        if (day > today)
            function_until(machine, function_day_start(machine->zone, day));
        if (day > today || day <= today - days)
            continue;
        function_until(machine, function_day_start(machine->zone, day + days));
        double scaled = number.kind == RULE_DOUBLE ? number.real * SUM_SCALE : (double)number.integer;
        if (!(fabs(scaled) < SUM_MAX) || __builtin_add_overflow(sum, llround(scaled), &sum))
            return machine_fail(machine, "rules.overflow", "the sum of the window is too large");
    }
    *out = call->which == WINDOW_COUNT ? rule_int(sum) : rule_double((double)sum / SUM_SCALE);
    return true;
}

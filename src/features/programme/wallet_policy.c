/* When points become active and when they end, by the policy of their wallet. */
#include <assert.h>

#include "features/programme/programme.h"

/* The day after `count` units from `day`; the points still count on it. */
static int32_t day_after_units(int32_t day, enum expiry_unit unit, int count)
{
    switch (unit) {
    case EXPIRY_DAYS:
        return day + count;
    case EXPIRY_MONTHS:
        return day_add_months(day, count);
    }
    assert(false); /* not a unit */
    return day;
}

/* The first day after the month, quarter or year that holds `day`. */
static int32_t period_end(int32_t day, enum expiry_period period)
{
    struct date date = date_from_day(day);

    switch (period) {
    case EXPIRY_MONTH:
        break;
    case EXPIRY_QUARTER:
        date.month += 2 - (date.month - 1) % 3;
        break;
    case EXPIRY_YEAR:
        date.month = 12;
        break;
    }
    date.day = 1;
    return day_add_months(day_from_date(date), 1);
}

/* The first `month`/`day` of a year on or after `earliest`; 29 February falls on the 28th in common years. */
static int32_t fixed_day(const struct wallet_policy *policy, int32_t earliest)
{
    int year = date_from_day(earliest).year;

    for (;; year++) {
        int last = days_in_month(year, policy->expiry_month);
        struct date date = {year, policy->expiry_month, policy->expiry_day < last ? policy->expiry_day : last};
        int32_t day = day_from_date(date);
        if (day >= earliest)
            return day;
    }
}

int64_t wallet_expiry(const struct wallet_policy *policy, const struct zone *zone, int64_t earned_at,
                      int64_t activity_at)
{
    int32_t day = zone_day(zone, earned_at);

    switch (policy->expiry) {
    case EXPIRY_NEVER:
        return INSTANT_NEVER;
    case EXPIRY_AFTER:
        return zone_day_start(zone, day_after_units(day, policy->expiry_unit, policy->expiry_count) + 1);
    case EXPIRY_END_OF:
        return zone_day_start(zone, period_end(day_add_months(day, policy->expiry_count), policy->expiry_period));
    case EXPIRY_FIXED_DAY:
        return zone_day_start(zone, fixed_day(policy, day_add_months(day, policy->expiry_count)) + 1);
    case EXPIRY_ACTIVITY:
        if (activity_at > earned_at)
            day = zone_day(zone, activity_at);
        return zone_day_start(zone, day_after_units(day, policy->expiry_unit, policy->expiry_count) + 1);
    }
    assert(false); /* not a kind of expiry */
    return INSTANT_NEVER;
}

int64_t wallet_active_at(const struct wallet_policy *policy, const struct zone *zone, int64_t at)
{
    if (policy->pending_days == 0)
        return at;
    return zone_day_start(zone, zone_day(zone, at) + policy->pending_days + 1);
}

bool wallet_points_value(const struct wallet_policy *policy, int64_t points, int64_t *minor)
{
    if (policy->value_points <= 0 || policy->value_minor <= 0)
        return false;
    return checked_scale(points, policy->value_minor, policy->value_points, ROUNDING_FLOOR, minor);
}

bool wallet_points_for(const struct wallet_policy *policy, int64_t minor, int64_t *points)
{
    if (policy->value_points <= 0 || policy->value_minor <= 0)
        return false;
    return checked_scale(minor, policy->value_points, policy->value_minor, ROUNDING_CEIL, points);
}

unsigned wallet_proofs(const struct wallet_policy *policy, int64_t points)
{
    unsigned proofs = PROOF_NONE;

    for (size_t i = 0; i < policy->proof_step_count && points > policy->proof_steps[i].above; i++)
        proofs = policy->proof_steps[i].proofs;
    return proofs;
}

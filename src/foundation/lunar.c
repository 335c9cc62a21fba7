#include "foundation/lunar.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "foundation/instant.h"

enum { YEAR_FIRST = 1900, YEAR_LAST = 2200, EPOCH_YEARS = 2637, NOON_HOUR = 12, ZONE_SIZE = 16 };

static const double MILLIS_OF_DAY = 86400000.0;

/* Noon of the day, so that no offset of the zone is of another one. */
static double millis_of(UCalendar *calendar, int year, int month, int day, UErrorCode *code)
{
    ucal_clear(calendar);
    ucal_set(calendar, UCAL_EXTENDED_YEAR, year + EPOCH_YEARS);
    ucal_set(calendar, UCAL_MONTH, month - 1);
    ucal_set(calendar, UCAL_IS_LEAP_MONTH, 0);
    ucal_set(calendar, UCAL_DATE, day);
    ucal_set(calendar, UCAL_HOUR_OF_DAY, NOON_HOUR);
    return ucal_getMillis(calendar, code);
}

bool lunar_day(int year, int month, int day, int32_t *out)
{
    UChar zone[ZONE_SIZE];
    UErrorCode code = U_ZERO_ERROR;
    if (year < YEAR_FIRST || year > YEAR_LAST)
        return false;
    u_uastrcpy(zone, "Asia/Shanghai");
    UCalendar *calendar = ucal_open(zone, -1, "en_US@calendar=chinese", UCAL_DEFAULT, &code);
    if (U_FAILURE(code))
        return false;
    double millis = millis_of(calendar, year, month, day, &code);
    if (U_SUCCESS(code) && ucal_get(calendar, UCAL_DATE, &code) != day)
        millis = millis_of(calendar, year, month, day - 1, &code);
    ucal_close(calendar);
    if (U_FAILURE(code))
        return false;
    /* Noon there is four o'clock of the same day in UTC. */
    double days = millis / MILLIS_OF_DAY;
    *out = (int32_t)days - (days < (double)(int32_t)days);
    return true;
}

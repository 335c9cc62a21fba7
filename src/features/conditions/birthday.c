#include "features/conditions/birthday.h"

#include "foundation/instant.h"
#include "foundation/lunar.h"

enum { FEBRUARY = 2, LEAP_DAY = 29, MONTHS = 12, LUNAR_DAYS_MAX = 30, YEARS_AHEAD = 2, SHORT_SIZE = 7, LONG_SIZE = 10 };

static bool two_digits(struct text text, size_t at, int *out)
{
    int tens = text.bytes[at] - '0', ones = text.bytes[at + 1] - '0';
    *out = 10 * tens + ones;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
}

bool birthday_read(struct text birthday, struct text calendar, int leap_day, struct birthday *out)
{
    size_t first = birthday.size == SHORT_SIZE ? 2 : 5;
    struct birthday read = {.lunar = text_equals(calendar, "lunar"), .leap_day = leap_day};
    if ((birthday.size != SHORT_SIZE && birthday.size != LONG_SIZE) || !two_digits(birthday, first, &read.month) ||
        !two_digits(birthday, first + 3, &read.day))
        return false;
    if (read.month < 1 || read.month > MONTHS || read.day < 1 ||
        read.day > (read.lunar ? LUNAR_DAYS_MAX : days_in_month(2000, read.month)))
        return false;
    *out = read;
    return true;
}

/* That of a year; of a lunar one the year in which the lunar year begins. */
static bool birthday_of_year(const struct birthday *birthday, int year, int32_t *out)
{
    if (birthday->lunar)
        return lunar_day(year, birthday->month, birthday->day, out);
    struct date date = {year, birthday->month, birthday->day};
    if (date.month == FEBRUARY && date.day == LEAP_DAY && days_in_month(year, FEBRUARY) < LEAP_DAY)
        date = birthday->leap_day == LEAP_DAY ? (struct date){year, FEBRUARY + 1, 1}
                                              : (struct date){year, FEBRUARY, birthday->leap_day};
    *out = day_from_date(date);
    return true;
}

int32_t birthday_from(const struct birthday *birthday, int32_t day)
{
    int year = date_from_day(day).year;
    int32_t found;
    /* The last months of a lunar year lie in the next Gregorian one. */
    for (int i = -1; i <= YEARS_AHEAD; i++)
        if (birthday_of_year(birthday, year + i, &found) && found >= day)
            return found;
    return INT32_MAX;
}

#include "foundation/instant.h"

#include <assert.h>
#include <stdio.h>

enum { YEAR_MIN = 1900, YEAR_MAX = 9999, FRACTION_DIGITS = 6, FRACTION_DIGITS_MAX = 9 };

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/*
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days): the year begins in
 * March, so that the leap day is its last; an era is 400 years, 146,097 days.
 */
int32_t day_from_date(struct date date)
{
    assert(date.month >= 1 && date.month <= 12);

    int year = date.month <= 2 ? date.year - 1 : date.year;
    int era = (int)floor_divide(year, 400);
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date date_from_day(int32_t day)
{
    int64_t shifted = (int64_t)day + 719468;
    int era = (int)floor_divide(shifted, 146097);
    int day_of_era = (int)(shifted - (int64_t)era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct date){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
}

int days_in_month(int year, int month)
{
    assert(month >= 1 && month <= 12);

    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int day_of_week(int32_t day)
{
    int64_t from_monday = (int64_t)day + 3; /* 1970-01-01 was a Thursday */
    return (int)(from_monday - floor_divide(from_monday, 7) * 7);
}

int32_t day_add_months(int32_t day, int months)
{
    struct date date = date_from_day(day);
    int64_t month = (int64_t)date.year * 12 + (date.month - 1) + months;
    date.year = (int)floor_divide(month, 12);
    date.month = (int)(month - (int64_t)date.year * 12) + 1;
    int last = days_in_month(date.year, date.month);
    if (date.day > last)
        date.day = last;
    return day_from_date(date);
}

/* Reads exactly `count` digits and moves past them. */
static bool take_digits(struct text *text, size_t count, int *out)
{
    if (text->size < count)
        return false;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text->bytes[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    text->bytes += count;
    text->size -= count;
    *out = value;
    return true;
}

static bool take_char(struct text *text, char wanted)
{
    if (text->size == 0 || text->bytes[0] != wanted)
        return false;
    text->bytes++;
    text->size--;
    return true;
}

static bool take_date(struct text *text, struct date *out)
{
    struct date date;
    if (!take_digits(text, 4, &date.year) || !take_char(text, '-') || !take_digits(text, 2, &date.month) ||
        !take_char(text, '-') || !take_digits(text, 2, &date.day))
        return false;
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month))
        return false;
    *out = date;
    return true;
}

static bool take_time(struct text *text, int64_t *out)
{
    int hour, minute, second;
    if (!take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &minute) ||
        !take_char(text, ':') || !take_digits(text, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;

    int64_t fraction = 0;
    if (take_char(text, '.')) {
        int digits = 0;
        for (int digit; digits < FRACTION_DIGITS_MAX && take_digits(text, 1, &digit); digits++)
            if (digits < FRACTION_DIGITS)
                fraction = fraction * 10 + digit;
        if (digits == 0)
            return false;
        for (; digits < FRACTION_DIGITS; digits++)
            fraction *= 10;
    }
    *out = hour * INSTANT_HOUR + minute * INSTANT_MINUTE + second * INSTANT_SECOND + fraction;
    return true;
}

static bool take_offset(struct text *text, int64_t *out)
{
    *out = 0;
    if (take_char(text, 'Z') || take_char(text, 'z'))
        return true;

    bool west = take_char(text, '-');
    int hour, minute;
    if (!west && !take_char(text, '+'))
        return false;
    if (!take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &minute) || hour > 23 ||
        minute > 59)
        return false;
    int64_t offset = hour * INSTANT_HOUR + minute * INSTANT_MINUTE;
    *out = west ? -offset : offset;
    return true;
}

bool instant_parse(struct text text, int64_t *out)
{
    struct date date;
    int64_t time, offset;
    if (!take_date(&text, &date) || date.year < YEAR_MIN || date.year > YEAR_MAX)
        return false;
    if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' '))
        return false;
    if (!take_time(&text, &time) || !take_offset(&text, &offset) || text.size != 0)
        return false;
    *out = day_from_date(date) * INSTANT_DAY + time - offset;
    return true;
}

char *instant_format(int64_t instant, char *out)
{
    int64_t day = floor_divide(instant, INSTANT_DAY);
    int64_t time = instant % INSTANT_DAY; /* the day times its length may lie below what there is */
    time += time < 0 ? INSTANT_DAY : 0;
    struct date date = date_from_day((int32_t)day);
    int second = (int)(time / INSTANT_SECOND);
    int micros = (int)(time % INSTANT_SECOND);
    int size = snprintf(out, INSTANT_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
                        second / 3600, second / 60 % 60, second % 60);
    assert(size > 0 && size < INSTANT_TEXT_SIZE);

    snprintf(out + size, INSTANT_TEXT_SIZE - (size_t)size, micros == 0 ? "Z" : ".%06dZ", micros);
    return out;
}

bool day_parse(struct text text, int32_t *out)
{
    struct date date;
    if (!take_date(&text, &date) || date.year < 1 || text.size != 0)
        return false;
    *out = day_from_date(date);
    return true;
}

char *day_format(int32_t day, char *out)
{
    struct date date = date_from_day(day);
    snprintf(out, DAY_TEXT_SIZE, "%04d-%02d-%02d", date.year, date.month, date.day);
    return out;
}

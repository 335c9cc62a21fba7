/* instant.h: points in time as UTC microseconds since 1970, days as numbers since 1970-01-01, RFC 3339 text. */
#ifndef PATRON_FOUNDATION_INSTANT_H
#define PATRON_FOUNDATION_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/text.h"

#define INSTANT_SECOND INT64_C(1000000)
#define INSTANT_MINUTE (60 * INSTANT_SECOND)
#define INSTANT_HOUR (60 * INSTANT_MINUTE)
#define INSTANT_DAY (24 * INSTANT_HOUR)
#define INSTANT_NEVER INT64_MAX
#define INSTANT_OPEN (INSTANT_NEVER - 1) /* as soon as something happens of which nobody knows when */

enum { INSTANT_TEXT_SIZE = 40, DAY_TEXT_SIZE = 16 };

struct date {             /* proleptic Gregorian */
    int year, month, day; /* 1..12, 1..31 */
};

int32_t day_from_date(struct date date);
struct date date_from_day(int32_t day);
int days_in_month(int year, int month);
int day_of_week(int32_t day); /* 0 Monday .. 6 Sunday */

/* The same day `months` later, at most the last of that month: 31 January + 1 = the last of February. */
int32_t day_add_months(int32_t day, int months);

/* "2026-11-22T02:05:13.5Z" or with an offset; years 1900..9999; up to 9 decimals, cut to microseconds. False otherwise. */
bool instant_parse(struct text text, int64_t *out);
/* Writes RFC 3339 in UTC with as many decimals as needed (0 or 6). Returns `out`, INSTANT_TEXT_SIZE bytes. */
char *instant_format(int64_t instant, char *out);

/* "2026-11-22". */
bool day_parse(struct text text, int32_t *out);
char *day_format(int32_t day, char *out);

#endif

/* lunar.h: days of the Chinese calendar, by ICU. */
#ifndef PATRON_FOUNDATION_LUNAR_H
#define PATRON_FOUNDATION_LUNAR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The day of month `month` (1..12, no leap month), day `day` (1..30), of the lunar year that begins within the Gregorian `year`.
 * In a month of 29 days the 30th is its last. False outside the years 1900 to 2200, and when ICU fails.
 */
bool lunar_day(int year, int month, int day, int32_t *out);

#endif

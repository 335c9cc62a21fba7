/* value.h: dates, times and numbers as people write them in files, read without guessing what is ambiguous. Pure. */
#ifndef PATRON_FEATURES_EXCHANGE_VALUE_H
#define PATRON_FEATURES_EXCHANGE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/text.h"
#include "foundation/zone.h"

/* A moment as written: a day and a time of day in the file's zone, unless it says its own offset. */
struct moment {
    int32_t day;
    int64_t micros; /* since local midnight */
    bool time_given;
    bool absolute; /* `instant` is set, from a text with an offset */
    int64_t instant;
};

/*
 * Without `format` (NULL or empty): 2017-01-28 14:06:53, 2017/1/28, 20170128, 20170128140653, 28.01.2017 14:06,
 * 2017年1月28日, RFC 3339 with offset. 01/02/2017 is refused as ambiguous (`import.date_format`). A format is made of the
 * letters d m y H M S and separators, such as "m/d/y H:M"; a '%' before a letter is accepted. Else `import.date`.
 */
enum status moment_parse(struct text text, const char *format, struct moment *out, struct error *err);

/* A time of day alone: 14:06, 14:06:53, 140653. */
enum status time_parse(struct text text, int64_t *micros, struct error *err);

int64_t moment_instant(const struct moment *moment, const struct zone *zone);

/*
 * A decimal in plain form ("-1234.5"), copied into `out` (NUMBER_TEXT_SIZE): currency signs, blanks and thousands
 * separators go; with `comma` the decimal separator is ','. STATUS_INVALID `import.number` for anything else.
 */
enum { NUMBER_TEXT_SIZE = 64 };
enum status number_plain(struct text text, bool comma, char *out, struct error *err);

/* A decimal in units of 10^-scale; an excess of decimals is refused as `import.number`. */
enum status number_parse(struct text text, bool comma, int scale, int64_t *out, struct error *err);

/* A tax rate in millionths: 0.13 or 13%. STATUS_INVALID `import.number` above 1. */
enum status tax_rate_parse(struct text text, bool comma, int64_t *out, struct error *err);

#endif

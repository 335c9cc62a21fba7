/* money.h: amounts in minor units of a currency with its own exponent (ISO 4217): JPY 0, CNY 2, KWD 3. */
#ifndef PATRON_FOUNDATION_MONEY_H
#define PATRON_FOUNDATION_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum { CURRENCY_SIZE = 4, MONEY_TEXT_SIZE = 32 };

/* The number of decimals of `code`, or -1 for a code that ISO 4217 does not list. */
int currency_exponent(struct text code);

/*
 * Reads a decimal such as "12.90" or "-3" into minor units. No exponent, no thousands separator. More decimals than the
 * currency has, or an overflow, is STATUS_INVALID `money.decimals` / `money.range`; other text `money.syntax`.
 */
enum status money_parse(struct text decimal, int exponent, int64_t *minor, struct error *err);

/*
 * The lenient reader of imports: accepts exponents ("4.4e-16") and rounds an excess under 0.0001 minor unit, in which case
 * `*rounded` is set; a larger excess is refused.
 */
enum status money_parse_import(struct text decimal, int exponent, int64_t *minor, bool *rounded, struct error *err);

/* Writes "12.90"; `out` has MONEY_TEXT_SIZE bytes. Returns `out`. */
char *money_format(int64_t minor, int exponent, char *out);

#endif

/* checked.h: integer arithmetic that says when it would overflow. Amounts and points use nothing else. */
#ifndef PATRON_FOUNDATION_CHECKED_H
#define PATRON_FOUNDATION_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/status.h"

enum rounding { ROUNDING_FLOOR, ROUNDING_HALF_UP, ROUNDING_HALF_EVEN, ROUNDING_CEIL };

/* True and `*out` set when the result fits; otherwise false and `*out` untouched. */
bool checked_add(int64_t a, int64_t b, int64_t *out);
bool checked_subtract(int64_t a, int64_t b, int64_t *out);
bool checked_multiply(int64_t a, int64_t b, int64_t *out);

/* 128 bits, for what lies between; strict C knows no name of its own for it. */
__extension__ typedef __int128 wide_integer;

/* numerator / denominator, rounded as checked_scale does; denominator > 0, and the numerator below 2^126. */
wide_integer wide_divide(wide_integer numerator, wide_integer denominator, enum rounding rounding);

/*
 * a * b / divisor with one rounding at the end, in 128 bits; divisor > 0. Floor is towards minus infinity, half up away
 * from zero at .5. False when the result does not fit.
 */
bool checked_scale(int64_t a, int64_t b, int64_t divisor, enum rounding rounding, int64_t *out);

/*
 * Splits `total` over `count` weights (each >= 0, sum > 0) by largest remainder, ties to the earlier one; the shares sum
 * to `total` exactly. With all weights 0 the first takes everything. False on overflow of the sum.
 */
bool split_largest_remainder(int64_t total, const int64_t *weights, int64_t *shares, int count);

#endif

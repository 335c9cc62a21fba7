#include "foundation/checked.h"

#include <assert.h>

bool checked_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *out = sum;
    return true;
}

bool checked_subtract(int64_t a, int64_t b, int64_t *out)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return false;
    *out = difference;
    return true;
}

bool checked_multiply(int64_t a, int64_t b, int64_t *out)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *out = product;
    return true;
}

/* What to add to the quotient cut towards zero. `sign` is that of the exact result, `twice` is twice the remainder. */
static int rounding_step(enum rounding rounding, wide_integer quotient, int sign, wide_integer twice,
                         wide_integer divisor)
{
    if (twice == 0)
        return 0;
    switch (rounding) {
    case ROUNDING_FLOOR:
        return sign < 0 ? -1 : 0;
    case ROUNDING_CEIL:
        return sign > 0 ? 1 : 0;
    case ROUNDING_HALF_UP:
        return twice >= divisor ? sign : 0;
    case ROUNDING_HALF_EVEN:
        return twice > divisor || (twice == divisor && quotient % 2 != 0) ? sign : 0;
    }
    assert(false); /* not a rounding */
    return 0;
}

wide_integer wide_divide(wide_integer numerator, wide_integer denominator, enum rounding rounding)
{
    assert(denominator > 0);

    wide_integer quotient = numerator / denominator, remainder = numerator % denominator;
    wide_integer twice = 2 * (remainder < 0 ? -remainder : remainder);
    return quotient + rounding_step(rounding, quotient, numerator < 0 ? -1 : 1, twice, denominator);
}

bool checked_scale(int64_t a, int64_t b, int64_t divisor, enum rounding rounding, int64_t *out)
{
    assert(divisor > 0);

    wide_integer result = wide_divide((wide_integer)a * b, divisor, rounding);
    if (result < INT64_MIN || result > INT64_MAX)
        return false;
    *out = (int64_t)result;
    return true;
}

/* The position of the largest remainder that has not got its unit yet, the earliest among equals. */
static int next_remainder(wide_integer total, const int64_t *weights, const int64_t *shares, int count, int64_t sum)
{
    int best = -1;
    int64_t best_remainder = -1;
    for (int i = 0; i < count; i++) {
        wide_integer product = total * weights[i];
        int64_t remainder = (int64_t)(product % sum);
        if (remainder > best_remainder && shares[i] == (int64_t)(product / sum)) {
            best = i;
            best_remainder = remainder;
        }
    }
    assert(best >= 0);
    return best;
}

bool split_largest_remainder(int64_t total, const int64_t *weights, int64_t *shares, int count)
{
    assert(count > 0);

    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        assert(weights[i] >= 0);
        if (!checked_add(sum, weights[i], &sum))
            return false;
    }
    if (sum == 0) {
        for (int i = 0; i < count; i++)
            shares[i] = i == 0 ? total : 0;
        return true;
    }

    /* Split below zero, where every total fits, would turn the ties round; so the size is split and the sign put back. */
    wide_integer size = total < 0 ? -(wide_integer)total : (wide_integer)total;
    if (size > INT64_MAX)
        return false;
    wide_integer left = size;
    for (int i = 0; i < count; i++) {
        shares[i] = (int64_t)(size * weights[i] / sum);
        left -= shares[i];
    }
    for (; left > 0; left--)
        shares[next_remainder(size, weights, shares, count, sum)]++;
    for (int i = 0; i < count && total < 0; i++)
        shares[i] = -shares[i];
    return true;
}

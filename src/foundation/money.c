#include "foundation/money.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_LENGTH = CURRENCY_SIZE - 1, DIGITS_MAX = 64, EXPONENT_MAX = 400, EXACT_DIGITS = 4 };

struct currency {
    char code[CURRENCY_SIZE];
    int exponent;
};

/* ISO 4217, list one, with its funds codes; ascending by code. Metals and test codes have no minor unit. */
/* clang-format off */
static const struct currency currencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2},
    {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2},
    {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2},
    {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2},
    {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2},
    {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2},
    {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2},
    {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2},
    {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2},
    {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MXV", 2},
    {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3},
    {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2},
    {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2},
    {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2},
    {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2},
    {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAD", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};
/* clang-format on */

static int compare_code(const void *code, const void *currency)
{
    return memcmp(code, ((const struct currency *)currency)->code, CODE_LENGTH);
}

int currency_exponent(struct text code)
{
    if (code.size != CODE_LENGTH)
        return -1;
    const struct currency *found =
        bsearch(code.bytes, currencies, sizeof currencies / sizeof currencies[0], sizeof currencies[0], compare_code);
    return found == NULL ? -1 : found->exponent;
}

/* A decimal as it was written: the value is 0.d1d2d3... x 10^point. */
struct decimal {
    bool negative;
    char digits[DIGITS_MAX]; /* values 0..9 without leading zeros, kept as they came up to DIGITS_MAX */
    int digit_count;
    int point;
    int decimals; /* digits written after the point */
    bool cut;     /* a digit other than 0 did not fit */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void digit_add(struct decimal *decimal, char c, bool after_point)
{
    if (decimal->digit_count == 0 && c == '0') { /* a leading zero only moves the point */
        decimal->point -= after_point;
        return;
    }
    decimal->point += !after_point;
    if (decimal->digit_count < DIGITS_MAX)
        decimal->digits[decimal->digit_count++] = (char)(c - '0');
    else
        decimal->cut |= c != '0';
}

/* Reads an exponent such as "e-16" at the end of a number. Past EXPONENT_MAX it stays there: 0 or out of range anyway. */
static bool exponent_read(struct text text, size_t at, int *out)
{
    bool negative = at < text.size && text.bytes[at] == '-';
    if (at < text.size && (text.bytes[at] == '-' || text.bytes[at] == '+'))
        at++;
    if (at == text.size)
        return false;
    int exponent = 0;
    for (; at < text.size; at++) {
        if (!is_digit(text.bytes[at]))
            return false;
        exponent = exponent * 10 + (text.bytes[at] - '0');
        if (exponent > EXPONENT_MAX)
            exponent = EXPONENT_MAX;
    }
    *out = negative ? -exponent : exponent;
    return true;
}

/* `-12.90`; when `lenient` also `+1`, `.5`, `5.` and exponents. */
static bool decimal_read(struct text text, bool lenient, struct decimal *out)
{
    enum { TEXT_MAX = 512 };
    struct decimal decimal = {0};
    size_t at = 0;
    if (text.size > TEXT_MAX)
        return false;
    if (text.size > 0 && (text.bytes[0] == '-' || (lenient && text.bytes[0] == '+')))
        decimal.negative = text.bytes[at++] == '-';

    size_t whole = at;
    for (; at < text.size && is_digit(text.bytes[at]); at++)
        digit_add(&decimal, text.bytes[at], false);
    whole = at - whole;
    if (at < text.size && text.bytes[at] == '.') {
        for (at++; at < text.size && is_digit(text.bytes[at]); at++, decimal.decimals++)
            digit_add(&decimal, text.bytes[at], true);
        if (!lenient && decimal.decimals == 0)
            return false;
    }
    if (whole == 0 && (!lenient || decimal.decimals == 0))
        return false;
    if (lenient && at < text.size && (text.bytes[at] == 'e' || text.bytes[at] == 'E')) {
        int exponent = 0;
        if (!exponent_read(text, at + 1, &exponent))
            return false;
        decimal.point += exponent;
        at = text.size;
    }
    *out = decimal;
    return at == text.size;
}

/* The digit at `position` of the number in minor units, where 0 is the first one after the point. */
static int digit_at(const struct decimal *decimal, int exponent, int position)
{
    int index = decimal->point + exponent + position;
    return index < 0 || index >= decimal->digit_count ? 0 : decimal->digits[index];
}

/* The minor units before the point, plus `step` away from zero. False on overflow. */
static bool decimal_whole(const struct decimal *decimal, int exponent, int step, int64_t *minor)
{
    int64_t value = 0;
    int first = decimal->digit_count == 0 ? 0 : -(decimal->point + exponent);
    for (int position = first; position < 0; position++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit_at(decimal, exponent, position), &value))
            return false;
    if (__builtin_sub_overflow(value, step, &value))
        return false;
    if (!decimal->negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *minor = value;
    return true;
}

/* True when a digit at or after `position` is not 0. */
static bool has_digit_from(const struct decimal *decimal, int exponent, int position)
{
    int index = decimal->point + exponent + position;
    for (int i = index < 0 ? 0 : index; i < decimal->digit_count; i++)
        if (decimal->digits[i] != 0)
            return true;
    return decimal->cut;
}

static enum status syntax_error(struct text decimal, struct error *err)
{
    return error_set(err, STATUS_INVALID, "money.syntax", NULL, "'%.*s' is not an amount such as 12.90",
                     (int)(decimal.size < 64 ? decimal.size : 64), decimal.size == 0 ? "" : decimal.bytes);
}

static enum status decimals_error(struct text decimal, int exponent, struct error *err)
{
    return error_set(err, STATUS_INVALID, "money.decimals", NULL,
                     "'%.*s' has more than the %d decimals of its currency",
                     (int)(decimal.size < 64 ? decimal.size : 64), decimal.bytes, exponent);
}

static enum status range_error(struct text decimal, struct error *err)
{
    return error_set(err, STATUS_INVALID, "money.range", NULL, "'%.*s' is too large an amount",
                     (int)(decimal.size < 64 ? decimal.size : 64), decimal.bytes);
}

enum status money_parse(struct text decimal, int exponent, int64_t *minor, struct error *err)
{
    struct decimal read;
    if (!decimal_read(decimal, false, &read))
        return syntax_error(decimal, err);
    if (read.decimals > exponent)
        return decimals_error(decimal, exponent, err);
    if (read.cut || !decimal_whole(&read, exponent, 0, minor))
        return range_error(decimal, err);
    return STATUS_OK;
}

enum status money_parse_import(struct text decimal, int exponent, int64_t *minor, bool *rounded, struct error *err)
{
    struct decimal read;
    if (!decimal_read(decimal, true, &read))
        return syntax_error(decimal, err);

    bool excess = has_digit_from(&read, exponent, 0);
    int zeros = 0, nines = 0; /* among the first digits after the minor unit */
    for (int i = 0; i < EXACT_DIGITS; i++) {
        zeros += digit_at(&read, exponent, i) == 0;
        nines += digit_at(&read, exponent, i) == 9;
    }
    bool up = nines == EXACT_DIGITS && has_digit_from(&read, exponent, EXACT_DIGITS);
    if (excess && zeros != EXACT_DIGITS && !up)
        return decimals_error(decimal, exponent, err);
    if (!decimal_whole(&read, exponent, up, minor))
        return range_error(decimal, err);
    *rounded = excess;
    return STATUS_OK;
}

char *money_format(int64_t minor, int exponent, char *out)
{
    assert(exponent >= 0 && exponent <= 8);

    char digits[MONEY_TEXT_SIZE];
    char *start = digits + sizeof digits;
    *--start = '\0';
    uint64_t magnitude = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    for (int written = 0; magnitude > 0 || written <= exponent; written++) {
        if (exponent > 0 && written == exponent)
            *--start = '.';
        *--start = (char)('0' + magnitude % 10);
        magnitude /= 10;
    }
    if (minor < 0)
        *--start = '-';
    return memcpy(out, start, (size_t)(digits + sizeof digits - start));
}

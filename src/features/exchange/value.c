#include "features/exchange/value.h"

#include <ctype.h>
#include <string.h>

#include "foundation/instant.h"
#include "foundation/money.h"

enum { PARTS_MAX = 7 };

/* The numbers in a text and what stands between them. */
struct parts {
    int64_t numbers[PARTS_MAX];
    int digits[PARTS_MAX];
    char separators[PARTS_MAX]; /* after each number; the first byte of what follows, 0 at the end */
    int count;
};

static bool split_parts(struct text text, struct parts *parts)
{
    *parts = (struct parts){0};
    size_t at = 0;
    while (at < text.size) {
        if (!isdigit((unsigned char)text.bytes[at]) || parts->count == PARTS_MAX)
            return false;
        int64_t number = 0;
        int digits = 0;
        while (at < text.size && isdigit((unsigned char)text.bytes[at]) && digits < 15) {
            number = number * 10 + (text.bytes[at++] - '0');
            digits++;
        }
        parts->numbers[parts->count] = number;
        parts->digits[parts->count] = digits;
        if (at < text.size)
            parts->separators[parts->count] = text.bytes[at];
        parts->count++;
        while (at < text.size && !isdigit((unsigned char)text.bytes[at]))
            at++;
    }
    return parts->count > 0;
}

static enum status date_fault(struct text text, struct error *err)
{
    return error_set(err, STATUS_INVALID, "import.date", "",
                     "'%.*s' is not a date that is understood: say --date-format",
                     (int)(text.size > 40 ? 40 : text.size), text.bytes);
}

static bool set_day(struct moment *out, int64_t year, int64_t month, int64_t day)
{
    if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    if (day > days_in_month((int)year, (int)month))
        return false;
    out->day = day_from_date((struct date){(int)year, (int)month, (int)day});
    return true;
}

static bool set_time(struct moment *out, int64_t hour, int64_t minute, int64_t second)
{
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute > 0 || second > 0)))
        return false;
    out->micros = hour * INSTANT_HOUR + minute * INSTANT_MINUTE + second * INSTANT_SECOND;
    out->time_given = true;
    return true;
}

/* The time in parts[first..], with an optional fraction of a second. */
static bool time_of_parts(const struct parts *parts, int first, struct moment *out)
{
    int count = parts->count - first;
    if (count == 0)
        return true;
    if (count == 1 && parts->digits[first] >= 4) {
        int64_t number = parts->digits[first] == 4 ? parts->numbers[first] * 100 : parts->numbers[first];
        return parts->digits[first] != 5 && set_time(out, number / 10000, number / 100 % 100, number % 100);
    }
    if (count < 2 || count > 4)
        return false;
    if (!set_time(out, parts->numbers[first], parts->numbers[first + 1], count > 2 ? parts->numbers[first + 2] : 0))
        return false;
    if (count == 4) {
        int64_t micros = parts->numbers[first + 3];
        for (int i = parts->digits[first + 3]; i < 6; i++)
            micros *= 10;
        for (int i = parts->digits[first + 3]; i > 6; i--)
            micros /= 10;
        out->micros += micros;
    }
    return true;
}

static bool compact_of_parts(const struct parts *parts, struct moment *out)
{
    int64_t number = parts->numbers[0];
    if (parts->digits[0] == 14)
        return parts->count == 1 &&
               set_day(out, number / 10000000000, number / 100000000 % 100, number / 1000000 % 100) &&
               set_time(out, number / 10000 % 100, number / 100 % 100, number % 100);
    return parts->digits[0] == 8 && set_day(out, number / 10000, number / 100 % 100, number % 100) &&
           time_of_parts(parts, 1, out);
}

static int64_t full_year(int64_t year, int digits)
{
    if (digits > 2)
        return year;
    return year < 70 ? 2000 + year : 1900 + year;
}

static enum status parse_by_format(struct text text, const char *format, struct moment *out, struct error *err)
{
    int64_t year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    size_t at = 0;
    for (const char *letter = format; *letter != '\0'; letter++) {
        if (*letter == '%')
            continue;
        const char *known = strchr("dmyYHMS", *letter);
        if (known == NULL) {
            if (at >= text.size || text.bytes[at] != *letter)
                return date_fault(text, err);
            at++;
            continue;
        }
        /* Digits run to the next separator of the format; without one each part has its full width. */
        bool packed = letter[1] != '\0' && strchr("%dmyYHMS", letter[1]) != NULL;
        int width = packed ? (*letter == 'y' || *letter == 'Y' ? 4 : 2) : 9;
        int64_t number = 0;
        int digits = 0;
        while (at < text.size && isdigit((unsigned char)text.bytes[at]) && digits < width) {
            number = number * 10 + (text.bytes[at++] - '0');
            digits++;
        }
        if (digits == 0)
            return date_fault(text, err);
        int64_t *parts[] = {&day, &month, &year, &year, &hour, &minute, &second};
        *parts[known - "dmyYHMS"] = *known == 'y' || *known == 'Y' ? full_year(number, digits) : number;
    }
    if (at != text.size || !set_day(out, year, month, day) || !set_time(out, hour, minute, second))
        return date_fault(text, err);
    out->time_given = strchr(format, 'H') != NULL;
    return STATUS_OK;
}

enum status moment_parse(struct text text, const char *format, struct moment *out, struct error *err)
{
    struct moment moment = {0};
    text = text_trim(text);
    if (format != NULL && format[0] != '\0') {
        enum status status = parse_by_format(text, format, &moment, err);
        if (status == STATUS_OK)
            *out = moment;
        return status;
    }
    if (instant_parse(text, &moment.instant)) {
        moment.absolute = true;
        moment.time_given = true;
        *out = moment;
        return STATUS_OK;
    }
    struct parts parts;
    if (!split_parts(text, &parts))
        return date_fault(text, err);
    bool valid = false;
    if (parts.digits[0] >= 8)
        valid = compact_of_parts(&parts, &moment);
    else if (parts.count >= 3 && parts.digits[0] == 4)
        valid =
            set_day(&moment, parts.numbers[0], parts.numbers[1], parts.numbers[2]) && time_of_parts(&parts, 3, &moment);
    else if (parts.count >= 3 && parts.separators[0] == '.' && parts.digits[2] == 4)
        valid =
            set_day(&moment, parts.numbers[2], parts.numbers[1], parts.numbers[0]) && time_of_parts(&parts, 3, &moment);
    else if (parts.count >= 3 && parts.digits[0] <= 2 && parts.digits[1] <= 2)
        return error_set(err, STATUS_INVALID, "import.date_format", "",
                         "'%.*s' may mean more than one day: say --date-format d/m/y or m/d/y", (int)text.size,
                         text.bytes);
    if (!valid)
        return date_fault(text, err);
    *out = moment;
    return STATUS_OK;
}

enum status time_parse(struct text text, int64_t *micros, struct error *err)
{
    struct parts parts;
    struct moment moment = {0};
    text = text_trim(text);
    /* A clock of a till may drop the zero before 9 o'clock: 906 is 09:06. */
    if (!split_parts(text, &parts))
        return date_fault(text, err);
    if (parts.count == 1 && (parts.digits[0] == 3 || parts.digits[0] == 5))
        parts.digits[0]++;
    else if (parts.count == 1 && parts.digits[0] < 3)
        parts.digits[0] = 4;
    if (!time_of_parts(&parts, 0, &moment))
        return date_fault(text, err);
    *micros = moment.micros;
    return STATUS_OK;
}

int64_t moment_instant(const struct moment *moment, const struct zone *zone)
{
    if (moment->absolute)
        return moment->instant;
    return zone_local(zone, moment->day, moment->micros);
}

enum status number_plain(struct text text, bool comma, char *out, struct error *err)
{
    struct text trimmed = text_trim(text);
    size_t size = 0;
    bool valid = trimmed.size > 0 && trimmed.size < NUMBER_TEXT_SIZE;
    bool digits = false, decimals = false;
    for (size_t i = 0; valid && i < trimmed.size; i++) {
        unsigned char byte = (unsigned char)trimmed.bytes[i];
        if (isdigit(byte) || byte == '-' || byte == '+' || byte == 'e' || byte == 'E') {
            digits |= isdigit(byte) != 0;
            out[size++] = (char)byte;
        } else if (byte == (comma ? ',' : '.')) {
            valid = !decimals;
            decimals = true;
            out[size++] = '.';
        } else if (byte == (comma ? '.' : ',') || byte == '\'') {
            valid = digits && !decimals && i + 3 < trimmed.size; /* thousands */
            for (size_t k = 1; valid && k <= 3; k++)
                valid = isdigit((unsigned char)trimmed.bytes[i + k]) != 0;
        } else if (byte != ' ' && byte != '$' && byte < 0x80) {
            valid = false;
        } /* other signs of currencies, narrow blanks: beyond ASCII */
    }
    out[size] = '\0';
    if (!valid || !digits)
        return error_set(err, STATUS_INVALID, "import.number", "", "'%.*s' is not a number",
                         (int)(trimmed.size > 40 ? 40 : trimmed.size), trimmed.bytes);
    return STATUS_OK;
}

enum status number_parse(struct text text, bool comma, int scale, int64_t *out, struct error *err)
{
    char plain[NUMBER_TEXT_SIZE];
    enum status status = number_plain(text, comma, plain, err);
    if (status != STATUS_OK)
        return status;
    bool rounded = false;
    if (money_parse_import(text_from(plain), scale, out, &rounded, err) != STATUS_OK)
        return error_set(err, STATUS_INVALID, "import.number", "", "'%s' has more than %d decimals, or is too large",
                         plain, scale);
    return STATUS_OK;
}

enum status tax_rate_parse(struct text text, bool comma, int64_t *out, struct error *err)
{
    enum { RATE_DECIMALS = 6, RATE_WHOLE = 1000000 };
    struct text trimmed = text_trim(text);
    bool percent = trimmed.size > 0 && trimmed.bytes[trimmed.size - 1] == '%';
    int64_t rate;
    if (percent)
        trimmed.size--;
    enum status status = number_parse(trimmed, comma, percent ? RATE_DECIMALS - 2 : RATE_DECIMALS, &rate, err);
    if (status != STATUS_OK)
        return status;
    if (rate < 0 || rate > RATE_WHOLE)
        return error_set(err, STATUS_INVALID, "import.number", "", "a tax rate is 0 to 1, or 0%% to 100%%");
    *out = rate;
    return STATUS_OK;
}

#include "cli/plot/scale.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "foundation/instant.h"

static const double MILLION = 1e6, BILLION = 1e9, WIDEST = 1e15;
static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* ---- ticks of numbers ---- */

/* The least of 1, 2, 5 times a power of ten that is at least `step`. */
static double step_above(double step)
{
    double power = pow(10, floor(log10(step)));
    double part = step / power;

    return (part <= 1.0000001 ? 1 : part <= 2.0000001 ? 2 : part <= 5.0000001 ? 5 : 10) * power;
}

static void add_ticks(struct scale *scale)
{
    double first = ceil(scale->low / scale->step - 1e-9);

    scale->tick_count = 0;
    for (double i = first; scale->tick_count < SCALE_TICKS_MAX && i * scale->step <= scale->high + scale->step * 1e-9;
         i++)
        scale->ticks[scale->tick_count++] = i == 0 ? 0 : i * scale->step;
}

/* ---- ticks of days ---- */

static int32_t first_of_month(int32_t day)
{
    struct date date = date_from_day(day);

    return day_from_date((struct date){date.year, date.month, 1});
}

static void add_months(struct scale *scale, int months)
{
    struct date date = date_from_day((int32_t)ceil(scale->low));
    int32_t day = day_from_date((struct date){date.year, 1, 1});

    if (months > 12)
        day = day_from_date((struct date){date.year - date.year % (months / 12), 1, 1});
    for (; day <= scale->high && scale->tick_count < SCALE_TICKS_MAX; day = first_of_month(day_add_months(day, months)))
        if (day >= scale->low)
            scale->ticks[scale->tick_count++] = day;
}

static void add_days(struct scale *scale, int days)
{
    int32_t day = (int32_t)ceil(scale->low);

    if (days % 7 == 0) /* from a Monday */
        day += (7 - day_of_week(day)) % 7;
    for (; day <= scale->high && scale->tick_count < SCALE_TICKS_MAX; day += days)
        scale->ticks[scale->tick_count++] = day;
}

static void make_calendar(struct scale *scale, int wanted)
{
    static const int day_steps[] = {1, 2, 7, 14}, month_steps[] = {1, 2, 3, 6, 12, 24, 60, 120, 240};
    double span = scale->high - scale->low;

    scale->tick_count = 0;
    for (size_t i = 0; i < sizeof day_steps / sizeof day_steps[0]; i++)
        if (span / day_steps[i] <= wanted) {
            scale->step = day_steps[i];
            add_days(scale, day_steps[i]);
            return;
        }
    for (size_t i = 0; i < sizeof month_steps / sizeof month_steps[0]; i++)
        if (span / (month_steps[i] * 30.4) <= wanted || i + 1 == sizeof month_steps / sizeof month_steps[0]) {
            scale->step = month_steps[i] * 30.4;
            add_months(scale, month_steps[i]);
            return;
        }
}

/* ---- scales ---- */

static void set_ends(struct scale *scale, enum scale_kind kind, double low, double high)
{
    assert(isfinite(low) && isfinite(high) && low <= high);
    *scale = (struct scale){.kind = kind, .low = fmax(low, -WIDEST), .high = fmin(high, WIDEST)};
    if (scale->high - scale->low > 1e-9 * fmax(fabs(scale->low), fabs(scale->high)))
        return;
    double middle = (scale->low + scale->high) / 2, reach = kind == SCALE_DAY ? 1 : middle == 0 ? 1 : fabs(middle) / 2;

    scale->low = middle - reach;
    scale->high = middle + reach;
}

void scale_make_exact(struct scale *scale, enum scale_kind kind, double low, double high, int wanted)
{
    set_ends(scale, kind, low, high);
    if (kind == SCALE_DAY) {
        make_calendar(scale, wanted);
        return;
    }
    scale->step = step_above((scale->high - scale->low) / wanted);
    add_ticks(scale);
}

void scale_make(struct scale *scale, enum scale_kind kind, double low, double high, int wanted)
{
    scale_make_exact(scale, kind, low, high, wanted);
    if (kind == SCALE_DAY)
        return;
    scale->low = floor(scale->low / scale->step + 1e-9) * scale->step;
    scale->high = ceil(scale->high / scale->step - 1e-9) * scale->step;
    add_ticks(scale);
}

double scale_place(const struct scale *scale, double value)
{
    double part = (value - scale->low) / (scale->high - scale->low);

    return scale->from + fmin(fmax(part, -1), 2) * (scale->to - scale->from);
}

/* ---- labels ---- */

static struct text grouped(struct arena *arena, double value, int decimals)
{
    char digits[400];
    struct builder out = {.arena = arena};
    int length = snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    size_t whole = strcspn(digits, ".");

    assert(length > 0 && (size_t)length < sizeof digits);
    if (value < 0 && strspn(digits, "0.") < (size_t)length)
        builder_string(&out, "\xE2\x88\x92"); /* a minus as wide as a digit */
    for (size_t i = 0; i < (size_t)length; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            builder_char(&out, ',');
        builder_char(&out, digits[i]);
    }
    return builder_done(&out);
}

static struct text with_unit(struct arena *arena, double value, double step, const char *unit)
{
    int decimals = 0;

    for (double part = step; decimals < 9 && fabs(part - round(part)) > 1e-6 * fmax(1, fabs(part)); part *= 10)
        decimals++;
    struct text number = grouped(arena, value, decimals);

    return *unit == '\0' ? number : text_from(arena_format(arena, "%.*s %s", (int)number.size, number.bytes, unit));
}

static struct text day_label(struct arena *arena, const struct scale *scale, double value)
{
    struct date date = date_from_day((int32_t)floor(value));

    if (scale->step >= 360)
        return text_from(arena_format(arena, "%d", date.year));
    if (scale->step >= 28)
        return text_from(arena_format(arena, "%s %d", month_names[date.month - 1], date.year));
    return text_from(arena_format(arena, "%d %s %d", date.day, month_names[date.month - 1], date.year));
}

struct text scale_label(struct arena *arena, const struct scale *scale, double value)
{
    double most = fmax(fabs(scale->low), fabs(scale->high));

    switch (scale->kind) {
    case SCALE_DAY:
        return day_label(arena, scale, value);
    case SCALE_SHARE:
        return with_unit(arena, 100 * value, 100 * scale->step, "%");
    case SCALE_NUMBER:
        break;
    }
    if (most >= BILLION)
        return with_unit(arena, value / BILLION, scale->step / BILLION, "bn");
    if (most >= MILLION)
        return with_unit(arena, value / MILLION, scale->step / MILLION, "M");
    return with_unit(arena, value, scale->step, "");
}

struct text scale_number(struct arena *arena, double value)
{
    double size = fabs(value);

    if (size >= BILLION)
        return with_unit(arena, value / BILLION, 0.01, "bn");
    if (size >= MILLION)
        return with_unit(arena, value / MILLION, 0.01, "M");
    if (value == round(value) || size >= 100)
        return grouped(arena, value, 0);
    int decimals = size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : size >= 0.001 ? 4 : 6;

    return grouped(arena, value, decimals);
}

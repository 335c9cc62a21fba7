/*
 * How many points an earning rule gives. Exact: amount or quantity x points x tier factor / per, rounded once over the order or
 * on each line. A multiplier adds (factor - 1) times what the rules of the programme give for the lines that count alone.
 */
#include <assert.h>
#include <math.h>

#include "features/earning/accrual_internal.h"

static enum status out_of_range(const struct accrual_rule *rule, struct error *err)
{
    return error_set(err, STATUS_LIMIT, "points.range", "", "the points of earning rule '%.*s' are out of range",
                     (int)rule->name.size, rule->name.bytes);
}

/* What a line brings: its amount, or the part of it that was not paid with points. */
static int64_t line_amount(const struct accrual_work *work, const struct accrual_rule *rule, size_t line)
{
    if (rule->gift.on_paid_only && work->paid != NULL)
        return work->paid[line];
    int64_t amount = work->event->input->lines[line].amount;
    return amount > 0 ? amount : 0;
}

/* ---- by amount and by quantity ---- */

/* A bonus that a budget cut short counts as far as it was given. */
static int64_t given_bonus(void *context, const struct earning_rule *rule, const struct multiplier *multiplier)
{
    const struct accrual_event *event = context;

    if (multiplier->budget == INT64_MAX && multiplier->member_limit == INT64_MAX)
        return INT64_MAX;
    for (size_t i = 0; i < event->base_count; i++)
        for (size_t b = 0; event->base[i].rule == rule && b < event->base[i].bonus_count; b++)
            if (event->base[i].bonuses[b].multiplier == multiplier)
                return event->base[i].bonuses[b].bonus;
    return 0;
}

static enum status find_share(struct accrual_work *work, struct tier_share *out, struct error *err)
{
    if (!work->share_known) {
        enum status status =
            programme_tier_share(work->event->programme, work->event->input, work->arena, &work->share, err);
        if (status != STATUS_OK)
            return status;
        work->share_known = true;
    }
    *out = work->share;
    return STATUS_OK;
}

/* The points of one rounding: of the order, or of a line. */
static bool round_units(const struct accrual_gift *gift, struct tier_share share, int64_t units, int64_t *points)
{
    wide_integer numerator = (wide_integer)units, denominator = (wide_integer)gift->per;

    if (gift->whole_units) {
        numerator = units / gift->per;
        denominator = 1;
    }
    if (__builtin_mul_overflow(numerator, (wide_integer)gift->points, &numerator) ||
        __builtin_mul_overflow(numerator, (wide_integer)share.numerator, &numerator) ||
        __builtin_mul_overflow(denominator, (wide_integer)share.denominator * FACTOR_SCALE, &denominator) ||
        numerator > ((wide_integer)1 << 125))
        return false;
    wide_integer rounded = wide_divide(numerator, denominator, gift->rounding);
    if (rounded > ACCRUAL_POINTS_MAX)
        return false;
    return checked_add(*points, (int64_t)rounded, points);
}

static enum status per_unit(struct accrual_work *work, const struct accrual_rule *rule, int64_t *points,
                            struct error *err)
{
    const struct accrual_gift *gift = &rule->gift;
    const struct earning_input *input = work->event->input;
    struct tier_share share = {FACTOR_SCALE, 1};
    int64_t sum = 0;
    bool fits = true;

    if (gift->tier_factor) {
        enum status status = find_share(work, &share, err);
        if (status != STATUS_OK)
            return status;
    }
    *points = 0;
    for (size_t i = 0; fits && i < input->line_count; i++) {
        if (!work->counts[i])
            continue;
        int64_t units = gift->effect == ACCRUAL_PER_ITEM ? input->lines[i].quantity_milli : line_amount(work, rule, i);
        fits = gift->basis == EARNING_LINE ? round_units(gift, share, units, points) : checked_add(sum, units, &sum);
    }
    if (fits && gift->basis == EARNING_ORDER)
        fits = round_units(gift, share, sum, points);
    return fits ? STATUS_OK : out_of_range(rule, err);
}

/* ---- a multiplier ---- */

static bool counts_for(const struct accrual_rule *rule, const struct earning_rule *base)
{
    const struct accrual_gift *gift = &rule->gift;

    if (!text_equal(base->wallet, rule->wallet))
        return false;
    for (size_t i = 0; i < gift->base_rule_count; i++)
        if (text_equal(gift->base_rules[i], base->code))
            return true;
    return gift->base_rule_count == 0;
}

static bool sum_base(const struct accrual_rule *rule, const struct earned *base, size_t count, int64_t *sum)
{
    for (size_t i = 0; i < count; i++)
        if (counts_for(rule, base[i].rule) && !checked_add(*sum, base[i].points, sum))
            return false;
    return true;
}

/* What the rules of the programme give for the lines that count, as if these were bought alone. */
static enum status base_points(struct accrual_work *work, const struct accrual_rule *rule, int64_t *sum,
                               struct error *err)
{
    const struct accrual_event *event = work->event;
    struct earning_input part = *event->input;
    struct purchase_line *lines = arena_array(work->arena, part.line_count + 1, sizeof *lines);
    const struct earned *earned = event->base;
    struct earned *alone;
    size_t count = event->base_count;
    enum status status = STATUS_OK;

    part.line_count = 0;
    part.total = part.paid_with_points = 0;
    for (size_t i = 0; i < event->input->line_count; i++) {
        if (!work->counts[i])
            continue;
        lines[part.line_count++] = event->input->lines[i];
        part.total += event->input->lines[i].amount;
        if (work->paid != NULL)
            part.paid_with_points += event->input->lines[i].amount - work->paid[i];
    }
    *sum = 0;
    if (part.line_count < event->input->line_count) {
        status = find_share(work, &work->share, err);
        part.lines = lines;
        part.share = &work->share;
        part.bonus_left = given_bonus;
        part.context = (void *)(uintptr_t)event;
        if (status == STATUS_OK)
            status = programme_earn(event->programme, &part, work->arena, &alone, &count, err);
        if (status != STATUS_OK)
            return status;
        earned = alone;
    }
    return sum_base(rule, earned, count, sum) ? STATUS_OK : out_of_range(rule, err);
}

static enum status multiply(struct accrual_work *work, const struct accrual_rule *rule, int64_t so_far, int64_t *points,
                            struct error *err)
{
    int64_t sum;
    enum status status = base_points(work, rule, &sum, err);

    if (status != STATUS_OK)
        return status;
    if (rule->gift.cascading && !checked_add(sum, so_far, &sum))
        return out_of_range(rule, err);
    wide_integer rounded =
        wide_divide((wide_integer)sum * (rule->gift.factor - FACTOR_SCALE), FACTOR_SCALE, rule->gift.rounding);
    if (rounded > ACCRUAL_POINTS_MAX)
        return out_of_range(rule, err);
    *points = (int64_t)rounded;
    return STATUS_OK;
}

/* ---- the others ---- */

static enum status by_step(struct accrual_work *work, const struct accrual_rule *rule, int64_t *points,
                           struct error *err)
{
    int64_t sum = 0;

    for (size_t i = 0; i < work->event->input->line_count; i++)
        if (work->counts[i] && !checked_add(sum, line_amount(work, rule, i), &sum))
            return out_of_range(rule, err);
    *points = 0;
    for (size_t i = 0; i < rule->gift.step_count && sum >= rule->gift.steps[i].at_least; i++)
        *points = rule->gift.steps[i].points;
    return STATUS_OK;
}

static enum status computed(struct accrual_work *work, const struct accrual_rule *rule, int64_t *points,
                            struct error *err)
{
    double number;
    enum status status = condition_number(&work->world, &rule->gift.expression, &number, err);

    if (status != STATUS_OK)
        return status;
    if (!isfinite(number) || number > (double)ACCRUAL_POINTS_MAX)
        return out_of_range(rule, err);
    switch (rule->gift.rounding) {
    case ROUNDING_FLOOR:
        number = floor(number);
        break;
    case ROUNDING_HALF_UP:
        number = floor(number + 0.5);
        break;
    case ROUNDING_HALF_EVEN:
        number = nearbyint(number);
        break;
    case ROUNDING_CEIL:
        number = ceil(number);
        break;
    }
    *points = number > 0 ? (int64_t)number : 0;
    return STATUS_OK;
}

enum status accrual_amount(struct accrual_work *work, const struct accrual_rule *rule, int64_t so_far, int64_t *points,
                           struct error *err)
{
    switch (rule->gift.effect) {
    case ACCRUAL_FIXED:
        *points = rule->gift.points;
        return STATUS_OK;
    case ACCRUAL_PER_AMOUNT:
    case ACCRUAL_PER_ITEM:
        return per_unit(work, rule, points, err);
    case ACCRUAL_MULTIPLIER:
        return multiply(work, rule, so_far, points, err);
    case ACCRUAL_BONUS:
        return by_step(work, rule, points, err);
    case ACCRUAL_COMPUTED:
        return computed(work, rule, points, err);
    }
    assert(false); /* not an effect */
    return STATUS_OK;
}

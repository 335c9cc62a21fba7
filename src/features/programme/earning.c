/*
 * What the lines of a purchase earn by one version of the programme.
 *
 * The exact points of an amount are amount x multiplier x tier factor x points / per. They are rounded once, over the
 * order or over each line; what lies above the points without multipliers is the bonus, split over the multipliers by
 * largest remainder. The tier factor is a fraction, because a purchase may cross a threshold (rule of the ladder).
 */
#include <assert.h>
#include <string.h>

#include "features/programme/programme.h"
#include "foundation/checked.h"

/* What one rounding covers: the order, or a line. */
struct earning_unit {
    int64_t base;                        /* minor units x FACTOR_SCALE, lowered by factors below 1 */
    int64_t bonus[RULE_MULTIPLIERS_MAX]; /* minor units to which multiplier i adds its part above 1 */
};

/* One rule being applied. */
struct earning {
    const struct programme *programme;
    const struct earning_input *input;
    const struct earning_rule *rule;
    struct tier_share tier;
    int64_t left[RULE_MULTIPLIERS_MAX]; /* bonus points that budget and limit still allow; below 0: does not apply */
};

static enum status out_of_range(const struct earning *earning, struct error *err)
{
    return error_set(err, STATUS_LIMIT, "points.range", "", "the points of rule '%.*s' are out of range",
                     (int)earning->rule->code.size, earning->rule->code.bytes);
}

static bool listed(const struct text *codes, size_t count, struct text code)
{
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        if (text_equal(codes[i], code))
            return true;
    return false;
}

/* All conditions but the category, which is the line's. */
static bool multiplier_applies(const struct multiplier *multiplier, const struct earning_input *input)
{
    return input->at >= multiplier->starts_at && input->at < multiplier->ends_at &&
           listed(multiplier->stores, multiplier->store_count, input->store) &&
           listed(multiplier->channels, multiplier->channel_count, input->channel) &&
           listed(multiplier->tiers, multiplier->tier_count, input->tier) &&
           listed(multiplier->terms, multiplier->terms_count, input->terms);
}

static void find_left(struct earning *earning)
{
    const struct earning_rule *rule = earning->rule;

    for (size_t i = 0; i < rule->multiplier_count; i++) {
        const struct multiplier *multiplier = &rule->multipliers[i];
        earning->left[i] = -1;
        if (!multiplier_applies(multiplier, earning->input))
            continue;
        earning->left[i] = INT64_MAX;
        if (multiplier->factor > FACTOR_SCALE && earning->input->bonus_left != NULL) {
            int64_t left = earning->input->bonus_left(earning->input->context, rule, multiplier);
            earning->left[i] = left > 0 ? left : -1; /* used up: the next best multiplier gets the line */
        }
    }
}

/* A category counts with all that lie in it. */
static bool in_category(const struct multiplier *multiplier, const struct purchase_line *line)
{
    if (listed(multiplier->categories, multiplier->category_count, line->category))
        return true;
    for (const struct text *above = line->above; above != NULL && above->size > 0; above++)
        if (listed(multiplier->categories, multiplier->category_count, *above))
            return true;
    return false;
}

/* Adds a line of `amount` to the unit; false on overflow. */
static bool add_line(const struct earning *earning, struct earning_unit *unit, const struct purchase_line *line,
                     int64_t amount)
{
    const struct earning_rule *rule = earning->rule;
    int64_t factor = FACTOR_SCALE; /* of the base, lowered by factors below 1 */
    size_t best = rule->multiplier_count;

    for (size_t i = 0; i < rule->multiplier_count; i++) {
        const struct multiplier *multiplier = &rule->multipliers[i];
        if (earning->left[i] < 0 || !in_category(multiplier, line))
            continue;
        if (!rule->stack) {
            if (best == rule->multiplier_count || multiplier->factor > rule->multipliers[best].factor)
                best = i;
        } else if (multiplier->factor < FACTOR_SCALE) {
            factor -= FACTOR_SCALE - multiplier->factor;
        } else if (!checked_add(unit->bonus[i], amount, &unit->bonus[i])) {
            return false;
        }
    }
    if (best < rule->multiplier_count) {
        if (rule->multipliers[best].factor < FACTOR_SCALE)
            factor = rule->multipliers[best].factor;
        else if (!checked_add(unit->bonus[best], amount, &unit->bonus[best]))
            return false;
    }
    if (factor < 0)
        factor = 0;
    int64_t base;
    return checked_multiply(amount, factor, &base) && checked_add(unit->base, base, &unit->base);
}

/* Splits `bonus` over the exact parts, by largest remainder. */
static bool split_bonus(int64_t bonus, const wide_integer *parts, int64_t *shares, size_t count)
{
    int64_t weights[RULE_MULTIPLIERS_MAX];
    wide_integer sum = 0;
    int shift = 0;

    for (size_t i = 0; i < count; i++)
        sum += parts[i];
    while (sum >> shift > INT64_MAX / 2)
        shift++;
    for (size_t i = 0; i < count; i++)
        weights[i] = (int64_t)(parts[i] >> shift);
    return split_largest_remainder(bonus, weights, shares, (int)count);
}

/* Rounds one unit into points: `*base` without the multipliers, `bonus[i]` by multiplier i. False on overflow. */
static bool round_unit(const struct earning *earning, const struct earning_unit *unit, int64_t *base, int64_t *bonus)
{
    const struct earning_rule *rule = earning->rule;
    wide_integer rate, denominator, base_part, total, parts[RULE_MULTIPLIERS_MAX];
    int64_t amount = unit->base, per = rule->per_minor;
    bool any = false;

    if (rule->whole_units) {
        amount = amount / ((wide_integer)per * FACTOR_SCALE) > 0
                     ? (int64_t)(amount / ((wide_integer)per * FACTOR_SCALE))
                     : 0;
        if (!checked_multiply(amount, FACTOR_SCALE, &amount))
            return false;
        per = 1;
    }
    rate = (wide_integer)rule->points * earning->tier.numerator;
    denominator = (wide_integer)FACTOR_SCALE * FACTOR_SCALE * per;
    if (__builtin_mul_overflow(denominator, (wide_integer)earning->tier.denominator, &denominator) ||
        __builtin_mul_overflow(rate, (wide_integer)amount, &base_part) || base_part > ((wide_integer)1 << 125))
        return false;
    total = base_part;
    for (size_t i = 0; i < rule->multiplier_count; i++) {
        int64_t units = rule->whole_units ? unit->bonus[i] / rule->per_minor : unit->bonus[i];
        if (__builtin_mul_overflow(rate, (wide_integer)units * (rule->multipliers[i].factor - FACTOR_SCALE), &parts[i]))
            return false;
        if (units == 0)
            parts[i] = 0;
        if (__builtin_add_overflow(total, parts[i], &total) || total > ((wide_integer)1 << 125))
            return false;
        any = any || parts[i] > 0;
        bonus[i] = 0;
    }
    wide_integer base_points = wide_divide(base_part, denominator, rule->rounding);
    wide_integer points = wide_divide(total, denominator, rule->rounding);
    if (points > INT64_MAX / 2)
        return false;
    *base = (int64_t)base_points;
    return !any || split_bonus((int64_t)(points - base_points), parts, bonus, rule->multiplier_count);
}

/* Adds the base of a unit to `earned` and its bonuses to `bonuses`. */
static enum status add_unit(const struct earning *earning, const struct earning_unit *unit, int64_t *points,
                            int64_t *bonuses, struct error *err)
{
    int64_t base, bonus[RULE_MULTIPLIERS_MAX];

    if (!round_unit(earning, unit, &base, bonus) || !checked_add(*points, base, points))
        return out_of_range(earning, err);
    for (size_t i = 0; i < earning->rule->multiplier_count; i++)
        if (!checked_add(bonuses[i], bonus[i], &bonuses[i]))
            return out_of_range(earning, err);
    return STATUS_OK;
}

/* Applies budgets and limits, and adds the bonuses to the points. */
static enum status grant_bonuses(const struct earning *earning, const int64_t *bonuses, struct earned *earned,
                                 struct error *err)
{
    for (size_t i = 0; i < earning->rule->multiplier_count; i++) {
        const struct multiplier *multiplier = &earning->rule->multipliers[i];
        int64_t bonus = bonuses[i];
        if (bonus > earning->left[i])
            bonus = multiplier->budget_partial ? earning->left[i] : 0;
        if (bonus <= 0)
            continue;
        if (!checked_add(earned->points, bonus, &earned->points))
            return out_of_range(earning, err);
        earned->bonuses[earned->bonus_count].multiplier = multiplier;
        earned->bonuses[earned->bonus_count++].bonus = bonus;
    }
    return STATUS_OK;
}

/* What earns of each line: its amount less its share of the part paid with points. NULL: the amounts themselves. */
static enum status earning_amounts(const struct earning *earning, struct arena *arena, const int64_t **out,
                                   struct error *err)
{
    const struct earning_input *input = earning->input;

    *out = NULL;
    if (!earning->rule->on_paid_only || input->paid_with_points <= 0 || input->line_count == 0)
        return STATUS_OK;
    int64_t *weights = arena_array(arena, input->line_count, sizeof *weights);
    int64_t *amounts = arena_array(arena, input->line_count, sizeof *amounts);
    for (size_t i = 0; i < input->line_count; i++)
        weights[i] = input->lines[i].amount > 0 ? input->lines[i].amount : 0;
    if (!split_largest_remainder(input->paid_with_points, weights, amounts, (int)input->line_count))
        return out_of_range(earning, err);
    for (size_t i = 0; i < input->line_count; i++)
        amounts[i] = weights[i] - amounts[i];
    *out = amounts;
    return STATUS_OK;
}

/* What benefits multiply the points of an account by. */
static int64_t boost_of(struct text boosts, struct text wallet)
{
    struct text rest = boosts;

    while (rest.size > 0) {
        struct text words[2];
        for (int i = 0; i < 2; i++) {
            const char *space = rest.size > 0 ? memchr(rest.bytes, ' ', rest.size) : NULL;
            words[i] = (struct text){rest.bytes, space != NULL ? (size_t)(space - rest.bytes) : rest.size};
            size_t used = words[i].size + (space != NULL);
            rest = (struct text){rest.bytes + used, rest.size - used};
        }
        int64_t factor;
        if (text_equal(words[0], wallet) && text_to_integer(words[1], &factor))
            return factor;
    }
    return FACTOR_SCALE;
}

static enum status apply_boost(struct earning *earning, struct error *err)
{
    int64_t boost = boost_of(earning->input->boosts, earning->rule->wallet);

    if (boost == FACTOR_SCALE)
        return STATUS_OK;
    if (!checked_multiply(earning->tier.numerator, boost, &earning->tier.numerator) ||
        !checked_multiply(earning->tier.denominator, FACTOR_SCALE, &earning->tier.denominator))
        return out_of_range(earning, err);
    return STATUS_OK;
}

static enum status apply_rule(struct earning *earning, struct arena *arena, struct earned *earned, struct error *err)
{
    const struct earning_input *input = earning->input;
    const struct earning_rule *rule = earning->rule;
    struct earning_unit unit = {0};
    int64_t bonuses[RULE_MULTIPLIERS_MAX] = {0};
    const int64_t *amounts;
    enum status status = earning_amounts(earning, arena, &amounts, err);

    if (status == STATUS_OK)
        status = apply_boost(earning, err);
    if (status != STATUS_OK)
        return status;
    find_left(earning);
    for (size_t i = 0; i < input->line_count; i++) {
        int64_t amount = amounts != NULL ? amounts[i] : input->lines[i].amount;
        if (amount <= 0)
            continue;
        if (!add_line(earning, &unit, &input->lines[i], amount))
            return out_of_range(earning, err);
        if (rule->basis == EARNING_LINE) {
            status = add_unit(earning, &unit, &earned->points, bonuses, err);
            if (status != STATUS_OK)
                return status;
            unit = (struct earning_unit){0};
        }
    }
    if (rule->basis == EARNING_ORDER) {
        status = add_unit(earning, &unit, &earned->points, bonuses, err);
        if (status != STATUS_OK)
            return status;
    }
    return grant_bonuses(earning, bonuses, earned, err);
}

/* ---- the factor of the tier ---- */

static size_t held_level(const struct tier_ladder *ladder, struct text tier)
{
    for (size_t i = 0; i < ladder->level_count; i++)
        if (text_equal(ladder->levels[i].code, tier))
            return i;
    return 0;
}

/* The level of `qualifying`, never below `held`. */
static size_t level_reached(const struct tier_ladder *ladder, size_t held, int64_t qualifying)
{
    size_t level = held;

    for (size_t i = held + 1; i < ladder->level_count; i++)
        if (qualifying >= ladder->levels[i].qualify)
            level = i;
    return level;
}

/* What the purchase adds to the qualifying sum, at the rate of the tier held. */
static enum status contribution(const struct programme *programme, const struct earning_input *input, int64_t factor,
                                struct arena *arena, int64_t *out, struct error *err)
{
    *out = 0;
    switch (programme->ladder.metric) {
    case TIER_SPEND:
        *out = input->total;
        return STATUS_OK;
    case TIER_PURCHASES:
        *out = 1;
        return STATUS_OK;
    case TIER_VISITS:
    case TIER_NIGHTS:
    case TIER_STAYS:
    case TIER_LOYALTY:
        return STATUS_OK;
    case TIER_POINTS:
        break;
    }
    for (size_t i = 0; i < programme->rule_count; i++) {
        struct earning earning = {
            .programme = programme, .input = input, .rule = &programme->rules[i], .tier = {factor, 1}};
        struct earned earned = {0};
        if (!text_equal(programme->rules[i].wallet, programme->ladder.wallet))
            continue;
        enum status status = apply_rule(&earning, arena, &earned, err);
        if (status != STATUS_OK)
            return status;
        if (!checked_add(*out, earned.points, out))
            return out_of_range(&earning, err);
    }
    return STATUS_OK;
}

/* Each part of the contribution at the factor of the level that it fills. */
static bool marginal_share(const struct tier_ladder *ladder, size_t held, int64_t before, int64_t added,
                           struct tier_share *out)
{
    int64_t after, from = before, sum = 0;

    if (!checked_add(before, added, &after))
        return false;
    for (size_t level = held; level < ladder->level_count && from < after; level++) {
        int64_t to = level + 1 < ladder->level_count ? ladder->levels[level + 1].qualify : after, part;
        if (to <= from)
            continue;
        if (to > after)
            to = after;
        if (!checked_multiply(to - from, ladder->levels[level].factor, &part) || !checked_add(sum, part, &sum))
            return false;
        from = to;
    }
    *out = (struct tier_share){sum, added};
    return true;
}

enum status programme_tier_share(const struct programme *programme, const struct earning_input *input,
                                 struct arena *arena, struct tier_share *out, struct error *err)
{
    const struct tier_ladder *ladder = &programme->ladder;
    int64_t added, after;

    if (input->share != NULL) {
        *out = *input->share;
        return STATUS_OK;
    }
    *out = (struct tier_share){FACTOR_SCALE, 1};
    if (ladder->level_count == 0)
        return STATUS_OK;
    size_t held = held_level(ladder, input->tier);
    *out = (struct tier_share){ladder->levels[held].factor, 1};
    if (ladder->crossing == CROSSING_BEFORE || held + 1 == ladder->level_count)
        return STATUS_OK;
    enum status status = contribution(programme, input, ladder->levels[held].factor, arena, &added, err);
    if (status != STATUS_OK || added <= 0)
        return status;
    if (!checked_add(input->qualifying, added, &after))
        return error_set(err, STATUS_LIMIT, "points.range", "", "the qualifying sum is out of range");
    size_t reached = level_reached(ladder, held, after);
    if (reached == held)
        return STATUS_OK;
    if (ladder->crossing == CROSSING_AFTER)
        *out = (struct tier_share){ladder->levels[reached].factor, 1};
    else if (!marginal_share(ladder, held, input->qualifying, added, out))
        return error_set(err, STATUS_LIMIT, "points.range", "", "the qualifying sum is out of range");
    return STATUS_OK;
}

enum status programme_earn(const struct programme *programme, const struct earning_input *input, struct arena *arena,
                           struct earned **out, size_t *count, struct error *err)
{
    struct earned *earned = arena_array(arena, programme->rule_count, sizeof *earned);
    struct tier_share tier;
    enum status status = programme_tier_share(programme, input, arena, &tier, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < programme->rule_count; i++) {
        struct earning earning = {.programme = programme, .input = input, .rule = &programme->rules[i], .tier = tier};
        earned[i].rule = &programme->rules[i];
        status = apply_rule(&earning, arena, &earned[i], err);
        if (status != STATUS_OK)
            return status;
    }
    *out = earned;
    *count = programme->rule_count;
    return STATUS_OK;
}

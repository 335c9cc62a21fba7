/* What a purchase earns: exact fractions, rounded once over the order or over each line. */
#include <string.h>

#include "model.h"

const char *const categories[] = {"food", "drink", "gift"};
const char *const channels[] = {"shop", "app"};

int64_t round_ratio(__int128_t numerator, __int128_t denominator, enum rounds rounding)
{
    __int128_t whole = numerator / denominator, twice = 2 * (numerator - whole * denominator);

    switch (rounding) {
    case ROUND_FLOOR:
        break;
    case ROUND_CEIL:
        whole += twice > 0;
        break;
    case ROUND_HALF_UP:
        whole += twice >= denominator;
        break;
    case ROUND_HALF_EVEN:
        whole += twice > denominator || (twice == denominator && whole % 2 == 1);
        break;
    }
    return (int64_t)whole;
}

/* Largest remainder, ties to the earlier one. */
void split(int64_t total, const __int128_t *weights, int64_t *shares, int count)
{
    __int128_t sum = 0, remainders[LINES];
    int64_t left = total;

    for (int i = 0; i < count; i++)
        sum += weights[i];
    for (int i = 0; i < count; i++) {
        shares[i] = sum == 0 ? 0 : (int64_t)(total * weights[i] / sum);
        remainders[i] = sum == 0 ? 0 : total * weights[i] % sum;
        left -= shares[i];
    }
    for (; left > 0; left--) {
        int best = 0;
        for (int i = 1; i < count; i++)
            if (remainders[i] > remainders[best])
                best = i;
        shares[best]++;
        remainders[best] = -1;
    }
}

/* The factor of the tier, as a fraction of SCALE. */
struct ratio {
    __int128_t numerator, denominator;
};

struct rule_input {
    const struct model *model;
    const struct model_event *purchase;
    const int64_t *lines; /* minor units left */
    int64_t paid;
    const int64_t *limits; /* of the rule's multipliers */
};

static bool applies(const struct rule_input *input, const struct multiplier_rules *multiplier, int category,
                    int64_t limit)
{
    return multiplier->code != NULL && limit > 0 &&
           (multiplier->category == NULL || strcmp(multiplier->category, categories[category]) == 0) &&
           (multiplier->channel == NULL || strcmp(multiplier->channel, channels[input->purchase->channel]) == 0) &&
           (multiplier->tier == 0 || multiplier->tier == input->purchase->level);
}

/* Adds what `base` and `extra` minor units earn. */
static void round_unit(const struct rule_rules *rule, int version, struct ratio tier, int64_t base,
                       const int64_t *extra, int64_t *points, int64_t *bonus)
{
    __int128_t rate = (__int128_t)rule->points[version] * tier.numerator, parts[MULTIPLIERS], total;
    __int128_t denominator = (__int128_t)SCALE * SCALE * tier.denominator * (rule->whole_units ? 1 : rule->per_minor);
    int64_t units = rule->whole_units ? base / rule->per_minor : base, shares[MULTIPLIERS];

    total = rate * units * SCALE;
    int64_t plain = round_ratio(total, denominator, rule->rounding);
    for (int i = 0; i < MULTIPLIERS; i++) {
        int64_t more = rule->whole_units ? extra[i] / rule->per_minor : extra[i];
        parts[i] = rule->multipliers[i].code == NULL ? 0 : rate * more * (rule->multipliers[i].factor - SCALE);
        total += parts[i];
    }
    split(round_ratio(total, denominator, rule->rounding) - plain, parts, shares, MULTIPLIERS);
    *points += plain;
    for (int i = 0; i < MULTIPLIERS; i++)
        bonus[i] += shares[i];
}

/* What benefits of the level make of the factor: the best of them. */
static struct ratio boosted(const struct rule_input *input, const struct rule_rules *rule, struct ratio tier)
{
    int64_t best = SCALE;

    for (int i = 0; i < BOOSTS; i++) {
        const struct boost_rules *boost = &input->model->rules->boosts[i];
        if (boost->code != NULL && boost->wallet == rule->wallet && input->purchase->level >= boost->level &&
            boost->factor > best)
            best = boost->factor;
    }
    return (struct ratio){tier.numerator * best, tier.denominator * SCALE};
}

static void earn_rule(const struct rule_input *input, const struct rule_rules *rule, struct ratio plain,
                      int64_t *points, int64_t *bonus)
{
    struct ratio tier = boosted(input, rule, plain);
    int64_t paid[LINES] = {0}, base = 0, extra[MULTIPLIERS] = {0}, all[MULTIPLIERS] = {0};
    __int128_t weights[LINES];
    const struct model_event *purchase = input->purchase;

    *points = 0;
    for (int i = 0; i < purchase->line_count; i++)
        weights[i] = input->lines[i];
    if (rule->on_paid_only && input->paid > 0)
        split(input->paid, weights, paid, purchase->line_count);
    for (int line = 0; line < purchase->line_count; line++) {
        int64_t amount = input->lines[line] - paid[line];
        int best = -1;
        for (int i = 0; i < MULTIPLIERS; i++) {
            if (!applies(input, &rule->multipliers[i], purchase->line_category[line], input->limits[i]))
                continue;
            if (rule->stack)
                extra[i] += amount;
            else if (best < 0 || rule->multipliers[i].factor > rule->multipliers[best].factor)
                best = i;
        }
        if (best >= 0)
            extra[best] += amount;
        base += amount;
        if (!rule->by_line && line + 1 < purchase->line_count)
            continue;
        round_unit(rule, purchase->version, tier, base, extra, points, all);
        base = 0;
        memset(extra, 0, sizeof extra);
    }
    for (int i = 0; i < MULTIPLIERS; i++) {
        bonus[i] = all[i] <= input->limits[i] ? all[i] : rule->multipliers[i].partial ? input->limits[i] : 0;
        *points += bonus[i];
    }
}

static struct ratio tier_ratio(const struct rule_input *input, int64_t limits[RULES][MULTIPLIERS], int64_t total)
{
    const struct programme_rules *rules = input->model->rules;
    const struct ladder_rules *ladder = &rules->ladder;
    int held = input->purchase->level < 0 ? 0 : input->purchase->level, reached = held;
    int64_t added = ladder->metric == BY_SPEND ? total : 0, before = input->purchase->qualifying;
    struct ratio ratio = {SCALE, 1};

    if (ladder->levels == 0)
        return ratio;
    ratio.numerator = ladder->factor[held];
    for (int r = 0; r < RULES && ladder->metric == BY_POINTS; r++) {
        struct rule_input one = *input;
        int64_t points, bonus[MULTIPLIERS];
        one.limits = limits[r];
        if (rules->rules[r].code == NULL || rules->rules[r].wallet != ladder->wallet)
            continue;
        earn_rule(&one, &rules->rules[r], ratio, &points, bonus);
        added += points;
    }
    for (int i = held + 1; i < ladder->levels; i++)
        if (before + added >= ladder->qualify[i])
            reached = i;
    if (ladder->crossing == CROSS_BEFORE || reached == held || added <= 0)
        return ratio;
    if (ladder->crossing == CROSS_AFTER) {
        ratio.numerator = ladder->factor[reached];
        return ratio;
    }
    /* Each unit at the factor of the level that it fills. */
    ratio = (struct ratio){0, added};
    for (int i = held; i <= reached; i++) {
        int64_t from = i == held ? before : ladder->qualify[i];
        int64_t to = i == reached ? before + added : ladder->qualify[i + 1];
        if (from < before)
            from = before;
        if (to > from)
            ratio.numerator += (__int128_t)(to - from) * ladder->factor[i];
    }
    return ratio;
}

void model_tier_ratio(const struct model *model, const struct model_event *purchase, const int64_t lines[LINES],
                      int64_t paid, int64_t limits[RULES][MULTIPLIERS], struct model_base *base)
{
    const struct rule_input input = {.model = model, .purchase = purchase, .lines = lines, .paid = paid};
    int64_t total = 0;

    for (int i = 0; i < purchase->line_count; i++)
        total += lines[i];
    struct ratio tier = tier_ratio(&input, limits, total);
    base->tier_numerator = tier.numerator;
    base->tier_denominator = tier.denominator;
}

void model_earn_part(const struct model *model, const struct model_event *purchase, const struct model_base *base,
                     const int64_t lines[LINES], int64_t paid, int64_t points[RULES], int64_t bonus[RULES][MULTIPLIERS])
{
    struct rule_input input = {.model = model, .purchase = purchase, .lines = lines, .paid = paid};

    for (int r = 0; r < RULES; r++) {
        const struct rule_rules *rule = &model->rules->rules[r];
        int64_t limits[MULTIPLIERS];
        for (int i = 0; i < MULTIPLIERS; i++)
            limits[i] =
                rule->multipliers[i].budget > 0 || rule->multipliers[i].member_limit > 0 ? base->bonus[r][i] : NEVER;
        input.limits = limits;
        points[r] = 0;
        if (rule->code != NULL)
            earn_rule(&input, rule, (struct ratio){base->tier_numerator, base->tier_denominator}, &points[r], bonus[r]);
    }
}

void model_earn(const struct model *model, const struct model_event *purchase, const int64_t lines[LINES], int64_t paid,
                int64_t limits[RULES][MULTIPLIERS], int64_t points[RULES], int64_t bonus[RULES][MULTIPLIERS])
{
    struct rule_input input = {.model = model, .purchase = purchase, .lines = lines, .paid = paid};
    int64_t total = 0;

    for (int i = 0; i < purchase->line_count; i++)
        total += lines[i];
    struct ratio tier = tier_ratio(&input, limits, total);
    for (int r = 0; r < RULES; r++) {
        points[r] = 0;
        memset(bonus[r], 0, sizeof bonus[r]);
        input.limits = limits[r];
        if (model->rules->rules[r].code != NULL)
            earn_rule(&input, &model->rules->rules[r], tier, &points[r], bonus[r]);
    }
}

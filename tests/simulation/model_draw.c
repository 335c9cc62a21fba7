/* Programmes at random: what is written down keeps its shape, and gets other numbers. */
#include "model.h"

static uint64_t roll(uint64_t *state, uint64_t sides)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % sides;
}

static void draw_rule(struct rule_rules *rule, uint64_t *dice)
{
    for (int version = 0; version < VERSIONS; version++)
        rule->points[version] = (int64_t)(1 + roll(dice, 4));
    rule->per_minor = (int64_t)(30 + roll(dice, 40) * 10);
    rule->rounding = (enum rounds)roll(dice, 4);
    rule->by_line = roll(dice, 2) == 0;
    rule->whole_units = roll(dice, 3) == 0;
    rule->on_paid_only = roll(dice, 2) == 0;
    rule->stack = roll(dice, 2) == 0;
    for (int i = 0; i < MULTIPLIERS; i++)
        rule->multipliers[i].factor = (int64_t)(10500 + roll(dice, 50) * 500);
}

static void draw_ladder(struct ladder_rules *ladder, int wallets, uint64_t *dice)
{
    static const int64_t units[] = {[BY_POINTS] = 150, [BY_SPEND] = 15000, [BY_VISITS] = 1};
    int64_t qualify = 0, factor = SCALE;

    ladder->metric = (enum metric)roll(dice, 3);
    ladder->wallet = (int)roll(dice, (uint64_t)wallets);
    for (int i = 0; i < ladder->levels; i++) {
        ladder->qualify[i] = qualify;
        ladder->keep[i] = qualify > 0 ? (int64_t)roll(dice, (uint64_t)qualify + 1) : 0;
        ladder->factor[i] = factor;
        qualify += units[ladder->metric] * (int64_t)(2 + roll(dice, 8));
        factor += (int64_t)roll(dice, 10) * 700;
    }
    for (int i = 1; i < ladder->levels; i++)
        if (ladder->keep[i] < ladder->keep[i - 1])
            ladder->keep[i] = ladder->keep[i - 1];
    ladder->validity = (enum validity)roll(dice, 4);
    ladder->months = ladder->validity == FROM_START || ladder->validity == FROM_JOIN ? (int)(1 + roll(dice, 12)) : 0;
    ladder->grace_days = ladder->validity == FOREVER ? 0 : (int)roll(dice, 30);
    ladder->by_balance = roll(dice, 2) == 0;
    ladder->crossing = ladder->metric == BY_VISITS ? CROSS_BEFORE : (enum crossing)roll(dice, 3);
}

static void draw_boosts(struct programme_rules *rules, int wallets, uint64_t *dice)
{
    static const char *const codes[BOOSTS] = {"b0", "b1"};
    int count = (int)roll(dice, BOOSTS + 1);

    for (int i = 0; i < count; i++)
        rules->boosts[i] = (struct boost_rules){.code = codes[i],
                                                .wallet = (int)roll(dice, (uint64_t)wallets),
                                                .level = (int)roll(dice, (uint64_t)rules->ladder.levels),
                                                .factor = (int64_t)(10500 + roll(dice, 40) * 500)};
}

void model_draw_programme(struct programme_rules *rules, uint64_t seed)
{
    uint64_t dice = seed ^ UINT64_C(0x5851f42d4c957f2d);
    int wallets = rules->wallets[1].code != NULL ? 2 : 1;

    for (int i = 0; i < RULES; i++)
        if (rules->rules[i].code != NULL && roll(&dice, 2) == 0)
            draw_rule(&rules->rules[i], &dice);
    if (rules->ladder.levels == 0)
        return;
    if (roll(&dice, 2) == 0)
        draw_ladder(&rules->ladder, wallets, &dice);
    draw_boosts(rules, wallets, &dice);
}

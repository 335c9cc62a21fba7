/* Earning rules that are published by themselves: drawn at random, and what they give. */
#include <string.h>

#include "model.h"

/* ---- a programme at random ---- */

static uint64_t roll(uint64_t *state, uint64_t sides)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % sides;
}

static void draw_limits(struct drawn_rules *rule, uint64_t *dice)
{
    if (roll(dice, 3) == 0)
        rule->cap = (int64_t)(50 + roll(dice, 400));
    if (roll(dice, 4) == 0)
        rule->cap_times = (int64_t)(1 + roll(dice, 4));
    rule->cap_partial = roll(dice, 2) == 0;
    if (roll(dice, 4) == 0)
        rule->budget = (int64_t)(1000 + roll(dice, 50000));
    rule->budget_partial = roll(dice, 2) == 0;
}

static void draw_gift(struct drawn_rules *rule, uint64_t *dice)
{
    rule->kind = (enum gift_kind)roll(dice, 5);
    rule->points = (int64_t)(1 + roll(dice, 30));
    rule->per = rule->kind == GIVE_PER_ITEM ? 1000 : (int64_t)(100 + roll(dice, 20) * 50);
    rule->factor = (int64_t)(10000 + 2500 * (1 + roll(dice, 8)));
    rule->step = (int64_t)(1000 + roll(dice, 40) * 500);
    rule->rounding = (enum rounds)roll(dice, 4);
    rule->by_line = roll(dice, 2) == 0;
    rule->whole_units = roll(dice, 3) == 0;
    rule->on_paid_only = roll(dice, 4) != 0;
    rule->tier_factor = roll(dice, 3) == 0;
    rule->cascading = roll(dice, 2) == 0;
}

void model_draw_accruals(struct programme_rules *rules, uint64_t seed)
{
    static const char *const codes[ACCRUALS] = {"a0", "a1", "a2", "a3", "a4"};
    static const enum gift_take takes[] = {TAKE_ALL, TAKE_ALL, TAKE_FIRST, TAKE_BEST};
    uint64_t dice = seed;
    int count = (int)roll(&dice, ACCRUALS + 1), wallets = rules->wallets[1].code != NULL ? 2 : 1;
    enum gift_take take = takes[roll(&dice, 4)];

    for (int i = 0; i < count; i++) {
        struct drawn_rules *rule = &rules->accruals[i];
        *rule = (struct drawn_rules){.code = codes[i], .wallet = (int)roll(&dice, (uint64_t)wallets)};
        if (roll(&dice, 2) == 0)
            rule->category = categories[roll(&dice, 3)];
        if (roll(&dice, 4) == 0)
            rule->channel = channels[roll(&dice, 2)];
        if (roll(&dice, 3) == 0)
            rule->total_min = (int64_t)(roll(&dice, 300) * 37);
        rule->take = roll(&dice, 2) == 0 ? take : TAKE_ALL;
        rule->exclusive = roll(&dice, 8) == 0;
        draw_gift(rule, &dice);
        draw_limits(rule, &dice);
    }
}

/* ---- what one gives ---- */

struct asking {
    const struct model *model;
    const struct model_event *purchase;
    const struct model_base *base;
    bool counts[LINES];
    int64_t net[LINES]; /* less what points paid */
    int64_t so_far[WALLETS];
};

static bool find_lines(struct asking *asking, const struct drawn_rules *rule)
{
    const struct model_base *base = asking->base;
    bool any = false;
    int64_t total = 0;

    for (int i = 0; i < asking->purchase->line_count; i++) {
        asking->counts[i] =
            (base->lines[i] > 0 || base->quantities[i] > 0) &&
            (rule->category == NULL || strcmp(rule->category, categories[asking->purchase->line_category[i]]) == 0);
        any = any || asking->counts[i];
        total += base->lines[i];
    }
    return any && total >= rule->total_min &&
           (rule->channel == NULL || strcmp(rule->channel, channels[asking->purchase->channel]) == 0);
}

static int64_t amount_of(const struct asking *asking, const struct drawn_rules *rule, int line)
{
    return rule->on_paid_only ? asking->net[line] : asking->base->lines[line];
}

static int64_t rounded(const struct asking *asking, const struct drawn_rules *rule, int64_t units)
{
    __int128_t numerator = rule->whole_units ? units / rule->per : units,
               denominator = rule->whole_units ? 1 : rule->per;

    numerator *= rule->points;
    if (rule->tier_factor) {
        numerator *= asking->base->tier_numerator;
        denominator *= asking->base->tier_denominator * SCALE;
    }
    return round_ratio(numerator, denominator, rule->rounding);
}

static int64_t per_unit(const struct asking *asking, const struct drawn_rules *rule)
{
    int64_t sum = 0, points = 0;

    for (int i = 0; i < asking->purchase->line_count; i++) {
        int64_t units = rule->kind == GIVE_PER_ITEM ? asking->base->quantities[i] : amount_of(asking, rule, i);
        if (!asking->counts[i])
            continue;
        if (rule->by_line)
            points += rounded(asking, rule, units);
        else
            sum += units;
    }
    return rule->by_line ? points : rounded(asking, rule, sum);
}

/* The base of the lines that count, as if they were bought alone, at the same factor of the tier. */
static int64_t times_base(const struct asking *asking, const struct drawn_rules *rule)
{
    int64_t lines[LINES] = {0}, points[RULES], bonus[RULES][MULTIPLIERS], paid = 0, sum = 0;
    bool all = true;

    for (int i = 0; i < asking->purchase->line_count; i++) {
        bool there = asking->base->lines[i] > 0 || asking->base->quantities[i] > 0;
        all = all && (asking->counts[i] || !there);
        if (!asking->counts[i])
            continue;
        lines[i] = asking->base->lines[i];
        paid += asking->base->lines[i] - asking->net[i];
    }
    memcpy(points, asking->base->points, sizeof points);
    if (!all)
        model_earn_part(asking->model, asking->purchase, asking->base, lines, paid, points, bonus);
    for (int r = 0; r < RULES; r++)
        if (asking->model->rules->rules[r].code != NULL && asking->model->rules->rules[r].wallet == rule->wallet)
            sum += points[r];
    if (rule->cascading)
        sum += asking->so_far[rule->wallet];
    return round_ratio((__int128_t)sum * (rule->factor - SCALE), SCALE, rule->rounding);
}

static int64_t wanted(struct asking *asking, const struct drawn_rules *rule)
{
    int64_t sum = 0;

    if (!find_lines(asking, rule))
        return 0;
    switch (rule->kind) {
    case GIVE_FIXED:
        return rule->points;
    case GIVE_PER_AMOUNT:
    case GIVE_PER_ITEM:
        return per_unit(asking, rule);
    case GIVE_TIMES:
        return times_base(asking, rule);
    case GIVE_STEP:
        for (int i = 0; i < asking->purchase->line_count; i++)
            sum += asking->counts[i] ? amount_of(asking, rule, i) : 0;
        return sum >= rule->step ? rule->points : 0;
    }
    return 0;
}

/* ---- within limits ---- */

static int64_t cut(int64_t points, int64_t left, bool partial)
{
    if (left >= points)
        return points;
    return partial && left > 0 ? left : 0;
}

static int64_t limited(struct asking *asking, int a, int64_t points)
{
    const struct drawn_rules *rule = &asking->model->rules->accruals[a];
    const struct model_event *purchase = asking->purchase;
    int64_t given = points, part;

    if (points == 0)
        return 0;
    if (rule->budget > 0)
        given = cut(points, rule->budget - asking->model->accrual_budget[a], rule->budget_partial);
    if (rule->cap > 0) {
        part = cut(points, rule->cap - model_progress_used(asking->model, purchase, ACCRUAL_PROGRESS + 2 * a),
                   rule->cap_partial);
        given = part < given ? part : given;
    }
    if (rule->cap_times > 0 &&
        model_progress_used(asking->model, purchase, ACCRUAL_PROGRESS + 2 * a + 1) >= rule->cap_times)
        given = 0;
    return given;
}

void model_accrual_use(struct model *model, const struct model_event *purchase, int a, int64_t points, int times)
{
    const struct drawn_rules *rule = &model->rules->accruals[a];

    if (rule->budget > 0) {
        model->accrual_budget[a] += points;
        if (model->accrual_budget[a] < 0)
            model->accrual_budget[a] = 0;
    }
    if (rule->cap > 0)
        model_progress_add(model, purchase, ACCRUAL_PROGRESS + 2 * a, points);
    if (rule->cap_times > 0)
        model_progress_add(model, purchase, ACCRUAL_PROGRESS + 2 * a + 1, times);
}

/* ---- all of them ---- */

static struct asking ask(const struct model *model, const struct model_event *purchase, const struct model_base *base)
{
    struct asking asking = {.model = model, .purchase = purchase, .base = base};
    __int128_t weights[LINES];
    int64_t paid[LINES] = {0};

    for (int i = 0; i < purchase->line_count; i++)
        weights[i] = base->lines[i];
    if (base->paid > 0)
        split(base->paid, weights, paid, purchase->line_count);
    for (int i = 0; i < purchase->line_count; i++)
        asking.net[i] = base->lines[i] - paid[i];
    return asking;
}

/* The first exclusive one that gives something is alone. */
static int find_exclusive(struct asking *asking, int64_t points[ACCRUALS])
{
    for (int a = 0; a < ACCRUALS; a++) {
        const struct drawn_rules *rule = &asking->model->rules->accruals[a];
        if (rule->code == NULL || !rule->exclusive)
            continue;
        int64_t given = limited(asking, a, wanted(asking, rule));
        if (given == 0)
            continue;
        points[a] = given;
        return a;
    }
    return -1;
}

void model_accrue_rules(const struct model *model, const struct model_event *purchase, const struct model_base *base,
                        int64_t points[ACCRUALS])
{
    struct asking asking = ask(model, purchase, base);
    bool done[ACCRUALS] = {false};

    memset(points, 0, ACCRUALS * sizeof *points);
    if (find_exclusive(&asking, points) >= 0)
        return;
    for (int a = 0; a < ACCRUALS; a++) {
        const struct drawn_rules *rule = &model->rules->accruals[a];
        if (rule->code == NULL || rule->exclusive || done[a])
            continue;
        int best = a;
        points[a] = limited(&asking, a, wanted(&asking, rule));
        for (int b = a + 1; b < ACCRUALS && rule->take != TAKE_ALL; b++) {
            const struct drawn_rules *other = &model->rules->accruals[b];
            if (other->code == NULL || other->exclusive || other->take != rule->take || done[b])
                continue;
            if (rule->take == TAKE_FIRST) {
                done[b] = points[a] > 0;
                continue;
            }
            int64_t given = limited(&asking, b, wanted(&asking, other));
            done[b] = true;
            if (given <= points[best])
                continue;
            points[best] = 0;
            points[b] = given;
            best = b;
        }
        asking.so_far[model->rules->accruals[best].wallet] += points[best];
    }
}

void model_accrue_again(const struct model *model, const struct model_event *purchase, const struct model_base *base,
                        const int64_t given[ACCRUALS], int64_t points[ACCRUALS])
{
    struct asking asking = ask(model, purchase, base);

    for (int a = 0; a < ACCRUALS; a++) {
        const struct drawn_rules *rule = &model->rules->accruals[a];
        points[a] = given[a] > 0 ? wanted(&asking, rule) : 0;
        points[a] = points[a] < given[a] ? points[a] : given[a];
        asking.so_far[rule->wallet] += points[a];
    }
}

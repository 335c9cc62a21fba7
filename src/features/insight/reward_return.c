#include "features/insight/reward_return.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/random.h"

enum { CONTROLS_MIN = 10 };

static const double CONFIDENCE = 0.9, NORMAL_95 = 1.6448536269514722;

static const struct {
    const char *name;
    bool from_start;
    int32_t days; /* after the end */
} windows[REWARD_WINDOWS] = {{"during", true, 0},       {"after_30", false, 30}, {"after_90", false, 90},
                             {"after_180", false, 180}, {"until_30", true, 30},  {"until_90", true, 90},
                             {"until_180", true, 180}};

const char *reward_window_name(enum reward_window window)
{
    return windows[window].name;
}

/* ---- the purchases of a member between two days ---- */

struct history {
    struct clv_purchase *sorted;
    double *sums;   /* of amounts before each purchase */
    size_t *starts; /* of each customer */
};

static int compare_purchases(const void *a, const void *b)
{
    const struct clv_purchase *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

static void history_build(struct arena *arena, const struct clv_purchases *base, struct history *out)
{
    size_t count = base->count;

    out->sorted = arena_array(arena, count + 1, sizeof *out->sorted);
    memcpy(out->sorted, base->list, count * sizeof *out->sorted);
    qsort(out->sorted, count, sizeof *out->sorted, compare_purchases);
    out->sums = arena_array(arena, count + 1, sizeof *out->sums);
    out->starts = arena_array(arena, base->customer_count + 1, sizeof *out->starts);
    for (size_t i = 0; i < count; i++) {
        out->sums[i + 1] = out->sums[i] + out->sorted[i].amount;
        out->starts[out->sorted[i].customer + 1] = i + 1;
    }
    for (size_t i = 0; i < base->customer_count; i++)
        if (out->starts[i + 1] < out->starts[i])
            out->starts[i + 1] = out->starts[i];
}

/* Where the first purchase of the customer on or after the day lies. */
static size_t find_day(const struct history *history, uint32_t customer, int32_t day)
{
    size_t low = history->starts[customer], high = history->starts[customer + 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (history->sorted[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double amount_between(const struct history *history, uint32_t customer, int32_t from, int32_t to)
{
    return history->sums[find_day(history, customer, to + 1)] - history->sums[find_day(history, customer, from)];
}

/* What was known of a member before the day. False for who had not bought yet. */
static bool describe(const struct history *history, uint32_t customer, int32_t day, double out[REWARD_FEATURES])
{
    size_t first = history->starts[customer], now = find_day(history, customer, day);

    if (now == first)
        return false;
    size_t month = find_day(history, customer, day - 30), quarter = find_day(history, customer, day - 90);
    size_t half = find_day(history, customer, day - REWARD_HISTORY_DAYS);

    out[0] = (double)(now - month);
    out[1] = (double)(now - quarter);
    out[2] = log1p(fmax(0, history->sums[now] - history->sums[quarter]));
    out[3] = log1p(fmax(0, history->sums[now] - history->sums[half]));
    out[4] = log1p(day - history->sorted[now - 1].day);
    out[5] = log1p(day - history->sorted[first].day);
    return true;
}

/* ---- one reward and its controls ---- */

struct pair {
    uint32_t matches[REWARD_MATCHES];
    size_t match_count;
};

struct measuring {
    const struct reward_question *question;
    struct history history;
    struct arena *arena;
    uint32_t *controls; /* never had a reward, in an order drawn */
    size_t control_count;
    struct pair *pairs; /* of each reward */
    double scales[REWARD_FEATURES];
};

static double margin_in(const struct measuring *measuring, const struct reward *reward, uint32_t customer,
                        enum reward_window window)
{
    int32_t from = windows[window].from_start ? reward->start : reward->end + 1;

    return measuring->question->margin *
           amount_between(&measuring->history, customer, from, reward->end + windows[window].days);
}

static void find_controls(struct measuring *measuring)
{
    const struct reward_question *question = measuring->question;
    size_t count = question->purchases->customer_count;
    bool *had = arena_array(measuring->arena, count + 1, sizeof *had);
    struct random random;

    for (size_t i = 0; i < question->reward_count; i++)
        had[question->rewards[i].customer] = true;
    measuring->controls = arena_array(measuring->arena, count + 1, sizeof *measuring->controls);
    for (uint32_t i = 0; i < count; i++)
        if (!had[i])
            measuring->controls[measuring->control_count++] = i;
    random_start(&random, question->seed);
    random_shuffle(&random, measuring->controls, measuring->control_count);
}

/* The standard deviations of the features of the rewarded before their rewards. */
static void find_scales(struct measuring *measuring)
{
    const struct reward_question *question = measuring->question;
    double sums[REWARD_FEATURES] = {0}, squares[REWARD_FEATURES] = {0}, count = 0;

    for (size_t i = 0; i < question->reward_count; i++) {
        const struct reward *reward = &question->rewards[i];
        double features[REWARD_FEATURES];

        if (!describe(&measuring->history, reward->customer, reward->start, features))
            continue;
        count++;
        for (int k = 0; k < REWARD_FEATURES; k++) {
            sums[k] += features[k];
            squares[k] += features[k] * features[k];
        }
    }
    for (int k = 0; k < REWARD_FEATURES; k++) {
        double variance = count > 1 ? (squares[k] - sums[k] * sums[k] / count) / (count - 1) : 0;

        measuring->scales[k] = variance > 1e-12 ? sqrt(variance) : 1;
    }
}

/* The controls most like the member before the reward. */
static void match(struct measuring *measuring, size_t number)
{
    const struct reward *reward = &measuring->question->rewards[number];
    struct pair *pair = &measuring->pairs[number];
    double own[REWARD_FEATURES], nearest[REWARD_MATCHES];
    size_t tries = measuring->control_count < REWARD_CANDIDATES ? measuring->control_count : REWARD_CANDIDATES;

    if (!describe(&measuring->history, reward->customer, reward->start, own))
        return;
    for (size_t i = 0; i < tries; i++) {
        uint32_t control = measuring->controls[(number * tries + i) % measuring->control_count];
        double other[REWARD_FEATURES], distance = 0;

        if (!describe(&measuring->history, control, reward->start, other))
            continue;
        for (int k = 0; k < REWARD_FEATURES; k++) {
            double difference = (own[k] - other[k]) / measuring->scales[k];

            distance += difference * difference;
        }
        size_t place = pair->match_count;

        if (place == REWARD_MATCHES && !(distance < nearest[place - 1]))
            continue;
        place -= place == REWARD_MATCHES;
        pair->match_count = place + 1 > pair->match_count ? place + 1 : pair->match_count;
        for (; place > 0 && distance < nearest[place - 1]; place--) {
            nearest[place] = nearest[place - 1];
            pair->matches[place] = pair->matches[place - 1];
        }
        nearest[place] = distance;
        pair->matches[place] = control;
    }
}

static double imbalance_of_matches(const struct measuring *measuring)
{
    double sums[REWARD_FEATURES] = {0}, count = 0, most = 0;

    for (size_t i = 0; i < measuring->question->reward_count; i++) {
        const struct reward *reward = &measuring->question->rewards[i];
        const struct pair *pair = &measuring->pairs[i];
        double own[REWARD_FEATURES], other[REWARD_FEATURES];

        if (pair->match_count == 0 || !describe(&measuring->history, reward->customer, reward->start, own))
            continue;
        count++;
        for (size_t m = 0; m < pair->match_count; m++)
            if (describe(&measuring->history, pair->matches[m], reward->start, other))
                for (int k = 0; k < REWARD_FEATURES; k++)
                    sums[k] += (own[k] - other[k]) / (double)pair->match_count;
    }
    for (int k = 0; k < REWARD_FEATURES; k++)
        most = fmax(most, count > 0 ? fabs(sums[k] / count / measuring->scales[k]) : 0);
    return most;
}

/* ---- effects ---- */

static bool is_known(const struct reward_question *question, const struct reward *reward, enum reward_window window)
{
    return reward->end + windows[window].days <= question->last_day;
}

static double cost_of(const struct reward_question *question, const struct reward *reward)
{
    return reward->cost + reward->liability * (1 - question->breakage);
}

/* Net and return from the value and its interval. */
static void settle(struct reward_effect *effect)
{
    effect->net = effect->value - effect->cost;
    effect->returned = effect->returned_low = effect->returned_high = NAN;
    if (effect->cost > 0) {
        effect->returned = effect->net / effect->cost;
        effect->returned_low = (effect->low - effect->cost) / effect->cost;
        effect->returned_high = (effect->high - effect->cost) / effect->cost;
    }
}

/* Abadie and Imbens 2006, the effect on the treated: a control that is used often adds its own chance often. */
static void effect_of_matches(const struct measuring *measuring, enum reward_window window, struct reward_effect *out)
{
    const struct reward_question *question = measuring->question;
    double *used = arena_array(measuring->arena, question->purchases->customer_count + 1, sizeof *used);
    double sum = 0, squares = 0, other = 0, other_squares = 0, others = 0, repeated = 0;
    struct reward_effect effect = {0};

    for (size_t i = 0; i < question->reward_count; i++) {
        const struct reward *reward = &question->rewards[i];
        const struct pair *pair = &measuring->pairs[i];
        double expected = 0, own;

        if (pair->match_count == 0 || !is_known(question, reward, window))
            continue;
        own = margin_in(measuring, reward, reward->customer, window);
        for (size_t m = 0; m < pair->match_count; m++) {
            double margin = margin_in(measuring, reward, pair->matches[m], window);

            expected += margin / (double)pair->match_count;
            other += margin;
            other_squares += margin * margin;
            others++;
            used[pair->matches[m]] += 1 / (double)pair->match_count;
        }
        effect.rewards++;
        effect.cost += cost_of(question, reward);
        sum += own - expected;
        squares += (own - expected) * (own - expected);
    }
    for (size_t i = 0; i < question->purchases->customer_count; i++) {
        effect.controls += used[i] > 0;
        repeated += fmax(0, used[i] * used[i] - used[i] / REWARD_MATCHES);
    }
    if (effect.rewards > 0) {
        double count = effect.rewards,
               variance = others > 1 ? (other_squares - other * other / others) / (others - 1) : 0;

        effect.value = sum / count;
        effect.cost /= count;
        effect.error =
            sqrt(fmax(0, squares - count * effect.value * effect.value) + repeated * fmax(0, variance)) / count;
        effect.low = effect.value - NORMAL_95 * effect.error;
        effect.high = effect.value + NORMAL_95 * effect.error;
    }
    settle(&effect);
    *out = effect;
}

static enum status effect_of_holdout(const struct measuring *measuring, enum reward_window window,
                                     struct reward_effect *out, struct error *err)
{
    const struct reward_question *question = measuring->question;
    double *margins[2] = {arena_array(measuring->arena, question->reward_count + 1, sizeof(double)),
                          arena_array(measuring->arena, question->reward_count + 1, sizeof(double))};
    size_t counts[2] = {0, 0};
    struct group_moments samples[2];
    struct reward_effect effect = {0};
    struct effect found;

    for (size_t i = 0; i < question->reward_count; i++) {
        const struct reward *reward = &question->rewards[i];
        int arm = !reward->held_out;

        if (!is_known(question, reward, window))
            continue;
        margins[arm][counts[arm]++] = margin_in(measuring, reward, reward->customer, window);
        effect.cost += reward->held_out ? 0 : cost_of(question, reward);
    }
    *out = effect;
    if (counts[0] < 2 || counts[1] < 2)
        return STATUS_OK;
    for (int arm = 0; arm < 2; arm++)
        group_moments_measure(margins[arm], counts[arm], &samples[arm]);
    enum status status = effect_of_means(&samples[1], &samples[0], CONFIDENCE, &found, err);

    if (status != STATUS_OK)
        return status;
    effect.rewards = (double)counts[1];
    effect.controls = (double)counts[0];
    effect.cost /= effect.rewards;
    effect.value = found.value;
    effect.error = found.error;
    effect.low = found.low;
    effect.high = found.high;
    settle(&effect);
    *out = effect;
    return STATUS_OK;
}

/* Held out and rewarded before the start: Welch's difference in the worst feature, in standard deviations. */
static double imbalance_of_holdout(const struct measuring *measuring)
{
    double sums[2][REWARD_FEATURES] = {{0}}, counts[2] = {0}, most = 0;

    for (size_t i = 0; i < measuring->question->reward_count; i++) {
        const struct reward *reward = &measuring->question->rewards[i];
        double features[REWARD_FEATURES];

        if (!describe(&measuring->history, reward->customer, reward->start, features))
            continue;
        counts[!reward->held_out]++;
        for (int k = 0; k < REWARD_FEATURES; k++)
            sums[!reward->held_out][k] += features[k];
    }
    for (int k = 0; k < REWARD_FEATURES && counts[0] > 0 && counts[1] > 0; k++)
        most = fmax(most, fabs(sums[1][k] / counts[1] - sums[0][k] / counts[0]) / measuring->scales[k]);
    return most;
}

/* Who is compared with whom, for the rewards of the question. */
static void prepare(struct measuring *measuring, bool matched)
{
    find_scales(measuring);
    measuring->pairs = arena_array(measuring->arena, measuring->question->reward_count, sizeof *measuring->pairs);
    for (size_t i = 0; matched && i < measuring->question->reward_count; i++)
        match(measuring, i);
}

static enum status effect_of(const struct measuring *measuring, bool matched, enum reward_window window,
                             struct reward_effect *out, struct error *err)
{
    if (!matched)
        return effect_of_holdout(measuring, window, out, err);
    effect_of_matches(measuring, window, out);
    return STATUS_OK;
}

/*
 * As if the rewards had lasted for some days long before their start, earlier than what made members alike: who was chosen
 * for what he bought lately does not differ there from members like him. Rewards for which that lies before all purchases
 * are left out.
 */
static enum status measure_placebo(const struct measuring *measuring, bool matched, struct reward_effect *out,
                                   struct error *err)
{
    struct reward_question question = *measuring->question;
    struct measuring other = *measuring;
    struct reward *rewards = arena_copy(measuring->arena, question.rewards, question.reward_count * sizeof *rewards);
    int32_t first_day = question.last_day;

    for (size_t i = 0; i < question.purchases->count; i++)
        first_day = question.purchases->list[i].day < first_day ? question.purchases->list[i].day : first_day;
    for (size_t i = 0; i < question.reward_count; i++) {
        int32_t end = rewards[i].start - REWARD_HISTORY_DAYS - 1, start = end - REWARD_PLACEBO_DAYS + 1;

        rewards[i].start = start;
        rewards[i].end = start >= first_day ? end : question.last_day + 1; /* a day that is not known */
    }
    question.rewards = rewards;
    other.question = &question;
    return effect_of(&other, matched, REWARD_DURING, out, err);
}

enum status reward_measure(struct arena *arena, const struct reward_question *question, struct reward_result *out,
                           struct error *err)
{
    struct measuring measuring = {.question = question, .arena = arena};
    struct reward_result result = {.matched = true};
    size_t given = 0;

    for (size_t i = 0; i < question->reward_count; i++) {
        given += !question->rewards[i].held_out;
        result.matched &= !question->rewards[i].held_out;
    }
    if (given == 0)
        return error_set(err, STATUS_INVALID, "reward.empty", "", "nobody who has bought had a reward");
    history_build(arena, question->purchases, &measuring.history);
    find_controls(&measuring);
    size_t controls = result.matched ? measuring.control_count : question->reward_count - given;

    if (controls < CONTROLS_MIN)
        return error_set(err, STATUS_INVALID, "reward.controls", "",
                         "only %zu members are there to compare with: at least %d must have been without a reward",
                         controls, CONTROLS_MIN);
    prepare(&measuring, result.matched);
    result.imbalance = result.matched ? imbalance_of_matches(&measuring) : imbalance_of_holdout(&measuring);
    enum status status = measure_placebo(&measuring, result.matched, &result.placebo, err);

    for (int window = 0; status == STATUS_OK && window < REWARD_WINDOWS; window++)
        status = effect_of(&measuring, result.matched, (enum reward_window)window, &result.effects[window], err);
    if (status == STATUS_OK)
        *out = result;
    return status;
}

#include "features/insight/loyalty.h"

#include <assert.h>
#include <math.h>

static const double REPEATS_HALF = 2, SILENCE_HALF = 2, TENURE_HALF = 12, USUAL_WEIGHT = 2;

static const char *const side_names[LOYALTY_SIDES] = {"behaviour", "attitude", "emotion", "cognition"};

struct part {
    const char *name;
    enum loyalty_side side;
    struct loyalty_scale scale;
};

static const struct part part_table[LOYALTY_PARTS] = {
    [LOYALTY_REPEAT] = {"repeat", LOYALTY_BEHAVIOUR, {0, 1}},
    [LOYALTY_RECENCY] = {"recency", LOYALTY_BEHAVIOUR, {0, 1}},
    [LOYALTY_SHARE] = {"share", LOYALTY_BEHAVIOUR, {0, 1}},
    [LOYALTY_TENURE] = {"tenure", LOYALTY_BEHAVIOUR, {0, 1}},
    [LOYALTY_RECOMMENDATION] = {"recommendation", LOYALTY_ATTITUDE, {0, 10}},
    [LOYALTY_SATISFACTION] = {"satisfaction", LOYALTY_ATTITUDE, {1, 5}},
    [LOYALTY_TRUST] = {"trust", LOYALTY_ATTITUDE, {1, 5}},
    [LOYALTY_PREMIUM] = {"premium", LOYALTY_ATTITUDE, {1, 5}},
    [LOYALTY_SENTIMENT] = {"sentiment", LOYALTY_EMOTION, {-1, 1}},
    [LOYALTY_ENGAGEMENT] = {"engagement", LOYALTY_EMOTION, {1, 5}},
    [LOYALTY_ADVOCACY] = {"advocacy", LOYALTY_EMOTION, {1, 5}},
    [LOYALTY_AWARENESS] = {"awareness", LOYALTY_COGNITION, {1, 5}},
    [LOYALTY_RECALL] = {"recall", LOYALTY_COGNITION, {0, 1}},
};

const struct loyalty_weights loyalty_weights_usual = {
    .sides = {40, 30, 20, 10},
    .parts = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
};

const char *loyalty_side_name(enum loyalty_side side)
{
    return side_names[side];
}

const char *loyalty_part_name(enum loyalty_part part)
{
    return part_table[part].name;
}

enum loyalty_side loyalty_part_side(enum loyalty_part part)
{
    return part_table[part].side;
}

struct loyalty_scale loyalty_part_scale(enum loyalty_part part)
{
    return part_table[part].scale;
}

bool loyalty_part_from(struct text name, enum loyalty_part *out)
{
    for (int i = 0; i < LOYALTY_PARTS; i++)
        if (text_equals(name, part_table[i].name)) {
            *out = (enum loyalty_part)i;
            return true;
        }
    return false;
}

bool loyalty_weights_set(struct loyalty_weights *weights, struct text name, double weight)
{
    enum loyalty_part part;

    if (!(weight >= 0) || !isfinite(weight))
        return false;
    if (loyalty_part_from(name, &part)) {
        weights->parts[part] = weight;
        return true;
    }
    for (int i = 0; i < LOYALTY_SIDES; i++)
        if (text_equals(name, side_names[i])) {
            weights->sides[i] = weight;
            return true;
        }
    return false;
}

void loyalty_score(const struct loyalty_weights *weights, const double parts[LOYALTY_PARTS], struct loyalty_score *out)
{
    double sums[LOYALTY_SIDES] = {0}, known[LOYALTY_SIDES] = {0}, all[LOYALTY_SIDES] = {0};
    double index = 0, rests = 0, weight_known = 0, weight_all = 0;
    struct loyalty_score score = {0};

    for (int i = 0; i < LOYALTY_PARTS; i++) {
        enum loyalty_side side = part_table[i].side;

        all[side] += weights->parts[i];
        if (isnan(parts[i]))
            continue;
        known[side] += weights->parts[i];
        sums[side] += weights->parts[i] * parts[i];
    }
    for (int i = 0; i < LOYALTY_SIDES; i++) {
        score.sides[i] = known[i] > 0 ? 100 * sums[i] / known[i] : NAN;
        weight_all += all[i] > 0 ? weights->sides[i] : 0;
        if (known[i] <= 0 || weights->sides[i] <= 0)
            continue;
        score.rests_on |= 1U << i;
        rests += weights->sides[i];
        weight_known += weights->sides[i] * known[i] / all[i];
        index += weights->sides[i] * score.sides[i];
    }
    score.index = rests > 0 ? round(index / rests) : NAN;
    score.known = weight_all > 0 ? weight_known / weight_all : 0;
    *out = score;
}

static uint32_t interval_of(const struct loyalty_habits *habits, int32_t day, double usual)
{
    return (uint32_t)floor((day - habits->first) / usual);
}

void loyalty_habits_add(struct loyalty_habits *habits, int32_t day, double usual)
{
    assert(usual > 0);
    if (habits->days == 0) {
        *habits = (struct loyalty_habits){.first = day, .last = day, .days = 1, .intervals = 1};
        return;
    }
    assert(day >= habits->last);
    if (day == habits->last)
        return;
    habits->intervals += interval_of(habits, day, usual) > interval_of(habits, habits->last, usual);
    habits->last = day;
    habits->days++;
}

/* The mean of a member's own gaps, to which the usual one counts as two more: who bought once has the usual one. */
static double own_interval(const struct loyalty_habits *habits, double usual)
{
    return (USUAL_WEIGHT * usual + (habits->last - habits->first)) / (USUAL_WEIGHT + habits->days - 1);
}

void loyalty_behaviour(const struct loyalty_habits *habits, int32_t now, double usual, double parts[LOYALTY_PARTS])
{
    assert(habits->days > 0);
    assert(now >= habits->last);

    double silence = (now - habits->last) / own_interval(habits, usual);

    parts[LOYALTY_REPEAT] = 1 - exp2(-(habits->days - 1.0) / REPEATS_HALF);
    parts[LOYALTY_RECENCY] = exp2(-silence / SILENCE_HALF);
    parts[LOYALTY_SHARE] = (habits->intervals - 1.0) / (interval_of(habits, now, usual) + 1.0);
    parts[LOYALTY_TENURE] = 1 - exp2(-(habits->last - habits->first) / (TENURE_HALF * usual));
}

#include "mathematics/linkage.h"

#include <math.h>
#include <string.h>

enum { STEPS_MAX = 200 };

static const double CONVERGED = 1e-6, COUNT_MIN = 0.5;
static const double SHARE_MIN = 1e-12, SHARE_MAX = 0.5;

double linkage_field_weight(const struct linkage_model *model, size_t field, unsigned level)
{
    return level == LINKAGE_MISSING ? 0 : log2(model->same[field][level] / model->other[field][level]);
}

double linkage_weight(const struct linkage_model *model, uint64_t code)
{
    double weight = 0;

    for (size_t field = 0; field < model->field_count; field++)
        weight += linkage_field_weight(model, field, linkage_level(code, field));
    return weight;
}

double linkage_probability(const struct linkage_model *model, double weight)
{
    return 1 / (1 + exp2(-(weight + log2(model->share / (1 - model->share)))));
}

/* What a step has counted. */
struct tally {
    double same[LINKAGE_FIELDS_MAX][LINKAGE_LEVELS_MAX];
    double other[LINKAGE_FIELDS_MAX][LINKAGE_LEVELS_MAX];
    double matches;
};

static void tally_add(double (*cells)[LINKAGE_LEVELS_MAX], size_t field_count, uint64_t code, double count)
{
    for (size_t field = 0; field < field_count; field++) {
        unsigned level = linkage_level(code, field);
        if (level != LINKAGE_MISSING)
            cells[field][level] += count;
    }
}

/* What is usual counts as pairs seen, and nothing is ruled out by never having been seen. */
static double prior_count(double strength, double usual)
{
    return fmax(strength * usual, COUNT_MIN);
}

/* Chances from what was counted; returns the largest change. */
static double settle(const struct linkage_model *usual, const double (*cells)[LINKAGE_LEVELS_MAX],
                     const double (*prior)[LINKAGE_LEVELS_MAX], double strength, double (*chances)[LINKAGE_LEVELS_MAX])
{
    double change = 0;

    for (size_t field = 0; field < usual->field_count; field++) {
        double sum = 0;
        for (size_t level = 0; level < usual->level_count[field]; level++)
            sum += cells[field][level] + prior_count(strength, prior[field][level]);
        for (size_t level = 0; level < usual->level_count[field]; level++) {
            double chance = (cells[field][level] + prior_count(strength, prior[field][level])) / sum;
            change = fmax(change, fabs(chance - chances[field][level]));
            chances[field][level] = chance;
        }
    }
    return change;
}

int linkage_learn(struct linkage_model *model, const struct linkage_sample *sample, double strength)
{
    const struct linkage_model usual = *model;
    int step = 0;

    for (double change = 1; step < STEPS_MAX && change > CONVERGED; step++) {
        struct tally tally;
        memset(&tally, 0, sizeof tally);
        for (size_t i = 0; i < sample->near_count; i++) {
            const struct linkage_count *near = &sample->near[i];
            double matches = near->count * linkage_probability(model, linkage_weight(model, near->code));
            tally.matches += matches;
            tally_add(tally.same, model->field_count, near->code, matches);
        }
        for (size_t i = 0; i < sample->any_count; i++) {
            const struct linkage_count *any = &sample->any[i];
            double share = 1 - linkage_probability(model, linkage_weight(model, any->code));
            tally_add(tally.other, model->field_count, any->code, any->count * share);
        }
        change = settle(&usual, (const double(*)[LINKAGE_LEVELS_MAX])tally.same, usual.same, strength, model->same);
        change = fmax(change, settle(&usual, (const double(*)[LINKAGE_LEVELS_MAX])tally.other, usual.other, strength,
                                     model->other));
        if (sample->pair_count > 0)
            model->share = fmin(SHARE_MAX, fmax(SHARE_MIN, (tally.matches + 1) / sample->pair_count));
    }
    return step;
}

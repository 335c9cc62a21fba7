#include "features/insight/next_purchase.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/special.h"

/* Chances beyond this are those of a member who is as good as lost: dates run away, and are held here. */
static const double TAIL_LEAST = 1e-9;

static int compare_purchases(const void *a, const void *b)
{
    const struct clv_purchase *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

void next_members(struct arena *arena, const struct clv_purchases *base, struct next_member *members)
{
    struct clv_purchase *sorted = arena_array(arena, base->count + 1, sizeof *sorted);

    memcpy(sorted, base->list, base->count * sizeof *sorted);
    qsort(sorted, base->count, sizeof *sorted, compare_purchases);
    for (size_t i = 0; i < base->customer_count; i++)
        members[i] = (struct next_member){.last = INT32_MIN};
    for (size_t i = 0; i < base->count; i++) {
        struct next_member *member = &members[sorted[i].customer];

        if (member->last != INT32_MIN && sorted[i].day > member->last) {
            member->last_gap = sorted[i].day - member->last;
            member->log_sum += log(member->last_gap);
            member->gaps++;
        }
        member->last = sorted[i].day;
    }
}

/*
 * Within: the last gap less the mean of the n before it has the variance within * (1 + 1 / n), whatever the member's own mean.
 * Between: what the means of the members spread beyond what their own gaps make (Paule, Mandel 1982).
 */
enum status next_learn(const struct next_member *members, size_t count, struct next_model *out, struct error *err)
{
    struct next_model model = {0};
    double squares = 0, pairs = 0, sum = 0, gaps = 0;

    for (size_t i = 0; i < count; i++) {
        const struct next_member *member = &members[i];

        if (member->gaps == 0)
            continue;
        model.member_count++;
        model.gap_count += member->gaps;
        gaps += member->gaps;
        sum += member->log_sum;
        if (member->gaps < 2)
            continue;
        double before = member->gaps - 1.0, last = log(member->last_gap);
        double difference = last - (member->log_sum - last) / before;

        squares += difference * difference / (1 + 1 / before);
        pairs++;
    }
    if (model.member_count < 2 || pairs < 1)
        return error_set(err, STATUS_INVALID, "next.gaps", "",
                         "too few members have bought on three days to learn how regular they are");
    model.within = fmax(1e-6, squares / pairs);
    model.mean = sum / gaps;
    /* Each turn gives the weights for the next. */
    for (int turn = 0; turn < 20; turn++) {
        double weights = 0, mean = 0, spread = 0;

        for (size_t i = 0; i < count; i++) {
            if (members[i].gaps == 0)
                continue;
            double own = members[i].log_sum / members[i].gaps, variance = model.within / members[i].gaps;
            double weight = 1 / (model.between + variance);

            weights += weight;
            mean += weight * own;
            spread += weight * ((own - model.mean) * (own - model.mean) - variance);
        }
        model.mean = mean / weights;
        model.between = fmax(0, spread / weights);
    }
    *out = model;
    return STATUS_OK;
}

/* What the next gap's logarithm will be: the member's mean as far as known, and its doubt. */
static void predict(const struct next_model *model, double gaps, double log_sum, double *mean, double *deviation)
{
    double weight = gaps * model->between / (gaps * model->between + model->within);
    double own = gaps > 0 ? log_sum / gaps : model->mean;

    *mean = model->mean + weight * (own - model->mean);
    *deviation = sqrt(model->within + model->between * (1 - weight));
}

/* The logarithm below which a share `probability` of the gaps longer than `from` deviations lies. */
static double quantile(double mean, double deviation, double from, double probability)
{
    double tail = fmax(TAIL_LEAST, normal_probability(-from));

    return mean - deviation * normal_quantile((1 - probability) * tail);
}

void next_foretell(const struct next_model *model, const struct next_member *member, double elapsed,
                   struct next_date *out)
{
    double mean, deviation;

    predict(model, member->gaps, member->log_sum, &mean, &deviation);
    double from = elapsed > 0 ? (log(elapsed) - mean) / deviation : -INFINITY;

    *out = (struct next_date){.middle = fmax(elapsed, exp(quantile(mean, deviation, from, 0.5))),
                              .low = fmax(elapsed, exp(quantile(mean, deviation, from, 0.05))),
                              .high = fmax(elapsed, exp(quantile(mean, deviation, from, 0.95))),
                              .late = normal_probability(from)};
}

double next_chance(const struct next_model *model, const struct next_member *member, double elapsed, double days)
{
    double mean, deviation;

    predict(model, member->gaps, member->log_sum, &mean, &deviation);
    double from = elapsed > 0 ? (log(elapsed) - mean) / deviation : -INFINITY;
    double left = normal_probability(-from), after = normal_probability(-(log(elapsed + days) - mean) / deviation);

    return left > TAIL_LEAST ? 1 - after / left : 0;
}

void next_try(const struct next_model *model, const struct next_member *members, size_t count, struct next_trial *out)
{
    struct next_trial trial = {0};

    for (size_t i = 0; i < count; i++) {
        struct next_member before = members[i];
        struct next_date date;

        if (before.gaps < 2)
            continue;
        before.gaps--;
        before.log_sum -= log(before.last_gap);
        next_foretell(model, &before, 0, &date);
        trial.members++;
        trial.covered += before.last_gap >= date.low && before.last_gap <= date.high;
        trial.error += fabs(before.last_gap - date.middle);
        trial.error_of_all += fabs(before.last_gap - exp(model->mean));
    }
    if (trial.members > 0) {
        trial.covered /= (double)trial.members;
        trial.error /= (double)trial.members;
        trial.error_of_all /= (double)trial.members;
    }
    *out = trial;
}

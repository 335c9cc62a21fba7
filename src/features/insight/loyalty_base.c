#include "features/insight/loyalty_base.h"

#include <math.h>
#include <stdlib.h>

#include "features/insight/cohort.h"
#include "features/insight/rfm.h"

enum { LOYALTY_POINTS = 101 };

static const double NORMAL_95 = 1.6448536269514722, ROUNDING = 1e-9;

static int compare_purchases(const void *a, const void *b)
{
    const struct clv_purchase *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

static int compare_answers(const void *a, const void *b)
{
    const struct loyalty_answer *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

static double usual_interval(struct arena *arena, const struct clv_purchases *purchases)
{
    struct buying buying;

    buying_measure(arena, purchases, &buying);
    return isnan(buying.gap_median) ? LOYALTY_USUAL_DAYS : buying.gap_median;
}

void loyalty_base_build(struct arena *arena, const struct clv_purchases *purchases,
                        const struct loyalty_answer *answers, size_t answer_count,
                        const struct loyalty_weights *weights, struct loyalty_base *out)
{
    struct clv_purchase *sorted = arena_copy(arena, purchases->list, purchases->count * sizeof *sorted);
    struct loyalty_answer *said = arena_array(arena, answer_count + 1, sizeof *said);

    for (size_t i = 0; i < answer_count; i++)
        said[i] = answers[i];
    qsort(sorted, purchases->count, sizeof *sorted, compare_purchases);
    qsort(said, answer_count, sizeof *said, compare_answers);
    *out = (struct loyalty_base){.purchases = sorted,
                                 .purchase_count = purchases->count,
                                 .answers = said,
                                 .answer_count = answer_count,
                                 .customer_count = purchases->customer_count,
                                 .usual = usual_interval(arena, purchases),
                                 .weights = *weights};
}

/* ---- members ---- */

/* The answers of one customer, from `*at` on; moves past them. */
static void add_answers(const struct loyalty_base *base, uint32_t customer, int32_t now, size_t *at,
                        struct loyalty_member *member)
{
    for (; *at < base->answer_count && base->answers[*at].customer == customer; ++*at) {
        const struct loyalty_answer *answer = &base->answers[*at];

        for (int i = 0; answer->day <= now && i < LOYALTY_PARTS; i++)
            if (!isnan(answer->parts[i])) {
                member->parts[i] = answer->parts[i];
                member->here = true;
            }
    }
}

void loyalty_measure(const struct loyalty_base *base, int32_t now, struct loyalty_member *out)
{
    size_t purchase = 0, answer = 0;

    for (uint32_t i = 0; i < base->customer_count; i++) {
        struct loyalty_member *member = &out[i];
        struct loyalty_habits habits = {0};

        *member = (struct loyalty_member){0};
        for (int j = 0; j < LOYALTY_PARTS; j++)
            member->parts[j] = NAN;
        for (; purchase < base->purchase_count && base->purchases[purchase].customer == i; purchase++)
            if (base->purchases[purchase].day <= now)
                loyalty_habits_add(&habits, base->purchases[purchase].day, base->usual);
        if (habits.days > 0) {
            loyalty_behaviour(&habits, now, base->usual, member->parts);
            member->here = true;
        }
        add_answers(base, i, now, &answer, member);
        loyalty_score(&base->weights, member->parts, &member->score);
    }
}

/* ---- means ---- */

struct moments {
    double count, sum, squares;
};

static void moments_add(struct moments *moments, double value)
{
    if (isnan(value))
        return;
    moments->count++;
    moments->sum += value;
    moments->squares += value * value;
}

static struct loyalty_mean mean_of(const struct moments *moments)
{
    double n = moments->count, mean = moments->sum / n;
    double reach = NORMAL_95 * sqrt(fmax(0, moments->squares / n - mean * mean) / fmax(1, n - 1));

    if (n == 0)
        return (struct loyalty_mean){0, NAN, NAN, NAN};
    return (struct loyalty_mean){n, mean, n > 1 ? mean - reach : NAN, n > 1 ? mean + reach : NAN};
}

void loyalty_summarise(const struct loyalty_member *members, size_t count, const uint32_t *groups, uint32_t group,
                       struct loyalty_summary *out)
{
    struct moments index = {0}, known = {0}, sides[LOYALTY_SIDES] = {0}, parts[LOYALTY_PARTS] = {0};

    for (size_t i = 0; i < count; i++) {
        const struct loyalty_member *member = &members[i];

        if (!member->here || (groups != NULL && groups[i] != group))
            continue;
        moments_add(&index, member->score.index);
        moments_add(&known, member->score.known);
        for (int j = 0; j < LOYALTY_SIDES; j++)
            moments_add(&sides[j], member->score.sides[j]);
        for (int j = 0; j < LOYALTY_PARTS; j++)
            moments_add(&parts[j], 100 * member->parts[j]);
    }
    *out = (struct loyalty_summary){.index = mean_of(&index), .known = known.count > 0 ? known.sum / known.count : 0};
    for (int j = 0; j < LOYALTY_SIDES; j++)
        out->sides[j] = mean_of(&sides[j]);
    for (int j = 0; j < LOYALTY_PARTS; j++)
        out->parts[j] = mean_of(&parts[j]);
}

/* ---- the check ---- */

/* Members who had bought by the end, one in two. */
struct trial {
    struct rfm_value *values;
    double *indexes, *sums;
    bool *bought;
    size_t count;
};

static void sum_up(struct arena *arena, const struct loyalty_base *base, const struct clv_period *period,
                   struct trial *trial)
{
    struct loyalty_member *members = arena_array(arena, base->customer_count, sizeof *members);
    size_t at = 0;

    loyalty_measure(base, period->end, members);
    for (uint32_t i = 0; i < base->customer_count; i++) {
        struct rfm_value value = {.recency = INT32_MIN};
        bool bought = false;

        for (; at < base->purchase_count && base->purchases[at].customer == i; at++) {
            const struct clv_purchase *purchase = &base->purchases[at];

            bought = bought || (purchase->day > period->end && purchase->day <= period->until);
            if (purchase->day > period->end)
                continue;
            value.recency = purchase->day;
            value.frequency++;
            value.monetary += llround(purchase->amount * 100);
        }
        if (i % 2 == 0 || !members[i].here || isnan(members[i].score.index))
            continue;
        trial->values[trial->count] = value;
        trial->indexes[trial->count] = members[i].score.index;
        trial->bought[trial->count++] = bought;
    }
}

static void compare(struct arena *arena, const struct trial *trial, int bins, struct ranking_difference *out)
{
    struct rfm_scores *scores = arena_array(arena, trial->count, sizeof *scores);

    rfm_score_all(arena, trial->values, trial->count, bins, scores);
    for (size_t i = 0; i < trial->count; i++)
        trial->sums[i] = scores[i].recency + scores[i].frequency + scores[i].monetary;
    ranking_compare(arena, trial->indexes, trial->sums, trial->bought, trial->count, out);
}

/*
 * Tenths of the members by rank. Members of one index stand for each other: where they straddle a border, each side gets
 * its share of them and of their purchases.
 */
static void find_deciles(const struct trial *trial, struct loyalty_check *check)
{
    double sizes[LOYALTY_POINTS] = {0}, buyers[LOYALTY_POINTS] = {0}, below = 0;
    double tenth = (double)trial->count / LOYALTY_DECILES;

    for (size_t i = 0; i < trial->count; i++) {
        int point = (int)trial->indexes[i];

        sizes[point]++;
        buyers[point] += trial->bought[i];
    }
    for (int point = 0; point < LOYALTY_POINTS; below += sizes[point++])
        for (int i = 0; i < LOYALTY_DECILES && sizes[point] > 0; i++) {
            double from = fmax(below, tenth * i), to = fmin(below + sizes[point], tenth * (i + 1));

            check->rates[i] += fmax(0, to - from) / tenth * buyers[point] / sizes[point];
        }
    check->rises = check->rates[0] < check->rates[LOYALTY_DECILES - 1];
    for (int i = 1; i < LOYALTY_DECILES; i++)
        check->rises = check->rises && check->rates[i] >= check->rates[i - 1] * (1 - ROUNDING);
}

/* The usual interval of the customers with even numbers, up to the end. */
static double learn(struct arena *arena, const struct clv_purchases *purchases, int32_t end)
{
    struct clv_purchase *learned = arena_array(arena, purchases->count + 1, sizeof *learned);
    struct clv_purchases base = {.list = learned, .customer_count = purchases->customer_count};

    for (size_t i = 0; i < purchases->count; i++)
        if (purchases->list[i].day <= end && purchases->list[i].customer % 2 == 0)
            learned[base.count++] = purchases->list[i];
    return usual_interval(arena, &base);
}

enum status loyalty_check(struct arena *arena, const struct clv_purchases *purchases,
                          const struct loyalty_weights *weights, const struct clv_period *period,
                          struct loyalty_check *out, struct error *err)
{
    struct loyalty_check check = {.end = period->end};
    struct loyalty_base base;
    struct trial trial = {0};
    size_t count = purchases->customer_count;

    loyalty_base_build(arena, purchases, NULL, 0, weights, &base);
    base.usual = learn(arena, purchases, period->end);
    trial.values = arena_array(arena, count, sizeof *trial.values);
    trial.indexes = arena_array(arena, count, sizeof *trial.indexes);
    trial.sums = arena_array(arena, count, sizeof *trial.sums);
    trial.bought = arena_array(arena, count, sizeof *trial.bought);
    sum_up(arena, &base, period, &trial);
    for (size_t i = 0; i < trial.count; i++)
        check.buyers += trial.bought[i];
    check.members = (double)trial.count;
    if (trial.count < LOYALTY_CHECK_MIN || check.buyers == 0 || check.buyers == check.members)
        return error_set(err, STATUS_INVALID, "loyalty.check", "check",
                         "%.0f of the %zu members who are checked bought in the last %d days: too few to tell",
                         check.buyers, trial.count, period->until - period->end);
    compare(arena, &trial, 5, &check.five);
    compare(arena, &trial, 10, &check.ten);
    find_deciles(&trial, &check);
    *out = check;
    return STATUS_OK;
}

#include "features/finance/breakage.h"

#include <math.h>

/* Below so much of its usual redemption a month of issue says too little of itself. */
static const double DEVELOPED_MIN = 0.1;
/* A last factor above this one: redemption goes on past the oldest age that was seen. */
static const double STILL_GROWING = 1.01;
/* Of the normal distribution, for 90 % in the middle. */
static const double NORMAL_95 = 1.6448536269514722;

struct estimate {
    struct arena *arena;
    struct finance_breakage *out;
    double *cumulative; /* the triangle of the months of issue that lie in it */
    int64_t *ages;      /* count * count */
    struct chain_ladder ladder;
};

/* ---- the figures ---- */

static void span(const struct finance_sum *sums, size_t count, struct finance_breakage *out)
{
    int32_t first = out->as_of + 1;

    for (size_t i = 0; i < count; i++)
        if (sums[i].month <= out->as_of && sums[i].other_month < first)
            first = sums[i].other_month;
    if (first > out->as_of)
        return;
    size_t months = (size_t)(out->as_of - first) + 1;
    out->count = months < BREAKAGE_MONTHS_MAX ? months : BREAKAGE_MONTHS_MAX;
}

/* What was issued before the oldest month that the triangle holds is with that one, at its greatest age. */
static void add_sum(struct estimate *estimate, const struct finance_sum *sum)
{
    struct finance_breakage *out = estimate->out;
    int32_t first = out->as_of - (int32_t)out->count + 1;
    int32_t issued_in = sum->other_month < first ? first : sum->other_month;
    int32_t age = sum->month - issued_in;

    if (sum->month > out->as_of)
        return;
    if (issued_in > out->as_of)
        issued_in = out->as_of;
    size_t index = (size_t)(issued_in - first);
    struct finance_vintage *vintage = &out->vintages[index];
    vintage->outstanding += sum->amount;
    if (sum->entry == FINANCE_REDEEMED) {
        vintage->redeemed -= sum->amount;
        estimate->ages[index * out->count + (size_t)(age > 0 ? age : 0)] -= sum->amount;
    } else if (sum->entry == FINANCE_EXPIRED) {
        vintage->expired -= sum->amount;
    } else {
        vintage->issued += sum->amount;
    }
}

static void fill(struct estimate *estimate, const struct finance_sum *sums, size_t count)
{
    struct finance_breakage *out = estimate->out;
    size_t months = out->count;

    out->vintages = arena_array(estimate->arena, months + 1, sizeof *out->vintages);
    estimate->ages = arena_array(estimate->arena, months * months + 1, sizeof *estimate->ages);
    estimate->cumulative = arena_array(estimate->arena, months * months + 1, sizeof *estimate->cumulative);
    for (size_t i = 0; i < months; i++) {
        out->vintages[i].month = out->as_of - (int32_t)(months - 1 - i);
        out->vintages[i].ages = &estimate->ages[i * months];
        out->vintages[i].age_count = months - i;
    }
    for (size_t i = 0; i < count; i++)
        add_sum(estimate, &sums[i]);
    for (size_t i = 0; i < months; i++) {
        double sum = 0;
        for (size_t age = 0; age < months - i; age++)
            estimate->cumulative[i * months + age] = sum += (double)estimate->ages[i * months + age];
        out->outstanding += out->vintages[i].outstanding;
    }
}

/* ---- the estimate ---- */

static void learn(struct estimate *estimate)
{
    struct finance_breakage *out = estimate->out;
    double redeemed = 0, exposed = 0;

    chain_ladder_fit(&(struct chain_ladder_triangle){estimate->cumulative, out->count}, &estimate->ladder);
    out->factors = arena_array(estimate->arena, out->count, sizeof *out->factors);
    for (size_t k = 0; k + 1 < out->count; k++)
        out->factors[k] = estimate->ladder.factors[k];
    for (size_t i = 0; i < out->count; i++) {
        struct finance_vintage *vintage = &out->vintages[i];
        vintage->developed = chain_ladder_developed(&estimate->ladder, vintage->age_count - 1);
        vintage->by_rate = vintage->redeemed <= 0 || vintage->developed < DEVELOPED_MIN;
        if (vintage->issued > 0) {
            redeemed += (double)vintage->redeemed;
            exposed += (double)vintage->issued * fmin(1, vintage->developed);
        }
    }
    out->rate = exposed > 0 ? fmax(0, fmin(1, redeemed / exposed)) : 0;
    size_t last = out->count - 2;
    out->growing = out->factors[last] > STILL_GROWING || (last > 0 && out->factors[last - 1] > STILL_GROWING);
}

static double within(double value, double most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

/* Each month of issue from where it stands, or from where the rate of all would have it. */
static void project(struct estimate *estimate)
{
    struct finance_breakage *out = estimate->out;
    struct chain_ladder_origin *origins = arena_array(estimate->arena, out->count, sizeof *origins);

    for (size_t i = 0; i < out->count; i++) {
        const struct finance_vintage *vintage = &out->vintages[i];
        double base = vintage->issued > 0 ? (double)vintage->issued : 0;
        origins[i] = (struct chain_ladder_origin){.age = vintage->age_count - 1,
                                                  .latest = vintage->by_rate ? base * out->rate * vintage->developed
                                                                             : (double)vintage->redeemed};
    }
    out->standard_error = chain_ladder_project(&estimate->ladder, origins, out->count);
    for (size_t i = 0; i < out->count; i++) {
        struct finance_vintage *vintage = &out->vintages[i];
        double most = vintage->outstanding > 0 ? (double)vintage->outstanding : 0;
        vintage->expected = within(origins[i].ultimate - origins[i].latest, most);
        out->expected += vintage->expected;
    }
}

/* Logarithmic normal, as Mack proposes: what is still to come is never below nothing. */
static void set_range(struct finance_breakage *out)
{
    double most = out->outstanding > 0 ? (double)out->outstanding : 0;

    out->low = out->high = out->expected;
    if (out->expected <= 0)
        return;
    double relative = out->standard_error / out->expected;
    double variance = log(1 + relative * relative), middle = log(out->expected) - variance / 2;
    out->low = fmin(out->expected, exp(middle - NORMAL_95 * sqrt(variance)));
    out->high = fmax(out->expected, within(exp(middle + NORMAL_95 * sqrt(variance)), most));
}

static void say(struct estimate *estimate)
{
    struct finance_breakage *out = estimate->out;
    struct builder sentence = {.arena = estimate->arena};
    double all = out->outstanding > 0 ? (double)out->outstanding : 1;

    builder_format(&sentence,
                   "Of %lld points outstanding about %.0f (%d %% range %.0f to %.0f) will still be redeemed; "
                   "about %.1f %% will not.",
                   (long long)out->outstanding, out->expected, BREAKAGE_CONFIDENCE_PERCENT, out->low, out->high,
                   100 * (1 - out->expected / all));
    if (out->growing)
        builder_string(&sentence, " The oldest points are still being redeemed, so this is rather too low.");
    out->sentence = builder_done(&sentence);
}

static void give_up(struct estimate *estimate, size_t redeeming)
{
    struct finance_breakage *out = estimate->out;

    out->expected = out->low = out->high = out->outstanding > 0 ? (double)out->outstanding : 0;
    for (size_t i = 0; i < out->count; i++)
        out->vintages[i].expected = out->vintages[i].outstanding > 0 ? (double)out->vintages[i].outstanding : 0;
    out->sentence = text_from(arena_format(
        estimate->arena,
        "%zu months of issue have been redeemed from and %d are needed: all %lld points outstanding count.", redeeming,
        BREAKAGE_MONTHS_MIN, (long long)out->outstanding));
}

struct finance_breakage *finance_breakage_estimate(struct arena *arena, const struct finance_sum *sums, size_t count,
                                                   int32_t as_of)
{
    struct estimate estimate = {.arena = arena, .out = arena_alloc(arena, sizeof *estimate.out)};
    size_t redeeming = 0;

    estimate.out->as_of = as_of;
    span(sums, count, estimate.out);
    fill(&estimate, sums, count);
    for (size_t i = 0; i < estimate.out->count; i++)
        redeeming += estimate.out->vintages[i].redeemed > 0;
    estimate.out->enough = redeeming >= BREAKAGE_MONTHS_MIN;
    if (!estimate.out->enough) {
        give_up(&estimate, redeeming);
        return estimate.out;
    }
    learn(&estimate);
    project(&estimate);
    set_range(estimate.out);
    say(&estimate);
    return estimate.out;
}

#include "features/insight/churn_risk.h"

#include <math.h>
#include <stdlib.h>

enum { NEW_DAYS = 90, BEST_SHARE = 5 };

const char *churn_series_name(enum churn_series series)
{
    static const char *const names[CHURN_SERIES] = {"all", "best_fifth", "new"};

    return names[series];
}

/* What is known of those who count on a day, by their number in the base of that day. */
struct then {
    struct live_base base;
    double *spends;
    int32_t *firsts;
};

static bool counts(const struct live_base *base, size_t first, size_t end, int32_t day)
{
    int32_t last = INT32_MIN;

    for (size_t i = first; i < end && base->days[i].day <= day; i++)
        last = base->days[i].day;
    return last > day - CHURN_ACTIVE_DAYS;
}

static void base_then(struct arena *arena, const struct live_base *base, int32_t day, struct then *out)
{
    *out =
        (struct then){.base = {.days = arena_array(arena, base->day_count + 1, sizeof *out->base.days), .today = day},
                      .spends = arena_array(arena, base->person_count + 1, sizeof *out->spends),
                      .firsts = arena_array(arena, base->person_count + 1, sizeof *out->firsts)};
    for (size_t first = 0, end; first < base->day_count; first = end) {
        for (end = first; end < base->day_count && base->days[end].customer == base->days[first].customer; end++)
            ;
        if (base->days[first].day > day || !counts(base, first, end, day))
            continue;
        size_t person = out->base.person_count++;

        out->firsts[person] = base->days[first].day;
        for (size_t i = first; i < end && base->days[i].day <= day; i++) {
            out->base.days[out->base.day_count] = base->days[i];
            out->base.days[out->base.day_count++].customer = (uint32_t)person;
            out->spends[person] += base->days[i].amount;
        }
    }
}

static int compare_falling(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left < right) - (left > right);
}

static void add(struct churn_mean *mean, double risk)
{
    mean->risk += risk;
    mean->members++;
}

enum status churn_risk_measure(struct arena *arena, const struct live_base *base, const struct live_model *model,
                               int32_t day, struct churn_mean out[CHURN_SERIES], struct error *err)
{
    struct churn_mean means[CHURN_SERIES] = {0};
    enum status status = STATUS_OK;
    struct then then;

    base_then(arena, base, day, &then);
    size_t count = then.base.person_count;
    if (count > 0) {
        struct live_score *scores = arena_array(arena, count, sizeof *scores);
        double *sorted = arena_copy(arena, then.spends, count * sizeof *sorted);

        status = live_score(arena, &then.base, model, 1, scores, err);
        if (status != STATUS_OK)
            return status;
        qsort(sorted, count, sizeof *sorted, compare_falling);
        double least = sorted[(count - 1) / BEST_SHARE];

        for (size_t i = 0; i < count; i++) {
            add(&means[CHURN_ALL], 1 - scores[i].alive);
            if (then.spends[i] >= least)
                add(&means[CHURN_BEST], 1 - scores[i].alive);
            if (then.firsts[i] > day - NEW_DAYS)
                add(&means[CHURN_NEW], 1 - scores[i].alive);
        }
    }
    for (int i = 0; i < CHURN_SERIES; i++)
        out[i] = (struct churn_mean){means[i].members, means[i].members > 0 ? means[i].risk / means[i].members : NAN};
    return status;
}

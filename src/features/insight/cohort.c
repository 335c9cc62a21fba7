#include "features/insight/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/instant.h"

static const char *const period_names[COHORT_PERIODS] = {"week", "month", "quarter"};

bool cohort_period_from(const char *name, enum cohort_period *out)
{
    for (int i = 0; i < COHORT_PERIODS; i++)
        if (strcmp(name, period_names[i]) == 0) {
            *out = (enum cohort_period)i;
            return true;
        }
    return false;
}

/* Periods since the year 0, so that neighbours differ by 1. */
static int period_number(enum cohort_period period, int32_t day)
{
    struct date date = date_from_day(day);

    switch (period) {
    case COHORT_WEEK:
        return (day - day_of_week(day) + 7 * 100000) / 7;
    case COHORT_MONTH:
        return date.year * 12 + date.month - 1;
    case COHORT_QUARTER:
        return date.year * 4 + (date.month - 1) / 3;
    case COHORT_PERIODS:
        break;
    }
    return 0;
}

int32_t cohort_start(enum cohort_period period, int32_t day)
{
    struct date date = date_from_day(day);

    if (period == COHORT_WEEK)
        return day - day_of_week(day);
    int month = period == COHORT_MONTH ? date.month : (date.month - 1) / 3 * 3 + 1;

    return day_from_date((struct date){date.year, month, 1});
}

int32_t cohort_next(enum cohort_period period, int32_t start)
{
    return period == COHORT_WEEK ? start + 7 : day_add_months(start, period == COHORT_MONTH ? 1 : 3);
}

enum status cohort_build(struct arena *arena, const struct clv_purchases *base, enum cohort_period period,
                         struct cohort_matrix *out, struct error *err)
{
    const struct clv_purchase *purchases = base->list;
    size_t count = base->count, customer_count = base->customer_count;
    struct cohort_matrix matrix = {0};
    int *first = arena_array(arena, customer_count, sizeof *first), low = 0, high = 0;
    int32_t first_day = 0;

    if (count == 0)
        return error_set(err, STATUS_INVALID, "cohort.empty", "", "there are no purchases");
    for (size_t i = 0; i < count; i++) {
        int number = period_number(period, purchases[i].day), *of = &first[purchases[i].customer];

        *of = *of == 0 || number < *of ? number : *of;
        first_day = i == 0 || purchases[i].day < first_day ? purchases[i].day : first_day;
        low = i == 0 || number < low ? number : low;
        high = i == 0 || number > high ? number : high;
    }
    matrix.count = (size_t)(high - low) + 1;
    if (matrix.count > COHORTS_MAX)
        return error_set(err, STATUS_LIMIT, "cohort.periods", "period",
                         "%zu periods are more than %d: take a longer one", matrix.count, COHORTS_MAX);
    matrix.starts = arena_array(arena, matrix.count, sizeof *matrix.starts);
    matrix.customers = arena_array(arena, matrix.count * matrix.count, sizeof *matrix.customers);
    matrix.amounts = arena_array(arena, matrix.count * matrix.count, sizeof *matrix.amounts);
    matrix.starts[0] = cohort_start(period, first_day);
    for (size_t i = 1; i < matrix.count; i++)
        matrix.starts[i] = cohort_next(period, matrix.starts[i - 1]);
    /* A customer counts once in a period: one bit for each. */
    size_t words = (matrix.count + 63) / 64;
    uint64_t *seen = arena_array(arena, customer_count * words, sizeof *seen);

    for (size_t i = 0; i < count; i++) {
        uint32_t customer = purchases[i].customer;
        size_t cohort = (size_t)(first[customer] - low);
        size_t age = (size_t)(period_number(period, purchases[i].day) - first[customer]);
        uint64_t *word = &seen[customer * words + age / 64], bit = UINT64_C(1) << (age % 64);

        matrix.customers[cohort * matrix.count + age] += (*word & bit) == 0;
        matrix.amounts[cohort * matrix.count + age] += purchases[i].amount;
        *word |= bit;
    }
    *out = matrix;
    return STATUS_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static int compare_purchases(const void *a, const void *b)
{
    const struct clv_purchase *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

void buying_measure(struct arena *arena, const struct clv_purchases *base, struct buying *out)
{
    size_t count = base->count, customer_count = base->customer_count;
    struct clv_purchase *sorted = arena_copy(arena, base->list, count * sizeof *sorted);
    double *gaps = arena_array(arena, count + 1, sizeof *gaps), sum = 0;
    struct buying buying = {.customers = (double)customer_count, .gap_mean = NAN, .gap_median = NAN};
    size_t gap_count = 0;
    bool repeats = false;

    qsort(sorted, count, sizeof *sorted, compare_purchases);
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && sorted[i].customer == sorted[i - 1].customer;

        buying.amount += sorted[i].amount;
        repeats = repeats && same;
        if (same && sorted[i].day == sorted[i - 1].day)
            continue;
        buying.purchases++;
        if (same) {
            gaps[gap_count] = sorted[i].day - sorted[i - 1].day;
            sum += gaps[gap_count++];
            buying.repeat_customers += !repeats;
            repeats = true;
        }
    }
    buying.repeat_rate = customer_count > 0 ? buying.repeat_customers / buying.customers : 0;
    if (gap_count > 0) {
        qsort(gaps, gap_count, sizeof *gaps, compare_numbers);
        buying.gap_mean = sum / (double)gap_count;
        buying.gap_median = (gaps[(gap_count - 1) / 2] + gaps[gap_count / 2]) / 2;
    }
    *out = buying;
}

double share_of_best(struct arena *arena, const double *values, size_t count, double share)
{
    double *sorted = arena_copy(arena, values, count * sizeof *sorted), best = 0, sum = 0;
    double left = share * (double)count;

    qsort(sorted, count, sizeof *sorted, compare_numbers);
    for (size_t i = count; i-- > 0; left--) {
        sum += sorted[i];
        best += sorted[i] * fmax(0, fmin(1, left));
    }
    return sum > 0 ? best / sum : 0;
}

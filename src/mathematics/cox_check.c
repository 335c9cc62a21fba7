#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/cox_internal.h"
#include "mathematics/distribution.h"
#include "mathematics/linear.h"

/* ---- proportional hazards ---- */

/* Sums over moments with g(t), the course of time: of residuals x g, and of variances x 1, g, g squared. */
struct checking {
    size_t columns;
    const double *courses; /* g of each moment, by falling time */
    size_t moment;
    double *score, *plain, *mixed, *squared;
};

static void add_moment(void *context, const struct cox_moment *moment)
{
    struct checking *checking = context;
    double course = checking->courses[checking->moment++];

    for (size_t a = 0; a < checking->columns; a++) {
        checking->score[a] += course * moment->residual[a];
        for (size_t b = 0; b <= a; b++) {
            size_t place = a * checking->columns + b, other = b * checking->columns + a;

            checking->plain[place] += moment->variance[place];
            checking->mixed[place] += course * moment->variance[place];
            checking->squared[place] += course * course * moment->variance[place];
            checking->plain[other] = checking->plain[place];
            checking->mixed[other] = checking->mixed[place];
            checking->squared[other] = checking->squared[place];
        }
    }
}

/* 1 - S(t-) at each moment with events, by falling time. */
static double *find_courses(struct arena *arena, const struct cox_sorted *sorted)
{
    double *courses = arena_array(arena, sorted->count, sizeof *courses);
    double *rising = arena_array(arena, sorted->count, sizeof *rising), survival = 1;
    size_t moments = 0;

    for (size_t end = sorted->count, i; end > 0; end = i) { /* from the earliest */
        double deaths = 0;

        for (i = end; i > 0 && sorted->times[i - 1] == sorted->times[end - 1]; i--)
            deaths += sorted->events[i - 1];
        if (deaths == 0)
            continue;
        rising[moments++] = 1 - survival;
        survival *= 1 - deaths / (double)end;
    }
    for (size_t i = 0; i < moments; i++)
        courses[i] = rising[moments - 1 - i];
    return courses;
}

/* The score test of the columns in `tested`: their information less what the coefficients take of it. */
static double test_columns(struct arena *arena, const struct checking *checking, const size_t *tested, size_t count)
{
    size_t columns = checking->columns;
    double *factor = arena_copy(arena, checking->plain, columns * columns * sizeof(double));
    double *taken = arena_array(arena, count * columns, sizeof *taken);
    double *matrix = arena_array(arena, count * count, sizeof *matrix),
           *solved = arena_array(arena, count, sizeof *solved);
    double statistic = 0;

    if (!cholesky_factor(factor, columns))
        return NAN;
    for (size_t t = 0; t < count; t++) {
        memcpy(taken + t * columns, checking->mixed + tested[t] * columns, columns * sizeof(double));
        cholesky_solve(factor, columns, taken + t * columns);
    }
    for (size_t s = 0; s < count; s++)
        for (size_t t = 0; t < count; t++) {
            double sum = checking->squared[tested[s] * columns + tested[t]];

            for (size_t a = 0; a < columns; a++)
                sum -= checking->mixed[tested[s] * columns + a] * taken[t * columns + a];
            matrix[s * count + t] = sum;
        }
    for (size_t t = 0; t < count; t++)
        solved[t] = checking->score[tested[t]];
    if (!cholesky_factor(matrix, count))
        return NAN;
    cholesky_solve(matrix, count, solved);
    for (size_t t = 0; t < count; t++)
        statistic += solved[t] * checking->score[tested[t]];
    return statistic;
}

/* The columns that the fit uses, as they are but for the middle: the test does not depend on their scale. */
static void take_used(struct arena *arena, const struct cox_data *data, const struct cox_fit *fit,
                      struct cox_columns *columns, double *point)
{
    columns->kept = arena_array(arena, data->column_count, sizeof *columns->kept);
    columns->means = arena_array(arena, data->column_count, sizeof(double));
    columns->scales = arena_array(arena, data->column_count, sizeof(double));
    for (size_t j = 0; j < data->column_count; j++) {
        double squares = 0;

        for (size_t i = 0; i < data->count; i++)
            columns->means[j] += data->rows[i * data->column_count + j] / (double)data->count;
        for (size_t i = 0; i < data->count; i++)
            squares += pow(data->rows[i * data->column_count + j] - columns->means[j], 2) / (double)data->count;
        columns->scales[j] = squares > 0 ? sqrt(squares) : 1;
        if (fit->used[j]) {
            point[columns->count] = fit->coefficients[j] * columns->scales[j];
            columns->kept[columns->count++] = j;
        }
    }
}

void cox_check_proportional(struct arena *arena, const struct cox_data *data, const struct cox_fit *fit,
                            struct cox_check *out)
{
    double *point = arena_array(arena, data->column_count, sizeof *point);
    struct cox_columns columns = {0};
    struct cox_sorted sorted;
    struct cox_check check = {.statistics = arena_array(arena, data->column_count, sizeof(double)),
                              .p_values = arena_array(arena, data->column_count, sizeof(double))};

    take_used(arena, data, fit, &columns, point);
    cox_sort(arena, data, &columns, &sorted);
    size_t count = columns.count;
    struct checking checking = {.columns = count,
                                .courses = find_courses(arena, &sorted),
                                .score = arena_array(arena, count, sizeof(double)),
                                .plain = arena_array(arena, count * count, sizeof(double)),
                                .mixed = arena_array(arena, count * count, sizeof(double)),
                                .squared = arena_array(arena, count * count, sizeof(double))};
    size_t *all = arena_array(arena, count, sizeof *all);

    cox_walk(arena, &sorted, point, add_moment, &checking);
    for (size_t j = 0; j < data->column_count; j++)
        check.statistics[j] = check.p_values[j] = NAN;
    for (size_t a = 0; a < count; a++) {
        double statistic = test_columns(arena, &checking, &a, 1);

        all[a] = a;
        check.statistics[columns.kept[a]] = statistic;
        check.p_values[columns.kept[a]] = isnan(statistic) ? NAN : chi_square_above(statistic, 1);
    }
    check.statistic = test_columns(arena, &checking, all, count);
    check.freedom = (double)count;
    check.p_value = isnan(check.statistic) ? NAN : chi_square_above(check.statistic, check.freedom);
    *out = check;
}

/* ---- concordance ---- */

/* Counts of ranks so far, and how many lie below one: a tree of sums (Fenwick 1994). */
struct counter {
    double *sums, all;
    size_t size;
};

static void counter_add(struct counter *counter, size_t rank)
{
    counter->all++;
    for (size_t i = rank + 1; i <= counter->size; i += i & (~i + 1))
        counter->sums[i]++;
}

static double counter_below(const struct counter *counter, size_t rank)
{
    double sum = 0;

    for (size_t i = rank; i > 0; i -= i & (~i + 1))
        sum += counter->sums[i];
    return sum;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static size_t rank_of(const double *distinct, size_t count, double score)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (distinct[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What each subject adds to the pairs won (ties half) and to all pairs. */
struct pairs {
    const struct cox_sorted *sorted;
    const size_t *ranks;
    double *won, *all;
};

/* Pairs of each event with those that came later, or were last seen at the same time. */
static void count_later(const struct pairs *pairs, struct counter *later)
{
    const struct cox_sorted *sorted = pairs->sorted;

    for (size_t i = 0, end; i < sorted->count; i = end) {
        for (end = i; end < sorted->count && sorted->times[end] == sorted->times[i]; end++)
            if (!sorted->events[end])
                counter_add(later, pairs->ranks[end]);
        for (size_t k = i; k < end; k++)
            if (sorted->events[k]) {
                double below = counter_below(later, pairs->ranks[k]);
                double tied = counter_below(later, pairs->ranks[k] + 1) - below;

                pairs->won[k] += below + tied / 2;
                pairs->all[k] += later->all;
            }
        for (size_t k = i; k < end; k++)
            if (sorted->events[k])
                counter_add(later, pairs->ranks[k]);
    }
}

/* The same pairs from the other side: each subject with the events before it. */
static void count_sooner(const struct pairs *pairs, struct counter *sooner)
{
    const struct cox_sorted *sorted = pairs->sorted;

    for (size_t end = sorted->count, i; end > 0; end = i) {
        for (i = end; i > 0 && sorted->times[i - 1] == sorted->times[end - 1]; i--)
            continue;
        for (int censored = 0; censored < 2; censored++) {
            for (size_t k = i; k < end; k++)
                if (sorted->events[k] != censored) {
                    double below = counter_below(sooner, pairs->ranks[k]);
                    double tied = counter_below(sooner, pairs->ranks[k] + 1) - below;

                    pairs->won[k] += sooner->all - below - tied / 2;
                    pairs->all[k] += sooner->all;
                }
            for (size_t k = i; censored == 0 && k < end; k++)
                if (sorted->events[k])
                    counter_add(sooner, pairs->ranks[k]);
        }
    }
}

struct cox_concordance cox_concordance(struct arena *arena, const struct cox_data *data, const double *scores)
{
    struct cox_columns none = {0};
    struct cox_sorted sorted;
    size_t count = data->count, distinct_count = 0;
    double *distinct = arena_copy(arena, scores, count * sizeof *scores), won = 0, all = 0, squares = 0;
    size_t *ranks = arena_array(arena, count, sizeof *ranks);

    cox_sort(arena, data, &none, &sorted);
    qsort(distinct, count, sizeof *distinct, compare_numbers);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || distinct[i] != distinct[distinct_count - 1])
            distinct[distinct_count++] = distinct[i];
    for (size_t i = 0; i < count; i++)
        ranks[i] = rank_of(distinct, distinct_count, scores[sorted.numbers[i]]);
    const struct pairs pairs = {&sorted, ranks, arena_array(arena, count, sizeof(double)),
                                arena_array(arena, count, sizeof(double))};
    struct counter later = {.sums = arena_array(arena, distinct_count + 1, sizeof(double)), .size = distinct_count};
    struct counter sooner = {.sums = arena_array(arena, distinct_count + 1, sizeof(double)), .size = distinct_count};

    count_later(&pairs, &later);
    count_sooner(&pairs, &sooner);
    for (size_t i = 0; i < count; i++) {
        won += pairs.won[i] / 2;
        all += pairs.all[i] / 2;
    }
    if (all == 0)
        return (struct cox_concordance){NAN, NAN};
    for (size_t i = 0; i < count; i++)
        squares += pow((pairs.won[i] - won / all * pairs.all[i]) / all, 2);
    return (struct cox_concordance){won / all, sqrt(squares)};
}

#include "cli/analyze_clv_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/insight/cohort.h"

enum { WEEK_DAYS = 7, CLASSES_MOST = 9 };

bool clv_plot_options(const struct cli *cli)
{
    const char *kind = cli_value(cli, "plot-kind");

    if (kind == NULL || strcmp(kind, "tracking") == 0 || strcmp(kind, "cumulative") == 0 ||
        strcmp(kind, "distribution") == 0)
        return true;
    return cli_usage(cli, "--plot-kind is tracking, cumulative or distribution"), false;
}

/* ---- tracking ---- */

struct tracking {
    size_t weeks;
    double *starts;            /* first days */
    double *actual, *expected; /* repeat purchases of each week, or up to its end */
    double customers;
    struct clv_fit fit;
};

static int compare_purchases(const void *a, const void *b)
{
    const struct clv_purchase *first = a, *second = b;

    if (first->customer != second->customer)
        return first->customer < second->customer ? -1 : 1;
    return (first->day > second->day) - (first->day < second->day);
}

/* Counts the repeat purchases of each week, and on each day the customers who begin, by the end of the learning. */
static void count_actual(const struct clv_picture *picture, struct tracking *tracking, double *begin)
{
    const struct purchase_file *file = picture->file;
    struct arena *arena = picture->cli->arena;
    struct clv_purchase *sorted = arena_array(arena, file->count, sizeof *sorted);
    bool followed = false;

    memcpy(sorted, file->purchases, file->count * sizeof *sorted);
    qsort(sorted, file->count, sizeof *sorted, compare_purchases);
    for (size_t i = 0; i < file->count; i++) {
        bool first = i == 0 || sorted[i].customer != sorted[i - 1].customer;
        size_t day = (size_t)(sorted[i].day - file->first_day);

        if (first) {
            followed = sorted[i].day <= picture->held_out_from;
            begin[day] += followed;
            tracking->customers += followed;
        } else if (followed && sorted[i].day != sorted[i - 1].day && day / WEEK_DAYS < tracking->weeks) {
            tracking->actual[day / WEEK_DAYS]++;
        }
    }
}

/* What the model expects by the end of each week of those who have begun. */
static void sum_expected(const struct clv_picture *picture, struct tracking *tracking, const double *begin)
{
    size_t days = tracking->weeks * WEEK_DAYS;
    double *expectations = arena_array(picture->cli->arena, days + 1, sizeof *expectations), before = 0;

    for (size_t day = 1; day <= days; day++)
        expectations[day] = clv_expectation(&tracking->fit, (double)day / WEEK_DAYS);
    for (size_t week = 0; week < tracking->weeks; week++) {
        size_t end = (week + 1) * WEEK_DAYS - 1;
        double sum = 0;

        for (size_t day = 0; day <= end; day++)
            sum += begin[day] > 0 ? begin[day] * expectations[end - day] : 0;
        tracking->expected[week] = sum - before;
        before = sum;
    }
}

static enum status track(const struct clv_picture *picture, struct tracking *tracking, struct error *err)
{
    const struct purchase_file *file = picture->file;
    struct arena *arena = picture->cli->arena;
    struct clv_period period = {.end = picture->held_out_from, .until = file->last_day};
    size_t days = (size_t)(file->last_day - file->first_day) + 1;
    struct clv_history history;
    struct clv_rows rows;

    tracking->weeks = days / WEEK_DAYS;
    if (tracking->weeks < 2)
        return error_set(err, STATUS_INVALID, "clv.holdout", "plot", "the purchases span %zu days only", days);
    tracking->fit = *picture->fit;
    if (picture->held_out_from < file->last_day) {
        clv_log_sum(arena, file->purchases, file->count, file->customer_count, &period, &history);
        enum status status = clv_history_rows(arena, &history, &rows, err);

        if (status == STATUS_OK)
            status = clv_fit(arena, &rows, picture->fit->model, 0, &tracking->fit, err);
        if (status != STATUS_OK)
            return status;
    }
    double *begin = arena_array(arena, days, sizeof *begin);

    tracking->starts = arena_array(arena, tracking->weeks, sizeof *tracking->starts);
    tracking->actual = arena_array(arena, tracking->weeks, sizeof *tracking->actual);
    tracking->expected = arena_array(arena, tracking->weeks, sizeof *tracking->expected);
    count_actual(picture, tracking, begin);
    sum_expected(picture, tracking, begin);
    for (size_t week = 0; week < tracking->weeks; week++)
        tracking->starts[week] = file->first_day + (double)(week * WEEK_DAYS);
    return STATUS_OK;
}

static struct text draw_tracking(const struct clv_picture *picture, struct tracking *tracking, bool cumulative)
{
    struct arena *arena = picture->cli->arena;
    const char *model = clv_model_name(tracking->fit.model);
    bool holdout = picture->held_out_from < picture->file->last_day;
    struct text count = scale_number(arena, tracking->customers);
    double actual = 0, expected = 0;

    for (size_t week = 0; week < tracking->weeks; week++) {
        bool later = tracking->starts[week] > picture->held_out_from;

        actual += later ? tracking->actual[week] : 0;
        expected += later ? tracking->expected[week] : 0;
    }
    for (size_t week = 1; cumulative && week < tracking->weeks; week++) {
        tracking->actual[week] += tracking->actual[week - 1];
        tracking->expected[week] += tracking->expected[week - 1];
    }
    const struct plot_series series[] = {
        {.name = "as they were", .x = tracking->starts, .y = tracking->actual, .count = tracking->weeks},
        {.name = arena_format(arena, "expected by %s", model),
         .x = tracking->starts,
         .y = tracking->expected,
         .count = tracking->weeks},
    };
    const struct plot_mark mark = {picture->held_out_from, "the model learnt from what is on the left"};
    struct text were = scale_number(arena, round(actual)), foretold = scale_number(arena, round(expected));
    const char *test =
        !holdout ? "The model learnt from all of it."
                 : arena_format(arena, "In the whole weeks after it learnt there were %.*s; it expected %.*s.",
                                (int)were.size, were.bytes, (int)foretold.size, foretold.bytes);
    const struct plot_lines lines = {
        .heading = {cumulative ? "All repeat purchases so far, and what the model expects"
                               : "Repeat purchases of each week, and what the model expects",
                    arena_format(arena, "Of %.*s customers. %s", (int)count.size, count.bytes, test)},
        .x = {.label = "", .kind = SCALE_DAY, .exact = true},
        .y = {.label = cumulative ? "repeat purchases so far" : "repeat purchases in a week", .from_zero = true},
        .series = series,
        .series_count = 2,
        .marks = &mark,
        .mark_count = holdout,
    };

    return plot_lines_draw(arena, &lines);
}

/* ---- distribution ---- */

static int compare_values(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;

    return (first > second) - (first < second);
}

/* The k-th of ... 0.5, 1 (k = 0), 2, 5, 10, 20 ... */
static double class_end(int k)
{
    static const double steps[] = {1, 2, 5};
    int decade = (int)floor(k / 3.0);

    return steps[k - 3 * decade] * pow(10, decade);
}

static const char *end_name(struct arena *arena, double end)
{
    if (end >= 1e4 && end < 1e6)
        return arena_format(arena, "%.0fk", end / 1000);
    return end < 1 ? arena_format(arena, "%g", end) : text_string(arena, scale_number(arena, end));
}

/* Classes that end at 1, 2 and 5 times powers of ten, so that all but one of a thousand lie in them; the last is open. */
struct classes {
    int first, count; /* the i-th ends at class_end(first + i) */
    const char *names[CLASSES_MOST];
    double shares[2 * CLASSES_MOST]; /* of customers, of the sum */
};

static void fill_classes(const struct clv_picture *picture, const double *sorted, struct classes *classes)
{
    struct arena *arena = picture->cli->arena;
    double top = sorted[(size_t)(0.999 * (double)(picture->count - 1))], sum = 0;
    int last = top > 0 ? 3 * (int)floor(log10(top)) : 0;

    while (class_end(last) <= top)
        last++;
    classes->count = CLASSES_MOST;
    classes->first = last - CLASSES_MOST + 2;
    for (size_t i = 0; i < picture->count; i++)
        sum += sorted[i];
    for (size_t i = 0; i < picture->count; i++) {
        int class = 0;

        while (class < CLASSES_MOST - 1 && sorted[i] >= class_end(classes->first + class))
            class ++;
        classes->shares[2 * class] += 1 / (double)picture->count;
        classes->shares[2 * class + 1] += sum > 0 ? sorted[i] / sum : 0;
    }
    for (int i = 0; i < CLASSES_MOST; i++) {
        const char *low = end_name(arena, class_end(classes->first + i - 1));

        classes->names[i] = i == 0 ? arena_format(arena, "< %s", end_name(arena, class_end(classes->first)))
                            : i == CLASSES_MOST - 1 ? arena_format(arena, "\xE2\x89\xA5 %s", low)
                                                    : arena_format(arena, "%s\xE2\x80\x93%s", low,
                                                                   end_name(arena, class_end(classes->first + i)));
    }
    classes->count -= classes->shares[2 * (CLASSES_MOST - 1)] == 0;
}

static struct text draw_distribution(const struct clv_picture *picture)
{
    struct arena *arena = picture->cli->arena;
    double *sorted = arena_copy(arena, picture->values, picture->count * sizeof *sorted), sum = 0;
    struct classes classes = {0};

    for (size_t i = 0; i < picture->count; i++)
        sum += sorted[i];
    qsort(sorted, picture->count, sizeof *sorted, compare_values);
    fill_classes(picture, sorted, &classes);
    struct text count = scale_number(arena, (double)picture->count), total = scale_number(arena, round(sum));
    const char *what = picture->money ? "spend" : "buy", *unit = picture->money ? "" : " times";
    const char *const series[] = {"share of the customers",
                                  picture->money ? "share of what all will spend" : "share of all purchases to come"};
    const struct plot_columns columns = {
        .heading = {arena_format(arena, "What customers will %s in the next %lld weeks", what,
                                 (long long)picture->horizon),
                    arena_format(
                        arena, "%.*s customers are expected to %s %.*s%s, and the best fifth of them %.0f %% of that.",
                        (int)count.size, count.bytes, what, (int)total.size, total.bytes, unit,
                        sum > 0 ? 100 * share_of_best(arena, picture->values, picture->count, 0.2) : 0)},
        .class_label = picture->money ? "what a customer is expected to spend" : "purchases expected of a customer",
        .axis = {.label = "share of all", .kind = SCALE_SHARE, .from_zero = true},
        .classes = classes.names,
        .class_count = (size_t)classes.count,
        .series = series,
        .values = classes.shares,
        .series_count = 2,
    };

    return plot_columns_draw(arena, &columns);
}

enum status clv_plot(const struct clv_picture *picture, struct error *err)
{
    const char *kind = cli_value(picture->cli, "plot-kind");
    struct tracking tracking = {0};

    if (kind != NULL && strcmp(kind, "distribution") == 0)
        return plot_write(picture->cli, draw_distribution(picture), err);
    enum status status = track(picture, &tracking, err);

    if (status != STATUS_OK)
        return status;
    return plot_write(picture->cli, draw_tracking(picture, &tracking, kind != NULL && strcmp(kind, "cumulative") == 0),
                      err);
}

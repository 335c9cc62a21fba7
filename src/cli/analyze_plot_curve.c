#include <math.h>
#include <string.h>

#include "cli/analyze_plot.h"
#include "mathematics/special.h"

enum { DAYS_BEFORE = 84 };

/* ---- whom a treatment changes ---- */

static struct plot_series qini_series(struct arena *arena, const struct uplift_curve *curve, const char *name)
{
    double *shares = arena_array(arena, 2 * curve->count, sizeof *shares), *gains = shares + curve->count;

    for (size_t i = 0; i < curve->count; i++) {
        shares[i] = curve->points[i].share;
        gains[i] = 1000 * curve->points[i].gain;
    }
    return (struct plot_series){.name = name, .x = shares, .y = gains, .count = curve->count};
}

enum status uplift_plot(const struct cli *cli, const struct uplift_picture *picture, struct error *err)
{
    struct arena *arena = cli->arena;
    double *straight = arena_array(arena, 4, sizeof *straight);
    struct plot_series series[3];
    size_t count = 0;
    struct text members = scale_number(arena, (double)picture->members);

    straight[1] = 1;
    straight[3] = 1000 * picture->curve->effect;
    series[count++] =
        qini_series(arena, picture->curve, arena_format(arena, "ranked by the model (%s)", picture->model));
    if (picture->simple != NULL)
        series[count++] =
            qini_series(arena, picture->simple, arena_format(arena, "ranked by '%s' alone", picture->column));
    series[count++] = (struct plot_series){
        .name = "ranked by chance", .x = straight, .y = straight + 2, .count = 2, .straight = true};
    const struct plot_lines lines = {
        .heading = {"Whom the treatment changes: Qini curve",
                    arena_format(
                        arena,
                        "What is gained of '%s' when the best share is treated; %.*s members, Qini %.5f a member "
                        "treated, each scored by a model of others.",
                        picture->outcome, (int)members.size, members.bytes, picture->curve->qini)},
        .x = {.label = "share of members treated, the best first", .kind = SCALE_SHARE, .exact = true},
        .y = {.label = arena_format(arena, "gain in '%s' of 1,000 members", picture->outcome), .from_zero = true},
        .series = series,
        .series_count = count,
    };

    return plot_write(cli, plot_lines_draw(arena, &lines), err);
}

/* ---- how long it lasts ---- */

static struct plot_series survival_series(struct arena *arena, const struct survival_curve *curve, const char *name)
{
    size_t count = curve->step_count + 1;
    double *x = arena_array(arena, 4 * count, sizeof *x), *y = x + count, *low = y + count, *high = low + count;

    y[0] = low[0] = high[0] = 1;
    for (size_t i = 1; i < count; i++) {
        const struct survival_step *step = &curve->steps[i - 1];

        x[i] = step->time;
        y[i] = step->survival;
        low[i] = isfinite(step->low) ? step->low : step->survival;
        high[i] = isfinite(step->high) ? step->high : step->survival;
    }
    return (struct plot_series){.name = name, .x = x, .y = y, .low = low, .high = high, .count = count, .steps = true};
}

/* The groups with most subjects, as many as have a colour. */
static size_t choose_groups(const struct survival_call *call, uint32_t *chosen)
{
    size_t groups = call->group->level_count, count = 0;
    size_t *sizes = arena_array(call->cli->arena, groups + 1, sizeof *sizes);

    for (size_t i = 0; i < call->count; i++)
        sizes[call->groups[i]]++;
    for (; count < PLOT_SERIES_MAX && count < groups; count++) {
        size_t best = 0;

        for (size_t group = 1; group < groups; group++)
            best = sizes[group] > sizes[best] ? group : best;
        if (sizes[best] == 0)
            break;
        chosen[count] = (uint32_t)best;
        sizes[best] = 0;
    }
    return count;
}

enum status survival_plot(const struct survival_call *call, struct error *err)
{
    struct arena *arena = call->cli->arena;
    bool grouped = call->group != NULL;
    const struct survival_data data = {call->times, call->events, call->groups, call->count,
                                       grouped ? call->group->level_count : 1};
    uint32_t chosen[PLOT_SERIES_MAX] = {0};
    struct plot_series series[PLOT_SERIES_MAX];
    size_t count = grouped ? choose_groups(call, chosen) : 1, events = 0;

    for (size_t i = 0; i < count; i++) {
        struct survival_curve curve;

        survival_curve_make(arena, &data, chosen[i], normal_quantile(0.95), &curve);
        struct text size = scale_number(arena, (double)curve.subject_count);
        struct text name = grouped ? call->group->levels[chosen[i]] : TEXT("all");

        series[i] = survival_series(
            arena, &curve, arena_format(arena, "%.*s (%.*s)", (int)name.size, name.bytes, (int)size.size, size.bytes));
    }
    for (size_t i = 0; i < call->count; i++)
        events += call->events[i];
    struct text all = scale_number(arena, (double)call->count), ended = scale_number(arena, (double)events);
    const char *rest = grouped && call->group->level_count > count ? " Only the largest groups are shown." : "";
    const struct plot_lines lines = {
        .heading = {"How many are still there",
                    arena_format(arena,
                                 "Kaplan-Meier curves of %.*s, of whom %.*s ended; the bands are 90 %% intervals.%s",
                                 (int)all.size, all.bytes, (int)ended.size, ended.bytes, rest)},
        .x = {.label = text_string(arena, call->time->name), .from_zero = true, .exact = true},
        .y = {.label = "share still there", .kind = SCALE_SHARE, .from_zero = true},
        .series = series,
        .series_count = count,
    };

    return plot_write(call->cli, plot_lines_draw(arena, &lines), err);
}

/* ---- demand ---- */

enum status demand_plot(const struct cli *cli, const struct demand_picture *picture, struct error *err)
{
    struct arena *arena = cli->arena;
    size_t before = picture->day_count < DAYS_BEFORE ? picture->day_count : DAYS_BEFORE;
    double *sold = arena_array(arena, 2 * before, sizeof *sold),
           *ahead = arena_array(arena, 4 * picture->horizon, sizeof *ahead);

    for (size_t i = 0; i < before; i++) {
        sold[i] = picture->last - (double)(before - 1 - i);
        sold[before + i] = picture->days[picture->day_count - before + i];
    }
    for (size_t i = 0; i < picture->horizon; i++) {
        ahead[i] = picture->last + 1 + (double)i;
        ahead[picture->horizon + i] = picture->foretold[i].expected;
        ahead[2 * picture->horizon + i] = picture->foretold[i].low;
        ahead[3 * picture->horizon + i] = picture->foretold[i].high;
    }
    const struct plot_series series[] = {
        {.name = "sold", .x = sold, .y = sold + before, .count = before, .dots = true},
        {.name = "foretold, with 90 % interval",
         .x = ahead,
         .y = ahead + picture->horizon,
         .low = ahead + 2 * picture->horizon,
         .high = ahead + 3 * picture->horizon,
         .count = picture->horizon,
         .dots = true},
    };
    const struct demand_day *sum = picture->sum;
    struct text expected = scale_number(arena, sum->expected), low = scale_number(arena, sum->low),
                high = scale_number(arena, sum->high);
    const struct plot_lines lines = {
        .heading = {"What will be sold",
                    arena_format(
                        arena,
                        "Learnt from %zu days; in the next %zu expect %.*s, and with 9 chances of 10 between %.*s "
                        "and %.*s.",
                        picture->day_count, picture->horizon, (int)expected.size, expected.bytes, (int)low.size,
                        low.bytes, (int)high.size, high.bytes)},
        .x = {.label = "", .kind = SCALE_DAY, .exact = true},
        .y = {.label = arena_format(arena, "%s a day", picture->unit), .from_zero = true},
        .series = series,
        .series_count = 2,
    };

    return plot_write(cli, plot_lines_draw(arena, &lines), err);
}

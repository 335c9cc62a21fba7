#include <math.h>
#include <string.h>

#include "cli/analyze_plot.h"
#include "foundation/instant.h"

/* How many answers, with a sign between thousands. */
static const char *answers_of(struct arena *arena, size_t count)
{
    return text_string(arena, scale_number(arena, (double)count));
}

/* ---- drivers ---- */

bool drivers_plot_options(const struct cli *cli)
{
    const char *kind = cli_value(cli, "plot-kind");

    if (kind == NULL || strcmp(kind, "bars") == 0 || strcmp(kind, "map") == 0)
        return true;
    return cli_usage(cli, "--plot-kind is bars or map"), false;
}

/* Which colour: what is important and good, what is important and not, and the rest. */
static size_t kind_of(enum driver_place place)
{
    return place == DRIVER_KEEP_UP ? 0 : place == DRIVER_IMPROVE_FIRST ? 1 : 2;
}

static struct text draw_bars(struct arena *arena, const struct drivers_picture *picture)
{
    static const char *const kinds[] = {"important and good: keep it up", "important and below the mean: improve first",
                                        "less important"};
    const struct driver_report *report = picture->report;
    struct plot_bar *bars = arena_array(arena, picture->count, sizeof *bars);

    for (size_t i = 0; i < picture->count; i++) {
        const struct driver *driver = &report->drivers[picture->order[i]];

        bars[i] = (struct plot_bar){
            .name = picture->names[picture->order[i]],
            .value = driver->lmg,
            .low = driver->lmg_low,
            .high = driver->lmg_high,
            .words = arena_format(arena, "%.1f %%, mean %.2f", 100 * driver->lmg, driver->mean),
            .kind = kind_of(driver->place),
        };
    }
    const struct plot_bars chart = {
        .heading = {arena_format(arena, "What '%s' hangs on", picture->outcome),
                    arena_format(
                        arena,
                        "Each bar is the share of the differences that a driver explains (LMG), with its %.0f %% "
                        "interval; together %.0f %%, from %s answers.",
                        100 * picture->confidence, 100 * report->explained, answers_of(arena, report->rows))},
        .axis = {.label = "share of all differences explained", .kind = SCALE_SHARE, .from_zero = true},
        .kinds = kinds,
        .kind_count = 3,
        .bars = bars,
        .bar_count = picture->count,
    };

    return plot_bars_draw(arena, &chart);
}

static struct text draw_map(struct arena *arena, const struct drivers_picture *picture)
{
    const struct driver_report *report = picture->report;
    struct plot_point *points = arena_array(arena, picture->count, sizeof *points);

    for (size_t i = 0; i < picture->count; i++) {
        const struct driver *driver = &report->drivers[picture->order[i]];

        points[i] = (struct plot_point){.name = picture->names[picture->order[i]],
                                        .x = driver->mean,
                                        .y = driver->lmg,
                                        .kind = kind_of(driver->place)};
    }
    const struct plot_map map = {
        .heading = {"What to improve first",
                    arena_format(
                        arena,
                        "How well each driver of '%s' is answered, and how much of the differences it explains; "
                        "%s answers.",
                        picture->outcome, answers_of(arena, report->rows))},
        .x = {.label = "performance: mean answer"},
        .y = {.label = "importance: share of all differences explained", .kind = SCALE_SHARE, .from_zero = true},
        .x_cut = report->performance_cut,
        .y_cut = report->importance_cut,
        .fields = {"improve first", "keep it up", "later", "enough"},
        .points = points,
        .point_count = picture->count,
    };

    return plot_map_draw(arena, &map);
}

enum status drivers_plot(const struct cli *cli, const struct drivers_picture *picture, struct error *err)
{
    const char *kind = cli_value(cli, "plot-kind");
    bool map = kind != NULL && strcmp(kind, "map") == 0;

    return plot_write(cli, map ? draw_map(cli->arena, picture) : draw_bars(cli->arena, picture), err);
}

/* ---- trend ---- */

static double value_of(const struct trend_picture *picture, const struct answer_tally *tally)
{
    struct answer_estimate estimate;

    if (tally->count == 0)
        return NAN;
    answer_estimate(tally, &picture->data->scale, picture->data->measure, picture->confidence, &estimate);
    return estimate.value;
}

/* The level from each change to the next, as a step; `days` and `levels` have room for two more than changes. */
static void find_levels(const struct trend_picture *picture, double last, double *days, double *levels)
{
    const struct trend_report *report = picture->report;
    size_t count = report->change_count;

    days[0] = report->periods[0].start;
    levels[0] = value_of(picture, count > 0 ? &report->changes[0].before : &report->all);
    for (size_t i = 0; i < count; i++) {
        days[i + 1] = report->changes[i].day;
        levels[i + 1] = value_of(picture, &report->changes[i].after);
    }
    days[count + 1] = last;
    levels[count + 1] = levels[count];
}

enum status trend_plot(const struct cli *cli, const struct trend_picture *picture, struct error *err)
{
    const struct trend_report *report = picture->report;
    struct arena *arena = cli->arena;
    size_t count = report->period_count, changes = report->change_count;
    double *values = arena_array(arena, 4 * count, sizeof *values), *x = values + count, *low = x + count;
    double *high = low + count, *days = arena_array(arena, 2 * (changes + 2), sizeof *days);
    struct plot_mark *marks = arena_array(arena, changes + 1, sizeof *marks);
    bool share = picture->data->measure == ANSWER_TOP;

    for (size_t i = 0; i < count; i++) {
        struct answer_estimate estimate = {NAN, NAN, NAN};

        x[i] = report->periods[i].start;
        if (report->periods[i].tally.count > 0)
            answer_estimate(&report->periods[i].tally, &picture->data->scale, picture->data->measure,
                            picture->confidence, &estimate);
        values[i] = estimate.value;
        low[i] = estimate.low;
        high[i] = estimate.high;
    }
    find_levels(picture, x[count - 1], days, days + changes + 2);
    for (size_t i = 0; i < changes; i++) {
        char day[DAY_TEXT_SIZE];

        marks[i] = (struct plot_mark){report->changes[i].day,
                                      arena_format(arena, "changed on %s", day_format(report->changes[i].day, day))};
    }
    const struct plot_series series[] = {
        {.name = "each period", .x = x, .y = values, .low = low, .high = high, .count = count, .dots = true},
        {.name = "level", .x = days, .y = days + changes + 2, .count = changes + 2, .steps = true},
    };
    const struct plot_lines lines = {
        .heading = {arena_format(arena, "How '%s' moves", picture->column),
                    arena_format(arena, "%s answers; the band is the %.0f %% interval of each period. %s",
                                 answers_of(arena, (size_t)report->all.count), 100 * picture->confidence,
                                 changes == 0 ? "The level did not change by more than chance."
                                              : arena_format(arena, "The level changed %zu time%s.", changes,
                                                             changes == 1 ? "" : "s"))},
        .x = {.label = "", .kind = SCALE_DAY, .exact = true},
        .y = {.label = picture->measure, .kind = share ? SCALE_SHARE : SCALE_NUMBER},
        .series = series,
        .series_count = 2,
        .marks = marks,
        .mark_count = changes,
    };

    return plot_write(cli, plot_lines_draw(arena, &lines), err);
}

/* ---- path models ---- */

static const struct pls_statistic *find_statistic(const struct pls_call *call, enum pls_figure figure, size_t a,
                                                  size_t b)
{
    for (size_t i = 0; i < call->results.count; i++) {
        const struct pls_statistic *statistic = &call->results.statistics[i];

        if (statistic->figure == figure && statistic->a == a && (figure != PLS_PATH || statistic->b == b))
            return statistic;
    }
    return NULL;
}

static const char *node_words(const struct pls_call *call, size_t construct)
{
    const struct pls_statistic *index = find_statistic(call, PLS_INDEX, construct, 0);
    const struct pls_model *model = &call->plan.final;
    struct arena *arena = call->cli->arena;
    bool caused = false;

    for (size_t from = 0; from < model->construct_count; from++)
        caused = caused || model->paths[from][construct];
    const char *words = index != NULL && isfinite(index->value) ? arena_format(arena, "index %.0f", index->value) : "";

    return !caused ? words
                   : arena_format(arena, "%s%sR\xC2\xB2 %.2f", words, *words != '\0' ? ", " : "",
                                  call->estimate.final.explained[construct]);
}

enum status pls_plot(const struct pls_call *call, struct error *err)
{
    const struct pls_model *model = &call->plan.final;
    struct arena *arena = call->cli->arena;
    size_t k = model->construct_count, arrows = 0;
    struct plot_node *nodes = arena_array(arena, k, sizeof *nodes);
    struct plot_arrow *paths = arena_array(arena, k * k, sizeof *paths);
    bool drawn = call->results.fitted > 1;

    for (size_t from = 0; from < k; from++) {
        nodes[from] = (struct plot_node){text_string(arena, model->constructs[from].name), node_words(call, from)};
        for (size_t to = 0; to < k; to++) {
            const struct pls_statistic *path = find_statistic(call, PLS_PATH, from, to);

            if (!model->paths[from][to] || path == NULL || !isfinite(path->value))
                continue;
            paths[arrows++] = (struct plot_arrow){
                .from = from,
                .to = to,
                .value = path->value,
                .words = arena_format(arena, "%.2f", path->value),
                .sure = !drawn || path->low > 0 || path->high < 0,
            };
        }
    }
    struct text samples = scale_number(arena, (double)call->results.fitted);
    const char *intervals =
        drawn ? arena_format(arena, " Dashed: the %.0f %% interval of %.*s bootstrap samples holds 0.",
                             100 * call->resampling.confidence, (int)samples.size, samples.bytes)
              : "";
    const struct plot_paths picture = {
        .heading = {"What acts on what",
                    arena_format(
                        arena,
                        "Path coefficients from %s answers; R\xC2\xB2: the share of a construct that those before "
                        "it explain; index: 0 to 100.%s",
                        answers_of(arena, call->data.row_count), intervals)},
        .nodes = nodes,
        .node_count = k,
        .arrows = paths,
        .arrow_count = arrows,
    };

    return plot_write(call->cli, plot_paths_draw(arena, &picture), err);
}

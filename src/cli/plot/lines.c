/* Lines with bands over two scales. */
#include <assert.h>
#include <math.h>

#include "cli/plot/frame.h"

static const double HEIGHT = 440, NEAR = 0.7, LINE = 2.4, DOTS_APART = 7;

struct picture {
    struct frame frame;
    const struct plot_lines *lines;
    struct scale x, y;
    struct svg_box area;
};

static void measure(const struct plot_lines *lines, struct scale *x, struct scale *y)
{
    struct frame_range across = {INFINITY, -INFINITY}, up = across;

    for (size_t i = 0; i < lines->series_count; i++) {
        const struct plot_series *series = &lines->series[i];

        for (size_t k = 0; k < series->count; k++) {
            frame_widen(&across, series->x[k]);
            frame_widen(&up, series->y[k]);
            if (series->low != NULL)
                frame_widen(&up, series->low[k]);
            if (series->high != NULL)
                frame_widen(&up, series->high[k]);
        }
    }
    frame_scale(&lines->x, across, 8, x);
    frame_scale(&lines->y, up, 6, y);
}

static struct svg_point place(const struct picture *picture, double x, double y)
{
    return (struct svg_point){scale_place(&picture->x, x), scale_place(&picture->y, y)};
}

/* Adds a point unless the last one lies as good as there. */
static void add_point(struct svg_point *points, size_t *count, struct svg_point point, bool last)
{
    if (*count > 0 && !last && fabs(points[*count - 1].x - point.x) < NEAR &&
        fabs(points[*count - 1].y - point.y) < NEAR)
        return;
    points[(*count)++] = point;
}

/* The points of `values` from `from` to the first that is not finite, which it returns the place of. */
static size_t trace(const struct picture *picture, const struct plot_series *series, const double *values, size_t from,
                    struct svg_point *points, size_t *count)
{
    size_t i = from;

    *count = 0;
    for (; i < series->count && isfinite(values[i]) && isfinite(series->x[i]); i++) {
        struct svg_point point = place(picture, series->x[i], values[i]);

        if (series->steps && *count > 0)
            add_point(points, count, (struct svg_point){point.x, points[*count - 1].y}, false);
        add_point(points, count, point, i + 1 == series->count);
    }
    return i;
}

static void draw_band(struct picture *picture, const struct plot_series *series, const char *color)
{
    struct arena *arena = picture->frame.arena;
    struct svg_point *above = arena_array(arena, 4 * series->count + 2, sizeof *above);
    struct svg_point *below = arena_array(arena, 2 * series->count + 1, sizeof *below);
    size_t above_count, below_count;

    for (size_t i = 0; i < series->count;) {
        size_t end = trace(picture, series, series->high, i, above, &above_count);

        trace(picture, series, series->low, i, below, &below_count);
        while (below_count > 0)
            above[above_count++] = below[--below_count];
        if (above_count > 2)
            svg_area(&picture->frame.svg, above, above_count, color, 0.16);
        i = end + (end == i);
    }
}

static void draw_series(struct picture *picture, size_t number)
{
    const struct plot_series *series = &picture->lines->series[number];
    struct svg_point *points = arena_array(picture->frame.arena, 2 * series->count + 1, sizeof *points);
    const struct svg_stroke plain = {frame_color(number), LINE, frame_dashes(number)};
    const struct svg_stroke thin = {frame_quiet, 1.2, "4 4"};
    size_t count;

    for (size_t i = 0; i < series->count;) {
        size_t end = trace(picture, series, series->y, i, points, &count);

        if (count > 1)
            svg_path(&picture->frame.svg, points, count, series->straight ? &thin : &plain);
        bool sparse = count > 0 && (points[count - 1].x - points[0].x) / (double)count >= DOTS_APART;

        for (size_t k = 0; k < count && (count == 1 || (series->dots && sparse)); k++)
            svg_circle(&picture->frame.svg, points[k], 3.2, frame_color(number));
        i = end + (end == i);
    }
}

static void draw_marks(struct picture *picture)
{
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_ink, .paper = true};
    const struct svg_stroke line = {frame_quiet, 1.2, "3 3"};
    const struct svg_box *area = &picture->area;
    double y = area->y + 15;

    for (size_t i = 0; i < picture->lines->mark_count; i++) {
        const struct plot_mark *mark = &picture->lines->marks[i];
        double at = scale_place(&picture->x, mark->x);
        struct svg_font words = font;
        double width = svg_text_width(text_from(mark->words), &font) + 8;

        if (!isfinite(mark->x) || at < area->x - 1 || at > area->x + area->width + 1)
            continue;
        words.anchor = at + width <= area->x + area->width ? SVG_START : SVG_END;
        svg_line(&picture->frame.svg, (struct svg_point){at, area->y}, (struct svg_point){at, area->y + area->height},
                 &line);
        svg_text(&picture->frame.svg, (struct svg_point){at + (words.anchor == SVG_START ? 6 : -6), y}, &words,
                 text_from(mark->words));
        y = y > area->y + 4 * FRAME_LINE ? area->y + 15
                                         : y + FRAME_LINE; /* words of neighbours in lines of their own */
    }
}

struct text plot_lines_draw(struct arena *arena, const struct plot_lines *lines)
{
    struct picture picture = {.lines = lines};
    struct frame_key keys[PLOT_SERIES_MAX];

    assert(lines->series_count <= PLOT_SERIES_MAX);
    for (size_t i = 0; i < lines->series_count; i++)
        keys[i] = (struct frame_key){
            .name = lines->series[i].name,
            .stroke = lines->series[i].straight ? (struct svg_stroke){frame_quiet, 1.2, "4 4"}
                                                : (struct svg_stroke){frame_color(i), LINE, frame_dashes(i)},
        };
    measure(lines, &picture.x, &picture.y);
    frame_start_keys(&picture.frame, arena, &lines->heading, keys, lines->series_count > 1 ? lines->series_count : 0,
                     HEIGHT);
    picture.area = picture.frame.body;
    frame_axes(&picture.frame, &picture.area, &picture.x, &picture.y, lines->x.label, lines->y.label);
    for (size_t i = 0; i < lines->series_count; i++)
        if (lines->series[i].low != NULL && lines->series[i].high != NULL)
            draw_band(&picture, &lines->series[i], frame_color(i));
    for (size_t i = 0; i < lines->series_count; i++)
        draw_series(&picture, i);
    draw_marks(&picture);
    return svg_done(&picture.frame.svg);
}

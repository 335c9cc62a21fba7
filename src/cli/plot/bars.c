/* Bars with whiskers, one below the other. */
#include <assert.h>
#include <math.h>

#include "cli/plot/frame.h"

static const double ROW = 30, BAR = 18, NAMES_MOST = 260, WORDS_MOST = 190;

struct picture {
    struct frame frame;
    const struct plot_bars *bars;
    struct scale scale;
    struct svg_box area;
};

static double widest(const struct plot_bars *bars, bool words)
{
    const struct svg_font font = {.size = FRAME_TEXT};
    double width = 0;

    for (size_t i = 0; i < bars->bar_count; i++)
        width = fmax(width, svg_text_width(text_from(words ? bars->bars[i].words : bars->bars[i].name), &font));
    return width;
}

static void draw_bar(struct picture *picture, size_t i)
{
    const struct plot_bar *bar = &picture->bars->bars[i];
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_ink, .anchor = SVG_END};
    const struct svg_stroke whisker = {frame_ink, 1.4, NULL};
    double middle = picture->area.y + ROW * ((double)i + 0.5);
    double zero = scale_place(&picture->scale, fmax(0, picture->scale.low));
    struct svg *svg = &picture->frame.svg;

    svg_text(svg, (struct svg_point){picture->area.x - 10, middle + 4.5}, &font,
             svg_text_fit(picture->frame.arena, text_from(bar->name), &font, NAMES_MOST));
    if (!isfinite(bar->value))
        return;
    double at = scale_place(&picture->scale, bar->value);

    svg_rectangle(svg, &(struct svg_box){fmin(zero, at), middle - BAR / 2, fabs(at - zero), BAR},
                  frame_color(bar->kind), NULL);
    if (isfinite(bar->low) && isfinite(bar->high)) {
        double low = scale_place(&picture->scale, bar->low), high = scale_place(&picture->scale, bar->high);
        const struct svg_stroke halo = {"#ffffff", 4, NULL};

        svg_line(svg, (struct svg_point){low, middle}, (struct svg_point){high, middle}, &halo);
        svg_line(svg, (struct svg_point){low, middle}, (struct svg_point){high, middle}, &whisker);
        svg_line(svg, (struct svg_point){low, middle - 4}, (struct svg_point){low, middle + 4}, &whisker);
        svg_line(svg, (struct svg_point){high, middle - 4}, (struct svg_point){high, middle + 4}, &whisker);
    }
    const struct svg_font beside = {.size = FRAME_TEXT, .color = frame_quiet};

    svg_text(svg, (struct svg_point){picture->area.x + picture->area.width + 12, middle + 4.5}, &beside,
             svg_text_fit(picture->frame.arena, text_from(bar->words), &beside, WORDS_MOST));
}

struct text plot_bars_draw(struct arena *arena, const struct plot_bars *bars)
{
    struct picture picture = {.bars = bars};
    struct frame_range range = {INFINITY, -INFINITY};
    struct frame_key keys[PLOT_SERIES_MAX];

    assert(bars->kind_count <= PLOT_SERIES_MAX);
    for (size_t i = 0; i < bars->kind_count; i++)
        keys[i] = (struct frame_key){bars->kinds[i], FRAME_KEY_BOX, {frame_color(i), 1, NULL}};
    for (size_t i = 0; i < bars->bar_count; i++) {
        frame_widen(&range, bars->bars[i].value);
        frame_widen(&range, bars->bars[i].low);
        frame_widen(&range, bars->bars[i].high);
    }
    frame_scale(&bars->axis, range, 6, &picture.scale);
    frame_start_keys(&picture.frame, arena, &bars->heading, keys, bars->kind_count,
                     ROW * (double)bars->bar_count + 14 + 46);
    double names = fmin(widest(bars, false), NAMES_MOST) + 10, words = fmin(widest(bars, true), WORDS_MOST) + 24;
    const struct svg_box *body = &picture.frame.body;

    picture.area =
        (struct svg_box){body->x + names, body->y + 8, body->width - names - words, ROW * (double)bars->bar_count};
    picture.scale.from = picture.area.x;
    picture.scale.to = picture.area.x + picture.area.width;
    frame_axis_below(&picture.frame, &picture.area, &picture.scale, bars->axis.label);
    for (size_t i = 0; i < bars->bar_count; i++)
        draw_bar(&picture, i);
    return svg_done(&picture.frame.svg);
}

/* Columns of several series, side by side in classes. */
#include <assert.h>
#include <math.h>

#include "cli/plot/frame.h"

static const double HEIGHT = 420, COLUMN_MOST = 40;

struct picture {
    struct frame frame;
    const struct plot_columns *columns;
    struct scale scale;
    struct svg_box area;
};

static void draw_class(struct picture *picture, size_t class)
{
    const struct plot_columns *columns = picture->columns;
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_ink, .anchor = SVG_MIDDLE};
    const struct svg_font small = {.size = 11, .color = frame_quiet, .anchor = SVG_MIDDLE};
    double room = picture->area.width / (double)columns->class_count;
    double width = fmin(COLUMN_MOST, 0.8 * room / (double)columns->series_count);
    double middle = picture->area.x + room * ((double)class + 0.5), zero = scale_place(&picture->scale, 0);
    double x = middle - width * (double)columns->series_count / 2;

    for (size_t i = 0; i < columns->series_count; i++, x += width) {
        double value = columns->values[class * columns->series_count + i];

        if (!isfinite(value))
            continue;
        double at = scale_place(&picture->scale, value);
        struct scale fine = picture->scale;

        fine.step = fine.kind != SCALE_SHARE ? 1 : value > 0 && value < 0.01 ? 0.001 : 0.01;
        bool speck = fine.kind == SCALE_SHARE && value > 0 && value < 0.0005; /* 0.0 % would deny that it is there */
        struct text label = speck ? TEXT("<0.1 %") : scale_label(picture->frame.arena, &fine, value);

        svg_rectangle(&picture->frame.svg, &(struct svg_box){x + 1, fmin(at, zero), width - 2, fabs(zero - at)},
                      frame_color(i), NULL);
        if (svg_text_width(label, &small) <= width + 2)
            svg_text(&picture->frame.svg, (struct svg_point){x + width / 2, fmin(at, zero) - 5}, &small, label);
    }
    svg_text(&picture->frame.svg, (struct svg_point){middle, picture->area.y + picture->area.height + 20}, &font,
             svg_text_fit(picture->frame.arena, text_from(columns->classes[class]), &font, room - 4));
}

struct text plot_columns_draw(struct arena *arena, const struct plot_columns *columns)
{
    struct picture picture = {.columns = columns};
    struct frame_range range = {0, -INFINITY};
    struct frame_key keys[PLOT_SERIES_MAX];

    assert(columns->series_count <= PLOT_SERIES_MAX);
    for (size_t i = 0; i < columns->series_count; i++)
        keys[i] = (struct frame_key){columns->series[i], FRAME_KEY_BOX, {frame_color(i), 1, NULL}};
    for (size_t i = 0; i < columns->class_count * columns->series_count; i++)
        frame_widen(&range, columns->values[i]);
    frame_scale(&columns->axis, range, 6, &picture.scale);
    frame_start_keys(&picture.frame, arena, &columns->heading, keys,
                     columns->series_count > 1 ? columns->series_count : 0, HEIGHT);
    double left = frame_labels_width(&picture.frame, &picture.scale) + 10;
    const struct svg_box *body = &picture.frame.body;

    frame_text(&picture.frame, body->x, body->y + 14, SVG_START, frame_ink, columns->axis.label);
    picture.area = (struct svg_box){body->x + left, body->y + 28, body->width - left, body->height - 28 - 46};
    picture.scale.from = picture.area.y + picture.area.height;
    picture.scale.to = picture.area.y;
    frame_axis_left(&picture.frame, &picture.area, &picture.scale);
    for (size_t class = 0; class < columns->class_count; class ++)
        draw_class(&picture, class);
    frame_text(&picture.frame, picture.area.x + picture.area.width / 2, picture.area.y + picture.area.height + 42,
               SVG_MIDDLE, frame_ink, columns->class_label);
    return svg_done(&picture.frame.svg);
}

/* Points with names in four fields. */
#include <assert.h>
#include <math.h>

#include "cli/plot/frame.h"

static const double HEIGHT = 560, RADIUS = 5;

struct picture {
    struct frame frame;
    const struct plot_map *map;
    struct scale x, y;
    struct svg_box area;
    struct svg_box *taken; /* what no name may cover */
    size_t taken_count;
};

static bool boxes_touch(const struct svg_box *a, const struct svg_box *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

static bool is_free(const struct picture *picture, const struct svg_box *box)
{
    const struct svg_box *area = &picture->area;

    if (box->x < area->x || box->y < area->y || box->x + box->width > area->x + area->width ||
        box->y + box->height > area->y + area->height)
        return false;
    for (size_t i = 0; i < picture->taken_count; i++)
        if (boxes_touch(box, &picture->taken[i]))
            return false;
    return true;
}

static struct svg_point place(const struct picture *picture, const struct plot_point *point)
{
    return (struct svg_point){scale_place(&picture->x, point->x), scale_place(&picture->y, point->y)};
}

/* The name goes beside its point, or as near as there is room, with a thin line to it; without room it is left out. */
static void draw_name(struct picture *picture, const struct plot_point *point)
{
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_ink, .paper = true};
    const struct svg_stroke thin = {frame_quiet, 0.8, NULL};
    struct svg_point at = place(picture, point);
    struct text name = svg_text_fit(picture->frame.arena, text_from(point->name), &font, 220);
    double width = svg_text_width(name, &font), height = FRAME_LINE - 2;

    for (double reach = RADIUS + 3; reach < 160; reach += 8)
        for (int turn = 0; turn < 16; turn++) {
            double angle = (turn % 2 == 0 ? 1 : -1) * (turn + 1) / 2 * M_PI / 8; /* right first, then to both sides */
            double x = at.x + reach * cos(angle), y = at.y + reach * sin(angle);
            double part = (1 - cos(angle)) / 2; /* of its width that lies to the left */
            struct svg_box box = {x - width * part, y - height / 2, width, height};

            if (!is_free(picture, &box))
                continue;
            if (reach > 4 * RADIUS)
                svg_line(&picture->frame.svg, at, (struct svg_point){x, y}, &thin);
            svg_text(&picture->frame.svg, (struct svg_point){box.x, box.y + height - 3.5}, &font, name);
            picture->taken[picture->taken_count++] = box;
            return;
        }
}

static void draw_fields(struct picture *picture)
{
    const struct svg_box *area = &picture->area;
    const struct svg_stroke line = {frame_quiet, 1.2, "5 4"};
    double x = scale_place(&picture->x, picture->map->x_cut), y = scale_place(&picture->y, picture->map->y_cut);

    svg_line(&picture->frame.svg, (struct svg_point){x, area->y}, (struct svg_point){x, area->y + area->height}, &line);
    svg_line(&picture->frame.svg, (struct svg_point){area->x, y}, (struct svg_point){area->x + area->width, y}, &line);
    for (int i = 0; i < 4; i++) {
        const struct svg_font font = {
            .size = FRAME_TEXT, .color = frame_quiet, .bold = true, .anchor = i % 2 == 0 ? SVG_START : SVG_END};
        struct text words = text_from(picture->map->fields[i]);
        double width = svg_text_width(words, &font);
        struct svg_point at = {i % 2 == 0 ? area->x + 8 : area->x + area->width - 8,
                               i < 2 ? area->y + 18 : area->y + area->height - 10};

        svg_text(&picture->frame.svg, at, &font, words);
        picture->taken[picture->taken_count++] =
            (struct svg_box){i % 2 == 0 ? at.x : at.x - width, at.y - 13, width, 17};
    }
}

struct text plot_map_draw(struct arena *arena, const struct plot_map *map)
{
    struct picture picture = {.map = map};
    struct frame_range across = {INFINITY, -INFINITY}, up = across;

    frame_widen(&across, map->x_cut);
    frame_widen(&up, map->y_cut);
    for (size_t i = 0; i < map->point_count; i++) {
        frame_widen(&across, map->points[i].x);
        frame_widen(&up, map->points[i].y);
    }
    frame_scale(&map->x, across, 8, &picture.x);
    frame_scale(&map->y, up, 7, &picture.y);
    picture.taken = arena_array(arena, 2 * map->point_count + 5, sizeof *picture.taken);
    frame_start(&picture.frame, arena, &map->heading, HEIGHT);
    picture.area = picture.frame.body;
    frame_axes(&picture.frame, &picture.area, &picture.x, &picture.y, map->x.label, map->y.label);
    draw_fields(&picture);
    for (size_t i = 0; i < map->point_count; i++) {
        struct svg_point at = place(&picture, &map->points[i]);

        if (!isfinite(map->points[i].x) || !isfinite(map->points[i].y))
            continue;
        picture.taken[picture.taken_count++] = (struct svg_box){at.x - RADIUS, at.y - RADIUS, 2 * RADIUS, 2 * RADIUS};
    }
    for (size_t i = 0; i < map->point_count; i++)
        if (isfinite(map->points[i].x) && isfinite(map->points[i].y))
            draw_name(&picture, &map->points[i]);
    for (size_t i = 0; i < map->point_count; i++) /* above the paper of the names */
        if (isfinite(map->points[i].x) && isfinite(map->points[i].y))
            svg_circle(&picture.frame.svg, place(&picture, &map->points[i]), RADIUS, frame_color(map->points[i].kind));
    return svg_done(&picture.frame.svg);
}

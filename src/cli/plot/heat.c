/* A table whose cells are the darker the greater they are. */
#include <math.h>
#include <string.h>

#include "cli/plot/frame.h"

static const double CELLS_HEIGHT = 520, CELL_LEAST = 5, CELL_MOST = 150, ROW_MOST = 64, CELL_TEXT = 12, LEGEND = 44;

struct picture {
    struct frame frame;
    const struct plot_heat *heat;
    double label_width, side_width;
    double cell_width, cell_height;
    double left, top; /* of the cells */
    double low, high;
};

static double widest(const char *const *names, size_t count, const char *label)
{
    const struct svg_font font = {.size = FRAME_TEXT};
    double width = svg_text_width(text_from(label), &font);

    for (size_t i = 0; i < count; i++)
        width = fmax(width, svg_text_width(text_from(names[i]), &font));
    return fmin(width, 240);
}

static double part_of(const struct picture *picture, double value)
{
    return picture->high > picture->low ? (value - picture->low) / (picture->high - picture->low) : 0.5;
}

static void draw_words(struct picture *picture, size_t cell, const struct svg_box *box, double part)
{
    const struct svg_font font = {.size = CELL_TEXT, .color = frame_on_shade(part), .anchor = SVG_MIDDLE};
    const char *words = picture->heat->texts[cell];
    size_t first = strcspn(words, "\n");
    const struct text lines[] = {{words, first}, text_from(words + first + (words[first] != '\0'))};
    size_t count = lines[1].size > 0 ? 2 : 1;
    double y = box->y + box->height / 2 + 4.3 - (count == 2 ? 8 : 0);

    /* A number that does not fit whole would be another number. */
    for (size_t i = 0; i < count; i++)
        if (svg_text_width(lines[i], &font) <= box->width - 3 && box->height >= 15.0 * (double)count)
            svg_text(&picture->frame.svg, (struct svg_point){box->x + box->width / 2, y + 16.0 * (double)i}, &font,
                     lines[i]);
}

static void draw_cells(struct picture *picture)
{
    const struct plot_heat *heat = picture->heat;
    double gap = picture->cell_height > 12 && picture->cell_width > 12 ? 1.5 : 0;

    for (size_t cell = 0; cell < heat->row_count * heat->column_count; cell++) {
        size_t row = cell / heat->column_count, column = cell % heat->column_count;
        struct svg_box box = {picture->left + picture->cell_width * (double)column,
                              picture->top + picture->cell_height * (double)row, picture->cell_width - gap,
                              picture->cell_height - gap};

        if (!isfinite(heat->values[cell]))
            continue;
        double part = part_of(picture, heat->values[cell]);

        svg_rectangle(&picture->frame.svg, &box, frame_shade(picture->frame.arena, part), NULL);
        if (heat->texts != NULL && heat->texts[cell] != NULL)
            draw_words(picture, cell, &box, part);
    }
}

static void draw_rows(struct picture *picture)
{
    const struct plot_heat *heat = picture->heat;
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_ink};
    size_t every = (size_t)ceil((FRAME_LINE - 2) / picture->cell_height);
    double side = picture->frame.body.x + picture->label_width + 14;

    frame_text(&picture->frame, picture->frame.body.x, picture->top - 10, SVG_START, frame_quiet, heat->row_label);
    if (heat->sides != NULL)
        frame_text(&picture->frame, side + picture->side_width, picture->top - 10, SVG_END, frame_quiet,
                   heat->side_label);
    for (size_t row = 0; row < heat->row_count; row += every) {
        double y = picture->top + picture->cell_height * ((double)row + 0.5) + 4.3;

        svg_text(&picture->frame.svg, (struct svg_point){picture->frame.body.x, y}, &font,
                 svg_text_fit(picture->frame.arena, text_from(heat->rows[row]), &font, picture->label_width));
        if (heat->sides != NULL)
            frame_text(&picture->frame, side + picture->side_width, y, SVG_END, frame_quiet, heat->sides[row]);
    }
}

static void draw_columns(struct picture *picture)
{
    const struct plot_heat *heat = picture->heat;
    double width = widest(heat->columns, heat->column_count, "") + 8;
    size_t every = (size_t)ceil(width / picture->cell_width);

    frame_text(&picture->frame, picture->left, picture->top - 10 - FRAME_LINE, SVG_START, frame_quiet,
               heat->column_label);
    for (size_t column = 0; column < heat->column_count; column += every)
        frame_text(&picture->frame, picture->left + picture->cell_width * ((double)column + 0.5), picture->top - 10,
                   SVG_MIDDLE, frame_ink, heat->columns[column]);
}

/* What light and dark mean. */
static void draw_shades(struct picture *picture, double y)
{
    enum { STEPS = 40 };
    struct arena *arena = picture->frame.arena;
    const struct svg_font font = {.size = FRAME_TEXT};
    struct scale scale = {.kind = picture->heat->kind, .low = picture->low, .high = picture->high, .step = 0.01};

    if (scale.kind == SCALE_NUMBER)
        scale.step = 1;
    struct text low = scale_label(arena, &scale, picture->low), high = scale_label(arena, &scale, picture->high);
    struct svg_box box = {picture->left, y, 4, 10};
    const struct svg_font quiet = {.size = FRAME_TEXT, .color = frame_quiet};

    svg_text(&picture->frame.svg, (struct svg_point){box.x, y + 10}, &quiet, low);
    box.x += svg_text_width(low, &font) + 8;
    for (int i = 0; i < STEPS; i++, box.x += box.width)
        svg_rectangle(&picture->frame.svg, &box, frame_shade(arena, (i + 0.5) / STEPS), NULL);
    svg_text(&picture->frame.svg, (struct svg_point){box.x + 8, y + 10}, &quiet, high);
    box.x += 8 + svg_text_width(high, &font) + 14;
    svg_text(&picture->frame.svg, (struct svg_point){box.x, y + 10}, &quiet, text_from(picture->heat->value_label));
}

static bool has_two_lines(const struct plot_heat *heat)
{
    for (size_t i = 0; heat->texts != NULL && i < heat->row_count * heat->column_count; i++)
        if (heat->texts[i] != NULL && strchr(heat->texts[i], '\n') != NULL)
            return true;
    return false;
}

struct text plot_heat_draw(struct arena *arena, const struct plot_heat *heat)
{
    struct picture picture = {.heat = heat};
    struct frame_range range = {INFINITY, -INFINITY};
    double rows = fmax(1, (double)heat->row_count), columns = fmax(1, (double)heat->column_count), top = 46;

    for (size_t i = 0; i < heat->row_count * heat->column_count; i++)
        frame_widen(&range, heat->values[i]);
    picture.low = range.low <= range.high ? fmin(0, range.low) : 0;
    picture.high = range.low <= range.high ? range.high : 1;
    picture.cell_height = fmin(ROW_MOST, fmax(CELL_LEAST, CELLS_HEIGHT / rows));
    if (columns > 8)
        picture.cell_height = fmin(picture.cell_height, has_two_lines(heat) ? 40 : 26); /* as the words need */
    picture.label_width = widest(heat->rows, heat->row_count, heat->row_label);
    picture.side_width = heat->sides != NULL ? widest(heat->sides, heat->row_count, heat->side_label) : -14;
    frame_start(&picture.frame, arena, &heat->heading, top + picture.cell_height * rows + LEGEND);
    picture.left = picture.frame.body.x + picture.label_width + 14 + picture.side_width + 14;
    picture.top = picture.frame.body.y + top;
    picture.cell_width = fmin(CELL_MOST, (picture.frame.body.x + picture.frame.body.width - picture.left) / columns);
    draw_columns(&picture);
    draw_rows(&picture);
    draw_cells(&picture);
    draw_shades(&picture, picture.top + picture.cell_height * rows + 16);
    return svg_done(&picture.frame.svg);
}

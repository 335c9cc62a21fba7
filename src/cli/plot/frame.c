#include "cli/plot/frame.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char frame_ink[] = "#1f2933", frame_quiet[] = "#52606d", frame_grid[] = "#e1e5ea";

static const double TITLE_SIZE = 20, CAPTION_SIZE = 14, CAPTION_LINE = 20, KEY_SAMPLE = 26, KEY_GAP = 22;

enum status plot_write(const struct cli *cli, struct text picture, struct error *err)
{
    const char *path = cli_value(cli, "plot");
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(picture.bytes, 1, picture.size, file) == picture.size;

    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written)
        return error_set(err, STATUS_IO, "file.write", "plot", "'%s' cannot be written: %s", path, strerror(errno));
    return STATUS_OK;
}

/* ---- colours ---- */

const char *frame_color(size_t i)
{
    /* Of Okabe and Ito (2008), made for all kinds of colour vision, ordered so that neighbours differ in lightness. */
    static const char *const colors[PLOT_SERIES_MAX] = {"#0b5a8f", "#d95f02", "#6b7785",
                                                        "#009e73", "#a8558b", "#c49102"};

    assert(i < PLOT_SERIES_MAX);
    return colors[i];
}

const char *frame_dashes(size_t i)
{
    static const char *const dashes[PLOT_SERIES_MAX] = {NULL, "8 4", "2 3", "12 4 2 4", "5 3", "1 4"};

    assert(i < PLOT_SERIES_MAX);
    return dashes[i];
}

const char *frame_shade(struct arena *arena, double part)
{
    /* Brewer's Blues: one hue, evenly darker, so that a copy in grey says the same. */
    static const unsigned char stops[][3] = {{0xf4, 0xf8, 0xfc}, {0xde, 0xeb, 0xf7}, {0xc6, 0xdb, 0xef},
                                             {0x9e, 0xca, 0xe1}, {0x6b, 0xae, 0xd6}, {0x42, 0x92, 0xc6},
                                             {0x21, 0x71, 0xb5}, {0x08, 0x51, 0x9c}, {0x08, 0x30, 0x6b}};
    enum { LAST = sizeof stops / sizeof stops[0] - 1 };
    double at = fmin(fmax(part, 0), 1) * LAST;
    int below = at >= LAST ? LAST - 1 : (int)at;
    int mixed[3];

    for (int i = 0; i < 3; i++)
        mixed[i] = (int)lround(stops[below][i] + (at - below) * (stops[below + 1][i] - stops[below][i]));
    return arena_format(arena, "#%02x%02x%02x", (unsigned)mixed[0], (unsigned)mixed[1], (unsigned)mixed[2]);
}

const char *frame_on_shade(double part)
{
    return part > 0.65 ? "#ffffff" : frame_ink;
}

/* ---- heading and legend ---- */

static double key_width(const struct frame_key *key)
{
    const struct svg_font font = {.size = FRAME_TEXT};

    return KEY_SAMPLE + 8 + svg_text_width(text_from(key->name), &font) + KEY_GAP;
}

static int key_lines(const struct frame_key *keys, size_t count)
{
    double x = 0;
    int lines = count > 0;

    for (size_t i = 0; i < count; i++) {
        if (x > 0 && x + key_width(&keys[i]) > FRAME_WIDTH - 2 * FRAME_MARGIN) {
            lines++;
            x = 0;
        }
        x += key_width(&keys[i]);
    }
    return lines;
}

static void draw_keys(struct frame *frame, const struct frame_key *keys, size_t count, double y)
{
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_ink};
    double left = FRAME_MARGIN, x = left, room = FRAME_WIDTH - 2 * FRAME_MARGIN;

    for (size_t i = 0; i < count; i++) {
        if (x > left && x - left + key_width(&keys[i]) > room) {
            y += FRAME_LINE + 2;
            x = left;
        }
        if (keys[i].form == FRAME_KEY_BOX)
            svg_rectangle(&frame->svg, &(struct svg_box){x + 10, y - 11, 14, 14}, keys[i].stroke.color, NULL);
        else
            svg_line(&frame->svg, (struct svg_point){x, y - 4}, (struct svg_point){x + KEY_SAMPLE, y - 4},
                     &keys[i].stroke);
        svg_text(&frame->svg, (struct svg_point){x + KEY_SAMPLE + 8, y}, &font,
                 svg_text_fit(frame->arena, text_from(keys[i].name), &font, room - KEY_SAMPLE - 8));
        x += key_width(&keys[i]);
    }
}

/* Writes a text in lines from `y` on, or (no frame) only counts them. */
static int wrap(struct frame *frame, struct text text, const struct svg_font *font, double y)
{
    int lines = 0;

    while (text.size > 0) {
        size_t size = svg_text_line(text, font, FRAME_WIDTH - 2 * FRAME_MARGIN);

        if (frame != NULL)
            svg_text(&frame->svg, (struct svg_point){FRAME_MARGIN, y + CAPTION_LINE * lines}, font,
                     text_trim((struct text){text.bytes, size}));
        text = (struct text){text.bytes + size, text.size - size};
        lines++;
    }
    return lines;
}

void frame_start_keys(struct frame *frame, struct arena *arena, const struct plot_heading *heading,
                      const struct frame_key *keys, size_t key_count, double body_height)
{
    const struct svg_font title = {.size = TITLE_SIZE, .color = frame_ink, .bold = true};
    const struct svg_font caption = {.size = CAPTION_SIZE, .color = frame_quiet};
    struct text words = text_from(heading->caption), name = text_from(heading->title);
    double top = 46 + 8, room = FRAME_WIDTH - 2 * FRAME_MARGIN;
    double keys_at = top + CAPTION_LINE * wrap(NULL, words, &caption, 0) + 16;
    double body = keys_at + (FRAME_LINE + 2) * key_lines(keys, key_count) - (key_count > 0 ? 0 : 8);

    *frame = (struct frame){.arena = arena, .body = {FRAME_MARGIN, body, room, body_height}};
    svg_start(&frame->svg, arena, &(struct svg_box){0, 0, FRAME_WIDTH, ceil(body + body_height + FRAME_MARGIN / 2.0)},
              name, words);
    svg_text(&frame->svg, (struct svg_point){FRAME_MARGIN, 44}, &title, svg_text_fit(arena, name, &title, room));
    wrap(frame, words, &caption, top + 14);
    draw_keys(frame, keys, key_count, keys_at + 8);
}

void frame_start(struct frame *frame, struct arena *arena, const struct plot_heading *heading, double body_height)
{
    frame_start_keys(frame, arena, heading, NULL, 0, body_height);
}

void frame_text(struct frame *frame, double x, double y, enum svg_anchor anchor, const char *color, const char *words)
{
    const struct svg_font font = {.size = FRAME_TEXT, .color = color, .anchor = anchor};

    double room = FRAME_WIDTH - (anchor == SVG_START ? x
                                 : anchor == SVG_END ? FRAME_WIDTH - x
                                                     : 2 * fabs(x - FRAME_WIDTH / 2.0));

    svg_text(&frame->svg, (struct svg_point){x, y}, &font, svg_text_fit(frame->arena, text_from(words), &font, room));
}

/* ---- axes ---- */

double frame_labels_width(struct frame *frame, const struct scale *scale)
{
    const struct svg_font font = {.size = FRAME_TEXT};
    double width = 0;

    for (size_t i = 0; i < scale->tick_count; i++)
        width = fmax(width, svg_text_width(scale_label(frame->arena, scale, scale->ticks[i]), &font));
    return width;
}

void frame_axis_below(struct frame *frame, const struct svg_box *area, const struct scale *x, const char *label)
{
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_quiet, .anchor = SVG_MIDDLE};
    const struct svg_stroke line = {frame_grid, 1, NULL};
    double bottom = area->y + area->height, written = 0;

    for (size_t i = 0; i < x->tick_count; i++) {
        double at = scale_place(x, x->ticks[i]);
        struct text text = scale_label(frame->arena, x, x->ticks[i]);
        double half = svg_text_width(text, &font) / 2;

        svg_line(&frame->svg, (struct svg_point){at, area->y}, (struct svg_point){at, bottom + 4}, &line);
        if (at - half < written || at + half > FRAME_WIDTH - 4)
            continue; /* would touch its neighbour, or the edge */
        svg_text(&frame->svg, (struct svg_point){at, bottom + 20}, &font, text);
        written = at + half + 8;
    }
    frame_text(frame, area->x + area->width / 2, bottom + 42, SVG_MIDDLE, frame_ink, label);
}

void frame_axis_left(struct frame *frame, const struct svg_box *area, const struct scale *y)
{
    const struct svg_font font = {.size = FRAME_TEXT, .color = frame_quiet, .anchor = SVG_END};
    const struct svg_stroke line = {frame_grid, 1, NULL}, base = {frame_quiet, 1, NULL};

    for (size_t i = 0; i < y->tick_count; i++) {
        double at = scale_place(y, y->ticks[i]);

        svg_line(&frame->svg, (struct svg_point){area->x, at}, (struct svg_point){area->x + area->width, at},
                 y->ticks[i] == 0 ? &base : &line);
        svg_text(&frame->svg, (struct svg_point){area->x - 8, at + 4.5}, &font,
                 scale_label(frame->arena, y, y->ticks[i]));
    }
}

void frame_axes(struct frame *frame, struct svg_box *area, struct scale *x, struct scale *y, const char *x_label,
                const char *y_label)
{
    double left = frame_labels_width(frame, y) + 10;

    /* The label of the upright axis lies above it, where it is read without turning one's head. */
    frame_text(frame, area->x, area->y + 14, SVG_START, frame_ink, y_label);
    *area = (struct svg_box){area->x + left, area->y + 28, area->width - left - 24, area->height - 28 - 46};
    x->from = area->x;
    x->to = area->x + area->width;
    y->from = area->y + area->height;
    y->to = area->y;
    frame_axis_left(frame, area, y);
    frame_axis_below(frame, area, x, x_label);
}

void frame_widen(struct frame_range *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

void frame_scale(const struct plot_axis *axis, struct frame_range range, int wanted, struct scale *out)
{
    if (axis->from_zero)
        frame_widen(&range, 0);
    if (range.low > range.high)
        range = (struct frame_range){0, 1};
    if (axis->exact)
        scale_make_exact(out, axis->kind, range.low, range.high, wanted);
    else
        scale_make(out, axis->kind, range.low, range.high, wanted);
}

/* frame.h: what all pictures share: paper, heading, legend, axes, colours. */
#ifndef PATRON_CLI_PLOT_FRAME_H
#define PATRON_CLI_PLOT_FRAME_H

#include "cli/plot/plot.h"
#include "cli/plot/svg.h"

enum { FRAME_WIDTH = 960, FRAME_MARGIN = 32, FRAME_TEXT = 13, FRAME_LINE = 18 };

extern const char frame_ink[], frame_quiet[], frame_grid[];

/* Of the i-th series: told apart by lightness and dashes too. */
const char *frame_color(size_t i);
const char *frame_dashes(size_t i); /* NULL: solid */

/* From light (0) to dark (1) blue; and the colour of a text on it. */
const char *frame_shade(struct arena *arena, double part);
const char *frame_on_shade(double part);

enum frame_key_form { FRAME_KEY_LINE, FRAME_KEY_BOX };

struct frame_key {
    const char *name;
    enum frame_key_form form;
    struct svg_stroke stroke; /* the fill of a box is its colour */
};

struct frame {
    struct arena *arena;
    struct svg svg;
    struct svg_box body; /* below heading and legend, within the margins */
};

/* Draws heading and legend above a body of that height. */
void frame_start(struct frame *frame, struct arena *arena, const struct plot_heading *heading, double body_height);
void frame_start_keys(struct frame *frame, struct arena *arena, const struct plot_heading *heading,
                      const struct frame_key *keys, size_t key_count, double body_height);

/* A text in the usual size, cut where the paper ends. */
void frame_text(struct frame *frame, double x, double y, enum svg_anchor anchor, const char *color, const char *words);

/*
 * Makes room in `area` for the labels of both axes and sets where the scales begin and end, then draws grid, ticks and
 * labels. `area` becomes what is left within the axes.
 */
void frame_axes(struct frame *frame, struct svg_box *area, struct scale *x, struct scale *y, const char *x_label,
                const char *y_label);

/* Grid lines and labels of an axis below or (upright) to the left of the area. */
void frame_axis_below(struct frame *frame, const struct svg_box *area, const struct scale *x, const char *label);
void frame_axis_left(struct frame *frame, const struct svg_box *area, const struct scale *y);
double frame_labels_width(struct frame *frame, const struct scale *scale);

/* The range of values so far; start from {INFINITY, -INFINITY}. Not finite ones are passed over. */
struct frame_range {
    double low, high;
};

void frame_widen(struct frame_range *range, double value);
void frame_scale(const struct plot_axis *axis, struct frame_range range, int wanted, struct scale *out);

#endif

/* svg.h: a picture as SVG: shapes, and texts that are measured before they are placed. */
#ifndef PATRON_CLI_PLOT_SVG_H
#define PATRON_CLI_PLOT_SVG_H

#include <stdbool.h>

#include "foundation/text.h"

/*
 * Written here rather than by a library: cairo's SVG surface turns texts into outlines, which nobody can search, select or
 * have read aloud, and which need the fonts of the machine that draws; the picture itself is a few shapes.
 */

struct svg_point {
    double x, y;
};

struct svg_box {
    double x, y, width, height;
};

struct svg_stroke {
    const char *color;
    double width;
    const char *dashes; /* "6 4"; NULL: none */
};

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

struct svg_font {
    double size; /* pixels */
    const char *color;
    enum svg_anchor anchor;
    bool bold;
    bool paper; /* on a strip of white, where lines run below */
};

struct svg {
    struct builder out;
};

/* Title and description are what a reader hears. All coordinates are finite. */
void svg_start(struct svg *svg, struct arena *arena, const struct svg_box *size, struct text title,
               struct text description);
struct text svg_done(struct svg *svg); /* borrowed from the arena */

void svg_rectangle(struct svg *svg, const struct svg_box *box, const char *fill, const struct svg_stroke *stroke);
void svg_rounded(struct svg *svg, const struct svg_box *box, const char *fill, const struct svg_stroke *stroke);
void svg_line(struct svg *svg, struct svg_point from, struct svg_point to, const struct svg_stroke *stroke);
void svg_path(struct svg *svg, const struct svg_point *points, size_t count, const struct svg_stroke *stroke);
void svg_area(struct svg *svg, const struct svg_point *points, size_t count, const char *fill, double opacity);
void svg_circle(struct svg *svg, struct svg_point center, double radius, const char *fill);

/* One line of text with its baseline at `at`. Bytes that XML may not hold are left out. */
void svg_text(struct svg *svg, struct svg_point at, const struct svg_font *font, struct text text);

/* How wide a text is at most: by the widths of DejaVu Sans, which is wider than the fonts named before it. */
double svg_text_width(struct text text, const struct svg_font *font);

/* The text, or as much of it with "…" as is at most `width` wide. */
struct text svg_text_fit(struct arena *arena, struct text text, const struct svg_font *font, double width);

/* How many bytes of the text make a line at most `width` wide, broken at blanks, or anywhere among Chinese characters. */
size_t svg_text_line(struct text text, const struct svg_font *font, double width);

#endif

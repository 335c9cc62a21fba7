/* plot.h: pictures for reports: from arrays to SVG, 960 pixels wide, legible in print and to the colour-blind. */
#ifndef PATRON_CLI_PLOT_PLOT_H
#define PATRON_CLI_PLOT_PLOT_H

#include "cli/plot/scale.h"
#include "cli/subcommand.h"

#define OPTION_PLOT                                     \
    {                                                   \
        "plot", "FILE.svg", "also draw it as a picture" \
    }

/* Writes a picture to the file that --plot names. STATUS_IO `file.write`. */
enum status plot_write(const struct cli *cli, struct text picture, struct error *err);

/* Every picture has a title and one sentence that says what it shows, of how many. Texts are UTF-8, borrowed. */
struct plot_heading {
    const char *title;
    const char *caption;
};

enum { PLOT_SERIES_MAX = 6 }; /* with a colour and a dash of their own */

/* Values that are not finite are left out of every picture. */

/* ---- lines over a scale: tracking, curves, trends ---- */

struct plot_axis {
    const char *label; /* with the unit */
    enum scale_kind kind;
    bool from_zero; /* the axis holds 0 */
    bool exact;     /* ends where the values end */
};

struct plot_series {
    const char *name;
    const double *x, *y;
    const double *low, *high; /* a band around it; NULL: none */
    size_t count;
    bool steps;    /* y holds until the next x */
    bool dots;     /* a dot at each value */
    bool straight; /* thin and grey: what the others are compared with */
};

struct plot_mark {
    double x;
    const char *words;
};

struct plot_lines {
    struct plot_heading heading;
    struct plot_axis x, y;
    const struct plot_series *series; /* at most PLOT_SERIES_MAX */
    size_t series_count;
    const struct plot_mark *marks; /* upright lines with a word */
    size_t mark_count;
};

struct text plot_lines_draw(struct arena *arena, const struct plot_lines *lines);

/* ---- a table whose cells are the darker the greater they are: cohorts, RFM ---- */

struct plot_heat {
    struct plot_heading heading;
    const char *row_label, *column_label, *side_label, *value_label;
    const char *const *rows;    /* names, from the top */
    const char *const *columns; /* names, from the left */
    const char *const *sides;   /* a further text of each row; NULL: none */
    const double *values;       /* [row * column_count + column]; NaN: no cell */
    const char *const *texts;   /* in each cell; "\n" parts two lines; NULL: none */
    size_t row_count, column_count;
    enum scale_kind kind;
};

struct text plot_heat_draw(struct arena *arena, const struct plot_heat *heat);

/* ---- bars: drivers ---- */

struct plot_bar {
    const char *name;
    double value, low, high; /* low and high NaN: no whisker */
    const char *words;       /* beside the value */
    size_t kind;             /* of the kinds below */
};

struct plot_bars {
    struct plot_heading heading;
    struct plot_axis axis;
    const char *const *kinds; /* what colours mean; at most PLOT_SERIES_MAX */
    size_t kind_count;
    const struct plot_bar *bars; /* from the top */
    size_t bar_count;
};

struct text plot_bars_draw(struct arena *arena, const struct plot_bars *bars);

/* ---- columns side by side in classes: distributions ---- */

struct plot_columns {
    struct plot_heading heading;
    const char *class_label;
    struct plot_axis axis;
    const char *const *classes;
    size_t class_count;
    const char *const *series;
    const double *values; /* [class * series_count + series] */
    size_t series_count;  /* at most PLOT_SERIES_MAX */
};

struct text plot_columns_draw(struct arena *arena, const struct plot_columns *columns);

/* ---- points with names in four fields: importance and performance ---- */

struct plot_point {
    const char *name;
    double x, y;
    size_t kind;
};

struct plot_map {
    struct plot_heading heading;
    struct plot_axis x, y;
    double x_cut, y_cut;   /* where the fields meet */
    const char *fields[4]; /* top left, top right, bottom left, bottom right */
    const struct plot_point *points;
    size_t point_count;
};

struct text plot_map_draw(struct arena *arena, const struct plot_map *map);

/* ---- boxes and arrows: path models ---- */

enum { PLOT_BOXES_MAX = 24, PLOT_ARROWS_MAX = 240 };

struct plot_node {
    const char *name;
    const char *words; /* below the name */
};

struct plot_arrow {
    size_t from, to;
    double value;
    const char *words; /* on the arrow */
    bool sure;         /* else dashed */
};

struct plot_paths {
    struct plot_heading heading;
    const struct plot_node *nodes;
    size_t node_count;
    const struct plot_arrow *arrows;
    size_t arrow_count;
};

/* Boxes are placed so that arrows run from left to right, cross little and pass no box. */
struct text plot_paths_draw(struct arena *arena, const struct plot_paths *paths);

#endif

/* Boxes and arrows: where the boxes go, and the words on the arrows. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "cli/plot/frame.h"
#include "mathematics/random.h"

enum { COLUMNS_MOST = 6, ROWS_MOST = 7, STEPS = 60000 };

static const double BOX_WIDTH = 150, BOX_HEIGHT = 54, ROW = 96, ARROW = 9;

static const double WORK_MOST = 3e7; /* comparisons of arrows with arrows and boxes: a fraction of a second */

/* Costs of what makes a diagram hard to read, in lengths of a column. */
static const double PASSES_BOX = 14, CROSSES = 2.5, BACKWARDS = 7, UPRIGHT = 1.2, FLAT_RUN = 0.05;

struct cell {
    int column, row;
};

struct picture {
    struct frame frame;
    const struct plot_paths *paths;
    int columns, rows;
    struct cell cells[PLOT_BOXES_MAX];
    struct svg_box boxes[PLOT_BOXES_MAX];
    struct svg_box words[PLOT_ARROWS_MAX]; /* taken by the words of arrows */
    size_t words_count;
};

/* ---- geometry ---- */

static double side_of(struct svg_point a, struct svg_point b, struct svg_point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static bool lines_cross(struct svg_point a, struct svg_point b, struct svg_point c, struct svg_point d)
{
    return side_of(a, b, c) * side_of(a, b, d) < 0 && side_of(c, d, a) * side_of(c, d, b) < 0;
}

static double distance_to(struct svg_point p, struct svg_point a, struct svg_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / square : 0;

    t = fmin(fmax(t, 0), 1);
    return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/* ---- where the boxes go ---- */

/* The longest way to each box from one that nothing acts on; loops end it. */
static int find_depths(const struct plot_paths *paths, int *depths)
{
    int most = 0;

    for (size_t i = 0; i < paths->node_count; i++)
        depths[i] = 0;
    for (size_t round = 0; round < paths->node_count; round++)
        for (size_t i = 0; i < paths->arrow_count; i++) {
            const struct plot_arrow *arrow = &paths->arrows[i];

            if (depths[arrow->to] <= depths[arrow->from] && depths[arrow->from] + 1 < (int)paths->node_count)
                depths[arrow->to] = depths[arrow->from] + 1;
        }
    for (size_t i = 0; i < paths->node_count; i++)
        most = depths[i] > most ? depths[i] : most;
    return most;
}

static struct svg_point center_of(const struct cell *cell)
{
    return (struct svg_point){1.5 * cell->column, cell->row};
}

static double cost_of(const struct plot_paths *paths, const struct cell *cells)
{
    double cost = 0;

    for (size_t i = 0; i < paths->arrow_count; i++) {
        const struct plot_arrow *arrow = &paths->arrows[i];
        struct svg_point from = center_of(&cells[arrow->from]), to = center_of(&cells[arrow->to]);

        cost += hypot(to.x - from.x, to.y - from.y);
        cost += to.x < from.x ? BACKWARDS : to.x == from.x ? UPRIGHT : to.y == from.y ? 0 : FLAT_RUN;
        for (size_t k = 0; k < paths->node_count; k++)
            if (k != arrow->from && k != arrow->to && distance_to(center_of(&cells[k]), from, to) < 0.42)
                cost += PASSES_BOX;
        for (size_t k = 0; k < i; k++)
            if (lines_cross(from, to, center_of(&cells[paths->arrows[k].from]), center_of(&cells[paths->arrows[k].to])))
                cost += CROSSES;
    }
    return cost;
}

/* Moves a box to any cell; who is there takes its place. */
static void swap_cells(const struct plot_paths *paths, struct cell *cells, size_t node, struct cell to)
{
    for (size_t i = 0; i < paths->node_count; i++)
        if (cells[i].column == to.column && cells[i].row == to.row)
            cells[i] = cells[node];
    cells[node] = to;
}

/* Columns by depth, rows in the order given. */
static void start_boxes(struct picture *picture)
{
    size_t count = picture->paths->node_count;
    int depths[PLOT_BOXES_MAX], depth = find_depths(picture->paths, depths), filled[COLUMNS_MOST] = {0};

    picture->columns = depth + 1 > COLUMNS_MOST ? COLUMNS_MOST : depth + 1;
    if (count > 3 && picture->columns > 4 && count < 10)
        picture->columns = 4; /* room for words on the arrows */
    picture->rows = count < 4 ? 3 : count < 10 ? 5 : ROWS_MOST;
    for (size_t i = 0; i < count; i++) {
        int column = depth > 0 ? depths[i] * (picture->columns - 1) / depth : 0;

        while (filled[column] == picture->rows)
            column = (column + 1) % picture->columns;
        picture->cells[i] = (struct cell){column, filled[column]++};
    }
}

/* By simulated annealing from the same seed, so that the same model gives the same picture. */
static void place_boxes(struct picture *picture)
{
    const struct plot_paths *paths = picture->paths;
    struct cell cells[PLOT_BOXES_MAX], back[PLOT_BOXES_MAX];
    double work = (double)(paths->arrow_count * (paths->node_count + paths->arrow_count / 2) + 1);
    int steps = (int)fmin(STEPS, WORK_MOST / work);
    size_t size = sizeof cells;
    struct random random;

    start_boxes(picture);
    memcpy(cells, picture->cells, size);
    random_start(&random, 1);
    double cost = cost_of(paths, cells), best = cost;

    for (int step = 0; step < steps && paths->node_count > 1; step++) {
        double heat = 3 * pow(0.01, (double)step / steps);

        memcpy(back, cells, size);
        swap_cells(paths, cells, random_below(&random, paths->node_count),
                   (struct cell){(int)random_below(&random, (uint64_t)picture->columns),
                                 (int)random_below(&random, (uint64_t)picture->rows)});
        double next = cost_of(paths, cells);

        if (next > cost && random_uniform(&random) >= exp((cost - next) / heat)) {
            memcpy(cells, back, size);
            continue;
        }
        cost = next;
        if (cost < best - 1e-9) {
            best = cost;
            memcpy(picture->cells, cells, size);
        }
    }
}

/* Leaves out rows and columns without a box; returns the height of what is left. */
static double settle_boxes(struct picture *picture)
{
    int columns[COLUMNS_MOST] = {0}, rows[ROWS_MOST] = {0};

    for (size_t i = 0; i < picture->paths->node_count; i++) {
        columns[picture->cells[i].column] = 1;
        rows[picture->cells[i].row] = 1;
    }
    /* From here on how many are in use up to each. */
    for (int i = 1; i < COLUMNS_MOST; i++)
        columns[i] += columns[i - 1];
    for (int i = 1; i < ROWS_MOST; i++)
        rows[i] += rows[i - 1];
    for (size_t i = 0; i < picture->paths->node_count; i++) {
        picture->cells[i].column = columns[picture->cells[i].column] - 1;
        picture->cells[i].row = rows[picture->cells[i].row] - 1;
    }
    picture->columns = columns[COLUMNS_MOST - 1];
    return ROW * (rows[ROWS_MOST - 1] - 1) + BOX_HEIGHT;
}

/* ---- drawing ---- */

/* Where the line from the middle of a box towards `to` leaves it. */
static struct svg_point leave(const struct svg_box *box, struct svg_point to, double gap)
{
    struct svg_point middle = {box->x + box->width / 2, box->y + box->height / 2};
    double dx = to.x - middle.x, dy = to.y - middle.y;
    double part = fmin((box->width / 2 + gap) / fmax(fabs(dx), 1e-9), (box->height / 2 + gap) / fmax(fabs(dy), 1e-9));

    part = fmin(part, 1);
    return (struct svg_point){middle.x + part * dx, middle.y + part * dy};
}

static struct svg_point middle_of(const struct svg_box *box)
{
    return (struct svg_point){box->x + box->width / 2, box->y + box->height / 2};
}

static double overlap(const struct svg_box *a, const struct svg_box *b)
{
    double across = fmin(a->x + a->width, b->x + b->width) - fmax(a->x, b->x);
    double up = fmin(a->y + a->height, b->y + b->height) - fmax(a->y, b->y);

    return across > 0 && up > 0 ? across * up : 0;
}

/* The place on the arrow, a little off its middle if need be, where its words cover least. */
static void draw_words(struct picture *picture, size_t number, struct svg_point from, struct svg_point to)
{
    static const double parts[] = {0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8};
    const struct plot_paths *paths = picture->paths;
    const struct svg_font font = {.size = FRAME_TEXT,
                                  .color = frame_ink,
                                  .anchor = SVG_MIDDLE,
                                  .paper = true,
                                  .bold = paths->arrows[number].sure};
    struct text words = text_from(paths->arrows[number].words);
    double width = svg_text_width(words, &font) + 6, least = INFINITY;
    struct svg_box chosen = {0};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct svg_point at = {from.x + parts[i] * (to.x - from.x), from.y + parts[i] * (to.y - from.y)};
        struct svg_box box = {at.x - width / 2, at.y - 9, width, 18};
        double covered = (double)i * 3;

        for (size_t k = 0; k < paths->node_count; k++)
            covered += 4 * overlap(&box, &picture->boxes[k]);
        for (size_t k = 0; k < picture->words_count; k++)
            covered += 4 * overlap(&box, &picture->words[k]);
        for (size_t k = 0; k < paths->arrow_count; k++)
            if (k != number && distance_to(at, middle_of(&picture->boxes[paths->arrows[k].from]),
                                           middle_of(&picture->boxes[paths->arrows[k].to])) < 14)
                covered += 60;
        if (covered < least) {
            least = covered;
            chosen = box;
        }
    }
    picture->words[picture->words_count++] = chosen;
    svg_text(&picture->frame.svg, (struct svg_point){chosen.x + width / 2, chosen.y + 13.5}, &font, words);
}

static void draw_arrow(struct picture *picture, const struct plot_arrow *arrow, struct svg_point from,
                       struct svg_point to)
{
    const char *color = arrow->value < 0 ? frame_color(1) : frame_color(0);
    const struct svg_stroke stroke = {color, 1 + 4 * fmin(1, fabs(arrow->value)), arrow->sure ? NULL : "5 4"};
    double length = fmax(1, hypot(to.x - from.x, to.y - from.y)), size = ARROW + stroke.width;
    double dx = (to.x - from.x) / length, dy = (to.y - from.y) / length;
    struct svg_point neck = {to.x - size * dx, to.y - size * dy};
    const struct svg_point head[] = {to,
                                     {neck.x - dy * size * 0.45, neck.y + dx * size * 0.45},
                                     {neck.x + dy * size * 0.45, neck.y - dx * size * 0.45}};

    svg_line(&picture->frame.svg, from, neck, &stroke);
    svg_area(&picture->frame.svg, head, 3, color, 1);
}

static void draw_box(struct picture *picture, size_t i)
{
    const struct plot_node *node = &picture->paths->nodes[i];
    const struct svg_box *box = &picture->boxes[i];
    const struct svg_stroke edge = {frame_ink, 1.2, NULL};
    struct svg_font name = {.size = 14, .color = frame_ink, .anchor = SVG_MIDDLE, .bold = true};
    const struct svg_font words = {.size = 12, .color = frame_quiet, .anchor = SVG_MIDDLE};
    double x = box->x + box->width / 2, room = box->width - 10;

    name.size = svg_text_width(text_from(node->name), &name) > room ? 12 : 14;
    svg_rounded(&picture->frame.svg, box, "#f4f8fc", &edge);
    svg_text(&picture->frame.svg, (struct svg_point){x, box->y + 23}, &name,
             svg_text_fit(picture->frame.arena, text_from(node->name), &name, room));
    svg_text(&picture->frame.svg, (struct svg_point){x, box->y + 42}, &words,
             svg_text_fit(picture->frame.arena, text_from(node->words), &words, room));
}

struct text plot_paths_draw(struct arena *arena, const struct plot_paths *paths)
{
    struct picture *picture = arena_alloc(arena, sizeof *picture);
    static const double GAP = 4;

    assert(paths->node_count <= PLOT_BOXES_MAX && paths->arrow_count <= PLOT_ARROWS_MAX);
    picture->paths = paths;
    place_boxes(picture);
    double height = settle_boxes(picture);
    const struct frame_key keys[] = {
        {"positive", FRAME_KEY_LINE, {frame_color(0), 3, NULL}},
        {"negative", FRAME_KEY_LINE, {frame_color(1), 3, NULL}},
        {"may be zero", FRAME_KEY_LINE, {frame_quiet, 2, "5 4"}},
    };

    frame_start_keys(&picture->frame, arena, &paths->heading, keys, 3, height + 16);
    double width = fmin(BOX_WIDTH, 0.72 * picture->frame.body.width / picture->columns);
    double step = picture->columns > 1 ? (picture->frame.body.width - width) / (picture->columns - 1) : 0;

    for (size_t i = 0; i < paths->node_count; i++)
        picture->boxes[i] =
            (struct svg_box){picture->frame.body.x + step * picture->cells[i].column,
                             picture->frame.body.y + 8 + ROW * picture->cells[i].row, width, BOX_HEIGHT};
    for (int pass = 0; pass < 2; pass++) /* words above all lines */
        for (size_t i = 0; i < paths->arrow_count; i++) {
            const struct plot_arrow *arrow = &paths->arrows[i];
            const struct svg_box *from = &picture->boxes[arrow->from], *to = &picture->boxes[arrow->to];
            struct svg_point start = leave(from, middle_of(to), 0), end = leave(to, middle_of(from), GAP);

            if (pass == 0)
                draw_arrow(picture, arrow, start, end);
            else
                draw_words(picture, i, start, end);
        }
    for (size_t i = 0; i < paths->node_count; i++)
        draw_box(picture, i);
    return svg_done(&picture->frame.svg);
}

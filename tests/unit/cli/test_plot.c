#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/plot/plot.h"
#include "cli/plot/svg.h"
#include "mathematics/random.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new((size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* Well formed as far as a search can tell, without numbers that are none, all shapes and texts on the paper. */
static const char *assert_drawn(struct text picture)
{
    const char *svg = text_string(arena, picture);
    const char *const texts[] = {" x=\"", " x1=\"", " x2=\"", " cx=\""};

    assert_true(strncmp(svg, "<svg ", 5) == 0);
    assert_string_equal(svg + strlen(svg) - 7, "</svg>\n");
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf\""));
    assert_non_null(strstr(svg, "<title>"));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (const char *at = strstr(svg, texts[i]); at != NULL; at = strstr(at + 1, texts[i])) {
            double x = strtod(at + strlen(texts[i]), NULL);

            assert_true(x >= 0 && x <= 960);
        }
    return svg;
}

static const struct plot_heading heading = {"A & B <\xE5\xBF\xA0\xE8\xAF\x9A>", "Of 3 \"customers\"."};

static void texts_are_escaped(void **state)
{
    struct plot_lines lines = {.heading = heading, .x = {.label = "x\001y"}, .y = {.label = "a<b"}};
    const char *svg = assert_drawn(plot_lines_draw(arena, &lines));

    (void)state;
    assert_non_null(strstr(svg, "A &amp; B &lt;\xE5\xBF\xA0\xE8\xAF\x9A&gt;"));
    assert_non_null(strstr(svg, "&quot;customers&quot;"));
    assert_non_null(strstr(svg, ">xy<"));
}

static void texts_are_cut_to_their_room(void **state)
{
    const struct svg_font font = {.size = 10};
    struct text text = TEXT("a name that is long"), wide = TEXT("\xE5\xBF\xA0\xE8\xAF\x9A\xE5\xBA\xA6");

    (void)state;
    assert_true(text_equal(svg_text_fit(arena, text, &font, 500), text));
    struct text cut = svg_text_fit(arena, text, &font, 60);

    assert_true(svg_text_width(cut, &font) <= 60);
    assert_true(cut.size > 6 && memcmp(cut.bytes + cut.size - 3, "\xE2\x80\xA6", 3) == 0);
    assert_true(text_equals(svg_text_fit(arena, wide, &font, 21), "\xE5\xBF\xA0\xE2\x80\xA6"));
    assert_int_equal(svg_text_line(text, &font, 60), 7); /* "a name " */
    assert_int_equal(svg_text_line(wide, &font, 21), 6);
    assert_int_equal(svg_text_line(TEXT("wwwwwwww"), &font, 1), 1);
}

static void a_label_longer_than_the_paper_is_cut(void **state)
{
    char label[2000];

    (void)state;
    memset(label, 'w', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    const struct plot_heading long_heading = {label, label};
    const struct plot_lines lines = {.heading = long_heading, .x = {.label = label}, .y = {.label = label}};
    const char *svg = assert_drawn(plot_lines_draw(arena, &lines)), *body = strstr(svg, "</desc>");

    for (const char *at = strstr(body, "<text"); at != NULL; at = strstr(at + 1, "<text"))
        assert_true(strcspn(at, "\n") < 260);
}

static void values_that_are_none_are_left_out(void **state)
{
    static const double x[] = {1, 2, NAN, 4, 5}, y[] = {1, NAN, 3, INFINITY, 5}, low[] = {0, NAN, 0, 0, NAN};
    const struct plot_series series = {.name = "all", .x = x, .y = y, .low = low, .high = y, .count = 5, .dots = true};
    const struct plot_lines lines = {
        .heading = heading, .x = {.label = ""}, .y = {.label = ""}, .series = &series, .series_count = 1};
    const struct plot_bar bars[] = {{"one", 1, NAN, NAN, "1", 0}, {"none", NAN, NAN, NAN, "", 1}};
    const struct plot_bars chart = {.heading = heading, .axis = {.label = ""}, .bars = bars, .bar_count = 2};
    const struct plot_point points[] = {{"one", 1, 2, 0}, {"none", NAN, 2, 1}};
    const struct plot_map map = {.heading = heading,
                                 .x = {.label = ""},
                                 .y = {.label = ""},
                                 .x_cut = 1,
                                 .y_cut = 1,
                                 .fields = {"a", "b", "c", "d"},
                                 .points = points,
                                 .point_count = 2};
    const char *const names[] = {"r", "s"}, *const texts[] = {"1", NULL, "2\n3", "4"};
    const double values[] = {1, NAN, 2, 0};
    const struct plot_heat heat = {.heading = heading,
                                   .row_label = "r",
                                   .column_label = "c",
                                   .value_label = "v",
                                   .rows = names,
                                   .columns = names,
                                   .values = values,
                                   .texts = texts,
                                   .row_count = 2,
                                   .column_count = 2};

    (void)state;
    assert_drawn(plot_lines_draw(arena, &lines));
    assert_drawn(plot_bars_draw(arena, &chart));
    assert_drawn(plot_map_draw(arena, &map));
    assert_drawn(plot_heat_draw(arena, &heat));
}

static void nothing_gives_an_empty_picture(void **state)
{
    (void)state;
    assert_drawn(
        plot_lines_draw(arena, &(struct plot_lines){.heading = heading, .x = {.label = ""}, .y = {.label = ""}}));
    assert_drawn(plot_bars_draw(arena, &(struct plot_bars){.heading = heading, .axis = {.label = ""}}));
    assert_drawn(plot_paths_draw(arena, &(struct plot_paths){.heading = heading}));
    assert_drawn(plot_heat_draw(
        arena, &(struct plot_heat){.heading = heading, .row_label = "", .column_label = "", .value_label = ""}));
}

static void many_points_stay_a_small_file(void **state)
{
    enum { COUNT = 200000 };
    double *x = arena_array(arena, COUNT, sizeof *x), *y = arena_array(arena, COUNT, sizeof *y);
    const struct plot_series series = {.name = "all", .x = x, .y = y, .count = COUNT};
    const struct plot_lines lines = {
        .heading = heading, .x = {.label = ""}, .y = {.label = ""}, .series = &series, .series_count = 1};

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        x[i] = (double)i;
        y[i] = sqrt((double)i);
    }
    assert_true(strlen(assert_drawn(plot_lines_draw(arena, &lines))) < 60000);
}

static void any_model_of_paths_is_drawn(void **state)
{
    struct plot_node nodes[PLOT_BOXES_MAX];
    struct plot_arrow arrows[PLOT_ARROWS_MAX];
    struct random random;

    (void)state;
    random_start(&random, 5);
    for (size_t count = 1; count <= 22; count += 7) {
        size_t arrow_count = 0;

        for (size_t i = 0; i < count; i++)
            nodes[i] = (struct plot_node){arena_format(arena, "Construct %zu", i), "index 70"};
        for (size_t from = 0; from < count; from++)
            for (size_t to = from + 1; to < count; to++)
                if (random_uniform(&random) < 3 / (double)count)
                    arrows[arrow_count++] =
                        (struct plot_arrow){from, to, 2 * random_uniform(&random) - 1, "0.12", from % 2 == 0};
        const struct plot_paths paths = {
            .heading = heading, .nodes = nodes, .node_count = count, .arrows = arrows, .arrow_count = arrow_count};
        const char *first = assert_drawn(plot_paths_draw(arena, &paths));

        assert_string_equal(first, assert_drawn(plot_paths_draw(arena, &paths))); /* the same each time */
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_are_escaped),
        TEST(texts_are_cut_to_their_room),
        TEST(a_label_longer_than_the_paper_is_cut),
        TEST(values_that_are_none_are_left_out),
        TEST(nothing_gives_an_empty_picture),
        TEST(many_points_stay_a_small_file),
        TEST(any_model_of_paths_is_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

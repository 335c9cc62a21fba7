#include "cli/plot/svg.h"

#include <assert.h>
#include <math.h>

#define FONTS                                                                                                       \
    "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', " \
    "'WenQuanYi Micro Hei', 'DejaVu Sans', sans-serif"

/* Hundredths of the size, from the blank to the tilde. */
static const unsigned char widths[] = {
    32, 40, 46, 84, 64, 95, 78, 27, 39,  39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
    60, 79, 69, 63, 61, 73, 68, 99, 69,  61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63,  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
};

static const double WIDTH_BOLD = 1.12, WIDTH_OTHER = 0.66, WIDTH_WIDE = 1.02;
static const uint32_t WIDE_FIRST = 0x1100, NARROW_AGAIN_FIRST = 0x1200, NARROW_AGAIN_LAST = 0x2E7F;

/* ---- numbers and texts ---- */

static void put_number(struct svg *svg, double value)
{
    assert(isfinite(value));
    double rounded = round(value * 100) / 100;

    builder_format(&svg->out, "%.*f",
                   rounded == round(rounded)             ? 0
                   : rounded * 10 == round(rounded * 10) ? 1
                                                         : 2,
                   rounded == 0 ? 0.0 : rounded);
}

static void put_attribute(struct svg *svg, const char *name, double value)
{
    builder_format(&svg->out, " %s=\"", name);
    put_number(svg, value);
    builder_char(&svg->out, '"');
}

static void put_escaped(struct svg *svg, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];

        if (c == '&')
            builder_string(&svg->out, "&amp;");
        else if (c == '<')
            builder_string(&svg->out, "&lt;");
        else if (c == '>')
            builder_string(&svg->out, "&gt;");
        else if (c == '"')
            builder_string(&svg->out, "&quot;");
        else if (c >= 0x20)
            builder_char(&svg->out, (char)c);
        else if (c == '\t' || c == '\n')
            builder_char(&svg->out, ' ');
    }
}

static void put_stroke(struct svg *svg, const struct svg_stroke *stroke)
{
    if (stroke == NULL)
        return;
    builder_format(&svg->out, " stroke=\"%s\"", stroke->color);
    if (stroke->width != 1)
        put_attribute(svg, "stroke-width", stroke->width);
    if (stroke->dashes != NULL)
        builder_format(&svg->out, " stroke-dasharray=\"%s\"", stroke->dashes);
}

static void put_points(struct svg *svg, const struct svg_point *points, size_t count)
{
    builder_string(&svg->out, " points=\"");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            builder_char(&svg->out, ' ');
        put_number(svg, points[i].x);
        builder_char(&svg->out, ',');
        put_number(svg, points[i].y);
    }
    builder_char(&svg->out, '"');
}

/* ---- shapes ---- */

void svg_start(struct svg *svg, struct arena *arena, const struct svg_box *size, struct text title,
               struct text description)
{
    *svg = (struct svg){.out = {.arena = arena}};
    builder_string(&svg->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    put_attribute(svg, "width", size->width);
    put_attribute(svg, "height", size->height);
    builder_string(&svg->out, " viewBox=\"0 0 ");
    put_number(svg, size->width);
    builder_char(&svg->out, ' ');
    put_number(svg, size->height);
    builder_string(&svg->out, "\" font-family=\"" FONTS "\">\n<title>");
    put_escaped(svg, title);
    builder_string(&svg->out, "</title>\n<desc>");
    put_escaped(svg, description);
    builder_string(&svg->out, "</desc>\n");
    svg_rectangle(svg, size, "#ffffff", NULL);
}

struct text svg_done(struct svg *svg)
{
    builder_string(&svg->out, "</svg>\n");
    return builder_done(&svg->out);
}

static void put_rectangle(struct svg *svg, const struct svg_box *box, const char *fill, const struct svg_stroke *stroke,
                          double radius)
{
    builder_string(&svg->out, "<rect");
    put_attribute(svg, "x", box->x);
    put_attribute(svg, "y", box->y);
    put_attribute(svg, "width", fmax(0, box->width));
    put_attribute(svg, "height", fmax(0, box->height));
    if (radius > 0)
        put_attribute(svg, "rx", radius);
    builder_format(&svg->out, " fill=\"%s\"", fill);
    put_stroke(svg, stroke);
    builder_string(&svg->out, "/>\n");
}

void svg_rectangle(struct svg *svg, const struct svg_box *box, const char *fill, const struct svg_stroke *stroke)
{
    put_rectangle(svg, box, fill, stroke, 0);
}

void svg_rounded(struct svg *svg, const struct svg_box *box, const char *fill, const struct svg_stroke *stroke)
{
    put_rectangle(svg, box, fill, stroke, 8);
}

void svg_line(struct svg *svg, struct svg_point from, struct svg_point to, const struct svg_stroke *stroke)
{
    builder_string(&svg->out, "<line");
    put_attribute(svg, "x1", from.x);
    put_attribute(svg, "y1", from.y);
    put_attribute(svg, "x2", to.x);
    put_attribute(svg, "y2", to.y);
    put_stroke(svg, stroke);
    builder_string(&svg->out, "/>\n");
}

void svg_path(struct svg *svg, const struct svg_point *points, size_t count, const struct svg_stroke *stroke)
{
    builder_string(&svg->out, "<polyline fill=\"none\" stroke-linejoin=\"round\"");
    put_stroke(svg, stroke);
    put_points(svg, points, count);
    builder_string(&svg->out, "/>\n");
}

void svg_area(struct svg *svg, const struct svg_point *points, size_t count, const char *fill, double opacity)
{
    builder_format(&svg->out, "<polygon fill=\"%s\"", fill);
    if (opacity < 1)
        put_attribute(svg, "fill-opacity", opacity);
    put_points(svg, points, count);
    builder_string(&svg->out, "/>\n");
}

void svg_circle(struct svg *svg, struct svg_point center, double radius, const char *fill)
{
    builder_string(&svg->out, "<circle");
    put_attribute(svg, "cx", center.x);
    put_attribute(svg, "cy", center.y);
    put_attribute(svg, "r", radius);
    builder_format(&svg->out, " fill=\"%s\"/>\n", fill);
}

void svg_text(struct svg *svg, struct svg_point at, const struct svg_font *font, struct text text)
{
    static const char *const anchors[] = {"start", "middle", "end"};

    if (text.size == 0)
        return;
    if (font->paper) {
        double width = svg_text_width(text, font) + 4, left = font->anchor == SVG_START    ? 2
                                                              : font->anchor == SVG_MIDDLE ? width / 2
                                                                                           : width - 2;

        builder_string(&svg->out, "<g fill-opacity=\"0.85\">");
        svg_rectangle(svg, &(struct svg_box){at.x - left, at.y - font->size + 1, width, font->size + 2}, "#ffffff",
                      NULL);
        builder_string(&svg->out, "</g>");
    }
    builder_string(&svg->out, "<text");
    put_attribute(svg, "x", at.x);
    put_attribute(svg, "y", at.y);
    put_attribute(svg, "font-size", font->size);
    builder_format(&svg->out, " fill=\"%s\"", font->color);
    if (font->anchor != SVG_START)
        builder_format(&svg->out, " text-anchor=\"%s\"", anchors[font->anchor]);
    if (font->bold)
        builder_string(&svg->out, " font-weight=\"bold\"");
    builder_char(&svg->out, '>');
    put_escaped(svg, text);
    builder_string(&svg->out, "</text>\n");
}

/* ---- measuring ---- */

/* The character at `at` of valid UTF-8, and how many bytes it has. */
static uint32_t character_at(struct text text, size_t at, size_t *size)
{
    unsigned char first = (unsigned char)text.bytes[at];
    size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t value = length == 1 ? first : first & (0xFFu >> (length + 1));

    *size = at + length <= text.size ? length : text.size - at;
    for (size_t i = 1; i < *size; i++)
        value = value << 6 | ((unsigned char)text.bytes[at + i] & 0x3Fu);
    return value;
}

static bool is_wide(uint32_t character)
{
    return character >= WIDE_FIRST && (character < NARROW_AGAIN_FIRST || character > NARROW_AGAIN_LAST);
}

static double character_width(uint32_t character)
{
    if (character < ' ')
        return character == '\t' || character == '\n' ? widths[0] / 100.0 : 0;
    if (character - ' ' < sizeof widths)
        return widths[character - ' '] / 100.0;
    if (character == 0x2026 || character == 0x2014)
        return 1;
    return is_wide(character) ? WIDTH_WIDE : WIDTH_OTHER;
}

static double font_scale(const struct svg_font *font)
{
    return font->size * (font->bold ? WIDTH_BOLD : 1);
}

double svg_text_width(struct text text, const struct svg_font *font)
{
    double width = 0;

    for (size_t at = 0, size; at < text.size; at += size)
        width += character_width(character_at(text, at, &size));
    return width * font_scale(font);
}

struct text svg_text_fit(struct arena *arena, struct text text, const struct svg_font *font, double width)
{
    double used = font_scale(font); /* of the ellipsis */
    size_t at = 0, size;

    if (svg_text_width(text, font) <= width)
        return text;
    for (; at < text.size; at += size) {
        used += character_width(character_at(text, at, &size)) * font_scale(font);
        if (used > width)
            break;
    }
    struct text kept = text_trim((struct text){text.bytes, at});

    return text_from(arena_format(arena, "%.*s\xE2\x80\xA6", (int)kept.size, kept.bytes));
}

size_t svg_text_line(struct text text, const struct svg_font *font, double width)
{
    double used = 0;
    size_t last = 0, size;

    for (size_t at = 0; at < text.size; at += size) {
        uint32_t character = character_at(text, at, &size);

        used += character_width(character) * font_scale(font);
        if (used > width && character != ' ')
            return last > 0 ? last : at > 0 ? at : size;
        bool percent = at + size < text.size && text.bytes[at + size] == '%'; /* stays with its number */

        if ((character == ' ' && !percent) || is_wide(character))
            last = at + size;
    }
    return text.size;
}

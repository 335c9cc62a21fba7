#include "features/coupons/qr.h"

#include <assert.h>
#include <qrencode.h>
#include <string.h>
#include <zlib.h>

enum { QUIET = 4, BITS = 8 };

static enum status encode(struct arena *arena, struct text text, QRcode **out, struct error *err)
{
    *out = text.size > 0 && text.size <= QR_TEXT_MAX
               ? QRcode_encodeString(text_string(arena, text), 0, QR_ECLEVEL_M, QR_MODE_8, 1)
               : NULL;
    return *out != NULL ? STATUS_OK
                        : error_set(err, STATUS_LIMIT, "qr.size", "", "a QR code has 1 to %d bytes", QR_TEXT_MAX);
}

static bool is_dark(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;

    return inside && (code->data[y * code->width + x] & 1) != 0;
}

enum status qr_svg(struct arena *arena, struct text text, struct text *out, struct error *err)
{
    struct builder svg = {.arena = arena};
    QRcode *code;
    enum status status = encode(arena, text, &code, err);

    if (status != STATUS_OK)
        return status;
    int size = code->width + 2 * QUIET;
    builder_format(&svg,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
                   "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path d=\"",
                   size, size, size, size);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++) {
            int start = x;
            while (is_dark(code, x, y))
                x++;
            if (x > start)
                builder_format(&svg, "M%d %dh%dv1h-%dz", start + QUIET, y + QUIET, x - start, x - start);
        }
    builder_string(&svg, "\"/></svg>\n");
    QRcode_free(code);
    *out = builder_done(&svg);
    return STATUS_OK;
}

/* ---- PNG: one bit a pixel, no filter ---- */

static void put_number(unsigned char out[4], uint32_t number)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(number >> (24 - BITS * i));
}

static void add_chunk(struct builder *png, const char kind[5], const unsigned char *bytes, size_t size)
{
    unsigned char number[4];
    uLong sum = crc32(crc32(0, NULL, 0), (const Bytef *)kind, 4);

    if (size > 0)
        sum = crc32(sum, bytes, (uInt)size);
    put_number(number, (uint32_t)size);
    builder_bytes(png, number, 4);
    builder_bytes(png, kind, 4);
    if (size > 0)
        builder_bytes(png, bytes, size);
    put_number(number, (uint32_t)sum);
    builder_bytes(png, number, 4);
}

/* Rows of a filter byte and the pixels, a 1 being white. */
static unsigned char *draw_rows(struct arena *arena, const QRcode *code, int scale, size_t *size)
{
    int width = (code->width + 2 * QUIET) * scale;
    size_t line = (size_t)(width + BITS - 1) / BITS + 1;
    unsigned char *rows = arena_array(arena, (size_t)width, line);

    for (int y = 0; y < width; y++)
        for (int x = 0; x < width; x++)
            if (!is_dark(code, x / scale - QUIET, y / scale - QUIET))
                rows[(size_t)y * line + 1 + (size_t)x / BITS] |= (unsigned char)(0x80 >> (x % BITS));
    *size = (size_t)width * line;
    return rows;
}

enum status qr_png(struct arena *arena, struct text text, int scale, struct text *out, struct error *err)
{
    struct builder png = {.arena = arena};
    unsigned char header[13] = {0};
    size_t size;
    QRcode *code;
    enum status status = encode(arena, text, &code, err);

    if (status != STATUS_OK)
        return status;
    assert(scale >= 1 && scale <= QR_SCALE_MAX);
    put_number(header, (uint32_t)((code->width + 2 * QUIET) * scale));
    memcpy(header + 4, header, 4);
    header[8] = 1; /* one bit a pixel, grey */
    unsigned char *rows = draw_rows(arena, code, scale, &size);
    QRcode_free(code);
    uLongf packed = compressBound((uLong)size);
    unsigned char *bytes = arena_alloc(arena, packed);
    if (compress2(bytes, &packed, rows, (uLong)size, Z_BEST_COMPRESSION) != Z_OK)
        return error_set(err, STATUS_LIMIT, "qr.size", "", "the picture cannot be packed");
    builder_bytes(&png, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&png, "IHDR", header, sizeof header);
    add_chunk(&png, "IDAT", bytes, packed);
    add_chunk(&png, "IEND", NULL, 0);
    *out = builder_done(&png);
    return STATUS_OK;
}

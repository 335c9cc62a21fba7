/* QR codes: what is drawn has the shape that the standard wants, and a PNG unpacks to the same picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "features/coupons/qr.h"

enum { FIRST = 29 }; /* modules of version 1 with its quiet zone */

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    return arena != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Version 1 has 21 modules; with four of quiet on each side 29. The finder's first row is seven dark modules. */
static void a_short_text_is_version_one_with_its_finders(void **state)
{
    struct text svg;

    (void)state;
    assert_int_equal(qr_svg(arena, TEXT("ABC"), &svg, NULL), STATUS_OK);
    assert_non_null(strstr(text_string(arena, svg), "viewBox=\"0 0 29 29\""));
    assert_non_null(strstr(text_string(arena, svg), "M4 4h7v1h-7z"));  /* top left */
    assert_non_null(strstr(text_string(arena, svg), "M18 4h7v1h-7z")); /* top right */
    assert_non_null(strstr(text_string(arena, svg), "M4 24h7v1h-7z")); /* bottom left, last row */
}

static void a_png_unpacks_to_the_same_finder(void **state)
{
    enum { SCALE = 2, WIDTH = FIRST * SCALE, LINE = (WIDTH + 7) / 8 + 1 };
    unsigned char rows[WIDTH * LINE];
    uLongf size = sizeof rows;
    struct text png;

    (void)state;
    assert_int_equal(qr_png(arena, TEXT("ABC"), SCALE, &png, NULL), STATUS_OK);
    const unsigned char *bytes = (const unsigned char *)png.bytes;
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    assert_int_equal(number_at(bytes + 16), WIDTH);
    assert_int_equal(number_at(bytes + 20), WIDTH);
    assert_memory_equal(bytes + 37, "IDAT", 4);
    assert_int_equal(uncompress(rows, &size, bytes + 41, number_at(bytes + 33)), Z_OK);
    assert_int_equal(size, sizeof rows);
    /* Row 8 of pixels is the first of the finder: 8 white pixels, 14 black ones, then white: ff 00 03 at the third byte. */
    const unsigned char *row = rows + 8 * LINE;
    assert_int_equal(row[0], 0);
    assert_int_equal(row[1], 0xff);
    assert_int_equal(row[2], 0x00);
    assert_int_equal(row[3] & 0xff, 0x03);
}

static void a_text_that_is_too_long_is_refused(void **state)
{
    char text[QR_TEXT_MAX + 1];
    struct text svg;
    struct error error;

    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(qr_svg(arena, (struct text){text, sizeof text}, &svg, &error), STATUS_LIMIT);
    assert_string_equal(error.code, "qr.size");
    assert_int_equal(qr_svg(arena, (struct text){text, sizeof text - 1}, &svg, &error), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_text_is_version_one_with_its_finders),
        cmocka_unit_test(a_png_unpacks_to_the_same_finder),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

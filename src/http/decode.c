/* decode.c: percent encoding. */
#include "http/server.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_decode(struct arena *arena, struct text encoded, bool form, struct text *out)
{
    char *bytes = arena_alloc(arena, encoded.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < encoded.size; i++) {
        char c = encoded.bytes[i];
        if (c == '%') {
            bool whole = encoded.size - i > 2;
            int high = whole ? hex_digit(encoded.bytes[i + 1]) : -1;
            int low = whole ? hex_digit(encoded.bytes[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        bytes[size++] = c;
    }
    struct text decoded = {bytes, size};
    if (!text_is_utf8(decoded))
        return false;
    *out = decoded;
    return true;
}

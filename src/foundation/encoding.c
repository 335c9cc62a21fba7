#include "foundation/encoding.h"

#include <sodium.h>

char *hex_encode(const void *bytes, size_t size, char *out)
{
    return sodium_bin2hex(out, size * 2 + 1, bytes, size);
}

bool hex_decode(struct text text, void *out, size_t size)
{
    size_t decoded = 0;
    return text.size == size * 2 && sodium_hex2bin(out, size, text.bytes, text.size, NULL, &decoded, NULL) == 0 &&
           decoded == size;
}

struct text base64url_encode(struct arena *arena, struct text bytes)
{
    size_t size = sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *encoded = arena_alloc(arena, size);
    sodium_bin2base64(encoded, size, (const unsigned char *)bytes.bytes, bytes.size,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (struct text){encoded, size - 1};
}

bool base64url_decode(struct arena *arena, struct text text, struct text *out)
{
    size_t capacity = text.size / 4 * 3 + 3;
    unsigned char *bytes = arena_alloc(arena, capacity);
    size_t size = 0;
    if (sodium_base642bin(bytes, capacity, text.bytes, text.size, NULL, &size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *out = (struct text){(const char *)bytes, size};
    return true;
}

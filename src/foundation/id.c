#include "foundation/id.h"

#include <assert.h>
#include <string.h>

enum { DIGITS = 13, PREFIX_MAX = 8 };

/* Crockford's base32 alphabet: without I, L, O and U, which are misread. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

_Static_assert(PREFIX_MAX + 1 + DIGITS < ID_TEXT_SIZE, "an id fits its buffer");

char *id_format(const char *prefix, int64_t id, char *out)
{
    size_t prefix_size = strlen(prefix);
    assert(prefix_size <= PREFIX_MAX);
    assert(id > 0);

    memcpy(out, prefix, prefix_size);
    out[prefix_size] = '_';
    char *digits = out + prefix_size + 1;
    for (int i = DIGITS - 1; i >= 0; i--) {
        digits[i] = alphabet[id & 31];
        id >>= 5;
    }
    digits[DIGITS] = '\0';
    return out;
}

static int digit_value(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    const char *found = c == '\0' ? NULL : strchr(alphabet, c);
    return found == NULL ? -1 : (int)(found - alphabet);
}

bool id_parse(const char *prefix, struct text text, int64_t *out)
{
    size_t prefix_size = strlen(prefix);
    if (text.size != prefix_size + 1 + DIGITS || memcmp(text.bytes, prefix, prefix_size) != 0 ||
        text.bytes[prefix_size] != '_')
        return false;

    const char *digits = text.bytes + prefix_size + 1;
    if (digit_value(digits[0]) > 7) /* 13 digits are 65 bits, an id has 63 */
        return false;
    int64_t id = 0;
    for (int i = 0; i < DIGITS; i++) {
        int value = digit_value(digits[i]);
        if (value < 0)
            return false;
        id = id << 5 | value;
    }
    if (id <= 0)
        return false;
    *out = id;
    return true;
}

/* mask.c: phones and e-mails as those see them who may not know them. */
#include "foundation/mask.h"

#include <stdbool.h>
#include <string.h>

enum { SHOWN_DIGITS = 4, PHONE_DIGITS_MIN = 5 };

static bool is_phone(struct text value)
{
    if (value.size <= PHONE_DIGITS_MIN || value.bytes[0] != '+')
        return false;
    for (size_t i = 1; i < value.size; i++)
        if (value.bytes[i] < '0' || value.bytes[i] > '9')
            return false;
    return true;
}

/* What stands before the value, with its colon. */
static size_t prefix_size(struct text value)
{
    static const char *const prefixes[] = {"phone:", "email:"};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (text_starts_with(value, text_from(prefixes[i])))
            return strlen(prefixes[i]);
    return 0;
}

struct text mask_contact(struct arena *arena, struct text value)
{
    struct builder out = {.arena = arena};
    size_t prefix = prefix_size(value);
    struct text contact = {value.bytes + prefix, value.size - prefix};
    const char *at = contact.size > 0 ? memchr(contact.bytes, '@', contact.size) : NULL;

    builder_bytes(&out, value.bytes, prefix);
    if (is_phone(contact)) {
        builder_string(&out, "***");
        builder_bytes(&out, contact.bytes + contact.size - SHOWN_DIGITS, SHOWN_DIGITS);
        return builder_done(&out);
    }
    if (at == NULL || at == contact.bytes || memchr(contact.bytes, ' ', contact.size) != NULL)
        return value;
    if ((unsigned char)contact.bytes[0] < 0x80)
        builder_char(&out, contact.bytes[0]);
    builder_string(&out, "***");
    builder_bytes(&out, at, contact.size - (size_t)(at - contact.bytes));
    return builder_done(&out);
}

struct text mask_contacts_in_json(struct arena *arena, struct text json)
{
    struct builder out = {.arena = arena};
    size_t at = 0;

    if (json.size == 0)
        return json;
    while (at < json.size) {
        builder_char(&out, json.bytes[at]);
        if (json.bytes[at++] != '"')
            continue;
        size_t end = at;
        while (end < json.size && json.bytes[end] != '"')
            end += json.bytes[end] == '\\' ? 2 : 1;
        end = end < json.size ? end : json.size;
        builder_text(&out, mask_contact(arena, (struct text){json.bytes + at, end - at}));
        at = end;
        if (at < json.size)
            builder_char(&out, json.bytes[at++]);
    }
    return builder_done(&out);
}

#include "foundation/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies what fits, never half of a UTF-8 character. `out` and `text` may not overlap. */
static void copy_cut(char *out, size_t out_size, const char *text)
{
    size_t size = strlen(text);
    if (size >= out_size) {
        size = out_size - 1;
        while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
            size--;
    }
    memcpy(out, text, size);
    out[size] = '\0';
}

enum status error_set(struct error *err, enum status status, const char *code, const char *field, const char *format,
                      ...)
{
    assert(status != STATUS_OK);
    assert(code != NULL);

    if (err == NULL)
        return status;

    /* Built aside, because the arguments may be parts of `err` itself. */
    char message[2 * ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    struct error next = {.status = status};
    copy_cut(next.code, sizeof next.code, code);
    copy_cut(next.field, sizeof next.field, field == NULL ? "" : field);
    copy_cut(next.message, sizeof next.message, message);
    *err = next;
    return status;
}

void error_prefix_field(struct error *err, const char *format, ...)
{
    if (err == NULL || err->field[0] == '\0')
        return;

    char prefix[ERROR_FIELD_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);

    char joined[2 * ERROR_FIELD_SIZE];
    snprintf(joined, sizeof joined, "%s%s", prefix, err->field);
    copy_cut(err->field, sizeof err->field, joined);
}

void error_add_context(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return;

    char context[ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);

    char joined[2 * ERROR_MESSAGE_SIZE + 4];
    snprintf(joined, sizeof joined, "%s: %s", context, err->message);
    copy_cut(err->message, sizeof err->message, joined);
}

/* page.c: pages and their cursors. */
#include "api/page.h"

#include <inttypes.h>
#include <string.h>

#include "foundation/encoding.h"

static const struct field page_query_fields[] = {PAGE_FIELDS(struct page_query)};
const struct shape page_query_shape = {
    .name = "PageQuery", .size = sizeof(struct page_query), SHAPE_FIELDS(page_query_fields)};

/* Each part as "i123;" or "t4:text", all of it in base64url. */
struct text cursor_write(struct arena *arena, const struct cursor *cursor)
{
    struct builder plain = {.arena = arena};
    /* cppcheck-suppress ctunullpointer ; without a next page there is no cursor, and nobody comes here */
    for (size_t i = 0; i < cursor->integer_count; i++)
        builder_format(&plain, "i%" PRId64 ";", cursor->integers[i]);
    for (size_t i = 0; i < cursor->text_count; i++) {
        builder_format(&plain, "t%zu:", cursor->texts[i].size);
        builder_text(&plain, cursor->texts[i]);
    }
    return base64url_encode(arena, builder_done(&plain));
}

/* Takes the digits up to `stop` off the front of `rest`. */
static bool take_number(struct text *rest, char kind, char stop, int64_t *out)
{
    if (rest->size == 0 || rest->bytes[0] != kind)
        return false;
    const char *end = memchr(rest->bytes, stop, rest->size);
    if (end == NULL)
        return false;
    struct text digits = {rest->bytes + 1, (size_t)(end - rest->bytes) - 1};
    rest->size -= (size_t)(end - rest->bytes) + 1;
    rest->bytes = end + 1;
    return text_to_integer(digits, out);
}

static bool read_parts(struct text rest, struct cursor *cursor)
{
    for (size_t i = 0; i < cursor->integer_count; i++)
        if (!take_number(&rest, 'i', ';', &cursor->integers[i]))
            return false;
    for (size_t i = 0; i < cursor->text_count; i++) {
        int64_t size;
        if (!take_number(&rest, 't', ':', &size) || size < 0 || (size_t)size > rest.size)
            return false;
        cursor->texts[i] = (struct text){rest.bytes, (size_t)size};
        if (!text_is_utf8(cursor->texts[i]))
            return false;
        rest.bytes += size;
        rest.size -= (size_t)size;
    }
    return rest.size == 0;
}

enum status cursor_read(struct arena *arena, struct text after, struct cursor *cursor, bool *given, struct error *err)
{
    *given = after.size > 0;
    if (!*given)
        return STATUS_OK;
    struct text parts;
    if (!base64url_decode(arena, after, &parts) || !read_parts(parts, cursor))
        return error_set(err, STATUS_INVALID, "page.cursor", "after",
                         "give as 'after' what the page before gave as 'next'");
    return STATUS_OK;
}

void page_end(struct json_writer *writer, struct arena *arena, const struct cursor *last, bool more)
{
    if (more)
        writer_text(writer, "next", cursor_write(arena, last));
    else
        writer_null(writer, "next");
}

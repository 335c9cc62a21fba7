/* page.h: lists in pages: ?limit=1..200 (50) and &after=the opaque cursor that the page before gave as "next". */
#ifndef PATRON_API_PAGE_H
#define PATRON_API_PAGE_H

#include "foundation/arena.h"
#include "foundation/error.h"
#include "json/shape.h"
#include "json/writer.h"

enum { PAGE_LIMIT_MAX = 200, PAGE_LIMIT_DEFAULT = 50, CURSOR_PARTS_MAX = 4 };

/* Part of a query struct. */
struct page {
    int64_t limit;
    struct text after;
};

/* The two fields of a query table whose `query_struct` has a `struct page page`. */
#define PAGE_FIELDS(query_struct)                                                                        \
    {.name = "limit",                                                                                    \
     .type = FIELD_INTEGER,                                                                              \
     .flags = FIELD_DEFAULT,                                                                             \
     .offset = offsetof(query_struct, page.limit),                                                       \
     .minimum = 1,                                                                                       \
     .maximum = PAGE_LIMIT_MAX,                                                                          \
     .fallback = PAGE_LIMIT_DEFAULT,                                                                     \
     .about = "How many at most."},                                                                      \
    {                                                                                                    \
        .name = "after", .type = FIELD_TEXT, .offset = offsetof(query_struct, page.after), .minimum = 1, \
        .maximum = 1024, .about = "The cursor given as next by the page before."                         \
    }

/* A query with nothing but the page. */
struct page_query {
    struct page page;
};
extern const struct shape page_query_shape;

/* Where a page ends: the key of its last row. */
struct cursor {
    int64_t integers[CURSOR_PARTS_MAX];
    struct text texts[CURSOR_PARTS_MAX];
    size_t integer_count, text_count;
};

/*
 * Reads `after` into `cursor`, whose counts the caller has set to what it expects. `*given` is false when there is no
 * cursor (the first page). STATUS_INVALID `page.cursor` for one that is not ours.
 */
enum status cursor_read(struct arena *arena, struct text after, struct cursor *cursor, bool *given, struct error *err);
struct text cursor_write(struct arena *arena, const struct cursor *cursor);

/*
 * Inside the reply of REPLY_PAGE, which the framework opened: writer_list(writer, "items"), objects, writer_end, then this:
 * writes "next", null when `more` is false. Ask for limit + 1 rows to know `more`.
 */
void page_end(struct json_writer *writer, struct arena *arena, const struct cursor *last, bool more);

#endif

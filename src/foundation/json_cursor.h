/*
 * json_cursor.h: reads JSON in one pass, value by value, without a tree of it: for what is read a million times.
 *
 *     json_cursor_start(&cursor, arena, json);
 *     if (json_cursor_enter_object(&cursor))
 *         while (json_cursor_next_member(&cursor, &name)) {
 *             if (text_equals(name, "points"))
 *                 points = json_cursor_take_integer(&cursor, 0);
 *             else
 *                 json_cursor_skip(&cursor);
 *         }
 *     if (!json_cursor_done(&cursor))
 *         it was not JSON: forget what was read
 *
 * Each member and each element is entered, taken or skipped, once, before the next one is asked for. After anything that is
 * not JSON (RFC 8259, in valid UTF-8 without U+0000) there is nothing more, and json_cursor_done says so.
 */
#ifndef PATRON_FOUNDATION_JSON_CURSOR_H
#define PATRON_FOUNDATION_JSON_CURSOR_H

#include "foundation/text.h"

enum { JSON_CURSOR_DEPTH_MAX = 64 }; /* levels: what is nested deeper is refused as if it were not JSON */

struct json_cursor {
    struct arena *arena;
    const char *at, *end;
    int depth;
    bool fresh; /* an object or a list has just been entered: no comma comes first */
    bool failed;
};

/* Texts are borrowed from `json`; those that were written with escapes are decoded in `arena`. */
void json_cursor_start(struct json_cursor *cursor, struct arena *arena, struct text json);
/* All was JSON, and there is nothing after it. */
bool json_cursor_done(struct json_cursor *cursor);

/* Whether the value is an object, or a list: then it is entered, until next_member or next_element says false. Else it is skipped. */
bool json_cursor_enter_object(struct json_cursor *cursor);
bool json_cursor_enter_list(struct json_cursor *cursor);
bool json_cursor_next_member(struct json_cursor *cursor, struct text *name);
bool json_cursor_next_element(struct json_cursor *cursor);

/* The value, which is `otherwise` when it is not written as an integer, and empty when it is not a string. */
int64_t json_cursor_take_integer(struct json_cursor *cursor, int64_t otherwise);
struct text json_cursor_take_text(struct json_cursor *cursor);
void json_cursor_skip(struct json_cursor *cursor);

#endif

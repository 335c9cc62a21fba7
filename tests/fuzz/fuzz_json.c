/* Any bytes as a request body, read by a shape with a field of each type, and by the cursor, which takes what the parser does. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/json_cursor.h"
#include "json/shape.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct line {
    struct text sku;
    int64_t quantity;
};

struct body {
    struct text name;
    unsigned char name_presence;
    int64_t count, thousandths, at, id;
    int32_t day;
    bool yes;
    int choice;
    struct json_amount amount;
    void *line;
    struct json_list lines, tags;
    struct text any, map;
};

static const char *const colours[] = {"red", "green", NULL};

static const struct field line_fields[] = {
    {.name = "sku",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct line, sku)},
    {.name = "quantity", .type = FIELD_DECIMAL, .scale = 3, .offset = offsetof(struct line, quantity)},
};
static const struct shape line_shape = {
    .name = "Line", .size = sizeof(struct line), .fields = line_fields, .field_count = 2};

static const struct field body_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .offset = offsetof(struct body, name),
     .presence = offsetof(struct body, name_presence)},
    {.name = "count", .type = FIELD_INTEGER, .offset = offsetof(struct body, count), .minimum = -5, .maximum = 500},
    {.name = "thousandths", .type = FIELD_DECIMAL, .scale = 3, .offset = offsetof(struct body, thousandths)},
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct body, at)},
    {.name = "id", .type = FIELD_ID, .prefix = "mbr", .offset = offsetof(struct body, id)},
    {.name = "day", .type = FIELD_DAY, .offset = offsetof(struct body, day)},
    {.name = "yes", .type = FIELD_BOOLEAN, .offset = offsetof(struct body, yes)},
    {.name = "choice", .type = FIELD_CHOICE, .choices = colours, .offset = offsetof(struct body, choice)},
    {.name = "amount", .type = FIELD_AMOUNT, .offset = offsetof(struct body, amount)},
    {.name = "line", .type = FIELD_OBJECT, .shape = &line_shape, .offset = offsetof(struct body, line)},
    {.name = "lines",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &line_shape,
     .offset = offsetof(struct body, lines)},
    {.name = "tags", .type = FIELD_LIST, .element = FIELD_TEXT, .offset = offsetof(struct body, tags), .maximum = 20},
    {.name = "any", .type = FIELD_JSON, .offset = offsetof(struct body, any), .maximum = FIELD_JSON_MAX},
    {.name = "map", .type = FIELD_JSON_MAP, .offset = offsetof(struct body, map), .maximum = FIELD_JSON_MAX},
};
static const struct shape body_shape = {.name = "Body",
                                        .size = sizeof(struct body),
                                        .fields = body_fields,
                                        .field_count = sizeof body_fields / sizeof body_fields[0]};

static void check_text(struct text text)
{
    if (!text_is_utf8(text))
        abort();
}

/* The members of an object as if each had the type that it should have. */
static void take_all(struct json_cursor *cursor)
{
    struct text name;
    if (!json_cursor_enter_object(cursor))
        return;
    for (int turn = 0; json_cursor_next_member(cursor, &name); turn++) {
        check_text(name);
        if (turn % 3 == 0)
            (void)json_cursor_take_integer(cursor, 0);
        else if (turn % 3 == 1)
            check_text(json_cursor_take_text(cursor));
        else if (json_cursor_enter_list(cursor))
            while (json_cursor_next_element(cursor))
                json_cursor_skip(cursor);
    }
}

static void try_cursor(struct arena *arena, struct text json)
{
    struct json_cursor taking, skipping;
    struct json_t *parsed = NULL;
    struct error err;
    json_cursor_start(&taking, arena, json);
    take_all(&taking);
    json_cursor_start(&skipping, arena, json);
    json_cursor_skip(&skipping);
    bool whole = json_cursor_done(&skipping);
    if (json.size == 0)
        return;
    if (json_cursor_done(&taking) != whole)
        abort();
    /* The parser passes over a NUL behind the value. */
    if (memchr(json.bytes, '\0', json.size) != NULL || json_parse(json, &parsed, &err) != STATUS_OK)
        return;
    json_release(parsed);
    if (!whole)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct body body = {0};
    struct error err;
    if (arena == NULL)
        abort();
    try_cursor(arena, (struct text){(const char *)data, size});
    (void)shape_read_text(arena, &body_shape, (struct text){(const char *)data, size}, &body, &err);
    arena_free(arena);
    return 0;
}

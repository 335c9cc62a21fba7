/* writer.h: writes JSON into an arena, piece by piece. `name` is the member's name in an object, NULL in a list. */
#ifndef PATRON_JSON_WRITER_H
#define PATRON_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/text.h"

struct json_writer {
    struct builder out;
    uint64_t lists; /* bit d: level d is a list */
    int depth;
    bool comma; /* the next value follows another */
};

void writer_start(struct json_writer *writer, struct arena *arena);
struct text writer_done(const struct json_writer *writer); /* asserts that everything is closed */

void writer_object(struct json_writer *writer, const char *name); /* opens one */
void writer_list(struct json_writer *writer, const char *name);
void writer_end(struct json_writer *writer); /* closes the innermost */

void writer_text(struct json_writer *writer, const char *name, struct text value);
void writer_string(struct json_writer *writer, const char *name, const char *value); /* NULL: null */
void writer_integer(struct json_writer *writer, const char *name, int64_t value);
void writer_boolean(struct json_writer *writer, const char *name, bool value);
void writer_null(struct json_writer *writer, const char *name);
void writer_real(struct json_writer *writer, const char *name, double value, int decimals);  /* statistics only */
void writer_decimal(struct json_writer *writer, const char *name, int64_t value, int scale); /* 1500, 3: 1.5 */
void writer_raw(struct json_writer *writer, const char *name, struct text json);             /* empty: null */

void writer_id(struct json_writer *writer, const char *name, const char *prefix, int64_t id); /* 0: null */
void writer_instant(struct json_writer *writer, const char *name,
                    int64_t instant); /* 0, INSTANT_NEVER and INSTANT_OPEN: null */
void writer_day(struct json_writer *writer, const char *name, int32_t day); /* INT32_MIN: null */
/* {"amount": "12.90", "currency": "CNY"} */
void writer_amount(struct json_writer *writer, const char *name, int64_t minor, const char *currency);

/* The JSON string of `value` with its quotes. */
void json_quote(struct builder *out, struct text value);

#endif

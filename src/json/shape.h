/* shape.h: tables of fields: one table reads a JSON object into a struct, checks it, and documents it in OpenAPI. */
#ifndef PATRON_JSON_SHAPE_H
#define PATRON_JSON_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/money.h"
#include "foundation/text.h"

/* What a field holds, and in the comment the C type at `offset` of the struct that it is read into. */
enum field_type {
    FIELD_TEXT,     /* struct text; minimum..maximum bytes (maximum 0: FIELD_TEXT_MAX); absent: size 0, bytes NULL */
    FIELD_INTEGER,  /* int64_t; minimum..maximum (both 0: any) */
    FIELD_BOOLEAN,  /* bool */
    FIELD_DECIMAL,  /* int64_t: a number or a decimal string in units of 10^-scale (scale 3: thousandths) */
    FIELD_AMOUNT,   /* struct json_amount: {"amount": "12.90", "currency": "CNY"}, read into minor units */
    FIELD_INSTANT,  /* int64_t: RFC 3339; absent: 0 */
    FIELD_DAY,      /* int32_t: "2026-11-22"; absent: FIELD_DAY_ABSENT */
    FIELD_CHOICE,   /* int: index into `choices`; absent: -1 */
    FIELD_ID,       /* int64_t: id text with `prefix`; absent: 0 */
    FIELD_OBJECT,   /* void *: a struct of `shape` in the arena; absent: NULL */
    FIELD_LIST,     /* struct json_list: minimum..maximum elements of type `element` (maximum 0: FIELD_LIST_MAX) */
    FIELD_JSON,     /* struct text: any JSON value, as compact JSON of at most `maximum` bytes */
    FIELD_JSON_MAP, /* struct text: any JSON object, as compact JSON of at most `maximum` bytes */
};

enum { FIELD_TEXT_MAX = 1024, FIELD_LIST_MAX = 1000, FIELD_JSON_MAX = 16384, SHAPE_FIELDS_MAX = 64 };
#define FIELD_DAY_ABSENT INT32_MIN

enum field_flag {
    FIELD_REQUIRED = 1,
    FIELD_NULLABLE = 2,  /* null is accepted, and told from absence by `presence` */
    FIELD_DEFAULT = 4,   /* absent gives `fallback` (integers, decimals, booleans, choices) */
    FIELD_NOT_BLANK = 8, /* text of more than white space; it is trimmed */
    FIELD_STORE = 16,    /* text: the code of a store, which whoever asks must see (api/scope.h) */
};

/* How a field came, for PATCH: write the offset of an `unsigned char` as `presence` (never the first of the struct). */
enum presence { PRESENCE_ABSENT = 0, PRESENCE_NULL = 1, PRESENCE_GIVEN = 2 };

struct json_amount {
    int64_t minor;
    char currency[CURRENCY_SIZE]; /* "" when absent */
};

struct json_list {
    void *
        items; /* by `element`: struct text, int64_t (integer, id, instant), structs of the shape ...; as in enum field_type */
    size_t count;
};

struct shape;

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    size_t offset;
    size_t presence; /* offset of an unsigned char; 0: not wanted */
    int64_t minimum, maximum;
    int64_t fallback;           /* with FIELD_DEFAULT */
    int scale;                  /* FIELD_DECIMAL */
    const char *const *choices; /* FIELD_CHOICE: ends with NULL */
    const char *prefix;         /* FIELD_ID: "mbr" */
    const struct shape *shape;  /* FIELD_OBJECT, and FIELD_LIST of objects */
    enum field_type element;    /* FIELD_LIST */
    const char *about;          /* one sentence for the documentation; may be NULL */
};

/* Shapes of replies are the same tables (offsets unused): they document; a json_writer writes. */
struct shape {
    const char *name; /* "Purchase": the name of the schema in OpenAPI, unique over the product */
    const char *about;
    size_t size; /* of the struct; 0 for a reply */
    const struct field *fields;
    size_t field_count;
    enum status (*check)(const void *value, struct error *err); /* what no table can say; may be NULL */
};

#define SHAPE_FIELDS(table) .fields = (table), .field_count = sizeof(table) / sizeof((table)[0])

/* ---- reading ---- */

struct json_t; /* a parsed value (jansson) */

enum { JSON_DEPTH_MAX = 32 };

/*
 * Parses one JSON text. STATUS_INVALID `json.syntax` names line and column; duplicate keys, U+0000, bad UTF-8 and
 * nesting past JSON_DEPTH_MAX are refused. Release with json_release.
 */
enum status json_parse(struct text bytes, struct json_t **out, struct error *err);
void json_release(struct json_t *value); /* accepts NULL */

bool json_is_list(const struct json_t *value);
size_t json_list_count(const struct json_t *value);
const struct json_t *json_list_at(const struct json_t *value, size_t index);

/*
 * Reads `value` by `shape` into the zeroed struct `out` of shape->size bytes; everything is copied into `arena`. The first
 * mistake is STATUS_INVALID with the field's path: `json.unknown_field` (naming the nearest known name), `json.missing`,
 * `json.type`, `json.range`, `json.length`, `json.choice`, `json.count`, `json.id`, `json.instant`, `json.day`,
 * `json.currency`, `money.*`.
 */
enum status shape_read(struct arena *arena, const struct shape *shape, const struct json_t *value, void *out,
                       struct error *err);

/* json_parse and shape_read of a whole text. */
enum status shape_read_text(struct arena *arena, const struct shape *shape, struct text json, void *out,
                            struct error *err);

/* One name and value of a query string, decoded. */
struct parameter {
    struct text name, value;
};

/* Reads a query string by `shape`: scalars as their text, lists of text as repeated names. Same errors. */
enum status shape_read_parameters(struct arena *arena, const struct shape *shape, const struct parameter *parameters,
                                  size_t count, void *out, struct error *err);

/* The nearest of `count` names to `name`, or NULL when none is near. */
const char *name_nearest(struct text name, const char *const *names, size_t count);

#endif

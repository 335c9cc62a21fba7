/* value.h: a value of the expression language in 16 bytes: kind, equality, order, and keys of maps. */
#ifndef PATRON_RULES_VALUE_H
#define PATRON_RULES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/text.h"

enum rule_kind {
    RULE_NULL,
    RULE_BOOL,
    RULE_INT,
    RULE_UINT,
    RULE_DOUBLE,
    RULE_STRING,
    RULE_BYTES,
    RULE_LIST,
    RULE_MAP,
    RULE_TIMESTAMP,
    RULE_DURATION,
    RULE_TYPE,
    RULE_ERROR, /* only inside the machine: what && and || may absorb */
    RULE_KINDS,
};

/* Whole seconds since 1970 of 0001-01-01T00:00:00Z and of the last second of 9999. */
#define RULE_TIMESTAMP_MIN INT64_C(-62135596800)
#define RULE_TIMESTAMP_MAX INT64_C(253402300799)
enum { RULE_NANOS = 1000000000 };

struct rule_entry;
struct rule_failure;

struct rule_value {
    uint32_t kind; /* enum rule_kind */
    uint32_t size; /* bytes of a string, elements of a list, entries of a map, nanoseconds of a timestamp's second */
    union {
        bool boolean;
        int64_t integer; /* also the seconds of a timestamp, the nanoseconds of a duration and the kind of a type */
        uint64_t natural;
        double real;
        const char *bytes;
        const struct rule_value *items;
        const struct rule_entry *entries;
        struct rule_failure *failure;
    };
};

struct rule_entry {
    struct rule_value key, value;
};

/* ---- making ---- */

struct rule_value rule_null(void);
struct rule_value rule_bool(bool value);
struct rule_value rule_int(int64_t value);
struct rule_value rule_uint(uint64_t value);
struct rule_value rule_double(double value);
struct rule_value rule_string(struct text value); /* borrowed, UTF-8; may hold U+0000 */
struct rule_value rule_bytes(struct text value);
struct rule_value rule_list(const struct rule_value *items, size_t count);
struct rule_value rule_map(const struct rule_entry *entries, size_t count);
struct rule_value rule_instant(int64_t micros); /* a timestamp from the product's instants */
struct rule_value rule_timestamp(int64_t seconds, int32_t nanos);
struct rule_value rule_duration(int64_t nanos);
struct rule_value rule_type_value(enum rule_kind kind);

/* ---- reading ---- */

struct text rule_text(struct rule_value value);       /* of a string or bytes */
int64_t rule_instant_micros(struct rule_value value); /* of a timestamp, cut to microseconds */
const char *rule_kind_name(enum rule_kind kind);      /* "timestamp", for messages and typed results */
const char *rule_kind_type_name(
    enum rule_kind kind); /* as type(x) names it: "null_type", "google.protobuf.Timestamp" */
bool rule_kind_by_type_name(struct text name, enum rule_kind *out); /* "int", "google.protobuf.Duration" */

/* ---- comparing ---- */

/* The language's equality: numbers by their mathematical value, NaN equal to nothing, different kinds unequal. */
bool rule_equal(struct rule_value a, struct rule_value b);

/*
 * Order of two values: -1, 0 or 1 in `*out`. False when the kinds have no order in common, or for NaN, with `*unordered`
 * telling which.
 */
bool rule_compare(struct rule_value a, struct rule_value b, int *out, bool *unordered);

/* The value at `key`, or NULL; a number finds the key of equal value whatever its type. */
const struct rule_value *rule_map_get(struct rule_value map, struct rule_value key);

/*
 * How much work it is to compare or print `value`: its elements, counted again wherever they are shared. Stops soon after
 * `limit`, because a few shared lists can be more than any time.
 */
size_t rule_weight(struct rule_value value, size_t limit);

#endif

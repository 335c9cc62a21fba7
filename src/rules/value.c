#include "rules/value.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { WEIGHT_BYTES = 16, MICROS_PER_SECOND = 1000000, NANOS_PER_MICRO = 1000 };

static const char *const kind_names[RULE_KINDS] = {"null", "bool", "int",       "uint",     "double", "string", "bytes",
                                                   "list", "map",  "timestamp", "duration", "type",   "error"};

static const char *const type_names[RULE_KINDS] = {"null_type",
                                                   "bool",
                                                   "int",
                                                   "uint",
                                                   "double",
                                                   "string",
                                                   "bytes",
                                                   "list",
                                                   "map",
                                                   "google.protobuf.Timestamp",
                                                   "google.protobuf.Duration",
                                                   "type",
                                                   "error"};

/* ---- making ---- */

struct rule_value rule_null(void)
{
    return (struct rule_value){.kind = RULE_NULL};
}

struct rule_value rule_bool(bool value)
{
    return (struct rule_value){.kind = RULE_BOOL, .boolean = value};
}

struct rule_value rule_int(int64_t value)
{
    return (struct rule_value){.kind = RULE_INT, .integer = value};
}

struct rule_value rule_uint(uint64_t value)
{
    return (struct rule_value){.kind = RULE_UINT, .natural = value};
}

struct rule_value rule_double(double value)
{
    return (struct rule_value){.kind = RULE_DOUBLE, .real = value};
}

struct rule_value rule_string(struct text value)
{
    assert(value.size <= UINT32_MAX);
    return (struct rule_value){
        .kind = RULE_STRING, .size = (uint32_t)value.size, .bytes = value.size == 0 ? "" : value.bytes};
}

struct rule_value rule_bytes(struct text value)
{
    assert(value.size <= UINT32_MAX);
    return (struct rule_value){
        .kind = RULE_BYTES, .size = (uint32_t)value.size, .bytes = value.size == 0 ? "" : value.bytes};
}

struct rule_value rule_list(const struct rule_value *items, size_t count)
{
    assert(count <= UINT32_MAX);
    return (struct rule_value){.kind = RULE_LIST, .size = (uint32_t)count, .items = items};
}

struct rule_value rule_map(const struct rule_entry *entries, size_t count)
{
    assert(count <= UINT32_MAX);
    return (struct rule_value){.kind = RULE_MAP, .size = (uint32_t)count, .entries = entries};
}

struct rule_value rule_timestamp(int64_t seconds, int32_t nanos)
{
    return (struct rule_value){.kind = RULE_TIMESTAMP, .size = (uint32_t)nanos, .integer = seconds};
}

struct rule_value rule_instant(int64_t micros)
{
    int64_t seconds = micros / MICROS_PER_SECOND, rest = micros % MICROS_PER_SECOND;
    if (rest < 0) {
        seconds--;
        rest += MICROS_PER_SECOND;
    }
    return rule_timestamp(seconds, (int32_t)(rest * NANOS_PER_MICRO));
}

struct rule_value rule_duration(int64_t nanos)
{
    return (struct rule_value){.kind = RULE_DURATION, .integer = nanos};
}

struct rule_value rule_type_value(enum rule_kind kind)
{
    return (struct rule_value){.kind = RULE_TYPE, .integer = (int64_t)kind};
}

/* ---- reading ---- */

struct text rule_text(struct rule_value value)
{
    assert(value.kind == RULE_STRING || value.kind == RULE_BYTES);
    return (struct text){value.bytes, value.size};
}

int64_t rule_instant_micros(struct rule_value value)
{
    assert(value.kind == RULE_TIMESTAMP);
    return value.integer * MICROS_PER_SECOND + (int64_t)value.size / NANOS_PER_MICRO;
}

const char *rule_kind_name(enum rule_kind kind)
{
    return kind_names[kind];
}

const char *rule_kind_type_name(enum rule_kind kind)
{
    return type_names[kind];
}

bool rule_kind_by_type_name(struct text name, enum rule_kind *out)
{
    for (int kind = RULE_NULL; kind < RULE_ERROR; kind++)
        if (text_equals(name, type_names[kind])) {
            *out = (enum rule_kind)kind;
            return true;
        }
    return false;
}

/* ---- comparing ---- */

static int order(bool less, bool equal)
{
    return less ? -1 : equal ? 0 : 1;
}

/* 2^63 and 2^64 are doubles exactly, so a double beside them is compared as an integer with its fraction. */
static int compare_int_double(int64_t a, double b)
{
    if (b >= 9223372036854775808.0)
        return -1;
    if (b < -9223372036854775808.0)
        return 1;
    int64_t whole = (int64_t)b;
    if (a != whole)
        return a < whole ? -1 : 1;
    double fraction = b - (double)whole;
    return fraction > 0 ? -1 : fraction < 0 ? 1 : 0;
}

static int compare_uint_double(uint64_t a, double b)
{
    if (b >= 18446744073709551616.0)
        return -1;
    if (b < 0)
        return 1;
    uint64_t whole = (uint64_t)b;
    if (a != whole)
        return a < whole ? -1 : 1;
    return b > (double)whole ? -1 : 0;
}

static int compare_int_uint(int64_t a, uint64_t b)
{
    return a < 0 ? -1 : order((uint64_t)a < b, (uint64_t)a == b);
}

static bool is_number(struct rule_value value)
{
    return value.kind == RULE_INT || value.kind == RULE_UINT || value.kind == RULE_DOUBLE;
}

/* Two numbers, neither NaN. */
static int compare_numbers(struct rule_value a, struct rule_value b)
{
    if (a.kind == b.kind) {
        if (a.kind == RULE_INT)
            return order(a.integer < b.integer, a.integer == b.integer);
        if (a.kind == RULE_UINT)
            return order(a.natural < b.natural, a.natural == b.natural);
        return order(a.real < b.real, a.real == b.real);
    }
    if (a.kind > b.kind)
        return -compare_numbers(b, a);
    if (b.kind == RULE_UINT)
        return compare_int_uint(a.integer, b.natural);
    return a.kind == RULE_INT ? compare_int_double(a.integer, b.real) : compare_uint_double(a.natural, b.real);
}

static bool is_nan(struct rule_value value)
{
    return value.kind == RULE_DOUBLE && isnan(value.real);
}

static bool same_bytes(struct rule_value a, struct rule_value b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static bool same_items(struct rule_value a, struct rule_value b)
{
    if (a.size != b.size)
        return false;
    for (uint32_t i = 0; i < a.size; i++)
        if (!rule_equal(a.items[i], b.items[i]))
            return false;
    return true;
}

static bool same_entries(struct rule_value a, struct rule_value b)
{
    if (a.size != b.size)
        return false;
    for (uint32_t i = 0; i < a.size; i++) {
        const struct rule_value *other = rule_map_get(b, a.entries[i].key);
        if (other == NULL || !rule_equal(a.entries[i].value, *other))
            return false;
    }
    return true;
}

bool rule_equal(struct rule_value a, struct rule_value b)
{
    if (is_number(a) && is_number(b))
        return !is_nan(a) && !is_nan(b) && compare_numbers(a, b) == 0;
    if (a.kind != b.kind)
        return false;
    switch ((enum rule_kind)a.kind) {
    case RULE_NULL:
        return true;
    case RULE_BOOL:
        return a.boolean == b.boolean;
    case RULE_STRING:
    case RULE_BYTES:
        return same_bytes(a, b);
    case RULE_LIST:
        return same_items(a, b);
    case RULE_MAP:
        return same_entries(a, b);
    case RULE_TIMESTAMP:
        return a.integer == b.integer && a.size == b.size;
    case RULE_DURATION:
    case RULE_TYPE:
        return a.integer == b.integer;
    case RULE_INT:
    case RULE_UINT:
    case RULE_DOUBLE:
    case RULE_ERROR:
    case RULE_KINDS:
        break;
    }
    return false;
}

static int compare_bytes(struct rule_value a, struct rule_value b)
{
    return text_compare((struct text){a.bytes, a.size}, (struct text){b.bytes, b.size});
}

bool rule_compare(struct rule_value a, struct rule_value b, int *out, bool *unordered)
{
    *unordered = false;
    if (is_number(a) && is_number(b)) {
        *unordered = is_nan(a) || is_nan(b);
        if (!*unordered)
            *out = compare_numbers(a, b);
        return !*unordered;
    }
    if (a.kind != b.kind)
        return false;
    switch ((enum rule_kind)a.kind) {
    case RULE_BOOL:
        *out = order(a.boolean < b.boolean, a.boolean == b.boolean);
        return true;
    case RULE_STRING: /* UTF-8 orders as its code points do */
    case RULE_BYTES: {
        int compared = compare_bytes(a, b);
        *out = order(compared < 0, compared == 0);
        return true;
    }
    case RULE_TIMESTAMP:
        *out = a.integer != b.integer ? order(a.integer < b.integer, false) : order(a.size < b.size, a.size == b.size);
        return true;
    case RULE_DURATION:
        *out = order(a.integer < b.integer, a.integer == b.integer);
        return true;
    case RULE_NULL:
    case RULE_INT:
    case RULE_UINT:
    case RULE_DOUBLE:
    case RULE_LIST:
    case RULE_MAP:
    case RULE_TYPE:
    case RULE_ERROR:
    case RULE_KINDS:
        break;
    }
    return false;
}

const struct rule_value *rule_map_get(struct rule_value map, struct rule_value key)
{
    assert(map.kind == RULE_MAP);
    for (uint32_t i = 0; i < map.size; i++)
        if (rule_equal(map.entries[i].key, key))
            return &map.entries[i].value;
    return NULL;
}

static void weigh(struct rule_value value, size_t limit, size_t *weight)
{
    *weight += 1;
    if (value.kind == RULE_STRING || value.kind == RULE_BYTES)
        *weight += value.size / WEIGHT_BYTES;
    if (value.kind == RULE_LIST)
        for (uint32_t i = 0; i < value.size && *weight <= limit; i++)
            weigh(value.items[i], limit, weight);
    if (value.kind == RULE_MAP) {
        *weight += (size_t)value.size * value.size / WEIGHT_BYTES;
        for (uint32_t i = 0; i < value.size && *weight <= limit; i++) {
            weigh(value.entries[i].key, limit, weight);
            weigh(value.entries[i].value, limit, weight);
        }
    }
}

size_t rule_weight(struct rule_value value, size_t limit)
{
    size_t weight = 0;
    weigh(value, limit, &weight);
    return weight;
}

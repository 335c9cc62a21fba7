#include <math.h>
#include <string.h>

#include "rules/machine.h"

static const char *const names[] = {
    [OPERATOR_NOT] = "!",
    [OPERATOR_NEGATE] = "-",
    [OPERATOR_ADD] = "+",
    [OPERATOR_SUBTRACT] = "-",
    [OPERATOR_MULTIPLY] = "*",
    [OPERATOR_DIVIDE] = "/",
    [OPERATOR_REMAINDER] = "%",
    [OPERATOR_EQUAL] = "==",
    [OPERATOR_UNEQUAL] = "!=",
    [OPERATOR_LESS] = "<",
    [OPERATOR_LESS_EQUAL] = "<=",
    [OPERATOR_GREATER] = ">",
    [OPERATOR_GREATER_EQUAL] = ">=",
    [OPERATOR_IN] = "in",
    [OPERATOR_INDEX] = "[]",
};
enum { BYTES_PER_COST = 16 };

const char *operator_name(enum node_operator operation)
{
    return names[operation];
}

/* ---- arithmetic ---- */

static bool overflow(struct rule_machine *machine, enum rule_kind kind)
{
    return machine_fail(machine, "rules.overflow", "the result is outside the range of %s", rule_kind_name(kind));
}

static bool by_zero(struct rule_machine *machine, bool remainder)
{
    return remainder ? machine_fail(machine, "rules.zero", "modulus by zero")
                     : machine_fail(machine, "rules.zero", "division by zero");
}

static bool int_arithmetic(struct rule_machine *machine, enum node_operator operation, int64_t a, int64_t b,
                           struct rule_value *out)
{
    int64_t value = 0;
    bool over = false;
    if ((operation == OPERATOR_DIVIDE || operation == OPERATOR_REMAINDER) && b == 0)
        return by_zero(machine, operation == OPERATOR_REMAINDER);
    switch ((int)operation) {
    case OPERATOR_ADD:
        over = __builtin_add_overflow(a, b, &value);
        break;
    case OPERATOR_SUBTRACT:
        over = __builtin_sub_overflow(a, b, &value);
        break;
    case OPERATOR_MULTIPLY:
        over = __builtin_mul_overflow(a, b, &value);
        break;
    case OPERATOR_DIVIDE:
        over = a == INT64_MIN && b == -1;
        value = over ? 0 : a / b;
        break;
    default:
        over = a == INT64_MIN && b == -1;
        value = over ? 0 : a % b;
        break;
    }
    *out = rule_int(value);
    return !over || overflow(machine, RULE_INT);
}

static bool uint_arithmetic(struct rule_machine *machine, enum node_operator operation, uint64_t a, uint64_t b,
                            struct rule_value *out)
{
    uint64_t value = 0;
    bool over = false;
    if ((operation == OPERATOR_DIVIDE || operation == OPERATOR_REMAINDER) && b == 0)
        return by_zero(machine, operation == OPERATOR_REMAINDER);
    switch ((int)operation) {
    case OPERATOR_ADD:
        over = __builtin_add_overflow(a, b, &value);
        break;
    case OPERATOR_SUBTRACT:
        over = __builtin_sub_overflow(a, b, &value);
        break;
    case OPERATOR_MULTIPLY:
        over = __builtin_mul_overflow(a, b, &value);
        break;
    case OPERATOR_DIVIDE:
        value = a / b;
        break;
    default:
        value = a % b;
        break;
    }
    *out = rule_uint(value);
    return !over || overflow(machine, RULE_UINT);
}

static bool double_arithmetic(enum node_operator operation, double a, double b, struct rule_value *out)
{
    switch ((int)operation) {
    case OPERATOR_ADD:
        *out = rule_double(a + b);
        return true;
    case OPERATOR_SUBTRACT:
        *out = rule_double(a - b);
        return true;
    case OPERATOR_MULTIPLY:
        *out = rule_double(a * b);
        return true;
    case OPERATOR_DIVIDE:
        *out = rule_double(a / b);
        return true;
    default:
        return false;
    }
}

static bool timestamp_move(struct rule_machine *machine, struct rule_value timestamp, int64_t nanos, bool back,
                           struct rule_value *out)
{
    int64_t whole = nanos / RULE_NANOS, rest = nanos % RULE_NANOS;
    int64_t seconds = timestamp.integer + (back ? -whole : whole);
    int64_t fraction = (int64_t)timestamp.size + (back ? -rest : rest);
    if (fraction < 0) {
        fraction += RULE_NANOS;
        seconds--;
    } else if (fraction >= RULE_NANOS) {
        fraction -= RULE_NANOS;
        seconds++;
    }
    if (seconds < RULE_TIMESTAMP_MIN || seconds > RULE_TIMESTAMP_MAX)
        return overflow(machine, RULE_TIMESTAMP);
    *out = rule_timestamp(seconds, (int32_t)fraction);
    return true;
}

static bool timestamp_distance(struct rule_machine *machine, struct rule_value a, struct rule_value b,
                               struct rule_value *out)
{
    int64_t nanos;
    if (__builtin_mul_overflow(a.integer - b.integer, (int64_t)RULE_NANOS, &nanos) ||
        __builtin_add_overflow(nanos, (int64_t)a.size - (int64_t)b.size, &nanos))
        return overflow(machine, RULE_DURATION);
    *out = rule_duration(nanos);
    return true;
}

static bool duration_arithmetic(struct rule_machine *machine, bool subtract, int64_t a, int64_t b,
                                struct rule_value *out)
{
    int64_t nanos;
    if (subtract ? __builtin_sub_overflow(a, b, &nanos) : __builtin_add_overflow(a, b, &nanos))
        return overflow(machine, RULE_DURATION);
    *out = rule_duration(nanos);
    return true;
}

static bool join_bytes(struct rule_machine *machine, struct rule_value a, struct rule_value b, struct rule_value *out)
{
    size_t size = (size_t)a.size + b.size;
    if (!machine_charge(machine, 1 + size / BYTES_PER_COST))
        return false;
    char *bytes = machine_allocate(machine, size + 1);
    if (bytes == NULL)
        return false;
    if (a.size > 0)
        memcpy(bytes, a.bytes, a.size);
    if (b.size > 0)
        memcpy(bytes + a.size, b.bytes, b.size);
    struct text text = {bytes, size};
    *out = a.kind == RULE_STRING ? rule_string(text) : rule_bytes(text);
    return true;
}

static bool join_lists(struct rule_machine *machine, struct rule_value a, struct rule_value b, struct rule_value *out)
{
    size_t count = (size_t)a.size + b.size;
    if (a.size == 0 || b.size == 0) {
        *out = a.size == 0 ? b : a;
        return true;
    }
    if (!machine_charge(machine, 1 + count / 4))
        return false;
    struct rule_value *items = machine_allocate(machine, count * sizeof *items);
    if (items == NULL)
        return false;
    memcpy(items, a.items, a.size * sizeof *items);
    memcpy(items + a.size, b.items, b.size * sizeof *items);
    *out = rule_list(items, count);
    return true;
}

static bool add_others(struct rule_machine *machine, struct rule_value a, struct rule_value b, struct rule_value *out)
{
    if (a.kind == RULE_TIMESTAMP && b.kind == RULE_DURATION)
        return timestamp_move(machine, a, b.integer, false, out);
    if (a.kind == RULE_DURATION && b.kind == RULE_TIMESTAMP)
        return timestamp_move(machine, b, a.integer, false, out);
    if (a.kind == b.kind && (a.kind == RULE_STRING || a.kind == RULE_BYTES))
        return join_bytes(machine, a, b, out);
    if (a.kind == b.kind && a.kind == RULE_LIST)
        return join_lists(machine, a, b, out);
    if (a.kind == b.kind && a.kind == RULE_DURATION)
        return duration_arithmetic(machine, false, a.integer, b.integer, out);
    return machine_fail_overload(machine, "+", (struct rule_value[]){a, b}, 2);
}

static bool subtract_others(struct rule_machine *machine, struct rule_value a, struct rule_value b,
                            struct rule_value *out)
{
    if (a.kind == RULE_TIMESTAMP && b.kind == RULE_DURATION)
        return timestamp_move(machine, a, b.integer, true, out);
    if (a.kind == RULE_TIMESTAMP && b.kind == RULE_TIMESTAMP)
        return timestamp_distance(machine, a, b, out);
    if (a.kind == RULE_DURATION && b.kind == RULE_DURATION)
        return duration_arithmetic(machine, true, a.integer, b.integer, out);
    return machine_fail_overload(machine, "-", (struct rule_value[]){a, b}, 2);
}

static bool arithmetic(struct rule_machine *machine, enum node_operator operation, struct rule_value a,
                       struct rule_value b, struct rule_value *out)
{
    if (a.kind == b.kind) {
        if (a.kind == RULE_INT)
            return int_arithmetic(machine, operation, a.integer, b.integer, out);
        if (a.kind == RULE_UINT)
            return uint_arithmetic(machine, operation, a.natural, b.natural, out);
        if (a.kind == RULE_DOUBLE && double_arithmetic(operation, a.real, b.real, out))
            return true;
    }
    if (operation == OPERATOR_ADD)
        return add_others(machine, a, b, out);
    if (operation == OPERATOR_SUBTRACT)
        return subtract_others(machine, a, b, out);
    return machine_fail_overload(machine, names[operation], (struct rule_value[]){a, b}, 2);
}

/* ---- comparing and membership ---- */

static bool is_scalar(struct rule_value value)
{
    return value.kind <= RULE_DOUBLE || value.kind >= RULE_TIMESTAMP;
}

static bool charge_equality(struct rule_machine *machine, struct rule_value a, struct rule_value b)
{
    if (is_scalar(a) || is_scalar(b))
        return true;
    return machine_charge(machine, rule_weight(a, (size_t)machine->cost_left));
}

static bool compare(struct rule_machine *machine, enum node_operator operation, struct rule_value a,
                    struct rule_value b, struct rule_value *out)
{
    int compared = 0;
    bool unordered;
    if (!charge_equality(machine, a, b))
        return false;
    if (!rule_compare(a, b, &compared, &unordered)) {
        *out = rule_bool(false);
        return unordered || machine_fail_overload(machine, names[operation], (struct rule_value[]){a, b}, 2);
    }
    *out = rule_bool(operation == OPERATOR_LESS         ? compared < 0
                     : operation == OPERATOR_LESS_EQUAL ? compared <= 0
                     : operation == OPERATOR_GREATER    ? compared > 0
                                                        : compared >= 0);
    return true;
}

static bool is_in(struct rule_machine *machine, struct rule_value value, struct rule_value container,
                  struct rule_value *out)
{
    bool found = false;
    if (container.kind != RULE_LIST && container.kind != RULE_MAP)
        return machine_fail_overload(machine, "in", (struct rule_value[]){value, container}, 2);
    if (!machine_charge(
            machine, 1 + (is_scalar(value) ? container.size / 4 : rule_weight(container, (size_t)machine->cost_left))))
        return false;
    if (container.kind == RULE_MAP)
        found = rule_map_get(container, value) != NULL;
    else
        for (uint32_t i = 0; i < container.size && !found; i++)
            found = rule_equal(value, container.items[i]);
    *out = rule_bool(found);
    return true;
}

/* ---- elements ---- */

static bool list_at(struct rule_machine *machine, struct rule_value list, struct rule_value index,
                    struct rule_value *out)
{
    int64_t at = -1;
    if (index.kind == RULE_INT)
        at = index.integer;
    else if (index.kind == RULE_UINT)
        at = index.natural <= INT64_MAX ? (int64_t)index.natural : -1;
    else if (index.kind == RULE_DOUBLE && index.real >= 0 && index.real < 4e9 && trunc(index.real) == index.real)
        at = (int64_t)index.real;
    else if (index.kind == RULE_DOUBLE)
        return machine_fail(machine, "rules.index", "invalid argument: %g is no index of a list", index.real);
    else
        return machine_fail_overload(machine, "[]", (struct rule_value[]){list, index}, 2);
    if (at < 0 || at >= (int64_t)list.size)
        return machine_fail(machine, "rules.index", "index out of bounds: %lld in a list of %u", (long long)at,
                            (unsigned)list.size);
    *out = list.items[at];
    return true;
}

static bool map_at(struct rule_machine *machine, struct rule_value map, struct rule_value key, struct rule_value *out)
{
    if (!machine_charge(machine, 1 + map.size / 4))
        return false;
    const struct rule_value *found = rule_map_get(map, key);
    if (found != NULL) {
        *out = *found;
        return true;
    }
    if (key.kind == RULE_STRING)
        return machine_fail(machine, "rules.key", "no such key: '%.*s'", (int)(key.size < 64 ? key.size : 64),
                            key.size == 0 ? "" : key.bytes);
    if (key.kind == RULE_INT)
        return machine_fail(machine, "rules.key", "no such key: %lld", (long long)key.integer);
    return machine_fail(machine, "rules.key", "no such key");
}

bool operator_select(struct rule_machine *machine, struct rule_value operand, struct rule_value field,
                     struct rule_value *out)
{
    if (operand.kind != RULE_MAP)
        return machine_fail(machine, "rules.overload", "no such overload: %s has no fields",
                            rule_kind_name((enum rule_kind)operand.kind));
    return map_at(machine, operand, field, out);
}

bool operator_has(struct rule_machine *machine, struct rule_value operand, struct rule_value field,
                  struct rule_value *out)
{
    if (operand.kind != RULE_MAP)
        return machine_fail(machine, "rules.overload", "no such overload: %s has no fields",
                            rule_kind_name((enum rule_kind)operand.kind));
    if (!machine_charge(machine, 1 + operand.size / 4))
        return false;
    *out = rule_bool(rule_map_get(operand, field) != NULL);
    return true;
}

static bool is_key(struct rule_value value)
{
    return value.kind == RULE_BOOL || value.kind == RULE_INT || value.kind == RULE_UINT || value.kind == RULE_STRING;
}

bool operator_map(struct rule_machine *machine, const struct rule_value *items, size_t count, struct rule_value *out)
{
    if (!machine_charge(machine, 1 + count * count / BYTES_PER_COST))
        return false;
    struct rule_entry *entries = machine_allocate(machine, (count + 1) * sizeof *entries);
    if (entries == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_key(items[2 * i]))
            return machine_fail(machine, "rules.key", "unsupported key type: %s",
                                rule_kind_name((enum rule_kind)items[2 * i].kind));
        if (rule_map_get(rule_map(entries, i), items[2 * i]) != NULL)
            return machine_fail(machine, "rules.key", "Failed with repeated key");
        entries[i] = (struct rule_entry){items[2 * i], items[2 * i + 1]};
    }
    *out = rule_map(entries, count);
    return true;
}

/* ---- all of them ---- */

static bool unary(struct rule_machine *machine, enum node_operator operation, struct rule_value a,
                  struct rule_value *out)
{
    if (operation == OPERATOR_NOT && a.kind == RULE_BOOL) {
        *out = rule_bool(!a.boolean);
        return true;
    }
    if (operation == OPERATOR_NEGATE && a.kind == RULE_DOUBLE) {
        *out = rule_double(-a.real);
        return true;
    }
    if (operation == OPERATOR_NEGATE && a.kind == RULE_INT) {
        if (a.integer == INT64_MIN)
            return overflow(machine, RULE_INT);
        *out = rule_int(-a.integer);
        return true;
    }
    return machine_fail_overload(machine, names[operation], &a, 1);
}

bool operator_run(struct rule_machine *machine, enum node_operator operation, struct rule_value a, struct rule_value b,
                  struct rule_value *out)
{
    switch (operation) {
    case OPERATOR_NOT:
    case OPERATOR_NEGATE:
        return unary(machine, operation, a, out);
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_REMAINDER:
        return arithmetic(machine, operation, a, b, out);
    case OPERATOR_EQUAL:
    case OPERATOR_UNEQUAL:
        if (!charge_equality(machine, a, b))
            return false;
        *out = rule_bool(rule_equal(a, b) == (operation == OPERATOR_EQUAL));
        return true;
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
        return compare(machine, operation, a, b, out);
    case OPERATOR_IN:
        return is_in(machine, a, b, out);
    case OPERATOR_INDEX:
        if (a.kind == RULE_LIST)
            return list_at(machine, a, b, out);
        if (a.kind == RULE_MAP)
            return map_at(machine, a, b, out);
        return machine_fail_overload(machine, "[]", (struct rule_value[]){a, b}, 2);
    }
    return false;
}

#include <math.h>

#include "rules/functions.h"

enum { BITS = 64 };

bool math_extreme(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    const struct rule_value *numbers = call->arguments;
    size_t count = call->count;
    if (count == 1 && numbers[0].kind == RULE_LIST) {
        count = numbers[0].size;
        numbers = numbers[0].items;
    }
    if (count == 0)
        return machine_fail(machine, "rules.argument", "math.greatest and math.least want at least one number");
    if (!machine_charge(machine, count))
        return false;
    struct rule_value best = numbers[0];
    for (size_t i = 0; i < count; i++) {
        int compared = 0;
        bool unordered;
        if (numbers[i].kind != RULE_INT && numbers[i].kind != RULE_UINT && numbers[i].kind != RULE_DOUBLE)
            return machine_fail_overload(machine, call->which > 0 ? "math.greatest" : "math.least", &numbers[i], 1);
        if (rule_compare(numbers[i], best, &compared, &unordered) && compared * call->which > 0)
            best = numbers[i];
    }
    *out = best;
    return true;
}

bool math_of_double(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    double x = call->arguments[0].real;
    (void)machine;
    switch ((enum math_operation)call->which) {
    case MATH_CEIL:
        *out = rule_double(ceil(x));
        return true;
    case MATH_FLOOR:
        *out = rule_double(floor(x));
        return true;
    case MATH_ROUND:
        *out = rule_double(round(x));
        return true;
    case MATH_TRUNC:
        *out = rule_double(trunc(x));
        return true;
    case MATH_IS_NAN:
        *out = rule_bool(isnan(x));
        return true;
    case MATH_IS_INF:
        *out = rule_bool(isinf(x));
        return true;
    case MATH_IS_FINITE:
        *out = rule_bool(isfinite(x));
        return true;
    case MATH_ABS:
    case MATH_SIGN:
    case MATH_SQRT:
    case MATH_AND:
    case MATH_OR:
    case MATH_XOR:
    case MATH_NOT:
    case MATH_SHIFT_LEFT:
    case MATH_SHIFT_RIGHT:
        break;
    }
    return false;
}

static double as_double(struct rule_value value)
{
    return value.kind == RULE_INT    ? (double)value.integer
           : value.kind == RULE_UINT ? (double)value.natural
                                     : value.real;
}

static struct rule_value sign_of(struct rule_value value)
{
    if (value.kind == RULE_INT)
        return rule_int(value.integer > 0 ? 1 : value.integer < 0 ? -1 : 0);
    if (value.kind == RULE_UINT)
        return rule_uint(value.natural > 0);
    return rule_double(value.real > 0 ? 1.0 : value.real < 0 ? -1.0 : value.real);
}

bool math_of_number(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value x = call->arguments[0];
    if (call->which == MATH_SQRT)
        *out = rule_double(sqrt(as_double(x)));
    else if (call->which == MATH_SIGN)
        *out = sign_of(x);
    else if (x.kind == RULE_INT && x.integer == INT64_MIN)
        return machine_fail(machine, "rules.overflow", "the result is outside the range of int");
    else if (x.kind == RULE_INT)
        *out = rule_int(x.integer < 0 ? -x.integer : x.integer);
    else
        *out = x.kind == RULE_DOUBLE ? rule_double(fabs(x.real)) : x;
    return true;
}

bool math_bits(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    bool shift = call->which == MATH_SHIFT_LEFT || call->which == MATH_SHIFT_RIGHT;
    uint64_t a = call->arguments[0].natural, b = call->count > 1 ? call->arguments[1].natural : 0, value = 0;
    if (shift && call->arguments[1].integer < 0)
        return machine_fail(machine, "rules.argument", "math.%s by a negative offset: %lld",
                            call->which == MATH_SHIFT_LEFT ? "bitShiftLeft" : "bitShiftRight",
                            (long long)call->arguments[1].integer);
    switch (call->which) {
    case MATH_AND:
        value = a & b;
        break;
    case MATH_OR:
        value = a | b;
        break;
    case MATH_XOR:
        value = a ^ b;
        break;
    case MATH_NOT:
        value = ~a;
        break;
    case MATH_SHIFT_LEFT:
        value = b >= BITS ? 0 : a << b;
        break;
    default:
        value = b >= BITS ? 0 : a >> b; /* a logical shift, for int as well */
        break;
    }
    *out = call->arguments[0].kind == RULE_INT ? rule_int((int64_t)value) : rule_uint(value);
    return true;
}

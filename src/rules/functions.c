#include "rules/functions.h"

#include <string.h>

/* Overloads of one name and call style stand together: that is how they are found. */
const struct function functions[] = {
    {"size", false, "s", 'i', function_size, 0, false},
    {"size", false, "y", 'i', function_size, 0, false},
    {"size", false, "l", 'i', function_size, 0, false},
    {"size", false, "m", 'i', function_size, 0, false},
    {"size", true, "s", 'i', function_size, 0, false},
    {"size", true, "y", 'i', function_size, 0, false},
    {"size", true, "l", 'i', function_size, 0, false},
    {"size", true, "m", 'i', function_size, 0, false},

    {"contains", true, "ss", 'b', function_match, MATCH_CONTAINS, false},
    {"startsWith", true, "ss", 'b', function_match, MATCH_STARTS, false},
    {"endsWith", true, "ss", 'b', function_match, MATCH_ENDS, false},
    {"matches", true, "ss", 'b', function_matches, 0, false},
    {"matches", false, "ss", 'b', function_matches, 0, false},

    {"charAt", true, "si", 's', function_char_at, 0, false},
    {"indexOf", true, "ss", 'i', function_index_of, 0, false},
    {"indexOf", true, "ssi", 'i', function_index_of, 0, false},
    {"lastIndexOf", true, "ss", 'i', function_index_of, 1, false},
    {"lastIndexOf", true, "ssi", 'i', function_index_of, 1, false},
    {"join", true, "S", 's', function_join, 0, false},
    {"join", true, "Ss", 's', function_join, 0, false},
    {"lowerAscii", true, "s", 's', function_case, CASE_LOWER, false},
    {"upperAscii", true, "s", 's', function_case, CASE_UPPER, false},
    {"replace", true, "sss", 's', function_replace, 0, false},
    {"replace", true, "sssi", 's', function_replace, 0, false},
    {"split", true, "ss", 'S', function_split, 0, false},
    {"split", true, "ssi", 'S', function_split, 0, false},
    {"substring", true, "si", 's', function_substring, 0, false},
    {"substring", true, "sii", 's', function_substring, 0, false},
    {"trim", true, "s", 's', function_trim, 0, false},
    {"reverse", true, "s", 's', function_reverse, 0, false},
    {"format", true, "sl", 's', function_format, 0, false},
    {"strings.quote", false, "s", 's', function_quote, 0, false},

    {"bool", false, "b", 'b', convert_same, 0, false},
    {"bool", false, "s", 'b', convert_to_bool, 0, false},
    {"bytes", false, "y", 'y', convert_same, 0, false},
    {"bytes", false, "s", 'y', convert_to_bytes, 0, false},
    {"double", false, "d", 'd', convert_same, 0, false},
    {"double", false, "i", 'd', convert_to_double, 0, false},
    {"double", false, "u", 'd', convert_to_double, 0, false},
    {"double", false, "s", 'd', convert_to_double, 0, false},
    {"duration", false, "D", 'D', convert_same, 0, false},
    {"duration", false, "s", 'D', convert_to_duration, 0, false},
    {"dyn", false, "*", '?', convert_same, 0, false},
    {"int", false, "i", 'i', convert_same, 0, false},
    {"int", false, "u", 'i', convert_to_int, 0, false},
    {"int", false, "d", 'i', convert_to_int, 0, false},
    {"int", false, "s", 'i', convert_to_int, 0, false},
    {"int", false, "t", 'i', convert_to_int, 0, false},
    {"string", false, "s", 's', convert_same, 0, false},
    {"string", false, "b", 's', convert_to_string, 0, false},
    {"string", false, "i", 's', convert_to_string, 0, false},
    {"string", false, "u", 's', convert_to_string, 0, false},
    {"string", false, "d", 's', convert_to_string, 0, false},
    {"string", false, "y", 's', convert_to_string, 0, false},
    {"string", false, "t", 's', convert_to_string, 0, false},
    {"string", false, "D", 's', convert_to_string, 0, false},
    {"timestamp", false, "t", 't', convert_same, 0, false},
    {"timestamp", false, "s", 't', convert_to_timestamp, 0, false},
    {"timestamp", false, "i", 't', convert_to_timestamp, 0, false},
    {"type", false, "*", 'T', convert_type, 0, false},
    {"uint", false, "u", 'u', convert_same, 0, false},
    {"uint", false, "i", 'u', convert_to_uint, 0, false},
    {"uint", false, "d", 'u', convert_to_uint, 0, false},
    {"uint", false, "s", 'u', convert_to_uint, 0, false},

    {"getFullYear", true, "t", 'i', function_time_part, PART_YEAR, false},
    {"getFullYear", true, "ts", 'i', function_time_part, PART_YEAR, false},
    {"getMonth", true, "t", 'i', function_time_part, PART_MONTH, false},
    {"getMonth", true, "ts", 'i', function_time_part, PART_MONTH, false},
    {"getDate", true, "t", 'i', function_time_part, PART_DATE, false},
    {"getDate", true, "ts", 'i', function_time_part, PART_DATE, false},
    {"getDayOfMonth", true, "t", 'i', function_time_part, PART_DAY_OF_MONTH, false},
    {"getDayOfMonth", true, "ts", 'i', function_time_part, PART_DAY_OF_MONTH, false},
    {"getDayOfWeek", true, "t", 'i', function_time_part, PART_DAY_OF_WEEK, false},
    {"getDayOfWeek", true, "ts", 'i', function_time_part, PART_DAY_OF_WEEK, false},
    {"getDayOfYear", true, "t", 'i', function_time_part, PART_DAY_OF_YEAR, false},
    {"getDayOfYear", true, "ts", 'i', function_time_part, PART_DAY_OF_YEAR, false},
    {"getHours", true, "t", 'i', function_time_part, PART_HOURS, false},
    {"getHours", true, "ts", 'i', function_time_part, PART_HOURS, false},
    {"getHours", true, "D", 'i', function_duration_part, PART_HOURS, false},
    {"getMinutes", true, "t", 'i', function_time_part, PART_MINUTES, false},
    {"getMinutes", true, "ts", 'i', function_time_part, PART_MINUTES, false},
    {"getMinutes", true, "D", 'i', function_duration_part, PART_MINUTES, false},
    {"getSeconds", true, "t", 'i', function_time_part, PART_SECONDS, false},
    {"getSeconds", true, "ts", 'i', function_time_part, PART_SECONDS, false},
    {"getSeconds", true, "D", 'i', function_duration_part, PART_SECONDS, false},
    {"getMilliseconds", true, "t", 'i', function_time_part, PART_MILLISECONDS, false},
    {"getMilliseconds", true, "ts", 'i', function_time_part, PART_MILLISECONDS, false},
    {"getMilliseconds", true, "D", 'i', function_duration_part, PART_MILLISECONDS, false},
    {"days_since", false, "x", 'N', function_days_since, 0, true},
    {"within", false, "xw", 'b', function_within, 0, true},
    {"count_within", false, "lw", 'i', function_window, WINDOW_COUNT, true},
    {"sum_within", false, "lw", 'd', function_window, WINDOW_SUM, true},

    {"math.greatest", false, "l", '=', math_extreme, 1, false},
    {"math.greatest", false, "n+", '=', math_extreme, 1, false},
    {"math.least", false, "l", '=', math_extreme, -1, false},
    {"math.least", false, "n+", '=', math_extreme, -1, false},
    {"math.ceil", false, "d", 'd', math_of_double, MATH_CEIL, false},
    {"math.floor", false, "d", 'd', math_of_double, MATH_FLOOR, false},
    {"math.round", false, "d", 'd', math_of_double, MATH_ROUND, false},
    {"math.trunc", false, "d", 'd', math_of_double, MATH_TRUNC, false},
    {"math.abs", false, "n", '=', math_of_number, MATH_ABS, false},
    {"math.sign", false, "n", '=', math_of_number, MATH_SIGN, false},
    {"math.sqrt", false, "n", 'd', math_of_number, MATH_SQRT, false},
    {"math.isNaN", false, "d", 'b', math_of_double, MATH_IS_NAN, false},
    {"math.isInf", false, "d", 'b', math_of_double, MATH_IS_INF, false},
    {"math.isFinite", false, "d", 'b', math_of_double, MATH_IS_FINITE, false},
    {"math.bitAnd", false, "ii", 'i', math_bits, MATH_AND, false},
    {"math.bitAnd", false, "uu", 'u', math_bits, MATH_AND, false},
    {"math.bitOr", false, "ii", 'i', math_bits, MATH_OR, false},
    {"math.bitOr", false, "uu", 'u', math_bits, MATH_OR, false},
    {"math.bitXor", false, "ii", 'i', math_bits, MATH_XOR, false},
    {"math.bitXor", false, "uu", 'u', math_bits, MATH_XOR, false},
    {"math.bitNot", false, "i", 'i', math_bits, MATH_NOT, false},
    {"math.bitNot", false, "u", 'u', math_bits, MATH_NOT, false},
    {"math.bitShiftLeft", false, "ii", 'i', math_bits, MATH_SHIFT_LEFT, false},
    {"math.bitShiftLeft", false, "ui", 'u', math_bits, MATH_SHIFT_LEFT, false},
    {"math.bitShiftRight", false, "ii", 'i', math_bits, MATH_SHIFT_RIGHT, false},
    {"math.bitShiftRight", false, "ui", 'u', math_bits, MATH_SHIFT_RIGHT, false},
};
const size_t function_count = sizeof functions / sizeof functions[0];

enum { CALL_COST = 2 };

bool function_find(struct text name, bool receiver, size_t *first, size_t *count)
{
    size_t i = 0, found = 0;
    while (i < function_count && !(functions[i].receiver == receiver && text_equals(name, functions[i].name)))
        i++;
    while (i + found < function_count && functions[i + found].receiver == receiver &&
           text_equals(name, functions[i + found].name))
        found++;
    if (found == 0)
        return false;
    *first = i;
    *count = found;
    return true;
}

/* ---- letters ---- */

static bool letter_takes(char letter, enum rule_kind kind)
{
    switch (letter) {
    case 'i':
        return kind == RULE_INT;
    case 'u':
        return kind == RULE_UINT;
    case 'd':
        return kind == RULE_DOUBLE;
    case 's':
        return kind == RULE_STRING;
    case 'y':
        return kind == RULE_BYTES;
    case 'b':
        return kind == RULE_BOOL;
    case 't':
        return kind == RULE_TIMESTAMP;
    case 'D':
        return kind == RULE_DURATION;
    case 'l':
    case 'S':
        return kind == RULE_LIST;
    case 'm':
        return kind == RULE_MAP;
    case 'n':
        return kind == RULE_INT || kind == RULE_UINT || kind == RULE_DOUBLE;
    case 'x':
        return kind == RULE_TIMESTAMP || kind == RULE_NULL;
    case 'w':
        return kind == RULE_STRING || kind == RULE_DURATION;
    default: /* anything */
        return true;
    }
}

static bool letter_takes_type(char letter, const struct rule_type *type)
{
    if (type->kind == RULE_TYPE_DYN || type->kind == RULE_TYPE_FREE)
        return true;
    if (letter == 'S')
        return rule_type_agrees(type, &rule_type_strings);
    return letter_takes(letter, (enum rule_kind)type->kind);
}

static const struct rule_type *letter_type(char letter)
{
    switch (letter) {
    case 'i':
        return &rule_type_int;
    case 'u':
        return &rule_type_uint;
    case 'd':
        return &rule_type_double;
    case 's':
        return &rule_type_string;
    case 'y':
        return &rule_type_bytes;
    case 'b':
        return &rule_type_bool;
    case 't':
        return &rule_type_timestamp;
    case 'D':
        return &rule_type_duration;
    case 'T':
        return &rule_type_type;
    case 'S':
        return &rule_type_strings;
    case 'N':
        return &rule_type_int_or_null;
    default:
        return &rule_type_dyn;
    }
}

static const char *letter_name(char letter)
{
    switch (letter) {
    case 'l':
        return "list";
    case 'S':
        return "list(string)";
    case 'm':
        return "map";
    case 'n':
        return "number";
    case 'x':
        return "timestamp or null";
    case 'w':
        return "string or duration";
    case 'N':
        return "int or null";
    case '*':
        return "any";
    case '=':
        return "number";
    default:
        return rule_type_text(NULL, letter_type(letter));
    }
}

/* The letter of the argument at `index`; 0 past the last. */
static char letter_at(const char *letters, size_t index)
{
    size_t size = strlen(letters);
    if (letters[size - 1] == '+')
        return letters[index < size - 2 ? index : size - 2];
    return index < size ? letters[index] : '\0';
}

static bool count_fits(const char *letters, size_t count)
{
    size_t size = strlen(letters);
    return letters[size - 1] == '+' ? count >= size - 1 : count == size;
}

bool function_takes(const struct function *function, const struct rule_value *arguments, size_t count)
{
    if (!count_fits(function->arguments, count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!letter_takes(letter_at(function->arguments, i), (enum rule_kind)arguments[i].kind))
            return false;
    return true;
}

bool function_takes_types(const struct function *function, const struct rule_type *const *types, size_t count)
{
    if (!count_fits(function->arguments, count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!letter_takes_type(letter_at(function->arguments, i), types[i]))
            return false;
    return true;
}

const struct rule_type *function_result(struct arena *arena, const struct function *function,
                                        const struct rule_type *const *types, size_t count)
{
    if (function->result != '=')
        return letter_type(function->result);
    if (count == 1 && types[0]->kind == RULE_LIST)
        return types[0]->element;
    const struct rule_type *common = types[0];
    for (size_t i = 1; i < count; i++)
        common = rule_type_join(arena, common, types[i]);
    return common;
}

const char *function_text(struct arena *arena, const struct function *function)
{
    struct builder out = {.arena = arena};
    size_t size = strlen(function->arguments), count = function->arguments[size - 1] == '+' ? size - 1 : size;
    if (function->receiver)
        builder_format(&out, "%s.", letter_name(function->arguments[0]));
    builder_format(&out, "%s(", function->name);
    for (size_t i = function->receiver; i < count; i++)
        builder_format(&out, "%s%s", i > (size_t)function->receiver ? ", " : "", letter_name(function->arguments[i]));
    builder_format(&out, "%s)", count < size ? ", ..." : "");
    builder_format(&out, " -> %s", letter_name(function->result));
    builder_char(&out, '\0');
    return builder_done(&out).bytes;
}

bool function_run(struct rule_machine *machine, size_t first, size_t count, struct function_call *call,
                  struct rule_value *out)
{
    if (!machine_charge(machine, CALL_COST))
        return false;
    for (size_t i = first; i < first + count; i++)
        if (function_takes(&functions[i], call->arguments, call->count)) {
            call->which = functions[i].which;
            return functions[i].run(machine, call, out);
        }
    return machine_fail_overload(machine, functions[first].name, call->arguments, call->count);
}

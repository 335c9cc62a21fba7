/* functions.h: the functions of the language as a table of overloads. Inside rules only. */
#ifndef PATRON_RULES_FUNCTIONS_H
#define PATRON_RULES_FUNCTIONS_H

#include "rules/machine.h"
#include "rules/type.h"

enum { FUNCTION_ARGUMENTS_MAX = 64 };

struct function_call {
    const struct rule_value *arguments; /* the receiver first */
    size_t count;
    int which; /* of the overload: lets several share a function */
};

/*
 * Argument types, one letter each: i int, u uint, d double, s string, y bytes, b bool, t timestamp, D duration, T type,
 * l list, S list of strings, m map, * anything, n a number, x timestamp or null, w string or duration; a + at the end
 * repeats the last one. The result has a letter of the same, ? for dyn, N for int or null, and = for what the arguments
 * (or the elements of the one list) have in common.
 */
struct function {
    const char *name; /* overloads of a name stand together */
    bool receiver;    /* called as argument.name(others) */
    const char *arguments;
    char result;
    bool (*run)(struct rule_machine *, const struct function_call *, struct rule_value *out);
    int which;
    bool timed; /* depends on the evaluation's instant */
};

extern const struct function functions[];
extern const size_t function_count;

/* The overloads of a name called with or without receiver: the first one and how many. False: there are none. */
bool function_find(struct text name, bool receiver, size_t *first, size_t *count);

/* Whether an overload takes these kinds, or these types as far as they are known. */
bool function_takes(const struct function *function, const struct rule_value *arguments, size_t count);
bool function_takes_types(const struct function *function, const struct rule_type *const *types, size_t count);

/* The static type of the result. */
const struct rule_type *function_result(struct arena *arena, const struct function *function,
                                        const struct rule_type *const *types, size_t count);

/* "string.contains(string)", for messages and documentation. */
const char *function_text(struct arena *arena, const struct function *function);

/* Runs the overload that takes `arguments` among `count` from `first`. */
bool function_run(struct rule_machine *machine, size_t first, size_t count, struct function_call *call,
                  struct rule_value *out);

/* ---- what the table calls, by file ---- */

#define FUNCTION(name) bool name(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)

enum { MATCH_CONTAINS, MATCH_STARTS, MATCH_ENDS };
enum { CASE_LOWER, CASE_UPPER };
FUNCTION(function_size);  /* text_functions.c */
FUNCTION(function_match); /* MATCH_x */
FUNCTION(function_matches);
FUNCTION(function_char_at);
FUNCTION(function_index_of); /* which: 0 first, 1 last */
FUNCTION(function_join);
FUNCTION(function_case); /* CASE_x */
FUNCTION(function_replace);
FUNCTION(function_split);
FUNCTION(function_substring);
FUNCTION(function_trim);
FUNCTION(function_reverse);
FUNCTION(function_quote);
FUNCTION(function_format); /* format.c */

FUNCTION(convert_same); /* convert.c */
FUNCTION(convert_type);
FUNCTION(convert_to_bool);
FUNCTION(convert_to_bytes);
FUNCTION(convert_to_double);
FUNCTION(convert_to_int);
FUNCTION(convert_to_uint);
FUNCTION(convert_to_string);
FUNCTION(convert_to_timestamp);
FUNCTION(convert_to_duration);

enum time_part {
    PART_YEAR,
    PART_MONTH,
    PART_DATE,
    PART_DAY_OF_MONTH,
    PART_DAY_OF_WEEK,
    PART_DAY_OF_YEAR,
    PART_HOURS,
    PART_MINUTES,
    PART_SECONDS,
    PART_MILLISECONDS,
};
FUNCTION(function_time_part);     /* time_functions.c; PART_x of a timestamp, in a zone */
FUNCTION(function_duration_part); /* PART_x of a duration */
FUNCTION(function_days_since);
FUNCTION(function_within);

enum { WINDOW_COUNT, WINDOW_SUM };
FUNCTION(function_window); /* window_functions.c; WINDOW_x of the days of a list */

enum math_operation {
    MATH_CEIL,
    MATH_FLOOR,
    MATH_ROUND,
    MATH_TRUNC,
    MATH_ABS,
    MATH_SIGN,
    MATH_SQRT,
    MATH_IS_NAN,
    MATH_IS_INF,
    MATH_IS_FINITE,
    MATH_AND,
    MATH_OR,
    MATH_XOR,
    MATH_NOT,
    MATH_SHIFT_LEFT,
    MATH_SHIFT_RIGHT,
};
FUNCTION(math_extreme);   /* math_functions.c; which: 1 greatest, -1 least */
FUNCTION(math_of_double); /* MATH_x */
FUNCTION(math_of_number);
FUNCTION(math_bits);

/* ---- shared by them ---- */

/* A string of `size` bytes in the machine's memory; the cost follows its size. NULL past a limit. */
char *function_bytes(struct rule_machine *machine, size_t size);

/* The text of a timestamp, duration, double: at most VALUE_TEXT_SIZE bytes with the NUL; the size. */
enum { VALUE_TEXT_SIZE = 64 };
size_t timestamp_text(struct rule_value timestamp, char *out);
size_t duration_text(int64_t nanos, char *out);
size_t double_text(double value, char *out);
bool duration_parse(struct text text, bool days, int64_t *out); /* "1h30m"; with `days` also "30d" and "2w" */
bool timestamp_parse(struct text text, struct rule_value *out); /* RFC 3339; false also outside the years 1 to 9999 */

/* What functions of time share: whether there is an instant; until when they answer; days of a zone (NULL: UTC). */
bool function_instant_known(struct rule_machine *machine);
void function_until(struct rule_machine *machine, int64_t instant);
int32_t function_day(const struct zone *zone, int64_t instant);
int64_t function_day_start(const struct zone *zone, int32_t day);

/* How many whole days "30d", "4w" or a duration are; false when it is none, or not 1 to RULE_WINDOW_DAYS_MAX. */
bool window_days(struct rule_value width, int32_t *days);

#undef FUNCTION

#endif

#include <string.h>

#include "rules/functions.h"
#include "rules/program.h"
#include "rules/unicode.h"

enum { BYTES_PER_COST = 16, PATTERN_COST = 64, PATTERN_SIZE_MAX = 4096, MATCH_BYTES_PER_COST = 4, MESSAGE_SIZE = 128 };

char *function_bytes(struct rule_machine *machine, size_t size)
{
    return machine_charge(machine, 1 + size / BYTES_PER_COST) ? machine_allocate(machine, size + 1) : NULL;
}

static struct text part(struct text text, size_t start, size_t end)
{
    return (struct text){text.bytes + start, end - start};
}

/* Where `what` begins in `text` at or after `from`; -1: nowhere. */
static int64_t find(struct text text, struct text what, size_t from)
{
    if (what.size > text.size || from > text.size - what.size)
        return -1;
    if (what.size == 0)
        return (int64_t)from;
    const char *at = memmem(text.bytes + from, text.size - from, what.bytes, what.size);
    return at == NULL ? -1 : at - text.bytes;
}

static bool charge_text(struct rule_machine *machine, struct rule_value text)
{
    return machine_charge(machine, 1 + text.size / BYTES_PER_COST);
}

/* ---- questions ---- */

bool function_size(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value of = call->arguments[0];
    *out = rule_int(of.kind == RULE_STRING ? (int64_t)unicode_count(rule_text(of)) : (int64_t)of.size);
    return of.kind != RULE_STRING || charge_text(machine, of);
}

bool function_match(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]), what = rule_text(call->arguments[1]);
    bool fits = what.size <= text.size, found = false;
    if (call->which == MATCH_CONTAINS)
        found = find(text, what, 0) >= 0;
    else if (fits)
        found = text_equal(part(text, call->which == MATCH_ENDS ? text.size - what.size : 0,
                                call->which == MATCH_ENDS ? text.size : what.size),
                           what);
    *out = rule_bool(found);
    return charge_text(machine, call->arguments[0]);
}

/* The compiled pattern when it was a constant of the expression. */
static const struct pattern *known_pattern(const struct rule_program *program, struct text text)
{
    for (size_t i = 0; program != NULL && i < program->pattern_count; i++)
        if (program->patterns[i].text.bytes == text.bytes && program->patterns[i].text.size == text.size)
            return program->patterns[i].pattern;
    return NULL;
}

bool function_matches(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]), expression = rule_text(call->arguments[1]);
    const struct pattern *pattern = known_pattern(machine->program, expression);
    struct pattern *made = NULL;
    char message[MESSAGE_SIZE];
    if (!machine_charge(machine, 1 + text.size / MATCH_BYTES_PER_COST))
        return false;
    if (pattern == NULL) {
        if (!machine_charge(machine, PATTERN_COST + expression.size))
            return false;
        if (expression.size > PATTERN_SIZE_MAX)
            return machine_fail(machine, "rules.pattern", "the regular expression is longer than %d bytes",
                                PATTERN_SIZE_MAX);
        made = pattern_new(expression.bytes, expression.size, message, sizeof message);
        if (made == NULL)
            return machine_fail(machine, "rules.pattern", "the regular expression is not valid: %s", message);
        pattern = made;
    }
    *out = rule_bool(pattern_matches(pattern, text.bytes, text.size));
    pattern_free(made);
    return true;
}

/* ---- positions ---- */

/* Checks that `index` is from 0 to the code points of `text`, and finds its byte. */
static bool position(struct rule_machine *machine, struct text text, int64_t index, size_t *offset)
{
    if (!machine_charge(machine, 1 + text.size / BYTES_PER_COST))
        return false;
    if (index < 0 || (uint64_t)index > unicode_count(text))
        return machine_fail(machine, "rules.index", "index out of range: %lld", (long long)index);
    *offset = unicode_offset(text, (size_t)index);
    return true;
}

bool function_char_at(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]);
    size_t start;
    if (!position(machine, text, call->arguments[1].integer, &start))
        return false;
    struct text rest = part(text, start, text.size);
    *out = rule_string(part(rest, 0, unicode_offset(rest, 1)));
    return true;
}

static int64_t find_last(struct text text, struct text what, size_t from)
{
    if (what.size > text.size)
        return -1;
    for (size_t at = from < text.size - what.size ? from : text.size - what.size;; at--) {
        if (what.size == 0 || memcmp(text.bytes + at, what.bytes, what.size) == 0)
            return (int64_t)at;
        if (at == 0)
            return -1;
    }
}

bool function_index_of(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]), what = rule_text(call->arguments[1]);
    bool last = call->which == 1;
    size_t from = last ? text.size : 0;
    if (call->count == 3 && !position(machine, text, call->arguments[2].integer, &from))
        return false;
    if (!machine_charge(machine, 1 + text.size / (last ? 1 : BYTES_PER_COST)))
        return false;
    int64_t at = last ? find_last(text, what, from) : find(text, what, from);
    *out = rule_int(at < 0 ? -1 : (int64_t)unicode_count(part(text, 0, (size_t)at)));
    return true;
}

bool function_substring(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]);
    size_t start, end = text.size;
    if (!position(machine, text, call->arguments[1].integer, &start) ||
        (call->count == 3 && !position(machine, text, call->arguments[2].integer, &end)))
        return false;
    if (end < start)
        return machine_fail(machine, "rules.index", "invalid substring range. start: %lld, end: %lld",
                            (long long)call->arguments[1].integer, (long long)call->arguments[2].integer);
    *out = rule_string(part(text, start, end));
    return true;
}

/* ---- new strings ---- */

bool function_case(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]);
    char *bytes = function_bytes(machine, text.size);
    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        bool changes = call->which == CASE_LOWER ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z';
        bytes[i] = changes ? (char)(c ^ 0x20) : c;
    }
    *out = rule_string((struct text){bytes, text.size});
    return true;
}

bool function_reverse(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]);
    char *bytes = function_bytes(machine, text.size);
    size_t at = 0;
    uint32_t point;
    if (bytes == NULL)
        return false;
    for (size_t start = 0; unicode_read(text, &at, &point); start = at)
        memcpy(bytes + text.size - at, text.bytes + start, at - start);
    *out = rule_string((struct text){bytes, text.size});
    return true;
}

bool function_trim(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]);
    size_t start = 0, at = 0, end = 0;
    uint32_t point;
    bool begun = false;
    while (unicode_read(text, &at, &point)) {
        if (!unicode_is_space(point)) {
            begun = true;
            end = at;
        } else if (!begun) {
            start = at;
        }
    }
    *out = rule_string(begun ? part(text, start, end) : (struct text){"", 0});
    return charge_text(machine, call->arguments[0]);
}

bool function_join(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value list = call->arguments[0];
    struct text between = call->count == 2 ? rule_text(call->arguments[1]) : (struct text){"", 0};
    size_t size = 0;
    if (!machine_charge(machine, list.size))
        return false;
    for (uint32_t i = 0; i < list.size; i++) {
        if (list.items[i].kind != RULE_STRING)
            return machine_fail(machine, "rules.overload", "no such overload: join of a list that holds %s",
                                rule_kind_name((enum rule_kind)list.items[i].kind));
        size += list.items[i].size + (i > 0 ? between.size : 0);
    }
    char *bytes = function_bytes(machine, size), *at = bytes;
    if (bytes == NULL)
        return false;
    for (uint32_t i = 0; i < list.size; i++) {
        if (i > 0 && between.size > 0)
            at = mempcpy(at, between.bytes, between.size);
        if (list.items[i].size > 0)
            at = mempcpy(at, list.items[i].bytes, list.items[i].size);
    }
    *out = rule_string((struct text){bytes, size});
    return true;
}

/* The next place of `what` from `at`; an empty `what` is found before each character and at the end. */
static int64_t find_next(struct text text, struct text what, size_t at, bool first)
{
    if (what.size > 0)
        return find(text, what, at);
    if (first)
        return (int64_t)at;
    if (at >= text.size)
        return -1;
    return (int64_t)(at + unicode_offset(part(text, at, text.size), 1));
}

bool function_replace(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]), what = rule_text(call->arguments[1]);
    struct text with = rule_text(call->arguments[2]);
    int64_t limit = call->count == 4 ? call->arguments[3].integer : -1, found = 0, at;
    size_t from = 0, size;
    for (at = find_next(text, what, 0, true); at >= 0 && found != limit;
         at = find_next(text, what, (size_t)at + what.size, false))
        found++;
    if (!charge_text(machine, call->arguments[0]) || found == 0) {
        *out = call->arguments[0];
        return !machine->exhausted;
    }
    if (__builtin_mul_overflow((size_t)found, with.size, &size) || size > UINT32_MAX / 2)
        return machine_charge(machine, SIZE_MAX);
    size += text.size - (size_t)found * what.size;
    char *bytes = function_bytes(machine, size), *to = bytes;
    if (bytes == NULL)
        return false;
    at = find_next(text, what, 0, true);
    for (int64_t i = 0; i < found; i++) {
        to = mempcpy(to, text.bytes + from, (size_t)at - from);
        to = with.size > 0 ? mempcpy(to, with.bytes, with.size) : to;
        from = (size_t)at + what.size;
        at = find_next(text, what, from, false);
    }
    memcpy(to, text.bytes + from, text.size - from);
    *out = rule_string((struct text){bytes, size});
    return true;
}

bool function_split(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct text text = rule_text(call->arguments[0]), by = rule_text(call->arguments[1]);
    int64_t limit = call->count == 3 ? call->arguments[2].integer : -1;
    size_t count = 1, from = 0, filled = 0;
    int64_t at;
    *out = rule_list(NULL, 0);
    if (limit == 0 || (text.size == 0 && by.size == 0))
        return true;
    for (at = find_next(text, by, 0, false); at >= 0 && !(by.size == 0 && (size_t)at >= text.size);
         at = find_next(text, by, (size_t)at + by.size, false))
        count++;
    if (limit > 0 && (uint64_t)limit < count)
        count = (size_t)limit;
    if (!machine_charge(machine, 1 + text.size / BYTES_PER_COST + count))
        return false;
    struct rule_value *items = machine_allocate(machine, count * sizeof *items);
    if (items == NULL)
        return false;
    while (filled + 1 < count) {
        at = find_next(text, by, from, false);
        items[filled++] = rule_string(part(text, from, (size_t)at));
        from = (size_t)at + by.size;
    }
    items[filled] = rule_string(part(text, from, text.size));
    *out = rule_list(items, count);
    return true;
}

bool function_quote(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    static const char plain[] = "\aa\bb\ff\nn\rr\tt\vv\\\\\"\"";
    struct text text = rule_text(call->arguments[0]);
    char *bytes = function_bytes(machine, 2 * text.size + 2);
    size_t size = 0;
    if (bytes == NULL)
        return false;
    bytes[size++] = '"';
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        size_t escape = 0;
        while (plain[escape] != '\0' && plain[escape] != c)
            escape += 2;
        if (plain[escape] != '\0') {
            bytes[size++] = '\\';
            c = plain[escape + 1];
        }
        bytes[size++] = c;
    }
    bytes[size++] = '"';
    *out = rule_string((struct text){bytes, size});
    return true;
}

#include "walker.h"

#include <math.h>
#include <string.h>

#include "foundation/instant.h"
#include "rules/functions.h"
#include "rules/parse.h"

/* Own arithmetic, comparison, logic and loops, on purpose in another way than the machine's; functions are shared. */

struct binding {
    struct text name;
    struct rule_value value;
    const struct binding *outer;
};

struct walker {
    struct arena *arena;
    const struct facts *facts;
    struct rule_machine machine; /* for the functions */
};

static bool step(struct walker *walker, const struct node *node, const struct binding *scope, struct rule_value *out);

/* ---- names ---- */

static bool find_fact(const struct walker *walker, const char *name, struct rule_value *out)
{
    for (size_t i = 0; i < walker->facts->environment.count; i++)
        if (strcmp(walker->facts->variables[i].name, name) == 0) {
            *out = walker->facts->slots[i];
            return true;
        }
    return false;
}

/* The dotted name that a chain of selections spells; NULL when it is none. */
static const char *spell(struct walker *walker, const struct node *node, const struct binding *scope)
{
    if (node->kind == NODE_SELECT && !node->children[0]->enclosed) {
        const char *first = spell(walker, node->children[0], scope);
        return first == NULL ? NULL
                             : arena_format(walker->arena, "%s.%.*s", first, (int)node->name.size, node->name.bytes);
    }
    if (node->kind != NODE_NAME)
        return NULL;
    for (; scope != NULL && !node->root; scope = scope->outer)
        if (text_equal(scope->name, node->name))
            return NULL;
    return text_string(walker->arena, node->name);
}

static bool step_name(struct walker *walker, const struct node *node, const struct binding *scope,
                      struct rule_value *out)
{
    for (; scope != NULL && !node->root; scope = scope->outer)
        if (text_equal(scope->name, node->name)) {
            *out = scope->value;
            return true;
        }
    enum rule_kind kind;
    if (find_fact(walker, text_string(walker->arena, node->name), out))
        return true;
    if (!rule_kind_by_type_name(node->name, &kind))
        return false;
    *out = rule_type_value(kind);
    return true;
}

static bool step_select(struct walker *walker, const struct node *node, const struct binding *scope, bool *is_fact,
                        struct rule_value *out)
{
    const char *name = spell(walker, node, scope);
    *is_fact = name != NULL && find_fact(walker, name, out);
    if (*is_fact)
        return true;
    return step(walker, node->children[0], scope, out) && out->kind == RULE_MAP;
}

static bool step_field(struct walker *walker, const struct node *node, const struct binding *scope,
                       struct rule_value *out)
{
    struct node select = *node;
    bool is_fact;
    select.kind = NODE_SELECT;
    if (!step_select(walker, &select, scope, &is_fact, out))
        return false;
    if (is_fact) {
        if (node->kind == NODE_HAS)
            *out = rule_bool(out->kind != RULE_NULL);
        return true;
    }
    const struct rule_value *found = rule_map_get(*out, rule_string(node->name));
    if (node->kind == NODE_HAS)
        *out = rule_bool(found != NULL);
    else if (found != NULL)
        *out = *found;
    return node->kind == NODE_HAS || found != NULL;
}

/* ---- arithmetic ---- */

__extension__ typedef __int128 wide;

static bool whole_arithmetic(enum node_operator operation, wide a, wide b, wide *out)
{
    if ((operation == OPERATOR_DIVIDE || operation == OPERATOR_REMAINDER) && b == 0)
        return false;
    *out = operation == OPERATOR_ADD        ? a + b
           : operation == OPERATOR_SUBTRACT ? a - b
           : operation == OPERATOR_MULTIPLY ? a * b
           : operation == OPERATOR_DIVIDE   ? a / b
                                            : a % b;
    return true;
}

static bool step_arithmetic(struct walker *walker, enum node_operator operation, struct rule_value a,
                            struct rule_value b, struct rule_value *out)
{
    wide result;
    if (a.kind == RULE_INT && b.kind == RULE_INT) {
        if (operation == OPERATOR_REMAINDER && a.integer == INT64_MIN && b.integer == -1)
            return false; /* as the specification has it */
        if (!whole_arithmetic(operation, a.integer, b.integer, &result) || result < INT64_MIN || result > INT64_MAX)
            return false;
        *out = rule_int((int64_t)result);
        return true;
    }
    if (a.kind == RULE_UINT && b.kind == RULE_UINT) {
        if (operation == OPERATOR_MULTIPLY && a.natural != 0 && b.natural > UINT64_MAX / a.natural)
            return false; /* two large ones are beyond 128 bits with sign */
        if (!whole_arithmetic(operation, a.natural, b.natural, &result) || result < 0 || result > (wide)UINT64_MAX)
            return false;
        *out = rule_uint((uint64_t)result);
        return true;
    }
    if (a.kind == RULE_DOUBLE && b.kind == RULE_DOUBLE && operation != OPERATOR_REMAINDER) {
        *out = rule_double(operation == OPERATOR_ADD        ? a.real + b.real
                           : operation == OPERATOR_SUBTRACT ? a.real - b.real
                           : operation == OPERATOR_MULTIPLY ? a.real * b.real
                                                            : a.real / b.real);
        return true;
    }
    /* Texts, lists and times are shared: they are no matter of the machine. */
    return operator_run(&walker->machine, operation, a, b, out);
}

/* ---- comparing ---- */

static bool is_number(struct rule_value value)
{
    return value.kind == RULE_INT || value.kind == RULE_UINT || value.kind == RULE_DOUBLE;
}

/* Exact: 80 bits of long double hold every int, uint and double. */
static long double number_of(struct rule_value value)
{
    return value.kind == RULE_INT    ? (long double)value.integer
           : value.kind == RULE_UINT ? (long double)value.natural
                                     : (long double)value.real;
}

static bool same(struct rule_value a, struct rule_value b)
{
    if (is_number(a) && is_number(b))
        return number_of(a) == number_of(b);
    if (a.kind != b.kind || (a.kind == RULE_LIST && a.size != b.size))
        return false;
    for (uint32_t i = 0; a.kind == RULE_LIST && i < a.size; i++)
        if (!same(a.items[i], b.items[i]))
            return false;
    return a.kind == RULE_LIST || rule_equal(a, b);
}

static bool step_order(struct walker *walker, enum node_operator operation, struct rule_value a, struct rule_value b,
                       struct rule_value *out)
{
    if (!is_number(a) || !is_number(b))
        return operator_run(&walker->machine, operation, a, b, out);
    long double x = number_of(a), y = number_of(b);
    *out = rule_bool(operation == OPERATOR_LESS         ? x < y
                     : operation == OPERATOR_LESS_EQUAL ? x <= y
                     : operation == OPERATOR_GREATER    ? x > y
                                                        : x >= y);
    return true;
}

static bool step_in(struct rule_value value, struct rule_value container, struct rule_value *out)
{
    bool found = false;
    if (container.kind != RULE_LIST && container.kind != RULE_MAP)
        return false;
    for (uint32_t i = 0; i < container.size; i++)
        found |= same(value, container.kind == RULE_LIST ? container.items[i] : container.entries[i].key);
    *out = rule_bool(found);
    return true;
}

static bool step_operator(struct walker *walker, const struct node *node, const struct binding *scope,
                          struct rule_value *out)
{
    struct rule_value a, b = rule_null();
    if (!step(walker, node->children[0], scope, &a) ||
        (node->child_count > 1 && !step(walker, node->children[1], scope, &b)))
        return false;
    switch (node->operation) {
    case OPERATOR_NOT:
        *out = rule_bool(a.kind == RULE_BOOL && !a.boolean);
        return a.kind == RULE_BOOL;
    case OPERATOR_NEGATE:
        *out = a.kind == RULE_DOUBLE ? rule_double(-a.real) : rule_int((int64_t)(0 - a.natural));
        return a.kind == RULE_DOUBLE || (a.kind == RULE_INT && a.integer != INT64_MIN);
    case OPERATOR_EQUAL:
        *out = rule_bool(same(a, b));
        return true;
    case OPERATOR_UNEQUAL:
        *out = rule_bool(!same(a, b));
        return true;
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
        return step_order(walker, node->operation, a, b, out);
    case OPERATOR_IN:
        return step_in(a, b, out);
    case OPERATOR_INDEX:
        return operator_run(&walker->machine, OPERATOR_INDEX, a, b, out);
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_REMAINDER:
        return step_arithmetic(walker, node->operation, a, b, out);
    }
    return false;
}

/* ---- logic ---- */

/* All are looked at: the deciding bool wins wherever it stands. */
static bool step_logical(struct walker *walker, const struct node *node, const struct binding *scope,
                         struct rule_value *out)
{
    bool either = node->kind == NODE_OR, failed = false;
    for (size_t i = 0; i < node->child_count; i++) {
        struct rule_value value;
        bool done = step(walker, node->children[i], scope, &value) && value.kind == RULE_BOOL;
        if (done && value.boolean == either) {
            *out = value;
            return true;
        }
        failed |= !done;
    }
    *out = rule_bool(!either);
    return !failed;
}

static bool step_choice(struct walker *walker, const struct node *node, const struct binding *scope,
                        struct rule_value *out)
{
    struct rule_value condition;
    return step(walker, node->children[0], scope, &condition) && condition.kind == RULE_BOOL &&
           step(walker, node->children[condition.boolean ? 1 : 2], scope, out);
}

/* ---- lists, maps, calls ---- */

static bool step_items(struct walker *walker, const struct node *node, const struct binding *scope,
                       struct rule_value *out)
{
    struct rule_value *items = arena_array(walker->arena, node->child_count + 1, sizeof *items);
    for (size_t i = 0; i < node->child_count; i++)
        if (!step(walker, node->children[i], scope, &items[i]))
            return false;
    if (node->kind == NODE_MAP)
        return operator_map(&walker->machine, items, node->child_count / 2, out);
    *out = rule_list(items, node->child_count);
    return true;
}

static bool step_call(struct walker *walker, const struct node *node, const struct binding *scope,
                      struct rule_value *out)
{
    struct rule_value *arguments = arena_array(walker->arena, node->child_count + 1, sizeof *arguments);
    size_t first, count, skipped = 0;
    const char *space = node->receiver ? spell(walker, node->children[0], scope) : NULL;
    struct text name = node->name;
    bool found = false;
    if (space != NULL) {
        name = text_from(arena_format(walker->arena, "%s.%.*s", space, (int)name.size, name.bytes));
        skipped = found = function_find(name, false, &first, &count);
    }
    if (!found && !function_find(node->name, node->receiver, &first, &count))
        return false;
    for (size_t i = skipped; i < node->child_count; i++)
        if (!step(walker, node->children[i], scope, &arguments[i]))
            return false;
    struct function_call call = {.arguments = arguments + skipped, .count = node->child_count - skipped};
    return function_run(&walker->machine, first, count, &call, out);
}

/* ---- loops ---- */

struct tally {
    size_t yes, failed;
    struct rule_value *items;
    size_t count;
};

/* One turn; false ends the loop with a failure. */
static bool turn(struct walker *walker, const struct node *node, const struct binding *inner, struct tally *tally)
{
    struct rule_value value = rule_null();
    bool maps = node->loop == LOOP_MAP || node->loop == LOOP_MAP_FILTER;
    bool done = step(walker, node->children[1], inner, &value);
    if (node->loop == LOOP_MAP) {
        tally->items[tally->count++] = value;
        return done;
    }
    done = done && value.kind == RULE_BOOL;
    tally->failed += !done;
    tally->yes += done && value.boolean;
    if (!done)
        return node->loop == LOOP_ALL || node->loop == LOOP_EXISTS;
    if (value.boolean && node->loop == LOOP_FILTER)
        tally->items[tally->count++] = inner->value;
    return !maps || !value.boolean || step(walker, node->children[2], inner, &tally->items[tally->count++]);
}

static bool step_loop(struct walker *walker, const struct node *node, const struct binding *scope,
                      struct rule_value *out)
{
    struct rule_value range;
    struct tally tally = {0};
    if (!step(walker, node->children[0], scope, &range) || (range.kind != RULE_LIST && range.kind != RULE_MAP))
        return false;
    tally.items = arena_array(walker->arena, range.size + 1, sizeof *tally.items);
    for (uint32_t i = 0; i < range.size; i++) {
        struct binding inner = {node->name, range.kind == RULE_LIST ? range.items[i] : range.entries[i].key, scope};
        if (!turn(walker, node, &inner, &tally))
            return false;
    }
    switch (node->loop) {
    case LOOP_ALL:
        *out = rule_bool(tally.yes == range.size);
        return tally.failed == 0 || tally.yes + tally.failed < range.size;
    case LOOP_EXISTS:
        *out = rule_bool(tally.yes > 0);
        return tally.failed == 0 || tally.yes > 0;
    case LOOP_EXISTS_ONE:
        *out = rule_bool(tally.yes == 1);
        return true;
    case LOOP_MAP:
    case LOOP_MAP_FILTER:
    case LOOP_FILTER:
        break;
    }
    *out = rule_list(tally.items, tally.count);
    return true;
}

static bool step(struct walker *walker, const struct node *node, const struct binding *scope, struct rule_value *out)
{
    switch (node->kind) {
    case NODE_CONSTANT:
        *out = node->constant;
        return true;
    case NODE_NAME:
        return step_name(walker, node, scope, out);
    case NODE_SELECT:
    case NODE_HAS:
        return step_field(walker, node, scope, out);
    case NODE_CALL:
        return step_call(walker, node, scope, out);
    case NODE_OPERATOR:
        return step_operator(walker, node, scope, out);
    case NODE_AND:
    case NODE_OR:
        return step_logical(walker, node, scope, out);
    case NODE_CHOICE:
        return step_choice(walker, node, scope, out);
    case NODE_LIST:
    case NODE_MAP:
        return step_items(walker, node, scope, out);
    case NODE_LOOP:
        return step_loop(walker, node, scope, out);
    }
    return false;
}

bool walk(struct arena *arena, const struct facts *facts, struct text expression, struct rule_value *out)
{
    struct walker walker = {.arena = arena,
                            .facts = facts,
                            .machine = {.arena = arena,
                                        .cost_left = INT64_MAX / 2,
                                        .memory_left = SIZE_MAX / 2,
                                        .now = facts->now,
                                        .zone = facts->zone,
                                        .valid_until = INSTANT_NEVER}};
    struct node *root;
    size_t failed_at;
    return rule_parse(arena, expression, &root, &failed_at, NULL) == STATUS_OK && step(&walker, root, NULL, out);
}

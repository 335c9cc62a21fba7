#include "rules/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "foundation/nearest.h"
#include "rules/functions.h"

enum { CHAIN_PARTS_MAX = 8, CHAIN_SIZE_MAX = 128, MESSAGE_SIZE = 400, SHOWN_OVERLOADS_MAX = 6 };

struct scope { /* the variable of a loop that is open */
    struct text name;
    const struct rule_type *type;
    size_t number;
    const struct scope *outer;
};

struct checker {
    struct arena *arena;
    const struct rule_environment *environment;
    bool strict;
    size_t failed_at;
    struct error *err;
};

static bool check(struct checker *checker, struct node *node, const struct scope *scope);

/* Refuses, when the check is strict; otherwise the node is dyn and what runs decides. */
static bool refuse(struct checker *checker, struct node *node, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool refuse(struct checker *checker, struct node *node, const char *code, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list arguments;
    node->type = &rule_type_dyn;
    if (!checker->strict)
        return true;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    checker->failed_at = node->at;
    error_set(checker->err, STATUS_INVALID, code, "expression", "%s", message);
    return false;
}

static const char *type_text(struct checker *checker, const struct rule_type *type)
{
    return rule_type_text(checker->arena, type);
}

static bool is_dyn(const struct rule_type *type)
{
    return type->kind == RULE_TYPE_DYN || type->kind == RULE_TYPE_FREE;
}

static bool is_bool(const struct rule_type *type)
{
    return type->kind == RULE_BOOL || is_dyn(type);
}

static bool is_number(const struct rule_type *type)
{
    return type->kind == RULE_INT || type->kind == RULE_UINT || type->kind == RULE_DOUBLE;
}

/* ---- names ---- */

static bool find_variable(const struct checker *checker, struct text name, size_t *slot)
{
    for (size_t i = 0; i < checker->environment->count; i++)
        if (text_equals(name, checker->environment->variables[i].name)) {
            *slot = i;
            return true;
        }
    return false;
}

static const struct scope *find_scope(const struct scope *scope, struct text name)
{
    while (scope != NULL && !text_equal(scope->name, name))
        scope = scope->outer;
    return scope;
}

/* "a.b.c" of selections that end at a name; empty when it is none, or a loop variable hides the first part. */
static struct text chain_text(struct checker *checker, const struct node *node, const struct scope *scope)
{
    struct text parts[CHAIN_PARTS_MAX];
    size_t count = 0, size = 0;
    for (; node->kind == NODE_SELECT; node = node->children[0]) {
        if (count == CHAIN_PARTS_MAX - 1 || node->children[0]->enclosed)
            return (struct text){0};
        size += node->name.size + 1;
        parts[count++] = node->name;
    }
    if (node->kind != NODE_NAME || node->meaning != MEANING_NONE ||
        (!node->root && find_scope(scope, node->name) != NULL) || size + node->name.size > CHAIN_SIZE_MAX)
        return (struct text){0};
    if (count == 0)
        return node->name;
    struct builder out = {.arena = checker->arena};
    builder_text(&out, node->name);
    while (count > 0) {
        builder_char(&out, '.');
        builder_text(&out, parts[--count]);
    }
    return builder_done(&out);
}

static bool be_variable(struct checker *checker, struct node *node, size_t slot)
{
    node->kind = NODE_NAME;
    node->meaning = MEANING_VARIABLE;
    node->reference = slot;
    node->type = checker->strict ? checker->environment->variables[slot].type : &rule_type_dyn;
    node->child_count = 0;
    return true;
}

static bool be_type_name(struct node *node, struct text name)
{
    enum rule_kind kind;
    if (!rule_kind_by_type_name(name, &kind))
        return false;
    node->kind = NODE_CONSTANT;
    node->constant = rule_type_value(kind);
    node->type = &rule_type_type;
    node->child_count = 0;
    return true;
}

static bool refuse_name(struct checker *checker, struct node *node, struct text name)
{
    struct nearest nearest = nearest_start(name);
    if (!checker->strict)
        return refuse(checker, node, "rules.name", "%s", "");
    for (size_t i = 0; i < checker->environment->count; i++)
        nearest_try(&nearest, text_from(checker->environment->variables[i].name));
    if (nearest.best.size == 0)
        return refuse(checker, node, "rules.name", "there is no '%.*s'", (int)name.size, name.bytes);
    return refuse(checker, node, "rules.name", "there is no '%.*s'; did you mean '%.*s'?", (int)name.size, name.bytes,
                  (int)nearest.best.size, nearest.best.bytes);
}

static bool check_name(struct checker *checker, struct node *node, const struct scope *scope)
{
    const struct scope *found = node->root ? NULL : find_scope(scope, node->name);
    size_t slot;
    if (found != NULL) {
        node->meaning = MEANING_LOOP;
        node->reference = found->number;
        node->type = found->type;
        return true;
    }
    if (find_variable(checker, node->name, &slot))
        return be_variable(checker, node, slot);
    return be_type_name(node, node->name) || refuse_name(checker, node, node->name);
}

/* ---- fields ---- */

/* Whether a shorter part of the chain names a fact, so that the rest are fields of it. */
static bool prefix_is_known(struct checker *checker, const struct node *node, const struct scope *scope)
{
    size_t slot;
    enum rule_kind kind;
    for (node = node->children[0];; node = node->children[0]) {
        struct text chain = chain_text(checker, node, scope);
        if (chain.size > 0 && (find_variable(checker, chain, &slot) || rule_kind_by_type_name(chain, &kind)))
            return true;
        if (node->kind != NODE_SELECT)
            return false;
    }
}

static bool check_select(struct checker *checker, struct node *node, const struct scope *scope)
{
    struct text chain = chain_text(checker, node, scope);
    size_t slot;
    if (chain.size > 0) {
        if (find_variable(checker, chain, &slot))
            return be_variable(checker, node, slot);
        if (be_type_name(node, chain))
            return true;
        if (checker->strict && !prefix_is_known(checker, node, scope))
            return refuse_name(checker, node, chain);
    }
    if (!check(checker, node->children[0], scope))
        return false;
    const struct rule_type *operand = node->children[0]->type;
    if (is_dyn(operand)) {
        node->type = &rule_type_dyn;
        return true;
    }
    if (operand->kind != RULE_MAP || !rule_type_agrees(operand->key, &rule_type_string))
        return refuse(checker, node, "rules.type", "%s has no fields; '%.*s' is asked of it",
                      type_text(checker, operand), (int)node->name.size, node->name.bytes);
    node->type = operand->element;
    return true;
}

static bool check_has(struct checker *checker, struct node *node, const struct scope *scope)
{
    struct node select = {
        .kind = NODE_SELECT, .at = node->at, .name = node->name, .children = node->children, .child_count = 1};
    if (!check_select(checker, &select, scope))
        return false;
    if (select.kind == NODE_NAME) { /* a fact, which is there unless it is null */
        node->meaning = MEANING_VARIABLE;
        node->reference = select.reference;
        node->child_count = 0;
    } else if (select.kind == NODE_CONSTANT) {
        return refuse(checker, node, "rules.type", "has() asks for a field, not a type");
    }
    node->type = &rule_type_bool;
    return true;
}

/* ---- functions ---- */

static bool refuse_function(struct checker *checker, struct node *node, struct text name)
{
    struct nearest nearest = nearest_start(name);
    size_t first, count;
    if (!checker->strict)
        return refuse(checker, node, "rules.name", "%s", "");
    if (function_find(name, !node->receiver, &first, &count))
        return refuse(checker, node, "rules.name", "%.*s is called as %s", (int)name.size, name.bytes,
                      function_text(checker->arena, &functions[first]));
    for (size_t i = 0; i < function_count; i++)
        nearest_try(&nearest, text_from(functions[i].name));
    if (nearest.best.size == 0)
        return refuse(checker, node, "rules.name", "there is no function '%.*s'", (int)name.size, name.bytes);
    return refuse(checker, node, "rules.name", "there is no function '%.*s'; did you mean '%.*s'?", (int)name.size,
                  name.bytes, (int)nearest.best.size, nearest.best.bytes);
}

static bool refuse_arguments(struct checker *checker, struct node *node, const struct rule_type *const *types)
{
    struct builder given = {.arena = checker->arena}, taken = {.arena = checker->arena};
    for (size_t i = 0; i < node->child_count; i++)
        builder_format(&given, "%s%s", i > 0 ? ", " : "", type_text(checker, types[i]));
    for (size_t i = 0; i < node->reference_count && i < SHOWN_OVERLOADS_MAX; i++)
        builder_format(&taken, "%s%s", i > 0 ? "; " : "",
                       function_text(checker->arena, &functions[node->reference + i]));
    struct text got = builder_done(&given), wanted = builder_done(&taken);
    return refuse(checker, node, "rules.type", "%s is given (%.*s); expected is %.*s", functions[node->reference].name,
                  (int)got.size, got.bytes, (int)wanted.size, wanted.bytes);
}

/* math.greatest(...) is parsed as a call on `math`; where a function has that whole name it is one without receiver. */
static void find_qualified(struct checker *checker, struct node *node, const struct scope *scope)
{
    struct text space = node->receiver ? chain_text(checker, node->children[0], scope) : (struct text){0};
    size_t slot;
    if (space.size == 0 || find_variable(checker, space, &slot))
        return;
    const char *name =
        arena_format(checker->arena, "%.*s.%.*s", (int)space.size, space.bytes, (int)node->name.size, node->name.bytes);
    if (!function_find(text_from(name), false, &node->reference, &node->reference_count))
        return;
    node->meaning = MEANING_FUNCTION;
    node->name = text_from(name);
    node->receiver = false;
    node->children++;
    node->child_count--;
}

static bool check_call(struct checker *checker, struct node *node, const struct scope *scope)
{
    const struct rule_type *types[FUNCTION_ARGUMENTS_MAX] = {0};
    const struct rule_type *result = NULL;
    find_qualified(checker, node, scope);
    for (size_t i = 0; i < node->child_count; i++) {
        if (!check(checker, node->children[i], scope))
            return false;
        if (i < FUNCTION_ARGUMENTS_MAX)
            types[i] = node->children[i]->type;
    }
    if (node->child_count > FUNCTION_ARGUMENTS_MAX)
        return refuse(checker, node, "rules.type", "a function takes at most %d arguments", FUNCTION_ARGUMENTS_MAX);
    if (node->meaning == MEANING_NONE) {
        if (!function_find(node->name, node->receiver, &node->reference, &node->reference_count))
            return refuse_function(checker, node, node->name);
        node->meaning = MEANING_FUNCTION;
    }
    for (size_t i = 0; i < node->reference_count; i++) {
        const struct function *function = &functions[node->reference + i];
        if (!function_takes_types(function, types, node->child_count))
            continue;
        const struct rule_type *each = function_result(checker->arena, function, types, node->child_count);
        result = result == NULL ? each : rule_type_join(checker->arena, result, each);
    }
    if (result == NULL)
        return refuse_arguments(checker, node, types);
    node->type = result;
    return true;
}

/* ---- operators ---- */

/* The result of an arithmetic operator; NULL when it does not take them. */
static const struct rule_type *arithmetic_type(struct checker *checker, enum node_operator operation,
                                               const struct rule_type *a, const struct rule_type *b)
{
    bool both = a->kind == b->kind, add = operation == OPERATOR_ADD, subtract = operation == OPERATOR_SUBTRACT;
    if (is_dyn(a) || is_dyn(b))
        return &rule_type_dyn;
    if (both && (a->kind == RULE_INT || a->kind == RULE_UINT))
        return a->kind == RULE_INT ? &rule_type_int : &rule_type_uint;
    if (both && a->kind == RULE_DOUBLE && operation != OPERATOR_REMAINDER)
        return &rule_type_double;
    if (add && both && (a->kind == RULE_STRING || a->kind == RULE_BYTES))
        return a->kind == RULE_STRING ? &rule_type_string : &rule_type_bytes;
    if (add && both && a->kind == RULE_LIST)
        return rule_type_agrees(a, b) ? rule_type_join(checker->arena, a, b) : NULL;
    if ((add || subtract) && both && a->kind == RULE_DURATION)
        return &rule_type_duration;
    if (subtract && both && a->kind == RULE_TIMESTAMP)
        return &rule_type_duration;
    if ((add || subtract) && a->kind == RULE_TIMESTAMP && b->kind == RULE_DURATION)
        return &rule_type_timestamp;
    if (add && a->kind == RULE_DURATION && b->kind == RULE_TIMESTAMP)
        return &rule_type_timestamp;
    return NULL;
}

static bool is_ordered(const struct rule_type *a, const struct rule_type *b)
{
    if (is_dyn(a) || is_dyn(b) || (is_number(a) && is_number(b)))
        return true;
    return a->kind == b->kind && (a->kind == RULE_BOOL || a->kind == RULE_STRING || a->kind == RULE_BYTES ||
                                  a->kind == RULE_TIMESTAMP || a->kind == RULE_DURATION);
}

static bool refuse_operands(struct checker *checker, struct node *node, const char *hint)
{
    return refuse(checker, node, "rules.type", "%s does not take %s and %s%s", operator_name(node->operation),
                  type_text(checker, node->children[0]->type), type_text(checker, node->children[1]->type), hint);
}

static const char *conversion_hint(const struct rule_type *a, const struct rule_type *b)
{
    if (is_number(a) && is_number(b))
        return "; convert one with int(), uint() or double()";
    return "; both sides are expected to be of one type";
}

static bool check_in(struct checker *checker, struct node *node)
{
    const struct rule_type *item = node->children[0]->type, *container = node->children[1]->type;
    node->type = &rule_type_bool;
    if (is_dyn(container))
        return true;
    if (container->kind != RULE_LIST && container->kind != RULE_MAP)
        return refuse_operands(checker, node, "; a list or map is expected on the right");
    if (!rule_type_agrees(item, container->kind == RULE_LIST ? container->element : container->key))
        return refuse_operands(checker, node, "");
    return true;
}

static bool check_index(struct checker *checker, struct node *node)
{
    const struct rule_type *container = node->children[0]->type, *index = node->children[1]->type;
    node->type = &rule_type_dyn;
    if (is_dyn(container))
        return true;
    if (container->kind != RULE_LIST && container->kind != RULE_MAP)
        return refuse(checker, node, "rules.type", "%s has no elements; a list or map is expected before [",
                      type_text(checker, container));
    if (!rule_type_agrees(index, container->kind == RULE_LIST ? &rule_type_int : container->key))
        return refuse_operands(checker, node, "");
    node->type = container->element;
    return true;
}

static bool check_unary(struct checker *checker, struct node *node)
{
    const struct rule_type *type = node->children[0]->type;
    bool inverse = node->operation == OPERATOR_NOT;
    if (!(inverse ? is_bool(type) : is_dyn(type) || type->kind == RULE_INT || type->kind == RULE_DOUBLE))
        return refuse(checker, node, "rules.type", "%s takes %s, not %s", operator_name(node->operation),
                      inverse ? "bool" : "int or double", type_text(checker, type));
    node->type = inverse ? &rule_type_bool : type->nullable ? &rule_type_dyn : type;
    return true;
}

static bool check_operator(struct checker *checker, struct node *node, const struct scope *scope)
{
    for (size_t i = 0; i < node->child_count; i++)
        if (!check(checker, node->children[i], scope))
            return false;
    if (node->child_count == 1)
        return check_unary(checker, node);
    const struct rule_type *a = node->children[0]->type, *b = node->children[1]->type;
    node->type = &rule_type_bool;
    switch (node->operation) {
    case OPERATOR_EQUAL:
    case OPERATOR_UNEQUAL:
        return rule_type_agrees(a, b) || refuse_operands(checker, node, conversion_hint(a, b));
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
        return is_ordered(a, b) || refuse_operands(checker, node, conversion_hint(a, b));
    case OPERATOR_IN:
        return check_in(checker, node);
    case OPERATOR_INDEX:
        return check_index(checker, node);
    case OPERATOR_NOT:
    case OPERATOR_NEGATE:
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_REMAINDER:
        break;
    }
    node->type = arithmetic_type(checker, node->operation, a, b);
    return node->type != NULL || refuse_operands(checker, node, conversion_hint(a, b));
}

static bool check_logical(struct checker *checker, struct node *node, const struct scope *scope)
{
    for (size_t i = 0; i < node->child_count; i++) {
        struct node *child = node->children[i];
        if (!check(checker, child, scope))
            return false;
        if (!is_bool(child->type) && !refuse(checker, child, "rules.type", "%s takes bool, not %s",
                                             node->kind == NODE_AND ? "&&" : "||", type_text(checker, child->type)))
            return false;
    }
    node->type = &rule_type_bool;
    return true;
}

static bool check_choice(struct checker *checker, struct node *node, const struct scope *scope)
{
    for (size_t i = 0; i < node->child_count; i++)
        if (!check(checker, node->children[i], scope))
            return false;
    const struct rule_type *yes = node->children[1]->type, *no = node->children[2]->type;
    node->type = &rule_type_dyn;
    if (!is_bool(node->children[0]->type))
        return refuse(checker, node->children[0], "rules.type", "? takes bool, not %s",
                      type_text(checker, node->children[0]->type));
    if (!rule_type_agrees(yes, no))
        return refuse(checker, node, "rules.type",
                      "the two results of ?: are expected to be of one type, not %s and %s", type_text(checker, yes),
                      type_text(checker, no));
    node->type = rule_type_join(checker->arena, yes, no);
    return true;
}

/* ---- lists, maps, loops ---- */

static bool check_list(struct checker *checker, struct node *node, const struct scope *scope)
{
    const struct rule_type *element = &rule_type_free;
    for (size_t i = 0; i < node->child_count; i++) {
        if (!check(checker, node->children[i], scope))
            return false;
        element = rule_type_join(checker->arena, element, node->children[i]->type);
    }
    node->type = rule_type_list_of(checker->arena, element);
    return true;
}

static bool check_map(struct checker *checker, struct node *node, const struct scope *scope)
{
    const struct rule_type *types[2] = {&rule_type_free, &rule_type_free};
    for (size_t i = 0; i < node->child_count; i++) {
        struct node *child = node->children[i];
        if (!check(checker, child, scope))
            return false;
        int kind = child->type->kind;
        if (i % 2 == 0 && !is_dyn(child->type) && kind != RULE_BOOL && kind != RULE_INT && kind != RULE_UINT &&
            kind != RULE_STRING &&
            !refuse(checker, child, "rules.type", "a key of a map is int, uint, bool or string, not %s",
                    type_text(checker, child->type)))
            return false;
        types[i % 2] = rule_type_join(checker->arena, types[i % 2], child->type);
    }
    node->type = rule_type_map_of(checker->arena, types[0], types[1]);
    return true;
}

static bool check_loop(struct checker *checker, struct node *node, const struct scope *scope)
{
    struct node *range = node->children[0];
    bool maps = node->loop == LOOP_MAP || node->loop == LOOP_MAP_FILTER;
    if (!check(checker, range, scope))
        return false;
    const struct rule_type *type = range->type;
    if (!is_dyn(type) && type->kind != RULE_LIST && type->kind != RULE_MAP &&
        !refuse(checker, range, "rules.type", "a macro goes over a list or map, not %s", type_text(checker, type)))
        return false;
    struct scope inner = {.name = node->name,
                          .type = type->kind == RULE_LIST  ? type->element
                                  : type->kind == RULE_MAP ? type->key
                                                           : &rule_type_dyn,
                          .number = scope == NULL ? 0 : scope->number + 1,
                          .outer = scope};
    node->reference = inner.number;
    for (size_t i = 1; i < node->child_count; i++) {
        struct node *child = node->children[i];
        bool condition = !maps || i + 1 < node->child_count;
        if (!check(checker, child, &inner))
            return false;
        if (condition && !is_bool(child->type) &&
            !refuse(checker, child, "rules.type", "the condition of a macro is bool, not %s",
                    type_text(checker, child->type)))
            return false;
    }
    if (maps)
        node->type = rule_type_list_of(checker->arena, node->children[node->child_count - 1]->type);
    else if (node->loop == LOOP_FILTER)
        node->type = rule_type_list_of(checker->arena, inner.type);
    else
        node->type = &rule_type_bool;
    return true;
}

static bool check(struct checker *checker, struct node *node, const struct scope *scope)
{
    switch (node->kind) {
    case NODE_CONSTANT:
        node->type = node->constant.kind == RULE_NULL ? &rule_type_null : rule_type_of(checker->arena, node->constant);
        return true;
    case NODE_NAME:
        return check_name(checker, node, scope);
    case NODE_SELECT:
        return check_select(checker, node, scope);
    case NODE_HAS:
        return check_has(checker, node, scope);
    case NODE_CALL:
        return check_call(checker, node, scope);
    case NODE_OPERATOR:
        return check_operator(checker, node, scope);
    case NODE_AND:
    case NODE_OR:
        return check_logical(checker, node, scope);
    case NODE_CHOICE:
        return check_choice(checker, node, scope);
    case NODE_LIST:
        return check_list(checker, node, scope);
    case NODE_MAP:
        return check_map(checker, node, scope);
    case NODE_LOOP:
        return check_loop(checker, node, scope);
    }
    return false;
}

enum status rule_check(struct arena *arena, const struct rule_source *source, struct node *root, size_t *failed_at,
                       struct error *err)
{
    struct error local = {0};
    struct checker checker = {.arena = arena,
                              .environment = source->environment,
                              .strict = !source->unchecked,
                              .err = err != NULL ? err : &local};
    if (check(&checker, root, NULL))
        return STATUS_OK;
    *failed_at = checker.failed_at;
    return checker.err->status;
}

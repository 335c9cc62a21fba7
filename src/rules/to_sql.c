#include "rules/to_sql.h"

#include <math.h>
#include <string.h>

#include "foundation/instant.h"
#include "rules/check.h"
#include "rules/fold.h"
#include "rules/functions.h"
#include "rules/parse.h"

/*
 * For a node and a wanted truth, the text is a condition that holds wherever the node has that truth. Nothing narrows: the empty
 * text. Never: NEVER. What the walk does not know, or has no budget left for, does not narrow.
 */
enum {
    VISITS_MAX = 300, /* nodes; also bounds the depth of the SQL */
    ARGUMENTS_MAX = 40,
    LIST_MAX = 32,
    DAYS_MAX = 1000000,
};
#define MARK '\x01' /* before the number of an argument, counted from FIRST */
#define FIRST '!'
static const struct text NEVER = {"1 = 0", 5};
static const double BOUND_MAX = 9e18;

struct walk {
    struct arena *arena;
    const struct rule_sql *sql;
    struct text arguments[ARGUMENTS_MAX];
    size_t argument_count;
    int visits;
};

static struct text narrow(struct walk *walk, const struct node *node, bool wanted);

/* ---- joining ---- */

static bool is_never(struct text text)
{
    return text_equal(text, NEVER);
}

/* Both hold, or (`either`) one of the two. */
static struct text join(struct walk *walk, struct text a, struct text b, bool either)
{
    if (either ? a.size == 0 || is_never(b) : b.size == 0 || is_never(a))
        return a;
    if (either ? b.size == 0 || is_never(a) : a.size == 0 || is_never(b))
        return b;
    return text_from(
        arena_format(walk->arena, "(%.*s %s %.*s)", (int)a.size, a.bytes, either ? "OR" : "AND", (int)b.size, b.bytes));
}

static struct text join_all(struct walk *walk, const struct node *node, bool wanted, bool either)
{
    struct text all = either ? NEVER : (struct text){0};
    for (size_t i = 0; i < node->child_count; i++)
        all = join(walk, all, narrow(walk, node->children[i], wanted), either);
    return all;
}

/* ---- columns ---- */

static const struct rule_column *column_of(const struct walk *walk, const struct node *node)
{
    if (node->kind != NODE_NAME && node->kind != NODE_HAS)
        return NULL;
    for (size_t i = 0; node->meaning == MEANING_VARIABLE && i < walk->sql->column_count; i++)
        if (walk->sql->columns[i].slot == node->reference)
            return &walk->sql->columns[i];
    return NULL;
}

/* The column's condition with `comparison` in its place. */
static struct text compare(struct walk *walk, const struct rule_column *column, const char *comparison)
{
    const char *place = strchr(column->sql, '%');
    return text_from(
        arena_format(walk->arena, "%.*s%s%s", (int)(place - column->sql), column->sql, comparison, place + 1));
}

static struct text compare_integer(struct walk *walk, const struct rule_column *column, const char *operation,
                                   int64_t bound)
{
    return compare(walk, column, arena_format(walk->arena, "%s %lld", operation, (long long)bound));
}

/* The argument is no part of the text: it goes beside it. Empty, when there are too many. */
static struct text compare_text(struct walk *walk, const struct rule_column *column, const char *operation,
                                struct text value)
{
    if (walk->argument_count == ARGUMENTS_MAX ||
        memchr(value.bytes == NULL ? "" : value.bytes, '\0', value.size) != NULL)
        return (struct text){0};
    size_t number = walk->argument_count++;
    walk->arguments[number] = value;
    return compare(walk, column, arena_format(walk->arena, "%s %c%c", operation, MARK, (char)(FIRST + (int)number)));
}

static struct text is_absent(struct walk *walk, const struct rule_column *column, bool absent)
{
    if (column->indirect)
        return (struct text){0};
    switch (column->kind) {
    case RULE_COLUMN_INSTANT:
        return compare_integer(walk, column, absent ? "=" : "<>", 0);
    case RULE_COLUMN_TEXT:
        return compare_text(walk, column, absent ? "=" : "<>", (struct text){0});
    case RULE_COLUMN_NUMBER:
    case RULE_COLUMN_TEXTS:
        break;
    }
    return (struct text){0};
}

/* ---- comparisons ---- */

static enum node_operator turned(enum node_operator operation)
{
    switch ((int)operation) {
    case OPERATOR_LESS:
        return OPERATOR_GREATER;
    case OPERATOR_LESS_EQUAL:
        return OPERATOR_GREATER_EQUAL;
    case OPERATOR_GREATER:
        return OPERATOR_LESS;
    case OPERATOR_GREATER_EQUAL:
        return OPERATOR_LESS_EQUAL;
    default:
        return operation;
    }
}

static enum node_operator opposite(enum node_operator operation)
{
    switch ((int)operation) {
    case OPERATOR_LESS:
        return OPERATOR_GREATER_EQUAL;
    case OPERATOR_LESS_EQUAL:
        return OPERATOR_GREATER;
    case OPERATOR_GREATER:
        return OPERATOR_LESS_EQUAL;
    case OPERATOR_GREATER_EQUAL:
        return OPERATOR_LESS;
    case OPERATOR_EQUAL:
        return OPERATOR_UNEQUAL;
    default:
        return OPERATOR_EQUAL;
    }
}

/* With `slack` on both sides, for what rounding and cut digits may move. */
static struct text bounded(struct walk *walk, const struct rule_column *column, enum node_operator operation,
                           double bound, double slack)
{
    struct text none = {0};
    bool from = operation == OPERATOR_GREATER || operation == OPERATOR_GREATER_EQUAL || operation == OPERATOR_EQUAL;
    bool to = operation == OPERATOR_LESS || operation == OPERATOR_LESS_EQUAL || operation == OPERATOR_EQUAL;
    if (!(fabs(bound) + slack < BOUND_MAX) || (from && to && column->indirect))
        return none;
    slack += fabs(bound) * 1e-12;
    struct text low = from ? compare_integer(walk, column, ">=", (int64_t)floor(bound - slack)) : none;
    struct text high = to ? compare_integer(walk, column, "<=", (int64_t)ceil(bound + slack)) : none;
    return join(walk, low, high, false);
}

static bool number_of(struct rule_value value, double *out)
{
    *out = value.kind == RULE_DOUBLE ? value.real
           : value.kind == RULE_UINT ? (double)value.natural
                                     : (double)value.integer;
    return value.kind == RULE_INT || value.kind == RULE_UINT || value.kind == RULE_DOUBLE;
}

static struct text compare_fact(struct walk *walk, const struct rule_column *column, enum node_operator operation,
                                struct rule_value value)
{
    const struct text none = {0};
    bool equality = operation == OPERATOR_EQUAL || operation == OPERATOR_UNEQUAL;
    double number;
    if (value.kind == RULE_NULL)
        return equality ? is_absent(walk, column, operation == OPERATOR_EQUAL) : none;
    switch (column->kind) {
    case RULE_COLUMN_NUMBER:
        return number_of(value, &number) ? bounded(walk, column, operation, number * column->scale, 1) : none;
    case RULE_COLUMN_INSTANT:
        return value.kind == RULE_TIMESTAMP
                   ? bounded(walk, column, operation, (double)rule_instant_micros(value), (double)INSTANT_SECOND)
                   : none;
    case RULE_COLUMN_TEXT:
        if (value.kind != RULE_STRING || !equality || (column->indirect && operation == OPERATOR_UNEQUAL) ||
            value.size == 0)
            return none;
        return compare_text(walk, column, operation == OPERATOR_EQUAL ? "=" : "<>", rule_text(value));
    case RULE_COLUMN_TEXTS:
        break;
    }
    return none;
}

/* days_since(fact), on days that may begin at another hour, be longer and shorter: two days of slack. */
static struct text compare_days(struct walk *walk, const struct node *call, enum node_operator operation,
                                struct rule_value value)
{
    const struct rule_column *column = column_of(walk, call->children[0]);
    double days;
    if (walk->sql->lasting || column == NULL || column->kind != RULE_COLUMN_INSTANT || column->indirect ||
        !number_of(value, &days) || !(fabs(days) < DAYS_MAX))
        return (struct text){0};
    return bounded(walk, column, turned(operation), (double)walk->sql->now - days * (double)INSTANT_DAY,
                   2.0 * (double)INSTANT_DAY);
}

static bool is_call(const struct node *node, const char *name)
{
    return node->kind == NODE_CALL && node->meaning == MEANING_FUNCTION && text_equals(node->name, name);
}

static struct text narrow_comparison(struct walk *walk, const struct node *node, bool wanted)
{
    const struct node *left = node->children[0], *right = node->children[1];
    enum node_operator operation = wanted ? node->operation : opposite(node->operation);
    if (left->kind == NODE_CONSTANT) {
        const struct node *other = left;
        left = right;
        right = other;
        operation = turned(operation);
    }
    if (right->kind != NODE_CONSTANT)
        return (struct text){0};
    if (is_call(left, "days_since") && left->child_count == 1)
        return compare_days(walk, left, operation, right->constant);
    const struct rule_column *column = left->kind == NODE_NAME ? column_of(walk, left) : NULL;
    return column == NULL ? (struct text){0} : compare_fact(walk, column, operation, right->constant);
}

/* ---- lists ---- */

/* fact in ["a", "b"] */
static struct text narrow_choice_of(struct walk *walk, const struct rule_column *column, struct rule_value list,
                                    bool wanted)
{
    struct text all = wanted ? NEVER : (struct text){0};
    if (list.size > LIST_MAX)
        return (struct text){0};
    for (uint32_t i = 0; i < list.size; i++)
        all = join(walk, all, compare_fact(walk, column, wanted ? OPERATOR_EQUAL : OPERATOR_UNEQUAL, list.items[i]),
                   wanted);
    return all;
}

static struct text narrow_in(struct walk *walk, const struct node *node, bool wanted)
{
    const struct node *item = node->children[0], *container = node->children[1];
    const struct rule_column *column = item->kind == NODE_NAME ? column_of(walk, item) : NULL;
    if (column != NULL && column->kind != RULE_COLUMN_TEXTS && container->kind == NODE_CONSTANT &&
        container->constant.kind == RULE_LIST)
        return narrow_choice_of(walk, column, container->constant, wanted);
    column = container->kind == NODE_NAME ? column_of(walk, container) : NULL;
    if (column == NULL || column->kind != RULE_COLUMN_TEXTS || item->kind != NODE_CONSTANT ||
        item->constant.kind != RULE_STRING || !wanted)
        return (struct text){0};
    return compare_text(walk, column, "=", rule_text(item->constant));
}

/* ---- calls ---- */

/* within(fact, "30d"): exact, but for a duration that is not one. */
static struct text narrow_within(struct walk *walk, const struct node *node, bool wanted)
{
    const struct rule_column *column = column_of(walk, node->children[0]);
    const struct node *width = node->children[1];
    int64_t nanos = width->constant.integer, start;
    if (walk->sql->lasting || column == NULL || column->kind != RULE_COLUMN_INSTANT || column->indirect ||
        width->kind != NODE_CONSTANT)
        return (struct text){0};
    if (width->constant.kind == RULE_STRING ? !duration_parse(rule_text(width->constant), true, &nanos)
                                            : width->constant.kind != RULE_DURATION)
        return (struct text){0};
    start = walk->sql->now - nanos / (RULE_NANOS / INSTANT_SECOND);
    return join(walk, compare_integer(walk, column, wanted ? ">" : "<=", start),
                compare_integer(walk, column, wanted ? "<=" : ">", walk->sql->now), !wanted);
}

/* ---- the tree ---- */

static struct text narrow_operator(struct walk *walk, const struct node *node, bool wanted)
{
    switch (node->operation) {
    case OPERATOR_NOT:
        return narrow(walk, node->children[0], !wanted);
    case OPERATOR_EQUAL:
    case OPERATOR_UNEQUAL:
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
        return narrow_comparison(walk, node, wanted);
    case OPERATOR_IN:
        return narrow_in(walk, node, wanted);
    case OPERATOR_NEGATE:
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_REMAINDER:
    case OPERATOR_INDEX:
        break;
    }
    return (struct text){0};
}

static struct text narrow_condition(struct walk *walk, const struct node *node, bool wanted)
{
    struct text then =
        join(walk, narrow(walk, node->children[0], true), narrow(walk, node->children[1], wanted), false);
    struct text otherwise =
        join(walk, narrow(walk, node->children[0], false), narrow(walk, node->children[2], wanted), false);
    return join(walk, then, otherwise, true);
}

static struct text narrow(struct walk *walk, const struct node *node, bool wanted)
{
    const struct rule_column *column;
    if (++walk->visits > VISITS_MAX)
        return (struct text){0};
    switch (node->kind) {
    case NODE_CONSTANT: /* what is no bool is neither true nor false */
        return node->constant.kind == RULE_BOOL && node->constant.boolean == wanted ? (struct text){0} : NEVER;
    case NODE_AND: /* true: all are; false: one is, whatever the others fail with */
        return join_all(walk, node, wanted, !wanted);
    case NODE_OR:
        return join_all(walk, node, wanted, wanted);
    case NODE_CHOICE:
        return narrow_condition(walk, node, wanted);
    case NODE_OPERATOR:
        return narrow_operator(walk, node, wanted);
    case NODE_HAS:
        column = column_of(walk, node);
        return column == NULL ? (struct text){0} : is_absent(walk, column, !wanted);
    case NODE_CALL:
        return is_call(node, "within") && node->child_count == 2 ? narrow_within(walk, node, wanted) : (struct text){0};
    case NODE_NAME:
    case NODE_SELECT:
    case NODE_LIST:
    case NODE_MAP:
    case NODE_LOOP:
        break;
    }
    return (struct text){0};
}

/* ---- the filter ---- */

static struct text numbered(struct arena *arena, struct text condition, char placeholder, size_t first)
{
    struct builder out = {.arena = arena};
    for (size_t i = 0; i < condition.size; i++)
        if (condition.bytes[i] == MARK)
            builder_format(&out, "%c%zu", placeholder, first + (size_t)(condition.bytes[++i] - FIRST));
        else
            builder_char(&out, condition.bytes[i]);
    return builder_done(&out);
}

void rule_to_sql(struct arena *arena, const struct rule_source *source, const struct rule_sql *sql,
                 struct rule_filter *out)
{
    struct walk *walk = arena_alloc(arena, sizeof *walk);
    struct node *root;
    struct error error = {0};
    size_t failed_at;
    *out = (struct rule_filter){0};
    *walk = (struct walk){.arena = arena, .sql = sql};
    if (rule_parse(arena, source->text, &root, &failed_at, &error) != STATUS_OK ||
        rule_check(arena, source, root, &failed_at, &error) != STATUS_OK)
        return;
    rule_fold(arena, root);
    struct text condition = narrow(walk, root, true);
    out->sqlite = numbered(arena, condition, '?', sql->first_argument);
    out->postgres = numbered(arena, condition, '$', sql->first_argument);
    out->arguments = walk->arguments;
    out->argument_count = walk->argument_count;
}

#include "rules/parse.h"

#include <string.h>

#include "rules/literal.h"
#include "rules/unicode.h"

struct parser {
    struct arena *arena;
    struct token_reader reader;
    struct token token; /* the next one */
    size_t node_count;
    int nesting;
    size_t failed_at;
    struct error *err;
};

static bool parse_expression(struct parser *parser, struct node **out);

/* ---- failing, tokens, nodes ---- */

static bool fail(struct parser *parser, size_t at, const char *what)
{
    parser->failed_at = at;
    error_set(parser->err, STATUS_INVALID, "rules.syntax", "expression", "%s", what);
    return false;
}

static bool fail_expected(struct parser *parser, const char *what)
{
    parser->failed_at = parser->token.at;
    if (parser->token.kind == TOKEN_END)
        error_set(parser->err, STATUS_INVALID, "rules.syntax", "expression", "%s is expected, not the end", what);
    else
        error_set(parser->err, STATUS_INVALID, "rules.syntax", "expression", "%s is expected, not '%.*s'", what,
                  (int)(parser->token.text.size < 40 ? parser->token.text.size : 40), parser->token.text.bytes);
    return false;
}

static bool fail_size(struct parser *parser, size_t at, const char *what, int limit)
{
    parser->failed_at = at;
    error_set(parser->err, STATUS_LIMIT, "rules.size", "expression", "%s; at most %d", what, limit);
    return false;
}

static bool advance(struct parser *parser)
{
    return token_next(&parser->reader, &parser->token, &parser->failed_at, parser->err) == STATUS_OK;
}

static bool expect(struct parser *parser, enum token_kind kind, const char *what)
{
    return parser->token.kind == kind ? advance(parser) : fail_expected(parser, what);
}

static bool node_new(struct parser *parser, enum node_kind kind, size_t at, struct node **out)
{
    if (++parser->node_count > RULE_NODES_MAX)
        return fail_size(parser, at, "the expression has too many parts", RULE_NODES_MAX);
    struct node *node = arena_alloc(parser->arena, sizeof *node);
    node->kind = kind;
    node->at = at;
    node->depth = 1;
    *out = node;
    return true;
}

struct children {
    struct node **nodes;
    size_t count, capacity;
};

static void children_add(struct parser *parser, struct children *children, struct node *node)
{
    children->nodes =
        arena_grow(parser->arena, children->nodes, &children->capacity, children->count + 1, sizeof(struct node *));
    children->nodes[children->count++] = node;
}

static bool node_adopt(struct parser *parser, struct node *node, const struct children *children)
{
    node->children = children->nodes;
    node->child_count = children->count;
    for (size_t i = 0; i < children->count; i++)
        if (children->nodes[i]->depth >= node->depth)
            node->depth = children->nodes[i]->depth + 1;
    if (node->depth > RULE_DEPTH_MAX)
        return fail_size(parser, node->at, "the expression is nested too deeply", RULE_DEPTH_MAX);
    return true;
}

static bool node_over(struct parser *parser, struct node *node, struct node *a, struct node *b, struct node *c)
{
    struct children children = {0};
    struct node *all[] = {a, b, c};
    for (size_t i = 0; i < 3; i++)
        if (all[i] != NULL)
            children_add(parser, &children, all[i]);
    return node_adopt(parser, node, &children);
}

static bool is_keyword(struct text name)
{
    return text_equals(name, "true") || text_equals(name, "false") || text_equals(name, "null") ||
           text_equals(name, "in");
}

static bool is_reserved(struct text name)
{
    static const char *const words[] = {"as",        "break",  "const",  "continue", "else", "for",
                                        "function",  "if",     "import", "let",      "loop", "package",
                                        "namespace", "return", "var",    "void",     "while"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equals(name, words[i]))
            return true;
    return is_keyword(name);
}

/* ---- macros ---- */

static const struct {
    const char *name;
    size_t arguments;
    enum node_loop loop;
} macros[] = {{"all", 2, LOOP_ALL},
              {"exists", 2, LOOP_EXISTS},
              {"exists_one", 2, LOOP_EXISTS_ONE},
              {"existsOne", 2, LOOP_EXISTS_ONE},
              {"map", 2, LOOP_MAP},
              {"map", 3, LOOP_MAP_FILTER},
              {"filter", 2, LOOP_FILTER}};

/* Makes a loop of a call such as list.all(x, ...); leaves other calls alone. */
static bool expand_loop(struct parser *parser, struct node *call)
{
    if (!call->receiver)
        return true;
    for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++) {
        if (!text_equals(call->name, macros[i].name) || call->child_count != macros[i].arguments + 1)
            continue;
        const struct node *variable = call->children[1];
        if (variable->kind != NODE_NAME || variable->root)
            return fail(parser, variable->at, "the first argument of a macro is the name of its variable");
        call->kind = NODE_LOOP;
        call->loop = macros[i].loop;
        call->name = variable->name;
        call->children[1] = call->children[2];
        if (call->child_count == 4)
            call->children[2] = call->children[3];
        call->child_count--;
        return true;
    }
    return true;
}

static bool expand_has(struct parser *parser, struct node *call)
{
    if (call->receiver || !text_equals(call->name, "has") || call->child_count != 1)
        return true;
    struct node *field = call->children[0];
    if (field->kind != NODE_SELECT)
        return fail(parser, field->at, "has() asks for a field, as in has(member.city)");
    call->kind = NODE_HAS;
    call->name = field->name;
    call->children = field->children;
    return true;
}

/* ---- primaries ---- */

/* Expressions up to `end`, which is taken too. A comma may stand before the end. */
static bool parse_list(struct parser *parser, struct children *children, enum token_kind end, const char *end_name)
{
    while (parser->token.kind != end) {
        struct node *child;
        if (!parse_expression(parser, &child))
            return false;
        children_add(parser, children, child);
        if (parser->token.kind != TOKEN_COMMA)
            break;
        if (end == TOKEN_CLOSE && (!advance(parser) || parser->token.kind == end))
            return parser->token.kind == end ? fail_expected(parser, "an argument") : false;
        if (end != TOKEN_CLOSE && !advance(parser))
            return false;
    }
    return expect(parser, end, end_name);
}

static bool parse_call(struct parser *parser, struct node *receiver, struct node *call)
{
    struct children children = {0};
    call->kind = NODE_CALL;
    call->receiver = receiver != NULL;
    if (receiver != NULL)
        children_add(parser, &children, receiver);
    return advance(parser) && parse_list(parser, &children, TOKEN_CLOSE, "')'") &&
           node_adopt(parser, call, &children) && expand_loop(parser, call) && expand_has(parser, call);
}

static bool parse_map(struct parser *parser, struct node **out)
{
    struct children children = {0};
    if (!node_new(parser, NODE_MAP, parser->token.at, out) || !advance(parser))
        return false;
    while (parser->token.kind != TOKEN_CLOSE_MAP) {
        struct node *key, *value;
        if (!parse_expression(parser, &key) || !expect(parser, TOKEN_COLON, "':'") || !parse_expression(parser, &value))
            return false;
        children_add(parser, &children, key);
        children_add(parser, &children, value);
        if (parser->token.kind != TOKEN_COMMA)
            break;
        if (!advance(parser))
            return false;
    }
    return expect(parser, TOKEN_CLOSE_MAP, "'}'") && node_adopt(parser, *out, &children);
}

static bool parse_literal(struct parser *parser, bool negative, size_t at, struct node **out)
{
    if (!node_new(parser, NODE_CONSTANT, at, out))
        return false;
    if (literal_value(parser->arena, &parser->token, negative, &(*out)->constant, parser->err) != STATUS_OK) {
        parser->failed_at = parser->token.at;
        return false;
    }
    return advance(parser);
}

static bool parse_name(struct parser *parser, bool root, struct node **out)
{
    struct token name = parser->token;
    if (text_equals(name.text, "true") || text_equals(name.text, "false") || text_equals(name.text, "null")) {
        if (!node_new(parser, NODE_CONSTANT, name.at, out))
            return false;
        (*out)->constant = text_equals(name.text, "null") ? rule_null() : rule_bool(name.text.bytes[0] == 't');
        return root ? fail(parser, name.at, "a name is expected after the dot") : advance(parser);
    }
    if (is_reserved(name.text))
        return fail(parser, name.at, "the word is reserved and no name");
    if (!node_new(parser, NODE_NAME, name.at, out) || !advance(parser))
        return false;
    (*out)->name = name.text;
    (*out)->root = root;
    return parser->token.kind != TOKEN_OPEN || parse_call(parser, NULL, *out);
}

static bool parse_primary(struct parser *parser, struct node **out)
{
    struct children children = {0};
    switch ((int)parser->token.kind) {
    case TOKEN_INT:
    case TOKEN_UINT:
    case TOKEN_DOUBLE:
    case TOKEN_STRING:
    case TOKEN_BYTES:
        return parse_literal(parser, false, parser->token.at, out);
    case TOKEN_NAME:
        return parse_name(parser, false, out);
    case TOKEN_DOT:
        if (!advance(parser))
            return false;
        return parser->token.kind == TOKEN_NAME ? parse_name(parser, true, out) : fail_expected(parser, "a name");
    case TOKEN_OPEN:
        if (!advance(parser) || !parse_expression(parser, out) || !expect(parser, TOKEN_CLOSE, "')'"))
            return false;
        (*out)->enclosed = true;
        return true;
    case TOKEN_OPEN_LIST:
        return node_new(parser, NODE_LIST, parser->token.at, out) && advance(parser) &&
               parse_list(parser, &children, TOKEN_CLOSE_LIST, "']'") && node_adopt(parser, *out, &children);
    case TOKEN_OPEN_MAP:
        return parse_map(parser, out);
    default:
        return fail_expected(parser, "a value");
    }
}

/* ---- what follows a primary ---- */

static bool parse_field(struct parser *parser, struct node **node)
{
    struct node *operand = *node;
    bool quoted;
    if (!advance(parser))
        return false;
    quoted = parser->token.kind == TOKEN_QUOTED_NAME;
    if (!quoted && (parser->token.kind != TOKEN_NAME || is_keyword(parser->token.text)))
        return fail_expected(parser, "a name after the dot");
    if (!node_new(parser, NODE_SELECT, parser->token.at, node))
        return false;
    (*node)->name = parser->token.text;
    if (!advance(parser))
        return false;
    if (parser->token.kind == TOKEN_OPEN && !quoted)
        return parse_call(parser, operand, *node);
    return node_over(parser, *node, operand, NULL, NULL);
}

static bool parse_index(struct parser *parser, struct node **node)
{
    struct node *operand = *node, *index;
    if (!node_new(parser, NODE_OPERATOR, parser->token.at, node) || !advance(parser) ||
        !parse_expression(parser, &index) || !expect(parser, TOKEN_CLOSE_LIST, "']'"))
        return false;
    (*node)->operation = OPERATOR_INDEX;
    return node_over(parser, *node, operand, index, NULL);
}

static bool parse_member(struct parser *parser, struct node **out)
{
    if (!parse_primary(parser, out))
        return false;
    for (;;) {
        bool done;
        if (parser->token.kind == TOKEN_DOT)
            done = parse_field(parser, out);
        else if (parser->token.kind == TOKEN_OPEN_LIST)
            done = parse_index(parser, out);
        else if (parser->token.kind == TOKEN_OPEN_MAP && ((*out)->kind == NODE_NAME || (*out)->kind == NODE_SELECT))
            return fail(parser, parser->token.at, "there are no message types; a map is {\"key\": value}");
        else
            return true;
        if (!done)
            return false;
    }
}

/* ---- operators ---- */

static bool is_number(enum token_kind kind)
{
    return kind == TOKEN_INT || kind == TOKEN_DOUBLE;
}

/* A minus before a number belongs to it, so that the smallest int can be written. */
static bool parse_negative(struct parser *parser, size_t at, struct node **out)
{
    struct token_reader back = parser->reader;
    struct token number = parser->token;
    struct token next;
    size_t failed_at;
    struct error ignored;
    /* -1.size() is the negation of what the member gives, as for any other operand. */
    if (token_next(&back, &next, &failed_at, &ignored) == STATUS_OK &&
        (next.kind == TOKEN_DOT || next.kind == TOKEN_OPEN_LIST)) {
        parser->token = number;
        return parse_member(parser, out);
    }
    return parse_literal(parser, true, at, out);
}

static bool parse_unary(struct parser *parser, struct node **out)
{
    enum token_kind sign = parser->token.kind;
    size_t first = parser->token.at, last = first, count = 0;
    if (sign != TOKEN_NOT && sign != TOKEN_MINUS)
        return parse_member(parser, out);
    while (parser->token.kind == sign) {
        last = parser->token.at;
        count++;
        if (count > RULE_DEPTH_MAX)
            return fail_size(parser, last, "the expression is nested too deeply", RULE_DEPTH_MAX);
        if (!advance(parser))
            return false;
    }
    if (sign == TOKEN_MINUS && is_number(parser->token.kind)) {
        if (!parse_negative(parser, last, out))
            return false;
        if ((*out)->kind == NODE_CONSTANT)
            count--;
    } else if (!parse_member(parser, out)) {
        return false;
    }
    for (; count > 0; count--) {
        struct node *operand = *out;
        if (!node_new(parser, NODE_OPERATOR, first, out))
            return false;
        (*out)->operation = sign == TOKEN_NOT ? OPERATOR_NOT : OPERATOR_NEGATE;
        if (!node_over(parser, *out, operand, NULL, NULL))
            return false;
    }
    return true;
}

static const struct {
    enum token_kind token;
    int level; /* binds more tightly the higher it is */
    enum node_operator operation;
} binary[] = {{TOKEN_EQUAL, 1, OPERATOR_EQUAL},     {TOKEN_UNEQUAL, 1, OPERATOR_UNEQUAL},
              {TOKEN_LESS, 1, OPERATOR_LESS},       {TOKEN_LESS_EQUAL, 1, OPERATOR_LESS_EQUAL},
              {TOKEN_GREATER, 1, OPERATOR_GREATER}, {TOKEN_GREATER_EQUAL, 1, OPERATOR_GREATER_EQUAL},
              {TOKEN_IN, 1, OPERATOR_IN},           {TOKEN_PLUS, 2, OPERATOR_ADD},
              {TOKEN_MINUS, 2, OPERATOR_SUBTRACT},  {TOKEN_TIMES, 3, OPERATOR_MULTIPLY},
              {TOKEN_DIVIDE, 3, OPERATOR_DIVIDE},   {TOKEN_REMAINDER, 3, OPERATOR_REMAINDER}};
enum { LEVEL_LOWEST = 1, LEVEL_HIGHEST = 3 };

static bool parse_binary(struct parser *parser, int level, struct node **out)
{
    if (level > LEVEL_HIGHEST)
        return parse_unary(parser, out);
    if (!parse_binary(parser, level + 1, out))
        return false;
    for (;;) {
        size_t i = 0, count = sizeof binary / sizeof binary[0];
        while (i < count && (binary[i].token != parser->token.kind || binary[i].level != level))
            i++;
        if (i == count)
            return true;
        struct node *left = *out, *right;
        size_t at = parser->token.at;
        if (!advance(parser) || !parse_binary(parser, level + 1, &right) || !node_new(parser, NODE_OPERATOR, at, out))
            return false;
        (*out)->operation = binary[i].operation;
        if (!node_over(parser, *out, left, right, NULL))
            return false;
    }
}

/* a && b && c is one node: its terms, whatever their number, are no depth. */
static bool parse_logical(struct parser *parser, enum node_kind kind, struct node **out)
{
    enum token_kind sign = kind == NODE_OR ? TOKEN_OR : TOKEN_AND;
    struct children children = {0};
    size_t at = 0;
    do {
        struct node *child;
        if (children.count > 0) {
            at = at == 0 ? parser->token.at : at;
            if (!advance(parser))
                return false;
        }
        if (!(kind == NODE_OR ? parse_logical(parser, NODE_AND, &child) : parse_binary(parser, LEVEL_LOWEST, &child)))
            return false;
        children_add(parser, &children, child);
    } while (parser->token.kind == sign);
    *out = children.nodes[0];
    if (children.count == 1)
        return true;
    return node_new(parser, kind, at, out) && node_adopt(parser, *out, &children);
}

static bool parse_choice(struct parser *parser, struct node **out)
{
    struct node *condition, *yes, *no;
    if (!parse_logical(parser, NODE_OR, &condition))
        return false;
    *out = condition;
    if (parser->token.kind != TOKEN_QUESTION)
        return true;
    size_t at = parser->token.at;
    return advance(parser) && parse_logical(parser, NODE_OR, &yes) && expect(parser, TOKEN_COLON, "':'") &&
           parse_expression(parser, &no) && node_new(parser, NODE_CHOICE, at, out) &&
           node_over(parser, *out, condition, yes, no);
}

static bool parse_expression(struct parser *parser, struct node **out)
{
    if (++parser->nesting > RULE_NESTING_MAX)
        return fail_size(parser, parser->token.at, "the expression is nested too deeply", RULE_NESTING_MAX);
    bool done = parse_choice(parser, out);
    parser->nesting--;
    return done;
}

enum status rule_parse(struct arena *arena, struct text source, struct node **out, size_t *failed_at, struct error *err)
{
    struct error local = {0};
    struct parser parser = {.arena = arena, .reader = {.source = source}, .err = err != NULL ? err : &local};
    *failed_at = 0;
    if (source.size > RULE_SOURCE_MAX)
        return error_set(err, STATUS_LIMIT, "rules.size", "expression", "the expression is longer than %d bytes",
                         RULE_SOURCE_MAX);
    if (!unicode_is_valid(source))
        return error_set(err, STATUS_INVALID, "rules.syntax", "expression", "the expression is not valid UTF-8");
    struct node *node;
    if (!advance(&parser) || !parse_expression(&parser, &node) ||
        (parser.token.kind != TOKEN_END && !fail_expected(&parser, "an operator or the end"))) {
        *failed_at = parser.failed_at;
        return parser.err->status;
    }
    *out = node;
    return STATUS_OK;
}

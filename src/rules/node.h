/* node.h: the tree of an expression, as the parser leaves it and the checker completes it. */
#ifndef PATRON_RULES_NODE_H
#define PATRON_RULES_NODE_H

#include "rules/token.h"
#include "rules/type.h"
#include "rules/value.h"

enum node_kind {
    NODE_CONSTANT,
    NODE_NAME,     /* name */
    NODE_SELECT,   /* child 0 . name */
    NODE_HAS,      /* has(child 0 . name) */
    NODE_CALL,     /* name(children), or child 0 . name(the others) */
    NODE_OPERATOR, /* operator of its children */
    NODE_AND,      /* of two children or more */
    NODE_OR,
    NODE_CHOICE, /* child 0 ? child 1 : child 2 */
    NODE_LIST,
    NODE_MAP,  /* key, value, key, value ... */
    NODE_LOOP, /* a macro over child 0, with child 1 and 2 for each element called name */
};

enum node_operator {
    OPERATOR_NOT,
    OPERATOR_NEGATE,
    OPERATOR_ADD,
    OPERATOR_SUBTRACT,
    OPERATOR_MULTIPLY,
    OPERATOR_DIVIDE,
    OPERATOR_REMAINDER,
    OPERATOR_EQUAL,
    OPERATOR_UNEQUAL,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_GREATER,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_IN,
    OPERATOR_INDEX,
};

enum node_loop { LOOP_ALL, LOOP_EXISTS, LOOP_EXISTS_ONE, LOOP_MAP, LOOP_MAP_FILTER, LOOP_FILTER };

/* What a name turned out to be. */
enum node_meaning { MEANING_NONE, MEANING_VARIABLE, MEANING_LOOP, MEANING_FUNCTION };

struct node {
    enum node_kind kind;
    enum node_operator operation;
    enum node_loop loop;
    size_t at; /* in the source */
    struct text name;
    struct rule_value constant;
    struct node **children;
    size_t child_count;
    bool receiver; /* a call with something before the dot */
    bool root;     /* a name with a leading dot: no loop variable */
    bool enclosed; /* stood in brackets: what follows is a field of it, not more of its name */
    int depth;

    /* Filled in by the checker. */
    const struct rule_type *type;
    enum node_meaning meaning;
    size_t reference;       /* slot of the variable, number of the loop, first overload of the function */
    size_t reference_count; /* overloads */
};

#endif

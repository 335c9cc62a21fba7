/* program.h: the bytecode of an expression. Inside rules only. */
#ifndef PATRON_RULES_PROGRAM_H
#define PATRON_RULES_PROGRAM_H

#include "foundation/zone.h"
#include "rules/pattern_shim.h"
#include "rules/rules.h"

/* The machine is a stack of values, one variable for each loop that is open, and a slot for each fact. */
enum rule_op {
    OP_CONSTANT,      /* push constants[large] */
    OP_SLOT,          /* push the fact in slot `large` */
    OP_LOOP_VARIABLE, /* push the variable of loop `small` */
    OP_LESS_SLOT,     /* push slot `small` < constants[large]; and so on */
    OP_LESS_EQUAL_SLOT,
    OP_GREATER_SLOT,
    OP_GREATER_EQUAL_SLOT,
    OP_EQUAL_SLOT,
    OP_UNEQUAL_SLOT,
    OP_AND_FIRST, /* jump to `large` when the top is false; it stays */
    OP_AND_NEXT,  /* join the two on top; jump when that is false */
    OP_AND_LAST,  /* join the two on top; what is an error is raised now */
    OP_OR_FIRST,
    OP_OR_NEXT,
    OP_OR_LAST,
    OP_RETURN,
    OP_UNARY,    /* operator `small` */
    OP_BINARY,   /* operator `small` */
    OP_SELECT,   /* field constants[large] of the top */
    OP_HAS,      /* whether the top has the field constants[large] */
    OP_HAS_SLOT, /* whether slot `large` is not null */
    OP_CALL,     /* `small` arguments; overloads calls[large] */
    OP_LIST,     /* of the `large` values on top */
    OP_MAP,      /* of the `large` pairs on top */
    OP_BRANCH,   /* pop; jump when false; an error when no bool */
    OP_JUMP,
    OP_FAIL,       /* because constants[large] has no meaning; `small`: FAIL_x */
    OP_RAISE,      /* when the top is an error */
    OP_LOOP_BEGIN, /* pop the list or map that loop `small` goes over */
    OP_LOOP_NEXT,  /* the next element of loop `small`, or jump */
    OP_COLLECT,    /* pop into the list of loop `small` */
    OP_COLLECT_IF, /* pop a bool; when true, the variable of loop `small` goes into its list */
    OP_COLLECTED,  /* push the list */
    OP_COUNT_IF,   /* pop a bool; when true, loop `small` counts one */
    OP_COUNTED_ONE,
};

enum { FAIL_NAME, FAIL_FUNCTION };

struct rule_instruction {
    uint16_t op, small;
    uint32_t large;
};

/* Where the error of an instruction goes: pushed at `depth`, going on at `target`. */
struct rule_handler {
    uint32_t target, depth;
};

struct rule_call_site {
    size_t first, count; /* overloads */
};

struct rule_pattern {
    struct text text;
    struct pattern *pattern;
};

struct rule_zone {
    struct text name;
    const struct zone *zone;
};

struct rule_program {
    const struct rule_instruction *code;
    size_t code_count;
    const uint32_t *handler_of; /* of each instruction: index in handlers + 1; 0: the evaluation ends */
    const struct rule_handler *handlers;
    const uint32_t *places; /* of each instruction: bytes in the source */
    const struct rule_value *constants;
    const struct rule_call_site *calls;
    size_t stack_depth, loop_count;
    struct text source;
    const struct rule_type *type;
    struct rule_pattern *patterns; /* of constant regular expressions */
    size_t pattern_count;
    const struct rule_zone *zones; /* of constant names */
    size_t zone_count;
    const bool *reads; /* of each slot of the environment */
    size_t slot_count;
    bool timed;
};

#endif

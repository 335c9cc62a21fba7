#include <stdio.h>
#include <string.h>

#include "foundation/instant.h"
#include "rules/functions.h"
#include "rules/program.h"

enum { STACK_INLINE = 48, LOOPS_INLINE = 4, ITEMS_PER_COST = 4, COLLECTED_FIRST = 8, NAME_SHOWN = 64 };

struct loop {
    struct rule_value range, variable;
    uint32_t next;
    struct rule_value *items;
    size_t count, capacity;
};

struct frame {
    struct rule_machine machine;
    const struct rule_program *program;
    const struct rule_value *slots;
    struct rule_value *stack;
    struct loop *loops;
    const struct rule_instruction *at; /* the next instruction */
    struct rule_value *top;            /* past the last value */
};

/* ---- comparing a fact with a constant ---- */

static inline bool ordered(enum node_operator operation, bool less, bool equal, bool greater)
{
    return operation == OPERATOR_LESS            ? less
           : operation == OPERATOR_LESS_EQUAL    ? less || equal
           : operation == OPERATOR_GREATER       ? greater
           : operation == OPERATOR_GREATER_EQUAL ? greater || equal
           : operation == OPERATOR_EQUAL         ? equal
                                                 : !equal;
}

/* Inlined for each operator, so that what is left of it is one test of the kinds and one comparison. */
static inline __attribute__((always_inline)) bool compare_slot(struct frame *frame, enum node_operator operation,
                                                               struct rule_instruction instruction,
                                                               struct rule_value *out)
{
    const struct rule_value *a = &frame->slots[instruction.small];
    const struct rule_value *b = &frame->program->constants[instruction.large];
    if (a->kind == b->kind) {
        out->kind = RULE_BOOL;
        if (a->kind == RULE_DOUBLE) {
            out->boolean = ordered(operation, a->real<b->real, a->real == b->real, a->real> b->real);
            return true;
        }
        if (a->kind == RULE_INT) {
            out->boolean = ordered(operation, a->integer<b->integer, a->integer == b->integer, a->integer> b->integer);
            return true;
        }
        if (a->kind == RULE_STRING && (operation == OPERATOR_EQUAL || operation == OPERATOR_UNEQUAL)) {
            bool same = a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
            out->boolean = same == (operation == OPERATOR_EQUAL);
            return true;
        }
    }
    return operator_run(&frame->machine, operation, *a, *b, out);
}

/* ---- && and || ---- */

/* What two values that are not both bool come to. */
static bool join_others(struct frame *frame, bool either, struct rule_value *left, const struct rule_value *right)
{
    struct rule_machine *machine = &frame->machine;
    if (left->kind == RULE_BOOL && left->boolean == either)
        return true;
    if (right->kind == RULE_BOOL && right->boolean == either) {
        *left = *right;
        return true;
    }
    if (left->kind == RULE_ERROR)
        return true;
    if (right->kind == RULE_ERROR) {
        *left = *right;
        return true;
    }
    const struct rule_value *wrong = left->kind == RULE_BOOL ? right : left;
    machine_fail_overload(machine, either ? "||" : "&&", wrong, 1);
    if (machine->exhausted)
        return false;
    machine->failure->at = frame->program->places[frame->at - 1 - frame->program->code];
    *left = (struct rule_value){.kind = RULE_ERROR, .failure = machine->failure};
    return true;
}

static inline bool join(struct frame *frame, bool either)
{
    struct rule_value *right = --frame->top, *left = right - 1;
    if (left->kind == RULE_BOOL && right->kind == RULE_BOOL) {
        left->boolean = either ? left->boolean || right->boolean : left->boolean && right->boolean;
        return true;
    }
    return join_others(frame, either, left, right);
}

static bool raise_error(struct frame *frame)
{
    if (frame->top[-1].kind != RULE_ERROR)
        return true;
    frame->machine.failure = frame->top[-1].failure;
    return false;
}

static inline void jump_if(struct frame *frame, bool value, uint32_t target)
{
    const struct rule_value *top = frame->top - 1;
    if (top->kind == RULE_BOOL && top->boolean == value)
        frame->at = frame->program->code + target;
}

/* ---- loops ---- */

static bool loop_begin(struct frame *frame, struct loop *loop)
{
    struct rule_value range = *--frame->top;
    if (range.kind != RULE_LIST && range.kind != RULE_MAP)
        return machine_fail(&frame->machine, "rules.overload",
                            "no such overload: a macro goes over a list or map, not %s",
                            rule_kind_name((enum rule_kind)range.kind));
    *loop = (struct loop){.range = range};
    return true;
}

static bool loop_next(struct frame *frame, struct loop *loop, uint32_t end)
{
    const struct rule_instruction *target = frame->program->code + end;
    if (loop->next == loop->range.size) {
        frame->at = target;
        return true;
    }
    loop->variable =
        loop->range.kind == RULE_LIST ? loop->range.items[loop->next] : loop->range.entries[loop->next].key;
    loop->next++;
    return machine_charge(&frame->machine, (size_t)(target - frame->at));
}

static bool loop_collect(struct frame *frame, struct loop *loop, struct rule_value value)
{
    if (loop->count == loop->capacity) {
        size_t capacity = loop->capacity == 0 ? COLLECTED_FIRST : 2 * loop->capacity;
        struct rule_value *grown = machine_allocate(&frame->machine, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        if (loop->count > 0)
            memcpy(grown, loop->items, loop->count * sizeof *grown);
        loop->items = grown;
        loop->capacity = capacity;
    }
    loop->items[loop->count++] = value;
    return true;
}

/* The bool on top, which is taken. */
static bool pop_condition(struct frame *frame, bool *out)
{
    struct rule_value value = *--frame->top;
    *out = value.kind == RULE_BOOL && value.boolean;
    return value.kind == RULE_BOOL || machine_fail_overload(&frame->machine, "a condition", &value, 1);
}

static bool step_loop(struct frame *frame, struct rule_instruction instruction)
{
    struct loop *loop = &frame->loops[instruction.small];
    bool chosen;
    switch (instruction.op) {
    case OP_LOOP_BEGIN:
        return loop_begin(frame, loop);
    case OP_LOOP_NEXT:
        return loop_next(frame, loop, instruction.large);
    case OP_COLLECT:
        return loop_collect(frame, loop, *--frame->top);
    case OP_COLLECT_IF:
        return pop_condition(frame, &chosen) && (!chosen || loop_collect(frame, loop, loop->variable));
    case OP_COUNT_IF:
        if (!pop_condition(frame, &chosen))
            return false;
        loop->count += chosen;
        return true;
    case OP_COUNTED_ONE:
        *frame->top++ = rule_bool(loop->count == 1);
        return true;
    default: /* OP_COLLECTED */
        *frame->top++ = rule_list(loop->items, loop->count);
        return true;
    }
}

/* ---- the rarer instructions ---- */

static bool step_call(struct frame *frame, struct rule_instruction instruction)
{
    const struct rule_call_site *site = &frame->program->calls[instruction.large];
    struct function_call call = {.arguments = frame->top - instruction.small, .count = instruction.small};
    struct rule_value value;
    if (!function_run(&frame->machine, site->first, site->count, &call, &value))
        return false;
    frame->top -= instruction.small;
    *frame->top++ = value;
    return true;
}

static bool step_list(struct frame *frame, size_t count)
{
    struct rule_value *items = NULL;
    if (!machine_charge(&frame->machine, 1 + count / ITEMS_PER_COST))
        return false;
    if (count > 0) {
        items = machine_allocate(&frame->machine, count * sizeof *items);
        if (items == NULL)
            return false;
        memcpy(items, frame->top - count, count * sizeof *items);
    }
    frame->top -= count;
    *frame->top++ = rule_list(items, count);
    return true;
}

static bool step_map(struct frame *frame, size_t count)
{
    struct rule_value value;
    if (!operator_map(&frame->machine, frame->top - 2 * count, count, &value))
        return false;
    frame->top -= 2 * count;
    *frame->top++ = value;
    return true;
}

static bool step_fail(struct frame *frame, struct rule_instruction instruction)
{
    struct text name = rule_text(frame->program->constants[instruction.large]);
    int shown = (int)(name.size < NAME_SHOWN ? name.size : NAME_SHOWN);
    if (instruction.small == FAIL_NAME)
        return machine_fail(&frame->machine, "rules.name", "undeclared reference: there is no '%.*s'", shown,
                            name.bytes);
    return machine_fail(&frame->machine, "rules.overload", "no such overload: there is no function '%.*s'", shown,
                        name.bytes);
}

static bool step_branch(struct frame *frame, uint32_t target)
{
    bool chosen;
    if (!pop_condition(frame, &chosen))
        return false;
    if (!chosen)
        frame->at = frame->program->code + target;
    return true;
}

static bool step(struct frame *frame, struct rule_instruction instruction)
{
    struct rule_value *top = frame->top;
    switch (instruction.op) {
    case OP_UNARY:
        return operator_run(&frame->machine, (enum node_operator)instruction.small, top[-1], top[-1], &top[-1]);
    case OP_SELECT:
        return operator_select(&frame->machine, top[-1], frame->program->constants[instruction.large], &top[-1]);
    case OP_HAS:
        return operator_has(&frame->machine, top[-1], frame->program->constants[instruction.large], &top[-1]);
    case OP_HAS_SLOT:
        *frame->top++ = rule_bool(frame->slots[instruction.large].kind != RULE_NULL);
        return true;
    case OP_CALL:
        return step_call(frame, instruction);
    case OP_LIST:
        return step_list(frame, instruction.large);
    case OP_MAP:
        return step_map(frame, instruction.large);
    case OP_BRANCH:
        return step_branch(frame, instruction.large);
    case OP_JUMP:
        frame->at = frame->program->code + instruction.large;
        return true;
    case OP_FAIL:
        return step_fail(frame, instruction);
    case OP_RAISE:
        return raise_error(frame);
    default:
        return step_loop(frame, instruction);
    }
}

/* ---- the machine ---- */

/* After a failure: goes on where it is absorbed. False: nowhere. */
static bool unwind(struct frame *frame)
{
    const struct rule_program *program = frame->program;
    size_t failed = (size_t)(frame->at - 1 - program->code);
    if (frame->machine.failure->at == SIZE_MAX)
        frame->machine.failure->at = program->places[failed];
    uint32_t handler = program->handler_of[failed];
    if (frame->machine.exhausted || handler == 0)
        return false;
    frame->top = frame->stack + program->handlers[handler - 1].depth;
    *frame->top++ = (struct rule_value){.kind = RULE_ERROR, .failure = frame->machine.failure};
    frame->at = program->code + program->handlers[handler - 1].target;
    return true;
}

static bool execute(struct frame *frame)
{
    const struct rule_program *program = frame->program;
    for (;;) {
        const struct rule_instruction instruction = *frame->at++;
        bool done = true;
        switch (instruction.op) {
        case OP_CONSTANT:
            *frame->top++ = program->constants[instruction.large];
            break;
        case OP_SLOT:
            *frame->top++ = frame->slots[instruction.large];
            break;
        case OP_LOOP_VARIABLE:
            *frame->top++ = frame->loops[instruction.small].variable;
            break;
        case OP_LESS_SLOT:
            done = compare_slot(frame, OPERATOR_LESS, instruction, frame->top++);
            break;
        case OP_LESS_EQUAL_SLOT:
            done = compare_slot(frame, OPERATOR_LESS_EQUAL, instruction, frame->top++);
            break;
        case OP_GREATER_SLOT:
            done = compare_slot(frame, OPERATOR_GREATER, instruction, frame->top++);
            break;
        case OP_GREATER_EQUAL_SLOT:
            done = compare_slot(frame, OPERATOR_GREATER_EQUAL, instruction, frame->top++);
            break;
        case OP_EQUAL_SLOT:
            done = compare_slot(frame, OPERATOR_EQUAL, instruction, frame->top++);
            break;
        case OP_UNEQUAL_SLOT:
            done = compare_slot(frame, OPERATOR_UNEQUAL, instruction, frame->top++);
            break;
        case OP_AND_NEXT:
            done = join(frame, false);
            jump_if(frame, false, instruction.large);
            break;
        case OP_AND_FIRST:
            jump_if(frame, false, instruction.large);
            break;
        case OP_AND_LAST:
            done = join(frame, false) && raise_error(frame);
            break;
        case OP_OR_NEXT:
            done = join(frame, true);
            jump_if(frame, true, instruction.large);
            break;
        case OP_OR_FIRST:
            jump_if(frame, true, instruction.large);
            break;
        case OP_OR_LAST:
            done = join(frame, true) && raise_error(frame);
            break;
        case OP_BINARY:
            frame->top--;
            done = operator_run(&frame->machine, (enum node_operator)instruction.small, frame->top[-1], frame->top[0],
                                &frame->top[-1]);
            break;
        case OP_RETURN:
            return true;
        default:
            done = step(frame, instruction);
            break;
        }
        if (!done && !unwind(frame))
            return false;
    }
}

static enum status report(const struct frame *frame, struct error *err)
{
    const struct rule_failure *failure = frame->machine.failure;
    struct rule_place place = token_place(frame->program->source, failure->at == SIZE_MAX ? 0 : failure->at);
    return error_set(err, frame->machine.exhausted ? STATUS_LIMIT : STATUS_INVALID, failure->code, "expression",
                     "line %d, column %d: %s", place.line, place.column, failure->message);
}

/* Results are walked by whoever reads them, each shared part as often as it occurs. */
static bool result_is_bounded(struct frame *frame)
{
    const struct rule_value *value = frame->top - 1;
    return (value->kind != RULE_LIST && value->kind != RULE_MAP) ||
           machine_charge(&frame->machine, rule_weight(*value, (size_t)frame->machine.cost_left));
}

enum status rule_evaluate(const struct rule_program *program, struct rule_evaluation *evaluation, struct error *err)
{
    struct rule_value stack[STACK_INLINE];
    struct loop loops[LOOPS_INLINE];
    int64_t cost_max = evaluation->cost_max > 0 ? evaluation->cost_max : RULE_COST_DEFAULT;
    struct frame frame;
    frame.machine.arena = evaluation->arena;
    frame.machine.cost_left = cost_max;
    frame.machine.memory_left = evaluation->memory_max > 0 ? evaluation->memory_max : RULE_MEMORY_DEFAULT;
    frame.machine.program = program;
    frame.machine.now = evaluation->now;
    frame.machine.zone = evaluation->zone;
    frame.machine.valid_until = INSTANT_NEVER;
    frame.machine.exhausted = false;
    frame.program = program;
    frame.slots = evaluation->slots;
    frame.stack = stack;
    frame.loops = loops;
    frame.at = program->code;
    bool done = machine_charge(&frame.machine, program->code_count);
    if (done && program->stack_depth > STACK_INLINE)
        done = (frame.stack = machine_allocate(&frame.machine, program->stack_depth * sizeof *stack)) != NULL;
    if (done && program->loop_count > LOOPS_INLINE)
        done = (frame.loops = machine_allocate(&frame.machine, program->loop_count * sizeof *loops)) != NULL;
    frame.top = frame.stack;
    done = done && execute(&frame) && result_is_bounded(&frame);
    evaluation->valid_until = frame.machine.valid_until;
    evaluation->cost = cost_max - frame.machine.cost_left;
    if (!done)
        return report(&frame, err);
    evaluation->value = frame.top[-1];
    return STATUS_OK;
}

#include <string.h>

#include "rules/check.h"
#include "rules/fold.h"
#include "rules/functions.h"
#include "rules/parse.h"
#include "rules/program.h"

enum {
    PATTERNS_MAX = 64,
    ZONES_MAX = 32,
    PATTERN_SIZE_MAX = 4096,
    MESSAGE_SIZE = 128,
    SMALL_MAX = UINT16_MAX,
    EXACT_BITS = 53, /* an int of so many bits is a double */
};

struct compiler {
    struct arena *arena;
    const struct rule_source *source;
    struct rule_program *program;
    struct rule_instruction *code;
    size_t code_count, code_capacity;
    uint32_t *places, *handler_of;
    size_t place_capacity, handler_of_capacity;
    struct rule_handler *handlers;
    size_t handler_count, handler_capacity;
    struct rule_value *constants;
    size_t constant_count, constant_capacity;
    struct rule_call_site *calls;
    size_t call_count, call_capacity;
    struct rule_zone *zones;
    bool *reads;
    size_t depth;     /* values on the stack */
    uint32_t handler; /* of what is compiled now, + 1 */
    size_t failed_at;
    struct error *err;
};

static void compile(struct compiler *compiler, const struct node *node);

/* ---- writing code ---- */

/* Appends an instruction that leaves the stack higher by `effect`; where it is. */
static size_t emit(struct compiler *compiler, enum rule_op op, size_t small, size_t large, int effect)
{
    size_t at = compiler->code_count++;
    compiler->code =
        arena_grow(compiler->arena, compiler->code, &compiler->code_capacity, at + 1, sizeof *compiler->code);
    compiler->places =
        arena_grow(compiler->arena, compiler->places, &compiler->place_capacity, at + 1, sizeof *compiler->places);
    compiler->handler_of = arena_grow(compiler->arena, compiler->handler_of, &compiler->handler_of_capacity, at + 1,
                                      sizeof *compiler->handler_of);
    compiler->code[at] = (struct rule_instruction){(uint16_t)op, (uint16_t)small, (uint32_t)large};
    compiler->handler_of[at] = compiler->handler;
    compiler->places[at] = 0;
    compiler->depth = (size_t)((ptrdiff_t)compiler->depth + effect);
    if (compiler->depth > compiler->program->stack_depth)
        compiler->program->stack_depth = compiler->depth;
    return at;
}

static size_t emit_at(struct compiler *compiler, const struct node *node, enum rule_op op, size_t small, size_t large,
                      int effect)
{
    size_t at = emit(compiler, op, small, large, effect);
    compiler->places[at] = (uint32_t)node->at;
    return at;
}

static size_t add_constant(struct compiler *compiler, struct rule_value value)
{
    size_t at = compiler->constant_count++;
    compiler->constants = arena_grow(compiler->arena, compiler->constants, &compiler->constant_capacity, at + 1,
                                     sizeof *compiler->constants);
    compiler->constants[at] = value;
    return at;
}

static void jump_here(struct compiler *compiler, size_t at)
{
    compiler->code[at].large = (uint32_t)compiler->code_count;
}

/* Compiles a node whose error is pushed in place of its value. */
static void compile_guarded(struct compiler *compiler, const struct node *node)
{
    uint32_t outer = compiler->handler;
    size_t own = compiler->handler_count++;
    compiler->handlers = arena_grow(compiler->arena, compiler->handlers, &compiler->handler_capacity, own + 1,
                                    sizeof *compiler->handlers);
    compiler->handlers[own].depth = (uint32_t)compiler->depth;
    compiler->handler = (uint32_t)own + 1;
    compile(compiler, node);
    compiler->handlers[own].target = (uint32_t)compiler->code_count;
    compiler->handler = outer;
}

/* ---- names ---- */

static void compile_failure(struct compiler *compiler, const struct node *node, int which, struct text name)
{
    emit_at(compiler, node, OP_FAIL, (size_t)which, add_constant(compiler, rule_string(name)), 1);
}

static size_t read_slot(struct compiler *compiler, const struct node *node)
{
    compiler->reads[node->reference] = true;
    return node->reference;
}

static void compile_name(struct compiler *compiler, const struct node *node)
{
    if (node->meaning == MEANING_VARIABLE)
        emit_at(compiler, node, OP_SLOT, 0, read_slot(compiler, node), 1);
    else if (node->meaning == MEANING_LOOP)
        emit_at(compiler, node, OP_LOOP_VARIABLE, node->reference, 0, 1);
    else
        compile_failure(compiler, node, FAIL_NAME, node->name);
}

static void compile_field(struct compiler *compiler, const struct node *node, enum rule_op op)
{
    if (node->kind == NODE_HAS && node->meaning == MEANING_VARIABLE) {
        emit_at(compiler, node, OP_HAS_SLOT, 0, read_slot(compiler, node), 1);
        return;
    }
    compile(compiler, node->children[0]);
    emit_at(compiler, node, op, 0, add_constant(compiler, rule_string(node->name)), 0);
}

/* ---- operators ---- */

static bool is_fact(const struct node *node)
{
    return node->kind == NODE_NAME && node->meaning == MEANING_VARIABLE && node->reference <= SMALL_MAX;
}

/* 100 beside a fact that is a double is compared as 100.0: the same answer, and both are of one kind. */
static struct rule_value constant_beside(const struct node *fact, struct rule_value constant)
{
    const int64_t exact = INT64_C(1) << EXACT_BITS;
    if (fact->type->kind == RULE_DOUBLE && constant.kind == RULE_INT && constant.integer > -exact &&
        constant.integer < exact)
        return rule_double((double)constant.integer);
    return constant;
}

/* A fact beside a constant is one instruction. */
static bool compile_comparison(struct compiler *compiler, const struct node *node)
{
    static const struct {
        enum node_operator operation;
        enum rule_op op, turned;
    } fused[] = {{OPERATOR_LESS, OP_LESS_SLOT, OP_GREATER_SLOT},
                 {OPERATOR_LESS_EQUAL, OP_LESS_EQUAL_SLOT, OP_GREATER_EQUAL_SLOT},
                 {OPERATOR_GREATER, OP_GREATER_SLOT, OP_LESS_SLOT},
                 {OPERATOR_GREATER_EQUAL, OP_GREATER_EQUAL_SLOT, OP_LESS_EQUAL_SLOT},
                 {OPERATOR_EQUAL, OP_EQUAL_SLOT, OP_EQUAL_SLOT},
                 {OPERATOR_UNEQUAL, OP_UNEQUAL_SLOT, OP_UNEQUAL_SLOT}};
    const struct node *left = node->children[0], *right = node->children[1];
    bool turned = left->kind == NODE_CONSTANT && is_fact(right);
    if (!turned && !(is_fact(left) && right->kind == NODE_CONSTANT))
        return false;
    const struct node *fact = turned ? right : left, *constant = turned ? left : right;
    for (size_t i = 0; i < sizeof fused / sizeof fused[0]; i++)
        if (fused[i].operation == node->operation) {
            emit_at(compiler, node, turned ? fused[i].turned : fused[i].op, read_slot(compiler, fact),
                    add_constant(compiler, constant_beside(fact, constant->constant)), 1);
            return true;
        }
    return false;
}

static void compile_operator(struct compiler *compiler, const struct node *node)
{
    if (node->child_count == 2 && compile_comparison(compiler, node))
        return;
    for (size_t i = 0; i < node->child_count; i++)
        compile(compiler, node->children[i]);
    emit_at(compiler, node, node->child_count == 1 ? OP_UNARY : OP_BINARY, node->operation, 0,
            1 - (int)node->child_count);
}

static void compile_logical(struct compiler *compiler, const struct node *node)
{
    bool either = node->kind == NODE_OR;
    size_t *jumps = arena_array(compiler->arena, node->child_count, sizeof *jumps);
    for (size_t i = 0; i < node->child_count; i++) {
        bool last = i + 1 == node->child_count;
        compile_guarded(compiler, node->children[i]);
        enum rule_op op = i == 0 ? OP_AND_FIRST : last ? OP_AND_LAST : OP_AND_NEXT;
        if (either)
            op = i == 0 ? OP_OR_FIRST : last ? OP_OR_LAST : OP_OR_NEXT;
        jumps[i] = emit_at(compiler, node, op, 0, 0, i == 0 ? 0 : -1);
    }
    for (size_t i = 0; i + 1 < node->child_count; i++)
        jump_here(compiler, jumps[i]);
}

static void compile_choice(struct compiler *compiler, const struct node *node)
{
    compile(compiler, node->children[0]);
    size_t branch = emit_at(compiler, node, OP_BRANCH, 0, 0, -1);
    compile(compiler, node->children[1]);
    size_t jump = emit(compiler, OP_JUMP, 0, 0, -1);
    jump_here(compiler, branch);
    compile(compiler, node->children[2]);
    jump_here(compiler, jump);
}

/* ---- calls, lists, maps ---- */

static void compile_call(struct compiler *compiler, const struct node *node)
{
    if (node->meaning != MEANING_FUNCTION) {
        compile_failure(compiler, node, FAIL_FUNCTION, node->name);
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        compile(compiler, node->children[i]);
    size_t at = compiler->call_count++;
    compiler->calls =
        arena_grow(compiler->arena, compiler->calls, &compiler->call_capacity, at + 1, sizeof *compiler->calls);
    compiler->calls[at] = (struct rule_call_site){node->reference, node->reference_count};
    compiler->program->timed = compiler->program->timed || functions[node->reference].timed;
    emit_at(compiler, node, OP_CALL, node->child_count, at, 1 - (int)node->child_count);
}

static void compile_items(struct compiler *compiler, const struct node *node)
{
    for (size_t i = 0; i < node->child_count; i++)
        compile(compiler, node->children[i]);
    if (node->kind == NODE_LIST)
        emit_at(compiler, node, OP_LIST, 0, node->child_count, 1 - (int)node->child_count);
    else
        emit_at(compiler, node, OP_MAP, 0, node->child_count / 2, 1 - (int)node->child_count);
}

/* ---- loops ---- */

/* all and exists: the answer so far lies on the stack, as && and || would leave it. */
static void compile_quantifier(struct compiler *compiler, const struct node *node)
{
    bool either = node->loop == LOOP_EXISTS;
    size_t loop = node->reference;
    emit(compiler, OP_CONSTANT, 0, add_constant(compiler, rule_bool(!either)), 1);
    size_t next = emit_at(compiler, node, OP_LOOP_NEXT, loop, 0, 0);
    compile_guarded(compiler, node->children[1]);
    size_t join = emit_at(compiler, node, either ? OP_OR_NEXT : OP_AND_NEXT, 0, 0, -1);
    emit(compiler, OP_JUMP, 0, next, 0);
    jump_here(compiler, next);
    jump_here(compiler, join);
    emit_at(compiler, node, OP_RAISE, 0, 0, 0);
}

static void compile_collection(struct compiler *compiler, const struct node *node)
{
    size_t loop = node->reference;
    size_t next = emit_at(compiler, node, OP_LOOP_NEXT, loop, 0, 0);
    compile(compiler, node->children[1]);
    if (node->loop == LOOP_FILTER) {
        emit_at(compiler, node, OP_COLLECT_IF, loop, 0, -1);
    } else if (node->loop == LOOP_EXISTS_ONE) {
        emit_at(compiler, node, OP_COUNT_IF, loop, 0, -1);
    } else {
        if (node->loop == LOOP_MAP_FILTER) {
            emit_at(compiler, node, OP_BRANCH, 0, next, -1);
            compile(compiler, node->children[2]);
        }
        emit_at(compiler, node, OP_COLLECT, loop, 0, -1);
    }
    emit(compiler, OP_JUMP, 0, next, 0);
    jump_here(compiler, next);
    emit(compiler, node->loop == LOOP_EXISTS_ONE ? OP_COUNTED_ONE : OP_COLLECTED, loop, 0, 1);
}

static void compile_loop(struct compiler *compiler, const struct node *node)
{
    compile(compiler, node->children[0]);
    emit_at(compiler, node, OP_LOOP_BEGIN, node->reference, 0, -1);
    if (node->reference + 1 > compiler->program->loop_count)
        compiler->program->loop_count = node->reference + 1;
    if (node->loop == LOOP_ALL || node->loop == LOOP_EXISTS)
        compile_quantifier(compiler, node);
    else
        compile_collection(compiler, node);
}

static void compile(struct compiler *compiler, const struct node *node)
{
    switch (node->kind) {
    case NODE_CONSTANT:
        emit_at(compiler, node, OP_CONSTANT, 0, add_constant(compiler, node->constant), 1);
        break;
    case NODE_NAME:
        compile_name(compiler, node);
        break;
    case NODE_SELECT:
        compile_field(compiler, node, OP_SELECT);
        break;
    case NODE_HAS:
        compile_field(compiler, node, OP_HAS);
        break;
    case NODE_CALL:
        compile_call(compiler, node);
        break;
    case NODE_OPERATOR:
        compile_operator(compiler, node);
        break;
    case NODE_AND:
    case NODE_OR:
        compile_logical(compiler, node);
        break;
    case NODE_CHOICE:
        compile_choice(compiler, node);
        break;
    case NODE_LIST:
    case NODE_MAP:
        compile_items(compiler, node);
        break;
    case NODE_LOOP:
        compile_loop(compiler, node);
        break;
    }
}

/* ---- regular expressions and zones that are constants ---- */

static bool prepare_pattern(struct compiler *compiler, const struct node *node, struct text text)
{
    struct rule_program *program = compiler->program;
    char message[MESSAGE_SIZE] = "it is too long";
    if (program->pattern_count == PATTERNS_MAX)
        return true;
    struct pattern *pattern =
        text.size > PATTERN_SIZE_MAX ? NULL : pattern_new(text.bytes, text.size, message, sizeof message);
    if (pattern != NULL) {
        program->patterns[program->pattern_count++] = (struct rule_pattern){text, pattern};
        return true;
    }
    if (compiler->source->unchecked)
        return true;
    compiler->failed_at = node->at;
    error_set(compiler->err, STATUS_INVALID, "rules.pattern", "expression", "the regular expression is not valid: %s",
              message);
    return false;
}

static bool prepare_zone(struct compiler *compiler, struct text name)
{
    struct rule_program *program = compiler->program;
    for (size_t i = 0; i < program->zone_count; i++)
        if (text_equal(program->zones[i].name, name))
            return true;
    if (program->zone_count < ZONES_MAX &&
        zone_load(compiler->arena, name, &compiler->zones[program->zone_count].zone, NULL) == STATUS_OK)
        compiler->zones[program->zone_count++].name = name;
    return true;
}

/* "30d" is looked at when it is written, not when it is met. */
static bool check_window(struct compiler *compiler, const struct node *node)
{
    int32_t days;
    if (compiler->source->unchecked || window_days(node->constant, &days))
        return true;
    compiler->failed_at = node->at;
    error_set(compiler->err, STATUS_INVALID, "rules.window", "expression",
              "a window is whole days such as \"30d\" or \"4w\", at most \"%dd\"", RULE_WINDOW_DAYS_MAX);
    return false;
}

static bool prepare(struct compiler *compiler, const struct node *node)
{
    const struct node *last = node->child_count > 0 ? node->children[node->child_count - 1] : NULL;
    for (size_t i = 0; i < node->child_count; i++)
        if (!prepare(compiler, node->children[i]))
            return false;
    if (node->kind != NODE_CALL || node->meaning != MEANING_FUNCTION || node->child_count != 2 ||
        last->kind != NODE_CONSTANT)
        return true;
    if (functions[node->reference].run == function_window)
        return check_window(compiler, last);
    if (last->constant.kind != RULE_STRING)
        return true;
    if (functions[node->reference].run == function_matches)
        return prepare_pattern(compiler, last, rule_text(last->constant));
    if (functions[node->reference].run == function_time_part)
        return prepare_zone(compiler, rule_text(last->constant));
    return true;
}

/* ---- all of it ---- */

static void finish(struct compiler *compiler, const struct node *root)
{
    struct rule_program *program = compiler->program;
    compile(compiler, root);
    emit(compiler, OP_RETURN, 0, 0, 0);
    program->code = compiler->code;
    program->code_count = compiler->code_count;
    program->handler_of = compiler->handler_of;
    program->handlers = compiler->handlers;
    program->places = compiler->places;
    program->constants = compiler->constants;
    program->calls = compiler->calls;
    program->type = root->type;
}

static enum status compile_tree(struct compiler *compiler, struct node *root)
{
    const struct rule_environment *environment = compiler->source->environment;
    struct rule_program *program = compiler->program;
    rule_fold(compiler->arena, root);
    program->source = compiler->source->text;
    program->patterns = arena_array(compiler->arena, PATTERNS_MAX, sizeof *program->patterns);
    program->zones = compiler->zones = arena_array(compiler->arena, ZONES_MAX, sizeof *compiler->zones);
    program->reads = compiler->reads = arena_array(compiler->arena, environment->count + 1, sizeof(bool));
    program->slot_count = environment->count;
    if (!prepare(compiler, root)) {
        rule_release(program);
        return compiler->err->status;
    }
    finish(compiler, root);
    return STATUS_OK;
}

enum status rule_compile(struct arena *arena, const struct rule_source *source, struct rule_program **out,
                         struct rule_place *place, struct error *err)
{
    struct error local = {0};
    struct node *root;
    size_t failed_at = 0;
    struct rule_source kept = *source;
    err = err != NULL ? err : &local;
    kept.text = text_copy(arena, source->text);
    struct compiler compiler = {
        .arena = arena, .source = &kept, .program = arena_alloc(arena, sizeof(struct rule_program)), .err = err};
    enum status status = rule_parse(arena, kept.text, &root, &failed_at, err);
    if (status == STATUS_OK)
        status = rule_check(arena, &kept, root, &failed_at, err);
    if (status == STATUS_OK) {
        status = compile_tree(&compiler, root);
        failed_at = compiler.failed_at;
    }
    if (status == STATUS_OK) {
        *out = compiler.program;
        return STATUS_OK;
    }
    struct rule_place found = token_place(kept.text, failed_at);
    error_add_context(err, "line %d, column %d", found.line, found.column);
    if (place != NULL)
        *place = found;
    return status;
}

void rule_release(struct rule_program *program)
{
    if (program == NULL)
        return;
    for (size_t i = 0; i < program->pattern_count; i++)
        pattern_free(program->patterns[i].pattern);
    program->pattern_count = 0;
}

const struct rule_type *rule_program_type(const struct rule_program *program)
{
    return program->type;
}

bool rule_program_reads(const struct rule_program *program, size_t slot)
{
    return slot < program->slot_count && program->reads[slot];
}

bool rule_program_is_timed(const struct rule_program *program)
{
    return program->timed;
}

size_t rule_function_count(void)
{
    return function_count;
}

const char *rule_function_text(struct arena *arena, size_t index)
{
    return function_text(arena, &functions[index]);
}

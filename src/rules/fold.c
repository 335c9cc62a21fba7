#include "rules/fold.h"

#include "foundation/instant.h"
#include "rules/functions.h"

enum { FOLD_COST_MAX = 100000, FOLD_MEMORY_MAX = 1024 * 1024 };

static bool all_constant(const struct node *node)
{
    for (size_t i = 0; i < node->child_count; i++)
        if (node->children[i]->kind != NODE_CONSTANT)
            return false;
    return true;
}

static struct rule_value *copy_constants(struct rule_machine *machine, const struct node *node)
{
    struct rule_value *values = machine_allocate(machine, (node->child_count + 1) * sizeof *values);
    for (size_t i = 0; values != NULL && i < node->child_count; i++)
        values[i] = node->children[i]->constant;
    return values;
}

static bool call_value(struct rule_machine *machine, const struct node *node, struct rule_value *out)
{
    if (node->meaning != MEANING_FUNCTION || functions[node->reference].timed)
        return false;
    struct function_call call = {.arguments = copy_constants(machine, node), .count = node->child_count};
    return call.arguments != NULL && function_run(machine, node->reference, node->reference_count, &call, out);
}

static bool constant_value(struct rule_machine *machine, const struct node *node, struct rule_value *out)
{
    struct rule_value *values;
    switch (node->kind) {
    case NODE_OPERATOR:
        return operator_run(machine, node->operation, node->children[0]->constant,
                            node->child_count > 1 ? node->children[1]->constant : rule_null(), out);
    case NODE_CALL:
        return call_value(machine, node, out);
    case NODE_LIST:
        values = copy_constants(machine, node);
        *out = rule_list(values, node->child_count);
        return values != NULL;
    case NODE_MAP:
        values = copy_constants(machine, node);
        return values != NULL && operator_map(machine, values, node->child_count / 2, out);
    case NODE_CONSTANT:
    case NODE_NAME:
    case NODE_SELECT:
    case NODE_HAS:
    case NODE_AND:
    case NODE_OR:
    case NODE_CHOICE:
    case NODE_LOOP:
        break;
    }
    return false;
}

static void fold(struct rule_machine *machine, struct node *node)
{
    struct rule_value value;
    for (size_t i = 0; i < node->child_count; i++)
        fold(machine, node->children[i]);
    if (!machine->exhausted && all_constant(node) && constant_value(machine, node, &value)) {
        node->kind = NODE_CONSTANT;
        node->constant = value;
        node->child_count = 0;
    }
}

void rule_fold(struct arena *arena, struct node *root)
{
    struct rule_machine machine = {.arena = arena,
                                   .cost_left = FOLD_COST_MAX,
                                   .memory_left = FOLD_MEMORY_MAX,
                                   .now = INSTANT_NEVER,
                                   .valid_until = INSTANT_NEVER};
    fold(&machine, root);
}

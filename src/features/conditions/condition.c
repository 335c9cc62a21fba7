#include "features/conditions/condition.h"

#include <assert.h>

#include "features/conditions/facts_time.h"

const struct rule_environment *condition_environment(enum condition_about about)
{
    switch (about) {
    case CONDITION_MEMBER:
        return &facts_environment;
    case CONDITION_EVENT:
        return &facts_of_event;
    case CONDITION_PURCHASE:
        return &facts_of_purchase;
    case CONDITION_LINE:
        return &facts_of_line;
    }
    assert(false);
    return NULL;
}

/* ---- compiling ---- */

static void release(void *program)
{
    rule_release(program);
}

static enum status check_type(const struct condition_request *request, const struct rule_program *program,
                              struct arena *arena, struct error *err)
{
    const struct rule_type *type = rule_program_type(program);
    bool number = request->type->kind == RULE_DOUBLE && (type->kind == RULE_INT || type->kind == RULE_UINT);
    if (number || rule_type_agrees(request->type, type))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "rules.type", "", "the expression gives %s, and %s is expected",
                     rule_type_text(arena, type), rule_type_text(arena, request->type));
}

enum status condition_compile(struct arena *arena, const struct condition_request *request, struct condition *out,
                              struct error *err)
{
    struct rule_program *program;
    const struct rule_source source = {.text = request->source, .environment = condition_environment(request->about)};
    *out = (struct condition){.source = request->source, .about = request->about};
    if (request->source.size == 0)
        return STATUS_OK;
    if (request->source.size > CONDITION_SIZE_MAX)
        return error_set(err, STATUS_LIMIT, "rules.size", "", "an expression has at most %d bytes", CONDITION_SIZE_MAX);
    enum status status = rule_compile(arena, &source, &program, NULL, err);
    if (status != STATUS_OK)
        return status;
    arena_defer(arena, release, program);
    unsigned needed = facts_needed(program);
    if ((needed & FACTS_SCORES) != 0 && !request->scores)
        return error_set(err, STATUS_INVALID, "condition.scores", "",
                         "what models say of a member is not known at the till: make a segment of it, and name that");
    out->program = program;
    out->parts = ((needed & FACTS_PROFILE) != 0 ? CONDITION_PROFILE : 0U) |
                 ((needed & FACTS_SEGMENTS) != 0 ? CONDITION_SEGMENTS : 0U) |
                 ((needed & FACTS_DAYS) != 0 ? CONDITION_DAYS : 0U);
    out->scores = (needed & FACTS_SCORES) != 0;
    out->timed = rule_program_is_timed(program) || facts_timed(program);
    return check_type(request, program, arena, err);
}

/* ---- evaluating ---- */

static enum status evaluate(struct condition_world *world, const struct condition *condition,
                            struct rule_evaluation *evaluation, struct error *err)
{
    *evaluation = (struct rule_evaluation){.arena = world->arena,
                                           .slots = world->slots,
                                           .now = world->now,
                                           .zone = world->programme->zone,
                                           .cost_max = CONDITION_COST_MAX};
    return rule_evaluate(condition->program, evaluation, err);
}

struct condition_result condition_evaluate(struct condition_world *world, const struct condition *condition)
{
    struct condition_result result = {.holds = true, .valid_until = INSTANT_NEVER};
    struct rule_evaluation evaluation;
    if (condition->program == NULL)
        return result;
    enum status status = evaluate(world, condition, &evaluation, &result.why);
    result.valid_until = evaluation.valid_until;
    result.holds = status == STATUS_OK && evaluation.value.kind == RULE_BOOL && evaluation.value.boolean;
    return result;
}

bool condition_holds(struct condition_world *world, const struct condition *condition)
{
    return condition->program == NULL || condition_evaluate(world, condition).holds;
}

enum status condition_number(struct condition_world *world, const struct condition *condition, double *out,
                             struct error *err)
{
    struct rule_evaluation evaluation;
    if (condition->program == NULL)
        return error_set(err, STATUS_INVALID, "rules.type", "", "there is no expression");
    enum status status = evaluate(world, condition, &evaluation, err);
    if (status != STATUS_OK)
        return status;
    switch (evaluation.value.kind) {
    case RULE_DOUBLE:
        *out = evaluation.value.real;
        return STATUS_OK;
    case RULE_INT:
        *out = (double)evaluation.value.integer;
        return STATUS_OK;
    case RULE_UINT:
        *out = (double)evaluation.value.natural;
        return STATUS_OK;
    default:
        return error_set(err, STATUS_INVALID, "rules.type", "", "the expression gives no number");
    }
}

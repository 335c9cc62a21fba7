#include "features/facts/facts_api.h"

#include <stddef.h>

#include "features/customers/member_reference_api.h"
#include "features/facts/facts_store.h"
#include "rules/parse.h"
#include "rules/value_json.h"

enum { COMPILE_BYTES = RULE_COMPILE_BYTES };

/* ---- what may be named ---- */

static const struct field fact_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "type", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "\"or null\": not every member has it."},
    {.name = "about", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape fact_shape = {.name = "Fact", SHAPE_FIELDS(fact_fields)};
static const struct field facts_fields[] = {
    {.name = "facts", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &fact_shape},
    {.name = "functions",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "Each overload, such as \"string.contains(string) -> bool\"."},
};
const struct shape facts_shape = {
    .name = "Facts", .about = "What an expression may name and call.", SHAPE_FIELDS(facts_fields)};

enum status facts_list(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    (void)err;
    writer_list(writer, "facts");
    for (size_t i = 0; i < facts_environment.count; i++) {
        const struct rule_variable *variable = &facts_environment.variables[i];
        writer_object(writer, NULL);
        writer_string(writer, "name", variable->name);
        writer_string(writer, "type", rule_type_text(call->arena, variable->type));
        writer_string(writer, "about", variable->about);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "functions");
    for (size_t i = 0; i < rule_function_count(); i++)
        writer_string(writer, NULL, rule_function_text(call->arena, i));
    writer_end(writer);
    return STATUS_OK;
}

/* ---- checking ---- */

struct check_body {
    struct text expression;
};
static const struct field check_body_fields[] = {
    {.name = "expression",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct check_body, expression),
     .minimum = 1,
     .maximum = RULE_SOURCE_MAX},
};
const struct shape rule_check_body_shape = {
    .name = "RuleCheckBody", .size = sizeof(struct check_body), SHAPE_FIELDS(check_body_fields)};

static const struct field check_fields[] = {
    {.name = "valid", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "type", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "Of the value; null when not valid."},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "What is wrong, as in problems."},
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {.name = "line", .type = FIELD_INTEGER, .flags = FIELD_NULLABLE},
    {.name = "column", .type = FIELD_INTEGER, .flags = FIELD_NULLABLE, .about = "In code points, from 1."},
};
const struct shape rule_check_shape = {.name = "RuleCheck", SHAPE_FIELDS(check_fields)};

/* What compiling takes is its own, so that a large expression does not fill the request's arena. */
static enum status compile(struct arena *arena, struct text expression, struct rule_program **out,
                           struct rule_place *place, struct error *err)
{
    struct rule_source source = {.text = expression, .environment = &facts_environment};
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "rules.limit", "expression", "there is no memory for the expression");
    return rule_compile(arena, &source, out, place, err);
}

enum status rule_check_post(struct call *call, struct item *item, struct error *err)
{
    const struct check_body *body = item->body;
    struct json_writer *writer = &item->writer;
    struct arena *arena = arena_new(COMPILE_BYTES);
    struct rule_program *program = NULL;
    struct rule_place place = {0};
    (void)call;
    bool valid = compile(arena, body->expression, &program, &place, err) == STATUS_OK;
    writer_boolean(writer, "valid", valid);
    if (valid) {
        writer_string(writer, "type", rule_type_text(arena, rule_program_type(program)));
        writer_null(writer, "code");
        writer_null(writer, "message");
        writer_null(writer, "line");
        writer_null(writer, "column");
    } else {
        writer_null(writer, "type");
        writer_string(writer, "code", err->code);
        writer_string(writer, "message", err->message);
        writer_integer(writer, "line", place.line);
        writer_integer(writer, "column", place.column);
    }
    rule_release(program);
    arena_free(arena);
    return STATUS_OK;
}

/* ---- evaluating ---- */

struct evaluate_body {
    struct text expression;
    const struct member_reference *member;
};
static const struct field evaluate_body_fields[] = {
    {.name = "expression",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct evaluate_body, expression),
     .minimum = 1,
     .maximum = RULE_SOURCE_MAX},
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct evaluate_body, member),
     .shape = &member_reference_shape},
};
const struct shape rule_evaluate_body_shape = {
    .name = "RuleEvaluateBody", .size = sizeof(struct evaluate_body), SHAPE_FIELDS(evaluate_body_fields)};

static const struct field problem_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape problem_shape = {.name = "RuleProblem", SHAPE_FIELDS(problem_fields)};

static const struct field evaluation_fields[] = {
    {.name = "member", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The person's id."},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .about = "The instant that time is counted from."},
    {.name = "type", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The declared type of the value."},
    {.name = "value", .type = FIELD_JSON, .flags = FIELD_NULLABLE, .about = "Null also when it fails."},
    {.name = "typed",
     .type = FIELD_JSON,
     .flags = FIELD_NULLABLE,
     .about = "{\"type\":, \"value\":}; null when it fails."},
    {.name = "valid_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_NULLABLE,
     .about = "Until then the same facts give the same value; null: time alone does not change it."},
    {.name = "cost", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Steps it took."},
    {.name = "error",
     .type = FIELD_OBJECT,
     .flags = FIELD_NULLABLE,
     .shape = &problem_shape,
     .about = "Why there is no value: a fact that is null was compared, a division by zero ..."},
    {.name = "facts", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .about = "The facts that it names."},
};
const struct shape rule_evaluation_shape = {.name = "RuleEvaluation", SHAPE_FIELDS(evaluation_fields)};

static struct text json_of(struct arena *arena, struct rule_value value, bool typed)
{
    struct builder out = {.arena = arena};
    if (typed)
        rule_value_typed(&out, value);
    else
        rule_value_json(&out, value);
    return builder_done(&out);
}

static void write_facts(struct json_writer *writer, const struct rule_program *program, struct arena *arena,
                        const struct rule_value *slots)
{
    writer_object(writer, "facts");
    for (size_t slot = 0; slot < facts_environment.count; slot++)
        if (rule_program_reads(program, slot))
            writer_raw(writer, facts_environment.variables[slot].name, json_of(arena, slots[slot], false));
    writer_end(writer);
}

/* What an expression looked at. */
struct looked_at {
    const struct rule_program *program;
    struct rule_value slots[FACT_COUNT];
    int64_t until; /* time alone does not change the slots before */
};

static void write_evaluation(struct call *call, struct arena *arena, const struct looked_at *looked,
                             struct json_writer *writer)
{
    const struct rule_program *program = looked->program;
    const struct rule_value *slots = looked->slots;
    struct error error = {0};
    struct rule_evaluation evaluation = {
        .arena = arena, .slots = slots, .now = call->now, .zone = programme_at(call->programmes, call->now)->zone};
    bool done = rule_evaluate(program, &evaluation, &error) == STATUS_OK;
    writer_text(writer, "member", rule_text(slots[FACT_ID]));
    writer_instant(writer, "at", call->now);
    writer_string(writer, "type", rule_type_text(arena, rule_program_type(program)));
    writer_raw(writer, "value", done ? json_of(arena, evaluation.value, false) : (struct text){0});
    writer_raw(writer, "typed", done ? json_of(arena, evaluation.value, true) : (struct text){0});
    writer_instant(writer, "valid_until",
                   evaluation.valid_until < looked->until ? evaluation.valid_until : looked->until);
    writer_integer(writer, "cost", evaluation.cost);
    if (done) {
        writer_null(writer, "error");
    } else {
        writer_object(writer, "error");
        writer_string(writer, "code", error.code);
        writer_string(writer, "message", error.message);
        writer_end(writer);
    }
    write_facts(writer, program, arena, slots);
}

static enum status read_slots(struct call *call, const struct evaluate_body *body, struct looked_at *out,
                              struct error *err)
{
    struct storage_session *session;
    struct fact_request request = {.engine = call->engine,
                                   .arena = call->arena,
                                   .programmes = call->programmes,
                                   .now = call->now,
                                   .needed = facts_needed(out->program),
                                   .program = out->program,
                                   .until = &out->until};
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, body->member, &request.member, err);
    if (status == STATUS_OK)
        status = facts_read(&request, session, out->slots, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_member(call, request.member, "member", err) : status;
}

enum status rule_evaluate_post(struct call *call, struct item *item, struct error *err)
{
    const struct evaluate_body *body = item->body;
    struct looked_at *looked = arena_alloc(call->arena, sizeof *looked);
    struct rule_program *program = NULL;
    struct arena *arena = arena_new(COMPILE_BYTES);
    enum status status = compile(arena, body->expression, &program, NULL, err);
    if (status == STATUS_OK)
        looked->program = program;
    if (status == STATUS_OK)
        status = read_slots(call, body, looked, err);
    if (status == STATUS_OK)
        write_evaluation(call, arena, looked, &item->writer);
    rule_release(program);
    arena_free(arena);
    return status;
}

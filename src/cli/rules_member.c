#include <stdio.h>

#include "cli/member.h"
#include "cli/rules.h"
#include "features/facts/facts_store.h"
#include "foundation/clock.h"
#include "foundation/instant.h"
#include "rules/value_json.h"

static enum status read_facts(struct cli *cli, struct fact_request *request, const char *reference,
                              struct rule_value *slots, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = engine_read_begin(request->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, reference, &request->member, err);
    if (status == STATUS_OK)
        status = facts_read(request, session, slots, err);
    engine_read_end(request->engine, session);
    return status;
}

static void show_value(struct builder *out, struct cli *cli, struct rule_value value)
{
    if (cli_flag(cli, "typed"))
        rule_value_typed(out, value);
    else
        rule_value_json(out, value);
}

/* {"value": ..., "valid_until": ..., "facts": {...}} */
static void show_all(struct builder *out, struct cli *cli, const struct rule_program *program,
                     const struct rule_evaluation *evaluation)
{
    char until[INSTANT_TEXT_SIZE];
    const char *comma = "";
    builder_string(out, "{\"value\": ");
    show_value(out, cli, evaluation->value);
    if (evaluation->valid_until == INSTANT_NEVER)
        builder_string(out, ", \"valid_until\": null");
    else
        builder_format(out, ", \"valid_until\": \"%s\"", instant_format(evaluation->valid_until, until));
    builder_string(out, ", \"facts\": {");
    for (size_t slot = 0; slot < facts_environment.count; slot++)
        if (rule_program_reads(program, slot)) {
            builder_format(out, "%s\"%s\": ", comma, facts_environment.variables[slot].name);
            rule_value_json(out, evaluation->slots[slot]);
            comma = ", ";
        }
    builder_string(out, "}}");
}

static enum status evaluate(struct cli *cli, const struct rule_program *program, const char *reference,
                            struct builder *out, struct error *err)
{
    struct engine *engine = cli->opened.engine;
    struct configuration configuration = engine_configuration(engine);
    struct rule_value *slots = arena_array(cli->arena, FACT_COUNT, sizeof *slots);
    int64_t now = clock_now(engine_clock(engine)), until = INSTANT_NEVER;
    struct fact_request request = {.engine = engine,
                                   .arena = cli->arena,
                                   .programmes = configuration.programmes,
                                   .now = now,
                                   .needed = facts_needed(program),
                                   .program = program,
                                   .until = &until};
    struct rule_evaluation evaluation = {
        .arena = cli->arena, .slots = slots, .now = now, .zone = programme_at(configuration.programmes, now)->zone};
    enum status status = read_facts(cli, &request, reference, slots, err);
    if (status == STATUS_OK)
        status = rule_evaluate(program, &evaluation, err);
    evaluation.valid_until = evaluation.valid_until < until ? evaluation.valid_until : until;
    if (status == STATUS_OK && cli_flag(cli, "explain"))
        show_all(out, cli, program, &evaluation);
    else if (status == STATUS_OK)
        show_value(out, cli, evaluation.value);
    engine_configuration_release(engine, configuration);
    return status;
}

int rules_eval_member(struct cli *cli, const char *reference)
{
    struct error error = {0};
    struct rule_program *program;
    struct builder out = {.arena = cli->arena};
    struct rule_source source = {.text = text_from(cli->arguments[0]),
                                 .environment = &facts_environment,
                                 .unchecked = cli_flag(cli, "unchecked")};
    if (rule_compile(cli->arena, &source, &program, NULL, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    enum status status = cli_open(cli, false, &error);
    if (status == STATUS_OK)
        status = evaluate(cli, program, reference, &out, &error);
    rule_release(program);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%.*s\n", (int)out.size, out.bytes);
    return EXIT_DONE;
}

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/rule_values.h"
#include "cli/rules.h"
#include "foundation/clock.h"
#include "foundation/instant.h"
#include "rules/value_json.h"

/* What an expression, its facts and its result may take. */
static const size_t LINE_ARENA_SIZE = (size_t)256 << 20;
enum { FILE_CHUNK = 65536 };

#define OPTION_TYPED                                                               \
    {                                                                              \
        "typed", NULL, "print the value with its type, as {\"type\":, \"value\":}" \
    }
#define OPTION_AT                                                                              \
    {                                                                                          \
        "at", "TIME", "the instant that days_since and within look from; default: this moment" \
    }
#define OPTION_ZONE                                                         \
    {                                                                       \
        "zone", "ZONE", "the time zone whose days are counted; default UTC" \
    }
#define OPTION_COST                                                  \
    {                                                                \
        "cost", "N", "steps an evaluation may take; default 1000000" \
    }

static const struct cli_option eval_options[] = {
    {"vars", "FILE", "a JSON object whose members the expression may name; - reads standard input"},
    {"unchecked", NULL, "do not check names and types before"},
    OPTION_TYPED,
    {"batch", "FILE", "a line {\"expr\":, \"vars\":, \"check\":} each; prints a typed value or {\"error\":} for each"},
    OPTION_AT,
    OPTION_ZONE,
    OPTION_COST,
    {"member", "REF", "over the facts of a member: mbr_..., phone:+86..., card:..., or an external id"},
    {"explain", NULL, "with --member: also the facts behind the value and until when it holds"},
    OPTION_DATABASE,
    OPTION_KEY_FILE,
};
static const struct cli_option check_options[] = {
    {"types", "FILE", "a JSON object of names and types, as in {\"x\": \"int\", \"tags\": \"list(string)\"}"},
};

/* ---- files ---- */

static enum status read_file(struct arena *arena, const char *path, struct text *out, struct error *err)
{
    struct builder content = {.arena = arena};
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *chunk = arena_alloc(arena, FILE_CHUNK);
    if (file == NULL)
        return error_set(err, STATUS_IO, "rules.vars", path, "%s cannot be read: %s", path, strerror(errno));
    for (size_t size; (size = fread(chunk, 1, FILE_CHUNK, file)) > 0;)
        builder_bytes(&content, chunk, size);
    bool failed = ferror(file) != 0;
    if (file != stdin)
        fclose(file);
    if (failed)
        return error_set(err, STATUS_IO, "rules.vars", path, "%s cannot be read", path);
    *out = builder_done(&content);
    return STATUS_OK;
}

static enum status read_json(struct arena *arena, const char *path, json_t **out, struct error *err)
{
    struct text text;
    enum status status = read_file(arena, path, &text, err);
    if (status != STATUS_OK)
        return status;
    *out = rule_json_parse(text, err);
    return *out != NULL ? STATUS_OK : err->status;
}

/* ---- one expression ---- */

/* How all expressions of a call are evaluated. */
struct setting {
    int64_t now, cost_max;
    const struct zone *zone;
};

static int read_setting(struct cli *cli, struct setting *out)
{
    struct error error = {0};
    const char *at = cli_value(cli, "at"), *zone = cli_value(cli, "zone");
    *out = (struct setting){.now = clock_now(&clock_system)};
    if (!cli_integer(cli, "cost", 1, INT64_MAX, &out->cost_max))
        return EXIT_USAGE;
    if (at != NULL && !instant_parse(text_from(at), &out->now))
        return cli_usage(cli, "--at is a time such as 2026-11-22T09:00:00Z");
    if (zone != NULL && zone_load(cli->arena, text_from(zone), &out->zone, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return EXIT_DONE;
}

struct task {
    struct text expression;
    bool unchecked, typed;
    const struct setting *setting;
};

/* Prints the value of an expression over `facts` into `out`. */
static enum status evaluate(struct arena *arena, const struct task *task, const struct rule_facts *facts,
                            struct builder *out, struct error *err)
{
    struct rule_program *program;
    struct rule_source source = {
        .text = task->expression, .environment = &facts->environment, .unchecked = task->unchecked};
    enum status status = rule_compile(arena, &source, &program, NULL, err);
    if (status != STATUS_OK)
        return status;
    struct rule_evaluation evaluation = {.arena = arena,
                                         .slots = facts->slots,
                                         .now = task->setting->now,
                                         .zone = task->setting->zone,
                                         .cost_max = task->setting->cost_max};
    status = rule_evaluate(program, &evaluation, err);
    if (status == STATUS_OK && task->typed)
        rule_value_typed(out, evaluation.value);
    else if (status == STATUS_OK)
        rule_value_json(out, evaluation.value);
    rule_release(program);
    return status;
}

static int eval_one(struct cli *cli, const struct setting *setting)
{
    struct error error = {0};
    struct rule_facts facts;
    json_t *json = NULL;
    struct builder out = {.arena = cli->arena};
    const char *path = cli_value(cli, "vars");
    struct task task = {.expression = text_from(cli->arguments[0]),
                        .unchecked = cli_flag(cli, "unchecked"),
                        .typed = cli_flag(cli, "typed"),
                        .setting = setting};
    enum status status = path != NULL ? read_json(cli->arena, path, &json, &error) : STATUS_OK;
    if (status == STATUS_OK)
        status = rule_facts_from_json(cli->arena, json, &facts, &error);
    json_decref(json);
    if (status == STATUS_OK)
        status = evaluate(cli->arena, &task, &facts, &out, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%.*s\n", (int)out.size, out.bytes);
    return EXIT_DONE;
}

/* ---- many expressions ---- */

static enum status eval_line(struct arena *arena, const struct setting *setting, const json_t *line,
                             struct builder *out, struct error *err)
{
    struct rule_facts facts;
    const json_t *expression = json_object_get(line, "expr"), *check = json_object_get(line, "check");
    const json_t *vars = json_object_get(line, "vars");
    if (!json_is_string(expression))
        return error_set(err, STATUS_INVALID, "rules.vars", "expr", "a line is {\"expr\": \"...\", \"vars\": {...}}");
    enum status status = rule_facts_from_json(arena, json_is_null(vars) ? NULL : vars, &facts, err);
    if (status != STATUS_OK)
        return status;
    struct task task = {.expression = {json_string_value(expression), json_string_length(expression)},
                        .unchecked = json_is_false(check),
                        .typed = true,
                        .setting = setting};
    return evaluate(arena, &task, &facts, out, err);
}

static void print_line(struct arena *arena, const struct setting *setting, struct text text)
{
    struct error error = {0};
    struct builder out = {.arena = arena};
    json_t *line = rule_json_parse(text, &error);
    if (line == NULL || eval_line(arena, setting, line, &out, &error) != STATUS_OK) {
        out.size = 0;
        builder_string(&out, "{\"error\": ");
        rule_value_json(&out, rule_string(text_from(error.message)));
        builder_char(&out, '}');
    }
    json_decref(line);
    printf("%.*s\n", (int)out.size, out.bytes);
}

static int eval_batch(struct cli *cli, const struct setting *setting, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    struct arena *arena = arena_new(LINE_ARENA_SIZE);
    struct error error = {0};
    char *line = NULL;
    size_t capacity = 0;
    if (file == NULL || arena == NULL) {
        arena_free(arena);
        error_set(&error, STATUS_IO, "rules.vars", path, "%s cannot be read: %s", path, strerror(errno));
        return cli_fail(cli, &error);
    }
    for (ssize_t size; (size = getline(&line, &capacity, file)) >= 0;) {
        struct text text = text_trim((struct text){line, (size_t)size});
        if (text.size > 0)
            print_line(arena, setting, text);
        arena_reset(arena);
    }
    free(line);
    arena_free(arena);
    if (file != stdin)
        fclose(file);
    return EXIT_DONE;
}

static int run_eval(struct cli *cli)
{
    struct setting setting;
    const char *batch = cli_value(cli, "batch");
    if (cli->argument_count != (batch == NULL ? 1 : 0))
        return cli_usage(cli,
                         batch == NULL ? "one expression is wanted" : "--batch takes the expressions from its file");
    if (batch == NULL && cli_value(cli, "member") != NULL)
        return rules_eval_member(cli, cli_value(cli, "member"));
    int result = read_setting(cli, &setting);
    if (result != EXIT_DONE)
        return result;
    return batch != NULL ? eval_batch(cli, &setting, batch) : eval_one(cli, &setting);
}

/* ---- checking ---- */

static int run_check(struct cli *cli)
{
    struct error error = {0};
    struct rule_facts facts;
    json_t *json = NULL;
    struct rule_program *program = NULL;
    const char *path = cli_value(cli, "types");
    if (cli->argument_count != 1)
        return cli_usage(cli, "one expression is wanted");
    enum status status = path != NULL ? read_json(cli->arena, path, &json, &error) : STATUS_OK;
    if (status == STATUS_OK)
        status = rule_facts_declare(cli->arena, json, &facts, &error);
    json_decref(json);
    struct rule_source source = {.text = text_from(cli->arguments[0]), .environment = &facts.environment};
    if (status == STATUS_OK)
        status = rule_compile(cli->arena, &source, &program, NULL, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s\n", rule_type_text(cli->arena, rule_program_type(program)));
    rule_release(program);
    return EXIT_DONE;
}

static int run_functions(struct cli *cli)
{
    if (cli->argument_count != 0)
        return cli_usage(cli, "no argument is wanted");
    for (size_t i = 0; i < rule_function_count(); i++)
        printf("%s\n", rule_function_text(cli->arena, i));
    return EXIT_DONE;
}

static const struct subcommand rules_eval_subcommand = {
    .name = "rules eval",
    .about = "the value of an expression as JSON",
    .usage = "rules eval 'EXPRESSION' [--vars FILE | --member REF] | rules eval --batch FILE [options]",
    .example = "patron rules eval 'price * 2.0 > 100.0 && \"tea\" in tags' --vars basket.json\n"
               "patron rules eval 'member.clv > 100' --member card:60001234 --explain",
    .options = eval_options,
    .option_count = sizeof eval_options / sizeof eval_options[0],
    .run = run_eval,
    .text_first = true,
};
static const struct subcommand rules_check_subcommand = {
    .name = "rules check",
    .about = "whether an expression is right for declared types; prints the type of its value",
    .usage = "rules check 'EXPRESSION' [--types FILE]",
    .example = "patron rules check 'price > 100' --types types.json",
    .options = check_options,
    .option_count = sizeof check_options / sizeof check_options[0],
    .run = run_check,
    .text_first = true,
};
static const struct subcommand rules_functions_subcommand = {
    .name = "rules functions",
    .about = "the functions of the language, a line for each overload",
    .usage = "rules functions",
    .example = "patron rules functions",
    .run = run_functions,
};

static const struct subcommand *const children[] = {&rules_eval_subcommand, &rules_check_subcommand,
                                                    &rules_functions_subcommand, NULL};
const struct subcommand rules_subcommand = {
    .name = "rules",
    .about = "evaluate and check expressions of the rule language",
    .usage = "rules eval|check|functions [options]",
    .example = "patron rules eval '1 + 2 * 3'",
    .children = children,
};

/* measures.c: patron measures: what each figure is, and the values that definitions rest on. */
#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/output.h"
#include "features/measures/measures_store.h"
#include "foundation/clock.h"
#include "storage/storage.h"

static const struct cli_option options[] = {OPTION_DATABASE, OPTION_KEY_FILE, OPTION_FORMAT};

static enum status read_rules(struct cli *cli, struct lifecycle *rules, struct error *err)
{
    struct storage_session *session;
    enum status status = cli_open(cli, true, err);
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = lifecycle_read(session, rules, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static void add_row(struct output *output, const struct measure *measure, const struct lifecycle *rules)
{
    const struct text fields[] = {text_from(measure->code),
                                  text_from(measure->name),
                                  measure_formula(output->arena, measure, rules),
                                  text_from(measure->unit),
                                  measure_words(output->arena, measure->period, rules),
                                  text_from(measure->returns),
                                  text_from(measure->filters),
                                  text_from(measure->shown),
                                  text_from(measure->test)};
    output_row(output, fields);
}

static const struct output_column columns[] = {{"code", false},    {"name", false},   {"formula", false},
                                               {"unit", false},    {"period", false}, {"returns", false},
                                               {"filters", false}, {"shown", false},  {"test", false}};

/* A table has room for what the figure is; JSON and CSV tell all. */
static int list(struct cli *cli)
{
    struct error error = {0};
    struct output output;
    struct lifecycle rules;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (output.format == OUTPUT_TABLE)
        output_start(&output, cli, columns, 3);
    if (read_rules(cli, &rules, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < measure_count; i++)
        add_row(&output, &measures[i], &rules);
    output_end(&output);
    return EXIT_DONE;
}

static int show(struct cli *cli)
{
    const struct measure *measure = measure_find(text_from(cli->arguments[0]));
    struct error error = {0};
    struct output output;
    struct lifecycle rules;
    if (measure == NULL)
        return cli_usage(cli, "there is no measure '%s': patron measures lists them", cli->arguments[0]);
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (read_rules(cli, &rules, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    add_row(&output, measure, &rules);
    output_object_end(&output);
    return EXIT_DONE;
}

/* ---- the values ---- */

static struct text value_text_of(struct arena *arena, const struct lifecycle *rules, size_t index)
{
    int64_t value = lifecycle_value_of(rules, index);
    if (lifecycle_values[index].tenths)
        return text_from(arena_format(arena, "%lld.%lld", (long long)(value / 10), (long long)(value % 10)));
    return text_from(arena_format(arena, "%lld", (long long)value));
}

static int show_rules(struct cli *cli, const struct lifecycle *rules)
{
    static const struct output_column rule_columns[] = {{"name", false}, {"value", true}, {"about", false}};
    struct output output;
    if (!output_start(&output, cli, rule_columns, sizeof rule_columns / sizeof rule_columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < lifecycle_value_count; i++) {
        const struct text fields[] = {text_from(lifecycle_values[i].name), value_text_of(cli->arena, rules, i),
                                      text_from(lifecycle_values[i].about)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* "180", or "2.5" where tenths are allowed. */
static bool parse_value(struct text text, bool tenths, int64_t *out)
{
    int64_t tenth = 0;
    if (tenths && text.size > 2 && text.bytes[text.size - 2] == '.') {
        char digit = text.bytes[text.size - 1];
        if (digit < '0' || digit > '9')
            return false;
        tenth = digit - '0';
        text.size -= 2;
    }
    if (text.size > 6 || !text_to_integer(text, out))
        return false;
    *out = tenths ? *out * 10 + tenth : *out;
    return true;
}

static bool set_value(struct lifecycle *rules, const char *given)
{
    const char *equal = strchr(given, '=');
    for (size_t i = 0; equal != NULL && i < lifecycle_value_count; i++) {
        const struct lifecycle_value *value = &lifecycle_values[i];
        if (text_equals((struct text){given, (size_t)(equal - given)}, value->name))
            return parse_value(text_from(equal + 1), value->tenths, (int64_t *)(void *)((char *)rules + value->offset));
    }
    return false;
}

static struct text rules_text(struct arena *arena, const struct lifecycle *rules)
{
    struct builder out = {.arena = arena};
    builder_format(&out, "{\"version\":%lld", (long long)rules->version);
    for (size_t i = 0; i < lifecycle_value_count; i++) {
        builder_format(&out, ",\"%s\":", lifecycle_values[i].name);
        builder_text(&out, value_text_of(arena, rules, i));
    }
    builder_char(&out, '}');
    return builder_done(&out);
}

static enum status keep(struct cli *cli, const struct lifecycle *before, const struct lifecycle *rules,
                        struct error *err)
{
    struct storage_session *session;
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    struct audit_entry entry = {.at = now,
                                .actor = TEXT("cli"),
                                .what = TEXT("measure_rules.updated"),
                                .before = rules_text(cli->arena, before),
                                .after = rules_text(cli->arena, rules)};
    enum status status = storage_session_new(cli->opened.storage, false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = lifecycle_write(session, rules, now, err);
    if (status == STATUS_OK)
        status = audit_write(session, &entry, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    storage_session_free(session);
    return status;
}

static int set_rules(struct cli *cli, struct lifecycle *rules)
{
    struct lifecycle before = *rules;
    struct error error = {0};
    for (int i = 1; i < cli->argument_count; i++)
        if (!set_value(rules, cli->arguments[i]))
            return cli_usage(cli, "'%s' is not NAME=VALUE: patron measures rules shows the names", cli->arguments[i]);
    rules->version++;
    if (lifecycle_check(rules, &error) != STATUS_OK || keep(cli, &before, rules, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return show_rules(cli, rules);
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct lifecycle rules;
    struct error error = {0};
    if (cli->argument_count == 0)
        return list(cli);
    bool sets = strcmp(what, "set") == 0;
    if (!sets && cli->argument_count > 1)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[1]);
    if (!sets && strcmp(what, "rules") != 0)
        return show(cli);
    if (read_rules(cli, &rules, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return sets ? set_rules(cli, &rules) : show_rules(cli, &rules);
}

const struct subcommand measures_subcommand = {
    .name = "measures",
    .about = "what each figure is, and the values that definitions rest on",
    .usage = "measures [CODE] | measures rules | measures set NAME=VALUE ... [options]",
    .example = "patron measures repeat_purchase_rate\n"
               "patron measures set active_days=180 lapsed_intervals=2.5",
    .options = CLI_OPTIONS(options),
    .run = run,
};

#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/output.h"
#include "cli/subcommand.h"
#include "features/retention/retention_store.h"
#include "foundation/clock.h"
#include "storage/storage.h"

static const struct cli_option options[] = {OPTION_DATABASE, OPTION_KEY_FILE, OPTION_FORMAT};

static int show(struct cli *cli)
{
    static const struct output_column columns[] = {{"detail_days", true}, {"due", true}};
    struct retention_policy policy;
    struct storage_session *session;
    struct error error = {0};
    struct output output;
    int64_t due = 0;

    if (!output_start(&output, cli, columns, 2))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK) {
        status = retention_policy_read(session, &policy, &error);
        if (status == STATUS_OK)
            status = retention_count(session, &policy, clock_now(engine_clock(cli->opened.engine)), &due, &error);
        engine_read_end(cli->opened.engine, session);
    }
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    const struct text fields[] = {text_from(arena_format(cli->arena, "%lld", (long long)policy.detail_days)),
                                  text_from(arena_format(cli->arena, "%lld", (long long)due))};
    output_row(&output, fields);
    output_end(&output);
    return EXIT_DONE;
}

static enum status put(struct cli *cli, struct storage_session *session, struct retention_policy policy,
                       struct error *err)
{
    struct retention_policy before;
    enum status status = retention_policy_read(session, &before, err);

    policy.version = before.version + 1;
    if (status == STATUS_OK)
        status = retention_policy_put(session, &policy, err);
    const struct audit_entry entry = {
        .at = clock_now(engine_clock(cli->opened.engine)),
        .actor = TEXT("cli"),
        .what = TEXT("retention.updated"),
        .before = text_from(arena_format(cli->arena, "{\"detail_days\":%lld}", (long long)before.detail_days)),
        .after = text_from(arena_format(cli->arena, "{\"detail_days\":%lld}", (long long)policy.detail_days))};
    return status == STATUS_OK ? audit_write(session, &entry, err) : status;
}

static int set(struct cli *cli)
{
    struct retention_policy policy = {0};
    struct storage_session *session = NULL;
    struct error error = {0};

    if (!text_to_integer(text_from(cli->arguments[1]), &policy.detail_days))
        return cli_usage(cli, "'%s' is no number of days", cli->arguments[1]);
    enum status status = retention_check(&policy, &error);
    if (status == STATUS_OK)
        status = storage_session_new(cli->opened.storage, false, &session, &error);
    if (status == STATUS_OK)
        status = storage_begin(session, &error);
    if (status == STATUS_OK) {
        status = put(cli, session, policy, &error);
        if (status == STATUS_OK)
            status = storage_commit(session, &error);
        else
            storage_rollback(session);
    }
    storage_session_free(session);
    return status == STATUS_OK ? show(cli) : cli_fail(cli, &error);
}

static int carry_out(struct cli *cli)
{
    struct error error = {0};
    int64_t dropped;

    if (retention_run(cli->opened.engine, TEXT("cli"), NULL, &dropped, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld texts are gone\n", (long long)dropped);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *name = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool setting = strcmp(name, "set") == 0, running = strcmp(name, "run") == 0;
    struct error error = {0};

    if ((!setting && !running && strcmp(name, "show") != 0) || cli->argument_count != (setting ? 2 : 1))
        return cli_usage(cli, "say what: show, set DAYS or run");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return setting ? set(cli) : running ? carry_out(cli) : show(cli);
}

const struct subcommand retention_subcommand = {
    .name = "retention",
    .about = "for how long texts of events are kept: show, set, run",
    .usage = "retention show | set DAYS | run",
    .example = "patron retention set 1095\npatron retention run",
    .options = CLI_OPTIONS(options),
    .run = run,
};

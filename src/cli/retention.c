#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/output.h"
#include "cli/subcommand.h"
#include "features/retention/event_archive_store.h"
#include "features/retention/retention_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"
#include "storage/storage.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    OPTION_FORMAT,
    {"event-archive", "DIR", "the archive of events; default $PATRON_EVENT_ARCHIVE, or none"},
    {"archive-days", "N",
     "set: texts stay in the archive until they are so old; 0: they are not archived; default: as it was"},
    {"quote-days", "N", "set: quotes go so many days after they ended; 0: never; default: as it was"},
};

static int show(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"detail_days", true}, {"archive_days", true}, {"quote_days", true}, {"due", true}};
    struct retention_policy policy;
    struct storage_session *session;
    struct error error = {0};
    struct output output;
    int64_t due = 0;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
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
                                  text_from(arena_format(cli->arena, "%lld", (long long)policy.archive_days)),
                                  text_from(arena_format(cli->arena, "%lld", (long long)policy.quote_days)),
                                  text_from(arena_format(cli->arena, "%lld", (long long)due))};
    output_row(&output, fields);
    output_end(&output);
    return EXIT_DONE;
}

static struct text document_of(struct arena *arena, const struct retention_policy *policy)
{
    return text_from(arena_format(arena, "{\"detail_days\":%lld,\"archive_days\":%lld,\"quote_days\":%lld}",
                                  (long long)policy->detail_days, (long long)policy->archive_days,
                                  (long long)policy->quote_days));
}

/* archive_days or quote_days below 0: as it was. */
static enum status put(struct cli *cli, struct storage_session *session, struct retention_policy policy,
                       struct error *err)
{
    struct retention_policy before;
    enum status status = retention_policy_read(session, &before, err);

    policy.version = before.version + 1;
    if (policy.archive_days < 0)
        policy.archive_days = before.archive_days;
    if (policy.quote_days < 0)
        policy.quote_days = before.quote_days;
    if (status == STATUS_OK)
        status = retention_check(&policy, err);
    if (status == STATUS_OK)
        status = retention_policy_put(session, &policy, err);
    const struct audit_entry entry = {.at = clock_now(engine_clock(cli->opened.engine)),
                                      .actor = TEXT("cli"),
                                      .what = TEXT("retention.updated"),
                                      .before = document_of(cli->arena, &before),
                                      .after = document_of(cli->arena, &policy)};
    return status == STATUS_OK ? audit_write(session, &entry, err) : status;
}

static int set(struct cli *cli)
{
    struct retention_policy policy = {.archive_days = -1, .quote_days = -1};
    struct storage_session *session = NULL;
    struct error error = {0};

    if (!cli_integer(cli, "archive-days", 0, RETENTION_DAYS_MAX, &policy.archive_days) ||
        !cli_integer(cli, "quote-days", 0, RETENTION_DAYS_MAX, &policy.quote_days))
        return EXIT_USAGE;
    if (!text_to_integer(text_from(cli->arguments[1]), &policy.detail_days))
        return cli_usage(cli, "'%s' is no number of days", cli->arguments[1]);
    enum status status = storage_session_new(cli->opened.storage, false, &session, &error);
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
    int64_t dropped, quotes;

    if (retention_run(cli->opened.engine, TEXT("cli"), NULL, &dropped, &error) != STATUS_OK ||
        retention_quotes(cli->opened.engine, &quotes, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld texts and %lld quotes are gone\n", (long long)dropped, (long long)quotes);
    return EXIT_DONE;
}

/* ---- the archive ---- */

static enum status directory_of(const struct cli *cli, const char **out, struct error *err)
{
    *out = engine_event_archive(cli->opened.engine);
    if (*out != NULL)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "retention.no_archive", "",
                     "--event-archive DIR names the archive of events");
}

static int list_archive(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"name", false}, {"texts", true}, {"bytes", true}, {"first_at", false}, {"last_at", false}};
    struct archive_part *parts = NULL;
    struct error error = {0};
    struct output output;
    const char *directory;
    size_t count = 0;

    if (directory_of(cli, &directory, &error) != STATUS_OK ||
        event_archive_list(directory, -1, cli->arena, &parts, &count, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (!output_start(&output, cli, columns, 5))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        char first[INSTANT_TEXT_SIZE], last[INSTANT_TEXT_SIZE];
        const struct text fields[] = {
            text_from(parts[i].name), text_from(arena_format(cli->arena, "%lld", (long long)parts[i].texts)),
            text_from(arena_format(cli->arena, "%lld", (long long)parts[i].bytes)),
            text_from(instant_format(parts[i].first_at, first)), text_from(instant_format(parts[i].last_at, last))};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static enum status tell(void *context, const struct archived_text *text, struct error *err)
{
    char id[ID_TEXT_SIZE], at[INSTANT_TEXT_SIZE];
    const struct text fields[] = {text_from(id_format("evt", text->id, id)),
                                  text_from(instant_format(text->recorded_at, at)), text->body};

    (void)err;
    output_row(context, fields);
    return STATUS_OK;
}

static int read_archive(struct cli *cli)
{
    static const struct output_column columns[] = {{"event", false}, {"recorded_at", false}, {"texts", false}};
    struct storage_session *session = NULL;
    struct error error = {0};
    struct output output;
    const struct archive_receiver receiver = {tell, &output};
    const char *directory;
    int64_t member;

    if (!id_parse("mbr", text_from(cli->arguments[1]), &member))
        return cli_usage(cli, "'%s' is no id of a member", cli->arguments[1]);
    if (directory_of(cli, &directory, &error) != STATUS_OK ||
        engine_read_begin(cli->opened.engine, &session, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (!output_start(&output, cli, columns, 3)) {
        engine_read_end(cli->opened.engine, session);
        return EXIT_USAGE;
    }
    enum status status = event_archive_read(cli->opened.engine, session, directory, member, &receiver, &error);
    engine_read_end(cli->opened.engine, session);
    output_end(&output);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {{"show", 1, show},         {"set", 2, set},
                                                {"run", 1, carry_out},     {"archive", 1, list_archive},
                                                {"read", 2, read_archive}, {NULL, 0, NULL}};

    return cli_act(cli, actions, "say what: show, set DAYS, run, archive or read MEMBER");
}

const struct subcommand retention_subcommand = {
    .name = "retention",
    .about = "for how long texts of events are kept, and their archive: show, set, run, archive, read",
    .usage = "retention show | set DAYS [--archive-days N] [--quote-days N] | run | archive | read MEMBER",
    .example = "patron retention set 1095 --archive-days 3650\npatron retention run --event-archive /backup/events",
    .options = CLI_OPTIONS(options),
    .run = run,
};

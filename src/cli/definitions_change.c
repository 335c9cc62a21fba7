/* definitions_change.c: what changes definitions, and the whole programme as one file, on the command line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/definitions.h"
#include "cli/programme.h"
#include "features/definitions/programme_draft_store.h"
#include "features/definitions/references_store.h"
#include "features/definitions/transfer_store.h"
#include "features/definitions/view_api.h"
#include "features/programme/programme_store.h"
#include "foundation/clock.h"
#include "foundation/instant.h"

bool definitions_time(struct cli *cli, const char *name, int64_t *out)
{
    const char *value = cli_value(cli, name);

    if (value == NULL || instant_parse(text_from(value), out))
        return true;
    cli_usage(cli, "--%s: '%s' is not a time such as 2026-11-22T08:00:00Z", name, value);
    return false;
}

/* The field of the document, which a message on the command line has no other place for. */
static int fail(const struct definitions_call *call, struct error *error)
{
    char field[ERROR_FIELD_SIZE];

    memcpy(field, error->field, sizeof field);
    if (field[0] != '\0')
        error_add_context(error, "%s", field);
    return cli_fail(call->cli, error);
}

/* ---- transactions ---- */

struct work {
    const struct definitions_call *call;
    const struct definition_change *change;     /* or: */
    const struct definition_transfer *transfer; /* NULL: a change */
    struct definition_changed changed;
    struct definition_transferred transferred;
    struct storage_session *session;
};

static enum status keep_trail(void *context, const struct definition_change *change,
                              const struct definition_changed *changed, struct error *err)
{
    const struct work *work = context;
    const struct definition_key key = {change->kind, change->code, change->now};
    enum definition_action action = changed->version != 0 ? DEFINITION_PUBLISH : change->action;
    const struct audit_entry entry = {.at = change->now,
                                      .actor = change->actor,
                                      .what = text_from(definition_action_name(action)),
                                      .before = definition_text(change->arena, &key, &changed->before),
                                      .after = definition_text(change->arena, &key, &changed->after)};

    return audit_write(work->session, &entry, err);
}

static enum status do_work(struct work *work, struct error *err)
{
    if (work->transfer != NULL)
        return definitions_import(work->session, work->transfer, &work->transferred, err);
    enum status status = definition_apply(work->session, work->change, &work->changed, err);
    return status == STATUS_OK ? keep_trail(work, work->change, &work->changed, err) : status;
}

static enum status run(struct work *work, bool check, struct error *err)
{
    struct server_engine *opened = &work->call->cli->opened;
    enum status status = storage_session_new(opened->storage, false, &work->session, err);

    if (status == STATUS_OK)
        status = storage_begin(work->session, err);
    if (status == STATUS_OK)
        status = do_work(work, err);
    if (status == STATUS_OK && !check)
        status = storage_commit(work->session, err);
    else if (work->session != NULL)
        storage_rollback(work->session);
    storage_session_free(work->session);
    return status == STATUS_OK && !check ? engine_configuration_reload(opened->engine, err) : status;
}

/* ---- one definition ---- */

static bool read_options(struct definitions_call *call, struct definition_change *change)
{
    struct cli *cli = call->cli;

    *change = (struct definition_change){.kind = call->key.kind,
                                         .code = call->key.code,
                                         .now = call->key.now,
                                         .actor = TEXT("cli"),
                                         .note = text_from(cli_value(cli, "note")),
                                         .publish = cli_flag(cli, "publish"),
                                         .anyway = cli_flag(cli, "anyway"),
                                         .without_review = cli_flag(cli, "without-review"),
                                         .programmes = call->configuration.programmes,
                                         .arena = cli->arena};
    return definitions_time(cli, "at", &change->at) && definitions_time(cli, "until", &change->until) &&
           cli_integer(cli, "version", 0, DEFINITION_VERSIONS_MAX, &change->version);
}

static const char *file_of(const struct definitions_call *call)
{
    int place = call->key.kind == &programme_draft_kind ? 2 : 3;

    return call->cli->argument_count > place ? call->cli->arguments[place] : NULL;
}

static void print_changed(const struct definition_change *change, const struct definition_changed *changed)
{
    char text[INSTANT_TEXT_SIZE];
    int64_t at = change->at != 0 ? change->at : change->now + PUBLICATION_AHEAD;

    if (changed->version != 0)
        printf("version %lld takes effect at %s\n", (long long)changed->version, instant_format(at, text));
    else if (change->action == DEFINITION_DROP)
        printf("the draft is gone\n");
    else if (change->action == DEFINITION_WITHDRAW)
        printf("withdrawn from %s on\n", instant_format(at, text));
    else
        printf("the draft is saved: %s\n", draft_state_names[changed->after.draft.state]);
}

int definitions_change(struct definitions_call *call, enum definition_action action)
{
    struct definition_change change;
    struct work work = {.call = call, .change = &change};
    struct error error = {0};
    const char *path = file_of(call);
    enum status status = STATUS_OK;

    if (!read_options(call, &change))
        return EXIT_USAGE;
    change.action = action;
    if (path != NULL) {
        change.publish = change.publish || action == DEFINITION_PUBLISH;
        change.action = DEFINITION_SAVE;
        status = cli_read_file(call->cli, path, TRANSFER_BYTES_MAX, &change.document, &error);
    } else if (action == DEFINITION_SAVE) {
        return cli_usage(call->cli, "say which file holds the document; - is standard input");
    }
    if (action == DEFINITION_ROLL_BACK && cli_value(call->cli, "version") == NULL)
        return cli_usage(call->cli, "say which version: --version N");
    if (status == STATUS_OK)
        status = run(&work, false, &error);
    if (status != STATUS_OK)
        return fail(call, &error);
    print_changed(&change, &work.changed);
    return EXIT_DONE;
}

/* What it names and is not published: then its publication would be refused. */
static int print_missing(const struct definitions_call *call, const struct definition_change *change,
                         const void *parsed, struct error *error)
{
    const struct definition candidate = definition_candidate(change, parsed);
    struct arena *arena = call->cli->arena;
    struct storage_session *session;
    struct text sentence;
    size_t count;
    struct reference_asked *asked = references_asked(arena, change->kind, &candidate, &count);
    enum status status = engine_read_begin(call->cli->opened.engine, &session, error);

    if (status != STATUS_OK)
        return cli_fail(call->cli, error);
    status = references_resolve(session, arena, asked, count, error);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (asked[i].found)
            continue;
        status = reference_sentence(session, arena, &asked[i], &sentence, error);
        printf("%s: %.*s\n", asked[i].reference.field, (int)sentence.size, sentence.bytes);
    }
    engine_read_end(call->cli->opened.engine, session);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(call->cli, error);
}

int definitions_check_file(struct definitions_call *call)
{
    struct definition_change change;
    struct error error = {0};
    const char *path = file_of(call);
    const void *parsed;

    if (path == NULL)
        return cli_usage(call->cli, "say which file holds the document; - is standard input");
    if (!read_options(call, &change))
        return EXIT_USAGE;
    enum status status = cli_read_file(call->cli, path, TRANSFER_BYTES_MAX, &change.document, &error);
    if (status == STATUS_OK)
        status = definition_check(&change, &parsed, &error);
    if (status != STATUS_OK)
        return fail(call, &error);
    printf("%s is valid\n", path);
    return print_missing(call, &change, parsed, &error);
}

/* ---- all of them ---- */

static enum status write_file(const char *path, struct text lines, struct error *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");

    if (file == NULL)
        return error_set(err, STATUS_IO, "file.open", "", "'%s' cannot be opened: %s", path, strerror(errno));
    bool failed = fwrite(lines.bytes, 1, lines.size, file) != lines.size || fflush(file) != 0;
    if (file != stdout)
        failed = fclose(file) != 0 || failed;
    if (failed)
        return error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be written", path);
    return STATUS_OK;
}

int definitions_export_file(struct definitions_call *call)
{
    struct cli *cli = call->cli;
    struct storage_session *session;
    struct error error = {0};
    struct text lines;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);

    if (status == STATUS_OK) {
        status = definitions_export(session, cli->arena, call->configuration.programmes, call->key.now, &lines, &error);
        engine_read_end(cli->opened.engine, session);
    }
    if (status == STATUS_OK)
        status = write_file(cli->argument_count > 1 ? cli->arguments[1] : "-", lines, &error);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

int definitions_import_lines_here(struct definitions_call *call, struct text lines, struct text note)
{
    struct cli *cli = call->cli;
    struct definition_transfer transfer = {.lines = lines,
                                           .set = call->configuration.programmes,
                                           .now = call->key.now,
                                           .actor = TEXT("cli"),
                                           .note = note,
                                           .drafts = cli_flag(cli, "drafts"),
                                           .without_review = cli_flag(cli, "without-review"),
                                           .check = cli_flag(cli, "dry-run"),
                                           .changed = keep_trail};
    struct work work = {.call = call, .transfer = &transfer};
    struct error error = {0};
    char text[INSTANT_TEXT_SIZE];

    transfer.context = &work;
    if (run(&work, transfer.check, &error) != STATUS_OK)
        return fail(call, &error);
    printf("%lld published, %lld drafts, %lld unchanged%s", (long long)work.transferred.published,
           (long long)work.transferred.drafts, (long long)work.transferred.unchanged,
           transfer.check ? ", nothing saved" : "");
    if (work.transferred.published > 0 && !transfer.check)
        printf("; in effect from %s", instant_format(work.transferred.at, text));
    printf("\n");
    return EXIT_DONE;
}

int definitions_import_file(struct definitions_call *call)
{
    struct cli *cli = call->cli;
    struct text lines;
    struct error error = {0};

    if (cli->argument_count != 2)
        return cli_usage(cli, "say which file to import; - is standard input");
    if (cli_read_file(cli, cli->arguments[1], TRANSFER_BYTES_MAX, &lines, &error) != STATUS_OK)
        return fail(call, &error);
    return definitions_import_lines_here(call, lines, text_from(cli_value(cli, "note")));
}

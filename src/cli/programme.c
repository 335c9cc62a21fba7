#include "cli/programme.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/programme/programme_store.h"

enum { PROGRAMME_SIZE_MAX = 1024 * 1024, VERSIONS_SHOWN = 100 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"effective-at", "TIME", "RFC 3339; default 5 seconds from now"},
    {"note", "TEXT", "why, kept with the version"},
    {"without-review", NULL, "publish although the programme asks for a second person"},
    OPTION_FORMAT,
};

enum status cli_read_file(struct cli *cli, const char *path, size_t size_max, struct text *out, struct error *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (file == NULL)
        return error_set(err, STATUS_IO, "file.open", "", "'%s' cannot be opened: %s", path, strerror(errno));
    char *bytes = arena_alloc(cli->arena, size_max + 1);
    size_t size = fread(bytes, 1, size_max + 1, file);
    bool failed = ferror(file) != 0;
    if (file != stdin)
        fclose(file);
    if (failed)
        return error_set(err, STATUS_IO, "file.read", "", "'%s' cannot be read", path);
    if (size > size_max)
        return error_set(err, STATUS_LIMIT, "file.size", "", "'%s' is larger than %zu bytes", path, size_max);
    *out = (struct text){bytes, size};
    return STATUS_OK;
}

static enum status publish(struct cli *cli, struct programme_version *version, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = storage_session_new(cli->opened.storage, false, &session, err);
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = programme_publish(session, version, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK && session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    return status == STATUS_OK ? engine_configuration_reload(cli->opened.engine, err) : status;
}

static enum status read_document(struct cli *cli, const char *path, struct programme_version *version,
                                 struct error *err)
{
    struct programme parsed;
    enum status status = cli_read_file(cli, path, PROGRAMME_SIZE_MAX, &version->source, err);
    if (status == STATUS_OK)
        status = programme_parse(cli->arena, version->source, &parsed, err);
    if (status != STATUS_OK && err->field[0] != '\0') {
        char field[ERROR_FIELD_SIZE];
        memcpy(field, err->field, sizeof field);
        error_add_context(err, "%s", field);
    }
    return status;
}

static enum status list_versions(struct cli *cli, struct programme_version **versions, size_t *count, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status =
        programme_versions(session, cli->arena, (struct version_page){INT64_MAX, VERSIONS_SHOWN}, versions, count, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static void date_version(const struct cli *cli, struct programme_version *version)
{
    version->published_at = clock_now(engine_clock(cli->opened.engine));
    version->effective_at = version->published_at + PUBLICATION_AHEAD;
    version->author = TEXT("cli");
}

enum status cli_programme_first(struct cli *cli, const char *path, struct error *err)
{
    struct programme_version *versions = NULL, version = {.note = TEXT("the first programme, with an import")};
    size_t count = 0;
    enum status status = read_document(cli, path, &version, err);
    if (status == STATUS_OK)
        status = list_versions(cli, &versions, &count, err);
    if (status != STATUS_OK || count > 0)
        return status;
    date_version(cli, &version);
    return publish(cli, &version, err);
}

/* ---- the subcommand ---- */

static void warn(struct cli *cli, struct text source)
{
    struct programme parsed;
    struct text *warnings;
    struct error ignored = {0};
    if (programme_parse(cli->arena, source, &parsed, &ignored) != STATUS_OK)
        return;
    size_t count = programme_warnings(cli->arena, &parsed, &warnings);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "patron: %.*s\n", (int)warnings[i].size, warnings[i].bytes);
}

static int check_file(struct cli *cli)
{
    struct programme_version version = {0};
    struct error error = {0};
    if (read_document(cli, cli->arguments[1], &version, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s is a valid programme\n", cli->arguments[1]);
    warn(cli, version.source);
    return EXIT_DONE;
}

/* The review that the API asks for is asked for here too, unless whoever has the database says otherwise. */
static enum status check_review(struct cli *cli, struct error *err)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    enum review_policy review =
        programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine)))->review;

    engine_configuration_release(cli->opened.engine, configuration);
    if (review == REVIEW_SECOND_PERSON && !cli_flag(cli, "without-review"))
        return error_set(
            err, STATUS_CONFLICT, "definition.review", "",
            "a second person has to approve it ('patron definitions save programme FILE', submit, approve); "
            "--without-review publishes all the same");
    return STATUS_OK;
}

static int publish_file(struct cli *cli)
{
    struct programme_version version = {0};
    struct error error = {0};
    char text[INSTANT_TEXT_SIZE];
    const char *effective = cli_value(cli, "effective-at");
    int64_t at = 0;
    if (effective != NULL && !instant_parse(text_from(effective), &at))
        return cli_usage(cli, "'%s' is not a time such as 2026-11-22T08:00:00Z", effective);
    enum status status = cli_open(cli, true, &error);
    if (status == STATUS_OK)
        status = check_review(cli, &error);
    if (status == STATUS_OK)
        status = read_document(cli, cli->arguments[1], &version, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    date_version(cli, &version);
    if (effective != NULL)
        version.effective_at = at;
    version.note = text_from(cli_value(cli, "note"));
    if (publish(cli, &version, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("version %lld takes effect at %s\n", (long long)version.version, instant_format(version.effective_at, text));
    warn(cli, version.source);
    return EXIT_DONE;
}

static int show(struct cli *cli)
{
    struct error error = {0};
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct programme *programme =
        programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine)));
    printf("%.*s\n", (int)programme->source.size, programme->source.bytes);
    engine_configuration_release(cli->opened.engine, configuration);
    return EXIT_DONE;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"version", true}, {"published_at", false}, {"effective_at", false}, {"author", false}, {"note", false}};
    struct output output;
    struct programme_version *versions = NULL;
    size_t count = 0;
    struct error error = {0};
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (cli_open(cli, false, &error) != STATUS_OK || list_versions(cli, &versions, &count, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        char published[INSTANT_TEXT_SIZE], effective[INSTANT_TEXT_SIZE];
        struct text fields[] = {text_from(arena_format(cli->arena, "%lld", (long long)versions[i].version)),
                                text_from(instant_format(versions[i].published_at, published)),
                                text_from(instant_format(versions[i].effective_at, effective)), versions[i].author,
                                versions[i].note};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    if (strcmp(what, "show") == 0 && cli->argument_count == 1)
        return show(cli);
    if (strcmp(what, "list") == 0 && cli->argument_count == 1)
        return list(cli);
    if (strcmp(what, "publish") == 0 && cli->argument_count == 2)
        return publish_file(cli);
    if (strcmp(what, "check") == 0 && cli->argument_count == 2)
        return check_file(cli);
    return cli_usage(cli, "say show, list, publish FILE or check FILE");
}

const struct subcommand programme_subcommand = {
    .name = "programme",
    .about = "the loyalty programme: show, list, publish, check",
    .usage = "programme show|list | programme publish|check FILE [options]",
    .example =
        "patron programme check summer.json\npatron programme publish summer.json --note 'double points in June'",
    .options = CLI_OPTIONS(options),
    .run = run,
};

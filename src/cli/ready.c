/* ready.c: `patron ready`: programmes that come with the program. */
#include <stdio.h>
#include <string.h>

#include "cli/definitions.h"
#include "cli/output.h"
#include "features/library/library_api.h"
#include "foundation/clock.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"language", "LANGUAGE", "en, zh-CN or zh-TW; default en"},
    {"replace", NULL, "load it although a programme is published already"},
    {"dry-run", NULL, "only check it"},
    {"drafts", NULL, "make drafts of it, and publish nothing"},
    {"without-review", NULL, "publish although the programme asks for a second person"},
    OPTION_FORMAT,
};

static bool read_language(struct cli *cli, enum ready_language *out)
{
    const char *given = cli_value(cli, "language");
    *out = READY_EN;
    if (given == NULL)
        return true;
    for (int i = 0; i < READY_LANGUAGES; i++)
        if (strcmp(given, ready_languages[i]) == 0) {
            *out = (enum ready_language)i;
            return true;
        }
    cli_usage(cli, "--language is en, zh-CN or zh-TW");
    return false;
}

/* A text of about.json, or of another object. */
static struct text member_of(struct cli *cli, struct text json, enum ready_language language, const char *name)
{
    struct error ignored = {0};
    struct text whole, value = TEXT("");
    if (ready_text(cli->arena, json, language, &whole, &ignored) == STATUS_OK)
        ready_member(cli->arena, whole, name, &value);
    return value;
}

static int list(struct cli *cli, enum ready_language language)
{
    static const struct output_column columns[] = {{"name", false}, {"title", false}, {"for", false}};
    struct output output;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < ready_programme_count; i++) {
        const struct ready_programme *programme = &ready_programmes[i];
        struct text fields[] = {text_from(programme->name), member_of(cli, programme->about, language, "title"),
                                member_of(cli, programme->about, language, "for")};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static void print(struct text text)
{
    printf("%.*s\n", (int)text.size, text.bytes);
}

static int show(struct cli *cli, const struct ready_programme *programme, enum ready_language language)
{
    struct error error = {0};
    struct json_writer writer;
    if (cli_value(cli, "format") != NULL && strcmp(cli_value(cli, "format"), "json") == 0) {
        writer_start(&writer, cli->arena);
        writer_object(&writer, NULL);
        if (ready_write(&writer, cli->arena, programme, language, &error) != STATUS_OK)
            return cli_fail(cli, &error);
        writer_end(&writer);
        print(writer_done(&writer));
        return EXIT_DONE;
    }
    print(member_of(cli, programme->about, language, "title"));
    print(member_of(cli, programme->about, language, "text"));
    printf("\n");
    print(programme->terms[language]);
    print(member_of(cli, programme->receipt, language, "text"));
    return EXIT_DONE;
}

static int lines(struct cli *cli, const struct ready_programme *programme, enum ready_language language)
{
    struct error error = {0};
    struct text text;
    if (ready_lines(cli->arena, programme, language, &text, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%.*s", (int)text.size, text.bytes);
    return EXIT_DONE;
}

static int load(struct cli *cli, const struct ready_programme *programme, enum ready_language language)
{
    struct error error = {0};
    struct text text;
    struct definitions_call call = {.cli = cli};
    if (cli_open(cli, true, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    call.configuration = engine_configuration(cli->opened.engine);
    call.key.now = clock_now(engine_clock(cli->opened.engine));
    bool replace = cli_flag(cli, "replace") || cli_flag(cli, "dry-run") || cli_flag(cli, "drafts");
    enum status status = ready_check_replace(call.configuration.programmes, call.key.now, replace, &error);
    if (status == STATUS_OK)
        status = ready_lines(cli->arena, programme, language, &text, &error);
    int result = status == STATUS_OK
                     ? definitions_import_lines_here(&call, text,
                                                     text_from(arena_format(cli->arena, "ready: %s", programme->name)))
                     : cli_fail(cli, &error);
    engine_configuration_release(cli->opened.engine, call.configuration);
    return result;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "list";
    const struct ready_programme *programme;
    struct error error = {0};
    enum ready_language language;
    if (!read_language(cli, &language))
        return EXIT_USAGE;
    if (strcmp(what, "list") == 0 && cli->argument_count <= 1)
        return list(cli, language);
    if (cli->argument_count != 2)
        return cli_usage(cli, "say list, show NAME, lines NAME or load NAME");
    if (ready_programme_find(text_from(cli->arguments[1]), &programme, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (strcmp(what, "show") == 0)
        return show(cli, programme, language);
    if (strcmp(what, "lines") == 0)
        return lines(cli, programme, language);
    if (strcmp(what, "load") == 0)
        return load(cli, programme, language);
    return cli_usage(cli, "say list, show NAME, lines NAME or load NAME");
}

const struct subcommand ready_subcommand = {
    .name = "ready",
    .about = "programmes that are ready to be loaded, in three languages",
    .usage = "ready [list] | ready show|lines|load NAME [--language LANGUAGE]",
    .example = "patron ready show cafe-stamps\npatron ready load cafe-stamps --language zh-CN",
    .options = CLI_OPTIONS(options),
    .run = run,
};

/* feed.c: `patron feed`: what is advertised in a channel, its versions, and whether something was shown. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/feeds/feeds_store.h"
#include "foundation/clock.h"
#include "foundation/instant.h"

enum { VERSIONS_SHOWN = 1000 };

struct asking {
    struct cli *cli;
    struct arena *arena;
    const struct programme_set *set;
    struct advertisements all;
    int language;
    int64_t at;
};

static struct text instant_text(struct arena *arena, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == INSTANT_NEVER || at == INT64_MIN)
        return TEXT("");
    return text_from(arena_format(arena, "%s", instant_format(at, text)));
}

static struct text number_text(struct arena *arena, int64_t number)
{
    return text_from(arena_format(arena, "%lld", (long long)number));
}

static const struct advertised_text *words_of(const struct asking *asking, const struct advertisement *one)
{
    return &one->advertised->texts[advertised_language(one->advertised, asking->language)];
}

static int show(struct asking *asking)
{
    static const struct output_column columns[] = {{"kind", false}, {"code", false},  {"version", true},
                                                   {"from", false}, {"until", false}, {"title", false}};
    struct feed feed = feed_at(asking->arena, &asking->all, asking->at);
    struct output output;

    if (!output_start(&output, asking->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < feed.count; i++) {
        const struct advertisement *one = feed.items[i];
        const struct text fields[] = {text_from(one->kind->name),
                                      one->definition->code,
                                      number_text(asking->arena, one->definition->version),
                                      instant_text(asking->arena, one->from),
                                      instant_text(asking->arena, one->until),
                                      words_of(asking, one)->title};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int versions(struct asking *asking)
{
    static const struct output_column columns[] = {{"from", false}, {"until", false}, {"items", false}};
    const int64_t *changes;
    size_t count = feed_changes(asking->arena, &asking->all, INSTANT_NEVER, VERSIONS_SHOWN, &changes);
    struct output output;

    if (!output_start(&output, asking->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        struct feed feed = feed_at(asking->arena, &asking->all, changes[i]);
        struct builder items = {.arena = asking->arena};
        for (size_t n = 0; n < feed.count; n++)
            builder_format(&items, "%s%s:%.*s:%lld", n > 0 ? " " : "", feed.items[n]->kind->name,
                           (int)feed.items[n]->definition->code.size, feed.items[n]->definition->code.bytes,
                           (long long)feed.items[n]->definition->version);
        const struct text fields[] = {instant_text(asking->arena, feed.from), instant_text(asking->arena, feed.until),
                                      builder_done(&items)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int prove(struct asking *asking)
{
    static const struct output_column columns[] = {{"shown", false},  {"kind", false}, {"code", false},
                                                   {"version", true}, {"from", false}, {"until", false},
                                                   {"title", false},  {"text", false}};
    struct text code = text_from(asking->cli->arguments[2]);
    struct feed_proof proof = feed_prove(&asking->all, NULL, code, asking->at);
    struct text fields[sizeof columns / sizeof columns[0]] = {TEXT("no"), TEXT(""), code};
    struct output output;

    if (!output_start(&output, asking->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (proof.shown != NULL) {
        fields[0] = TEXT("yes");
        fields[1] = text_from(proof.shown->kind->name);
        fields[3] = number_text(asking->arena, proof.shown->definition->version);
        fields[4] = instant_text(asking->arena, proof.shown->from);
        fields[5] = instant_text(asking->arena, proof.shown->until);
        fields[6] = words_of(asking, proof.shown)->title;
        fields[7] = words_of(asking, proof.shown)->about;
    }
    output_row(&output, fields);
    output_object_end(&output);
    return EXIT_DONE;
}

static const struct {
    const char *name;
    int arguments;
    int (*run)(struct asking *asking);
} actions[] = {{"show", 2, show}, {"versions", 2, versions}, {"proof", 3, prove}};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static int answer(struct cli *cli, size_t action, struct asking *asking)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct storage_session *session;
    struct error error = {0};
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    int done = EXIT_DONE;

    asking->set = configuration.programmes;
    if (status == STATUS_OK) {
        status = advertisements_read(session, asking->arena, asking->set, text_from(cli->arguments[1]), &asking->all,
                                     &error);
        engine_read_end(cli->opened.engine, session);
    }
    done = status == STATUS_OK ? actions[action].run(asking) : cli_fail(cli, &error);
    engine_configuration_release(cli->opened.engine, configuration);
    return done;
}

static bool find_language(const char *word, int *out)
{
    for (*out = 0; word != NULL && advertised_languages[*out] != NULL; ++*out)
        if (strcmp(advertised_languages[*out], word) == 0)
            return true;
    *out = word == NULL ? 0 : *out;
    return word == NULL;
}

static int run(struct cli *cli)
{
    struct asking asking = {.cli = cli};
    const char *at = cli_value(cli, "at");
    struct error error = {0};
    size_t action = 0;

    while (action < ACTIONS && (cli->argument_count == 0 || strcmp(cli->arguments[0], actions[action].name) != 0))
        action++;
    if (action == ACTIONS || cli->argument_count != actions[action].arguments)
        return cli_usage(cli, "say what: show CHANNEL, versions CHANNEL, or proof CHANNEL ITEM --at TIME");
    if (!find_language(cli_value(cli, "language"), &asking.language))
        return cli_usage(cli, "--language is en, zh-CN or zh-TW");
    if (at != NULL && !instant_parse(text_from(at), &asking.at))
        return cli_usage(cli, "--at is a time such as 2026-11-22T09:00:00Z");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (at == NULL)
        asking.at = clock_now(engine_clock(cli->opened.engine));
    asking.arena = arena_new(ADVERTISEMENTS_ARENA_BYTES);
    int done = answer(cli, action, &asking);
    arena_free(asking.arena);
    return done;
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"at", "TIME", "what was shown then; default now"},
    {"language", "LANGUAGE", "en, zh-CN or zh-TW; default en"},
    OPTION_FORMAT,
};

const struct subcommand feed_subcommand = {
    .name = "feed",
    .about = "what is advertised in a channel, since when, and whether something was shown",
    .usage = "feed show CHANNEL | versions CHANNEL | proof CHANNEL ITEM [--at TIME] [options]",
    .example = "patron feed show web --language zh-CN\n"
               "patron feed proof web november --at 2026-11-30T11:58:00Z",
    .options = CLI_OPTIONS(options),
    .run = run,
};

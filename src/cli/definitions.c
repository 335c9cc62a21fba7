/* definitions.c: `patron definitions`: the parts of the programme that are published one by one. */
#include "cli/definitions.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "features/definitions/difference.h"
#include "features/definitions/plan_store.h"
#include "features/definitions/programme_draft_store.h"
#include "features/definitions/view_api.h"
#include "foundation/clock.h"
#include "foundation/instant.h"

enum { LIST_MAX = 100000, VERSIONS_MAX = 1000 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"note", "TEXT", "why, kept with the draft or version"},
    {"publish", NULL, "save, rollback: publish it at once"},
    {"at", "TIME", "publish, withdraw: from when, RFC 3339; default 5 seconds from now"},
    {"until", "TIME", "publish: the first moment at which it is not in force any more; default open"},
    {"version", "N", "rollback: to which; withdraw: this one alone"},
    {"anyway", NULL, "withdraw: although others that are in force or to come name it"},
    {"without-review", NULL, "publish although the programme asks for a second person"},
    {"from", "VERSION", "difference: a number, in_force or draft; default in_force"},
    {"to", "VERSION", "difference: the same; default draft"},
    {"drafts", NULL, "import: make drafts of all and publish nothing"},
    {"dry-run", NULL, "import: only check"},
    OPTION_FORMAT,
};

/* ---- which one ---- */

static const struct definition_kind *find_kind(const struct definitions_call *call, const char *name)
{
    const struct definition_set *all = call->configuration.programmes->definitions;

    if (strcmp(name, programme_draft_kind.name) == 0)
        return &programme_draft_kind;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->lists[i].kind->name, name) == 0 || strcmp(all->lists[i].kind->plural, name) == 0)
            return all->lists[i].kind;
    return NULL;
}

static int unknown_kind(const struct definitions_call *call, const char *name)
{
    const struct definition_set *all = call->configuration.programmes->definitions;
    struct builder known = {.arena = call->cli->arena};

    for (size_t i = 0; i < all->count; i++)
        builder_format(&known, ", %s", all->lists[i].kind->name);
    struct text list = builder_done(&known);
    return cli_usage(call->cli, "there is no kind '%s'; there are: programme%.*s", name, (int)list.size, list.bytes);
}

/* KIND CODE, or programme alone; EXIT_DONE when they are there. */
static int take_key(struct definitions_call *call)
{
    struct cli *cli = call->cli;

    if (cli->argument_count < 2)
        return cli_usage(cli, "say which: KIND CODE, or programme");
    call->key.kind = find_kind(call, cli->arguments[1]);
    if (call->key.kind == NULL)
        return unknown_kind(call, cli->arguments[1]);
    if (call->key.kind == &programme_draft_kind) {
        call->key.code = PROGRAMME_DRAFT_CODE;
        return EXIT_DONE;
    }
    if (cli->argument_count < 3)
        return cli_usage(cli, "say the code of the %s", call->key.kind->name);
    call->key.code = text_from(cli->arguments[2]);
    return EXIT_DONE;
}

/* ---- reading ---- */

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == INSTANT_NEVER || at == 0)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return number != 0 ? text_from(arena_format(cli->arena, "%lld", (long long)number)) : TEXT("");
}

static enum status list_kind(struct definitions_call *call, struct storage_session *session,
                             const struct definition_kind *kind, struct output *output, struct error *err)
{
    struct cli *cli = call->cli;
    const struct definition_page page = {.after = {kind, {NULL, 0}, call->key.now}, .limit = LIST_MAX};
    struct definition_record *records;
    size_t count;
    enum status status = definition_list(session, cli->arena, &page, &records, &count, err);

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const struct definition_record *record = &records[i];
        struct text fields[] = {text_from(kind->name),
                                record->code,
                                record->name.size > 0 ? record->name : record->draft.name,
                                text_from(definition_state_names[definition_record_state(record)]),
                                number_text(cli, record->current.version),
                                instant_text(cli, record->current.from),
                                instant_text(cli, record->current.until),
                                number_text(cli, record->next.version),
                                instant_text(cli, record->next.from),
                                text_from(draft_state_names[record->draft.state])};
        output_row(output, fields);
    }
    return status;
}

static int list(struct definitions_call *call)
{
    static const struct output_column columns[] = {
        {"kind", false}, {"code", false},  {"name", false}, {"state", false},     {"version", true},
        {"from", false}, {"until", false}, {"next", true},  {"next_from", false}, {"draft", false}};
    struct cli *cli = call->cli;
    const struct definition_set *all = call->configuration.programmes->definitions;
    const struct definition_kind *only = NULL;
    struct storage_session *session;
    struct error error = {0};
    struct output output;

    if (cli->argument_count > 1 && (only = find_kind(call, cli->arguments[1])) == NULL)
        return unknown_kind(call, cli->arguments[1]);
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < all->count && status == STATUS_OK; i++)
        if (only == NULL || only == all->lists[i].kind)
            status = list_kind(call, session, all->lists[i].kind, &output, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

/* STATUS_MISSING when there is nothing of that code. */
static enum status look(const struct definitions_call *call, struct definition_record *out, struct error *err)
{
    struct engine *engine = call->cli->opened.engine;
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = definition_look(session, call->cli->arena, call->configuration.programmes, &call->key, out, err);
    engine_read_end(engine, session);
    if (status == STATUS_OK && out->revision == 0 && call->key.kind != &programme_draft_kind)
        return definition_unknown(&call->key, err);
    return status;
}

static int show(struct definitions_call *call)
{
    struct definition_record record;
    struct json_writer writer;
    struct error error = {0};

    if (look(call, &record, &error) != STATUS_OK)
        return cli_fail(call->cli, &error);
    writer_start(&writer, call->cli->arena);
    writer_object(&writer, NULL);
    writer_string(&writer, "kind", call->key.kind->name);
    definition_write(&writer, &record, true);
    writer_end(&writer);
    struct text text = writer_done(&writer);
    printf("%.*s\n", (int)text.size, text.bytes);
    return EXIT_DONE;
}

static enum status read_releases(const struct definitions_call *call, struct release_page page,
                                 struct definition_release **out, size_t *count, struct error *err)
{
    struct engine *engine = call->cli->opened.engine;
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    page.key = &call->key;
    status = definition_releases(session, call->cli->arena, &page, out, count, err);
    engine_read_end(engine, session);
    return status;
}

static int versions(struct definitions_call *call)
{
    static const struct output_column columns[] = {
        {"version", true}, {"from", false},     {"until", false}, {"published_at", false}, {"publisher", false},
        {"author", false}, {"reviewer", false}, {"note", false},  {"withdrawn_at", false}};
    struct cli *cli = call->cli;
    struct definition_record record;
    struct definition_release *releases = NULL;
    struct error error = {0};
    struct output output;
    size_t count = 0;

    if (call->key.kind == &programme_draft_kind)
        return cli_usage(cli, "the versions of the programme are listed by 'patron programme list'");
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (look(call, &record, &error) != STATUS_OK ||
        read_releases(call, (struct release_page){NULL, INT64_MAX, VERSIONS_MAX}, &releases, &count, &error) !=
            STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        const struct definition_release *release = &releases[i];
        struct text fields[] = {number_text(cli, release->version),
                                instant_text(cli, release->from),
                                instant_text(cli, release->until),
                                instant_text(cli, release->published_at),
                                release->publisher,
                                release->author,
                                release->reviewer,
                                release->note,
                                instant_text(cli, release->withdrawn_at)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* ---- differences and contradictions ---- */

static enum status read_version(const struct definitions_call *call, int64_t number, struct text *out,
                                struct error *err)
{
    struct engine *engine = call->cli->opened.engine;
    struct definition_release *releases;
    struct storage_session *session;
    enum status status;
    size_t count;

    if (call->key.kind == &programme_draft_kind) {
        status = engine_read_begin(engine, &session, err);
        if (status != STATUS_OK)
            return status;
        status = programme_draft_document(session, call->cli->arena, number, out, err);
        engine_read_end(engine, session);
        return status;
    }
    status = read_releases(call, (struct release_page){NULL, number + 1, 1}, &releases, &count, err);
    if (status == STATUS_OK && (count == 0 || releases[0].version != number))
        return error_set(err, STATUS_MISSING, "definition.version_unknown", "", "there is no version %lld",
                         (long long)number);
    if (status == STATUS_OK)
        *out = releases[0].document;
    return status;
}

static enum status read_side(const struct definitions_call *call, const struct definition_record *record,
                             const char *which, struct text *out, struct error *err)
{
    int64_t number;

    if (strcmp(which, "in_force") == 0)
        *out = record->document;
    else if (strcmp(which, "draft") == 0)
        *out = record->draft.document;
    else if (text_to_integer(text_from(which), &number) && number >= 0 && number <= DEFINITION_VERSIONS_MAX)
        return read_version(call, number, out, err);
    else
        return error_set(err, STATUS_INVALID, "json.choice", "",
                         "'%s' is not the number of a version, in_force or draft", which);
    return STATUS_OK;
}

static int difference(struct definitions_call *call)
{
    static const struct output_column columns[] = {{"path", false}, {"before", false}, {"after", false}};
    struct cli *cli = call->cli;
    const char *from = cli_value(cli, "from"), *to = cli_value(cli, "to");
    struct definition_record record;
    struct difference *found;
    struct error error = {0};
    struct output output;
    struct text before, after;
    size_t count;

    if (!output_start(&output, cli, columns, 3))
        return EXIT_USAGE;
    if (look(call, &record, &error) != STATUS_OK ||
        read_side(call, &record, from != NULL ? from : "in_force", &before, &error) != STATUS_OK ||
        read_side(call, &record, to != NULL ? to : "draft", &after, &error) != STATUS_OK ||
        difference_find(cli->arena, before, after, &found, &count, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        struct text fields[] = {found[i].path, found[i].before, found[i].after};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static struct text side_text(struct cli *cli, const struct definition *definition)
{
    return text_from(definition->version == 0
                         ? arena_format(cli->arena, "%.*s (draft)", (int)definition->code.size, definition->code.bytes)
                         : arena_format(cli->arena, "%.*s (version %lld)", (int)definition->code.size,
                                        definition->code.bytes, (long long)definition->version));
}

static int conflicts(struct definitions_call *call)
{
    static const struct output_column columns[] = {
        {"kind", false}, {"one", false}, {"other", false}, {"reason", false}};
    struct cli *cli = call->cli;
    const struct definition_set *all = call->configuration.programmes->definitions;
    struct storage_session *session;
    struct error error = {0};
    struct output output;

    if (!output_start(&output, cli, columns, 4))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < all->count && status == STATUS_OK; i++) {
        struct definition_plan plan = {.arena = cli->arena,
                                       .set = call->configuration.programmes,
                                       .kind = all->lists[i].kind,
                                       .now = call->key.now};
        struct conflicts found = {.arena = cli->arena};
        status = definition_plan_read(session, &plan, &error);
        conflicts_among(&found, plan.kind, plan.items, plan.count);
        for (size_t j = 0; j < found.count; j++) {
            struct text fields[] = {text_from(plan.kind->name), side_text(cli, found.items[j].a),
                                    side_text(cli, found.items[j].b), found.items[j].reason};
            output_row(&output, fields);
        }
    }
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- the subcommand ---- */

static int change(struct definitions_call *call, const char *what)
{
    static const struct {
        const char *name;
        enum definition_action action;
    } changes[] = {{"save", DEFINITION_SAVE},         {"publish", DEFINITION_PUBLISH},   {"submit", DEFINITION_SUBMIT},
                   {"approve", DEFINITION_APPROVE},   {"refuse", DEFINITION_REFUSE},     {"drop", DEFINITION_DROP},
                   {"withdraw", DEFINITION_WITHDRAW}, {"rollback", DEFINITION_ROLL_BACK}};

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (strcmp(changes[i].name, what) == 0)
            return definitions_change(call, changes[i].action);
    return cli_usage(call->cli,
                     "say list, show, versions, difference, conflicts, check, save, submit, approve, refuse, "
                     "publish, withdraw, rollback, drop, export or import");
}

static int dispatch(struct definitions_call *call)
{
    static const struct {
        const char *name;
        int (*run)(struct definitions_call *call);
        bool keyed;
    } deeds[] = {{"list", list, false},
                 {"conflicts", conflicts, false},
                 {"export", definitions_export_file, false},
                 {"import", definitions_import_file, false},
                 {"show", show, true},
                 {"versions", versions, true},
                 {"difference", difference, true},
                 {"check", definitions_check_file, true}};
    const char *what = call->cli->argument_count > 0 ? call->cli->arguments[0] : "list";

    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        if (strcmp(deeds[i].name, what) != 0)
            continue;
        int taken = deeds[i].keyed ? take_key(call) : EXIT_DONE;
        return taken == EXIT_DONE ? deeds[i].run(call) : taken;
    }
    int taken = take_key(call);
    return taken == EXIT_DONE ? change(call, what) : taken;
}

static int run(struct cli *cli)
{
    struct definitions_call call = {.cli = cli};
    struct error error = {0};
    bool brings = cli->argument_count > 0 && (strcmp(cli->arguments[0], "import") == 0);

    if (cli_open(cli, brings, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    call.configuration = engine_configuration(cli->opened.engine);
    call.key.now = clock_now(engine_clock(cli->opened.engine));
    int done = dispatch(&call);
    engine_configuration_release(cli->opened.engine, call.configuration);
    return done;
}

const struct subcommand definitions_subcommand = {
    .name = "definitions",
    .about = "what is published one by one: drafts, reviews, versions; the programme as one file",
    .usage = "definitions list [KIND] | conflicts | "
             "show|versions|difference|submit|approve|refuse|withdraw|rollback|drop KIND CODE | "
             "check|save KIND CODE FILE | publish KIND CODE [FILE] | export|import [FILE] [options]",
    .example = "patron definitions publish programme summer.json --at 2027-06-01T00:00:00Z\n"
               "patron definitions difference programme --from 3 --to in_force\n"
               "patron definitions export programme.jsonl\n"
               "patron definitions import programme.jsonl --dry-run",
    .options = CLI_OPTIONS(options),
    .run = run,
};

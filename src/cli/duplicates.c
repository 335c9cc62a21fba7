#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/duplicates/duplicates_api.h"
#include "features/duplicates/queue_store.h"
#include "features/duplicates/queue_view.h"
#include "features/duplicates/scan_store.h"
#include "foundation/id.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 100000, THOUSAND = 1000, MILLION = 1000000 };

/* ---- scan ---- */

static bool show_progress(void *context, size_t done, size_t total)
{
    (void)context;
    if (cli_shows_progress())
        cli_progress((int64_t)done, (int64_t)total, (int64_t)done, "parts");
    return true;
}

static bool read_threshold(const struct cli *cli, double *out)
{
    const char *value = cli_value(cli, "threshold");
    char *end = NULL;

    *out = value == NULL ? DUPLICATE_THRESHOLD : strtod(value, &end);
    if (value != NULL && (end == value || *end != '\0' || !(*out > 0 && *out < 1)))
        return cli_usage(cli, "--threshold is a probability between 0 and 1"), false;
    return true;
}

static int scan(struct cli *cli)
{
    struct scan scan = {.go_on = show_progress};
    struct scan_result result;
    struct error error = {0};

    if (!read_threshold(cli, &scan.threshold))
        return EXIT_USAGE;
    enum status status = duplicates_scan(cli->opened.engine, &scan, &result, &error);
    if (cli_shows_progress())
        cli_progress(-1, 0, 0, "parts");
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%zu members compared, %zu pairs in the queue\n", result.members, result.pairs);
    return EXIT_DONE;
}

/* ---- list and show ---- */

static struct text number_text(struct cli *cli, int64_t value, double unit, const char *format)
{
    return text_from(arena_format(cli->arena, format, (double)value / unit));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

static struct text evidence_text(struct cli *cli, const struct queue_view *view)
{
    struct builder out = {.arena = cli->arena};

    for (size_t i = 0; i < view->evidence_count; i++) {
        const struct duplicate_evidence *evidence = &view->evidence[i];
        builder_format(&out, "%s%s %s (%.*s | %.*s) %+.1f", i == 0 ? "" : "; ", duplicate_field_names[evidence->field],
                       evidence->level, (int)evidence->first.size, evidence->first.bytes, (int)evidence->second.size,
                       evidence->second.bytes, evidence->weight);
    }
    return builder_done(&out);
}

static int print_views(struct cli *cli, const struct queue_view *views, size_t count)
{
    static const struct output_column columns[] = {{"id", false},      {"state", false},      {"first", false},
                                                   {"second", false},  {"probability", true}, {"weight", true},
                                                   {"evidence", false}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        const struct queue_view *view = &views[i];
        const struct text fields[] = {id_text(cli, "dup", view->pair.id),
                                      text_from(queue_pair_state(&view->pair)),
                                      id_text(cli, "mbr", view->persons[0].members[0]),
                                      id_text(cli, "mbr", view->persons[1].members[0]),
                                      number_text(cli, view->pair.probability, MILLION, "%.4f"),
                                      number_text(cli, view->pair.score, THOUSAND, "%.1f"),
                                      evidence_text(cli, view)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static bool read_state(const struct cli *cli, int *out)
{
    static const char *const states[] = {"open", "later", "different", "merged"};
    const char *given = cli_value(cli, "state");

    *out = given == NULL ? DUPLICATE_OPEN : -1;
    for (int i = 0; given != NULL && i < 4; i++)
        if (strcmp(given, states[i]) == 0)
            *out = i;
    return *out >= 0 || (cli_usage(cli, "--state is open, later, different or merged"), false);
}

static int list(struct cli *cli)
{
    struct queue_page page = {.limit = LIST_LIMIT};
    struct queue_view *views = NULL;
    struct storage_session *session;
    struct queue_list pairs;
    struct error error = {0};

    if (!cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &page.limit) || !read_state(cli, &page.state))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = queue_pairs_list(session, cli->arena, &page, &pairs, &error);
    if (status == STATUS_OK) {
        views = arena_array(cli->arena, pairs.count + 1, sizeof *views);
        status = queue_views_read(session, cli->arena, &pairs, false, views, &error);
    }
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print_views(cli, views, pairs.count) : cli_fail(cli, &error);
}

/* ---- decide ---- */

static enum status read_pair(struct cli *cli, const char *word, struct queue_pair *pair, struct error *err)
{
    struct storage_session *session;
    int64_t id;

    if (!id_parse("dup", text_from(word), &id))
        return error_set(err, STATUS_MISSING, "duplicate.unknown", "id", "'%.40s' is no pair: dup_...", word);
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = queue_pair_get(session, id, pair, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static enum status pick_leader(struct cli *cli, const struct queue_pair *pair, bool *second, struct error *err)
{
    const char *word = cli_value(cli, "leader");
    struct storage_session *session;
    int64_t leader;

    *second = false;
    if (word == NULL)
        return STATUS_OK;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, word, &leader, err);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return status;
    *second = leader == pair->members[1] || leader == pair->leaders[1];
    if (!*second && leader != pair->members[0] && leader != pair->leaders[0])
        return error_set(err, STATUS_INVALID, "duplicate.leader", "leader", "the leader is neither of the two");
    return STATUS_OK;
}

static enum status merge_pair(struct cli *cli, const struct queue_pair *pair, struct error *err)
{
    struct merge_duplicate *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    bool second;
    enum status status = pick_leader(cli, pair, &second, err);

    if (status != STATUS_OK)
        return status;
    body->pair = pair->id;
    body->merge.accept_conflicts = cli_flag(cli, "accept-conflicts");
    body->merge.load.parts[0] = body->merge.load.parts[1] = PART_PROFILE | PART_DAYS;
    *command = (struct command){.type = &merge_duplicate_type,
                                .body = body,
                                .day = DAY_NONE,
                                .bucket = -1,
                                .actor = TEXT("cli"),
                                .arena = cli->arena,
                                .subjects = {{.by = SUBJECT_MEMBER, .id = pair->leaders[second ? 1 : 0]},
                                             {.by = SUBJECT_MEMBER, .id = pair->leaders[second ? 0 : 1]}},
                                .subject_count = 2};
    status = engine_run(cli->opened.engine, &command, 1, err);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status;
}

static enum status keep_decision(struct cli *cli, const struct queue_pair *pair, enum duplicate_state state,
                                 struct error *err)
{
    struct storage_session *session;

    const struct audit_entry by = {.at = clock_now(engine_clock(cli->opened.engine)), .actor = TEXT("cli")};
    enum status status = storage_session_new(engine_storage(cli->opened.engine), false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = duplicate_decide_write(session, cli->arena, pair, state, &by, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    storage_session_free(session);
    return status;
}

static int decide(struct cli *cli)
{
    struct queue_pair pair;
    struct error error = {0};
    const char *choice = cli->arguments[2];
    bool merges = strcmp(choice, "merge") == 0, later = strcmp(choice, "later") == 0;

    if (!merges && !later && strcmp(choice, "different") != 0)
        return cli_usage(cli, "decide PAIR merge, different or later");
    enum status status = read_pair(cli, cli->arguments[1], &pair, &error);
    if (status == STATUS_OK)
        status = merges ? merge_pair(cli, &pair, &error)
                        : keep_decision(cli, &pair, later ? DUPLICATE_LATER : DUPLICATE_DIFFERENT, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s: %s\n", cli->arguments[1], merges ? "merged" : choice);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    struct error error = {0};
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool deciding = strcmp(what, "decide") == 0, scanning = strcmp(what, "scan") == 0;

    if ((!deciding && !scanning && strcmp(what, "list") != 0) || cli->argument_count != (deciding ? 3 : 1))
        return cli_usage(cli, "say what: scan, list, or decide PAIR merge|different|later");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return deciding ? decide(cli) : scanning ? scan(cli) : list(cli);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"threshold", "P", "of a scan: least probability of a pair; default 0.9"},
    {"state", "STATE", "of a list: open, later, different or merged; default open"},
    {"limit", "N", "how many rows at most; default 50"},
    {"leader", "MEMBER", "of a merge: who stays; default the first of the pair"},
    {"accept-conflicts", NULL, "merge although birthday or gender differ"},
    OPTION_FORMAT,
};

const struct subcommand duplicates_subcommand = {
    .name = "duplicates",
    .about = "members who are probably registered twice: search, list, decide",
    .usage = "duplicates scan | duplicates list | duplicates decide PAIR merge|different|later",
    .example = "patron duplicates scan\npatron duplicates list --limit 20\n"
               "patron duplicates decide dup_00000000003PC merge --leader phone:13800138000",
    .options = CLI_OPTIONS(options),
    .run = run,
};

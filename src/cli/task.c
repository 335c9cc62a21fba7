/* task.c: `patron task`: things to do, listed, opened and closed. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/tasks/tasks_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 100000, CLOSED_DAYS = 30 };

static struct text option_text(const struct cli *cli, const char *name)
{
    return text_from(cli_value(cli, name));
}

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == INSTANT_NEVER)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    if (id == 0)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

static struct text owner_text(struct cli *cli, const struct task_owner *owner)
{
    if (owner->person.size > 0)
        return owner->person;
    return text_from(arena_format(cli->arena, "%.*s%s%.*s", (int)owner->place.size, owner->place.bytes,
                                  owner->place.size > 0 && owner->role.size > 0 ? " " : "", (int)owner->role.size,
                                  owner->role.bytes));
}

/* ---- list and show ---- */

static bool read_state(const struct cli *cli, struct task_page *page)
{
    static const struct {
        const char *name;
        int from, end;
    } states[] = {{"waiting", TASK_OPEN, TASK_DONE},
                  {"open", TASK_OPEN, TASK_TAKEN},
                  {"taken", TASK_TAKEN, TASK_DONE},
                  {"done", TASK_DONE, TASK_DROPPED},
                  {"dropped", TASK_DROPPED, TASK_DROPPED + 1},
                  {"all", TASK_OPEN, TASK_DROPPED + 1}};
    const char *given = cli_value(cli, "state");
    bool found = false;

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(given != NULL ? given : "waiting", states[i].name) != 0)
            continue;
        page->state_from = states[i].from;
        page->state_end = states[i].end;
        found = true;
    }
    return found || (cli_usage(cli, "--state is waiting, open, taken, done, dropped or all"), false);
}

static int print_tasks(struct cli *cli, const struct task *tasks, size_t count, int64_t now)
{
    static const struct output_column columns[] = {{"id", false},      {"state", false},    {"due", false},
                                                   {"overdue", false}, {"priority", false}, {"reason", false},
                                                   {"store", false},   {"owner", false},    {"member", false},
                                                   {"outcome", false}, {"text", false}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        const struct task *task = &tasks[i];
        const struct text fields[] = {id_text(cli, "tsk", task->id),
                                      text_from(task_state_names[task->state]),
                                      instant_text(cli, task->due_at),
                                      task_overdue(task, now) ? TEXT("yes") : TEXT("no"),
                                      text_from(task_priority_names[task->priority]),
                                      task->reason,
                                      task->store,
                                      owner_text(cli, &task_holder_at(task, now)->owner),
                                      id_text(cli, "mbr", task->member),
                                      task->outcome,
                                      task->text};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static enum status find_members(struct cli *cli, struct storage_session *session, struct task_page *page,
                                struct error *err)
{
    const char *word = cli_value(cli, "member");
    struct person person;
    int64_t member;

    if (word == NULL)
        return STATUS_OK;
    enum status status = cli_member(cli, session, word, &member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, member, cli->arena, &person, err);
    if (status != STATUS_OK)
        return status;
    int64_t *members = arena_array(cli->arena, person.group->member_count + 1, sizeof *members);
    for (size_t i = 0; i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[page->member_count++] = person.group->members[i].id;
    page->members = members;
    return STATUS_OK;
}

static int list(struct cli *cli)
{
    int64_t now = clock_now(engine_clock(cli->opened.engine)), limit = LIST_LIMIT;
    struct task_page page = {.due_until = cli_flag(cli, "overdue") ? now : INSTANT_NEVER,
                             .store = option_text(cli, "store"),
                             .person = option_text(cli, "person"),
                             .role = option_text(cli, "role"),
                             .reason = option_text(cli, "reason"),
                             .now = now};
    struct storage_session *session;
    struct task *tasks = NULL;
    struct error error = {0};
    size_t count = 0;

    if (!cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &limit) || !read_state(cli, &page))
        return EXIT_USAGE;
    page.limit = (size_t)limit;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = find_members(cli, session, &page, &error);
    if (status == STATUS_OK)
        status = task_page_read(session, cli->arena, &page, &tasks, &count, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print_tasks(cli, tasks, count, now) : cli_fail(cli, &error);
}

static int show(struct cli *cli)
{
    int64_t now = clock_now(engine_clock(cli->opened.engine)), id;
    struct storage_session *session;
    struct error error = {0};
    struct task task;

    if (!id_parse("tsk", text_from(cli->arguments[1]), &id))
        return cli_usage(cli, "a task is named tsk_...");
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = task_read(session, cli->arena, id, &task, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print_tasks(cli, &task, 1, now) : cli_fail(cli, &error);
}

static int counts(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"store", false}, {"state", false}, {"tasks", true}, {"overdue", true}};
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    struct storage_session *session;
    struct task_counts all = {.now = now, .since = now - CLOSED_DAYS * INSTANT_DAY};
    struct error error = {0};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = task_counts_read(session, cli->arena, &all, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < all.count; i++) {
        bool closed = all.items[i].state >= TASK_DONE;
        const struct text fields[] = {
            all.items[i].store, text_from(task_state_names[all.items[i].state]),
            text_from(arena_format(cli->arena, "%lld", (long long)all.items[i].count)),
            text_from(arena_format(cli->arena, "%lld", closed ? 0 : (long long)all.items[i].overdue))};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* ---- commands ---- */

static int run_command(struct cli *cli, struct command *command, struct error *err)
{
    command->actor = TEXT("cli");
    enum status status = engine_run(cli->opened.engine, &command, 1, err);

    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, err);
}

static bool read_priority(const struct cli *cli, int *out)
{
    const char *given = cli_value(cli, "priority");

    *out = -1;
    for (int i = 0; given != NULL && task_priority_names[i] != NULL; i++)
        if (strcmp(given, task_priority_names[i]) == 0)
            *out = i;
    return given == NULL || *out >= 0 || (cli_usage(cli, "--priority is low, normal, high or urgent"), false);
}

static bool read_due(const struct cli *cli, int64_t *out)
{
    const char *given = cli_value(cli, "due");

    *out = 0;
    return given == NULL || instant_parse(text_from(given), out) ||
           (cli_usage(cli, "--due is a time such as 2026-11-23T18:00:00+08:00"), false);
}

static enum status name_member(struct cli *cli, struct command *command, struct error *err)
{
    const char *word = cli_value(cli, "member");
    struct storage_session *session;
    int64_t member;

    if (word == NULL)
        return STATUS_OK;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = cli_member(cli, session, word, &member, err);
    engine_read_end(cli->opened.engine, session);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    command->subject_count = 1;
    return status;
}

static struct task_owner owner_of(const struct cli *cli)
{
    return (struct task_owner){
        .person = option_text(cli, "person"), .place = option_text(cli, "place"), .role = option_text(cli, "role")};
}

static int open_one(struct cli *cli)
{
    struct open_task *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct claim_key claim = {.kind = TASK_CLAIM, .key = option_text(cli, "key")};
    struct error error = {0};

    body->spec = (struct task_spec){.reason = text_from(cli->arguments[1]),
                                    .text = text_from(cli->arguments[2]),
                                    .store = option_text(cli, "store"),
                                    .owner = owner_of(cli),
                                    .opened_by = TEXT("cli")};
    *command = (struct command){.type = &open_task_type, .body = body, .day = DAY_NONE, .arena = cli->arena};
    command->bucket = claim_bucket(TASK_CLAIM, claim.key.size > 0 ? claim.key : body->spec.store);
    command->claims = &claim;
    command->claim_count = claim.key.size > 0 ? 1 : 0;
    if (!read_priority(cli, &body->spec.priority) || !read_due(cli, &body->spec.due_at))
        return EXIT_USAGE;
    if (name_member(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%s%s\n", id_text(cli, "tsk", body->task.id).bytes, body->existed ? ": opened before" : "");
    return result;
}

static int change(struct cli *cli, enum task_action action)
{
    struct error error = {0};
    int64_t id;

    if (!id_parse("tsk", text_from(cli->arguments[1]), &id))
        return cli_usage(cli, "a task is named tsk_...");
    if (action == TASK_TAKE && cli_value(cli, "person") == NULL)
        return cli_usage(cli, "say who takes it: --person NAME");
    struct command *command = change_task_command(cli->arena, id, action);
    struct change_task *body = command->body;
    body->by = cli_value(cli, "person") != NULL ? option_text(cli, "person") : TEXT("cli");
    body->owner = owner_of(cli);
    body->outcome = option_text(cli, "outcome");
    body->outcome_text = option_text(cli, "text");
    body->reference = option_text(cli, "reference");
    int result = run_command(cli, command, &error);
    if (result == EXIT_DONE)
        printf("%s: %s\n", cli->arguments[1], task_state_names[body->result.state]);
    return result;
}

static const struct {
    const char *name;
    int arguments;
    enum task_action action;
    int (*run)(struct cli *cli);
} actions[] = {{"list", 1, TASK_NOTE, list},     {"counts", 1, TASK_NOTE, counts}, {"show", 2, TASK_NOTE, show},
               {"open", 3, TASK_NOTE, open_one}, {"take", 2, TASK_TAKE, NULL},     {"assign", 2, TASK_ASSIGN, NULL},
               {"done", 2, TASK_FINISH, NULL},   {"drop", 2, TASK_DROP, NULL}};

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(what, actions[i].name) != 0 || cli->argument_count != actions[i].arguments)
            continue;
        if (cli_open(cli, false, &error) != STATUS_OK)
            return cli_fail(cli, &error);
        return actions[i].run != NULL ? actions[i].run(cli) : change(cli, actions[i].action);
    }
    return cli_usage(cli, "say what: list, counts, show TASK, open REASON TEXT, or take, assign, done, drop TASK");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"store", "CODE", "the place that it concerns; of a list: or that has it"},
    {"person", "NAME", "the user who has it, or takes it"},
    {"place", "CODE", "whoever works there has it"},
    {"role", "ROLE", "whoever has this role has it"},
    {"member", "MEMBER", "whom it concerns"},
    {"reason", "CODE", "of a list: of this reason only"},
    {"state", "STATE", "of a list: waiting, open, taken, done, dropped or all; default waiting"},
    {"overdue", NULL, "of a list: only those whose due time is over"},
    {"priority", "PRIORITY", "low, normal, high or urgent; default that of the reason"},
    {"due", "TIME", "until when; default by the reason"},
    {"key", "KEY", "names the cause: the same key never opens a second task"},
    {"outcome", "CODE", "what came of it"},
    {"text", "TEXT", "the same in words"},
    {"reference", "TEXT", "where the proof lies"},
    {"limit", "N", "how many rows at most; default 50"},
    OPTION_FORMAT,
};

const struct subcommand task_subcommand = {
    .name = "task",
    .about = "things to do: list, open, take, assign, close",
    .usage = "task list | counts | show TASK | open REASON TEXT | take|assign|done|drop TASK [options]",
    .example = "patron task open call_back 'asks for a larger size' --store SH1 --member phone:13800138000\n"
               "patron task list --store SH1 --overdue\n"
               "patron task done tsk_00000000003PC --outcome reached --text 'comes on Friday'",
    .options = CLI_OPTIONS(options),
    .run = run,
};

#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/customers/commands.h"
#include "foundation/id.h"
#include "server/erased.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"limit", "N", "how many rows at most; default 50"},
    {"wallet", "CODE", "points account of a statement; default the programme's first"},
    {"yes", NULL, "erase without asking again"},
    {"accept-conflicts", NULL, "merge although names or birthdays differ"},
    {"preview", NULL, "show what merge or unmerge would do, and do nothing"},
    OPTION_FORMAT,
};

/* Runs one command and waits. */
static enum status run_command(struct cli *cli, struct command *command, struct error *err)
{
    struct command *list[] = {command};
    command->actor = TEXT("cli");
    command->arena = cli->arena;
    enum status status = engine_run(cli->opened.engine, list, 1, err);
    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        return command->status;
    }
    return status;
}

static struct command *new_command(struct cli *cli, const struct command_type *type, size_t size)
{
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    *command = (struct command){.type = type, .body = arena_alloc(cli->arena, size), .day = DAY_NONE, .bucket = -1};
    return command;
}

static void add_subject(struct command *command, int64_t member)
{
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
}

static int merge(struct cli *cli, int64_t into, int64_t from)
{
    struct error error = {0};
    char id[ID_TEXT_SIZE];
    struct command *command = new_command(cli, &merge_members_type, sizeof(struct merge_members));
    struct merge_members *body = command->body;
    body->accept_conflicts = cli_flag(cli, "accept-conflicts");
    body->load.parts[0] = body->load.parts[1] = PART_PROFILE | PART_DAYS;
    add_subject(command, into);
    add_subject(command, from);
    if (cli_flag(cli, "preview"))
        return member_preview(cli, command);
    if (run_command(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("merged into %s\n", id_format("mbr", body->into, id));
    return EXIT_DONE;
}

static int unmerge(struct cli *cli, int64_t member)
{
    struct error error = {0};
    char id[ID_TEXT_SIZE];
    struct command *command = new_command(cli, &unmerge_members_type, sizeof(struct unmerge_members));
    struct unmerge_members *body = command->body;
    body->load.parts[0] = PART_LINKS | PART_DAYS | PART_HOUSEHOLD;
    add_subject(command, member);
    if (cli_flag(cli, "preview"))
        return member_preview(cli, command);
    if (run_command(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s is on its own again\n", id_format("mbr", body->member, id));
    return EXIT_DONE;
}

static int erase(struct cli *cli, int64_t member)
{
    struct error error = {0};
    char id[ID_TEXT_SIZE];
    if (!cli_flag(cli, "yes"))
        return cli_usage(cli, "erasing %s cannot be undone: say --yes", id_format("mbr", member, id));
    struct command *command = new_command(cli, &erase_member_type, sizeof(struct erase_member));
    struct erase_member *body = command->body;
    body->load.parts[0] = PART_IDENTIFIERS | PART_HOUSEHOLD;
    add_subject(command, member);
    if (run_command(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (erased_save(cli->opened.engine, cli->opened.erased_file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s erased\n", id_format("mbr", member, id));
    return EXIT_DONE;
}

static int run_one(struct cli *cli, const char *what, int64_t member, int64_t other)
{
    static const struct {
        const char *name;
        int (*run)(struct cli *cli, int64_t member);
    } actions[] = {{"show", member_show},     {"timeline", member_timeline}, {"statement", member_statement},
                   {"export", member_export}, {"unmerge", unmerge},          {"erase", erase}};
    if (strcmp(what, "merge") == 0)
        return merge(cli, member, other);
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(what, actions[i].name) == 0)
            return actions[i].run(cli, member);
    return cli_usage(cli, "'%s' cannot be done with a member", what);
}

static int run(struct cli *cli)
{
    struct error error = {0};
    struct storage_session *session = NULL;
    int64_t member = 0, other = 0;
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    int wanted = strcmp(what, "merge") == 0 || strcmp(what, "statement") == 0 ? 3 : 2;
    if (cli->argument_count != wanted)
        return cli_usage(cli, "say what and with whom: show, timeline, export, unmerge or erase MEMBER, find TEXT, "
                              "statement MEMBER YYYY-MM, merge INTO FROM");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (strcmp(what, "find") == 0)
        return member_find(cli, cli->arguments[1]);
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_member(cli, session, cli->arguments[1], &member, &error);
    if (status == STATUS_OK && strcmp(what, "merge") == 0)
        status = cli_member(cli, session, cli->arguments[2], &other, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? run_one(cli, what, member, other) : cli_fail(cli, &error);
}

const struct subcommand member_subcommand = {
    .name = "member",
    .about = "members: show, find, timeline, statement, export, merge, unmerge, erase",
    .usage = "member show|timeline|export|unmerge|erase MEMBER | member find TEXT | member statement MEMBER YYYY-MM | "
             "member merge INTO FROM",
    .example = "patron member show phone:13800138000\npatron member find wangxm\n"
               "patron member statement external:2261 2026-10 --format csv\n"
               "patron member unmerge mbr_00000000001K8 --preview",
    .options = CLI_OPTIONS(options),
    .run = run,
};

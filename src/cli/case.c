/* case.c: fraud cases on the command line: opened, listed, shown and closed. */
#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "cli/member.h"
#include "cli/output.h"
#include "features/redemption/case_store.h"
#include "foundation/clock.h"
#include "storage/storage.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 100000 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"member", "MEMBER", "open: whom it freezes (an id, phone:..., card:...)"},
    {"wallet", "CODE", "open: one points account of the member; default all"},
    {"employee", "CODE", "open: instead of a member, what goes through an employee"},
    {"reason", "TEXT", "why it is opened, or closed so"},
    {"result", "RESULT", "close: released or confirmed"},
    {"state", "STATE", "list: open, released, confirmed or any; default open"},
    {"limit", "N", "list: how many rows at most; default 50"},
    OPTION_FORMAT,
};

/* ---- changes, in one transaction each ---- */

struct changing {
    struct cli *cli;
    struct storage_session *session;
    int64_t now;
};

static enum status changing_begin(struct changing *changing, struct cli *cli, struct error *err)
{
    *changing = (struct changing){.cli = cli, .now = clock_now(engine_clock(cli->opened.engine))};
    enum status status = storage_session_new(cli->opened.storage, false, &changing->session, err);
    return status == STATUS_OK ? storage_begin(changing->session, err) : status;
}

static enum status changing_end(struct changing *changing, const char *what, int64_t id, enum status status,
                                struct error *err)
{
    char text[ID_TEXT_SIZE];
    struct audit_entry entry = {.at = changing->now, .actor = TEXT("cli"), .what = text_from(what)};
    if (status == STATUS_OK)
        entry.after = text_from(arena_format(changing->cli->arena, "{\"id\":\"%s\"}", id_format("frc", id, text)));
    if (status == STATUS_OK)
        status = audit_write(changing->session, &entry, err);
    if (status == STATUS_OK)
        status = storage_commit(changing->session, err);
    else if (changing->session != NULL)
        storage_rollback(changing->session);
    storage_session_free(changing->session);
    return status == STATUS_OK ? engine_configuration_reload(changing->cli->opened.engine, err) : status;
}

static enum status find_member(struct cli *cli, int64_t *member, struct error *err)
{
    const char *word = cli_value(cli, "member");
    struct storage_session *session;
    enum status status = word != NULL ? engine_read_begin(cli->opened.engine, &session, err) : STATUS_OK;
    if (status != STATUS_OK || word == NULL)
        return status;
    status = cli_member(cli, session, word, member, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static int open_case(struct cli *cli)
{
    struct changing changing;
    struct error error = {0};
    struct fraud_case fraud = {.wallet = text_from(cli_value(cli, "wallet")),
                               .employee = text_from(cli_value(cli, "employee")),
                               .reason = text_from(cli_value(cli, "reason")),
                               .opened_by = TEXT("cli")};
    char text[ID_TEXT_SIZE];
    if (find_member(cli, &fraud.member, &error) != STATUS_OK || changing_begin(&changing, cli, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    fraud.opened_at = changing.now;
    enum status status = STATUS_OK;
    if (fraud.employee.size > 0)
        status = case_employee_store(changing.session, cli->arena, fraud.employee, &fraud.store, &error);
    if (status == STATUS_OK)
        status = case_open(changing.session, &fraud, &error);
    if (changing_end(&changing, "case.opened", fraud.id, status, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s\n", id_format("frc", fraud.id, text));
    return EXIT_DONE;
}

static int close_case(struct cli *cli, int64_t id)
{
    const char *result = cli_value(cli, "result");
    struct changing changing;
    struct error error = {0};
    int64_t members = 0, points = 0;
    if (result == NULL || (strcmp(result, "released") != 0 && strcmp(result, "confirmed") != 0))
        return cli_usage(cli, "--result is released or confirmed");
    if (changing_begin(&changing, cli, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct case_closing closing = {.id = id,
                                         .state = strcmp(result, "released") == 0 ? CASE_RELEASED : CASE_CONFIRMED,
                                         .outcome = text_from(cli_value(cli, "reason")),
                                         .at = changing.now,
                                         .by = TEXT("cli")};
    enum status status = case_close(changing.session, &closing, &error);
    status = changing_end(&changing, "case.closed", id, status, &error);
    if (status == STATUS_OK)
        status = cases_thaw(cli->opened.engine, &members, &points, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s; %lld points of %lld members wait no longer\n", result, (long long)points, (long long)members);
    return EXIT_DONE;
}

/* ---- list and show ---- */

static void print_case(struct cli *cli, struct output *output, const struct fraud_case *fraud)
{
    char id[ID_TEXT_SIZE], member[ID_TEXT_SIZE], opened[INSTANT_TEXT_SIZE], closed[INSTANT_TEXT_SIZE];
    const struct text fields[] = {
        text_from(id_format("frc", fraud->id, id)),
        text_from(case_states[fraud->state - CASE_OPEN]),
        text_from(fraud->member != 0 ? id_format("mbr", fraud->member, member) : ""),
        fraud->wallet,
        fraud->employee,
        fraud->store,
        text_from(instant_format(fraud->opened_at, opened)),
        fraud->opened_by,
        fraud->reason,
        text_from(fraud->closed_at != 0 ? instant_format(fraud->closed_at, closed) : ""),
        fraud->closed_by,
        fraud->outcome,
    };
    (void)cli;
    output_row(output, fields);
}

static const struct output_column columns[] = {{"id", false},        {"state", false},     {"member", false},
                                               {"wallet", false},    {"employee", false},  {"store", false},
                                               {"opened_at", false}, {"opened_by", false}, {"reason", false},
                                               {"closed_at", false}, {"closed_by", false}, {"outcome", false}};

static bool read_state(const struct cli *cli, int *out)
{
    const char *given = cli_value(cli, "state");
    *out = given == NULL ? CASE_OPEN : -1;
    if (given != NULL && strcmp(given, "any") == 0)
        *out = 0;
    for (int i = 0; given != NULL && case_states[i] != NULL; i++)
        if (strcmp(given, case_states[i]) == 0)
            *out = CASE_OPEN + i;
    return *out >= 0 || (cli_usage(cli, "--state is open, released, confirmed or any"), false);
}

static int list(struct cli *cli)
{
    struct case_page page = {0};
    struct storage_session *session;
    struct fraud_case *cases = NULL;
    struct output output;
    struct error error = {0};
    int64_t limit = LIST_LIMIT;
    size_t count = 0;
    if (!cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &limit) || !read_state(cli, &page.state) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    page.limit = (size_t)limit;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = case_list(session, cli->arena, &page, &cases, &count, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++)
        print_case(cli, &output, &cases[i]);
    output_end(&output);
    return EXIT_DONE;
}

static int show(struct cli *cli, int64_t id)
{
    struct storage_session *session;
    struct fraud_case fraud;
    struct output output;
    struct error error = {0};
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = case_read(session, cli->arena, id, &fraud, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    print_case(cli, &output, &fraud);
    output_object_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool alone = cli->argument_count == 1, named = cli->argument_count == 2;
    struct error error = {0};
    int64_t id = 0;
    if (!(alone && (strcmp(what, "open") == 0 || strcmp(what, "list") == 0)) &&
        !(named && (strcmp(what, "show") == 0 || strcmp(what, "close") == 0)))
        return cli_usage(cli, "say open, list, show CASE or close CASE");
    if (named && !id_parse("frc", text_from(cli->arguments[1]), &id))
        return cli_usage(cli, "'%s' is not the id of a case, such as frc_00000000003PC", cli->arguments[1]);
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (named)
        return strcmp(what, "show") == 0 ? show(cli, id) : close_case(cli, id);
    return strcmp(what, "list") == 0 ? list(cli) : open_case(cli);
}

const struct subcommand case_subcommand = {
    .name = "case",
    .about = "fraud cases: what they freeze while somebody looks into it",
    .usage = "case open --member MEMBER|--employee CODE --reason TEXT | case list | case show|close CASE",
    .example = "patron case open --member phone:13800138000 --reason '40 receipts in an hour'\n"
               "patron case close frc_00000000003PC --result released --reason 'a wedding'",
    .options = CLI_OPTIONS(options),
    .run = run,
};

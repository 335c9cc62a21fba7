#include <stdio.h>
#include <string.h>

#include "api/user.h"
#include "cli/output.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"roles", "A,B", "administrator, marketer, desk, agent, analyst, finance; default administrator"},
    {"display-name", "NAME", "how the user is shown"},
    {"places", "A,B", "what part of the company is seen: these places and all below; default: the whole"},
    {"home-members", NULL, "with places: only members who were there"},
    {"password-stdin", NULL, "read the password from standard input; default: a random one is printed"},
    OPTION_FORMAT,
};

static struct text actor(void)
{
    return TEXT("cli");
}

/* The password to set: from standard input, or a random one, which is printed at the end. */
static enum status get_password(struct cli *cli, char random[PASSWORD_TEXT_SIZE], struct text *password,
                                struct error *err)
{
    random[0] = '\0';
    if (!cli_flag(cli, "password-stdin")) {
        password_make(random);
        *password = text_from(random);
        return STATUS_OK;
    }
    char line[USER_PASSWORD_MAX + 2];
    if (fgets(line, sizeof line, stdin) == NULL)
        return error_set(err, STATUS_INVALID, "user.password", "password", "there is no password on standard input");
    line[strcspn(line, "\r\n")] = '\0';
    *password = text_from(arena_string(cli->arena, line, strlen(line)));
    return STATUS_OK;
}

static bool read_roles(const char *list, uint32_t *roles)
{
    *roles = 0;
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        enum role role;
        if (!role_find((struct text){list, size}, &role))
            return false;
        *roles |= UINT32_C(1) << role;
        list += size + (list[size] == ',');
    }
    return *roles != 0;
}

static int add(struct cli *cli)
{
    struct error error = {0};
    char random[PASSWORD_TEXT_SIZE];
    struct text password;
    int64_t id = 0;
    const char *roles = cli_value(cli, "roles");
    const char *shown = cli_value(cli, "display-name");
    struct user user = {.name = text_from(cli->arguments[1]),
                        .display_name = text_from(shown != NULL ? shown : cli->arguments[1]),
                        .places = text_from(cli_value(cli, "places")),
                        .home_members = cli_flag(cli, "home-members")};
    if (!read_roles(roles != NULL ? roles : "administrator", &user.roles))
        return cli_usage(cli, "'%s' is not a list of roles", roles);
    if (get_password(cli, random, &password, &error) != STATUS_OK || cli_open(cli, true, &error) != STATUS_OK ||
        user_add(cli->opened.engine, actor(), &user, password, &id, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("user %s added%s%s\n", cli->arguments[1], random[0] != '\0' ? ", password " : "", random);
    return EXIT_DONE;
}

static int change_password(struct cli *cli)
{
    struct error error = {0};
    char random[PASSWORD_TEXT_SIZE];
    struct text password;
    if (get_password(cli, random, &password, &error) != STATUS_OK || cli_open(cli, false, &error) != STATUS_OK ||
        user_set_password(cli->opened.engine, actor(), text_from(cli->arguments[1]), password, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("user %s has a new password%s%s\n", cli->arguments[1], random[0] != '\0' ? ": " : "", random);
    return EXIT_DONE;
}

static int disable(struct cli *cli, bool disabled)
{
    struct error error = {0};
    if (cli_open(cli, false, &error) != STATUS_OK ||
        user_set_disabled(cli->opened.engine, actor(), text_from(cli->arguments[1]), disabled, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("user %s %s\n", cli->arguments[1], disabled ? "disabled" : "enabled");
    return EXIT_DONE;
}

static int limit(struct cli *cli)
{
    struct error error = {0};
    if (cli_open(cli, false, &error) != STATUS_OK ||
        user_set_places(cli->opened.engine, actor(), text_from(cli->arguments[1]), text_from(cli_value(cli, "places")),
                        cli_flag(cli, "home-members"), &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("user %s sees %s\n", cli->arguments[1],
           cli_value(cli, "places") != NULL ? cli_value(cli, "places") : "the whole company");
    return EXIT_DONE;
}

static struct text role_list(struct cli *cli, uint32_t roles)
{
    struct builder out = {.arena = cli->arena};
    for (int i = 0; i < ROLE_COUNT; i++)
        if ((roles & UINT32_C(1) << i) != 0)
            builder_format(&out, "%s%s", out.size > 0 ? "," : "", role_names[i]);
    return builder_done(&out);
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"name", false},   {"display_name", false}, {"roles", false},
                                                   {"places", false}, {"state", false},        {"created_at", false}};
    struct error error = {0};
    struct output output;
    struct user *users = NULL;
    size_t count = 0;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (cli_open(cli, false, &error) != STATUS_OK ||
        user_list(cli->opened.engine, cli->arena, &users, &count, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        char created[INSTANT_TEXT_SIZE];
        struct text fields[] = {users[i].name,
                                users[i].display_name,
                                role_list(cli, users[i].roles),
                                users[i].places,
                                users[i].disabled ? TEXT("disabled") : TEXT("active"),
                                text_from(instant_format(users[i].created_at, created))};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    if (strcmp(what, "list") == 0 && cli->argument_count == 1)
        return list(cli);
    if (cli->argument_count != 2)
        return cli_usage(cli, "say list, or add, passwd, disable or enable and a name");
    if (strcmp(what, "add") == 0)
        return add(cli);
    if (strcmp(what, "passwd") == 0)
        return change_password(cli);
    if (strcmp(what, "disable") == 0 || strcmp(what, "enable") == 0)
        return disable(cli, what[0] == 'd');
    if (strcmp(what, "limit") == 0)
        return limit(cli);
    return cli_usage(cli, "'%s' is not add, list, limit, passwd, disable or enable", what);
}

const struct subcommand user_subcommand = {
    .name = "user",
    .about = "users: add, list, passwd, limit to places, disable, enable",
    .usage = "user list | user add|passwd|limit|disable|enable NAME [options]",
    .example = "patron user add anna --roles desk,agent\nprintf 'a long password\\n' | patron user passwd anna "
               "--password-stdin",
    .options = CLI_OPTIONS(options),
    .run = run,
};

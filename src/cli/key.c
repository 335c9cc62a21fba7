#include <stdio.h>
#include <string.h>

#include "api/user.h"
#include "cli/output.h"
#include "foundation/id.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"scopes", "A,B", "permissions such as events.write,members.read; default: all"},
    {"places", "A,B", "what part of the company is seen: these places and all below; default: the whole"},
    {"home-members", NULL, "with places: only members who were there"},
    {"rate", "N", "requests a second; default: no limit"},
    {"format", "FORMAT", "table, json or csv; default table; of add, table is the token alone"},
};

static bool read_scopes(const char *list, uint64_t *scopes)
{
    *scopes = 0;
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        enum permission permission;
        if (!permission_find((struct text){list, size}, &permission))
            return false;
        *scopes |= UINT64_C(1) << permission;
        list += size + (list[size] == ',');
    }
    return *scopes != 0;
}

static uint64_t all_scopes(void)
{
    uint64_t scopes = 0;
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++)
        scopes |= UINT64_C(1) << i;
    return scopes;
}

static struct text scope_list(struct cli *cli, uint64_t scopes)
{
    struct builder out = {.arena = cli->arena};
    if ((scopes & all_scopes()) == all_scopes())
        return TEXT("all");
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++)
        if ((scopes & UINT64_C(1) << i) != 0)
            builder_format(&out, "%s%s", out.size > 0 ? "," : "", permission_name((enum permission)i));
    return builder_done(&out);
}

static int add(struct cli *cli)
{
    struct error error = {0};
    char token[TOKEN_TEXT_SIZE];
    int64_t id = 0;
    struct api_key key = {.name = text_from(cli->arguments[1]),
                          .scopes = all_scopes(),
                          .places = text_from(cli_value(cli, "places")),
                          .home_members = cli_flag(cli, "home-members")};
    static const struct output_column columns[] = {{"token", false}, {"id", false}, {"scopes", false}};
    struct output output;
    const char *scopes = cli_value(cli, "scopes");
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (scopes != NULL && !read_scopes(scopes, &key.scopes))
        return cli_usage(cli, "'%s' is not a list of permissions", scopes);
    if (!cli_integer(cli, "rate", 0, 1000000, &key.rate_per_second))
        return EXIT_USAGE;
    if (cli_open(cli, true, &error) != STATUS_OK ||
        key_add(cli->opened.engine, TEXT("cli"), &key, token, &id, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (output.format == OUTPUT_TABLE) { /* the token alone, so that a script can take it */
        printf("%s\n", token);
        return EXIT_DONE;
    }
    char text[ID_TEXT_SIZE];
    const struct text fields[] = {text_from(token), text_from(id_format("key", id, text)), scope_list(cli, key.scopes)};
    output_row(&output, fields);
    output_object_end(&output);
    return EXIT_DONE;
}

static int revoke(struct cli *cli)
{
    struct error error = {0};
    int64_t id = 0;
    if (!id_parse("key", text_from(cli->arguments[1]), &id))
        return cli_usage(cli, "'%s' is not the id of a key (key_...)", cli->arguments[1]);
    if (cli_open(cli, false, &error) != STATUS_OK ||
        key_revoke(cli->opened.engine, TEXT("cli"), id, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("key %s revoked\n", cli->arguments[1]);
    return EXIT_DONE;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", false},           {"name", false}, {"scopes", false},
                                                   {"places", false},       {"rate", true},  {"created_at", false},
                                                   {"last_used_at", false}, {"state", false}};
    struct error error = {0};
    struct output output;
    struct api_key *keys = NULL;
    size_t count = 0;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (cli_open(cli, false, &error) != STATUS_OK ||
        key_list(cli->opened.engine, cli->arena, &keys, &count, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < count; i++) {
        char created[INSTANT_TEXT_SIZE], used[INSTANT_TEXT_SIZE], id[ID_TEXT_SIZE];
        struct text fields[] = {text_from(id_format("key", keys[i].id, id)),
                                keys[i].name,
                                scope_list(cli, keys[i].scopes),
                                keys[i].places,
                                text_from(arena_format(cli->arena, "%lld", (long long)keys[i].rate_per_second)),
                                text_from(instant_format(keys[i].created_at, created)),
                                keys[i].last_used_at != 0 ? text_from(instant_format(keys[i].last_used_at, used))
                                                          : TEXT(""),
                                keys[i].revoked_at != 0 ? TEXT("revoked") : TEXT("active")};
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
    if (strcmp(what, "add") == 0 && cli->argument_count == 2)
        return add(cli);
    if (strcmp(what, "revoke") == 0 && cli->argument_count == 2)
        return revoke(cli);
    return cli_usage(cli, "say list, add NAME, or revoke ID");
}

const struct subcommand key_subcommand = {
    .name = "key",
    .about = "API keys: add, list, revoke",
    .usage = "key list | key add NAME [options] | key revoke ID",
    .example = "patron key add till-7 --scopes events.write,members.read --rate 50",
    .options = CLI_OPTIONS(options),
    .run = run,
};

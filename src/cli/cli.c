#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze_live.h"
#include "cli/subcommand.h"
#include "foundation/secret.h"
#include "server/checkpoint.h"
#include "server/reactions.h"

enum { HELP_ARENA_SIZE = 1024 * 1024, HELP_COLUMN = 26, CHILD_COLUMN = 22 };
enum { OPTION_HELP = 1000, OPTION_FIRST = 1001 };

/* A limit, not a reservation: what the analysis of the largest file may take (DATA_CELLS_MAX numbers, and work on them). */
static const size_t CLI_ARENA_SIZE = (size_t)16 << 30;

const struct subcommand *const subcommands[] = {
#define SUBCOMMAND(name) &name##_subcommand,
#include "cli/subcommands.def"
#undef SUBCOMMAND
    NULL,
};

/* Other names of options, where a subcommand has no option of that name. */
static const struct {
    const char *other, *name;
} aliases[] = {{"id", "customer"}, {"customer", "id"}};

enum { ALIASES = sizeof aliases / sizeof aliases[0] };

/* ---- options ---- */

const char *cli_value_at(const struct cli *cli, const char *name, size_t n)
{
    for (size_t i = 0; i < cli->given_count; i++)
        if (strcmp(cli->given[i].option->name, name) == 0 && n-- == 0)
            return cli->given[i].value;
    return NULL;
}

const char *cli_value(const struct cli *cli, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < cli->given_count; i++)
        if (strcmp(cli->given[i].option->name, name) == 0)
            value = cli->given[i].value;
    return value;
}

bool cli_flag(const struct cli *cli, const char *name)
{
    for (size_t i = 0; i < cli->given_count; i++)
        if (strcmp(cli->given[i].option->name, name) == 0)
            return true;
    return false;
}

bool cli_integer(const struct cli *cli, const char *name, int64_t minimum, int64_t maximum, int64_t *out)
{
    const char *value = cli_value(cli, name);
    int64_t number = 0;
    if (value == NULL)
        return true;
    if (!text_to_integer(text_from(value), &number) || number < minimum || number > maximum) {
        cli_usage(cli, "--%s is a number from %lld to %lld", name, (long long)minimum, (long long)maximum);
        return false;
    }
    *out = number;
    return true;
}

/* ---- ends ---- */

int cli_fail(const struct cli *cli, const struct error *err)
{
    fprintf(stderr, "patron %s: %s [%s]\n", cli->subcommand->name, err->message, err->code);
    return EXIT_FAILED;
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "patron %s: ", cli->subcommand->name);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry 'patron %s --help'.\n", cli->subcommand->name);
    return EXIT_USAGE;
}

/* What reads and writes the whole base, and is gone soon, may hold more of it than a server. */
#define BULK_CACHE_BYTES (INT64_C(256) * 1048576)

enum status cli_open(struct cli *cli, bool create, struct error *err)
{
    struct server_engine_options options = {.database = cli_value(cli, "database"),
                                            .key_file = cli_value(cli, "key-file"),
                                            .event_archive = cli_value(cli, "event-archive"),
                                            .create = create,
                                            .lanes = cli->subcommand->bulk ? 0 : 1,
                                            .cache_bytes = cli->subcommand->bulk ? BULK_CACHE_BYTES : 0};
    enum status status = server_engine_open(&options, &cli->opened, err);
    cli->engine_open = status == STATUS_OK;
    /* So that an import, too, does not copy the whole log by itself. */
    return status == STATUS_OK ? checkpoint_start(cli->opened.storage, &cli->checkpoint, err) : status;
}

int cli_act(struct cli *cli, const struct cli_action *actions, const char *say)
{
    const char *said = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};

    for (const struct cli_action *action = actions; action->name != NULL; action++) {
        if (strcmp(said, action->name) != 0 || cli->argument_count != action->arguments)
            continue;
        return cli_open(cli, false, &error) == STATUS_OK ? action->run(cli) : cli_fail(cli, &error);
    }
    return cli_usage(cli, "%s", say);
}

/* ---- help ---- */

static bool has_option(const struct subcommand *subcommand, const char *name)
{
    for (size_t i = 0; i < subcommand->option_count; i++)
        if (strcmp(subcommand->options[i].name, name) == 0)
            return true;
    return false;
}

static const char *other_name(const struct subcommand *subcommand, const char *name)
{
    for (size_t i = 0; i < ALIASES; i++)
        if (strcmp(aliases[i].name, name) == 0 && !has_option(subcommand, aliases[i].other))
            return aliases[i].other;
    return NULL;
}

static void print_options(const struct subcommand *subcommand)
{
    printf("Options:\n");
    for (size_t i = 0; i < subcommand->option_count; i++) {
        const struct cli_option *option = &subcommand->options[i];
        const char *other = other_name(subcommand, option->name);
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", option->name, option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "");
        printf("  %-*s %s%s%s\n", HELP_COLUMN, left, option->about, other != NULL ? "; also --" : "",
               other != NULL ? other : "");
    }
    printf("  %-*s %s\n", HELP_COLUMN, "--help", "show this help");
}

static void print_children(const struct subcommand *subcommand)
{
    for (const struct subcommand *const *child = subcommand->children; *child != NULL; child++)
        printf("  patron %-*s %s\n", CHILD_COLUMN, (*child)->name, (*child)->about);
    printf("\n'patron %s %s --help' tells its options.\n", subcommand->name, "NAME");
}

void cli_print_help(const struct subcommand *subcommand)
{
    printf("patron %s: %s\n\nUsage: patron %s\n\n", subcommand->name, subcommand->about, subcommand->usage);
    if (subcommand->children != NULL)
        print_children(subcommand);
    else
        print_options(subcommand);
    if (subcommand->more_help != NULL) {
        struct arena *arena = arena_new(HELP_ARENA_SIZE);
        struct builder out = {.arena = arena};
        subcommand->more_help(&out);
        printf("\n%.*s", (int)out.size, out.bytes);
        arena_free(arena);
    }
    printf("\nExample:\n");
    const char *line = subcommand->example;
    while (*line != '\0') {
        size_t size = strcspn(line, "\n");
        printf("  %.*s\n", (int)size, line);
        line += size + (line[size] == '\n');
    }
}

static void print_overview(FILE *out)
{
    fprintf(out,
            "Patron %s: know your customers, keep your promises to them, reward them and keep them.\n\n"
            "Usage: patron SUBCOMMAND [options]\n\nSubcommands:\n",
            PATRON_VERSION);
    for (size_t i = 0; subcommands[i] != NULL; i++)
        fprintf(out, "  %-12s %s\n", subcommands[i]->name, subcommands[i]->about);
    fprintf(out, "\n'patron SUBCOMMAND --help' tells all options. Exit status: 0 done, 1 failed, 2 not understood.\n");
}

/* ---- running ---- */

/* Whether an argument that begins with a minus is a text such as "-1" or "-x + 2" and no option. */
static bool is_text(const char *argument)
{
    if (argument[0] != '-' || argument[1] == '\0' || strcmp(argument, "-h") == 0)
        return false;
    return argument[1] != '-' || (argument[2] != '\0' && strspn(argument + 2, "abcdefghijklmnopqrstuvwxyz") == 0);
}

/* Reads the options by the subcommand's table. -1: go on; otherwise the exit status. */
static int read_options(struct cli *cli, int argc, char **argv)
{
    struct option list[CLI_OPTIONS_MAX + ALIASES + 2] = {{"help", no_argument, NULL, OPTION_HELP}};
    size_t others = cli->subcommand->option_count + 1;
    for (size_t i = 0; i < cli->subcommand->option_count; i++) {
        const char *other = other_name(cli->subcommand, cli->subcommand->options[i].name);
        list[i + 1] = (struct option){cli->subcommand->options[i].name,
                                      cli->subcommand->options[i].argument != NULL ? required_argument : no_argument,
                                      NULL, OPTION_FIRST + (int)i};
        if (other != NULL) {
            list[others] = list[i + 1];
            list[others++].name = other;
        }
    }
    /* Out of getopt's way, and back before the other arguments below. */
    char *text = cli->subcommand->text_first && argc > 1 && is_text(argv[1]) ? argv[1] : NULL;
    argc -= text != NULL;
    argv += text != NULL;
    optind = 1;
    opterr = 0;
    for (;;) {
        int found = getopt_long(argc, argv, ":h", list, NULL);
        if (found == -1)
            break;
        if (found == OPTION_HELP || found == 'h') {
            cli_print_help(cli->subcommand);
            return EXIT_DONE;
        }
        if (found == ':')
            return cli_usage(cli, "%s needs a value", argv[optind - 1]);
        if (found == '?')
            return cli_usage(cli, "%s is not an option", argv[optind - 1]);
        if (cli->given_count == CLI_GIVEN_MAX)
            return cli_usage(cli, "there are more than %d options", CLI_GIVEN_MAX);
        cli->given[cli->given_count].option = &cli->subcommand->options[found - OPTION_FIRST];
        cli->given[cli->given_count++].value = optarg;
    }
    cli->arguments = argv + optind;
    cli->argument_count = argc - optind;
    if (text != NULL) {
        cli->arguments[-1] = text;
        cli->arguments--;
        cli->argument_count++;
    }
    return -1;
}

static size_t arena_size(const struct subcommand *subcommand)
{
    static const char analysis[] = "analyze ";
    bool limited = analyze_memory() > 0 && strncmp(subcommand->name, analysis, sizeof analysis - 1) == 0;

    return limited ? analyze_memory() : CLI_ARENA_SIZE;
}

/* What it wrote is followed here: maybe no server runs on the database. */
static int follow_up(struct cli *cli, int result)
{
    struct engine_figures figures;
    struct error error = {0};

    engine_figures(cli->opened.engine, &figures);
    if (figures.commands == 0 || reactions_catch_up(cli->opened.engine, &error) == STATUS_OK)
        return result;
    return cli_fail(cli, &error);
}

static int run_subcommand(const struct subcommand *subcommand, int argc, char **argv)
{
    struct cli *cli = calloc(1, sizeof *cli);
    struct error error = {0};
    if (cli == NULL)
        return EXIT_FAILED;
    cli->subcommand = subcommand;
    cli->arena = arena_new(arena_size(subcommand));
    int result = read_options(cli, argc, argv);
    analyze_live_defaults(cli);
    if (result < 0)
        result = secret_start(&error) == STATUS_OK ? subcommand->run(cli) : cli_fail(cli, &error);
    if (cli->engine_open)
        result = follow_up(cli, result);
    checkpoint_stop(cli->checkpoint);
    if (cli->engine_open)
        server_engine_close(&cli->opened);
    if (fflush(stdout) != 0 && result == EXIT_DONE) {
        fprintf(stderr, "patron %s: the output cannot be written: %s\n", subcommand->name, strerror(errno));
        result = EXIT_FAILED;
    }
    arena_free(cli->arena);
    free(cli);
    return result;
}

/* "analyze clv FILE": the second word names a child, whose name holds both. */
static int run_child(const struct subcommand *parent, int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        cli_print_help(parent);
        return EXIT_DONE;
    }
    for (const struct subcommand *const *child = parent->children; *child != NULL; child++)
        if (strcmp((*child)->name + strlen(parent->name) + 1, word) == 0)
            return run_subcommand(*child, argc - 1, argv + 1);
    if (*word != '\0')
        fprintf(stderr, "patron %s: there is no '%s'\n", parent->name, word);
    fprintf(stderr, "Usage: patron %s\nTry 'patron %s --help'.\n", parent->usage, parent->name);
    return EXIT_USAGE;
}

int cli_main(int argc, char **argv)
{
    /* Widths of Chinese letters in tables; numbers stay as in C. */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "");
    if (argc < 2) {
        print_overview(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("patron %s\n", PATRON_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_overview(stdout);
        return EXIT_DONE;
    }
    for (size_t i = 0; subcommands[i] != NULL; i++)
        if (strcmp(subcommands[i]->name, argv[1]) == 0)
            return subcommands[i]->children != NULL ? run_child(subcommands[i], argc - 1, argv + 1)
                                                    : run_subcommand(subcommands[i], argc - 1, argv + 1);
    if (argv[1][0] == '-')
        fprintf(stderr, "patron: '%s' is no subcommand: options follow it, as in 'patron serve --port 80'\n\n",
                argv[1]);
    else
        fprintf(stderr, "patron: there is no subcommand '%s'\n\n", argv[1]);
    print_overview(stderr);
    return EXIT_USAGE;
}

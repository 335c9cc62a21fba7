/* subcommand.h: a subcommand as data, its options as they were given, and what subcommands share. */
#ifndef PATRON_CLI_SUBCOMMAND_H
#define PATRON_CLI_SUBCOMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/progress.h"
#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"
#include "server/server.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, CLI_OPTIONS_MAX = 48, CLI_GIVEN_MAX = 256 };

struct cli_option {
    const char *name;     /* "dry-run" */
    const char *argument; /* "FILE"; NULL: none */
    const char *about;
};

struct subcommand;
struct live_source; /* cli/analyze_live.h */

/* A call of a subcommand. */
struct cli {
    const struct subcommand *subcommand;
    struct arena *arena;
    char **arguments; /* positional ones */
    int argument_count;
    struct {
        const struct cli_option *option;
        const char *value;
    } given[CLI_GIVEN_MAX];
    size_t given_count;
    struct server_engine opened; /* by cli_open */
    bool engine_open;
    struct checkpoint *checkpoint; /* beside it, on SQLite */
};

struct subcommand {
    const char *name;
    const char *about;   /* one line */
    const char *usage;   /* "import purchases|members|items|reasons FILE [options]" */
    const char *example; /* one or more whole lines */
    const struct cli_option *options;
    size_t option_count;
    int (*run)(struct cli *cli);
    bool text_first;                          /* the first argument is an expression, which may begin with a minus */
    bool bulk;                                /* writes much: the engine starts with all its lanes */
    const struct live_source *live;           /* an analysis that runs on a database too; NULL: it does not */
    void (*more_help)(struct builder *out);   /* below the options; may be NULL */
    const struct subcommand *const *children; /* "analyze clv": NULL at the end; instead of options and run */
};

#define CLI_OPTIONS(table) (table), sizeof(table) / sizeof((table)[0])

/* Options that several subcommands have. */
#define OPTION_DATABASE                                                                              \
    {                                                                                                \
        "database", "DATABASE", "file, or postgresql://...; default $PATRON_DATABASE or ./patron.db" \
    }
#define OPTION_KEY_FILE                                                                                    \
    {                                                                                                      \
        "key-file", "FILE", "key of the seals; default $PATRON_KEY_FILE or patron.key beside the database" \
    }
#define OPTION_FORMAT                                           \
    {                                                           \
        "format", "FORMAT", "table, json or csv; default table" \
    }

#define SUBCOMMAND(name) extern const struct subcommand name##_subcommand;
#include "cli/subcommands.def"
#undef SUBCOMMAND

extern const struct subcommand *const subcommands[]; /* NULL at the end */

/* What the first argument of a subcommand says, and how many there are with it. */
struct cli_action {
    const char *name;
    int arguments;
    int (*run)(struct cli *cli);
};
/* Opens the database and does what is said; `actions` end with one without a name. `say`: the hint when it is none of them. */
int cli_act(struct cli *cli, const struct cli_action *actions, const char *say);

/* ---- options ---- */

bool cli_flag(const struct cli *cli, const char *name);
const char *cli_value(const struct cli *cli, const char *name); /* the last one given; NULL: not given */
/* The n-th value of an option that may be repeated; NULL past the end. */
const char *cli_value_at(const struct cli *cli, const char *name, size_t n);
/* An integer option; false and a message when it is none or out of range. */
bool cli_integer(const struct cli *cli, const char *name, int64_t minimum, int64_t maximum, int64_t *out);

/* ---- ends ---- */

/* Prints the error on standard error and returns EXIT_FAILED. */
int cli_fail(const struct cli *cli, const struct error *err);
/* Prints a sentence on standard error and returns EXIT_USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- the engine ---- */

/* Opens the engine on --database; closed by the framework after the run. `create` makes a new database. */
enum status cli_open(struct cli *cli, bool create, struct error *err);

void cli_print_help(const struct subcommand *subcommand);

#endif

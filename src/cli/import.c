#include <stdio.h>
#include <string.h>

#include "cli/import_control.h"
#include "cli/output.h"
#include "cli/programme.h"
#include "features/exchange/import_store.h"
#include "features/exchange/table.h"

enum { PROBLEMS_SHOWN = 10 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"map", "FIELD=COLUMN", "which column gives a field, by name or number (may be repeated)"},
    {"set", "FIELD=VALUE", "a value for every row, where the column is empty or missing (may be repeated)"},
    {"mapping", "NAME", "use a saved mapping; other options add to it"},
    {"save-mapping", "NAME", "save the mapping under this name"},
    {"format", "FORMAT", "csv, blank (columns aligned with blanks) or jsonl; default: found out"},
    {"columns", "A,B,C", "names of the columns, when the header does not say"},
    {"header", "yes|no|auto", "whether the first row names the columns; default auto"},
    {"delimiter", "CHARACTER", "of CSV, or 'tab'; default: found out"},
    {"encoding", "NAME", "such as UTF-8, GB18030, Big5; default: found out"},
    {"date-format", "FORMAT", "letters d m y H M S and separators, such as d/m/y; default: unambiguous forms"},
    {"decimal-comma", NULL, "12,90 means twelve ninety"},
    {"zone", "ZONE", "time zone of the file's times; default: the programme's"},
    {"currency", "CODE", "currency of the amounts; default: the programme's"},
    {"group", "receipt|none|auto", "rows with one receipt are one purchase; default: when a receipt is mapped"},
    {"register", NULL, "purchases, balances ... of unknown members register them"},
    {"programme", "FILE", "publish this programme first, when the database has none"},
    {"dry-run", NULL, "write nothing; tell the counts and the first problems"},
    {"strict", NULL, "import nothing when a row would be refused"},
    {"expired", NULL, "of balances: points that are over come in, and expire at once; default: they are refused"},
    {"migration", "NAME", "of what is taken over: the name of the migration; default main"},
    {"source", "NAME", "of what is taken over: the name of the file in it; default: that of FILE"},
    {"theirs", "FILE", "of control: what the system before says; CSV of measure, wallet, store, month, value"},
    {"errors", "FILE", "CSV of what is refused: line, column, code, reason"},
    {"output", "FORMAT", "of the summary: table, json or csv; default table"},
    {"quiet", NULL, "no progress, no list of problems"},
};

struct importing {
    struct cli *cli;
    struct table *errors;
    struct error write_error;
    int64_t shown;
    bool progress, quiet;
};

static bool show_progress(void *context, int64_t position, int64_t size, const struct import_counts *counts)
{
    const struct importing *importing = context;
    if (importing->progress)
        cli_progress(position, size, counts->rows, "rows");
    return importing->write_error.code[0] == '\0';
}

static void show_problem(void *context, const struct import_problem *problem)
{
    struct importing *importing = context;
    if (importing->errors != NULL && importing->write_error.code[0] == '\0') {
        char line[24];
        snprintf(line, sizeof line, "%lld", (long long)problem->line);
        struct text fields[] = {text_from(line), text_from(problem->column), text_from(problem->code),
                                text_from(problem->reason)};
        table_row(importing->errors, fields, &importing->write_error);
    }
    if (importing->quiet || importing->shown++ >= PROBLEMS_SHOWN)
        return;
    if (importing->progress)
        cli_progress(-1, 0, 0, "");
    fprintf(stderr, "line %lld%s%s: %s [%s]\n", (long long)problem->line, problem->column[0] != '\0' ? ", " : "",
            problem->column, problem->reason, problem->code);
}

/* ---- the mapping ---- */

static enum status load_mapping(struct cli *cli, enum import_kind kind, struct mapping *mapping, struct error *err)
{
    const char *name = cli_value(cli, "mapping");
    struct storage_session *session = NULL;
    struct saved_mapping saved;
    mapping_start(mapping, kind);
    if (name == NULL)
        return STATUS_OK;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = mapping_find(session, cli->arena, text_from(name), &saved, err);
    engine_read_end(cli->opened.engine, session);
    if (status == STATUS_OK)
        status = mapping_read(cli->arena, saved.document, mapping, err);
    if (status == STATUS_OK && mapping->kind != kind)
        return error_set(err, STATUS_INVALID, "mapping.kind", "mapping", "the mapping '%s' is for %s", name,
                         import_kind_name(mapping->kind));
    return status;
}

static enum status add_options(const struct cli *cli, struct mapping *mapping, struct error *err)
{
    static const char *const groups[] = {"auto", "none", "receipt"};
    const struct {
        const char *option;
        struct text *value;
    } texts[] = {{"zone", &mapping->zone},           {"date-format", &mapping->date_format},
                 {"format", &mapping->format},       {"encoding", &mapping->encoding},
                 {"delimiter", &mapping->delimiter}, {"header", &mapping->header},
                 {"columns", &mapping->column_names}};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (cli_value(cli, texts[i].option) != NULL)
            *texts[i].value = text_from(cli_value(cli, texts[i].option));
    mapping->decimal_comma |= cli_flag(cli, "decimal-comma");
    const char *group = cli_value(cli, "group");
    bool known = group == NULL;
    for (size_t i = 0; group != NULL && i < sizeof groups / sizeof groups[0]; i++)
        if (strcmp(group, groups[i]) == 0) {
            mapping->group = (enum import_group)i;
            known = true;
        }
    if (!known)
        return error_set(err, STATUS_INVALID, "import.group", "group", "the group is receipt, none or auto");
    for (size_t i = 0; status == STATUS_OK && cli_value_at(cli, "map", i) != NULL; i++)
        status = mapping_set_column(mapping, cli->arena, text_from(cli_value_at(cli, "map", i)), err);
    for (size_t i = 0; status == STATUS_OK && cli_value_at(cli, "set", i) != NULL; i++)
        status = mapping_set_constant(mapping, cli->arena, text_from(cli_value_at(cli, "set", i)), err);
    if (status == STATUS_OK && cli_value(cli, "currency") != NULL)
        mapping->constants[IMPORT_CURRENCY] = text_from(cli_value(cli, "currency"));
    return status;
}

static enum status save_mapping(const struct cli *cli, const struct mapping *mapping, struct error *err)
{
    const char *name = cli_value(cli, "save-mapping");
    struct storage_session *session = NULL;
    if (name == NULL)
        return STATUS_OK;
    if (name[0] == '\0' || strlen(name) > MAPPING_NAME_MAX)
        return error_set(err, STATUS_INVALID, "mapping.name", "save-mapping", "a name has 1 to %d bytes",
                         MAPPING_NAME_MAX);
    struct saved_mapping saved = {.name = text_from(name),
                                  .kind = text_from(import_kind_name(mapping->kind)),
                                  .document = mapping_write(mapping, cli->arena)};
    enum status status = storage_session_new(cli->opened.storage, false, &session, err);
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = mapping_save(session, &saved, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK && session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    return status;
}

/* ---- the run ---- */

static void print_counts(struct cli *cli, const struct import_counts *counts)
{
    static const struct output_column columns[] = {{"rows", true},    {"imported", true},   {"known", true},
                                                   {"refused", true}, {"registered", true}, {"rounded", true}};
    const int64_t values[] = {counts->rows,    counts->imported,   counts->known,
                              counts->refused, counts->registered, counts->rounded};
    struct text fields[6];
    struct output output = {.arena = cli->arena, .columns = columns, .column_count = 6};
    const char *format = cli_value(cli, "output");
    if (format != NULL && strcmp(format, "json") == 0)
        output.format = OUTPUT_JSON;
    else if (format != NULL && strcmp(format, "csv") == 0)
        output.format = OUTPUT_CSV;
    for (size_t i = 0; i < 6; i++)
        fields[i] = text_from(arena_format(cli->arena, "%lld", (long long)values[i]));
    output_row(&output, fields);
    output_object_end(&output);
}

/* The name of the file without its folders. */
static struct text source_of(const struct cli *cli)
{
    const char *given = cli_value(cli, "source"), *path = cli->arguments[1], *slash = strrchr(path, '/');
    return text_from(given != NULL ? given : slash != NULL ? slash + 1 : path);
}

static enum status check_names(const struct cli *cli, struct error *err)
{
    if (source_of(cli).size > MIGRATION_SOURCE_MAX)
        return error_set(err, STATUS_INVALID, "migration.name", "source", "the name of a file has at most %d bytes",
                         MIGRATION_SOURCE_MAX);
    const char *migration = cli_value(cli, "migration");
    return migration != NULL ? migration_name_check(text_from(migration), err) : STATUS_OK;
}

static enum status import_file(struct cli *cli, struct importing *importing, struct mapping *mapping,
                               struct import_counts *counts, struct error *err)
{
    struct import_options import = {.path = cli->arguments[1],
                                    .mapping = mapping,
                                    .register_unknown = cli_flag(cli, "register"),
                                    .dry_run = cli_flag(cli, "dry-run"),
                                    .strict = cli_flag(cli, "strict"),
                                    .expired = cli_flag(cli, "expired"),
                                    .migration = text_from(cli_value(cli, "migration")),
                                    .source = source_of(cli),
                                    .progress = show_progress,
                                    .problem = show_problem,
                                    .context = importing};
    static const struct table_column columns[] = {
        {"line", true}, {"column", false}, {"code", false}, {"reason", false}};
    enum status status = check_names(cli, err);
    if (status == STATUS_OK && cli_value(cli, "errors") != NULL) {
        struct table_options table = {.path = cli_value(cli, "errors")};
        status = table_open(&table, columns, sizeof columns / sizeof columns[0], &importing->errors, err);
    }
    if (status == STATUS_OK)
        status = import_run(cli->opened.engine, &import, counts, err);
    if (importing->progress)
        cli_progress(-1, 0, 0, "");
    if (importing->errors != NULL) {
        struct error closing = {0};
        if (table_close(importing->errors, &closing) != STATUS_OK && importing->write_error.code[0] == '\0')
            importing->write_error = closing;
    }
    if (status == STATUS_OK && importing->write_error.code[0] != '\0') {
        *err = importing->write_error;
        return err->status;
    }
    return status;
}

static int run(struct cli *cli)
{
    enum import_kind kind = IMPORT_PURCHASES;
    struct mapping *mapping = arena_alloc(cli->arena, sizeof *mapping);
    struct import_counts counts = {0};
    struct error error = {0};
    if (cli->argument_count >= 1 && strcmp(cli->arguments[0], "control") == 0)
        return import_control(cli);
    if (cli->argument_count != 2)
        return cli_usage(cli, "say what to import and from which file ('-': standard input)");
    if (!import_kind_from(text_from(cli->arguments[0]), &kind))
        return cli_usage(cli, "'%s' cannot be imported: see --help for what can", cli->arguments[0]);

    enum status status = cli_open(cli, true, &error);
    if (status == STATUS_OK && cli_value(cli, "programme") != NULL && !cli_flag(cli, "dry-run"))
        status = cli_programme_first(cli, cli_value(cli, "programme"), &error);
    if (status == STATUS_OK)
        status = load_mapping(cli, kind, mapping, &error);
    if (status == STATUS_OK)
        status = add_options(cli, mapping, &error);
    if (status == STATUS_OK)
        status = save_mapping(cli, mapping, &error);
    struct importing importing = {
        .cli = cli, .quiet = cli_flag(cli, "quiet"), .progress = !cli_flag(cli, "quiet") && cli_shows_progress()};
    if (status == STATUS_OK)
        status = import_file(cli, &importing, mapping, &counts, &error);
    if (importing.shown > PROBLEMS_SHOWN && !importing.quiet)
        fprintf(stderr, "... and %lld more; --errors FILE lists all\n", (long long)(importing.shown - PROBLEMS_SHOWN));
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    print_counts(cli, &counts);
    return counts.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static void more_help(struct builder *out)
{
    for (int i = 0; i < IMPORT_KINDS; i++) {
        builder_format(out, "Fields of %s:\n", import_kind_name((enum import_kind)i));
        mapping_describe((enum import_kind)i, out);
    }
}

const struct subcommand import_subcommand = {
    .name = "import",
    .about = "read purchases, members, items ... from a file; take over a running programme",
    .usage = "import purchases|members|items|reasons|balances|tiers|coupons|answers|consents|stays FILE [options]\n"
             "       patron import control [--theirs FILE] [options]",
    .example =
        "patron import purchases sales.csv.gz --map external=household_id --map amount=sales_value --register\n"
        "patron import purchases CDNOW_master.txt --format blank --columns external,date,units,dollars --register\n"
        "patron import members kunden.csv --delimiter ';' --encoding GB18030 --errors refused.csv\n"
        "patron import balances lots.csv --register --errors refused.csv\n"
        "patron import control --theirs sheet.csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .bulk = true,
    .more_help = more_help,
};

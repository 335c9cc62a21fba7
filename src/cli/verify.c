#include "cli/verify.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/programme.h"
#include "features/points/verify.h"
#include "server/heads_file.h"
#include "server/paths.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"threads", "N", "default 2"},
    {"heads", "FILE", "check seals that were kept outside the database"},
    {"fingerprint", "LINE", "the line that was printed of that file: nobody changed it since"},
    {"save-heads", "FILE", "keep the seals of now in this file"},
    OPTION_FORMAT,
};

const char *cli_key_file(struct cli *cli)
{
    const char *given = option_or_environment(cli_value(cli, "key-file"), "PATRON_KEY_FILE", NULL);
    if (given != NULL)
        return given;
    char *path = arena_alloc(cli->arena, SERVER_PATH_SIZE);
    path_beside(option_or_environment(cli_value(cli, "database"), "PATRON_DATABASE", "patron.db"), "patron.key", path);
    return path;
}

static void show_progress(void *context, int buckets_done)
{
    (void)context;
    cli_progress(buckets_done, BUCKET_COUNT, buckets_done, "of 64 buckets");
}

/* ---- seals kept outside ---- */

/* With --fingerprint the file must be the one that was printed or mailed. */
static enum status check_fingerprint(struct cli *cli, const struct heads *heads, struct error *err)
{
    const char *wanted = cli_value(cli, "fingerprint");
    char ours[HEADS_FINGERPRINT_SIZE];
    if (wanted == NULL || strcmp(wanted, heads_fingerprint(heads, ours)) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "verify.heads_changed", "heads",
                     "the fingerprint of the file of seals is %s, not %s", ours, wanted);
}

static enum status read_heads(struct cli *cli, const char *path, struct heads *heads, struct error *err)
{
    struct text text;
    enum status status = cli_read_file(cli, path, HEADS_TEXT_SIZE_MAX, &text, err);
    if (status == STATUS_OK)
        status = heads_read(cli->arena, text, heads, err);
    if (status == STATUS_OK)
        status = check_fingerprint(cli, heads, err);
    if (status != STATUS_OK)
        error_add_context(err, "%s", path);
    return status;
}

static enum status save_heads(struct storage *storage, const char *path, struct error *err)
{
    struct heads heads;
    enum status status = heads_now(storage, &heads, err);
    return status == STATUS_OK ? heads_save(path, &heads, err) : status;
}

/* ---- the report ---- */

static bool print_report(struct cli *cli, const struct verify_report *report)
{
    static const struct output_column columns[] = {{"result", false}, {"rows", true}, {"movements", true},
                                                   {"wallets", true}, {"lots", true}, {"erased", true},
                                                   {"where", false},  {"what", false}};
    const int64_t numbers[] = {report->rows, report->movements, report->wallets, report->lots, report->erased};
    struct output output;
    struct text fields[8] = {report->clean ? TEXT("clean") : TEXT("disagrees")};
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return false;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        fields[i + 1] = text_from(arena_format(cli->arena, "%lld", (long long)numbers[i]));
    if (!report->clean) {
        fields[6] =
            text_from(arena_format(cli->arena, "bucket %d, %s, %s", report->bucket, report->table, report->key));
        fields[7] = text_from(report->what);
    }
    output_row(&output, fields);
    output_object_end(&output);
    return true;
}

enum status cli_verify(struct cli *cli, struct storage *storage, const unsigned char *seal_key, bool *clean,
                       struct error *err)
{
    struct heads heads = {.count = 0};
    struct verify_report report = {0};
    int64_t threads = 0;
    struct verify_options verify = {.storage = storage,
                                    .seal_key = seal_key,
                                    .heads = heads.entries,
                                    .progress = cli_shows_progress() ? show_progress : NULL};
    if (!cli_integer(cli, "threads", 1, VERIFY_THREADS_MAX, &threads))
        return error_set(err, STATUS_INVALID, "verify.threads", "threads", "the number of threads is not usable");
    verify.threads = (int)threads;
    enum status status = STATUS_OK;
    if (cli_value(cli, "heads") != NULL)
        status = read_heads(cli, cli_value(cli, "heads"), &heads, err);
    verify.head_count = heads.count;
    if (status == STATUS_OK)
        status = verify_run(&verify, &report, err);
    if (cli_shows_progress())
        cli_progress(-1, 0, 0, "");
    if (status != STATUS_OK)
        return status;
    *clean = report.clean;
    print_report(cli, &report);
    return STATUS_OK;
}

static int run(struct cli *cli)
{
    const struct server_engine_options where = {.database = cli_value(cli, "database"),
                                                .key_file = cli_value(cli, "key-file")};
    struct server_storage database;
    struct error error = {0};
    bool clean = false;
    if (cli->argument_count > 0)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[0]);
    enum status status = server_storage_open(&where, &database, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_verify(cli, database.storage, database.seal_key, &clean, &error);
    if (status == STATUS_OK && clean && cli_value(cli, "save-heads") != NULL)
        status = save_heads(database.storage, cli_value(cli, "save-heads"), &error);
    storage_close(database.storage);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return clean ? EXIT_DONE : EXIT_FAILED;
}

const struct subcommand verify_subcommand = {
    .name = "verify",
    .about = "recompute every balance and seal, and name the first row that disagrees",
    .usage = "verify [options]",
    .example = "patron verify --save-heads heads.txt\npatron verify --heads heads.txt",
    .options = CLI_OPTIONS(options),
    .run = run,
};

#include "cli/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/programme.h"
#include "features/points/verify.h"
#include "foundation/id.h"
#include "server/paths.h"

enum { HEADS_SIZE_MAX = 64 * 1024, HEADS_MAX = BUCKET_COUNT };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"threads", "N", "default 2"},
    {"heads", "FILE", "check seals that were kept outside the database"},
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

/* ---- seals kept outside: lines of bucket, seq and seal in hex ---- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_head(const char *line, struct verify_head *head)
{
    int bucket = 0, used = 0;
    long long seq = 0;
    if (sscanf(line, "%d %lld %n", &bucket, &seq, &used) != 2 || bucket < 0 || bucket >= BUCKET_COUNT || seq < 0)
        return false;
    head->bucket = bucket;
    head->seq = seq;
    for (int i = 0; i < SEAL_SIZE; i++) {
        int high = hex_value(line[used + 2 * i]);
        int low = high < 0 ? -1 : hex_value(line[used + 2 * i + 1]);
        if (low < 0)
            return false;
        head->seal[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

static enum status read_heads(struct cli *cli, const char *path, struct verify_head *heads, size_t *count,
                              struct error *err)
{
    struct text text;
    enum status status = cli_read_file(cli, path, HEADS_SIZE_MAX, &text, err);
    if (status != STATUS_OK)
        return status;
    char *rest = text_string(cli->arena, text);
    for (char *line = strtok_r(rest, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (*count == HEADS_MAX || !read_head(line, &heads[*count]))
            return error_set(err, STATUS_INVALID, "verify.heads", "heads", "'%s' is not a file of seals", path);
        ++*count;
    }
    return STATUS_OK;
}

static enum status save_heads(struct storage *storage, const char *path, struct error *err)
{
    struct verify_head heads[BUCKET_COUNT];
    struct storage_session *session = NULL;
    enum status status = storage_session_new(storage, true, &session, err);
    if (status == STATUS_OK)
        status = verify_heads_read(session, heads, err);
    storage_session_free(session);
    if (status != STATUS_OK)
        return status;
    FILE *file = fopen(path, "w");
    for (int i = 0; file != NULL && i < BUCKET_COUNT; i++) {
        fprintf(file, "%d %lld ", heads[i].bucket, (long long)heads[i].seq);
        for (int k = 0; k < SEAL_SIZE; k++)
            fprintf(file, "%02x", heads[i].seal[k]);
        fputc('\n', file);
    }
    if (file == NULL || fclose(file) != 0)
        return error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be written: %s", path, strerror(errno));
    return STATUS_OK;
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
    struct verify_head heads[HEADS_MAX];
    struct verify_report report = {0};
    int64_t threads = 0;
    struct verify_options verify = {.storage = storage,
                                    .seal_key = seal_key,
                                    .heads = heads,
                                    .progress = cli_shows_progress() ? show_progress : NULL};
    if (!cli_integer(cli, "threads", 1, VERIFY_THREADS_MAX, &threads))
        return error_set(err, STATUS_INVALID, "verify.threads", "threads", "the number of threads is not usable");
    verify.threads = (int)threads;
    enum status status = STATUS_OK;
    if (cli_value(cli, "heads") != NULL)
        status = read_heads(cli, cli_value(cli, "heads"), heads, &verify.head_count, err);
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

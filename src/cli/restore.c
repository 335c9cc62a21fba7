#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/subcommand.h"
#include "cli/verify.h"
#include "foundation/instant.h"
#include "server/archive.h"
#include "server/erased.h"
#include "server/key_file.h"
#include "server/paths.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"archive", "DIR", "the archive of 'patron serve --archive', in place of a backup"},
    {"to", "TIME", "as it was then: exactly the commits up to it, as in 2026-11-22T10:15:30Z"},
    {"latest", NULL, "as late as the archive knows"},
    {"list", NULL, "tell which stretches of time the archive can restore, and stop"},
    {"erased", "FILE", "another list of erased members, beside the one by the key file"},
    {"no-verify", NULL, "do not verify the database"},
};

enum { COPY_BYTES = 1024 * 1024 };

static enum status copy_bytes(struct cli *cli, int from, int into)
{
    char *buffer = arena_alloc(cli->arena, COPY_BYTES);
    for (;;) {
        ssize_t size = read(from, buffer, COPY_BYTES);
        if (size == 0)
            return fsync(into) == 0 ? STATUS_OK : STATUS_IO;
        if (size < 0 || write(into, buffer, (size_t)size) != size)
            return STATUS_IO;
    }
}

/* Into a new file beside, which becomes the database when it is whole. */
static enum status copy_file(struct cli *cli, const char *from, const char *into, struct error *err)
{
    char *temporary = arena_format(cli->arena, "%s.restore", into);
    int source = open(from, O_RDONLY | O_CLOEXEC);
    int target = source < 0 ? -1 : open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool copied = target >= 0 && copy_bytes(cli, source, target) == STATUS_OK && link(temporary, into) == 0;
    enum status status = STATUS_OK;
    if (!copied)
        status = error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be copied to '%s': %s", from, into,
                           strerror(errno));
    if (target >= 0) {
        close(target);
        unlink(temporary);
    }
    if (source >= 0)
        close(source);
    return status;
}

static const char *database_of(struct cli *cli)
{
    return option_or_environment(cli_value(cli, "database"), "PATRON_DATABASE", "patron.db");
}

/* The place of the database must be free: what lies there is not ours to remove. */
static enum status check_place(struct cli *cli, const char *database, struct error *err)
{
    if (is_postgres(database))
        return error_set(err, STATUS_INVALID, "server.option", "",
                         "pg_restore puts a PostgreSQL database back; then run 'patron restore' without a file");
    const char *const names[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (access(arena_format(cli->arena, "%s%s", database, names[i]), F_OK) == 0)
            return error_set(err, STATUS_CONFLICT, "file.exists", "", "'%s%s' is there: move it away first", database,
                             names[i]);
    return STATUS_OK;
}

static enum status put_back(struct cli *cli, const char *backup, struct error *err)
{
    enum status status = check_place(cli, database_of(cli), err);
    if (status == STATUS_OK && !file_has_content(backup))
        status = error_set(err, STATUS_MISSING, "server.database", "", "there is no backup '%s'", backup);
    return status == STATUS_OK ? copy_file(cli, backup, database_of(cli), err) : status;
}

/* ---- from an archive ---- */

static void print_stretch(void *context, const struct archive_stretch *stretch)
{
    char from[INSTANT_TEXT_SIZE], to[INSTANT_TEXT_SIZE];
    (void)context;
    printf("%s to %s: commits %llu to %llu, %lld KiB of log\n", instant_format(stretch->from, from),
           instant_format(stretch->to, to), (unsigned long long)stretch->first_commit,
           (unsigned long long)stretch->last_commit, (long long)(stretch->bytes / 1024));
}

/* Written beside and then given its name: a restore that was stopped leaves no half database. */
static enum status put_back_moment(struct cli *cli, const char *archive, int64_t moment, struct error *err)
{
    struct archive_restored restored;
    char at[INSTANT_TEXT_SIZE], complete[INSTANT_TEXT_SIZE];
    const char *temporary = arena_format(cli->arena, "%s.restore", database_of(cli));
    enum status status = check_place(cli, database_of(cli), err);
    if (status == STATUS_OK && unlink(temporary) != 0 && errno != ENOENT)
        status = error_set(err, STATUS_IO, "file.write", "", "'%s' is in the way: %s", temporary, strerror(errno));
    if (status == STATUS_OK)
        status = archive_restore(archive, moment, temporary, &restored, err);
    if (status == STATUS_OK && rename(temporary, database_of(cli)) != 0)
        status = error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be written: %s", database_of(cli),
                           strerror(errno));
    if (status == STATUS_OK)
        printf("the last commit is number %llu, of %s; the archive is complete up to %s\n",
               (unsigned long long)restored.commit, instant_format(restored.at, at),
               instant_format(restored.complete_to, complete));
    return status;
}

/* -1: go on with `*moment`; otherwise the exit status. */
static int read_moment(struct cli *cli, int64_t *moment)
{
    const char *to = cli_value(cli, "to");
    const char *archive = option_or_environment(cli_value(cli, "archive"), "PATRON_ARCHIVE", NULL);
    struct error error = {0};
    bool asked = to != NULL || cli_flag(cli, "latest") || cli_flag(cli, "list");
    *moment = INT64_MAX;
    if (cli->argument_count == 1 && asked)
        return cli_usage(cli, "name a backup or a moment, not both");
    if (asked && archive == NULL)
        return cli_usage(cli, "say which archive: --archive DIR");
    if (cli_value(cli, "archive") != NULL && !asked)
        return cli_usage(cli, "say which moment: --to TIME, or --latest");
    if (to != NULL && cli_flag(cli, "latest"))
        return cli_usage(cli, "--to and --latest exclude each other");
    if (to != NULL && !instant_parse(text_from(to), moment))
        return cli_usage(cli, "'%s' is no moment such as 2026-11-22T10:15:30Z", to);
    if (!cli_flag(cli, "list"))
        return -1;
    return archive_check(archive, print_stretch, NULL, &error) == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

static int run(struct cli *cli)
{
    struct error error = {0};
    int64_t members = 0, others = 0;
    bool clean = true;
    const char *list = cli_value(cli, "erased");
    if (cli->argument_count > 1)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[1]);
    int64_t moment;
    int ended = read_moment(cli, &moment);
    if (ended >= 0)
        return ended;
    enum status status = STATUS_OK;
    if (list != NULL && !file_has_content(list))
        status = error_set(&error, STATUS_MISSING, "erased.file", "", "there is no list '%s'", list);
    if (status == STATUS_OK && cli->argument_count == 1)
        status = put_back(cli, cli->arguments[0], &error);
    if (status == STATUS_OK && (cli_value(cli, "to") != NULL || cli_flag(cli, "latest")))
        status = put_back_moment(cli, option_or_environment(cli_value(cli, "archive"), "PATRON_ARCHIVE", NULL), moment,
                                 &error);
    if (status == STATUS_OK)
        status = cli_open(cli, false, &error);
    if (status == STATUS_OK)
        status = restore_heads(cli->opened.engine, &error);
    if (status == STATUS_OK)
        status = erased_apply(cli->opened.engine, cli->opened.erased_file, &members, &error);
    if (status == STATUS_OK && list != NULL)
        status = erased_apply(cli->opened.engine, list, &others, &error);
    if (status == STATUS_OK)
        status = erased_save(cli->opened.engine, cli->opened.erased_file, &error);
    if (status == STATUS_OK && !cli_flag(cli, "no-verify"))
        status = cli_verify(cli, cli->opened.storage, engine_seal_key(cli->opened.engine), &clean, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("restored; %lld members erased again\n", (long long)(members + others));
    return clean ? EXIT_DONE : EXIT_FAILED;
}

const struct subcommand restore_subcommand = {
    .name = "restore",
    .about = "put a backup, or a moment of the archive, in the place of the database; erase again who was erased since",
    .usage = "restore [FILE | --archive DIR --to TIME] [options]",
    .example = "patron restore patron-2026-11-22.db\n"
               "patron restore --archive /var/lib/patron/archive --to 2026-11-22T10:15:30Z\n"
               "pg_restore --dbname=patron patron.dump && patron restore --database postgresql:///patron",
    .options = CLI_OPTIONS(options),
    .run = run,
};

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/subcommand.h"
#include "cli/verify.h"
#include "server/erased.h"
#include "server/key_file.h"
#include "server/paths.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
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

/* Puts the backup in the place of the database, which must be free: what lies there is not ours to remove. */
static enum status put_back(struct cli *cli, const char *backup, struct error *err)
{
    const char *database = option_or_environment(cli_value(cli, "database"), "PATRON_DATABASE", "patron.db");
    if (is_postgres(database))
        return error_set(err, STATUS_INVALID, "server.option", "",
                         "pg_restore puts a PostgreSQL database back; then run 'patron restore' without a file");
    if (!file_has_content(backup))
        return error_set(err, STATUS_MISSING, "server.database", "", "there is no backup '%s'", backup);
    const char *const names[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (access(arena_format(cli->arena, "%s%s", database, names[i]), F_OK) == 0)
            return error_set(err, STATUS_CONFLICT, "file.exists", "", "'%s%s' is there: move it away first", database,
                             names[i]);
    return copy_file(cli, backup, database, err);
}

static int run(struct cli *cli)
{
    struct error error = {0};
    int64_t members = 0, others = 0;
    bool clean = true;
    const char *list = cli_value(cli, "erased");
    if (cli->argument_count > 1)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[1]);
    enum status status = STATUS_OK;
    if (list != NULL && !file_has_content(list))
        status = error_set(&error, STATUS_MISSING, "erased.file", "", "there is no list '%s'", list);
    if (status == STATUS_OK && cli->argument_count == 1)
        status = put_back(cli, cli->arguments[0], &error);
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
    .about = "put a backup in the place of the database, and erase again who was erased since",
    .usage = "restore [FILE] [options]",
    .example = "patron restore patron-2026-11-22.db\n"
               "pg_restore --dbname=patron patron.dump && patron restore --database postgresql:///patron",
    .options = CLI_OPTIONS(options),
    .run = run,
};

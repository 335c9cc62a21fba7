#include "server/heads_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/clock.h"
#include "foundation/instant.h"
#include "foundation/log.h"
#include "server/key_file.h"
#include "server/paths.h"

enum { HEADS_ARENA_SIZE = 1024 * 1024 };

enum status heads_now(struct storage *storage, struct heads *out, struct error *err)
{
    struct heads heads = {.at = clock_now(&clock_system), .count = BUCKET_COUNT};
    struct storage_session *session = NULL;
    enum status status = storage_session_new(storage, true, &session, err);

    if (status == STATUS_OK)
        status = verify_heads_read(session, heads.entries, err);
    storage_session_free(session);
    if (status == STATUS_OK)
        *out = heads;
    return status;
}

enum status heads_save(const char *path, const struct heads *heads, struct error *err)
{
    char temporary[SERVER_PATH_SIZE + 16];
    struct arena *arena = arena_new(HEADS_ARENA_SIZE);
    struct text text = heads_write(arena, heads);

    snprintf(temporary, sizeof temporary, "%.*s.%ld", SERVER_PATH_SIZE, path, (long)getpid());
    FILE *file = fopen(temporary, "we");
    bool written = file != NULL && fwrite(text.bytes, 1, text.size, file) == text.size && fflush(file) == 0 &&
                   fsync(fileno(file)) == 0;
    if (file != NULL)
        written &= fclose(file) == 0;
    written = written && rename(temporary, path) == 0;
    arena_free(arena);
    if (written)
        return STATUS_OK;
    enum status status =
        error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be written: %s", path, strerror(errno));
    unlink(temporary);
    return status;
}

enum status heads_save_day(struct storage *storage, const char *directory, int32_t day, struct error *err)
{
    char path[SERVER_PATH_SIZE], date[DAY_TEXT_SIZE], fingerprint[HEADS_FINGERPRINT_SIZE];
    struct heads heads;

    snprintf(path, sizeof path, "%s/heads-%s.txt", directory, day_format(day, date));
    if (file_has_content(path))
        return STATUS_OK;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be made: %s", directory, strerror(errno));
    enum status status = heads_now(storage, &heads, err);
    if (status == STATUS_OK)
        status = heads_save(path, &heads, err);
    if (status == STATUS_OK)
        log_event(LOG_INFO, "heads.saved", "seals of the day: %s", heads_fingerprint(&heads, fingerprint));
    return status;
}

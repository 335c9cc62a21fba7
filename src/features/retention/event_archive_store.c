#include "features/retention/event_archive_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "foundation/encoding.h"
#include "foundation/id.h"
#include "foundation/secret.h"
#include "queries.h"
#include "storage/storage.h"

/*
 * texts-07-000000000000-000000004711.txt: a first line `patron-texts 1 TEXTS FIRST_AT LAST_AT`, then a line a text: seq, member,
 * recorded_at, box.
 */
#define NAME_FORMAT "texts-%02d-%012" PRId64 "-%012" PRId64 ".txt"
#define HEADER_FORMAT "patron-texts 1 %12" PRId64 " %20" PRId64 " %20" PRId64 "\n"

#define UNFINISHED_PREFIX "unfinished-" /* until it is whole; of a killed run until the next night */

enum { UNFINISHED_SECONDS = 86400 };
enum { PATH_SIZE = 4096, WRITE_ARENA_SIZE = 64 * 1024 * 1024, PAGE_TEXTS = 500, LINE_SIZE = 1024 * 1024 };

static const unsigned char anonymous[SALT_SIZE]; /* of events without a member */

static enum status fail(const char *directory, const char *what, struct error *err)
{
    return error_set(err, STATUS_IO, "retention.archive", "", "the archive of events in %s cannot be %s: %s", directory,
                     what, strerror(errno));
}

static enum status damaged(const char *name, struct error *err)
{
    return error_set(err, STATUS_CONFLICT, "retention.archive_damaged", "",
                     "%s in the archive of events was altered, or is of another database", name);
}

/* ---- boxes ---- */

static void box_key(struct engine *engine, const unsigned char salt[SALT_SIZE], unsigned char key[BOX_KEY_SIZE])
{
    static const char purpose[] = "archive of events";
    char bytes[SALT_SIZE + sizeof purpose];
    memcpy(bytes, salt, SALT_SIZE);
    memcpy(bytes + SALT_SIZE, purpose, sizeof purpose);
    digest_keyed(engine_seal_key(engine), SEAL_KEY_SIZE, bytes, sizeof bytes, key);
}

static struct text about(struct arena *arena, int64_t id, int64_t recorded_at)
{
    return text_from(arena_format(arena, "%" PRId64 " %" PRId64, id, recorded_at));
}

/* ---- writing ---- */

struct writing {
    struct engine *engine;
    struct arena *arena;
    FILE *file;
    int bucket;
    int64_t last, count; /* of this page */
    struct archive_part told;
};

static enum status receive_text(void *context, const struct storage_row *row, struct error *err)
{
    struct writing *writing = context;
    int64_t seq = row_integer(row, 0), member = row_integer(row, 1), at = row_integer(row, 2);
    struct text salt = row_text(row, 3);
    unsigned char key[BOX_KEY_SIZE];

    writing->last = seq;
    writing->count++;
    if (member != 0 && salt.size != SALT_SIZE) /* erased: nothing of it is kept */
        return STATUS_OK;
    arena_reset(writing->arena);
    box_key(writing->engine, member == 0 ? anonymous : (const unsigned char *)salt.bytes, key);
    int64_t id = id_make(seq, writing->bucket);
    struct text box = box_close(writing->arena, key, about(writing->arena, id, at), row_text(row, 4));
    struct text line = base64url_encode(writing->arena, box);
    fprintf(writing->file, "%" PRId64 " %" PRId64 " %" PRId64 " %.*s\n", seq, member, at, (int)line.size, line.bytes);
    if (writing->told.texts++ == 0)
        writing->told.first_at = at;
    writing->told.last_at = at > writing->told.last_at ? at : writing->told.last_at;
    return ferror(writing->file) ? fail("the directory", "written", err) : STATUS_OK;
}

static enum status write_texts(struct writing *writing, struct storage_session *session,
                               const struct archive_part *part, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_text, .context = writing};
    enum status status = STATUS_OK;

    fprintf(writing->file, HEADER_FORMAT, INT64_C(0), INT64_C(0), INT64_C(0));
    writing->last = part->after;
    do {
        const struct storage_value values[] = {value_integer(part->bucket), value_integer(writing->last),
                                               value_integer(part->until), value_integer(PAGE_TEXTS)};
        writing->count = 0;
        status = storage_run(session, &query_retention_texts, values, 1, &receiver, err);
    } while (status == STATUS_OK && writing->count == PAGE_TEXTS);
    rewind(writing->file);
    fprintf(writing->file, HEADER_FORMAT, writing->told.texts, writing->told.first_at, writing->told.last_at);
    return status;
}

static bool sync_directory(const char *directory)
{
    int handle = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = handle >= 0 && fsync(handle) == 0;
    if (handle >= 0)
        close(handle);
    return synced;
}

/* A run that was killed before its cut left a file of the same texts, or of the first of them. */
static enum status remove_left(const char *directory, const struct archive_part *part, struct arena *arena,
                               struct error *err)
{
    struct archive_part *parts = NULL;
    size_t count = 0;
    enum status status = event_archive_list(directory, part->bucket, arena, &parts, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (parts[i].after == part->after && parts[i].until < part->until)
            unlink(arena_format(arena, "%s/%s", directory, parts[i].name));
    return status;
}

enum status event_archive_write(struct engine *engine, struct storage_session *session, const char *directory,
                                const struct archive_part *part, struct error *err)
{
    char path[PATH_SIZE], temporary[PATH_SIZE];
    struct writing writing = {.engine = engine, .bucket = part->bucket, .arena = arena_new(WRITE_ARENA_SIZE)};
    if (writing.arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory");
    snprintf(path, sizeof path, "%.4000s/" NAME_FORMAT, directory, part->bucket, part->after, part->until);
    snprintf(temporary, sizeof temporary, "%.4000s/" UNFINISHED_PREFIX "XXXXXX", directory);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        arena_free(writing.arena);
        return fail(directory, "made", err);
    }
    enum status status = STATUS_OK;
    int handle = mkostemp(temporary, O_CLOEXEC);
    writing.file = handle >= 0 ? fdopen(handle, "w") : NULL;
    if (writing.file == NULL) {
        status = fail(directory, "written", err);
        if (handle >= 0)
            close(handle);
    } else {
        status = write_texts(&writing, session, part, err);
        bool written = fflush(writing.file) == 0 && fsync(handle) == 0;
        written &= fclose(writing.file) == 0;
        if (status == STATUS_OK && (!written || rename(temporary, path) != 0 || !sync_directory(directory)))
            status = fail(directory, "written", err);
    }
    if (status == STATUS_OK)
        status = remove_left(directory, part, writing.arena, err);
    else
        unlink(temporary);
    arena_free(writing.arena);
    return status;
}

/* ---- listing ---- */

static bool read_header(const char *path, struct archive_part *part)
{
    struct stat found;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool read = fscanf(file, "patron-texts 1 %" SCNd64 " %" SCNd64 " %" SCNd64 "\n", &part->texts, &part->first_at,
                       &part->last_at) == 3 &&
                fstat(fileno(file), &found) == 0;
    if (read)
        part->bytes = found.st_size;
    fclose(file);
    return read;
}

static bool named(const char *name, struct archive_part *out)
{
    struct archive_part part = {.bucket = -1};
    if (sscanf(name, "texts-%2d-%12" SCNd64 "-%12" SCNd64, &part.bucket, &part.after, &part.until) != 3)
        return false;
    if (part.bucket < 0 || part.bucket >= BUCKET_COUNT)
        return false;
    snprintf(part.name, sizeof part.name, NAME_FORMAT, part.bucket, part.after, part.until);
    *out = part;
    return strcmp(part.name, name) == 0;
}

static int compare_parts(const void *a, const void *b)
{
    return strcmp(((const struct archive_part *)a)->name, ((const struct archive_part *)b)->name);
}

enum status event_archive_list(const char *directory, int bucket, struct arena *arena, struct archive_part **out,
                               size_t *count, struct error *err)
{
    size_t capacity = 0;
    enum status status = STATUS_OK;
    DIR *open = opendir(directory);

    *out = NULL;
    *count = 0;
    if (open == NULL)
        return errno == ENOENT ? STATUS_OK : fail(directory, "read", err);
    for (const struct dirent *entry = readdir(open); status == STATUS_OK && entry != NULL; entry = readdir(open)) {
        struct archive_part part;
        if (!named(entry->d_name, &part) || (bucket >= 0 && part.bucket != bucket))
            continue;
        if (!read_header(arena_format(arena, "%s/%s", directory, part.name), &part))
            status = damaged(part.name, err);
        *out = arena_grow(arena, *out, &capacity, *count + 1, sizeof **out);
        (*out)[(*count)++] = part;
    }
    closedir(open);
    if (*count > 1)
        qsort(*out, *count, sizeof **out, compare_parts);
    return status;
}

/* ---- reading ---- */

struct salt {
    unsigned char bytes[SALT_SIZE];
    bool found;
};

static enum status receive_salt(void *context, const struct storage_row *row, struct error *err)
{
    struct salt *salt = context;
    struct text bytes = row_text(row, 0);
    (void)err;
    salt->found = bytes.size == SALT_SIZE;
    if (salt->found)
        memcpy(salt->bytes, bytes.bytes, SALT_SIZE);
    return STATUS_OK;
}

struct reading {
    struct arena *arena;
    const struct archive_receiver *receiver;
    unsigned char key[BOX_KEY_SIZE];
    int64_t member;
    char *line;
};

static enum status read_line(struct reading *reading, const struct archive_part *part, struct error *err)
{
    struct archived_text text = {0};
    int64_t seq = 0;
    int at = 0;
    struct text box;
    size_t size = strcspn(reading->line, "\n");

    if (sscanf(reading->line, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %n", &seq, &text.member, &text.recorded_at, &at) !=
        3)
        return damaged(part->name, err);
    if (text.member != reading->member)
        return STATUS_OK;
    arena_reset(reading->arena);
    text.id = id_make(seq, part->bucket);
    if ((size_t)at > size ||
        !base64url_decode(reading->arena, (struct text){reading->line + at, size - (size_t)at}, &box) ||
        !box_open(reading->arena, reading->key, about(reading->arena, text.id, text.recorded_at), box, &text.body))
        return damaged(part->name, err);
    return reading->receiver->text(reading->receiver->context, &text, err);
}

static enum status read_part(struct reading *reading, const char *directory, const struct archive_part *part,
                             struct error *err)
{
    char path[PATH_SIZE];
    enum status status = STATUS_OK;
    snprintf(path, sizeof path, "%.4000s/%s", directory, part->name);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(reading->line, LINE_SIZE, file) == NULL)
        status = fail(directory, "read", err);
    while (status == STATUS_OK && fgets(reading->line, LINE_SIZE, file) != NULL)
        status = read_line(reading, part, err);
    if (status == STATUS_OK && ferror(file))
        status = fail(directory, "read", err);
    if (file != NULL)
        fclose(file);
    return status;
}

static enum status read_parts(struct reading *reading, const char *directory, struct error *err)
{
    struct arena *arena = arena_new(WRITE_ARENA_SIZE);
    struct archive_part *parts = NULL;
    size_t count = 0;
    enum status status = arena != NULL ? STATUS_OK : error_set(err, STATUS_LIMIT, "internal.defect", "", "no memory");
    if (status == STATUS_OK)
        status = event_archive_list(directory, id_bucket(reading->member), arena, &parts, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = read_part(reading, directory, &parts[i], err);
    arena_free(arena);
    return status;
}

enum status event_archive_read(struct engine *engine, struct storage_session *session, const char *directory,
                               int64_t member, const struct archive_receiver *receiver, struct error *err)
{
    struct salt salt = {.found = false};
    const struct storage_receiver receive = {.row = receive_salt, .context = &salt};
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member)};
    enum status status = storage_run(session, &query_retention_salt, values, 1, &receive, err);

    if (status != STATUS_OK || !salt.found)
        return status;
    struct reading reading = {
        .arena = arena_new(WRITE_ARENA_SIZE), .receiver = receiver, .member = member, .line = malloc(LINE_SIZE)};
    box_key(engine, salt.bytes, reading.key);
    if (reading.arena == NULL || reading.line == NULL)
        status = error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory");
    if (status == STATUS_OK)
        status = read_parts(&reading, directory, err);
    free(reading.line);
    arena_free(reading.arena);
    return status;
}

/* ---- the end ---- */

static void remove_unfinished(const char *directory, struct arena *arena)
{
    DIR *open = opendir(directory);

    if (open == NULL)
        return;
    for (const struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        const char *path = arena_format(arena, "%s/%s", directory, entry->d_name);
        struct stat found;
        if (strncmp(entry->d_name, UNFINISHED_PREFIX, strlen(UNFINISHED_PREFIX)) == 0 && stat(path, &found) == 0 &&
            found.st_mtime < time(NULL) - UNFINISHED_SECONDS)
            unlink(path);
    }
    closedir(open);
}

enum status event_archive_purge(const char *directory, int64_t before, int64_t *removed, struct error *err)
{
    struct arena *arena = arena_new(WRITE_ARENA_SIZE);
    struct archive_part *parts = NULL;
    size_t count = 0;

    *removed = 0;
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory");
    remove_unfinished(directory, arena);
    enum status status = event_archive_list(directory, -1, arena, &parts, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (parts[i].last_at >= before)
            continue;
        if (unlink(arena_format(arena, "%s/%s", directory, parts[i].name)) == 0)
            ++*removed;
        else if (errno != ENOENT)
            status = fail(directory, "cleared", err);
    }
    arena_free(arena);
    return status;
}

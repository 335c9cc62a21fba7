#include "features/insight/analysis_file_api.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/audit.h"
#include "foundation/id.h"

enum { COPY_BYTES = 64 * 1024, DAY_SECONDS = 24 * 60 * 60 };

static const struct field analysis_file_fields[] = {
    {.name = "file",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "fil",
     .about = "To be named when an analysis is started."},
    {.name = "bytes", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "kept_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
const struct shape analysis_file_shape = {
    .name = "AnalysisFile", .about = "A file to analyse.", .size = 0, SHAPE_FIELDS(analysis_file_fields)};

static const char *folder_of(const struct call *call, struct arena *arena)
{
    return arena_format(arena, "%s/analysis", jobs_files(call->jobs));
}

static const char *path_of(const struct call *call, struct arena *arena, int64_t id)
{
    char name[ID_TEXT_SIZE];

    return arena_format(arena, "%s/%s", folder_of(call, arena), id_format("fil", id, name));
}

enum status analysis_file_path(const struct call *call, struct arena *arena, int64_t id, const char **out,
                               struct error *err)
{
    const char *path = path_of(call, arena, id);
    struct stat about;

    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return error_set(err, STATUS_MISSING, "analysis.file_unknown", "file",
                         "there is no such file: it was deleted, is older than %d days or lies on another server",
                         ANALYSIS_FILE_KEPT_DAYS);
    *out = path;
    return STATUS_OK;
}

/* Files that nobody needs any more go when the next one comes. */
static void remove_old(const char *folder, int64_t now)
{
    DIR *directory = opendir(folder);
    int64_t before = now / INSTANT_SECOND - (int64_t)ANALYSIS_FILE_KEPT_DAYS * DAY_SECONDS;
    struct stat about;

    if (directory == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (fstatat(dirfd(directory), entry->d_name, &about, 0) == 0 && S_ISREG(about.st_mode) &&
            about.st_mtime < before)
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

static bool write_all(int descriptor, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t written = write(descriptor, bytes + at, size - at);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += (size_t)written;
    }
    return true;
}

/* The body of the call, from memory or from where it was spooled. */
static bool copy_body(const struct call *call, int to, int64_t *size)
{
    int from = call_body_file(call);
    struct text body = call_body(call);
    char bytes[COPY_BYTES];

    *size = (int64_t)body.size;
    if (from < 0)
        return write_all(to, body.bytes, body.size);
    for (*size = 0;;) {
        ssize_t got = pread(from, bytes, sizeof bytes, *size);

        if (got <= 0)
            return got == 0;
        if (!write_all(to, bytes, (size_t)got))
            return false;
        *size += got;
    }
}

static enum status not_kept(struct error *err)
{
    return error_set(err, STATUS_IO, "analysis.files", "", "the file cannot be kept: %s", strerror(errno));
}

static enum status keep(const struct call *call, const char *path, int64_t *size, struct error *err)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum status status = STATUS_OK;

    if (descriptor < 0)
        return not_kept(err);
    if (!copy_body(call, descriptor, size))
        status = not_kept(err);
    if (close(descriptor) != 0 && status == STATUS_OK)
        status = not_kept(err);
    if (status == STATUS_OK && *size == 0)
        status = error_set(err, STATUS_INVALID, "analyze.empty", "", "the body is the file, and it is empty");
    if (status != STATUS_OK)
        (void)unlink(path);
    return status;
}

enum status analysis_file_post(struct call *call, struct item *item, struct error *err)
{
    const char *folder = folder_of(call, call->arena);
    int64_t id = random_id(), size = 0;

    if ((mkdir(jobs_files(call->jobs), 0700) != 0 && errno != EEXIST) || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return not_kept(err);
    remove_old(folder, call->now);
    enum status status = keep(call, path_of(call, call->arena, id), &size, err);

    if (status != STATUS_OK)
        return status;
    writer_id(&item->writer, "file", "fil", id);
    writer_integer(&item->writer, "bytes", size);
    writer_instant(&item->writer, "kept_until", call->now + ANALYSIS_FILE_KEPT_DAYS * INSTANT_DAY);
    return STATUS_OK;
}

enum status analysis_file_delete(struct call *call, struct item *item, struct error *err)
{
    const char *path;
    int64_t id;
    enum status status = call_path_id(call, 0, "fil", &id, err);

    (void)item;
    if (status == STATUS_OK)
        status = analysis_file_path(call, call->arena, id, &path, err);
    if (status == STATUS_OK && unlink(path) != 0)
        status = error_set(err, STATUS_IO, "analysis.files", "", "the file cannot be deleted: %s", strerror(errno));
    return status;
}

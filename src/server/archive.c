/* archive.c: reads the log before it begins anew, and writes its commits and copies of the database into the archive. */
#include "server/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "foundation/clock.h"
#include "foundation/instant.h"
#include "foundation/log.h"
#include "server/archive_file.h"
#include "server/archive_state.h"
#include "server/key_file.h"

enum {
    STEP_MS = 1000,
    HEARTBEAT_SECONDS = 10,
    KEPT_DAYS = 14,
    BASE_HOURS = 24,
    RETRY_SECONDS = 60,
    ARCHIVE_NICE = 10,
    TIME_LOOKS = 20,
    TIME_LOOK_US = 200,
};
static const size_t BLOCK_RAW_BYTES = (size_t)8 << 20;
static const int64_t SEGMENT_BYTES = INT64_C(64) << 20;

struct archive {
    struct archive_options options;
    char directory[SERVER_PATH_SIZE], database[SERVER_PATH_SIZE];
    struct storage *storage;
    struct storage_log_keeper keeper;
    struct commit_times *times;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stopping, need_base;
    struct log_reader *reader; /* NULL: not open yet */
    struct archive_state state;
    int segment, lock_file;
    int64_t segment_bytes, flushed_at, base_at, base_tried_at;
    uint64_t base_commit;
    unsigned char *raw; /* commits that are not written yet */
    size_t raw_size, raw_capacity, commit_start;
    bool in_commit;
    uint64_t pending;          /* how many */
    int64_t first_at, last_at; /* of them */
    struct log_position end;   /* after them */
    struct archive_figures figures;
};

/* ---- commits into memory ---- */

static void *raw_room(struct archive *archive, size_t size)
{
    if (archive->raw_size + size > archive->raw_capacity) {
        size_t wanted = archive->raw_capacity * 2 + size + BLOCK_RAW_BYTES;
        unsigned char *grown = realloc(archive->raw, wanted);
        if (grown == NULL)
            return NULL;
        archive->raw = grown;
        archive->raw_capacity = wanted;
    }
    archive->raw_size += size;
    return archive->raw + archive->raw_size - size;
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to archive");
}

static enum status flush(struct archive *archive, int64_t until_at, struct error *err);

static enum status take_page(void *context, uint32_t number, const unsigned char *bytes, struct error *err)
{
    struct archive *archive = context;
    size_t page = (size_t)log_reader_page_bytes(archive->reader);
    enum status status = STATUS_OK;

    if (!archive->in_commit && archive->raw_size > BLOCK_RAW_BYTES)
        status = flush(archive, archive->last_at, err);
    if (status != STATUS_OK)
        return status;
    if (!archive->in_commit) {
        archive->commit_start = archive->raw_size;
        if (raw_room(archive, sizeof(struct archive_commit)) == NULL)
            return no_memory(err);
        memset(archive->raw + archive->commit_start, 0, sizeof(struct archive_commit));
        archive->in_commit = true;
    }
    unsigned char *room = raw_room(archive, sizeof number + page);
    if (room == NULL)
        return no_memory(err);
    memcpy(room, &number, sizeof number);
    memcpy(room + sizeof number, bytes, page);
    return STATUS_OK;
}

/*
 * The time that the writer took, before it told anybody. It may be about to take it; another process does not: then the
 * commit counts from when it was not there yet.
 */
static int64_t time_of_commit(struct archive *archive, int64_t frames)
{
    int64_t earliest = archive->state.until_at > archive->last_at ? archive->state.until_at : archive->last_at;
    int64_t at = 0;

    for (int look = 0; look < TIME_LOOKS; look++) {
        if (commit_times_take(archive->times, frames, &at))
            return at > earliest ? at : earliest;
        usleep(TIME_LOOK_US);
    }
    return earliest;
}

static enum status take_commit(void *context, uint32_t size, int64_t frames, struct error *err)
{
    struct archive *archive = context;
    size_t page = (size_t)log_reader_page_bytes(archive->reader) + sizeof(uint32_t);
    struct archive_commit head = {.at = time_of_commit(archive, frames), .size = size};

    head.pages = (uint32_t)((archive->raw_size - archive->commit_start - sizeof head) / page);
    memcpy(archive->raw + archive->commit_start, &head, sizeof head);
    archive->in_commit = false;
    if (archive->pending++ == 0)
        archive->first_at = head.at;
    archive->last_at = head.at;
    (void)err;
    return STATUS_OK;
}

/* ---- memory into blocks ---- */

static enum status open_segment(struct archive *archive, struct error *err)
{
    char path[ARCHIVE_PATH_SIZE];

    if (archive->segment >= 0)
        return STATUS_OK;
    archive_path(archive->directory, "log", archive->state.commit + 1, "seg", path);
    archive->segment = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (archive->segment < 0)
        return error_set(err, STATUS_IO, "archive.write", "", "%s cannot be made: %s", path, strerror(errno));
    archive->segment_bytes = file_bytes(path);
    return STATUS_OK;
}

static void close_segment(struct archive *archive)
{
    if (archive->segment >= 0)
        close(archive->segment);
    archive->segment = -1;
}

/* What was read becomes durable; only then may the log begin anew. */
static enum status flush(struct archive *archive, int64_t until_at, struct error *err)
{
    struct archive_block block = {.first_commit = archive->state.commit + 1,
                                  .commits = archive->pending,
                                  .first_at = archive->first_at,
                                  .last_at = archive->last_at,
                                  .until_at = until_at > archive->last_at ? until_at : archive->last_at,
                                  .end = log_reader_position(archive->reader),
                                  .page_bytes = (uint32_t)log_reader_page_bytes(archive->reader)};

    memcpy(block.previous, archive->state.previous, sizeof block.previous);
    enum status status = open_segment(archive, err);
    if (status == STATUS_OK)
        status = archive_block_write(archive->segment, &block, archive->raw, archive->raw_size, err);
    if (status != STATUS_OK)
        return status;
    archive->state.commit += archive->pending;
    archive->state.until_at = block.until_at;
    archive->state.position = block.end;
    memcpy(archive->state.previous, block.digest, sizeof block.digest);
    archive->figures.commits += (int64_t)archive->pending;
    archive->figures.bytes += (int64_t)(sizeof block + block.stored_bytes);
    archive->segment_bytes += (int64_t)(sizeof block + block.stored_bytes);
    archive->pending = 0;
    archive->raw_size = 0;
    archive->flushed_at = clock_boot(&clock_system);
    if (archive->segment_bytes > SEGMENT_BYTES)
        close_segment(archive);
    return STATUS_OK;
}

/* Reads what was committed; `*seen_at`: every commit up to then is read. */
static enum status read_log(struct archive *archive, int64_t *seen_at, struct error *err)
{
    const struct log_sink sink = {.page = take_page, .commit = take_commit, .context = archive};
    bool missed = false;

    *seen_at = clock_now(&clock_system);
    if (archive->need_base)
        return STATUS_OK;
    enum status status = log_reader_read(archive->reader, &sink, &missed, err);
    if (archive->in_commit) { /* half of a transaction: it is read again */
        archive->raw_size = archive->commit_start;
        archive->in_commit = false;
    }
    if (status == STATUS_OK && missed) {
        log_event(LOG_ERROR, "archive.gap", "commits were missed: a new copy of the database is made");
        archive->figures.gaps++;
        archive->need_base = true;
        archive->raw_size = 0;
        archive->pending = 0;
    }
    return status;
}

static enum status read_and_flush(struct archive *archive, struct error *err)
{
    int64_t seen_at;
    enum status status = read_log(archive, &seen_at, err);

    return status == STATUS_OK && !archive->need_base ? flush(archive, seen_at, err) : status;
}

static void note(struct archive *archive, enum status status, const struct error *err)
{
    bool failing = status != STATUS_OK && status != STATUS_BUSY;

    if (failing && !archive->figures.failing)
        log_event(LOG_ERROR, "archive.failed", "%s: %s", err->code, err->message);
    if (!failing && archive->figures.failing && status == STATUS_OK)
        log_event(LOG_INFO, "archive.works", "the archive is written again");
    if (status != STATUS_BUSY)
        archive->figures.failing = failing;
}

/* ---- for the checkpoints ---- */

static enum status keeper_read(void *context, struct error *err)
{
    struct archive *archive = context;
    int64_t seen_at;

    pthread_mutex_lock(&archive->lock);
    enum status status = read_log(archive, &seen_at, err);
    note(archive, status, err);
    pthread_mutex_unlock(&archive->lock);
    return status;
}

/* Most is written before the writers wait. */
static enum status keeper_hold(void *context, struct error *err)
{
    struct archive *archive = context;

    pthread_mutex_lock(&archive->lock);
    enum status status = read_and_flush(archive, err);
    if (status == STATUS_OK)
        status = log_reader_hold_writers(archive->reader, err);
    if (status == STATUS_OK) {
        status = read_and_flush(archive, err);
        if (status == STATUS_OK)
            log_reader_leave(archive->reader);
        else
            log_reader_let_go(archive->reader);
    }
    note(archive, status, err);
    if (status != STATUS_OK)
        pthread_mutex_unlock(&archive->lock);
    return status;
}

static void keeper_let_go(void *context)
{
    struct archive *archive = context;

    log_reader_let_go(archive->reader);
    pthread_mutex_unlock(&archive->lock);
}

/* ---- copies of the database ---- */

/* The database file is what it was after the last commit, and stays so until the copy is made. */
static enum status begin_base(struct archive *archive, struct archive_base *out, struct error *err)
{
    bool continues = !archive->need_base;
    enum status status = log_reader_hold_writers(archive->reader, err);

    if (status != STATUS_OK)
        return status;
    if (continues)
        status = read_and_flush(archive, err);
    else
        log_reader_skip(archive->reader);
    log_reader_leave(archive->reader);
    if (status == STATUS_OK && !log_reader_checkpoint(archive->reader))
        status = error_set(err, STATUS_BUSY, "storage.locked", "", "a reader needs the log as it is");
    if (status == STATUS_OK)
        status = log_reader_base_begin(archive->reader, &out->pages, err);
    if (status == STATUS_OK) {
        int64_t now = clock_now(&clock_system);
        out->continues = continues && archive->state.known;
        if (!out->continues && archive->state.until_at > 0)
            archive->state.commit++; /* stands for those that nobody knows */
        if (!out->continues)
            memset(archive->state.previous, 0, sizeof archive->state.previous);
        archive->state.known = true;
        archive->state.until_at = now > archive->state.until_at ? now : archive->state.until_at;
        archive->state.position = log_reader_position(archive->reader);
        archive->last_at = archive->state.until_at;
        out->commit = archive->state.commit;
        out->at = archive->state.until_at;
        out->page_bytes = log_reader_page_bytes(archive->reader);
        memcpy(out->previous, archive->state.previous, sizeof out->previous);
        archive->need_base = false;
        close_segment(archive);
    }
    log_reader_let_go(archive->reader);
    return status;
}

/* Called with the lock, which is given up while the file is copied. */
static enum status make_base(struct archive *archive, struct error *err)
{
    struct archive_base base = {.commit = 0};

    archive->base_tried_at = clock_boot(&clock_system);
    enum status status = begin_base(archive, &base, err);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_unlock(&archive->lock);
    status = archive_base_write(archive->directory, &base, archive->reader, err);
    pthread_mutex_lock(&archive->lock);
    log_reader_base_end(archive->reader);
    if (status != STATUS_OK) {
        archive->base_at = 0; /* again, in a while */
        return status;
    }
    archive->base_at = base.at;
    archive->base_commit = base.commit;
    archive->figures.bases++;
    status = read_and_flush(archive, err);
    if (status != STATUS_OK)
        return status;
    log_event(LOG_INFO, "archive.base", "copied the database after commit %llu, %lld MiB",
              (unsigned long long)base.commit, (long long)(base.pages * base.page_bytes / 1048576));
    int days = archive->options.kept_days > 0 ? archive->options.kept_days : KEPT_DAYS;
    return archive_prune(archive->directory, base.at - days * INSTANT_DAY, err);
}

/* A copy of what the last one has already would be the same. */
static bool base_is_due(const struct archive *archive)
{
    if (!archive->need_base && archive->base_at > 0 && archive->base_commit == archive->state.commit)
        return false;
    int64_t hours = archive->options.base_hours > 0 ? archive->options.base_hours : BASE_HOURS;
    bool due = archive->need_base || archive->base_at == 0 ||
               clock_now(&clock_system) - archive->base_at > hours * INSTANT_HOUR;
    bool rested = archive->base_tried_at == 0 ||
                  clock_boot(&clock_system) - archive->base_tried_at > RETRY_SECONDS * INSTANT_SECOND;

    return due && (rested || archive->need_base);
}

/* ---- the thread ---- */

static void step(struct archive *archive)
{
    struct error err = {0};
    int64_t seen_at;
    enum status status = read_log(archive, &seen_at, &err);
    bool idle = clock_boot(&clock_system) - archive->flushed_at < HEARTBEAT_SECONDS * INSTANT_SECOND;

    if (status == STATUS_OK && !archive->need_base && (archive->pending > 0 || !idle))
        status = flush(archive, seen_at, &err);
    if (status == STATUS_OK && base_is_due(archive))
        status = make_base(archive, &err);
    note(archive, status, &err);
}

static void *run(void *context)
{
    struct archive *archive = context;

    pthread_setname_np(pthread_self(), "archive");
    setpriority(PRIO_PROCESS, (id_t)gettid(), ARCHIVE_NICE);
    pthread_mutex_lock(&archive->lock);
    while (!archive->stopping) {
        struct timespec until;
        step(archive);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += STEP_MS / 1000;
        if (!archive->stopping)
            pthread_cond_timedwait(&archive->wake, &archive->lock, &until);
    }
    pthread_mutex_unlock(&archive->lock);
    return NULL;
}

/* ---- starting and stopping ---- */

/* One server alone writes an archive. */
static enum status take_directory(struct archive *archive, struct error *err)
{
    char path[ARCHIVE_PATH_SIZE];

    if (mkdir(archive->directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, STATUS_IO, "archive.write", "", "%s cannot be made: %s", archive->directory,
                         strerror(errno));
    snprintf(path, sizeof path, "%s/lock", archive->directory);
    archive->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (archive->lock_file < 0)
        return error_set(err, STATUS_IO, "archive.write", "", "%s cannot be made: %s", path, strerror(errno));
    if (flock(archive->lock_file, LOCK_EX | LOCK_NB) != 0)
        return error_set(err, STATUS_CONFLICT, "archive.in_use", "", "another server writes the archive %s",
                         archive->directory);
    return STATUS_OK;
}

/* Goes on where the archive ends, if nothing can have come between. */
static enum status open_reader(struct archive *archive, struct error *err)
{
    bool untouched = archive_state_untouched(archive->directory, archive->database);
    enum status status = log_reader_open(archive->database, &archive->reader, err);

    if (status != STATUS_OK)
        return status;
    bool follows = log_reader_seek(archive->reader, &archive->state.position) ||
                   (untouched && log_reader_is_empty(archive->reader));
    archive->need_base = !archive->state.known || !follows;
    if (archive->state.known && !follows) {
        archive->figures.gaps++;
        log_event(LOG_WARNING, "archive.gap",
                  "the database was changed while nobody archived it: a new copy of it is made");
    }
    archive_state_forget(archive->directory);
    return follows && archive->state.known ? read_and_flush(archive, err) : STATUS_OK;
}

enum status archive_new(const struct archive_options *options, struct archive **out, struct error *err)
{
    struct archive *archive = calloc(1, sizeof *archive);

    if (archive == NULL || (archive->times = commit_times_new()) == NULL) {
        free(archive);
        return no_memory(err);
    }
    archive->options = *options;
    archive->segment = archive->lock_file = -1;
    snprintf(archive->directory, sizeof archive->directory, "%s", options->directory);
    snprintf(archive->database, sizeof archive->database, "%s", options->database);
    pthread_mutex_init(&archive->lock, NULL);
    pthread_cond_init(&archive->wake, NULL);
    enum status status = take_directory(archive, err);
    if (status == STATUS_OK)
        status = archive_state_find(archive->directory, &archive->state, &archive->base_at, err);
    if (status == STATUS_OK && file_has_content(archive->database))
        status = open_reader(archive, err);
    if (status != STATUS_OK) {
        archive_free(archive);
        return status;
    }
    *out = archive;
    return STATUS_OK;
}

struct commit_times *archive_times(struct archive *archive)
{
    return archive != NULL ? archive->times : NULL;
}

enum status archive_start(struct archive *archive, struct storage *storage, struct error *err)
{
    enum status status = STATUS_OK;

    if (archive->reader == NULL)
        status = open_reader(archive, err);
    if (status != STATUS_OK)
        return status;
    archive->storage = storage;
    archive->keeper = (struct storage_log_keeper){keeper_read, keeper_hold, keeper_let_go, archive};
    storage_keep_log(storage, &archive->keeper);
    archive->started = pthread_create(&archive->thread, NULL, run, archive) == 0;
    return archive->started ? STATUS_OK : no_memory(err);
}

void archive_stop(struct archive *archive)
{
    if (archive == NULL || !archive->started)
        return;
    pthread_mutex_lock(&archive->lock);
    archive->stopping = true;
    pthread_cond_signal(&archive->wake);
    pthread_mutex_unlock(&archive->lock);
    pthread_join(archive->thread, NULL);
    storage_keep_log(archive->storage, NULL);
    archive->started = false;
}

void archive_free(struct archive *archive)
{
    struct error err = {0};

    if (archive == NULL)
        return;
    bool whole = archive->reader != NULL && archive->storage != NULL && !archive->need_base &&
                 read_and_flush(archive, &err) == STATUS_OK && !archive->need_base;
    log_reader_close(archive->reader);
    if (whole)
        archive_state_keep(archive->directory, archive->database);
    close_segment(archive);
    if (archive->lock_file >= 0)
        close(archive->lock_file);
    commit_times_free(archive->times);
    pthread_mutex_destroy(&archive->lock);
    pthread_cond_destroy(&archive->wake);
    free(archive->raw);
    free(archive);
}

void archive_figures(struct archive *archive, struct archive_figures *out)
{
    pthread_mutex_lock(&archive->lock);
    *out = archive->figures;
    out->until_at = archive->state.until_at;
    pthread_mutex_unlock(&archive->lock);
}

/* log_reader.c: the write-ahead log by its documented format (sqlite.org/walformat.html), with SQLite's own locks. */
#include "storage/log_reader.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/sqlite/sqlite.h"

enum {
    LOG_HEADER_BYTES = 32,
    FRAME_HEADER_BYTES = 24,
    INDEX_HEADER_BYTES = 48,
    INDEX_REGION_BYTES = 32768,
    INDEX_BACKFILL = 96, /* place of the number of frames copied */
    BUSY_MS = 50,
    GAP_WAIT_US = 100,
    GAP_LOOKS = 1000,
    PAGE_BYTES_MAX = 65536,
    INDEX_LOOKS = 1000,
};

/*
 * Connections of its own: two take turns in holding the log, one holds the writers, one reads the file. The files of the database and
 * of the index are read through SQLite, since closing a descriptor of ours would drop the locks of the whole process.
 */
struct log_reader {
    char *log_path;
    sqlite3 *pins[2], *writer, *base;
    int pinned; /* which of the two; -1: none */
    int log;    /* descriptor; -1: not open */
    int64_t page_bytes;
    bool big_endian; /* the words of the checksums */
    struct log_position at;
    uint32_t changes;     /* the number of the header at `at` */
    unsigned char *frame; /* one frame */
};

/* What the shared header tells. */
struct index_state {
    uint32_t changes, frames, copied, salts[2];
    bool big_endian;
};

static enum status fail(sqlite3 *database, const char *doing, struct error *err)
{
    int result = sqlite3_errcode(database) & 0xff;
    bool busy = result == SQLITE_BUSY || result == SQLITE_LOCKED;

    return error_set(err, busy ? STATUS_BUSY : STATUS_IO, busy ? "storage.locked" : "storage.io", "", "%s: %s", doing,
                     sqlite3_errmsg(database));
}

static enum status fail_file(const struct log_reader *reader, struct error *err)
{
    return error_set(err, STATUS_IO, "storage.io", "", "%s cannot be read: %s", reader->log_path, strerror(errno));
}

static enum status run(sqlite3 *database, const char *sql, struct error *err)
{
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK : fail(database, "log", err);
}

static sqlite3_file *file_of(sqlite3 *database)
{
    sqlite3_file *file = NULL;

    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file;
}

/* ---- opening ---- */

static enum status connect_one(const char *path, sqlite3 **out, struct error *err)
{
    if (sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fail(*out, path, err);
    sqlite3_busy_timeout(*out, BUSY_MS);
    return run(*out, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 16", err);
}

/* Writers at work follow each other closely: the gap between two is found by looking often. */
static int wait_for_gap(void *context, int looks)
{
    (void)context;
    usleep(GAP_WAIT_US);
    return looks < GAP_LOOKS;
}

static enum status read_page_size(struct log_reader *reader, struct error *err)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(reader->base, "PRAGMA page_size", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        reader->page_bytes = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    reader->frame = reader->page_bytes > 0 ? malloc((size_t)reader->page_bytes + FRAME_HEADER_BYTES) : NULL;
    return reader->frame != NULL ? STATUS_OK : fail(reader->base, "page size", err);
}

/* A statement that reads takes the snapshot; BEGIN alone does not. */
static enum status pin(sqlite3 *database, struct error *err)
{
    enum status status = run(database, "BEGIN; SELECT COUNT(*) FROM sqlite_schema", err);

    if (status != STATUS_OK && !sqlite3_get_autocommit(database))
        sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static void unpin(sqlite3 *database)
{
    if (database != NULL && !sqlite3_get_autocommit(database))
        sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- the shared header ---- */

static uint32_t word_at(const volatile unsigned char *bytes, int at)
{
    return *(const volatile uint32_t *)(const volatile void *)(bytes + at);
}

/* Two copies, written one after the other, agree when neither is being written. */
static bool read_index(struct log_reader *reader, struct index_state *out)
{
    void volatile *shared = NULL;
    sqlite3_file *file = file_of(reader->pins[0]);

    if (file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap(file, 0, INDEX_REGION_BYTES, 0, &shared) != SQLITE_OK || shared == NULL)
        return false;
    const volatile unsigned char *bytes = shared;
    for (int look = 0; look < INDEX_LOOKS; look++) {
        unsigned char first[INDEX_HEADER_BYTES], second[INDEX_HEADER_BYTES];
        for (int i = 0; i < INDEX_HEADER_BYTES; i++)
            first[i] = bytes[i];
        __sync_synchronize();
        for (int i = 0; i < INDEX_HEADER_BYTES; i++)
            second[i] = bytes[INDEX_HEADER_BYTES + i];
        if (memcmp(first, second, sizeof first) != 0 || first[12] == 0) {
            usleep(100);
            continue;
        }
        *out = (struct index_state){.changes = word_at(first, 8),
                                    .frames = word_at(first, 16),
                                    .copied = word_at(bytes, INDEX_BACKFILL),
                                    .salts = {word_at(first, 32), word_at(first, 36)},
                                    .big_endian = first[13] != 0};
        return true;
    }
    return false;
}

static enum status index_needed(struct log_reader *reader, struct index_state *out, struct error *err)
{
    return read_index(reader, out)
               ? STATUS_OK
               : error_set(err, STATUS_IO, "storage.io", "", "the index of %s cannot be read", reader->log_path);
}

/*
 * The new hold before the old one is given up: at no moment is there none. A snapshot taken while the whole log is copied reads the
 * database file alone and holds nothing, so the old hold stays until the new one surely lies within the log.
 */
static enum status pin_anew(struct log_reader *reader, struct error *err)
{
    int next = reader->pinned == 0 ? 1 : 0;
    struct index_state before, after;
    bool held = reader->pinned >= 0, known = held && read_index(reader, &before);
    enum status status = pin(reader->pins[next], err);

    if (status != STATUS_OK)
        return status;
    bool within = known && read_index(reader, &after) && after.copied < before.frames &&
                  memcmp(after.salts, before.salts, sizeof after.salts) == 0;
    if (held && !within) {
        unpin(reader->pins[next]);
        return STATUS_OK;
    }
    if (held)
        unpin(reader->pins[reader->pinned]);
    reader->pinned = next;
    return STATUS_OK;
}

/* ---- frames ---- */

static void add_checks(bool big_endian, const unsigned char *bytes, size_t size, uint32_t checks[2])
{
    for (size_t i = 0; i < size; i += 8) {
        uint32_t first, second;
        memcpy(&first, bytes + i, 4);
        memcpy(&second, bytes + i + 4, 4);
        checks[0] += (big_endian ? be32toh(first) : le32toh(first)) + checks[1];
        checks[1] += (big_endian ? be32toh(second) : le32toh(second)) + checks[0];
    }
}

static uint32_t big(const unsigned char *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof word);
    return be32toh(word);
}

static bool read_at(struct log_reader *reader, unsigned char *bytes, size_t size, int64_t offset)
{
    if (reader->log < 0)
        reader->log = open(reader->log_path, O_RDONLY | O_CLOEXEC);
    return reader->log >= 0 && pread(reader->log, bytes, size, offset) == (ssize_t)size;
}

/* To the start of the log as it is now. */
static bool start_log(struct log_reader *reader, struct log_position *out)
{
    unsigned char header[LOG_HEADER_BYTES];
    struct log_position start = {.frames = 0};

    if (!read_at(reader, header, sizeof header, 0))
        return false;
    reader->big_endian = (big(header) & 1) != 0;
    memcpy(start.salts, header + 16, sizeof start.salts);
    add_checks(reader->big_endian, header, LOG_HEADER_BYTES - 8, start.checks);
    if (start.checks[0] != big(header + 24) || start.checks[1] != big(header + 28))
        return false;
    *out = start;
    return true;
}

/* Reads the frame after `position` into reader->frame and moves on; false when it is not one of this log. */
static bool next_frame(struct log_reader *reader, struct log_position *position)
{
    size_t size = (size_t)reader->page_bytes + FRAME_HEADER_BYTES;
    uint32_t checks[2] = {position->checks[0], position->checks[1]};

    if (!read_at(reader, reader->frame, size, LOG_HEADER_BYTES + position->frames * (int64_t)size) ||
        memcmp(reader->frame + 8, position->salts, sizeof position->salts) != 0)
        return false;
    add_checks(reader->big_endian, reader->frame, 8, checks);
    add_checks(reader->big_endian, reader->frame + FRAME_HEADER_BYTES, (size_t)reader->page_bytes, checks);
    if (checks[0] != big(reader->frame + 16) || checks[1] != big(reader->frame + 20))
        return false;
    memcpy(position->checks, checks, sizeof checks);
    position->frames++;
    return true;
}

static bool same_log(const struct log_position *position, const struct index_state *index)
{
    return memcmp(position->salts, index->salts, sizeof index->salts) == 0;
}

/* ---- what is offered ---- */

enum status log_reader_open(const char *database, struct log_reader **out, struct error *err)
{
    struct log_reader *reader = calloc(1, sizeof *reader);
    size_t size = strlen(database) + 8;

    if (reader == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory to read the log");
    sqlite_configure_cache(); /* before the first connection */
    reader->pinned = reader->log = -1;
    reader->log_path = malloc(size);
    snprintf(reader->log_path, size, "%s-wal", database);
    enum status status = connect_one(database, &reader->base, err);
    if (status == STATUS_OK)
        status = connect_one(database, &reader->writer, err);
    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        status = connect_one(database, &reader->pins[i], err);
    if (status == STATUS_OK)
        status = read_page_size(reader, err);
    if (status == STATUS_OK)
        status = pin_anew(reader, err); /* the first also maps the index */
    struct index_state index = {.changes = 0};
    if (status == STATUS_OK)
        status = index_needed(reader, &index, err);
    if (status != STATUS_OK) {
        log_reader_close(reader);
        return status;
    }
    sqlite3_busy_handler(reader->writer, wait_for_gap, NULL);
    log_reader_skip(reader);
    *out = reader;
    return STATUS_OK;
}

void log_reader_close(struct log_reader *reader)
{
    if (reader == NULL)
        return;
    unpin(reader->pins[0]);
    unpin(reader->pins[1]);
    unpin(reader->writer);
    unpin(reader->base);
    sqlite3_close_v2(reader->pins[0]);
    sqlite3_close_v2(reader->pins[1]);
    sqlite3_close_v2(reader->writer);
    sqlite3_close_v2(reader->base);
    if (reader->log >= 0)
        close(reader->log);
    free(reader->frame);
    free(reader->log_path);
    free(reader);
}

int64_t log_reader_page_bytes(const struct log_reader *reader)
{
    return reader->page_bytes;
}

struct log_position log_reader_position(const struct log_reader *reader)
{
    return reader->at;
}

bool log_reader_is_empty(struct log_reader *reader)
{
    struct index_state index;

    return read_index(reader, &index) && index.frames == 0;
}

void log_reader_skip(struct log_reader *reader)
{
    struct index_state index;

    if (!read_index(reader, &index))
        return;
    if (start_log(reader, &reader->at) && same_log(&reader->at, &index))
        while (reader->at.frames < index.frames && next_frame(reader, &reader->at))
            continue;
    reader->changes = index.changes;
}

enum status log_is_whole(const char *database, bool *whole, struct error *err)
{
    struct log_reader *reader;
    struct index_state index = {.frames = 0};
    enum status status = log_reader_open(database, &reader, err); /* which has gone to the end */

    if (status != STATUS_OK)
        return status;
    status = index_needed(reader, &index, err);
    *whole = index.frames == 0 || (same_log(&reader->at, &index) && reader->at.frames == index.frames);
    log_reader_close(reader);
    return status;
}

/* At frame `number` of the file, written in this log or left by one before it; false past the end. */
static bool frame_header(struct log_reader *reader, int64_t number, unsigned char header[FRAME_HEADER_BYTES])
{
    int64_t size = reader->page_bytes + FRAME_HEADER_BYTES;

    return read_at(reader, header, FRAME_HEADER_BYTES, LOG_HEADER_BYTES + number * size);
}

/*
 * Whether the log before this one ended at `position`: a log that begins anew counts its first salt up by one and writes over the
 * frames from the first, so the last ones of the log before are still there, each with its salts and the checksum up to it.
 */
static bool ended_before(struct log_reader *reader, const struct log_position *position, const struct log_position *log,
                         int64_t frames)
{
    unsigned char last[FRAME_HEADER_BYTES], next[FRAME_HEADER_BYTES];
    uint32_t checks[2];

    if (big((const unsigned char *)log->salts) != big((const unsigned char *)position->salts) + 1 ||
        frames >= position->frames || !frame_header(reader, position->frames - 1, last))
        return false;
    checks[0] = big(last + 16);
    checks[1] = big(last + 20);
    return memcmp(last + 8, position->salts, sizeof position->salts) == 0 &&
           memcmp(checks, position->checks, sizeof checks) == 0 &&
           (!frame_header(reader, position->frames, next) ||
            memcmp(next + 8, position->salts, sizeof position->salts) != 0);
}

bool log_reader_seek(struct log_reader *reader, const struct log_position *position)
{
    struct log_position at;
    struct index_state index;
    int64_t commits = 0;

    if (!read_index(reader, &index) || !start_log(reader, &at) || !same_log(&at, &index))
        return false;
    if (memcmp(at.salts, position->salts, sizeof at.salts) != 0) {
        if (!ended_before(reader, position, &at, index.frames))
            return false;
    } else {
        while (at.frames < position->frames && at.frames < index.frames && next_frame(reader, &at))
            continue;
        if (at.frames != position->frames || memcmp(at.checks, position->checks, sizeof at.checks) != 0)
            return false;
    }
    struct log_position rest = at;
    while (rest.frames < index.frames && next_frame(reader, &rest))
        commits += big(reader->frame + 4) != 0;
    reader->at = at;
    reader->changes = index.changes - (uint32_t)commits;
    return true;
}

/* Commits are seen before they are flushed; nothing is given that a loss of power could still take back. */
static bool flush_log(struct log_reader *reader)
{
    unsigned char byte;

    return read_at(reader, &byte, 1, 0) && fdatasync(reader->log) == 0;
}

/* The frames of the log up to what the header says, from `reader->at`. */
static enum status give(struct log_reader *reader, const struct index_state *index, const struct log_sink *sink,
                        struct error *err)
{
    struct log_position at = reader->at;
    enum status status = STATUS_OK;

    if (!flush_log(reader))
        return fail_file(reader, err);
    while (at.frames < index->frames && status == STATUS_OK) {
        if (!next_frame(reader, &at))
            return fail_file(reader, err);
        uint32_t size = big(reader->frame + 4);
        status = sink->page(sink->context, big(reader->frame), reader->frame + FRAME_HEADER_BYTES, err);
        if (status == STATUS_OK && size != 0)
            status = sink->commit(sink->context, size, at.frames, err);
        if (status == STATUS_OK && size != 0) {
            reader->at = at;
            reader->changes++;
        }
    }
    return status;
}

static bool next_log(struct log_reader *reader)
{
    if (reader->log >= 0)
        close(reader->log);
    reader->log = -1;
    return start_log(reader, &reader->at);
}

enum status log_reader_read(struct log_reader *reader, const struct log_sink *sink, bool *missed, struct error *err)
{
    struct index_state index;
    enum status status = index_needed(reader, &index, err);

    *missed = false;
    if (status != STATUS_OK)
        return status;
    if (index.frames > 0 && !same_log(&reader->at, &index) && (!next_log(reader) || !same_log(&reader->at, &index)))
        return fail_file(reader, err);
    if (index.frames > 0 && index.frames > reader->at.frames)
        status = give(reader, &index, sink, err);
    if (status == STATUS_OK && reader->changes != index.changes) {
        *missed = true;
        reader->changes = index.changes;
    }
    if (status == STATUS_OK && reader->pinned >= 0)
        status = pin_anew(reader, err);
    return status;
}

enum status log_reader_hold_writers(struct log_reader *reader, struct error *err)
{
    return run(reader->writer, "BEGIN IMMEDIATE", err);
}

void log_reader_leave(struct log_reader *reader)
{
    if (reader->pinned >= 0)
        unpin(reader->pins[reader->pinned]);
    reader->pinned = -1;
}

void log_reader_let_go(struct log_reader *reader)
{
    if (reader->pinned < 0)
        pin_anew(reader, NULL);
    unpin(reader->writer);
}

bool log_reader_checkpoint(struct log_reader *reader)
{
    int frames = 0, copied = 0;

    return sqlite3_wal_checkpoint_v2(reader->base, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) == SQLITE_OK &&
           frames == copied;
}

enum status log_reader_base_begin(struct log_reader *reader, int64_t *pages, struct error *err)
{
    struct index_state index;
    sqlite3_int64 bytes = 0;
    enum status status = pin(reader->base, err);

    if (status == STATUS_OK)
        status = index_needed(reader, &index, err);
    /* With everything copied a reader holds the file itself: a checkpoint waits until it is gone. */
    if (status == STATUS_OK && (index.copied != index.frames || index.changes != reader->changes))
        status = error_set(err, STATUS_BUSY, "storage.locked", "", "the log is not wholly in the database file");
    if (status == STATUS_OK && file_of(reader->base)->pMethods->xFileSize(file_of(reader->base), &bytes) != SQLITE_OK)
        status = fail(reader->base, "size", err);
    if (status != STATUS_OK) {
        unpin(reader->base);
        return status;
    }
    *pages = bytes / reader->page_bytes;
    return STATUS_OK;
}

enum status log_reader_base_page(struct log_reader *reader, int64_t number, unsigned char *bytes, struct error *err)
{
    sqlite3_file *file = file_of(reader->base);

    if (file->pMethods->xRead(file, bytes, (int)reader->page_bytes, number * reader->page_bytes) == SQLITE_OK)
        return STATUS_OK;
    return error_set(err, STATUS_IO, "storage.io", "", "a page of the database cannot be read");
}

void log_reader_base_end(struct log_reader *reader)
{
    unpin(reader->base);
}

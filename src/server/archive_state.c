#include "server/archive_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/log.h"
#include "server/key_file.h"

enum { STATE_ARENA_SIZE = 16 * 1024 * 1024, NOTE_SIZE = 256 };

/* ---- where it ends ---- */

static void take_block(struct archive_state *state, const struct archive_block *block)
{
    state->commit = block->first_commit + block->commits - 1;
    state->until_at = block->until_at;
    state->position = block->end;
    memcpy(state->previous, block->digest, sizeof state->previous);
}

/* A block that reaches to the end of its file was being written when the machine stopped; another was damaged later. */
static bool is_half_written(const struct archive_segment_reader *reader)
{
    struct archive_block block;
    int64_t bytes = file_bytes(reader->path);

    if (bytes - reader->offset < (int64_t)sizeof block)
        return true;
    return pread(reader->file, &block, sizeof block, reader->offset) == (ssize_t)sizeof block &&
           block.stored_bytes < (uint64_t)bytes &&
           reader->offset + (int64_t)sizeof block + (int64_t)block.stored_bytes >= bytes;
}

static enum status cut_off(const struct archive_segment_reader *reader, struct error *err)
{
    log_event(LOG_WARNING, "archive.cut", "%s ends after %lld sound bytes", reader->path, (long long)reader->offset);
    if (truncate(reader->path, reader->offset) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_IO, "archive.write", "", "%s cannot be cut: %s", reader->path, strerror(errno));
}

static enum status read_last(const char *directory, const struct archive_segment *segment, struct archive_state *state,
                             struct error *err)
{
    struct archive_segment_reader reader;
    struct archive_block block;
    bool end = false;
    enum status status = archive_segment_open(directory, segment->first_commit, &reader, err);

    while (status == STATUS_OK && !end) {
        status = archive_segment_next(&reader, &block, &end, err);
        if (status == STATUS_OK && !end)
            take_block(state, &block);
    }
    if (status == STATUS_CONFLICT && is_half_written(&reader)) {
        status = cut_off(&reader, err);
    } else if (status == STATUS_CONFLICT) {
        log_event(LOG_ERROR, "archive.damaged", "%s: what comes after %lld bytes is lost", reader.path,
                  (long long)reader.offset);
        state->known = false;
        status = STATUS_OK;
    }
    archive_segment_close(&reader);
    return status;
}

static bool has_base(const struct archive_listing *listing, uint64_t commit)
{
    bool found = false;

    for (size_t i = 0; i < listing->base_count; i++)
        found |= listing->bases[i].commit == commit;
    return found;
}

/* Whether the last segments lead back to a copy: one that nothing leads to needs a copy of its own. */
static bool is_based(const char *directory, const struct archive_listing *listing)
{
    static const unsigned char nothing[DIGEST_SIZE];

    for (size_t i = listing->segment_count; i > 0; i--) {
        uint64_t first = listing->segments[i - 1].first_commit;
        struct archive_segment_reader reader;
        struct archive_block block = {.commits = 0};
        bool read = archive_segment_open(directory, first, &reader, NULL) == STATUS_OK &&
                    pread(reader.file, &block, sizeof block, 0) == (ssize_t)sizeof block;
        archive_segment_close(&reader);
        if (read && has_base(listing, first - 1))
            return true;
        if (read && memcmp(block.previous, nothing, sizeof nothing) == 0)
            return false;
    }
    return listing->base_count > 0;
}

static enum status find(const char *directory, struct arena *arena, struct archive_state *out, int64_t *base_at,
                        struct error *err)
{
    struct archive_listing listing;
    struct archive_state state = {.known = false};
    enum status status = archive_list(arena, directory, &listing, err);

    *base_at = 0;
    if (status != STATUS_OK)
        return status;
    const struct archive_base *base = listing.base_count > 0 ? &listing.bases[listing.base_count - 1] : NULL;
    const struct archive_segment *last =
        listing.segment_count > 0 ? &listing.segments[listing.segment_count - 1] : NULL;
    if (last != NULL) {
        state = (struct archive_state){.known = true, .commit = last->first_commit - 1};
        status = read_last(directory, last, &state, err);
        state.known = state.known && is_based(directory, &listing);
    }
    if (base != NULL)
        *base_at = base->at;
    if (base != NULL && base->commit > state.commit)
        state = (struct archive_state){.known = false, .commit = base->commit, .until_at = base->at};
    if (status == STATUS_OK)
        *out = state;
    return status;
}

enum status archive_state_find(const char *directory, struct archive_state *out, int64_t *base_at, struct error *err)
{
    struct arena *arena = arena_new(STATE_ARENA_SIZE);
    enum status status = find(directory, arena, out, base_at, err);

    arena_free(arena);
    return status;
}

/* ---- whether anybody wrote since ---- */

static bool describe(const char *database, char out[NOTE_SIZE])
{
    char log[SERVER_PATH_SIZE + 8];
    struct stat found;

    snprintf(log, sizeof log, "%.*s-wal", SERVER_PATH_SIZE, database);
    if (file_has_content(log) || stat(database, &found) != 0)
        return false;
    snprintf(out, NOTE_SIZE, "%lld %lld %lld.%09ld\n", (long long)found.st_ino, (long long)found.st_size,
             (long long)found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
    return true;
}

static char *note_path(const char *directory, char out[ARCHIVE_PATH_SIZE])
{
    snprintf(out, ARCHIVE_PATH_SIZE, "%.*s/stopped", SERVER_PATH_SIZE, directory);
    return out;
}

void archive_state_keep(const char *directory, const char *database)
{
    char path[ARCHIVE_PATH_SIZE], text[NOTE_SIZE];

    if (!describe(database, text))
        return;
    FILE *file = fopen(note_path(directory, path), "we");
    if (file == NULL)
        return;
    fputs(text, file);
    if (fflush(file) != 0 || fsync(fileno(file)) != 0)
        unlink(path);
    fclose(file);
}

bool archive_state_untouched(const char *directory, const char *database)
{
    char path[ARCHIVE_PATH_SIZE], text[NOTE_SIZE], kept[NOTE_SIZE] = "";
    FILE *file = fopen(note_path(directory, path), "re");
    bool read = file != NULL && fgets(kept, sizeof kept, file) != NULL;

    if (file != NULL)
        fclose(file);
    return read && describe(database, text) && strcmp(text, kept) == 0;
}

void archive_state_forget(const char *directory)
{
    char path[ARCHIVE_PATH_SIZE];

    unlink(note_path(directory, path));
}

/* ---- what is too old ---- */

enum status archive_prune(const char *directory, int64_t oldest, struct error *err)
{
    struct arena *arena = arena_new(STATE_ARENA_SIZE);
    struct archive_listing listing = {.base_count = 0};
    char path[ARCHIVE_PATH_SIZE];
    size_t first = 0;
    enum status status = archive_list(arena, directory, &listing, err);

    /* The last copy from before the oldest moment is where restoring it begins. */
    for (size_t i = 0; i < listing.base_count; i++)
        if (listing.bases[i].at <= oldest)
            first = i;
    for (size_t i = 0; status == STATUS_OK && i < first; i++) {
        unlink(archive_path(directory, "base", listing.bases[i].commit, "info", path));
        unlink(archive_path(directory, "base", listing.bases[i].commit, "zst", path));
    }
    for (size_t i = 0; status == STATUS_OK && i < listing.segment_count; i++)
        if (listing.base_count > 0 && listing.segments[i].first_commit <= listing.bases[first].commit)
            unlink(archive_path(directory, "log", listing.segments[i].first_commit, "seg", path));
    arena_free(arena);
    return status;
}

/* archive_restore.c: puts a database back from a copy and the commits after it, and reads whole archives. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/instant.h"
#include "server/archive.h"
#include "server/archive_file.h"

enum { RESTORE_ARENA_SIZE = 64 * 1024 * 1024 };

/* Follows the blocks from a copy on. */
struct following {
    const char *directory;
    struct archive_listing listing;
    int64_t moment;
    int into;        /* -1: only read */
    uint64_t commit; /* the last one taken */
    int64_t at, until_at, bytes, size;
    unsigned char previous[DIGEST_SIZE];
    bool passed; /* a commit after the moment was seen */
    int64_t page_bytes;
};

static enum status fail_gap(const struct following *following, const char *what, struct error *err)
{
    char at[INSTANT_TEXT_SIZE];

    return error_set(err, STATUS_CONFLICT, "archive.damaged", "",
                     "%s after commit %llu: the archive can be followed to %s and no further", what,
                     (unsigned long long)following->commit, instant_format(following->until_at, at));
}

static enum status write_page(struct following *following, uint32_t number, const unsigned char *bytes,
                              struct error *err)
{
    if (following->into < 0 || pwrite(following->into, bytes, (size_t)following->page_bytes,
                                      (int64_t)(number - 1) * following->page_bytes) == following->page_bytes)
        return STATUS_OK;
    return error_set(err, STATUS_IO, "file.write", "", "the restored database cannot be written: %s", strerror(errno));
}

/* The commits of a block up to the moment. */
static enum status apply(struct following *following, const struct archive_block *block, const unsigned char *raw,
                         struct error *err)
{
    const unsigned char *next = raw, *end = raw + block->raw_bytes;
    size_t page = (size_t)following->page_bytes + sizeof(uint32_t);
    enum status status = STATUS_OK;

    for (uint64_t i = 0; i < block->commits && status == STATUS_OK; i++) {
        struct archive_commit commit;
        if ((size_t)(end - next) < sizeof commit)
            return fail_gap(following, "a block has fewer commits than it says", err);
        memcpy(&commit, next, sizeof commit);
        next += sizeof commit;
        if (commit.pages > (size_t)(end - next) / page)
            return fail_gap(following, "a block has fewer pages than it says", err);
        if (commit.at > following->moment) {
            following->passed = true;
            return STATUS_OK;
        }
        for (uint32_t k = 0; k < commit.pages && status == STATUS_OK; k++, next += page) {
            uint32_t number;
            memcpy(&number, next, sizeof number);
            if (number == 0)
                return fail_gap(following, "a block has a page without a number", err);
            status = write_page(following, number, next + sizeof number, err);
        }
        following->commit = block->first_commit + i;
        following->at = commit.at;
        following->size = commit.size;
    }
    return status;
}

static enum status follow_segment(struct following *following, const struct archive_segment *segment, bool *broken,
                                  struct error *err)
{
    struct archive_segment_reader reader;
    struct archive_block block;
    bool end = false, started = false;
    enum status status = archive_segment_open(following->directory, segment->first_commit, &reader, err);

    while (status == STATUS_OK && !end && !following->passed) {
        status = archive_segment_next(&reader, &block, &end, err);
        if (status != STATUS_OK || end)
            break;
        /* A copy may be made while nothing is committed: then signs of life lie before it in the same segment. */
        bool follows = memcmp(block.previous, following->previous, sizeof block.previous) == 0;
        if (!follows && !started && block.commits == 0 && block.until_at <= following->until_at)
            continue;
        started = true;
        if (!follows || block.first_commit != following->commit + 1 ||
            block.page_bytes != (uint32_t)following->page_bytes) {
            *broken = true; /* commits are missing between */
            break;
        }
        status = apply(following, &block, reader.raw, err);
        if (status != STATUS_OK || following->passed)
            break;
        following->until_at = block.until_at;
        following->bytes += (int64_t)block.stored_bytes;
        memcpy(following->previous, block.digest, sizeof following->previous);
        if (block.until_at > following->moment)
            following->passed = true;
    }
    if (status == STATUS_CONFLICT) {
        char what[ERROR_MESSAGE_SIZE];
        snprintf(what, sizeof what, "%s", err != NULL ? err->message : "");
        status = fail_gap(following, what, err);
    }
    archive_segment_close(&reader);
    return status;
}

static void begin_at(struct following *following, const struct archive_base *base)
{
    following->commit = base->commit;
    following->at = following->until_at = base->at;
    following->page_bytes = base->page_bytes;
    following->size = base->pages;
    following->passed = false;
    memcpy(following->previous, base->previous, sizeof following->previous);
}

/* `*next`: the first segment that was not followed to its end. */
static enum status follow(struct following *following, size_t *next, bool *broken, struct error *err)
{
    enum status status = STATUS_OK;

    *broken = false;
    for (*next = 0; *next < following->listing.segment_count; ++*next) {
        const struct archive_segment *segment = &following->listing.segments[*next];
        if (segment->first_commit <= following->commit)
            continue;
        *broken = segment->first_commit != following->commit + 1;
        if (!*broken)
            status = follow_segment(following, segment, broken, err);
        if (status != STATUS_OK || following->passed || *broken)
            return status;
    }
    return STATUS_OK;
}

/* ---- restoring ---- */

static enum status check_reached(const struct following *following, bool broken, struct error *err)
{
    char at[INSTANT_TEXT_SIZE], wanted[INSTANT_TEXT_SIZE];

    if (following->passed || following->moment <= following->until_at || following->moment == INT64_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_MISSING, "archive.range", "", "%s: every commit is known up to %s, not up to %s%s",
                     broken ? "the archive has a gap" : "the archive ends earlier",
                     instant_format(following->until_at, at), instant_format(following->moment, wanted),
                     broken ? "" : "; --latest takes what there is");
}

static const struct archive_base *base_before(const struct archive_listing *listing, int64_t moment)
{
    const struct archive_base *found = NULL;

    for (size_t i = 0; i < listing->base_count; i++)
        if (listing->bases[i].at <= moment)
            found = &listing->bases[i];
    return found;
}

static enum status restore(struct following *following, struct arena *arena, const char *into, struct error *err)
{
    char at[INSTANT_TEXT_SIZE];
    size_t next;
    bool broken = false;
    enum status status = archive_list(arena, following->directory, &following->listing, err);

    if (status != STATUS_OK)
        return status;
    const struct archive_base *base = base_before(&following->listing, following->moment);
    if (base == NULL)
        return error_set(err, STATUS_MISSING, "archive.range", "", "the archive %s has no copy from before %s",
                         following->directory, instant_format(following->moment, at));
    following->into = open(into, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (following->into < 0)
        return error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be made: %s", into, strerror(errno));
    begin_at(following, base);
    status = archive_base_read(following->directory, base, following->into, err);
    if (status == STATUS_OK)
        status = follow(following, &next, &broken, err);
    if (status == STATUS_OK)
        status = check_reached(following, broken, err);
    if (status == STATUS_OK &&
        (ftruncate(following->into, following->size * following->page_bytes) != 0 || fsync(following->into) != 0))
        status = error_set(err, STATUS_IO, "file.write", "", "'%s' cannot be written: %s", into, strerror(errno));
    close(following->into);
    if (status != STATUS_OK)
        unlink(into);
    return status;
}

enum status archive_restore(const char *directory, int64_t moment, const char *into, struct archive_restored *out,
                            struct error *err)
{
    struct arena *arena = arena_new(RESTORE_ARENA_SIZE);
    struct following following = {.directory = directory, .moment = moment, .into = -1};
    enum status status = restore(&following, arena, into, err);

    arena_free(arena);
    if (status == STATUS_OK)
        *out = (struct archive_restored){following.commit, following.at, following.until_at};
    return status;
}

/* ---- reading all of it ---- */

static enum status check(struct following *following, struct arena *arena,
                         void (*each)(void *context, const struct archive_stretch *stretch), void *context,
                         struct error *err)
{
    enum status status = archive_list(arena, following->directory, &following->listing, err);
    enum status worst = STATUS_OK;
    size_t next = 0;

    for (size_t i = 0; status == STATUS_OK && i < following->listing.base_count; i++) {
        const struct archive_base *base = &following->listing.bases[i];
        bool broken = false;
        if (i > 0 && base->commit <= following->commit && base->at <= following->until_at)
            continue; /* on the way of the one before */
        following->bytes = 0;
        begin_at(following, base);
        enum status found = follow(following, &next, &broken, worst == STATUS_OK ? err : NULL);
        worst = worst == STATUS_OK ? found : worst;
        struct archive_stretch stretch = {base->at, following->until_at, base->commit, following->commit,
                                          following->bytes};
        if (each != NULL)
            each(context, &stretch);
    }
    return status == STATUS_OK ? worst : status;
}

enum status archive_check(const char *directory, void (*each)(void *context, const struct archive_stretch *stretch),
                          void *context, struct error *err)
{
    struct arena *arena = arena_new(RESTORE_ARENA_SIZE);
    struct following following = {.directory = directory, .moment = INT64_MAX, .into = -1};
    enum status status = check(&following, arena, each, context, err);

    arena_free(arena);
    return status;
}

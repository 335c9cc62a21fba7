/* archive_file.c: names, listings and blocks of an archive. */
#include "server/archive_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "foundation/encoding.h"
#include "foundation/instant.h"
#include "server/key_file.h"

enum { BLOCK_LEVEL = 1, BASE_LEVEL = 1, INFO_SIZE_MAX = 1024, COPY_BYTES = 1 << 20 };
#define BLOCK_BYTES_MAX (INT64_C(4) << 30)

static const char block_magic[8] = "PATRONL1";
static const char info_format[] = "patron archive 1\ncommit %llu\nat %lld\npages %lld\npage_bytes %lld\ncontinues %d\n"
                                  "previous %s\n";

char *archive_path(const char *directory, const char *kind, uint64_t commit, const char *ending,
                   char out[ARCHIVE_PATH_SIZE])
{
    snprintf(out, ARCHIVE_PATH_SIZE, "%.*s/%s-%012llu.%s", SERVER_PATH_SIZE, directory, kind,
             (unsigned long long)commit, ending);
    return out;
}

static enum status fail_write(const char *path, struct error *err)
{
    return error_set(err, STATUS_IO, "archive.write", "", "the archive %s cannot be written: %s", path,
                     strerror(errno));
}

static enum status fail_read(const char *path, struct error *err)
{
    return error_set(err, STATUS_IO, "archive.read", "", "the archive %s cannot be read: %s", path, strerror(errno));
}

static enum status fail_damaged(const char *path, const char *what, struct error *err)
{
    return error_set(err, STATUS_CONFLICT, "archive.damaged", "", "%s: %s", path, what);
}

static bool write_all(int file, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = write(file, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        next += written;
        size -= (size_t)written;
    }
    return true;
}

/* ---- infos of bases ---- */

static int write_info(const struct archive_base *base, char out[INFO_SIZE_MAX])
{
    char previous[DIGEST_SIZE * 2 + 1];
    return snprintf(out, INFO_SIZE_MAX, info_format, (unsigned long long)base->commit, (long long)base->at,
                    (long long)base->pages, (long long)base->page_bytes, base->continues ? 1 : 0,
                    hex_encode(base->previous, DIGEST_SIZE, previous));
}

/* Read by writing it again: what is not the same was damaged. */
static bool read_info(const char *path, struct archive_base *out)
{
    char text[INFO_SIZE_MAX], again[INFO_SIZE_MAX], previous[DIGEST_SIZE * 2 + 1];
    unsigned long long commit;
    long long at, pages, page_bytes;
    int continues;
    FILE *file = fopen(path, "re");
    size_t size = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    text[size] = '\0';
    if (sscanf(text,
               "patron archive 1 commit %llu at %lld pages %lld page_bytes %lld continues %d previous %64[0-9a-f]",
               &commit, &at, &pages, &page_bytes, &continues, previous) != 6)
        return false;
    *out = (struct archive_base){
        .commit = commit, .at = at, .pages = pages, .page_bytes = page_bytes, .continues = continues == 1};
    if (!hex_decode(text_from(previous), out->previous, DIGEST_SIZE))
        return false;
    write_info(out, again);
    return strcmp(text, again) == 0;
}

/* ---- listing ---- */

static int by_commit(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static void add_entry(struct arena *arena, const char *directory, const char *name, struct archive_listing *out)
{
    char path[ARCHIVE_PATH_SIZE], ending[8];
    unsigned long long commit;
    struct archive_base base;
    if (sscanf(name, "base-%llu.%7s", &commit, ending) == 2 && strcmp(ending, "info") == 0) {
        if (!read_info(archive_path(directory, "base", commit, "info", path), &base) || base.commit != commit ||
            !file_has_content(archive_path(directory, "base", commit, "zst", path)))
            return;
        out->bases = arena_grow(arena, out->bases, &out->base_capacity, out->base_count + 1, sizeof base);
        out->bases[out->base_count++] = base;
    } else if (sscanf(name, "log-%llu.%7s", &commit, ending) == 2 && strcmp(ending, "seg") == 0) {
        out->segments =
            arena_grow(arena, out->segments, &out->segment_capacity, out->segment_count + 1, sizeof *out->segments);
        out->segments[out->segment_count++] =
            (struct archive_segment){commit, file_bytes(archive_path(directory, "log", commit, "seg", path))};
    }
}

enum status archive_list(struct arena *arena, const char *directory, struct archive_listing *out, struct error *err)
{
    DIR *folder = opendir(directory);
    struct archive_listing listing = {.base_count = 0};
    if (folder == NULL)
        return fail_read(directory, err);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        add_entry(arena, directory, entry->d_name, &listing);
    closedir(folder);
    /* Both structs begin with the commit. */
    if (listing.base_count > 0)
        qsort(listing.bases, listing.base_count, sizeof *listing.bases, by_commit);
    if (listing.segment_count > 0)
        qsort(listing.segments, listing.segment_count, sizeof *listing.segments, by_commit);
    *out = listing;
    return STATUS_OK;
}

/* ---- blocks ---- */

static void block_digest(const struct archive_block *block, const void *stored, unsigned char out[DIGEST_SIZE])
{
    struct archive_block bare = *block;
    unsigned char digests[2 * DIGEST_SIZE];
    memset(bare.digest, 0, sizeof bare.digest);
    digest_compute(&bare, sizeof bare, digests);
    digest_compute(stored, block->stored_bytes, digests + DIGEST_SIZE);
    digest_compute(digests, sizeof digests, out);
}

enum status archive_block_write(int file, struct archive_block *block, const void *raw, size_t size, struct error *err)
{
    size_t room = ZSTD_compressBound(size);
    char *stored = malloc(room + 1);
    if (stored == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to archive");
    size_t stored_bytes = size == 0 ? 0 : ZSTD_compress(stored, room, raw, size, BLOCK_LEVEL);
    enum status status = STATUS_OK;
    if (ZSTD_isError(stored_bytes))
        status = error_set(err, STATUS_DEFECT, "archive.write", "", "%s", ZSTD_getErrorName(stored_bytes));
    if (status == STATUS_OK) {
        memcpy(block->magic, block_magic, sizeof block->magic);
        block->raw_bytes = size;
        block->stored_bytes = stored_bytes;
        block_digest(block, stored, block->digest);
        /* What a failed write left is overwritten by the next one, or cut off at the next start. */
        off_t start = lseek(file, 0, SEEK_END);
        if (!write_all(file, block, sizeof *block) || !write_all(file, stored, stored_bytes) || fdatasync(file) != 0) {
            status = fail_write("log", err);
            if (ftruncate(file, start) != 0)
                status = fail_write("log", err);
        }
    }
    free(stored);
    return status;
}

enum status archive_segment_open(const char *directory, uint64_t first_commit, struct archive_segment_reader *out,
                                 struct error *err)
{
    *out = (struct archive_segment_reader){.file = -1};
    archive_path(directory, "log", first_commit, "seg", out->path);
    out->file = open(out->path, O_RDONLY | O_CLOEXEC);
    return out->file >= 0 ? STATUS_OK : fail_read(out->path, err);
}

void archive_segment_close(struct archive_segment_reader *reader)
{
    if (reader->file >= 0)
        close(reader->file);
    free(reader->raw);
    free(reader->stored);
    *reader = (struct archive_segment_reader){.file = -1};
}

static bool have_room(unsigned char **bytes, size_t *capacity, size_t size)
{
    if (size <= *capacity)
        return true;
    unsigned char *grown = realloc(*bytes, size);
    if (grown != NULL) {
        *bytes = grown;
        *capacity = size;
    }
    return grown != NULL;
}

static enum status read_stored(struct archive_segment_reader *reader, const struct archive_block *block,
                               struct error *err)
{
    unsigned char digest[DIGEST_SIZE];
    if (block->raw_bytes > (uint64_t)BLOCK_BYTES_MAX || block->stored_bytes > (uint64_t)BLOCK_BYTES_MAX)
        return fail_damaged(reader->path, "a block has an impossible size", err);
    if (!have_room(&reader->stored, &reader->stored_capacity, block->stored_bytes + 1) ||
        !have_room(&reader->raw, &reader->raw_capacity, block->raw_bytes + 1))
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to read the archive");
    if (pread(reader->file, reader->stored, block->stored_bytes, reader->offset + (int64_t)sizeof *block) !=
        (ssize_t)block->stored_bytes)
        return fail_damaged(reader->path, "its last block is cut off", err);
    block_digest(block, reader->stored, digest);
    if (memcmp(digest, block->digest, sizeof digest) != 0)
        return fail_damaged(reader->path, "a block is not what was written", err);
    if (block->raw_bytes > 0 &&
        ZSTD_decompress(reader->raw, block->raw_bytes, reader->stored, block->stored_bytes) != block->raw_bytes)
        return fail_damaged(reader->path, "a block cannot be unpacked", err);
    return STATUS_OK;
}

enum status archive_segment_next(struct archive_segment_reader *reader, struct archive_block *out, bool *end,
                                 struct error *err)
{
    struct archive_block block;
    ssize_t size = pread(reader->file, &block, sizeof block, reader->offset);
    *end = size == 0;
    if (size <= 0)
        return size == 0 ? STATUS_OK : fail_read(reader->path, err);
    if (size != (ssize_t)sizeof block || memcmp(block.magic, block_magic, sizeof block.magic) != 0)
        return fail_damaged(
            reader->path,
            size != (ssize_t)sizeof block ? "its last block is cut off" : "this is no block of an archive", err);
    enum status status = read_stored(reader, &block, err);
    if (status != STATUS_OK)
        return status;
    reader->offset += (int64_t)sizeof block + (int64_t)block.stored_bytes;
    *out = block;
    return STATUS_OK;
}

/* ---- bases ---- */

struct packing {
    ZSTD_CCtx *context;
    unsigned char *page;
    char *out;
    size_t out_bytes;
    int file;
};

static bool pack(struct packing *packing, const void *bytes, size_t size, bool last)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    for (;;) {
        ZSTD_outBuffer out = {packing->out, packing->out_bytes, 0};
        size_t left = ZSTD_compressStream2(packing->context, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) || !write_all(packing->file, packing->out, out.pos))
            return false;
        if (last ? left == 0 : in.pos == in.size)
            return true;
    }
}

static enum status pack_pages(struct packing *packing, const char *path, const struct archive_base *base,
                              struct log_reader *pages, struct error *err)
{
    ZSTD_CCtx_setParameter(packing->context, ZSTD_c_compressionLevel, BASE_LEVEL);
    ZSTD_CCtx_setParameter(packing->context, ZSTD_c_checksumFlag, 1);
    for (int64_t i = 0; i < base->pages; i++) {
        enum status status = log_reader_base_page(pages, i, packing->page, err);
        if (status != STATUS_OK)
            return status;
        if (!pack(packing, packing->page, (size_t)base->page_bytes, i + 1 == base->pages))
            return fail_write(path, err);
    }
    return fsync(packing->file) == 0 ? STATUS_OK : fail_write(path, err);
}

static enum status save_info(const char *directory, const struct archive_base *base, struct error *err)
{
    char path[ARCHIVE_PATH_SIZE], temporary[ARCHIVE_PATH_SIZE], text[INFO_SIZE_MAX];
    int size = write_info(base, text);
    archive_path(directory, "base", base->commit, "info", path);
    archive_path(directory, "base", base->commit, "part", temporary);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written = file >= 0 && write_all(file, text, (size_t)size) && fsync(file) == 0;
    if (file >= 0)
        close(file);
    return written && rename(temporary, path) == 0 ? STATUS_OK : fail_write(path, err);
}

enum status archive_base_write(const char *directory, const struct archive_base *base, struct log_reader *pages,
                               struct error *err)
{
    char path[ARCHIVE_PATH_SIZE], temporary[ARCHIVE_PATH_SIZE];
    struct packing packing = {.context = ZSTD_createCCtx(), .out_bytes = ZSTD_CStreamOutSize()};
    packing.page = malloc((size_t)base->page_bytes);
    packing.out = malloc(packing.out_bytes);
    archive_path(directory, "base", base->commit, "zst", path);
    archive_path(directory, "base", base->commit, "new", temporary);
    packing.file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum status status = packing.file < 0 ? fail_write(temporary, err) : STATUS_OK;
    if (status == STATUS_OK && (packing.context == NULL || packing.page == NULL || packing.out == NULL))
        status = error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to archive");
    if (status == STATUS_OK)
        status = pack_pages(&packing, path, base, pages, err);
    if (packing.file >= 0)
        close(packing.file);
    if (status == STATUS_OK && rename(temporary, path) != 0)
        status = fail_write(path, err);
    if (status == STATUS_OK)
        status = save_info(directory, base, err);
    if (status != STATUS_OK)
        unlink(temporary);
    ZSTD_freeCCtx(packing.context);
    free(packing.page);
    free(packing.out);
    return status;
}

static enum status unpack(ZSTD_DCtx *context, int from, int into, const char *path, int64_t *bytes, struct error *err)
{
    static const char damaged[] = "the copy of the database is damaged";
    char *in_bytes = malloc(COPY_BYTES), *out_bytes = malloc(COPY_BYTES);
    enum status status = in_bytes == NULL || out_bytes == NULL
                             ? error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to restore")
                             : STATUS_OK;
    size_t left = 1;
    while (status == STATUS_OK) {
        ssize_t size = read(from, in_bytes, COPY_BYTES);
        if (size <= 0) {
            status = size < 0 ? fail_read(path, err) : left != 0 ? fail_damaged(path, damaged, err) : STATUS_OK;
            break;
        }
        ZSTD_inBuffer in = {in_bytes, (size_t)size, 0};
        while (in.pos < in.size && status == STATUS_OK) {
            ZSTD_outBuffer out = {out_bytes, COPY_BYTES, 0};
            left = ZSTD_decompressStream(context, &out, &in);
            if (ZSTD_isError(left))
                status = fail_damaged(path, damaged, err);
            else if (!write_all(into, out_bytes, out.pos))
                status = fail_write("restored database", err);
            *bytes += (int64_t)out.pos;
        }
    }
    free(in_bytes);
    free(out_bytes);
    return status;
}

enum status archive_base_read(const char *directory, const struct archive_base *base, int into, struct error *err)
{
    char path[ARCHIVE_PATH_SIZE];
    int64_t bytes = 0;
    ZSTD_DCtx *context = ZSTD_createDCtx();
    int from = open(archive_path(directory, "base", base->commit, "zst", path), O_RDONLY | O_CLOEXEC);
    enum status status = from < 0 ? fail_read(path, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = unpack(context, from, into, path, &bytes, err);
    if (status == STATUS_OK && bytes != base->pages * base->page_bytes)
        status = fail_damaged(path, "the copy of the database has the wrong size", err);
    if (from >= 0)
        close(from);
    ZSTD_freeDCtx(context);
    return status;
}

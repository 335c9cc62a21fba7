/*
 * archive_file.h: the files of an archive of SQLite's log. `base-N.zst` is the database as it was after commit N, with `base-N.info`
 * beside it; `log-N.seg` holds the commits from N on, in blocks that are compressed and carry the digest of the block
 * before. So a block that is damaged, missing or of another archive is found, and named.
 */
#ifndef PATRON_SERVER_ARCHIVE_FILE_H
#define PATRON_SERVER_ARCHIVE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/secret.h"
#include "server/paths.h"
#include "storage/log_reader.h"

enum { ARCHIVE_NAME_SIZE = 64, ARCHIVE_PATH_SIZE = SERVER_PATH_SIZE + ARCHIVE_NAME_SIZE };

/* A block as it lies in its file, little-endian; then `stored_bytes` of zstd. */
struct archive_block {
    char magic[8];
    uint64_t first_commit, commits; /* 0 commits: it says only that nothing came until `until_at` */
    int64_t first_at, last_at;      /* of its commits */
    int64_t until_at;               /* every commit up to then is in this block or before it */
    struct log_position end;        /* where the log was read to */
    uint64_t raw_bytes, stored_bytes;
    uint32_t page_bytes, unused;
    unsigned char
        previous[DIGEST_SIZE]; /* of the block before; zeros: it is the first after a base that nothing leads to */
    unsigned char digest[DIGEST_SIZE]; /* of this block with zeros here, and of what is stored */
};

/* Before the pages of a commit in the raw bytes of a block; each page has its number (four bytes) before it. */
struct archive_commit {
    int64_t at;
    uint32_t size;  /* pages of the database afterwards */
    uint32_t pages; /* that follow */
};

struct archive_base {
    uint64_t commit; /* the last one in it */
    int64_t at, pages, page_bytes;
    bool continues;                      /* the blocks before it lead to it: nothing is missing */
    unsigned char previous[DIGEST_SIZE]; /* the block before the first one after it */
};

struct archive_segment {
    uint64_t first_commit;
    int64_t bytes;
};

/* What lies in a directory, ascending. */
struct archive_listing {
    struct archive_base *bases;
    struct archive_segment *segments;
    size_t base_count, segment_count, base_capacity, segment_capacity;
};

char *archive_path(const char *directory, const char *kind, uint64_t commit, const char *ending,
                   char out[ARCHIVE_PATH_SIZE]); /* "base", "zst" */

/* A base without a sound info is as if it were not there. STATUS_IO `archive.read`. */
enum status archive_list(struct arena *arena, const char *directory, struct archive_listing *out, struct error *err);

/* Fills magic, sizes and digest of `block` from its raw bytes, and appends it durably at `file`. STATUS_IO `archive.write`. */
enum status archive_block_write(int file, struct archive_block *block, const void *raw, size_t size, struct error *err);

/* A segment being read. */
struct archive_segment_reader {
    int file;
    int64_t offset;
    char path[ARCHIVE_PATH_SIZE];
    unsigned char *raw; /* of the block in hand */
    size_t raw_capacity;
    unsigned char *stored;
    size_t stored_capacity;
};
enum status archive_segment_open(const char *directory, uint64_t first_commit, struct archive_segment_reader *out,
                                 struct error *err);
void archive_segment_close(struct archive_segment_reader *reader);
/*
 * The next block, its raw bytes in reader->raw. `*end`: there is none. STATUS_CONFLICT `archive.damaged` for one that is cut off or
 * not what was written; reader->offset is then where the sound part ends.
 */
enum status archive_segment_next(struct archive_segment_reader *reader, struct archive_block *out, bool *end,
                                 struct error *err);

enum status archive_base_write(const char *directory, const struct archive_base *base, struct log_reader *pages,
                               struct error *err);
/* Into the file `into`, which must not exist. */
enum status archive_base_read(const char *directory, const struct archive_base *base, int into, struct error *err);

#endif

/*
 * archive.h: keeps an archive of the database beside the server: a copy each day, and every commit since with the time at which it
 * became durable. From it the database is put back as it was at any moment (SQLite).
 */
#ifndef PATRON_SERVER_ARCHIVE_H
#define PATRON_SERVER_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/error.h"
#include "storage/commit_times.h"
#include "storage/storage.h"

struct archive;

struct archive_options {
    const char *directory; /* made when it is not there */
    const char *database;  /* a file */
    int kept_days;         /* restorable for so long; 0: 14 */
    int base_hours;        /* how often the database is copied whole; 0: 24 */
};

struct archive_figures {
    int64_t until_at;              /* every commit up to then is in the archive */
    int64_t commits, bytes, bases; /* since the start */
    int64_t gaps;                  /* times that commits were missed */
    bool failing;
};

/*
 * Before the database is opened: what a killed server left in the log is archived first. `archive_times` goes into
 * struct storage_options. STATUS_CONFLICT `archive.in_use` when another server has the directory.
 */
enum status archive_new(const struct archive_options *options, struct archive **out, struct error *err);
struct commit_times *archive_times(struct archive *archive); /* NULL for a NULL archive */

/* Once the database is there: a first copy if one is needed, then a thread. */
enum status archive_start(struct archive *archive, struct storage *storage, struct error *err);
/* Before the storage is closed. */
void archive_stop(struct archive *archive);
/* After the storage was closed: archives the rest, and notes that nothing is missing. Accepts NULL. */
void archive_free(struct archive *archive);

void archive_figures(struct archive *archive, struct archive_figures *out);

/* ---- restoring ---- */

struct archive_restored {
    uint64_t commit;     /* the last one in it; 0: of a copy without commits */
    int64_t at;          /* when it was committed */
    int64_t complete_to; /* the archive knows every commit up to then */
};

/*
 * Writes the database as it was at `moment` (INT64_MAX: as late as the archive knows) into the new file `into`: exactly
 * the commits up to then. STATUS_CONFLICT `archive.damaged` names a block that is missing or not what was written;
 * STATUS_MISSING `archive.range`: the archive does not reach that moment, begins later, or has a gap there.
 */
enum status archive_restore(const char *directory, int64_t moment, const char *into, struct archive_restored *out,
                            struct error *err);

/* Reads the whole archive; `each` is told of every stretch of time that can be restored without a gap. */
struct archive_stretch {
    int64_t from, to;
    uint64_t first_commit, last_commit;
    int64_t bytes;
};
enum status archive_check(const char *directory, void (*each)(void *context, const struct archive_stretch *stretch),
                          void *context, struct error *err);

#endif

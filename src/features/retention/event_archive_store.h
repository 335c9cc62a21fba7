/*
 * event_archive_store.h: texts of events on their way out of the database: files, one a bucket and cut, each text in a box of its own. The
 * key of a box comes from the key of the seals and the salt of its member: when a member is erased the salt goes, and what lies
 * in the archive can no longer be read by anybody.
 */
#ifndef PATRON_FEATURES_RETENTION_EVENT_ARCHIVE_STORE_H
#define PATRON_FEATURES_RETENTION_EVENT_ARCHIVE_STORE_H

#include <stdint.h>

#include "engine/engine.h"
#include "foundation/text.h"

struct storage_session;

enum { ARCHIVE_NAME_SIZE = 48 };

/* The texts of `bucket` with seq after `after` and up to `until`. */
struct archive_part {
    int bucket;
    int64_t after, until;
    int64_t texts, bytes;      /* of the file */
    int64_t first_at, last_at; /* recorded_at of the events */
    char name[ARCHIVE_NAME_SIZE];
};

/*
 * Writes part->bucket, after and until into `directory`; the file is there whole, and durable, or not at all. A file that a killed
 * run left for the same texts is replaced. STATUS_IO `retention.archive`.
 */
enum status event_archive_write(struct engine *engine, struct storage_session *session, const char *directory,
                                const struct archive_part *part, struct error *err);

/* The parts by bucket and seq; `bucket` -1: all. A file that is none of ours is passed over; a damaged one STATUS_IO. */
enum status event_archive_list(const char *directory, int bucket, struct arena *arena, struct archive_part **out,
                               size_t *count, struct error *err);

struct archived_text {
    int64_t id; /* of the event */
    int64_t member, recorded_at;
    struct text body;
};
struct archive_receiver {
    enum status (*text)(void *context, const struct archived_text *text, struct error *err);
    void *context;
};

/*
 * What the archive holds of `member`, oldest first. STATUS_CONFLICT `retention.archive_damaged` when a box was altered, or is not of
 * this database. An erased member has nothing.
 */
enum status event_archive_read(struct engine *engine, struct storage_session *session, const char *directory,
                               int64_t member, const struct archive_receiver *receiver, struct error *err);

/* Removes the files whose texts are all of before `before`. */
enum status event_archive_purge(const char *directory, int64_t before, int64_t *removed, struct error *err);

#endif

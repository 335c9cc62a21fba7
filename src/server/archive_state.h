/* archive_state.h: where an archive ends, whether anybody changed the database since, and what is too old. */
#ifndef PATRON_SERVER_ARCHIVE_STATE_H
#define PATRON_SERVER_ARCHIVE_STATE_H

#include "server/archive_file.h"

struct archive_state {
    bool known;      /* there is a sound archive to go on with */
    uint64_t commit; /* the last one */
    int64_t until_at;
    struct log_position position;
    unsigned char previous[DIGEST_SIZE]; /* of the last block */
};

/*
 * Reads the last segment to its end; a last block that was being written when the machine stopped is cut off. `*base_at`: when the
 * last copy was made. An archive that ends with damage has its last numbers, and is not known.
 */
enum status archive_state_find(const char *directory, struct archive_state *out, int64_t *base_at, struct error *err);

/*
 * After a stop in order the log is empty and the database file as it stays: its size and time are noted. Untouched is one that
 * still has them.
 */
void archive_state_keep(const char *directory, const char *database);
bool archive_state_untouched(const char *directory, const char *database);
void archive_state_forget(const char *directory);

/* Removes what is not needed to restore any moment from `oldest` on. */
enum status archive_prune(const char *directory, int64_t oldest, struct error *err);

#endif

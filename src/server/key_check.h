/* key_check.h: whether a key of the seals is the one that a database was made with. */
#ifndef PATRON_SERVER_KEY_CHECK_H
#define PATRON_SERVER_KEY_CHECK_H

#include <stdbool.h>

#include "foundation/error.h"
#include "foundation/secret.h"
#include "storage/storage.h"

/*
 * The database keeps a fingerprint of its key, from which the key cannot be found. Reads the key from `path` and compares
 * them; with `missing` there is no key file yet, and a database in which nothing was ever sealed gets a new key. A database
 * without a fingerprint gets that of the key.
 *
 * STATUS_IO `server.key_file`: the key of a database in use is missing; STATUS_CONFLICT `server.key_mismatch`: the key is
 * another's. Neither writes anything.
 */
enum status key_check(struct storage *storage, const char *path, bool missing, unsigned char key[SEAL_KEY_SIZE],
                      struct error *err);

/*
 * The same without writing, for who only looks: STATUS_OK also for a database in which no fingerprint is kept yet.
 */
enum status key_compare(struct storage *storage, const unsigned char key[SEAL_KEY_SIZE], bool *same, struct error *err);

/* A random number that the database and all its copies have. */
enum status database_id(struct storage *storage, int64_t *out, struct error *err);

#endif

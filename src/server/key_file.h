/* key_file.h: the key of the seals, in a file outside the database. */
#ifndef PATRON_SERVER_KEY_FILE_H
#define PATRON_SERVER_KEY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/secret.h"

/*
 * Reads the key, or makes a new one (mode 0600) when there is none and `create`. STATUS_IO `server.key_file` when it
 * cannot be read or made, or is not a key.
 */
enum status key_file_read(const char *path, bool create, unsigned char key[SEAL_KEY_SIZE], struct error *err);

/* Whether a file with something in it lies at `path`. */
bool file_has_content(const char *path);
int64_t file_bytes(const char *path); /* 0: there is none */

#endif

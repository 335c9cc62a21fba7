/*
 * seal.h: the chain of keyed hashes over a bucket's journal.
 *
 * seal = BLAKE2b-128, keyed, of (the bucket's previous seal, the canonical bytes of the row with its lines and movements
 * and, when it has one, the digest of its detail). The first row of a bucket follows sixteen zero bytes. Integers are
 * eight bytes, little-endian; texts are preceded by their size.
 */
#ifndef PATRON_ENGINE_SEAL_H
#define PATRON_ENGINE_SEAL_H

#include "engine/decide.h"

/* A buffer that is kept from row to row, so that sealing allocates nothing. Zero it first; release at the end. */
struct seal_buffer {
    unsigned char *bytes;
    size_t size, capacity;
};
void seal_buffer_release(struct seal_buffer *buffer);

/* The digest of a detail under the member's salt. */
void detail_digest(const unsigned char salt[SALT_SIZE], struct text detail, unsigned char digest[DIGEST_SIZE]);

/* `digest` is NULL for a row without detail; `seal` holds the previous seal and receives the next. */
void journal_seal(struct seal_buffer *buffer, const unsigned char key[SEAL_KEY_SIZE], const struct journal_row *row,
                  const unsigned char *digest, unsigned char seal[SEAL_SIZE]);

#endif

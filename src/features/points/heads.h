/* heads.h: the seals of one moment as a text that can be mailed, printed and kept outside the database. */
#ifndef PATRON_FEATURES_POINTS_HEADS_H
#define PATRON_FEATURES_POINTS_HEADS_H

#include "features/points/verify.h"
#include "foundation/arena.h"
#include "foundation/text.h"

enum { HEADS_FINGERPRINT_SIZE = 48, HEADS_TEXT_SIZE_MAX = 64 * 1024 };

struct heads {
    int64_t at; /* when they were read; 0: not known */
    struct verify_head entries[BUCKET_COUNT];
    size_t count;
};

/*
 * A line short enough to print: the day, and 120 bits of BLAKE2b-256 of all that the text says in six groups of four letters
 * and digits (Crockford's base 32). Returns `out`.
 */
char *heads_fingerprint(const struct heads *heads, char out[HEADS_FINGERPRINT_SIZE]);

/* Comments with the time and the fingerprint, then a line of bucket, seq and seal each. */
struct text heads_write(struct arena *arena, const struct heads *heads);

/*
 * Reads what heads_write wrote, or the bare lines alone. STATUS_INVALID `verify.heads` for anything else, and
 * `verify.heads_changed` when the text is not the one that its fingerprint was made of.
 */
enum status heads_read(struct arena *arena, struct text text, struct heads *out, struct error *err);

#endif

/* factor.h: the second factor of a user at sign-in: a code of an app, or a recovery code. */
#ifndef PATRON_API_FACTOR_H
#define PATRON_API_FACTOR_H

#include "api/call.h"
#include "api/factor_store.h"

enum { RECOVERY_CODES = 10, RECOVERY_TEXT_SIZE = 16 };

/* Enciphers a secret for the database, or deciphers it: the key lies outside of it. */
void factor_cipher(const struct engine *engine, int64_t account, const unsigned char *in, unsigned char *out);

/* The step of the code, 0 when it is wrong or used. */
int64_t factor_match(const struct engine *engine, const struct factor *factor, struct text code, int64_t now);

/* New recovery codes; returns their digests as they are kept. */
struct text recovery_make(struct arena *arena, char codes[RECOVERY_CODES][RECOVERY_TEXT_SIZE]);

/* Whether `code` is one of the recovery codes; `*left` is what is kept then. */
bool recovery_match(struct arena *arena, struct text kept, struct text code, struct text *left);

/*
 * The second factor of `account`, if it has one: `code` must be right, and counts once. STATUS_UNAUTHORISED
 * `auth.code_required` without a code, `auth.code` for a wrong or used one.
 */
enum status factor_check(struct call *call, int64_t account, struct text code, struct error *err);

#endif

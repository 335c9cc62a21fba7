/*
 * code.h: codes that nobody guesses and nobody misreads: made of random symbols with a check symbol, read as people type them.
 * Pure.
 *
 * The symbols are 31, a prime: digits and capitals without 0, 1, I, L and O. The weighted sum of the symbols, the check
 * symbol included, is 0 modulo 31, each place having another weight that is not 0; so one wrong symbol, and any two that
 * changed places, are always found.
 */
#ifndef PATRON_FEATURES_COUPONS_CODE_H
#define PATRON_FEATURES_COUPONS_CODE_H

#include <stdbool.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum {
    CODE_SYMBOLS = 31,
    CODE_RANDOM_MIN = 8,
    CODE_RANDOM_USUAL = 17, /* 84 bits, and the check symbol */
    CODE_RANDOM_MAX = 29,   /* with the check symbol as many as there are weights */
    CODE_PREFIX_MAX = 12,
    CODE_KEY_MAX = 48,    /* bytes of a code without blanks and dashes */
    CODE_GIVEN_MAX = 100, /* as it is typed */
    CODE_GROUP_MAX = 12,
    CODE_ENTROPY_BITS = 80, /* that codes have at least unless a series says otherwise */
};

extern const char code_alphabet[CODE_SYMBOLS + 1];

/* How the codes of a series look. */
struct code_pattern {
    struct text prefix; /* capitals and digits; may be empty */
    int length;         /* random symbols; the check symbol comes on top */
    int group;          /* symbols between two dashes when shown; 0: no dashes */
};

/* Bits of chance in a code of the pattern, rounded down. */
int code_entropy(const struct code_pattern *pattern);

/*
 * What a typed code is known by: capitals, without blanks and dashes. STATUS_INVALID `coupon.code` unless it then has 1 to
 * CODE_KEY_MAX letters, digits or other printable characters of ASCII.
 */
enum status code_key(struct arena *arena, struct text given, struct text *key, struct error *err);

/* The check symbol of `count` symbols; 0 when one is none of the alphabet. */
char code_check_symbol(const char *symbols, size_t count);

/* Whether the last symbol is the check symbol of those before. */
bool code_checks(struct text symbols);

/*
 * The key of a code from pattern->length random bytes or more: `random` has CODE_RANDOM_BYTES bytes, of which those below
 * 248 count (8 x 31, so that every symbol is as likely). False when too few did: take others.
 */
enum { CODE_RANDOM_BYTES = 64 };
bool code_make(const struct code_pattern *pattern, const unsigned char random[CODE_RANDOM_BYTES],
               char out[CODE_KEY_MAX + 1]);

/* Whether a key has the prefix and length of the pattern, be its symbols right or not. */
bool code_looks_like(const struct code_pattern *pattern, struct text key);
/* Whether it is one that code_make could have made. */
bool code_is_whole(const struct code_pattern *pattern, struct text key);

/* As it is printed: "WELC-ABCDEF-GHJKMN-PQRSTU". */
struct text code_shown(struct arena *arena, const struct code_pattern *pattern, struct text key);

#endif

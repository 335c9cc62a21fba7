/* literal.h: the values that literals of the language denote. */
#ifndef PATRON_RULES_LITERAL_H
#define PATRON_RULES_LITERAL_H

#include "foundation/arena.h"
#include "rules/token.h"
#include "rules/value.h"

/*
 * The value of a TOKEN_INT, _UINT, _DOUBLE, _STRING or _BYTES; `negative`: a minus stands before the int or double. Bytes of
 * strings without escapes are borrowed from the source. STATUS_INVALID `rules.syntax` with a sentence.
 */
enum status literal_value(struct arena *arena, const struct token *token, bool negative, struct rule_value *out,
                          struct error *err);

/* A number as strtod reads it, without its extensions: digits, point, exponent, sign. False for anything else. */
bool literal_double(struct text text, double *out);

#endif

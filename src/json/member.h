/* member.h: single members of a parsed value whose shape others decide: tokens, keys and addresses of an issuer. */
#ifndef PATRON_JSON_MEMBER_H
#define PATRON_JSON_MEMBER_H

#include "json/shape.h"

/* NULL: `value` is no object or has none of that name. Borrowed. */
const struct json_t *json_member(const struct json_t *value, const char *name);
/* Empty when it is no text. Borrowed. */
struct text json_member_text(const struct json_t *value, const char *name);
struct text json_text_of(const struct json_t *value);
/* False when it is no number; a fraction is cut off. */
bool json_member_integer(const struct json_t *value, const char *name, int64_t *out);
bool json_member_true(const struct json_t *value, const char *name);

#endif

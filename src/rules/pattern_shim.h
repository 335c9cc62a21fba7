/* pattern_shim.h: RE2 for C: regular expressions in time that is linear in the text. */
#ifndef PATRON_RULES_PATTERN_SHIM_H
#define PATRON_RULES_PATTERN_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pattern;

/* NULL, and a sentence in `message`, when the expression is not valid or too large. Free with pattern_free. */
struct pattern *pattern_new(const char *expression, size_t size, char *message, size_t message_size);
void pattern_free(struct pattern *pattern); /* accepts NULL */

/* Whether some part of the text matches. Safe on several threads at once. */
bool pattern_matches(const struct pattern *pattern, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif

#include "features/redemption/fraud_facts.h"

#include <string.h>

/* Where the value of "name":" begins. A quote within a text has a backslash before it, so that no text looks like it. */
static const char *value_of(struct text facts, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i + size + 4 <= facts.size; i++)
        if (facts.bytes[i] == '"' && memcmp(facts.bytes + i + 1, name, size) == 0 &&
            memcmp(facts.bytes + i + 1 + size, "\":\"", 3) == 0)
            return facts.bytes + i + size + 4;
    return NULL;
}

struct text fact_find(struct arena *arena, struct text facts, const char *name)
{
    struct builder out = {.arena = arena};
    const char *at = value_of(facts, name), *end = facts.bytes + facts.size;

    for (; at != NULL && at < end && *at != '"'; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        builder_char(&out, *at);
    }
    return builder_done(&out);
}

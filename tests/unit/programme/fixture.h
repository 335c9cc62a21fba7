/* fixture.h: a programme from a document, for tests. */
#ifndef PATRON_TESTS_PROGRAMME_FIXTURE_H
#define PATRON_TESTS_PROGRAMME_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/programme/programme.h"

static inline struct programme programme_of(struct arena *arena, const char *json)
{
    struct programme programme = {0};
    struct error err = {0};

    if (programme_parse(arena, text_from(json), &programme, &err) != STATUS_OK)
        fail_msg("%s: %s: %s", err.code, err.field, err.message);
    programme.version = 1;
    return programme;
}

static inline int64_t instant_of(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

#endif

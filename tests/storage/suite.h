/* suite.h: what the storage suites share: an empty database of the chosen engine, and a receiver that keeps rows. */
#ifndef PATRON_TESTS_STORAGE_SUITE_H
#define PATRON_TESTS_STORAGE_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sample_queries.h"
#include "storage/storage.h"

enum { SUITE_ROWS_MAX = 32, SUITE_COLUMNS_MAX = 8, SUITE_TEXT_SIZE = 64 };

/* A test's database: SQLite in a file of its own, or PostgreSQL when PATRON_POSTGRES is set. */
struct suite {
    struct storage *storage;
    struct storage_session *session;
    struct storage_options options;
    char folder[64];
    char database[256];
    bool postgres;
};

int suite_setup(void **state);    /* opens storage and a writing session */
int suite_teardown(void **state); /* closes and removes everything */
void suite_reopen(struct suite *suite);
void suite_close(struct suite *suite);

/* Runs SQL past the port, as another program would. */
void suite_execute(const struct suite *suite, const char *sql);

struct kept_value {
    bool null;
    int64_t integer;
    size_t size;
    char bytes[SUITE_TEXT_SIZE];
};

struct kept {
    size_t count; /* of rows; more than SUITE_ROWS_MAX are counted but not kept */
    struct kept_value rows[SUITE_ROWS_MAX][SUITE_COLUMNS_MAX];
    int64_t changes;
    int done;
    size_t refuse_at; /* the row (from 1) that the receiver refuses; 0 = none */
};

struct storage_receiver suite_keep(struct kept *kept);

/* storage_run that must succeed. */
void suite_run(struct storage_session *session, const struct storage_query *query, const struct storage_value *values,
               size_t row_count, struct kept *kept);

/* Adds `count` rows to sample with ids from `first`, amount = id. */
void suite_fill(struct storage_session *session, int64_t bucket, int64_t first, size_t count);
int64_t suite_count(struct storage_session *session, int64_t bucket);

/* The call must succeed; it passes `&failure` as its error. */
#define assert_ok(call)                                        \
    do {                                                       \
        struct error failure = {.status = STATUS_OK};          \
        if ((call) != STATUS_OK)                               \
            fail_msg("%s: %s", failure.code, failure.message); \
    } while (0)

#endif

/* toy.h: the smallest programme that the engine can run, and an engine on a database of its own. */
#ifndef PATRON_TESTS_ENGINE_TOY_H
#define PATRON_TESTS_ENGINE_TOY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "queries.h"
#include "storage/storage_fault.h"

#define TOY_START (INT64_C(1700000000) * INSTANT_SECOND)

/* Earns or spends points of the member that holds (external, name); an unknown one is registered by earning. */
struct toy {
    struct command command;
    struct claim_key claims[2]; /* the member, and the receipt when there is one */
    char name[32], receipt[32];
    int64_t points;     /* negative: spend */
    int64_t expires_at; /* INSTANT_NEVER by default */
};
void toy_init(struct toy *toy, const char *name, int64_t points);
void toy_receipt(struct toy *toy, const char *receipt);

struct toy_world {
    struct storage *storage;
    struct engine *engine;
    struct clock clock;
    atomic_llong now, boot;
    char folder[64], database[256];
    struct storage_fault fault;
    bool faulty, sweep;
};
int toy_setup(void **state);
int toy_teardown(void **state);
void toy_start(struct toy_world *world);
void toy_stop(struct toy_world *world);
void toy_forward(struct toy_world *world, int64_t microseconds);

enum status toy_run(struct toy_world *world, struct toy *toy);
/* Active points of the member, brought up to now. */
int64_t toy_points(struct toy_world *world, const char *name);
/* Journal rows of all buckets; every seal is computed again and must fit. */
size_t toy_check_journal(struct toy_world *world);

#define assert_ok(call)                                        \
    do {                                                       \
        struct error failure = {.status = STATUS_OK};          \
        if ((call) != STATUS_OK)                               \
            fail_msg("%s: %s", failure.code, failure.message); \
    } while (0)

#endif

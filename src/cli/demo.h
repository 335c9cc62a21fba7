/* demo.h: a year of a fictional chain of hotels and cafés, made from a seed. Nobody in it exists. */
#ifndef PATRON_CLI_DEMO_H
#define PATRON_CLI_DEMO_H

#include <stdint.h>

#include "engine/engine.h"
#include "foundation/error.h"

enum { DEMO_MEMBERS = 5000, DEMO_DAYS = 365 };

struct demo_options {
    uint64_t seed; /* 0: the usual one */
    int32_t today; /* a day number; 0: the clock's */
    int members;   /* 1..DEMO_MEMBERS; 0: all */
};

/*
 * Fills an empty database with Harbour & Pine: programme, stores, items, members and what they did in the year before
 * `today`. The same options give the same facts. Begun and stopped it goes on; finished it does nothing. STATUS_CONFLICT
 * `demo.not_empty` when there are other members.
 */
enum status demo_fill(struct engine *engine, const struct demo_options *options, struct error *err);

#endif

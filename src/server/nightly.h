/* nightly.h: a thread for what is due once a day: the usual interval of the base, events that are over, the seals. */
#ifndef PATRON_SERVER_NIGHTLY_H
#define PATRON_SERVER_NIGHTLY_H

#include "engine/engine.h"
#include "foundation/error.h"

struct nightly;

struct nightly_options {
    struct engine *engine;
    const char *erased_file; /* see erased.h */
    const char *heads;       /* directory of the seals of each day; NULL: they are not kept */
};

/* Runs a minute after the start, and when a new day of the programme begins. */
enum status nightly_start(const struct nightly_options *options, struct nightly **out, struct error *err);
void nightly_stop(struct nightly *nightly); /* accepts NULL */

#endif

/* nightly.h: a thread for what is due once a day: the usual interval of the base, events that are over. */
#ifndef PATRON_SERVER_NIGHTLY_H
#define PATRON_SERVER_NIGHTLY_H

#include "engine/engine.h"
#include "foundation/error.h"

struct nightly;

/* Runs a minute after the start, and when a new day of the programme begins. */
enum status nightly_start(struct engine *engine, const char *erased_file, struct nightly **out, struct error *err);
void nightly_stop(struct nightly *nightly); /* accepts NULL */

#endif

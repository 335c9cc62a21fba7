/* reactions.h: the list of reactions to journal rows, and the thread that follows the journal for them. */
#ifndef PATRON_SERVER_REACTIONS_H
#define PATRON_SERVER_REACTIONS_H

#include "engine/engine.h"
#include "foundation/error.h"

struct reactor;

/* Follows the journal until reactor_stop: what a reaction does is there within a second. */
enum status reactor_start(struct engine *engine, struct reactor **out, struct error *err);
void reactor_stop(struct reactor *reactor); /* accepts NULL */

/* Follows what is there now: for a process without the thread, before it ends. */
enum status reactions_catch_up(struct engine *engine, struct error *err);

#endif

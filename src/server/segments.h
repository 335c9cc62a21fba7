/* segments.h: the thread that keeps segments as they are by now. */
#ifndef PATRON_SERVER_SEGMENTS_H
#define PATRON_SERVER_SEGMENTS_H

#include "engine/engine.h"
#include "foundation/error.h"

struct segment_keeper;

/* Until segment_keeper_stop: memberships follow events and time within a second. */
enum status segment_keeper_start(struct engine *engine, struct segment_keeper **out, struct error *err);
void segment_keeper_stop(struct segment_keeper *keeper); /* accepts NULL */

#endif

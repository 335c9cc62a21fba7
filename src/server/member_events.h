/* member_events.h: the thread that ends bookings of events when their time is over, and seats who waits. */
#ifndef PATRON_SERVER_MEMBER_EVENTS_H
#define PATRON_SERVER_MEMBER_EVENTS_H

#include "engine/engine.h"
#include "foundation/error.h"

struct event_keeper;

/* Until event_keeper_stop: what time and publications do to bookings is done within two seconds. */
enum status event_keeper_start(struct engine *engine, struct event_keeper **out, struct error *err);
void event_keeper_stop(struct event_keeper *keeper); /* accepts NULL */

#endif

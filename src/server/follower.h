/* follower.h: a thread that looks again and again for what came meanwhile, until it is stopped. */
#ifndef PATRON_SERVER_FOLLOWER_H
#define PATRON_SERVER_FOLLOWER_H

#include <stdbool.h>

#include "foundation/error.h"

struct follower;

struct follower_work {
    const char *thread; /* its name */
    const char *event;  /* of the log, when a pass fails: "segments.failed"; said once, until it works again */
    int every_ms;       /* between two looks, unless there was more than one pass takes */
    enum status (*pass)(void *context, bool *behind, struct error *err);
    void *context;
};

enum status follower_start(const struct follower_work *work, struct follower **out, struct error *err);
void follower_stop(struct follower *follower); /* after the pass under way; accepts NULL */

#endif

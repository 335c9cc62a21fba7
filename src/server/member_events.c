#include "server/member_events.h"

#include <stdlib.h>

#include "features/member_events/member_events_store.h"
#include "server/follower.h"

enum { LOOK_EVERY_MS = 1000 };

struct event_keeper {
    struct engine *engine;
    int64_t looked_at;
    struct follower *follower;
};

static enum status pass(void *context, bool *behind, struct error *err)
{
    struct event_keeper *keeper = context;

    return member_events_follow(keeper->engine, &keeper->looked_at, behind, err);
}

enum status event_keeper_start(struct engine *engine, struct event_keeper **out, struct error *err)
{
    struct event_keeper *keeper = calloc(1, sizeof *keeper);

    if (keeper == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for events");
    keeper->engine = engine;
    const struct follower_work work = {"member_events", "member_events.failed", LOOK_EVERY_MS, pass, keeper};
    enum status status = follower_start(&work, &keeper->follower, err);
    if (status != STATUS_OK) {
        event_keeper_stop(keeper);
        return status;
    }
    *out = keeper;
    return STATUS_OK;
}

void event_keeper_stop(struct event_keeper *keeper)
{
    if (keeper == NULL)
        return;
    follower_stop(keeper->follower);
    free(keeper);
}

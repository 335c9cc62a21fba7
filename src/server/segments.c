#include "server/segments.h"

#include <stdlib.h>

#include "features/segments/segment_follow_store.h"
#include "server/follower.h"

enum { LOOK_EVERY_MS = 200 };

struct segment_keeper {
    struct segment_follower *segments;
    struct follower *follower;
};

static enum status pass(void *context, bool *behind, struct error *err)
{
    return segment_follower_pass(context, behind, err);
}

enum status segment_keeper_start(struct engine *engine, struct segment_keeper **out, struct error *err)
{
    struct segment_keeper *keeper = calloc(1, sizeof *keeper);

    if (keeper == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for segments");
    enum status status = segment_follower_new(engine, &keeper->segments, err);
    const struct follower_work work = {"segments", "segments.failed", LOOK_EVERY_MS, pass, keeper->segments};
    if (status == STATUS_OK)
        status = follower_start(&work, &keeper->follower, err);
    if (status != STATUS_OK) {
        segment_keeper_stop(keeper);
        return status;
    }
    *out = keeper;
    return STATUS_OK;
}

void segment_keeper_stop(struct segment_keeper *keeper)
{
    if (keeper == NULL)
        return;
    follower_stop(keeper->follower);
    segment_follower_free(keeper->segments);
    free(keeper);
}

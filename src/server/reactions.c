/* reactions.c: the list of reactions, and their thread. A new reaction is two lines here. */
#include "server/reactions.h"

#include <stdlib.h>

#include "features/challenges/challenges_store.h"
#include "features/contracts/contracts_store.h"
#include "features/member_events/member_events_store.h"
#include "features/occasions/occasions_store.h"
#include "features/promises/promises_store.h"
#include "features/reactions/reactions_store.h"
#include "features/referrals/referrals_store.h"
#include "server/follower.h"

static const struct reaction *const list[] = {&challenges_reaction,
                                              &referrals_reaction,
                                              &occasions_reaction,
                                              &contracts_reaction,
                                              &member_events_reaction,
                                              &promises_reaction,
                                              NULL};
enum { COUNT = sizeof list / sizeof list[0] - 1, LOOK_EVERY_MS = 150 };

struct reactor {
    struct reactions *reactions;
    struct follower *follower;
};

static enum status pass(void *context, bool *behind, struct error *err)
{
    return reactions_pass(context, behind, err);
}

enum status reactor_start(struct engine *engine, struct reactor **out, struct error *err)
{
    struct reactor *reactor = calloc(1, sizeof *reactor);

    if (reactor == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for reactions");
    enum status status = reactions_new(engine, list, COUNT, &reactor->reactions, err);
    const struct follower_work work = {"reactions", "reaction.failed", LOOK_EVERY_MS, pass, reactor->reactions};
    if (status == STATUS_OK)
        status = follower_start(&work, &reactor->follower, err);
    if (status != STATUS_OK) {
        reactor_stop(reactor);
        return status;
    }
    *out = reactor;
    return STATUS_OK;
}

void reactor_stop(struct reactor *reactor)
{
    if (reactor == NULL)
        return;
    follower_stop(reactor->follower);
    reactions_free(reactor->reactions);
    free(reactor);
}

enum status reactions_catch_up(struct engine *engine, struct error *err)
{
    return reactions_drain(engine, list, COUNT, err);
}

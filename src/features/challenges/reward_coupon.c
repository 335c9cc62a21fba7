#include "features/challenges/reward_coupon.h"

#include "features/reactions/reaction.h"

static enum status give_decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct give_reward_coupon *body = command->body;

    if (reaction_done(command))
        return STATUS_OK;
    enum status status = coupon_issue_type.decide(decision, command, err);
    if (status == STATUS_OK)
        claim_take(decision, REACTION_CLAIM, command->claims[0].key, body->issue.id, body->issue.member);
    return status;
}

const struct command_type give_reward_coupon_type = {
    .name = "give_reward_coupon", .load = coupon_issue_load, .decide = give_decide};

/* A code that was used, or is reserved, stays; so does one that is void already. */
static enum status void_decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct void_reward_coupon *body = command->body;
    const struct counter *counter = decision->counters[body->code.use.counter];

    if (!body->code.use.found || body->code.use.voided || counter->maximum < 0 || counter->used > 0)
        return STATUS_OK;
    return coupon_void_type.decide(decision, command, err);
}

const struct command_type void_reward_coupon_type = {
    .name = "void_reward_coupon", .load = coupon_void_load, .decide = void_decide};

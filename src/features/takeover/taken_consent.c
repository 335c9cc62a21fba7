#include "features/takeover/taken_consent.h"

#include "features/customers/policy.h"
#include "features/customers/rows.h"

static bool covers(struct text wider, struct text narrower)
{
    return text_equal(wider, narrower) || text_equals(wider, "*");
}

enum takeover_result taken_consent_judge(const struct customer_state *state, const struct consent *given)
{
    bool grants = text_equals(given->state, "granted");

    if (grants && state->erased_before)
        return TAKEOVER_WEAKER;
    for (size_t i = 0; i < state->consent_count; i++) {
        const struct consent *here = &state->consents[i];
        bool same = text_equal(here->channel, given->channel) && text_equal(here->purpose, given->purpose);
        if (grants && text_equals(here->state, "withdrawn") && covers(here->channel, given->channel) &&
            covers(here->purpose, given->purpose))
            return here->at > given->at && same ? TAKEOVER_KNOWN : TAKEOVER_WEAKER;
        if (same && here->at >= given->at)
            return TAKEOVER_KNOWN;
    }
    return TAKEOVER_NEW;
}

static enum status decide(struct decision *decision, struct command *command, struct error *err)
{
    struct take_consent *body = command->body;
    struct takeover_row *row = &body->takeover.rows[0];
    const struct customer_state *state = &body->takeover.load.states[0];
    enum status status = takeover_person(decision, command, err);

    if (status != STATUS_OK || !takeover_check(decision, command))
        return status;
    const struct member *member = decision->subjects[0].member;
    if (state->member != member->id)
        return error_set(err, STATUS_BUSY, "engine.again", "", "the member is just being registered: try again");
    row->result = taken_consent_judge(state, &body->consent);
    if (row->result != TAKEOVER_NEW)
        return STATUS_OK;
    if (state->consent_count >= MEMBER_CONSENTS_MAX)
        return error_set(err, STATUS_LIMIT, "member.consents", "channel", "a member has at most %d consents",
                         MEMBER_CONSENTS_MAX);
    struct journal_row *written = journal_add(decision, member, 0, "consent", decision->now);
    written->day = zone_day(customers_policy_at(decision->programmes, decision->now).zone, decision->now);
    store_consent(decision, member->id, written->id, &body->consent);
    takeover_take(decision, command, row, member->id);
    return STATUS_OK;
}

const struct command_type take_consent_type = {
    .name = "take_consent", .loads = LOAD_ALONE, .load = customers_load, .decide = decide};

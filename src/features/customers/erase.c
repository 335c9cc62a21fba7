/* erase.c: forgets who a person is. The journal's numbers stay; what tells whose they are goes. */
#include "features/customers/commands.h"
#include "features/customers/rows.h"

static void erase_one(struct decision *decision, const unsigned char *tombstone_key, struct member *member)
{
    store_tombstone_member(decision, tombstone_key, member);
    store_erasure(decision, member->id);
    member->status = MEMBER_ERASED;
    member->changed = true;
    customers_journal(decision, member, "erasure");
}

static enum status erase_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct erase_member *body = command->body;
    struct person *person = &decision->subjects[0];
    struct customer_state *state;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = customers_state(decision, &body->load, 0, &state, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < state->identifier_count; i++) {
        store_tombstone(decision, body->load.tombstone_key, state->identifiers[i].identifier);
        store_claim_delete(decision, state->identifiers[i].identifier);
    }
    for (size_t i = 0; i < person->group->member_count; i++)
        if (person->group->members[i].leader == person->leader->id)
            erase_one(decision, body->load.tombstone_key, &person->group->members[i]);
    if (person->leader->household != 0) {
        store_group_delete(decision, person->leader->household, person->leader->id);
        if (state->household_count == 1)
            store_household_delete(decision, person->leader->household);
        person->leader->household = 0;
    }
    /* Not what was there: the trail must not keep what is erased. */
    audit_add(decision, command, "member.erased", person->leader->id, (struct text){NULL, 0}, (struct text){NULL, 0});
    return STATUS_OK;
}

const struct command_type erase_member_type = {
    .name = "erase_member", .loads = LOAD_ALONE | LOAD_REGROUPS, .load = customers_load, .decide = erase_decide};

/* household.c: persons who live together and may spend each other's points, as decisions. */
#include "features/customers/commands.h"
#include "features/customers/rows.h"

static enum status check_size(const struct customer_state *household, bool pooled, size_t more_persons,
                              size_t more_members, struct error *err)
{
    size_t persons = household->household_count + more_persons, members = more_members;

    for (size_t i = 0; i < household->household_count; i++)
        members += 1 + (size_t)household->household[i].others;
    if (persons <= HOUSEHOLD_PERSONS_MAX && (!pooled || members <= GROUP_MEMBERS_MAX))
        return STATUS_OK;
    return error_set(err, STATUS_LIMIT, "household.size", "members", "a household has at most %d members",
                     GROUP_MEMBERS_MAX);
}

static enum status check_in(const struct decision *decision, const struct change_household *body, struct error *err)
{
    int64_t household = decision->subjects[0].leader->household;

    if (household == 0 || household != body->household)
        return error_set(err, STATUS_MISSING, "household.unknown", "household", "the member is not in this household");
    return STATUS_OK;
}

static void enter(struct member *leader, int64_t household)
{
    leader->household = household;
    leader->changed = true;
}

static enum status found_household(struct decision *decision, struct command *command, struct error *err)
{
    struct change_household *body = command->body;
    struct person *person = &decision->subjects[0];

    if (person->leader->household != 0)
        return error_set(err, STATUS_CONFLICT, "household.member", "members", "the member is in a household already");
    struct journal_row *row = customers_journal(decision, person->leader, "household");
    row->facts = TEXT("{\"action\":\"found\"}");
    body->household = row->id;
    enter(person->leader, row->id);
    store_household(decision, row->id, body->pooled);
    store_group(decision, row->id, person->leader->id);
    audit_add(decision, command, "household.founded", person->leader->id, (struct text){NULL, 0},
              (struct text){NULL, 0});
    return STATUS_OK;
}

static enum status join_household(struct decision *decision, struct command *command, struct error *err)
{
    struct change_household *body = command->body;
    struct person *joining = &decision->subjects[1];
    enum status status = customer_require(decision, command, 1, err);

    if (status == STATUS_OK)
        status = check_in(decision, body, err);
    if (status != STATUS_OK)
        return status;
    if (joining->leader->household == body->household)
        return error_set(err, STATUS_CONFLICT, "household.member", "member", "the member is in this household already");
    if (joining->leader->household != 0)
        return error_set(err, STATUS_CONFLICT, "household.other", "member", "the member is in another household");
    status = check_size(&body->load.states[0], decision->subjects[0].group->pooled, 1,
                        group_person_size(joining->group, joining->leader), err);
    if (status != STATUS_OK)
        return status;
    customers_journal(decision, joining->leader, "household")->facts = TEXT("{\"action\":\"join\"}");
    enter(joining->leader, body->household);
    standing_due(joining->leader, decision->now); /* holds that waited for them to come together end by themselves */
    store_group(decision, body->household, joining->leader->id);
    audit_add(decision, command, "household.joined", joining->leader->id, (struct text){NULL, 0},
              (struct text){NULL, 0});
    return STATUS_OK;
}

static enum status leave_household(struct decision *decision, struct command *command, struct error *err)
{
    struct change_household *body = command->body;
    struct member *leader = decision->subjects[0].leader;
    enum status status = check_in(decision, body, err);

    if (status != STATUS_OK)
        return status;
    customers_journal(decision, leader, "household")->facts = TEXT("{\"action\":\"leave\"}");
    enter(leader, 0);
    store_group_delete(decision, body->household, leader->id);
    if (body->load.states[0].household_count == 1)
        store_household_delete(decision, body->household);
    audit_add(decision, command, "household.left", leader->id, (struct text){NULL, 0}, (struct text){NULL, 0});
    return STATUS_OK;
}

static enum status pool_household(struct decision *decision, struct command *command, struct error *err)
{
    struct change_household *body = command->body;
    struct member *leader = decision->subjects[0].leader;
    enum status status = check_in(decision, body, err);

    if (status == STATUS_OK)
        status = check_size(&body->load.states[0], body->pooled, 0, 0, err);
    if (status != STATUS_OK)
        return status;
    customers_journal(decision, leader, "household")->facts =
        body->pooled ? TEXT("{\"action\":\"pool\"}") : TEXT("{\"action\":\"part\"}");
    store_household(decision, body->household, body->pooled);
    standing_due(leader, decision->now); /* as for one who joins */
    audit_add(decision, command, "household.pooled", leader->id, (struct text){NULL, 0}, (struct text){NULL, 0});
    return STATUS_OK;
}

static enum status household_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_household *body = command->body;
    struct customer_state *state;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = customers_state(decision, &body->load, 0, &state, err);
    if (status != STATUS_OK)
        return status;
    switch (body->action) {
    case HOUSEHOLD_FOUND:
        return found_household(decision, command, err);
    case HOUSEHOLD_JOIN:
        return join_household(decision, command, err);
    case HOUSEHOLD_LEAVE:
        return leave_household(decision, command, err);
    case HOUSEHOLD_POOL:
        return pool_household(decision, command, err);
    }
    return STATUS_OK;
}

const struct command_type change_household_type = {.name = "change_household",
                                                   .loads = LOAD_ALONE | LOAD_REGROUPS,
                                                   .load = customers_load,
                                                   .decide = household_decide};

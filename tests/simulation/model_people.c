/* Registration, merges and households; purchases, returns and visits are in model_events.c. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

int model_register(struct model *model, const int *identifiers, int count, int64_t at)
{
    int index = model->member_count++;
    struct model_member *member = &model->members[index];

    memset(member, 0, sizeof *member);
    member->leader = index;
    member->registered_at = at;
    tier_begin(&model->rules->ladder, &member->tier, at);
    model_touched(model, index);
    for (int i = 0; i < count; i++)
        model->identifier_owner[identifiers[i]] = index;
    return index;
}

static void register_member(struct model *model, const struct action *action, struct outcome *outcome)
{
    int known = -1;

    for (int i = 0; i < action->identifier_count; i++) {
        int owner = model->identifier_owner[action->identifiers[i]];
        if (owner < 0)
            continue;
        if (known >= 0 && !model_same_person(model, known, owner)) {
            outcome->code = "identifier.conflict";
            return;
        }
        known = known < 0 ? owner : known;
    }
    if (known >= 0)
        outcome->code = "member.exists";
    else
        outcome->member = model_register(model, action->identifiers, action->identifier_count, model->now);
}

/* ---- merging ---- */

static int person_members(const struct model *model, int member, int list[GROUP_MAX])
{
    int count = 0;

    for (int i = 0; i < model->member_count && count < GROUP_MAX; i++)
        if (model_same_person(model, i, member))
            list[count++] = i;
    return count;
}

static void touch_group(struct model *model, int member)
{
    int list[GROUP_MAX], count = model_group(model, member, list);

    for (int i = 0; i < count; i++)
        model_touched(model, list[i]);
}

static bool is_pooled(const struct model *model, int leader)
{
    int household = model->members[leader].household;

    return household != 0 && model->household_pooled[household];
}

static void merge(struct model *model, const struct action *action, struct outcome *outcome)
{
    int into = model->members[action->member].leader, from = model->members[action->other].leader;
    int going[GROUP_MAX], group[GROUP_MAX], staying[GROUP_MAX], size = person_members(model, from, going);
    int together = person_members(model, into, staying), persons = together;
    struct model_member *a = &model->members[into], *b = &model->members[from];
    bool one_group = is_pooled(model, into) && a->household == b->household;

    if (is_pooled(model, into))
        together = model_group(model, into, group);
    if (into == from)
        outcome->code = "merge.same";
    else if (!one_group && together + size > GROUP_MAX)
        outcome->code = "merge.size";
    else if (b->household != 0 && b->household != a->household)
        outcome->code = "merge.household";
    if (outcome->code != NULL)
        return;
    if (persons == 1)
        a->share = a->tier;
    if (size == 1)
        b->share = b->tier;
    tier_merge(&a->tier, &b->tier);
    tier_join(&model->rules->ladder, &a->tier, a->registered_at, model->now);
    model->merge_count++;
    for (int i = 0; i < size; i++) {
        struct model_member *member = &model->members[going[i]];
        member->links[member->link_count++] = (struct model_link){model->merge_count, from};
        member->leader = into;
    }
    touch_group(model, into);
}

/* The tier of a person of these members, from their shares. */
static struct model_tier fold(const struct model *model, const int *members, int count, int leader)
{
    struct model_tier tier, share;
    int order[GROUP_MAX];

    memcpy(order, members, (size_t)count * sizeof *order);
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && model->members[order[j]].real < model->members[order[j - 1]].real; j--) {
            int swap = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swap;
        }
    for (int i = 0; i < count; i++) {
        const struct model_member *member = &model->members[order[i]];
        share = member->share;
        tier_settle(&model->rules->ladder, &share, member->registered_at, model->now);
        if (i == 0)
            tier = share;
        else
            tier_merge(&tier, &share);
    }
    if (count == 1)
        return tier;
    /* What several reached together: with the dates that it had, if it is theirs still. */
    const struct model_member *person = &model->members[leader];
    int apart = tier.level;
    tier_join(&model->rules->ladder, &tier, person->registered_at, model->now);
    if (tier.level != apart && person->leader == leader && tier.level == person->tier.level) {
        tier.since = person->tier.since;
        tier.until = person->tier.until;
        tier.grace = person->tier.grace;
    }
    return tier;
}

static void unmerge(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_member *member = &model->members[action->member];
    int left = member->leader, list[GROUP_MAX], size = person_members(model, left, list);
    int going[GROUP_MAX], staying[GROUP_MAX], going_count = 0, staying_count = 0;

    if (left == action->member || member->link_count == 0) {
        outcome->code = "unmerge.not_merged";
        return;
    }
    struct model_link last = member->links[member->link_count - 1];
    for (int i = 0; i < size; i++) {
        struct model_member *other = &model->members[list[i]];
        if (other->link_count > 0 && other->links[other->link_count - 1].merge == last.merge)
            going[going_count++] = list[i];
        else
            staying[staying_count++] = list[i];
    }
    touch_group(model, left);
    struct model_member *leader = &model->members[last.leader_before];
    leader->tier = fold(model, going, going_count, last.leader_before);
    model->members[left].tier = fold(model, staying, staying_count, left);
    for (int i = 0; i < going_count; i++) {
        model->members[going[i]].leader = last.leader_before;
        model->members[going[i]].link_count--;
    }
    if (leader->household != model->members[left].household)
        leader->household = 0;
    touch_group(model, left);
    touch_group(model, last.leader_before);
}

/* ---- households ---- */

static const char *check_household(const struct model *model, int household, bool pooled, int more_persons,
                                   int more_members)
{
    int persons = more_persons, members = more_members;

    for (int i = 0; i < model->member_count; i++) {
        bool in = model->members[model->members[i].leader].household == household;
        persons += in && model->members[i].leader == i;
        members += in;
    }
    return persons > GROUP_MAX || (pooled && members > GROUP_MAX) ? "household.size" : NULL;
}

static void household(struct model *model, const struct action *action, struct outcome *outcome)
{
    int leader = model->members[action->member].leader, list[GROUP_MAX];
    struct model_member *person = &model->members[leader];

    if (action->kind == ACT_FOUND) {
        if (person->household != 0)
            outcome->code = "household.member";
        else {
            person->household = outcome->event = ++model->household_count;
            model->household_pooled[person->household] = action->pooled;
        }
        touch_group(model, leader);
        return;
    }
    if (person->household == 0 || person->household != action->household) {
        outcome->code = "household.unknown";
        return;
    }
    if (action->kind == ACT_JOIN) {
        int joining = model->members[action->other].leader;
        struct model_member *other = &model->members[joining];
        if (other->household == person->household)
            outcome->code = "household.member";
        else if (other->household != 0)
            outcome->code = "household.other";
        else
            outcome->code = check_household(model, person->household, is_pooled(model, leader), 1,
                                            person_members(model, joining, list));
        if (outcome->code == NULL)
            other->household = person->household;
    } else if (action->kind == ACT_POOL) {
        outcome->code = check_household(model, person->household, action->pooled, 0, 0);
        touch_group(model, leader);
        if (outcome->code == NULL)
            model->household_pooled[person->household] = action->pooled;
    } else {
        touch_group(model, leader);
        person->household = 0;
    }
    touch_group(model, leader);
}

/* What was known of the person goes; the points stay where they are. */
static void erase(struct model *model, int erased)
{
    int leader = model->members[erased].leader;

    touch_group(model, leader);
    for (int i = 0; i < IDENTIFIERS; i++)
        if (model->identifier_owner[i] >= 0 && model_same_person(model, model->identifier_owner[i], leader))
            model->identifier_owner[i] = -1;
    for (int i = 0; i < model->member_count; i++)
        if (model_same_person(model, i, leader))
            model->members[i].erased = true;
    model->members[leader].household = 0;
    touch_group(model, leader);
}

static bool is_erased(const struct model *model, int member)
{
    return member >= 0 && model->members[member].erased;
}

void model_apply_people(struct model *model, const struct action *action, struct outcome *outcome)
{
    if (action->member >= 0)
        model_settle(model, action->member);
    if (action->other >= 0)
        model_settle(model, action->other);
    if (action->kind == ACT_REGISTER)
        register_member(model, action, outcome);
    else if (action->kind == ACT_PURCHASE || action->kind == ACT_RETURN || action->kind == ACT_VISIT ||
             action->kind == ACT_CLAIM)
        model_apply_event(model, action, outcome);
    else if (is_erased(model, action->member) || is_erased(model, action->other))
        outcome->code = "member.erased";
    else if (action->kind == ACT_ERASE)
        erase(model, action->member);
    else if (action->kind == ACT_MERGE)
        merge(model, action, outcome);
    else if (action->kind == ACT_UNMERGE)
        unmerge(model, action, outcome);
    else
        household(model, action, outcome);
}

/* merge.c: two members found to be one person, and the way back. A merge is a link: no row moves. */
#include <assert.h>

#include "features/customers/commands.h"
#include "features/customers/policy.h"
#include "features/customers/rows.h"
#include "features/customers/standing.h"

static int rank(void *context, struct text tier)
{
    const struct decision *decision = context;

    return customers_tier_rank(decision->programmes, decision->now, tier);
}

static struct text member_fact(struct arena *arena, const char *name, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(arena, "{\"%s\":\"%s\"}", name, id_format("mbr", id, text)));
}

static bool has_day(const struct customer_state *state, int32_t day)
{
    for (size_t i = 0; i < state->day_count; i++)
        if (state->days[i].day == day)
            return true;
    return false;
}

/* ---- merge ---- */

/* Days on which both persons bought: they are one purchase day of the merged person. The lists are ascending by day. */
static int64_t shared_days(const struct customer_state *a, const struct customer_state *b)
{
    int64_t shared = 0;

    for (size_t i = 0; i < a->day_count; i++)
        if ((i == 0 || a->days[i].day != a->days[i - 1].day) && has_day(b, a->days[i].day))
            shared++;
    return shared;
}

static enum status check_conflicts(const struct merge_members *body, struct error *err)
{
    static const enum profile_field compared[] = {PROFILE_BIRTHDAY, PROFILE_GENDER};
    const struct profile *into = &body->load.states[0].profile, *from = &body->load.states[1].profile;

    for (size_t i = 0; i < sizeof compared / sizeof compared[0]; i++) {
        struct text a = into->fields[compared[i]], b = from->fields[compared[i]];
        if (a.size > 0 && b.size > 0 && !text_equal(a, b) && !body->accept_conflicts)
            return error_set(err, STATUS_CONFLICT, "merge.conflict", profile_field_names[compared[i]],
                             "the two differ in %s: say accept_conflicts if they are one person all the same",
                             profile_field_names[compared[i]]);
    }
    return STATUS_OK;
}

static enum status check_merge(const struct decision *decision, const struct merge_members *body, struct error *err)
{
    const struct person *into = &decision->subjects[0], *from = &decision->subjects[1];
    size_t size = group_person_size(from->group, from->leader);

    if (into->leader->id == from->leader->id)
        return error_set(err, STATUS_CONFLICT, "merge.same", "from", "the two are one person already");
    size_t together = into->group->pooled ? into->group->member_count : group_person_size(into->group, into->leader);
    if (into->group != from->group && together + size > GROUP_MEMBERS_MAX)
        return error_set(err, STATUS_LIMIT, "merge.size", "from", "a person has at most %d members", GROUP_MEMBERS_MAX);
    if (from->leader->household != 0 && from->leader->household != into->leader->household)
        return error_set(err, STATUS_CONFLICT, "merge.household", "from", "the member must leave its household first");
    return check_conflicts(body, err);
}

/* While a person has several members each keeps its own share of the standing. */
static void keep_share(struct group *group, struct member *leader)
{
    if (group_person_size(group, leader) > 1)
        return;
    leader->own = leader->standing;
    leader->own_fresh = leader->own_changed = true;
}

static void absorb(struct decision *decision, const struct person *from, struct member *into, int64_t merge)
{
    int64_t leader = from->leader->id;
    bool several = group_person_size(from->group, from->leader) > 1;

    for (size_t i = 0; i < from->group->member_count; i++) {
        struct member *member = &from->group->members[i];
        if (member->leader != leader)
            continue;
        struct merge_link link = {member->id, merge, leader, into->id, decision->now};
        store_link(decision, &link);
        store_group(decision, into->id, member->id);
        if (several)
            store_group_delete(decision, leader, member->id);
        member->leader = into->id;
        member->changed = true;
    }
}

static enum status merge_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct merge_members *body = command->body;
    struct customer_state *states[2];
    enum status status = STATUS_OK;

    for (int i = 0; i < 2 && status == STATUS_OK; i++) {
        status = customer_require(decision, command, i, err);
        if (status == STATUS_OK)
            status = customers_state(decision, &body->load, i, &states[i], err);
    }
    if (status == STATUS_OK)
        status = check_merge(decision, body, err);
    if (status != STATUS_OK)
        return status;

    struct person *from = &decision->subjects[1];
    struct member *into = decision->subjects[0].leader, *absorbed = from->leader;
    struct journal_row *row = customers_journal(decision, into, "merge");
    row->facts = member_fact(decision->arena, "from", absorbed->id);
    struct journal_row *other = customers_journal(decision, absorbed, "merged");
    other->cause = row->id;
    other->facts = member_fact(decision->arena, "into", into->id);

    bool alone = group_person_size(decision->subjects[0].group, into) == 1;
    keep_share(decision->subjects[0].group, into);
    keep_share(from->group, absorbed);
    const struct standing persons[] = {into->standing, absorbed->standing};
    into->standing = standing_fold(decision->arena, persons, 2, shared_days(states[0], states[1]), rank, decision);
    customers_held_fold(decision->arena, decision->programmes, decision->now, &(struct standing_list){persons, 2},
                        &into->standing);
    /* Together they may reach what neither did. */
    customers_tier_reach(decision->arena, decision->programmes, &into->standing, into->registered_at, decision->now);
    /* Holds that waited for them to come together are ended by the next advance. */
    standing_due(into, decision->now);
    into->standing_changed = true;
    absorbed->standing_changed = absorbed->standing_fresh = false;
    absorbed->standing_dropped = true;
    if (alone)
        store_group(decision, into->id, into->id);
    /* Within one household the absorbed one keeps its number, to be put back by an unmerge. */
    if (absorbed->household != 0)
        store_group_delete(decision, absorbed->household, absorbed->id);
    body->merge = row->id;
    body->into = into->id;
    body->from = absorbed->id;
    absorb(decision, from, into, row->id);
    audit_add(decision, command, "member.merged", into->id, (struct text){NULL, 0}, row->facts);
    return STATUS_OK;
}

const struct command_type merge_members_type = {
    .name = "merge_members", .loads = LOAD_ALONE | LOAD_REGROUPS, .load = customers_load, .decide = merge_decide};

/* ---- unmerge ---- */

/*
 * The links of a member lead from one leader to the next, the last one to the leader of now. Neither ids nor times tell
 * their order: ids of different buckets are not in order, and several batches may have one time.
 */
static const struct merge_link *find_link_to(const struct customer_state *state, int64_t member, int64_t leader)
{
    for (size_t i = 0; i < state->link_count; i++)
        if (state->links[i].member == member && state->links[i].leader_after == leader)
            return &state->links[i];
    return NULL;
}

static const struct merge_link *find_link(const struct customer_state *state, int64_t member, int64_t merge)
{
    for (size_t i = 0; i < state->link_count; i++)
        if (state->links[i].member == member && state->links[i].id == merge)
            return &state->links[i];
    return NULL;
}

static bool is_listed(const struct unmerge_side *side, int64_t id)
{
    for (size_t i = 0; i < side->count; i++)
        if (side->members[i] == id)
            return true;
    return false;
}

/* Purchase days of the side beyond the first member's that has each. The list is ascending by day. */
static int64_t days_counted_again(const struct unmerge_side *side, const struct customer_state *state)
{
    int64_t again = 0;
    int32_t before = DAY_NONE;

    for (size_t d = 0; d < state->day_count; d++) {
        if (!is_listed(side, state->days[d].member))
            continue;
        again += state->days[d].day == before;
        before = state->days[d].day;
    }
    return again;
}

/* The standing of a side, from the shares of its members. */
static void fold_side(struct decision *decision, struct group *group, const struct customer_state *state,
                      struct unmerge_side *side)
{
    struct standing shares[GROUP_MEMBERS_MAX];

    for (size_t i = 0; i < side->count; i++) {
        const struct member *member = group_find(group, side->members[i]);
        shares[i] = member->own;
        customers_tier_settle(decision->arena, decision->programmes, &shares[i], member->registered_at, decision->now);
    }
    side->standing =
        standing_fold(decision->arena, shares, side->count, days_counted_again(side, state), rank, decision);
    customers_held_fold(decision->arena, decision->programmes, decision->now,
                        &(struct standing_list){shares, side->count}, &side->standing);
    /* What time changes next is not kept in shares: the sweeper finds it out at once. */
    side->standing.due_at = decision->now;
    if (side->count == 1)
        return;

    /* No share tells which tier several reached together: their qualifying sum does. */
    struct text apart = side->standing.tier;
    const struct member *leader = group_find(group, side->leader);
    const struct standing *whole = &group_leader(group, leader)->standing;
    customers_tier_reach(decision->arena, decision->programmes, &side->standing, leader->registered_at, decision->now);
    if (text_equal(side->standing.tier, apart) || !text_equal(side->standing.tier, whole->tier) ||
        leader->leader != leader->id)
        return;
    side->standing.tier_since = whole->tier_since;
    side->standing.tier_until = whole->tier_until;
    side->standing.tier_grace = whole->tier_grace;
}

enum status unmerge_plan_make(struct decision *decision, const struct person *person,
                              const struct customer_state *state, int64_t merge, struct unmerge_plan *out,
                              struct error *err)
{
    int64_t member = person->member->id;
    const struct merge_link *link =
        merge != 0 ? find_link(state, member, merge) : find_link_to(state, member, person->leader->id);

    if (link == NULL || person->member == person->leader)
        return error_set(err, STATUS_CONFLICT, "unmerge.not_merged", "member",
                         "the member is not part of another by this merge");
    *out =
        (struct unmerge_plan){.link = link, .going.leader = link->leader_before, .staying.leader = person->leader->id};
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *other = &person->group->members[i];
        if (other->leader != person->leader->id)
            continue;
        struct unmerge_side *side = find_link(state, other->id, link->id) != NULL ? &out->going : &out->staying;
        side->members[side->count++] = other->id;
    }
    assert(is_listed(&out->going, out->going.leader));
    assert(is_listed(&out->staying, out->staying.leader));
    fold_side(decision, person->group, state, &out->going);
    fold_side(decision, person->group, state, &out->staying);
    return STATUS_OK;
}

static void set_standing(struct group *group, const struct unmerge_side *side)
{
    struct member *leader = group_find(group, side->leader);

    leader->standing = side->standing;
    leader->standing_changed = true;
    if (side->count == 1) {
        leader->own_dropped = true;
        leader->own_changed = leader->own_fresh = false;
    }
}

static void leave(struct decision *decision, const struct customer_state *state, struct member *member,
                  const struct merge_link *merge, const struct unmerge_side *going)
{
    store_group_delete(decision, member->leader, member->id);
    if (going->count > 1)
        store_group(decision, going->leader, member->id);
    for (const struct merge_link *link = find_link_to(state, member->id, member->leader); link != NULL;
         link = link->id == merge->id ? NULL : find_link_to(state, member->id, link->leader_before))
        store_link_delete(decision, member->id, link->id);
    member->leader = going->leader;
    member->changed = true;
}

/* Back into the household of the person that is left, if there is room again. */
static void return_to_household(struct decision *decision, const struct member *left, struct member *leader,
                                size_t persons)
{
    if (leader->household == 0)
        return;
    if (leader->household == left->household && persons < HOUSEHOLD_PERSONS_MAX)
        store_group(decision, leader->household, leader->id);
    else
        leader->household = 0;
}

static enum status unmerge_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct unmerge_members *body = command->body;
    struct person *person = &decision->subjects[0];
    struct customer_state *state;
    struct unmerge_plan plan;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = customers_state(decision, &body->load, 0, &state, err);
    if (status == STATUS_OK)
        status = unmerge_plan_make(decision, person, state, body->merge, &plan, err);
    if (status != STATUS_OK)
        return status;

    struct member *left = person->leader, *leader = group_find(person->group, plan.going.leader);
    struct journal_row *row = customers_journal(decision, left, "unmerge");
    row->facts = member_fact(decision->arena, "member", leader->id);
    struct journal_row *other = customers_journal(decision, leader, "unmerged");
    other->cause = row->id;
    other->facts = member_fact(decision->arena, "from", left->id);
    set_standing(person->group, &plan.going);
    leader->standing_fresh = true;
    set_standing(person->group, &plan.staying);
    body->merge = plan.link->id;
    body->from = left->id;
    body->member = leader->id;
    for (size_t i = 0; i < plan.going.count; i++)
        leave(decision, state, group_find(person->group, plan.going.members[i]), plan.link, &plan.going);
    if (plan.staying.count == 1)
        store_group_delete(decision, left->id, left->id);
    return_to_household(decision, left, leader, state->household_count);
    audit_add(decision, command, "member.unmerged", left->id, (struct text){NULL, 0}, row->facts);
    return STATUS_OK;
}

const struct command_type unmerge_members_type = {
    .name = "unmerge_members", .loads = LOAD_ALONE | LOAD_REGROUPS, .load = customers_load, .decide = unmerge_decide};

/* Rights: tiers that are given, memberships, benefits. */
#include <string.h>

#include "features/programme/tier_walk.h"

void right_drop(struct held *held, size_t index)
{
    held->right_count--;
    memmove(&held->rights[index], &held->rights[index + 1], (held->right_count - index) * sizeof held->rights[0]);
}

struct right right_lapse(const struct programme *programme, struct held *held, size_t index, struct tier_change *change)
{
    struct right right = held->rights[index];
    const struct tier_ladder *ladder = right.tier.size > 0 && programme->ladder.level_count > 0
                                           ? programme_ladder_find(programme, right.ladder)
                                           : NULL;

    if (ladder != NULL)
        change->from = tier_counting(programme, ladder, held);
    right_drop(held, index);
    if (ladder == NULL)
        return right;
    change->ladder = ladder;
    change->to = tier_counting(programme, ladder, held);
    change->cause = right.id;
    if (!text_equal(change->from, change->to))
        change->reason = right.kept_by_count > 0 ? "trial_ended" : "ended";
    return right;
}

static void add_right(struct arena *arena, const struct programme *programme, struct standing *standing,
                      const struct right *right)
{
    struct held held;

    held_read(standing, programme->ladder.metric, &held);
    if (held.right_count < RIGHTS_MAX)
        held.rights[held.right_count++] = *right;
    held_write(arena, programme, &held, standing);
}

static void journal_given(struct decision *decision, const struct programme *programme, const struct member *leader,
                          const struct right *right, struct text before)
{
    const struct tier_change change = {.ladder = programme_ladder_find(programme, right->ladder),
                                       .from = before,
                                       .to = held_tier(programme, right->ladder, &leader->standing),
                                       .reason = "given",
                                       .at = decision->now,
                                       .cause = right->id};

    if (!text_equal(change.from, change.to))
        tier_change_journal(decision, programme, leader, &change);
}

enum status right_give(struct decision *decision, const struct person *person, const struct right *right,
                       struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct member *leader = person->leader;
    struct text before = held_tier(programme, right->ladder, &leader->standing);
    struct held held;

    held_read(&leader->standing, programme->ladder.metric, &held);
    if (held.right_count == RIGHTS_MAX)
        return error_set(err, STATUS_LIMIT, "tier.rights", "", "a member holds at most %d rights at a time",
                         RIGHTS_MAX);
    add_right(decision->arena, programme, &leader->standing, right);
    leader->standing_changed = true;
    if (group_person_size(person->group, leader) > 1) {
        add_right(decision->arena, programme, &person->member->own, right);
        person->member->own_changed = true;
    }
    if (right->tier.size > 0)
        journal_given(decision, programme, leader, right, before);
    standing_due(leader, tier_due(&leader->standing));
    return STATUS_OK;
}

static bool change_right(struct decision *decision, const struct programme *programme, struct standing *standing,
                         int64_t id, int64_t until)
{
    struct held held;

    held_read(standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < held.right_count; i++) {
        if (held.rights[i].id != id)
            continue;
        held.rights[i].until = until;
        if (until <= decision->now)
            right_drop(&held, i);
        held_write(decision->arena, programme, &held, standing);
        return true;
    }
    return false;
}

bool right_end(struct decision *decision, const struct person *person, int64_t id, int64_t until)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct member *leader = person->leader;
    struct held held;
    size_t at = 0;

    held_read(&leader->standing, programme->ladder.metric, &held);
    while (at < held.right_count && held.rights[at].id != id)
        at++;
    for (size_t i = 0; i < person->group->member_count; i++) {
        struct member *member = &person->group->members[i];
        if (member->leader == leader->id && group_person_size(person->group, leader) > 1 &&
            change_right(decision, programme, &member->own, id, until))
            member->own_changed = true;
    }
    if (at == held.right_count)
        return false;
    struct right right = held.rights[at];
    struct tier_change change = {.at = decision->now};
    if (until > decision->now) {
        change_right(decision, programme, &leader->standing, id, until);
    } else {
        right_lapse(programme, &held, at, &change);
        held_write(decision->arena, programme, &held, &leader->standing);
        change.cause = right.id;
    }
    leader->standing_changed = true;
    if (change.reason != NULL)
        tier_change_journal(decision, programme, leader, &change);
    standing_due(leader, tier_due(&leader->standing));
    return true;
}

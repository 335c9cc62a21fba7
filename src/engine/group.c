#include <assert.h>
#include <string.h>

#include "engine/decide.h"
#include "engine/decision.h"

struct member *group_find(struct group *group, int64_t id)
{
    for (size_t i = 0; i < group->member_count; i++)
        if (group->members[i].id == id)
            return &group->members[i];
    return NULL;
}

struct member *group_leader(struct group *group, const struct member *member)
{
    struct member *leader = group_find(group, member->leader);

    assert(leader != NULL);
    return leader;
}

size_t group_person_size(const struct group *group, const struct member *leader)
{
    size_t size = 0;

    for (size_t i = 0; i < group->member_count; i++)
        size += group->members[i].leader == leader->id;
    return size;
}

const struct wallet *member_wallet_find(const struct member *member, struct text code)
{
    for (size_t i = 0; i < member->wallet_count; i++)
        if (text_equal(member->wallets[i].code, code))
            return &member->wallets[i];
    return NULL;
}

struct wallet *member_wallet(struct decision *decision, struct member *member, struct text code)
{
    for (size_t i = 0; i < member->wallet_count; i++)
        if (text_equal(member->wallets[i].code, code))
            return &member->wallets[i];
    member->wallets = arena_grow(decision->arena, member->wallets, &member->wallet_capacity, member->wallet_count + 1,
                                 sizeof(struct wallet));
    struct wallet *wallet = &member->wallets[member->wallet_count++];
    *wallet = (struct wallet){.code = code, .changed = true, .fresh = true};
    return wallet;
}

struct lot *member_lot(struct member *member, int64_t id)
{
    for (size_t i = 0; i < member->lot_count; i++)
        if (member->lots[i].id == id)
            return &member->lots[i];
    return NULL;
}

struct lot *member_lot_add(struct decision *decision, struct member *member)
{
    member->lots =
        arena_grow(decision->arena, member->lots, &member->lot_capacity, member->lot_count + 1, sizeof(struct lot));
    struct lot *lot = &member->lots[member->lot_count++];
    *lot = (struct lot){.changed = true, .fresh = true};
    return lot;
}

struct hold *member_hold(struct member *member, int64_t id)
{
    for (size_t i = 0; i < member->hold_count; i++)
        if (member->holds[i].id == id)
            return &member->holds[i];
    return NULL;
}

struct hold *member_hold_add(struct decision *decision, struct member *member)
{
    member->holds =
        arena_grow(decision->arena, member->holds, &member->hold_capacity, member->hold_count + 1, sizeof(struct hold));
    struct hold *hold = &member->holds[member->hold_count++];
    *hold = (struct hold){.changed = true, .fresh = true};
    return hold;
}

struct member_day *member_day_at(struct decision *decision, struct member *member, int32_t day)
{
    for (size_t i = member->day_count; i > 0; i--) /* it mostly is the latest */
        if (member->days[i - 1].day == day)
            return &member->days[i - 1];
    member->days = arena_grow(decision->arena, member->days, &member->day_capacity, member->day_count + 1,
                              sizeof(struct member_day));
    struct member_day *found = &member->days[member->day_count++];
    *found = (struct member_day){.day = day, .fresh = true};
    return found;
}

struct progress *member_progress(struct decision *decision, struct member *member, struct text id)
{
    for (size_t i = 0; i < member->progress_count; i++)
        if (text_equal(member->progress[i].id, id))
            return &member->progress[i];
    member->progress = arena_grow(decision->arena, member->progress, &member->progress_capacity,
                                  member->progress_count + 1, sizeof(struct progress));
    struct progress *found = &member->progress[member->progress_count++];
    *found = (struct progress){.id = id, .fresh = true};
    return found;
}

void standing_due(struct member *leader, int64_t at)
{
    if (at < leader->standing.due_at) {
        leader->standing.due_at = at;
        leader->standing_changed = true;
    }
}

/* An array with `count` elements of `from`: `old`, whose capacity is `*capacity`, or a larger new one. */
static void *copied(struct arena *arena, void *old, size_t *capacity, const void *from, size_t count, size_t size)
{
    void *array = old;

    if (count > *capacity) {
        *capacity = 0;
        array = arena_grow(arena, NULL, capacity, count, size);
    }
    if (count > 0)
        memcpy(array, from, count * size);
    return array;
}

static void member_copy(struct arena *arena, struct member *to, const struct member *from)
{
    struct member old = *to;

    *to = *from;
    to->wallets =
        copied(arena, old.wallets, &old.wallet_capacity, from->wallets, from->wallet_count, sizeof(struct wallet));
    to->wallet_capacity = old.wallet_capacity;
    to->lots = copied(arena, old.lots, &old.lot_capacity, from->lots, from->lot_count, sizeof(struct lot));
    to->lot_capacity = old.lot_capacity;
    to->holds = copied(arena, old.holds, &old.hold_capacity, from->holds, from->hold_count, sizeof(struct hold));
    to->hold_capacity = old.hold_capacity;
    to->days = copied(arena, old.days, &old.day_capacity, from->days, from->day_count, sizeof(struct member_day));
    to->day_capacity = old.day_capacity;
    to->progress = copied(arena, old.progress, &old.progress_capacity, from->progress, from->progress_count,
                          sizeof(struct progress));
    to->progress_capacity = old.progress_capacity;
}

void group_copy(struct arena *arena, struct group *to, const struct group *from)
{
    if (to->member_count < from->member_count) {
        to->members = arena_array(arena, from->member_count, sizeof(struct member));
        to->member_count = from->member_count;
    }
    for (size_t i = 0; i < from->member_count; i++)
        member_copy(arena, &to->members[i], &from->members[i]);
    to->member_count = from->member_count;
    to->pooled = from->pooled;
}

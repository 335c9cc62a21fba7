#include "features/rewards/rewards.h"

#include <string.h>

#include "features/points/ledger.h"

static bool is_known(const struct person *person)
{
    return person != NULL && person->group != NULL;
}

struct reward_price reward_price_of(const struct reward *reward, const struct person *person)
{
    struct text tier = is_known(person) ? person->leader->standing.tier : (struct text){NULL, 0};

    for (size_t i = 1; tier.size > 0 && i < reward->price_count; i++)
        if (text_equal(reward->prices[i].tier, tier))
            return reward->prices[i];
    return reward->prices[0];
}

const char *reward_counter(struct arena *arena, struct text code)
{
    return arena_format(arena, "reward:%.*s", (int)code.size, code.bytes);
}

const char *reward_slot_counter(struct arena *arena, struct text code, const struct reward_slot *slot)
{
    return arena_format(arena, "reward_slot:%.*s:%lld", (int)code.size, code.bytes,
                        (long long)(slot->from / INSTANT_SECOND));
}

const struct reward_slot *reward_slot_at(const struct reward *reward, int64_t from)
{
    for (size_t i = 0; i < reward->slot_count; i++)
        if (reward->slots[i].from == from)
            return &reward->slots[i];
    return NULL;
}

int64_t reward_member_used(const struct person *person, struct text code)
{
    static const struct text beginning = {"reward:", 7};
    int64_t used = 0;

    for (size_t i = 0; is_known(person) && i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++) {
            struct text id = member->progress[p].id;
            if (id.size == beginning.size + code.size && text_starts_with(id, beginning) &&
                memcmp(id.bytes + beginning.size, code.bytes, code.size) == 0)
                used += member->progress[p].used;
        }
    }
    return used;
}

/* ---- whether it may be had ---- */

static enum status check_time(const struct reward *reward, int64_t now, struct error *err)
{
    char text[INSTANT_TEXT_SIZE];

    if (now < reward->from)
        return error_set(err, STATUS_CONFLICT, "reward.not_started", "reward", "the reward can be had from %s",
                         instant_format(reward->from, text));
    if (now >= reward->until)
        return error_set(err, STATUS_CONFLICT, "reward.ended", "reward", "the reward could be had until %s",
                         instant_format(reward->until, text));
    return STATUS_OK;
}

static enum status check_slot(const struct reward *reward, const struct reward_question *question, struct error *err)
{
    const struct reward_slot *slot = question->slot;

    if (reward->slot_count == 0)
        return STATUS_OK;
    if (slot == NULL)
        return error_set(err, STATUS_INVALID, "reward.slot_needed", "slot", "say at which of its times it is wanted");
    if (question->now >= slot->from)
        return error_set(err, STATUS_CONFLICT, "reward.slot_over", "slot", "this time has begun");
    if (question->quantity > slot->capacity - question->slot_used)
        return error_set(err, STATUS_CONFLICT, "reward.slot_full", "slot", "%lld are left at this time",
                         (long long)(slot->capacity > question->slot_used ? slot->capacity - question->slot_used : 0));
    return STATUS_OK;
}

static enum status check_stock(const struct reward *reward, const struct reward_question *question, struct error *err)
{
    bool found = reward->store_count == 0 || question->store.size == 0;

    for (size_t i = 0; !found && i < reward->store_count; i++)
        found = text_equal(reward->stores[i], question->store);
    if (!found)
        return error_set(err, STATUS_CONFLICT, "reward.store", "store", "the reward is not handed over in '%.*s'",
                         (int)question->store.size, question->store.bytes);
    if (reward->stock != INT64_MAX && question->quantity > reward->stock - question->used)
        return error_set(err, STATUS_CONFLICT, "reward.sold_out", "reward", "%lld are left",
                         (long long)(reward->stock > question->used ? reward->stock - question->used : 0));
    return STATUS_OK;
}

static enum status check_audience(const struct reward *reward, const struct reward_question *question,
                                  struct error *err)
{
    struct condition_world world = {.arena = question->arena,
                                    .programmes = question->set,
                                    .programme = programme_at(question->set, question->now),
                                    .now = question->now,
                                    .person = question->person,
                                    .known = question->known};

    if (reward->when.source.size == 0)
        return STATUS_OK;
    condition_start(&world);
    if (condition_holds(&world, &reward->when))
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "reward.audience", "member", "the reward is not for this member");
}

static enum status check_points(const struct reward *reward, const struct reward_question *question, int64_t *missing,
                                struct error *err)
{
    int64_t points = reward_price_of(reward, question->person).points * question->quantity;
    int64_t has = is_known(question->person)
                      ? ledger_available(question->person->group, question->person->member, reward->wallet)
                      : 0;

    *missing = question->free || points <= has ? 0 : points - has;
    if (*missing == 0)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "reward.points", "reward", "%lld points are missing", (long long)*missing);
}

enum status reward_check(const struct reward *reward, const struct reward_question *question, int64_t *missing,
                         struct error *err)
{
    *missing = 0;
    enum status status = check_time(reward, question->now, err);
    if (status == STATUS_OK)
        status = check_stock(reward, question, err);
    if (status == STATUS_OK)
        status = check_audience(reward, question, err);
    if (status == STATUS_OK && reward->member_limit != INT64_MAX &&
        reward_member_used(question->person, reward->code) + question->quantity > reward->member_limit)
        status = error_set(err, STATUS_CONFLICT, "reward.member_limit", "member", "a member may have %lld of these",
                           (long long)reward->member_limit);
    if (status == STATUS_OK)
        status = check_slot(reward, question, err);
    return status == STATUS_OK ? check_points(reward, question, missing, err) : status;
}

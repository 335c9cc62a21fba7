/* replay_world.c: the worlds of a back-test, and the persons in them between two decisions. */
#include <assert.h>
#include <string.h>

#include "features/backtest/replay_internal.h"
#include "features/points/ledger.h"

enum {
    SCRATCH_BYTES = 256 << 20,
    SCRATCH_RESET_BYTES = 128 << 10, /* stays in the processor's cache */
    DAYS_KEPT = 64,                  /* programme days of a person that a late purchase may still fall on */
    LOTS_ROOM = 64,
};

/* ---- worlds ---- */

static void world_clear(struct world *world)
{
    arena_reset(world->scratch);
    decision_start(&world->decision, world->scratch, 0, world->programmes);
}

struct replay *replay_new(struct arena *memory, const struct replay_options *options)
{
    struct replay *replay = arena_alloc(memory, sizeof *replay);
    replay->memory = memory;
    replay->options = *options;
    replay->persons = map_new(memory, map_count(options->members));
    replay->purchases = map_new(memory, map_count(options->wanted));
    replay->receipts = map_new(memory, 16);
    replay->lots = arena_array(memory, LOTS_ROOM, sizeof *replay->lots);
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct world *world = &replay->worlds[w];
        world->programmes = options->programmes[w];
        world->counters = map_new(memory, COMMAND_COUNTERS_MAX);
        world->scratch = arena_new(SCRATCH_BYTES);
        assert(world->scratch != NULL);
        world_clear(world);
    }
    replay_months(replay);
    replay_start_challenges(replay);
    return replay;
}

void replay_free(struct replay *replay)
{
    for (int w = 0; replay != NULL && w < REPLAY_WORLDS; w++)
        arena_free(replay->worlds[w].scratch);
}

struct counter *replay_counter(struct replay *replay, struct world *world, const char *id)
{
    struct counter *counter = map_get(world->counters, text_from(id));
    if (counter != NULL)
        return counter;
    counter = arena_alloc(replay->memory, sizeof *counter);
    counter->id = text_copy(replay->memory, text_from(id));
    counter->maximum = INT64_MAX;
    map_put(world->counters, counter->id, counter);
    return counter;
}

/* ---- persons ---- */

bool replay_in_period(const struct replay *replay, int64_t at)
{
    return at >= replay->options.from && at < replay->options.until;
}

static struct replay_person *person_new(struct replay *replay, int64_t id, int64_t at)
{
    struct replay_person *person = arena_alloc(replay->memory, sizeof *person);
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct world_person *one = &person->worlds[w];
        const struct programme *programme = programme_at(replay->worlds[w].programmes, at);
        one->member = (struct member){.id = id,
                                      .leader = id,
                                      .registered_at = at,
                                      .status = MEMBER_ACTIVE,
                                      .lots_loaded = true,
                                      .progress_loaded = true};
        one->member.standing.due_at = INSTANT_NEVER;
        one->group = (struct group){.members = &one->member, .member_count = 1};
        tier_start(programme, &one->member.standing, at);
        standing_due(&one->member, tier_due(&one->member.standing));
    }
    const struct condition_person *known = replay->options.known != NULL ? map_get_id(replay->options.known, id) : NULL;
    if (known != NULL)
        person->known = (struct rules_known){.parts = known->parts, .person = *known};
    replay_put_person(replay, id, person);
    return person;
}

void replay_put_person(struct replay *replay, int64_t id, struct replay_person *person)
{
    struct replay_member *member = map_get_id(replay->options.members, id);
    if (member != NULL)
        member->person = person;
    map_put_id(replay->persons, id, person);
}

struct replay_person *replay_person_of(struct replay *replay, const struct replay_input *input)
{
    if (input->member == NULL)
        return NULL;
    struct replay_person *person = input->member->person;
    return person != NULL ? person : person_new(replay, input->row->member, input->row->at);
}

static void *adopted(struct replay *replay, const void *before, void *now, size_t *capacity, size_t count, size_t size)
{
    if (now == before || count == 0)
        return now;
    size_t doubled = count * 2;
    void *copy = arena_array(replay->memory, doubled, size);
    memcpy(copy, now, count * size);
    *capacity = doubled;
    return copy;
}

static void keep_recent(struct replay *replay, struct world_person *one)
{
    struct standing *standing = &one->member.standing;
    if (standing->recent == one->recent || standing->recent_count == 0)
        return;
    one->recent =
        arena_grow(replay->memory, one->recent, &one->recent_capacity, standing->recent_count, sizeof *one->recent);
    memcpy(one->recent, standing->recent, standing->recent_count * sizeof *one->recent);
    standing->recent = one->recent;
}

static void keep_held(struct replay *replay, struct world_person *one)
{
    struct text *held = &one->member.standing.held;
    if (held->bytes == one->held || held->size == 0)
        return;
    one->held = arena_grow(replay->memory, one->held, &one->held_capacity, held->size, 1);
    memcpy(one->held, held->bytes, held->size);
    held->bytes = one->held;
}

static void drop_old_days(struct member *member)
{
    const size_t half = DAYS_KEPT / 2;
    if (member->day_count < DAYS_KEPT)
        return;
    memmove(member->days, member->days + half, (member->day_count - half) * sizeof *member->days);
    member->day_count -= half;
}

void replay_bring_home(struct replay *replay, struct world *world, struct world_person *one,
                       const struct member *before)
{
    struct member *member = &one->member;
    const struct tier_level *level =
        programme_tier(programme_at(world->programmes, world->decision.now), member->standing.tier);
    if (level != NULL)
        member->standing.tier = level->code;
    else
        member->standing.tier = text_copy(replay->memory, member->standing.tier);
    keep_recent(replay, one);
    keep_held(replay, one);
    member->wallets = adopted(replay, before->wallets, member->wallets, &member->wallet_capacity, member->wallet_count,
                              sizeof *member->wallets);
    member->progress = adopted(replay, before->progress, member->progress, &member->progress_capacity,
                               member->progress_count, sizeof *member->progress);
    for (size_t i = before->progress_count; i < member->progress_count; i++)
        member->progress[i].id = text_copy(replay->memory, member->progress[i].id);
    member->days =
        adopted(replay, before->days, member->days, &member->day_capacity, member->day_count, sizeof *member->days);
    drop_old_days(member);
    member->lots = NULL;
    member->lot_count = member->lot_capacity = 0;
}

/* ---- one decision ---- */

struct turn turn_of(struct replay *replay, struct replay_person *person, int w)
{
    return (struct turn){
        .replay = replay, .known = &person->known, .world = &replay->worlds[w], .one = &person->worlds[w]};
}

enum status turn_begin(struct turn *turn, int64_t now, struct error *err)
{
    struct replay *replay = turn->replay;
    struct world *world = turn->world;
    struct member *member = &turn->one->member;
    world->decision.now = now;
    member->lots = replay->lots;
    member->lot_count = 0;
    member->lot_capacity = LOTS_ROOM;
    turn->before = *member;
    turn->person = (struct person){&turn->one->group, member, member};
    world->decision.subjects[0] = turn->person;
    return points_advance(&world->decision, &turn->one->group, err);
}

void turn_load_counters(struct turn *turn)
{
    struct decision *decision = &turn->world->decision;
    for (size_t i = 0; i < turn->command.counter_count; i++)
        decision->counters[i] = replay_counter(turn->replay, turn->world, turn->command.counters[i]);
}

void turn_counters(struct turn *turn, const struct programme *programme, const struct journal_row *row,
                   struct text trigger)
{
    struct decision *decision = &turn->world->decision;
    const struct purchase asked = {.at = row->at, .store = row->store, .channel = row->channel, .trigger = trigger};
    purchase_counters(programme, &turn->command, turn->world->scratch);
    purchase_rule_counters(decision->programmes, &asked, &turn->command, turn->world->scratch);
    turn_load_counters(turn);
}

void turn_end(struct turn *turn)
{
    points_set_due(&turn->one->group, &turn->one->member);
    replay_bring_home(turn->replay, turn->world, turn->one, &turn->before);
}

void replay_tidy(struct replay *replay)
{
    for (int w = 0; w < REPLAY_WORLDS; w++)
        if (arena_used(replay->worlds[w].scratch) > SCRATCH_RESET_BYTES)
            world_clear(&replay->worlds[w]);
}

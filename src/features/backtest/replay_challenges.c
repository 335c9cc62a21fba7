/* replay_challenges.c: who would have completed challenges, in both worlds: those that the plan changes. */
#include "features/backtest/replay_internal.h"
#include "features/challenges/follow.h"
#include "features/points/ledger.h"

/* The version in force at `at`, or the last one before. */
static const struct definition *version_at(const struct programme_set *programmes, struct text code, int64_t at)
{
    const struct definition_list *list = definitions_of(programmes, &challenge_kind);
    const struct definition *found = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i].code, code) && list->items[i].from <= at)
            found = &list->items[i];
    return found;
}

/* ---- events ---- */

static void drop_rows(struct world_person *one, int64_t event)
{
    size_t kept = 0;
    for (size_t i = 0; i < one->counted_count; i++)
        if (one->counted[i].event != event)
            one->counted[kept++] = one->counted[i];
    one->counted_count = kept;
}

static void keep_rows(struct replay *replay, struct world_person *one, const struct challenge_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        one->counted = arena_grow(replay->memory, one->counted, &one->counted_capacity, one->counted_count + 1,
                                  sizeof *one->counted);
        one->counted[one->counted_count] = rows[i];
        one->counted[one->counted_count++].value = text_copy(replay->memory, rows[i].value);
    }
}

static enum status count_in(struct replay *replay, struct replay_person *person, int w, const struct past_event *event,
                            struct text code, struct error *err)
{
    const struct programme_set *programmes = replay->worlds[w].programmes;
    const struct definition *definition = definition_at(programmes, &challenge_kind, code, event->row.recorded_at);
    struct world_person *one = &person->worlds[w];
    const struct person who = {&one->group, &one->member, &one->member};
    struct condition_world world = {.arena = replay->worlds[w].scratch,
                                    .programmes = programmes,
                                    .programme = programme_at(programmes, event->row.at),
                                    .now = event->row.recorded_at,
                                    .person = &who,
                                    .known = &person->known.person};
    struct challenge_row *rows;
    size_t count;
    if (definition == NULL)
        return STATUS_OK;
    const struct challenge *challenge = definition->parsed;
    condition_start(&world);
    if (!challenge_in_time(challenge, world.programme->zone, event->row.at, event->row.recorded_at) ||
        !condition_holds(&world, &challenge->when))
        return STATUS_OK;
    enum status status = challenge_units(&world, definition, event, &rows, &count, err);
    if (status == STATUS_OK)
        keep_rows(replay, one, rows, count);
    person->active = person->active || (status == STATUS_OK && count > 0);
    return status;
}

enum status replay_count(struct replay *replay, struct replay_person *person, const struct past_event *event,
                         struct error *err)
{
    enum status status = STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && replay->options.challenge_count > 0; w++) {
        drop_rows(&person->worlds[w], event->row.id);
        for (size_t i = 0; i < replay->options.challenge_count && status == STATUS_OK; i++)
            status = count_in(replay, person, w, event, replay->options.challenges[i], err);
    }
    return status;
}

void replay_join_challenges(struct replay *replay, struct world_person *into, const struct world_person *from)
{
    keep_rows(replay, into, from->counted, from->counted_count);
}

/* ---- at the end ---- */

static int64_t reward(struct replay *replay, struct replay_person *person, int w, const struct challenge *challenge,
                      const struct challenge_progress *progress)
{
    const struct challenge_reward_terms *terms = &challenge->reward;
    const struct programme *programme = programme_at(replay->worlds[w].programmes, replay->options.until);
    const struct wallet_policy *policy = terms->points > 0 ? programme_wallet(programme, terms->wallet) : NULL;
    int64_t points = policy != NULL ? terms->points * progress->completed : 0;
    if (points == 0)
        return 0;
    replay_add_points(replay, person, w, terms->wallet, points);
    replay_add_end(replay, w, terms->wallet, points,
                   wallet_expiry(policy, programme->zone, progress->completed_at, progress->completed_at));
    return points;
}

static int64_t finish_in(struct replay *replay, struct replay_person *person, int w, struct replay_challenge *sum)
{
    const struct world_person *one = &person->worlds[w];
    const struct programme_set *programmes = replay->worlds[w].programmes;
    const struct definition *definition = version_at(programmes, sum->code, replay->options.until - 1);
    struct arena *scratch = replay->worlds[w].scratch;
    struct challenge_row *rows = arena_array(scratch, one->counted_count + 1, sizeof *rows);
    struct challenge_folding folding = {.zone = programme_at(programmes, replay->options.until)->zone,
                                        .rows = rows,
                                        .enrolled_at = INT64_MIN,
                                        .now = replay->options.until};
    struct challenge_progress progress;
    for (size_t i = 0; i < one->counted_count; i++)
        if (text_equal(one->counted[i].challenge, sum->code))
            rows[folding.count++] = one->counted[i];
    if (definition == NULL || folding.count == 0)
        return 0;
    const struct challenge *challenge = definition->parsed;
    if (challenge->by_member)
        folding.enrolled_at = replay->options.from;
    challenge_fold(scratch, challenge, &folding, &progress);
    sum->members[w]++;
    sum->completed[w] += progress.completed > 0;
    sum->rounds[w] += progress.completed;
    sum->enrolled = sum->enrolled || challenge->by_member;
    sum->wallet = challenge->reward.wallet.size > 0 ? challenge->reward.wallet : sum->wallet;
    int64_t points = reward(replay, person, w, challenge, &progress);
    sum->points[w] += points;
    return progress.completed;
}

void replay_finish_challenges(struct replay *replay, struct replay_person *person)
{
    struct replay_report *report = &replay->report;
    for (size_t i = 0; i < report->challenge_count; i++) {
        int64_t rounds[REPLAY_WORLDS];
        for (int w = 0; w < REPLAY_WORLDS; w++)
            rounds[w] = finish_in(replay, person, w, &report->challenges[i]);
        person->touched = person->touched || rounds[REPLAY_AS_IT_WAS] != rounds[REPLAY_PLAN];
    }
    replay_tidy(replay);
}

void replay_start_challenges(struct replay *replay)
{
    struct replay_report *report = &replay->report;
    report->challenge_count = replay->options.challenge_count;
    report->challenges = arena_array(replay->memory, report->challenge_count + 1, sizeof *report->challenges);
    for (size_t i = 0; i < report->challenge_count; i++)
        report->challenges[i] = (struct replay_challenge){.code = replay->options.challenges[i]};
}

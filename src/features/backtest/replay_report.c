/* replay_report.c: who got what in both worlds, counted when all rows are decided. */
#include "features/backtest/replay_internal.h"

static struct replay_part *part_of(struct replay_part *parts, size_t *count, struct text name)
{
    for (size_t i = 0; i < *count; i++)
        if (text_equal(parts[i].name, name))
            return &parts[i];
    if (*count == REPLAY_PARTS_MAX)
        return &parts[REPLAY_PARTS_MAX - 1];
    parts[*count] = (struct replay_part){.name = name};
    return &parts[(*count)++];
}

static void count_in(struct replay_part *part, const struct replay_person *person)
{
    part->persons++;
    part->touched += person->touched;
    part->spend += person->spend;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        part->points[w] += person->worlds[w].points;
}

/* What is due until the end of the period has happened then. */
static void settle(struct replay *replay, struct replay_person *person)
{
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct turn turn = turn_of(replay, person, w);
        (void)turn_begin(&turn, replay->options.until, NULL);
        turn_end(&turn);
    }
}

static void count_person(struct replay *replay, struct replay_person *person)
{
    struct replay_report *report = &replay->report;
    const struct world *world = &replay->worlds[REPLAY_AS_IT_WAS];
    const struct standing *standing = &person->worlds[REPLAY_AS_IT_WAS].member.standing;
    int64_t now = replay->options.until;
    int32_t today = zone_day(programme_at(world->programmes, now)->zone, now);
    int64_t gained = person->worlds[REPLAY_PLAN].points - person->worlds[REPLAY_AS_IT_WAS].points;
    enum stage stage =
        standing_stage(standing, now, today, world->programmes->median_interval, world->programmes->lifecycle);
    report->persons++;
    report->touched += person->touched;
    report->better += gained > 0;
    report->worse += gained < 0;
    count_in(part_of(report->stages, &report->stage_count, text_from(stage_name(stage))), person);
    count_in(part_of(report->tiers, &report->tier_count, standing->tier), person);
    for (size_t i = 0; i < person->known.person.segment_count; i++)
        count_in(part_of(report->segments, &report->segment_count, person->known.person.segments[i]), person);
    part_of(report->tiers, &report->tier_count, person->worlds[REPLAY_PLAN].member.standing.tier)->persons_after++;
}

struct replay_report *replay_finish(struct replay *replay)
{
    for (size_t i = 0; i < map_count(replay->persons); i++) {
        struct replay_person *person = map_value_at(replay->persons, i);
        if (person->left_out && person->active)
            replay->report.left_out++;
        if (!person->active || person->left_out)
            continue;
        person->active = false; /* a person of several members is met more than once */
        settle(replay, person);
        replay_finish_challenges(replay, person);
        count_person(replay, person);
    }
    return &replay->report;
}

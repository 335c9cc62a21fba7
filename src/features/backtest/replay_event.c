/* replay_event.c: events that are no purchases in both worlds: visits, declared kinds, occasions. */
#include "features/backtest/replay_internal.h"
#include "features/reactions/happened.h"

/* An event, and what it really gave. */
struct happening {
    const struct journal_row *row;
    struct rules_event event;
    struct purchase_facts facts;
    bool decided; /* in the period */
    bool visit;
};

static enum status read_happening(struct replay *replay, const struct journal_row *row, struct happening *out,
                                  struct error *err)
{
    struct arena *arena = replay->worlds[REPLAY_AS_IT_WAS].scratch;
    const struct past_event past = {.row = *row};
    struct happened happened;
    enum status status = purchase_facts_read(arena, row->facts, &out->facts, err);
    if (status == STATUS_OK)
        status = happened_read(arena, &past, &happened, err);
    out->row = row;
    out->visit = text_equals(row->kind, "visit");
    out->decided = replay_in_period(replay, row->at);
    if (status == STATUS_OK)
        out->event = (struct rules_event){.trigger = row->kind,
                                          .at = row->at,
                                          .store = row->store,
                                          .channel = row->channel,
                                          .till = happened.event.till,
                                          .employee = happened.event.employee,
                                          .properties = happened.event.properties};
    return status;
}

/* What points that were given count for. */
static enum status qualify(struct turn *turn, const struct purchase_facts *facts, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    struct tier_points *points = arena_array(decision->arena, facts->earned_count + 1, sizeof *points);
    const struct tier_gain gain = {.points = points, .point_count = facts->earned_count};
    for (size_t i = 0; i < facts->earned_count; i++)
        points[i] = (struct tier_points){facts->earned[i].wallet, facts->earned[i].points};
    return facts->earned_count > 0 ? event_qualify(decision, &turn->person, &gain, 0, err) : STATUS_OK;
}

static enum status earn_in(struct turn *turn, const struct happening *happening, struct purchase_facts *facts,
                           struct error *err)
{
    struct decision *decision = &turn->world->decision;
    struct rules_event event = happening->event;
    struct rules_known asked;
    if (!happening->decided) {
        turn_fold(turn, &happening->facts);
        return qualify(turn, &happening->facts, err);
    }
    (void)rules_prepare(decision->programmes, &event, &asked, &turn->command, decision->arena);
    turn_load_counters(turn);
    event.known = turn->known;
    struct journal_row *row = journal_add(decision, &turn->one->member, 0, "event", event.at);
    return rules_earn(decision, &turn->command, &event, row, facts, err);
}

static enum status happen_in(struct turn *turn, const struct happening *happening, struct purchase_facts *facts,
                             struct error *err)
{
    struct decision *decision = &turn->world->decision;
    struct person *person = &turn->person;
    enum status status = earn_in(turn, happening, facts, err);
    if (!happening->visit) {
        standing_touch(person->group, person->member, happening->row->at);
        return status;
    }
    standing_add_visit(decision, person->group, person->member, happening->row->at);
    return status == STATUS_OK ? event_qualify(decision, person, &(struct tier_gain){.visits = 1}, 0, err) : status;
}

static void count_happening(struct replay *replay, struct replay_person *person, const struct happening *happening,
                            const struct purchase_facts facts[REPLAY_WORLDS])
{
    struct replay_report *report = &replay->report;
    bool same = replay_same_earned(&facts[REPLAY_AS_IT_WAS], &happening->facts);
    if (happening->facts.earned_count == 0 && facts[REPLAY_AS_IT_WAS].earned_count == 0 &&
        facts[REPLAY_PLAN].earned_count == 0)
        return;
    person->active = true;
    report->events++;
    report->events_different += !same;
    if (!same && report->first_different == 0)
        report->first_different = happening->row->id;
    if (!replay_same_earned(&facts[REPLAY_AS_IT_WAS], &facts[REPLAY_PLAN]))
        person->touched = true;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        replay_add_earned(replay, person, w, &facts[w]);
}

static enum status happen(struct replay *replay, struct replay_person *person, const struct happening *happening,
                          struct error *err)
{
    struct purchase_facts facts[REPLAY_WORLDS] = {0};
    enum status status = STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        status = turn_begin(&turn, happening->row->recorded_at, err);
        if (status == STATUS_OK)
            status = happen_in(&turn, happening, &facts[w], err);
        turn_end(&turn);
    }
    if (status != STATUS_OK || !happening->decided)
        return status;
    count_happening(replay, person, happening, facts);
    const struct past_event event = {.row = *happening->row};
    return replay_count(replay, person, &event, err);
}

enum status replay_visit(struct replay *replay, const struct replay_input *input, struct error *err)
{
    return replay_custom(replay, input, err);
}

enum status replay_custom(struct replay *replay, const struct replay_input *input, struct error *err)
{
    struct replay_person *person = replay_person_of(replay, input);
    struct happening happening;
    if (person == NULL)
        return STATUS_OK;
    enum status status = read_happening(replay, input->row, &happening, err);
    return status == STATUS_OK ? happen(replay, person, &happening, err) : status;
}

enum status replay_occasion(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct replay_person *person = replay_person_of(replay, input);
    struct purchase_facts facts;
    if (person == NULL)
        return STATUS_OK;
    enum status status = purchase_facts_read(replay->worlds[REPLAY_AS_IT_WAS].scratch, row->facts, &facts, err);
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        status = turn_begin(&turn, row->recorded_at, err);
        if (status == STATUS_OK) {
            turn_fold(&turn, &facts);
            status = qualify(&turn, &facts, err);
        }
        turn_end(&turn);
    }
    return status;
}

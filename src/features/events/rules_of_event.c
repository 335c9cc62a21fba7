#include "features/events/rules_of_event.h"

#include "features/events/events.h"

struct accrual_needs rules_needs(const struct programme_set *set, const struct rules_place *place)
{
    struct accrual_needs sum = {0};

    for (size_t i = 0; i < place->trigger_count; i++) {
        const struct accrual_needs needs = accrual_needs(set, place->triggers[i]);
        sum.any = sum.any || needs.any;
        sum.limits_members = sum.limits_members || needs.limits_members;
        sum.parts |= needs.parts;
    }
    return sum;
}

const struct zone *rules_store_zone(const struct programme_set *set, struct text store)
{
    const struct store *found = store.size > 0 ? store_find(set, store) : NULL;

    return found != NULL ? found->zone : NULL;
}

static struct accrual_event event_of(const struct programme_set *set, const struct rules_event *event)
{
    return (struct accrual_event){.triggers = {event->trigger},
                                  .trigger_count = 1,
                                  .at = event->at,
                                  .programmes = set,
                                  .programme = programme_at(set, event->at),
                                  .store_zone = rules_store_zone(set, event->store),
                                  .store = event->store,
                                  .channel = event->channel,
                                  .till = event->till,
                                  .employee = event->employee,
                                  .properties = event->properties};
}

bool rules_prepare(const struct programme_set *set, const struct rules_event *event, struct rules_known *known,
                   struct command *command, struct arena *arena)
{
    const struct accrual_needs needs = accrual_needs(set, event->trigger);

    if (!needs.any)
        return false;
    const struct accrual_event asked = event_of(set, event);
    known->parts = needs.parts;
    accrual_counters(&asked, command, arena);
    return needs.limits_members;
}

static struct earned_facts fact_of(struct arena *arena, const struct accrual_posted *posted)
{
    return (struct earned_facts){.rule = posted->code,
                                 .wallet = posted->wallet,
                                 .points = posted->points,
                                 .version = posted->version,
                                 .uses = arena_copy(arena, posted->uses, posted->use_count * sizeof *posted->uses),
                                 .use_count = posted->use_count,
                                 .budget = posted->budget,
                                 .active_at = posted->active_at,
                                 .expires_at = posted->expires_at};
}

enum status rules_post(const struct accrual_posting *posting, struct accrual_event *event, struct purchase_facts *facts,
                       struct error *err)
{
    struct arena *arena = posting->decision->arena;
    struct accrual_posted *posted;
    size_t count;
    enum status status = accrual_post(posting, event, &posted, &count, err);

    if (status != STATUS_OK || count == 0)
        return status;
    struct earned_facts *earned = arena_array(arena, facts->earned_count + count, sizeof *earned);
    for (size_t i = 0; i < facts->earned_count; i++)
        earned[i] = facts->earned[i];
    for (size_t i = 0; i < count; i++)
        earned[facts->earned_count + i] = fact_of(arena, &posted[i]);
    facts->earned = earned;
    facts->earned_count += count;
    return STATUS_OK;
}

/* What was earned counts for ladders by points. */
static enum status qualify(struct decision *decision, const struct person *person, const struct purchase_facts *facts,
                           int64_t cause, struct error *err)
{
    struct tier_points *points = arena_array(decision->arena, facts->earned_count + 1, sizeof *points);
    const struct tier_gain gain = {.points = points, .point_count = facts->earned_count};

    for (size_t i = 0; i < facts->earned_count; i++)
        points[i] = (struct tier_points){facts->earned[i].wallet, facts->earned[i].points};
    return facts->earned_count > 0 ? event_qualify(decision, person, &gain, cause, err) : STATUS_OK;
}

/* Of subject 0. */
static struct accrual_event asked_event(const struct decision *decision, const struct rules_event *event)
{
    const struct person *person = &decision->subjects[0];
    struct accrual_event asked = event_of(decision->programmes, event);

    asked.now = decision->now;
    asked.tier = person->leader->standing.tier;
    asked.person = person;
    asked.known = &event->known->person;
    return asked;
}

enum status rules_ask(struct decision *decision, const struct command *command, const struct rules_event *event,
                      bool *gives, struct error *err)
{
    const struct accrual_posting posting = {
        .decision = decision, .command = command, .person = &decision->subjects[0], .employee = event->employee};
    struct accrual_event asked = asked_event(decision, event);
    struct accrual_outcome *outcomes;
    size_t count;
    enum status status = accrual_ask(&posting, &asked, &outcomes, &count, err);

    *gives = false;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        *gives = *gives || outcomes[i].points > 0;
    return status;
}

enum status rules_earn(struct decision *decision, const struct command *command, const struct rules_event *event,
                       struct journal_row *row, struct purchase_facts *facts, struct error *err)
{
    struct person *person = &decision->subjects[0];
    const struct accrual_posting posting = {
        .decision = decision, .command = command, .person = person, .row = row, .employee = event->employee};

    if (!accrual_needs(decision->programmes, event->trigger).any)
        return STATUS_OK;
    struct accrual_event asked = asked_event(decision, event);
    enum status status = rules_post(&posting, &asked, facts, err);
    return status == STATUS_OK ? qualify(decision, person, facts, row->id, err) : status;
}

const struct earned_facts *earned_copy(struct arena *arena, const struct purchase_facts *facts)
{
    struct earned_facts *earned = arena_array(arena, facts->earned_count + 1, sizeof *earned);

    for (size_t i = 0; i < facts->earned_count; i++) {
        const struct earned_facts *from = &facts->earned[i];
        struct bonus_facts *bonuses = arena_array(arena, from->bonus_count + 1, sizeof *bonuses);
        earned[i] = *from;
        earned[i].rule = text_copy(arena, from->rule);
        earned[i].wallet = text_copy(arena, from->wallet);
        for (size_t b = 0; b < from->bonus_count; b++)
            bonuses[b] = (struct bonus_facts){.multiplier = text_copy(arena, from->bonuses[b].multiplier),
                                              .bonus = from->bonuses[b].bonus};
        earned[i].bonuses = bonuses;
        earned[i].uses = NULL;
        earned[i].use_count = 0;
    }
    return earned;
}

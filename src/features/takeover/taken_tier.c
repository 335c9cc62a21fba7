#include "features/takeover/taken_tier.h"

#include "features/customers/policy.h"
#include "features/events/facts.h"

static void journal_tier(struct decision *decision, const struct programme *programme, const struct take_tier *body,
                         struct text from)
{
    struct journal_row *row = journal_add(decision, decision->subjects[0].leader, 0, "tier", decision->now);
    struct builder facts = {.arena = decision->arena};

    builder_string(&facts, "{\"from\":");
    facts_string(&facts, from);
    builder_string(&facts, ",\"to\":");
    facts_string(&facts, decision->subjects[0].leader->standing.tier);
    builder_format(&facts, ",\"reason\":\"migration\"%s}", body->trial ? ",\"trial\":true" : "");
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, decision->now);
}

static void set_share(const struct decision *decision, struct person *person, const struct programme *programme,
                      const struct take_tier *body)
{
    if (group_person_size(person->group, person->leader) == 1)
        return;
    tier_take_over(decision->arena, programme, &person->member->own, person->member->registered_at, &body->tier,
                   decision->now);
    person->member->own_changed = true;
}

static bool is_higher(const struct decision *decision, struct text held, struct text taken)
{
    return customers_tier_rank(decision->programmes, decision->now, held) >
           customers_tier_rank(decision->programmes, decision->now, taken);
}

/* The digest of the tier that was taken over without a number; 0: none. */
static struct progress *only_tier(struct decision *decision)
{
    return member_progress(decision, decision->subjects[0].member, TEXT("takeover:tier"));
}

static bool is_new(struct decision *decision, const struct command *command, struct takeover_row *row)
{
    if (row->claim >= 0)
        return takeover_check(decision, command);
    int64_t known = only_tier(decision)->used;
    row->result = known == 0 ? TAKEOVER_NEW : known == row->digest ? TAKEOVER_KNOWN : TAKEOVER_DIFFERENT;
    return row->result == TAKEOVER_NEW;
}

static void take(struct decision *decision, const struct command *command, const struct takeover_row *row)
{
    if (row->claim >= 0) {
        takeover_take(decision, command, row, decision->subjects[0].member->id);
        return;
    }
    struct progress *progress = only_tier(decision);
    progress->used = row->digest;
    progress->changed = true;
}

static enum status decide(struct decision *decision, struct command *command, struct error *err)
{
    struct take_tier *body = command->body;
    struct person *person = &decision->subjects[0];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    enum status status = takeover_person(decision, command, err);

    if (status != STATUS_OK)
        return status;
    if (programme->ladder.level_count == 0 || programme_tier(programme, body->tier.tier) == NULL)
        return error_set(err, STATUS_INVALID, "migration.tier", "tier", "the programme has no tier '%.*s'",
                         (int)body->tier.tier.size, body->tier.tier.bytes);
    if (!is_new(decision, command, &body->takeover.rows[0]))
        return STATUS_OK;
    struct standing *standing = &person->leader->standing;
    struct text from = standing->tier;
    bool several = group_person_size(person->group, person->leader) > 1;
    set_share(decision, person, programme, body);
    if (!several || !is_higher(decision, standing->tier, body->tier.tier)) {
        tier_take_over(decision->arena, programme, standing, person->leader->registered_at, &body->tier, decision->now);
        person->leader->standing_changed = true;
        standing_due(person->leader, tier_due(standing));
    }
    journal_tier(decision, programme, body, from);
    take(decision, command, &body->takeover.rows[0]);
    return STATUS_OK;
}

const struct command_type take_tier_type = {.name = "take_tier", .load = takeover_load, .decide = decide};
const struct command_type take_only_tier_type = {
    .name = "take_only_tier", .loads = LOAD_PROGRESS, .load = takeover_load, .decide = decide};

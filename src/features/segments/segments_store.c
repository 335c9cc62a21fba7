#include "features/segments/segments_store.h"

#include <stdlib.h>

#include "features/customers/standing.h"
#include "foundation/map.h"
#include "storage/storage.h"

/* ---- segments in force ---- */

struct segment_needs segment_needs_of(const struct condition *when)
{
    return (struct segment_needs){.parts = when->parts, .points = segment_reads_points(when), .scores = when->scores};
}

/* What its memberships rest on, beside what happens to the members. */
static struct text basis_of(struct arena *arena, const struct definition *definition, const struct segment_time *time,
                            int64_t scored_at)
{
    const struct segment_rule *segment = definition->parsed;
    const struct lifecycle *lifecycle = time->programmes->lifecycle;
    bool staged = segment->when.program != NULL && rule_program_reads(segment->when.program, FACT_STAGE);
    return text_from(arena_format(
        arena, "%lld/%lld/%lld/%lld/%lld", (long long)definition->version, (long long)time->programme->version,
        (long long)(lifecycle == NULL ? 0 : lifecycle->version), (long long)(staged ? time->median_interval : 0),
        (long long)(segment->when.scores ? scored_at : 0)));
}

void live_rules_of(struct arena *arena, const struct programme_set *programmes, int64_t now, int64_t scored_at,
                   struct live_rules *out)
{
    const struct definition_list *list = definitions_of(programmes, &segment_kind);
    struct live_rule *items = arena_array(arena, list->count + 1, sizeof *items);
    *out = (struct live_rules){.items = items,
                               .time = {.programmes = programmes,
                                        .programme = programme_at(programmes, now),
                                        .now = now,
                                        .median_interval = programmes->median_interval}};
    for (size_t i = 0; i < list->count && out->count < SEGMENTS_LIVE_MAX; i++) {
        const struct definition *definition = &list->items[i];
        const struct segment_rule *segment = definition->parsed;
        if (!definition_in_force(definition, now))
            continue;
        struct segment_needs needs = segment_needs_of(&segment->when);
        out->needs.parts |= needs.parts;
        out->needs.points |= needs.points;
        out->needs.scores |= needs.scores;
        items[out->count++] = (struct live_rule){text_copy(arena, definition->code), &segment->when,
                                                 basis_of(arena, definition, &out->time, scored_at)};
    }
}

/* ---- persons by name ---- */

/* What is known of them, by member. */
struct before {
    struct map *first; /* member -> its first row in `memberships` */
    struct map *due;   /* member -> struct membership_due */
    struct memberships memberships;
    struct membership_dues dues;
};

static enum status read_before(const struct segment_work *work, const struct segment_people *people, struct before *out,
                               struct error *err)
{
    size_t count = people->count + people->gone_count;
    int64_t *members = arena_array(work->arena, count + 1, sizeof *members);
    for (size_t i = 0; i < people->count; i++)
        members[i] = people->items[i].leader;
    for (size_t i = 0; i < people->gone_count; i++)
        members[people->count + i] = people->gone[i];
    enum status status = memberships_of(work->session, work->arena, members, count, &out->memberships, err);
    if (status == STATUS_OK)
        status = membership_dues_of(work->session, work->arena, members, count, &out->dues, err);
    out->first = map_new(work->arena, count);
    out->due = map_new(work->arena, count);
    for (size_t i = out->memberships.count; i > 0; i--)
        map_put_id(out->first, out->memberships.items[i - 1].member, &out->memberships.items[i - 1]);
    for (size_t i = 0; i < out->dues.count; i++)
        map_put_id(out->due, out->dues.items[i].member, &out->dues.items[i]);
    return status;
}

/* The rows of a member lie together. */
static bool was_inside(const struct before *before, int64_t member, struct text segment)
{
    const struct membership *row = map_get_id(before->first, member);
    const struct membership *end = before->memberships.items + before->memberships.count;
    for (; row != NULL && row < end && row->member == member; row++)
        if (text_equal(row->segment, segment))
            return true;
    return false;
}

static void leave_all(const struct segment_work *work, const struct before *before, int64_t member)
{
    const struct membership *row = map_get_id(before->first, member);
    const struct membership *end = before->memberships.items + before->memberships.count;
    for (; row != NULL && row < end && row->member == member; row++)
        membership_move(work->changes, member, row->segment, false);
    if (map_get_id(before->due, member) != NULL)
        membership_set_due(work->changes, member, INSTANT_NEVER);
}

static void set_due(const struct segment_work *work, const struct before *before, int64_t member, int64_t until,
                    bool exact)
{
    const struct membership_due *due = map_get_id(before->due, member);
    int64_t known = due == NULL ? INSTANT_NEVER : due->due_at;
    if (until < known || (until != known && (exact || known <= work->rules->time.now)))
        membership_set_due(work->changes, member, until);
}

static void evaluate_person(const struct segment_work *work, const struct before *before,
                            const struct segment_person *person, bool exact)
{
    struct fact_sources sources;
    struct rule_value slots[FACT_COUNT];
    int64_t until = INSTANT_NEVER;
    segment_sources(work->arena, &work->rules->time, person, &sources);
    facts_fill(work->arena, &sources, slots);
    for (size_t i = 0; i < work->rules->count; i++) {
        const struct live_rule *rule = &work->rules->items[i];
        struct segment_answer answer = segment_evaluate(work->arena, rule->when, &sources, slots);
        until = answer.until < until ? answer.until : until;
        if (answer.inside != was_inside(before, person->leader, rule->code))
            membership_move(work->changes, person->leader, rule->code, answer.inside);
    }
    set_due(work, before, person->leader, until, exact);
}

enum status segments_follow_people(const struct segment_work *work, const struct id_list *ids, bool exact,
                                   struct error *err)
{
    struct segment_people people;
    struct before before;
    if (ids->count == 0)
        return STATUS_OK;
    enum status status = segment_people_read(work->session, work->arena, ids, work->rules->needs, &people, err);
    if (status == STATUS_OK)
        status = read_before(work, &people, &before, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < people.count; i++)
        evaluate_person(work, &before, &people.items[i], exact);
    for (size_t i = 0; i < people.gone_count; i++)
        leave_all(work, &before, people.gone[i]);
    return STATUS_OK;
}

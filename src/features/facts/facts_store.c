#include "features/facts/facts_store.h"

#include "features/customers/customers_store.h"
#include "features/customers/profile.h"
#include "features/insight/insight_store.h"
#include "features/insight/live_store.h"

/* The profile of the person, and tags, consents and custom fields of each of its members. */
static enum status read_profile(const struct fact_request *request, struct storage_session *session,
                                struct fact_sources *sources, struct error *err)
{
    const struct group *group = sources->person->group;
    struct customer_state *states = arena_array(request->arena, group->member_count, sizeof *states);
    struct profile *profile = arena_alloc(request->arena, sizeof *profile);
    size_t count = 0;
    states[count++].member = sources->person->leader->id;
    for (size_t i = 0; i < group->member_count; i++) {
        const struct member *member = &group->members[i];
        if (member->leader == sources->person->leader->id && member != sources->person->leader)
            states[count++].member = member->id;
    }
    enum status status = customers_read(session, request->arena, PART_PROFILE | PART_FIELDS | PART_TAGS | PART_CONSENTS,
                                        states, count, err);
    if (status != STATUS_OK)
        return status;
    *profile = states[0].profile;
    for (size_t i = 1; i < count; i++)
        profile_fill(profile, &states[i].profile);
    sources->profile = profile;
    sources->members = states;
    sources->member_count = count;
    return STATUS_OK;
}

static enum status read_score(const struct fact_request *request, struct storage_session *session,
                              struct fact_sources *sources, struct error *err)
{
    int32_t today = zone_day(sources->programme->zone, request->now);
    struct live_score *score = arena_alloc(request->arena, sizeof *score);
    struct kept_model kept = {0};
    struct live_base base = {0};
    enum status status = live_model_get(session, request->arena, &kept, err);
    if (status == STATUS_OK)
        status = live_person_read(session, request->arena, sources->person->leader->id, today, &base, err);
    if (status != STATUS_OK || kept.learned_at == 0 || base.person_count == 0)
        return status;
    sources->score = score;
    return live_score(request->arena, &base, &kept.model, LIVE_HORIZON_WEEKS, score, err);
}

enum status facts_read(const struct fact_request *request, struct storage_session *session, struct rule_value *slots,
                       struct error *err)
{
    struct person person;
    struct fact_sources sources = {.person = &person,
                                   .now = request->now,
                                   .programme = programme_at(request->programmes, request->now),
                                   .median_interval = request->programmes->median_interval,
                                   .lifecycle = request->programmes->lifecycle};
    enum status status = engine_view(request->engine, session, request->member, request->arena, &person, err);
    if (status == STATUS_OK && sources.median_interval == 0)
        status = base_median(session, sources.lifecycle, &sources.median_interval, err);
    if (status == STATUS_OK && (request->needed & FACTS_PROFILE) != 0)
        status = read_profile(request, session, &sources, err);
    if (status == STATUS_OK && (request->needed & FACTS_SCORES) != 0)
        status = read_score(request, session, &sources, err);
    if (status == STATUS_OK)
        facts_fill(request->arena, &sources, slots);
    return status;
}

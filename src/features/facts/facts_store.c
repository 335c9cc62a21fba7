#include "features/facts/facts_store.h"

#include "features/conditions/conditions_store.h"
#include "features/conditions/facts_time.h"
#include "features/insight/insight_store.h"
#include "features/insight/live_store.h"

/* What conditions look at beside the person: profile, tags, consents, custom fields, segments. */
static enum status read_known(const struct fact_request *request, struct storage_session *session,
                              struct fact_sources *sources, struct error *err)
{
    struct condition_person *known = arena_alloc(request->arena, sizeof *known);
    unsigned parts = ((request->needed & FACTS_PROFILE) != 0 ? CONDITION_PROFILE : 0U) |
                     ((request->needed & FACTS_SEGMENTS) != 0 ? CONDITION_SEGMENTS : 0U) |
                     ((request->needed & FACTS_DAYS) != 0 ? CONDITION_DAYS : 0U);
    enum status status = conditions_read(session, request->arena, sources->person, parts, known, err);
    if (status == STATUS_OK)
        condition_sources(request->arena, known, sources);
    return status;
}

static enum status read_score(const struct fact_request *request, struct storage_session *session,
                              struct fact_sources *sources, struct error *err)
{
    int32_t today = zone_day(sources->programme->zone, request->now);
    struct fact_scores *scores = arena_alloc(request->arena, sizeof *scores);
    struct live_score score;
    struct kept_model kept = {0};
    struct live_base base = {0};
    enum status status = live_model_get(session, request->arena, &kept, err);
    if (status == STATUS_OK)
        status = live_person_read(session, request->arena, sources->person->leader->id, today, &base, err);
    if (status != STATUS_OK || kept.learned_at == 0 || base.person_count == 0)
        return status;
    status = live_score(request->arena, &base, &kept.model, LIVE_HORIZON_WEEKS, &score, err);
    *scores = (struct fact_scores){score.alive, score.expected, score.value, score.lifetime, score.loyalty};
    sources->scores = scores;
    return status;
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
    if (status == STATUS_OK && (request->needed & (FACTS_PROFILE | FACTS_SEGMENTS | FACTS_DAYS)) != 0)
        status = read_known(request, session, &sources, err);
    if (status == STATUS_OK && (request->needed & FACTS_SCORES) != 0)
        status = read_score(request, session, &sources, err);
    if (status == STATUS_OK)
        facts_fill(request->arena, &sources, slots);
    if (status == STATUS_OK && request->program != NULL)
        *request->until = facts_until(&sources, request->program);
    return status;
}

/* scene.h: a programme with definitions made by hand, and a member. */
#ifndef PATRON_TESTS_ENTITLEMENTS_SCENE_H
#define PATRON_TESTS_ENTITLEMENTS_SCENE_H

#include "../programme/fixture.h"
#include "engine/decision.h"
#include "features/entitlements/benefit.h"
#include "features/entitlements/membership.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct definition_list lists[2];
    struct definition_set definitions;
    struct definition benefits[8], memberships[4];
    struct member *member;
};

#define PROGRAMME                                                                                                 \
    "{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"}],\"tiers\":{\"metric\":" \
    "\"visits\",\"levels\":[{\"code\":\"blue\",\"qualify\":0},{\"code\":\"gold\",\"qualify\":3},"                 \
    "{\"code\":\"black\",\"qualify\":9}]}}"

static inline void scene_set_up(struct scene *scene, const char *now)
{
    *scene = (struct scene){.arena = arena_new(64 << 20)};
    scene->programme = programme_of(scene->arena, PROGRAMME);
    scene->lists[0] = (struct definition_list){.kind = &benefit_kind, .items = scene->benefits};
    scene->lists[1] = (struct definition_list){.kind = &membership_kind, .items = scene->memberships};
    scene->definitions = (struct definition_set){scene->lists, 2};
    scene->set =
        (struct programme_set){.versions = &scene->programme, .version_count = 1, .definitions = &scene->definitions};
    decision_start(&scene->decision, scene->arena, instant_of(now), &scene->set);
    scene->member = member_new(&scene->decision, 0, 3, scene->decision.now);
    tier_start(&scene->programme, &scene->member->standing, scene->decision.now);
}

static inline const void *scene_parse(struct scene *scene, const struct definition_kind *kind, const char *document)
{
    const struct definition_input input = {.arena = scene->arena,
                                           .document = text_from(document),
                                           .programme = &scene->programme,
                                           .programmes = &scene->set,
                                           .saving = true};
    const void *parsed = NULL;
    struct error err = {0};

    if (kind->parse(&input, &parsed, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    return parsed;
}

static inline const struct definition *scene_benefit(struct scene *scene, const char *code, const char *document)
{
    struct definition *definition = &scene->benefits[scene->lists[0].count++];

    *definition = (struct definition){.code = text_from(code),
                                      .version = 1,
                                      .from = INT64_MIN,
                                      .until = INSTANT_NEVER,
                                      .parsed = scene_parse(scene, &benefit_kind, document)};
    return definition;
}

static inline const struct membership_plan *scene_plan(struct scene *scene, const char *code, const char *document)
{
    struct definition *definition = &scene->memberships[scene->lists[1].count++];

    *definition = (struct definition){.code = text_from(code),
                                      .version = 1,
                                      .from = INT64_MIN,
                                      .until = INSTANT_NEVER,
                                      .parsed = scene_parse(scene, &membership_kind, document)};
    return definition->parsed;
}

static inline struct benefit_asker scene_asker(struct scene *scene, const char *at)
{
    return (struct benefit_asker){
        .programmes = &scene->set, .person = &scene->decision.subjects[0], .at = instant_of(at)};
}

#endif

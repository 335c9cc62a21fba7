/* Registering, merging and unmerging on loaded state, without a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/customers/commands.h"
#include "features/customers/standing.h"
#include "queries.h"

#define NOW (INT64_C(20000) * INSTANT_DAY)

struct scene {
    struct arena *arena;
    struct decision decision;
    struct group *groups[3];
    struct error err;
};

static void scene_start(struct scene *scene)
{
    *scene = (struct scene){.arena = arena_new((size_t)4 << 20)};
    decision_start(&scene->decision, scene->arena, NOW, NULL);
    for (int i = 0; i < 3; i++) {
        struct group *group = arena_alloc(scene->arena, sizeof *group);
        struct member *member = arena_alloc(scene->arena, sizeof *member);
        *member = (struct member){.id = id_make(10 + i, i), .leader = id_make(10 + i, i), .status = MEMBER_ACTIVE};
        member->standing.tier_until = member->standing.due_at = INSTANT_NEVER;
        member->standing.tier = i == 1 ? TEXT("gold") : TEXT("silver");
        *group = (struct group){.members = member, .member_count = 1};
        scene->groups[i] = group;
    }
}

static void name_subject(struct scene *scene, int subject, struct group *group, int member)
{
    struct member *named = &group->members[member];

    scene->decision.subjects[subject] = (struct person){group, named, group_leader(group, named)};
}

static size_t rows_of(const struct scene *scene, const struct storage_query *query)
{
    size_t count = 0;

    for (size_t i = 0; i < scene->decision.effects->feature_row_count; i++)
        count += scene->decision.effects->feature_rows[i].query == query;
    return count;
}

static void buy(struct scene *scene, struct group *group, int member, int32_t day, int64_t amount)
{
    struct standing_purchase purchase = {day * INSTANT_DAY, day, amount, true, true, 0};

    standing_add_purchase(&scene->decision, group, &group->members[member], purchase);
}

/* ---- registering ---- */

static struct claim_key claims[3];

static struct command *registration(struct scene *scene, int count)
{
    struct command *command = arena_alloc(scene->arena, sizeof *command);

    claims[0] = (struct claim_key){.kind = "phone", .key = TEXT("+8613800131234")};
    claims[1] = (struct claim_key){.kind = "email", .key = TEXT("ann@example.com")};
    claims[2] = (struct claim_key){.kind = "phone", .key = TEXT("+8613800134321")};
    command->claims = claims;
    command->claim_count = (size_t)count;
    command->subject_count = 1;
    command->subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = count};
    return command;
}

static void an_unknown_person_is_registered_with_identifiers_and_first_tier(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    struct command *command = registration(&scene, 2);
    assert_int_equal(
        customer_register_in(&scene.decision, command, 0, (struct customer_registration){.at = NOW}, &scene.err),
        STATUS_OK);
    const struct member *member = scene.decision.subjects[0].member;
    assert_int_equal(id_bucket(member->id), claim_bucket("phone", claims[0].key));
    assert_true(text_equals(member->standing.tier, "silver"));
    assert_int_equal(rows_of(&scene, &query_customers_identifier_put), 2);
    assert_int_equal(effects_claim(scene.decision.effects, "email", claims[1].key)->member, member->id);
    arena_free(scene.arena);
}

static void more_identifiers_of_a_kind_than_allowed_are_refused(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    struct command *command = registration(&scene, 3);
    claims[1].kind = "phone";
    assert_int_equal(
        customer_register_in(&scene.decision, command, 0, (struct customer_registration){.at = NOW}, &scene.err),
        STATUS_INVALID);
    assert_string_equal(scene.err.code, "identifier.count");
    arena_free(scene.arena);
}

static void identifiers_of_two_persons_conflict_and_never_merge(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    struct command *command = registration(&scene, 2);
    name_subject(&scene, 0, scene.groups[0], 0);
    claims[0].member = scene.groups[0]->members[0].id;
    claims[1].member = scene.groups[1]->members[0].id;
    assert_int_equal(customer_require(&scene.decision, command, 0, &scene.err), STATUS_CONFLICT);
    assert_string_equal(scene.err.code, "identifier.conflict");
    claims[1].member = 0;
    assert_int_equal(customer_require(&scene.decision, command, 0, &scene.err), STATUS_OK);
    arena_free(scene.arena);
}

static void an_erased_member_is_missing(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    struct command *command = registration(&scene, 1);
    name_subject(&scene, 0, scene.groups[0], 0);
    scene.groups[0]->members[0].status = MEMBER_ERASED;
    assert_int_equal(customer_require(&scene.decision, command, 0, &scene.err), STATUS_MISSING);
    assert_string_equal(scene.err.code, "member.erased");
    arena_free(scene.arena);
}

/* ---- merging ---- */

static enum status merge(struct scene *scene, struct merge_members *body, struct group *into, struct group *from)
{
    struct command command = {.body = body, .subject_count = 2};

    for (int i = 0; i < 2; i++) {
        struct group *group = i == 0 ? into : from;
        name_subject(scene, i, group, 0);
        command.subjects[i] = (struct subject){.by = SUBJECT_MEMBER, .id = group->members[0].id};
        body->load.states[i].member = group->members[0].id;
    }
    return merge_members_type.decide(&scene->decision, &command, &scene->err);
}

static void a_merge_folds_standings_and_remembers_the_way_back(void **state)
{
    struct scene scene;
    struct merge_members body = {0};
    struct person_day first[] = {{id_make(10, 0), 100}, {id_make(10, 0), 110}}, second[] = {{id_make(11, 1), 110}};

    (void)state;
    scene_start(&scene);
    struct member *into = scene.groups[0]->members, *from = scene.groups[1]->members;
    buy(&scene, scene.groups[0], 0, 100, 1000);
    buy(&scene, scene.groups[0], 0, 110, 1000);
    buy(&scene, scene.groups[1], 0, 110, 500);
    body.load.states[0].days = first;
    body.load.states[0].day_count = 2;
    body.load.states[1].days = second;
    body.load.states[1].day_count = 1;
    assert_int_equal(merge(&scene, &body, scene.groups[0], scene.groups[1]), STATUS_OK);
    assert_int_equal(into->standing.purchases, 3);
    assert_int_equal(into->standing.purchase_days, 2);
    assert_int_equal(into->standing.spend, 2500);
    assert_true(text_equals(into->standing.tier, "gold"));
    assert_int_equal(into->own.spend, 2000);
    assert_int_equal(from->own.spend, 500);
    assert_true(into->own_fresh && from->own_fresh && from->standing_dropped);
    assert_int_equal(from->leader, into->id);
    assert_int_equal(rows_of(&scene, &query_customers_link_put), 1);
    assert_int_equal(rows_of(&scene, &query_customers_group_put), 2);
    arena_free(scene.arena);
}

/* Whoever may spend together from now on may have holds that waited for it. */
static void those_who_come_together_are_due_at_once(void **state)
{
    struct scene scene;
    struct merge_members merging = {0};
    struct change_household joining = {.action = HOUSEHOLD_JOIN, .household = 77}, pooling = joining;
    struct command command = {.subject_count = 2};

    (void)state;
    scene_start(&scene);
    struct member *members[] = {scene.groups[0]->members, scene.groups[1]->members, scene.groups[2]->members};
    assert_int_equal(merge(&scene, &merging, scene.groups[0], scene.groups[1]), STATUS_OK);
    assert_int_equal(members[0]->standing.due_at, NOW);
    members[0]->standing.due_at = INSTANT_NEVER;
    members[0]->household = 77;
    pooling.action = HOUSEHOLD_POOL;
    for (int i = 0; i < 2; i++) {
        struct change_household *body = i == 0 ? &joining : &pooling;
        body->load.states[0].member = members[0]->id;
        body->pooled = true;
        command.body = body;
        name_subject(&scene, 0, scene.groups[0], 0);
        name_subject(&scene, 1, scene.groups[2], 0);
        assert_int_equal(change_household_type.decide(&scene.decision, &command, &scene.err), STATUS_OK);
    }
    assert_int_equal(members[2]->standing.due_at, NOW);
    assert_int_equal(members[0]->standing.due_at, NOW);
    arena_free(scene.arena);
}

static void persons_who_differ_merge_only_when_that_is_accepted(void **state)
{
    struct scene scene;
    struct merge_members body = {0};

    (void)state;
    scene_start(&scene);
    body.load.states[0].profile.fields[PROFILE_BIRTHDAY] = TEXT("1990-05-01");
    body.load.states[1].profile.fields[PROFILE_BIRTHDAY] = TEXT("1991-05-01");
    assert_int_equal(merge(&scene, &body, scene.groups[0], scene.groups[1]), STATUS_CONFLICT);
    assert_string_equal(scene.err.code, "merge.conflict");
    body.accept_conflicts = true;
    assert_int_equal(merge(&scene, &body, scene.groups[0], scene.groups[1]), STATUS_OK);
    arena_free(scene.arena);
}

static void one_person_does_not_merge_with_itself(void **state)
{
    struct scene scene;
    struct merge_members body = {0};

    (void)state;
    scene_start(&scene);
    assert_int_equal(merge(&scene, &body, scene.groups[0], scene.groups[0]), STATUS_CONFLICT);
    assert_string_equal(scene.err.code, "merge.same");
    arena_free(scene.arena);
}

/* The group as the engine loads it after merges. */
static struct group *joined(struct scene *scene, int count)
{
    struct group *group = arena_alloc(scene->arena, sizeof *group);

    group->members = arena_array(scene->arena, (size_t)count, sizeof(struct member));
    group->member_count = (size_t)count;
    for (int i = 0; i < count; i++)
        group->members[i] = scene->groups[i]->members[0];
    return group;
}

static void an_unmerge_gives_each_its_own_back_and_keeps_what_came_later(void **state)
{
    struct scene scene;
    struct merge_members body = {0};
    struct unmerge_members back = {0};
    struct command command = {.body = &back, .subject_count = 1};

    (void)state;
    scene_start(&scene);
    buy(&scene, scene.groups[0], 0, 100, 1000);
    buy(&scene, scene.groups[1], 0, 101, 500);
    assert_int_equal(merge(&scene, &body, scene.groups[0], scene.groups[1]), STATUS_OK);
    struct group *group = joined(&scene, 2);
    buy(&scene, group, 1, 102, 70);
    assert_int_equal(group->members[0].standing.spend, 1570);

    struct merge_link link = {group->members[1].id, body.merge, group->members[1].id, group->members[0].id, NOW};
    struct person_day days[] = {{group->members[0].id, 100}, {group->members[1].id, 101}, {group->members[1].id, 102}};
    back.load.states[0] =
        (struct customer_state){.member = link.member, .links = &link, .link_count = 1, .days = days, .day_count = 3};
    command.subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = link.member};
    name_subject(&scene, 0, group, 1);
    assert_int_equal(unmerge_members_type.decide(&scene.decision, &command, &scene.err), STATUS_OK);
    assert_int_equal(group->members[0].standing.spend, 1000);
    assert_int_equal(group->members[1].standing.spend, 570);
    assert_int_equal(group->members[1].standing.purchase_days, 2);
    assert_true(text_equals(group->members[1].standing.tier, "gold"));
    assert_true(text_equals(group->members[0].standing.tier, "silver"));
    assert_int_equal(group->members[1].leader, group->members[1].id);
    assert_true(group->members[0].own_dropped && group->members[1].own_dropped && group->members[1].standing_fresh);
    assert_int_equal(rows_of(&scene, &query_customers_link_delete), 1);
    assert_int_equal(rows_of(&scene, &query_customers_group_delete), 2);
    arena_free(scene.arena);
}

/* Two merges into the first of three; the one of the third is undone. */
static void those_who_stay_together_keep_the_tier_that_their_shares_reach(void **state)
{
    struct scene scene;
    struct merge_members first = {0}, second = {0};
    struct unmerge_plan plan;

    (void)state;
    scene_start(&scene);
    for (int i = 0; i < 3; i++) {
        scene.groups[i]->members[0].standing.tier = TEXT("silver");
        scene.groups[i]->members[0].standing.qualifying = i == 2 ? 100 : 1200;
    }
    assert_int_equal(merge(&scene, &first, scene.groups[0], scene.groups[1]), STATUS_OK);
    scene.groups[0] = joined(&scene, 2);
    struct member *leader = scene.groups[0]->members;
    assert_true(text_equals(leader->standing.tier, "gold"));
    scene.decision.now += INSTANT_DAY;
    assert_int_equal(merge(&scene, &second, scene.groups[0], scene.groups[2]), STATUS_OK);

    struct group *all = arena_alloc(scene.arena, sizeof *all);
    all->members = arena_array(scene.arena, 3, sizeof(struct member));
    all->member_count = 3;
    all->members[0] = scene.groups[0]->members[0];
    all->members[1] = scene.groups[0]->members[1];
    all->members[2] = scene.groups[2]->members[0];
    int64_t ids[] = {all->members[0].id, all->members[1].id, all->members[2].id};
    struct merge_link links[] = {{ids[1], first.merge, ids[1], ids[0], NOW},
                                 {ids[2], second.merge, ids[2], ids[0], NOW + INSTANT_DAY}};
    struct customer_state loaded = {.member = ids[2], .links = links, .link_count = 2};
    struct person person = {all, &all->members[2], &all->members[0]};
    assert_int_equal(unmerge_plan_make(&scene.decision, &person, &loaded, 0, &plan, &scene.err), STATUS_OK);
    assert_int_equal(plan.staying.count, 2);
    assert_true(text_equals(plan.staying.standing.tier, "gold"));
    assert_int_equal(plan.staying.standing.tier_since, NOW);
    assert_int_equal(plan.going.count, 1);
    assert_true(text_equals(plan.going.standing.tier, "silver"));
    assert_int_equal(plan.going.standing.qualifying, 100);
    arena_free(scene.arena);
}

static void somebody_erased_registers_without_consent(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    struct command *command = registration(&scene, 2);
    struct customer_registration at = {.at = NOW, .erased_before = true};
    assert_int_equal(customer_register_in(&scene.decision, command, 0, at, &scene.err), STATUS_OK);
    assert_int_equal(rows_of(&scene, &query_customers_consent_put), 1);
    assert_int_equal(rows_of(&scene, &query_customers_consent_history_put), 1);
    arena_free(scene.arena);
}

static void who_was_never_merged_cannot_be_unmerged(void **state)
{
    struct scene scene;
    struct unmerge_members back = {0};
    struct command command = {.body = &back, .subject_count = 1};

    (void)state;
    scene_start(&scene);
    name_subject(&scene, 0, scene.groups[0], 0);
    back.load.states[0].member = scene.groups[0]->members[0].id;
    assert_int_equal(unmerge_members_type.decide(&scene.decision, &command, &scene.err), STATUS_CONFLICT);
    assert_string_equal(scene.err.code, "unmerge.not_merged");
    arena_free(scene.arena);
}

/* ---- consent ---- */

static struct consent_view word(int64_t member, const char *state, int64_t at)
{
    return (struct consent_view){
        {.channel = TEXT("email"), .purpose = TEXT("marketing"), .state = text_from(state), .at = at}, member};
}

static void consent_after_a_merge_is_the_stricter_until_the_person_speaks_again(void **state)
{
    struct consent_view consents[] = {word(1, "granted", 10), word(2, "withdrawn", 5)};

    (void)state;
    const struct consent *folded = consent_fold(consents, 2, TEXT("email"), TEXT("marketing"), 20);
    assert_true(text_equals(folded->state, "withdrawn"));
    consents[0] = word(1, "granted", 30);
    folded = consent_fold(consents, 2, TEXT("email"), TEXT("marketing"), 20);
    assert_true(text_equals(folded->state, "granted"));
    assert_null(consent_fold(consents, 2, TEXT("sms"), TEXT("marketing"), 20));
}

static void a_refusal_of_everything_holds_until_a_newer_word(void **state)
{
    struct consent_view consents[] = {word(1, "withdrawn", 10), word(1, "granted", 5)};

    (void)state;
    consents[0].consent.channel = consents[0].consent.purpose = TEXT("*");
    assert_true(text_equals(consent_fold(consents, 2, TEXT("email"), TEXT("marketing"), 0)->state, "withdrawn"));
    consents[1].consent.at = 11;
    assert_true(text_equals(consent_fold(consents, 2, TEXT("email"), TEXT("marketing"), 0)->state, "granted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_person_is_registered_with_identifiers_and_first_tier),
        cmocka_unit_test(more_identifiers_of_a_kind_than_allowed_are_refused),
        cmocka_unit_test(identifiers_of_two_persons_conflict_and_never_merge),
        cmocka_unit_test(an_erased_member_is_missing),
        cmocka_unit_test(a_merge_folds_standings_and_remembers_the_way_back),
        cmocka_unit_test(those_who_come_together_are_due_at_once),
        cmocka_unit_test(persons_who_differ_merge_only_when_that_is_accepted),
        cmocka_unit_test(one_person_does_not_merge_with_itself),
        cmocka_unit_test(an_unmerge_gives_each_its_own_back_and_keeps_what_came_later),
        cmocka_unit_test(those_who_stay_together_keep_the_tier_that_their_shares_reach),
        cmocka_unit_test(somebody_erased_registers_without_consent),
        cmocka_unit_test(who_was_never_merged_cannot_be_unmerged),
        cmocka_unit_test(consent_after_a_merge_is_the_stricter_until_the_person_speaks_again),
        cmocka_unit_test(a_refusal_of_everything_holds_until_a_newer_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

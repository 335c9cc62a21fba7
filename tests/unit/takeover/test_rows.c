/* Consents that are never weaker, tiers with their end, coupons used so often: the decisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/takeover/coupon.h"
#include "features/takeover/taken_consent.h"
#include "features/takeover/taken_tier.h"

enum { BUCKET = 5 };

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct member *member;
    struct command command;
    struct takeover_row row;
    struct error error;
};

static int open_scene(void **state)
{
    static struct scene scene;
    struct error err = {0};

    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(64 << 20);
    if (programme_parse(
            scene.arena,
            text_from("{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"},{\"code\":"
                      "\"status\",\"spendable\":false}],\"tiers\":{\"metric\":\"points\",\"wallet\":"
                      "\"status\",\"validity\":{\"kind\":\"from_start\",\"months\":12},\"levels\":["
                      "{\"code\":\"base\",\"qualify\":0},{\"code\":\"gold\",\"qualify\":100,\"keep\":80}]}}"),
            &scene.programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    scene.set = (struct programme_set){.versions = &scene.programme, .version_count = 1};
    decision_start(&scene.decision, scene.arena, 1000 * INSTANT_DAY, &scene.set);
    scene.member = member_new(&scene.decision, 0, BUCKET, scene.decision.now);
    tier_start(&scene.programme, &scene.member->standing, scene.decision.now);
    scene.command = (struct command){.arena = scene.arena, .subject_count = 1};
    scene.command.subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = scene.member->id};
    scene.command.claims = arena_array(scene.arena, COMMAND_CLAIMS_MAX, sizeof *scene.command.claims);
    scene.command.claims[0] = takeover_claim(scene.arena, "rows", TEXT("1"));
    scene.command.claim_count = 1;
    scene.row = (struct takeover_row){.claim = 0, .digest = 7};
    *state = &scene;
    return 0;
}

static int close_scene(void **state)
{
    arena_free(((struct scene *)*state)->arena);
    return 0;
}

static enum status decide(struct scene *scene, const struct command_type *type, void *body)
{
    scene->command.type = type;
    scene->command.body = body;
    return type->decide(&scene->decision, &scene->command, &scene->error);
}

/* ---- consents ---- */

static struct consent consent(const char *channel, const char *state, int64_t at)
{
    return (struct consent){
        .channel = text_from(channel), .purpose = TEXT("marketing"), .state = text_from(state), .at = at};
}

/* What a row does where `here` is known; the state of somebody erased with `erased`. */
static enum takeover_result take_consent(struct scene *scene, const struct consent *here, struct consent given,
                                         bool erased)
{
    struct take_consent *body = arena_alloc(scene->arena, sizeof *body);
    struct customer_state *state = &body->takeover.load.states[0];

    scene->row = (struct takeover_row){.claim = 0, .digest = 7};
    *body = (struct take_consent){.takeover.rows = &scene->row, .takeover.row_count = 1, .consent = given};
    state->member = scene->member->id;
    state->erased_before = erased;
    state->consents = (struct consent *)here;
    state->consent_count = here != NULL;
    assert_int_equal(decide(scene, &take_consent_type, body), STATUS_OK);
    return scene->row.result;
}

static void what_is_withdrawn_is_not_granted_by_a_file(void **state)
{
    struct scene *scene = *state;
    const struct consent withdrawn = consent("sms", "withdrawn", 10), all = consent("*", "withdrawn", 10);

    assert_int_equal(take_consent(scene, &withdrawn, consent("sms", "granted", 20), false), TAKEOVER_WEAKER);
    assert_int_equal(take_consent(scene, &all, consent("sms", "granted", 20), false), TAKEOVER_WEAKER);
    assert_int_equal(take_consent(scene, NULL, consent("sms", "granted", 20), true), TAKEOVER_WEAKER);
    assert_int_equal(take_consent(scene, &withdrawn, consent("email", "granted", 20), false), TAKEOVER_NEW);
}

static void an_older_word_is_passed_over_and_a_newer_withdrawal_counts(void **state)
{
    struct scene *scene = *state;
    const struct consent granted = consent("sms", "granted", 10);

    assert_int_equal(take_consent(scene, &granted, consent("sms", "withdrawn", 9), false), TAKEOVER_KNOWN);
    assert_int_equal(take_consent(scene, &granted, consent("sms", "granted", 10), false), TAKEOVER_KNOWN);
    assert_int_equal(take_consent(scene, &granted, consent("sms", "withdrawn", 11), false), TAKEOVER_NEW);
}

/* ---- tiers ---- */

static void a_tier_has_its_end_and_what_counts_for_keeping_it(void **state)
{
    struct scene *scene = *state;
    struct take_tier body = {.takeover.rows = &scene->row,
                             .takeover.row_count = 1,
                             .tier = {TEXT("gold"), 900 * INSTANT_DAY, 1100 * INSTANT_DAY, 79, false}};
    struct standing *standing = &scene->member->standing;

    assert_int_equal(decide(scene, &take_tier_type, &body), STATUS_OK);
    assert_true(text_equals(standing->tier, "gold"));
    assert_int_equal(tier_due(standing), 1100 * INSTANT_DAY);
    assert_int_equal(standing->qualifying, 79);
    /* one short of the 80 that keep it: at the end the level below */
    scene->decision.now = 1100 * INSTANT_DAY;
    assert_int_equal(tier_advance(&scene->decision, scene->member, &scene->programme, &scene->error), STATUS_OK);
    assert_true(text_equals(standing->tier, "base"));
}

static void a_tier_that_reached_what_keeps_it_is_kept(void **state)
{
    struct scene *scene = *state;
    struct take_tier body = {.takeover.rows = &scene->row,
                             .takeover.row_count = 1,
                             .tier = {TEXT("gold"), 900 * INSTANT_DAY, 1100 * INSTANT_DAY, 80, false}};

    assert_int_equal(decide(scene, &take_tier_type, &body), STATUS_OK);
    scene->decision.now = 1100 * INSTANT_DAY;
    assert_int_equal(tier_advance(&scene->decision, scene->member, &scene->programme, &scene->error), STATUS_OK);
    assert_true(text_equals(scene->member->standing.tier, "gold"));
}

static void a_level_that_the_ladder_does_not_have_is_refused(void **state)
{
    struct scene *scene = *state;
    struct take_tier body = {.takeover.rows = &scene->row, .takeover.row_count = 1, .tier = {.tier = TEXT("black")}};

    assert_int_equal(decide(scene, &take_tier_type, &body), STATUS_INVALID);
    assert_string_equal(scene->error.code, "migration.tier");
}

/* ---- coupons ---- */

static void a_coupon_is_used_as_often_as_uses_are_left(void **state)
{
    struct scene *scene = *state;
    struct counter counter = {.id = TEXT("coupon:X"), .maximum = 2};
    struct use_coupon body = {.coupon = {.id = BUCKET + 64, .code = TEXT("X"), .valid_until = INSTANT_NEVER}};

    scene->decision.counters[0] = &counter;
    assert_int_equal(decide(scene, &use_coupon_type, &body), STATUS_OK);
    assert_int_equal(body.uses_left, 1);
    assert_int_equal(decide(scene, &use_coupon_type, &body), STATUS_OK);
    assert_int_equal(decide(scene, &use_coupon_type, &body), STATUS_CONFLICT);
    assert_string_equal(scene->error.code, "coupon.used");
    assert_int_equal(counter.used, 2);
}

static void a_coupon_is_valid_from_its_first_instant_until_before_its_end(void **state)
{
    struct scene *scene = *state;
    const struct coupon coupon = {.valid_from = 10, .valid_until = 20};
    const struct {
        int64_t at;
        enum status status;
    } moments[] = {{9, STATUS_CONFLICT}, {10, STATUS_OK}, {19, STATUS_OK}, {20, STATUS_CONFLICT}};

    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        assert_int_equal(coupon_check(&coupon, moments[i].at, &scene->error), moments[i].status);
}

static void the_coupon_of_another_member_is_refused(void **state)
{
    struct scene *scene = *state;
    struct counter counter = {.id = TEXT("coupon:X"), .maximum = 2};
    struct use_coupon body = {
        .coupon = {.id = BUCKET + 64, .code = TEXT("X"), .owner = BUCKET + 640, .valid_until = INSTANT_NEVER}};

    scene->decision.counters[0] = &counter;
    assert_int_equal(decide(scene, &use_coupon_type, &body), STATUS_CONFLICT);
    assert_string_equal(scene->error.code, "coupon.owner");
    assert_int_equal(counter.used, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        TEST(what_is_withdrawn_is_not_granted_by_a_file),
        TEST(an_older_word_is_passed_over_and_a_newer_withdrawal_counts),
        TEST(a_tier_has_its_end_and_what_counts_for_keeping_it),
        TEST(a_tier_that_reached_what_keeps_it_is_kept),
        TEST(a_level_that_the_ladder_does_not_have_is_refused),
        TEST(a_coupon_is_used_as_often_as_uses_are_left),
        TEST(a_coupon_is_valid_from_its_first_instant_until_before_its_end),
        TEST(the_coupon_of_another_member_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

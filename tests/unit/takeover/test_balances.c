/* Debts among the lots of a file, and lots posted to the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/programme/programme.h"
#include "features/takeover/balances.h"

enum { BUCKET = 5 };

static struct taken_lot lot(const char *wallet, int64_t points, int64_t expires_on)
{
    return (struct taken_lot){.wallet = text_from(wallet),
                              .stated = points,
                              .expires_at = expires_on == 0 ? INSTANT_NEVER : expires_on * INSTANT_DAY};
}

static void a_debt_takes_from_what_expires_soonest(void **state)
{
    struct taken_lot lots[] = {lot("points", 100, 50), lot("points", 80, 20), lot("points", -90, 0),
                               lot("points", 40, 0)};

    (void)state;
    taken_lots_net(lots, 4);
    assert_int_equal(lots[0].points, 90);
    assert_int_equal(lots[1].points, 0);
    assert_int_equal(lots[2].points, 0);
    assert_int_equal(lots[3].points, 40);
}

static void what_lots_do_not_pay_stays_a_debt(void **state)
{
    struct taken_lot lots[] = {lot("points", -30, 0), lot("points", 20, 9), lot("points", -5, 0)};

    (void)state;
    taken_lots_net(lots, 3);
    assert_int_equal(lots[0].points, -10);
    assert_int_equal(lots[1].points, 0);
    assert_int_equal(lots[2].points, -5);
}

static void lots_of_another_account_pay_nothing(void **state)
{
    struct taken_lot lots[] = {lot("points", -30, 0), lot("status", 100, 9)};

    (void)state;
    taken_lots_net(lots, 2);
    assert_int_equal(lots[0].points, -30);
    assert_int_equal(lots[1].points, 100);
}

/* ---- posting ---- */

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct command command;
    struct take_balances body;
    struct takeover_row rows[3];
    struct taken_lot lots[3];
};

static int open_scene(void **state)
{
    static struct scene scene;
    struct error err = {0};

    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(64 << 20);
    if (programme_parse(scene.arena,
                        text_from("{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"}]}"),
                        &scene.programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    scene.set = (struct programme_set){.versions = &scene.programme, .version_count = 1};
    decision_start(&scene.decision, scene.arena, 100 * INSTANT_DAY, &scene.set);
    struct member *member = member_new(&scene.decision, 0, BUCKET, scene.decision.now);
    scene.decision.subjects[0].member = member;
    scene.command = (struct command){.type = &take_balances_type, .body = &scene.body, .arena = scene.arena};
    scene.command.claims = arena_array(scene.arena, COMMAND_CLAIMS_MAX, sizeof *scene.command.claims);
    scene.command.subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = member->id};
    scene.command.subject_count = 1;
    scene.body.takeover.rows = scene.rows;
    scene.body.lots = scene.lots;
    *state = &scene;
    return 0;
}

static int close_scene(void **state)
{
    arena_free(((struct scene *)*state)->arena);
    return 0;
}

static void add(struct scene *scene, const char *id, int64_t points, const char *store)
{
    size_t at = scene->body.takeover.row_count++;

    scene->lots[at] = lot("points", points, 0);
    scene->lots[at].id = text_from(id);
    scene->lots[at].points = points;
    scene->lots[at].store = text_from(store);
    scene->lots[at].earned_at = scene->lots[at].active_at = 50 * INSTANT_DAY;
    scene->rows[at] =
        (struct takeover_row){.claim = (int)scene->command.claim_count, .digest = points > 0 ? points : 1};
    scene->command.claims[scene->command.claim_count++] = takeover_claim(scene->arena, "balances", text_from(id));
}

/* The claims as the engine sees them before a decision. */
static void decide(struct scene *scene)
{
    struct error err = {0};

    for (size_t i = 0; i < scene->command.claim_count; i++) {
        struct claim_key *claim = &scene->command.claims[i];
        const struct claim_state *known = effects_claim(scene->decision.effects, claim->kind, claim->key);
        claim->reference = known->reference;
        claim->member = known->member;
    }
    if (scene->command.type->decide(&scene->decision, &scene->command, &err) != STATUS_OK)
        fail_msg("%s: %s", err.code, err.message);
}

static void the_lots_of_a_store_share_a_row(void **state)
{
    struct scene *scene = *state;
    size_t before = scene->decision.effects->row_count;

    add(scene, "L1", 10, "S1");
    add(scene, "L2", 20, "S2");
    add(scene, "L3", 30, "S1");
    decide(scene);
    struct journal_row **rows = scene->decision.effects->rows + before;
    assert_int_equal(scene->decision.effects->row_count - before, 2);
    assert_true(text_equals(rows[0]->kind, "migration"));
    assert_true(text_equals(rows[0]->facts, "{\"of\":\"balances\",\"ids\":[\"L1\",\"L3\"]}"));
    assert_int_equal(rows[0]->movement_count, 2);
    assert_int_equal(rows[0]->movements[1].debit, ACCOUNT_TAKEN_OVER);
    assert_int_equal(rows[0]->movements[1].amount, 30);
    assert_true(text_equals(rows[1]->store, "S2"));
    const struct member *member = scene->decision.subjects[0].member;
    assert_int_equal(member->wallets[0].active, 60);
    assert_int_equal(member->lots[0].earned_at, 50 * INSTANT_DAY);
}

static void a_row_counts_once_and_a_changed_one_is_told(void **state)
{
    struct scene *scene = *state;

    add(scene, "L1", 10, "S1");
    add(scene, "L1", 10, "S1");
    add(scene, "L1", 11, "S1");
    decide(scene);
    assert_int_equal(scene->rows[0].result, TAKEOVER_NEW);
    assert_int_equal(scene->rows[1].result, TAKEOVER_KNOWN);
    assert_int_equal(scene->rows[2].result, TAKEOVER_DIFFERENT);
    decide(scene);
    assert_int_equal(scene->rows[0].result, TAKEOVER_KNOWN);
    assert_int_equal(scene->rows[2].result, TAKEOVER_DIFFERENT);
    assert_int_equal(scene->decision.subjects[0].member->wallets[0].active, 10);
}

static void a_debt_is_owed_even_where_the_account_stops_at_nothing(void **state)
{
    struct scene *scene = *state;
    struct member *member = scene->decision.subjects[0].member;

    member->lots_loaded = true;
    scene->command.type = &take_debts_type;
    add(scene, "D", -25, "");
    decide(scene);
    assert_int_equal(scene->programme.wallets[0].debt, DEBT_CLAMP);
    assert_int_equal(member->wallets[0].debt, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_debt_takes_from_what_expires_soonest),
        cmocka_unit_test(what_lots_do_not_pay_stays_a_debt),
        cmocka_unit_test(lots_of_another_account_pay_nothing),
        cmocka_unit_test_setup_teardown(the_lots_of_a_store_share_a_row, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_row_counts_once_and_a_changed_one_is_told, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_debt_is_owed_even_where_the_account_stops_at_nothing, open_scene,
                                        close_scene),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

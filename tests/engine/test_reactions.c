/* Reactions follow each row of the journal once, whatever happens between their commands and the note of how far they came. */
#include "features/reactions/reactions_store.h"

#include <stdio.h>
#include <string.h>

#include "toy.h"

/* ---- a reaction: for each toy a row "echo"; for a toy of 13 points it refuses ---- */

struct echo {
    int64_t of;
    int64_t amount;
};

static enum status echo_decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct echo *echo = command->body;

    if (echo->amount == 13)
        return error_set(err, STATUS_CONFLICT, "points.insufficient", "", "thirteen is refused");
    if (reaction_done(command))
        return STATUS_OK;
    struct journal_row *row = journal_add(decision, decision->subjects[0].member, 0, "echo", decision->now);
    row->cause = echo->of;
    reaction_keep(decision, command, row);
    return STATUS_OK;
}

static const struct command_type echo_type = {.name = "echo", .decide = echo_decide};

static enum status lot_amount(struct storage_session *session, int64_t id, int64_t *out, struct error *err)
{
    struct arena *arena = arena_new(1 << 20);
    struct past_event *event;
    enum status status = engine_event(session, id, 0, arena, &event, err);

    if (status == STATUS_OK)
        *out = event->row.movement_count > 0 ? event->row.movements[0].amount : 0;
    arena_free(arena);
    return status;
}

static enum status echo_react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct command *command = reaction_command(call, row, NULL, &echo_type, sizeof(struct echo));
    struct echo *echo = command->body;

    echo->of = row->id;
    return lot_amount(call->session, row->id, &echo->amount, err);
}

static const char *const toy_kinds[] = {"toy", NULL};
static const struct reaction echo_reaction = {.name = "echo", .kinds = toy_kinds, .react = echo_react};

static bool always(const struct programme_set *programmes)
{
    (void)programmes;
    return true;
}

static const struct reaction idle_reaction = {.name = "idle", .idle = always, .react = echo_react};
static const struct reaction *const both[] = {&echo_reaction, &idle_reaction};

/* ---- helpers ---- */

static void run_toys(struct toy_world *world, const int *points, size_t count)
{
    static const char *const names[] = {"ada", "bea", "cyd"};
    struct toy toy;

    for (size_t i = 0; i < count; i++) {
        toy_init(&toy, names[i % 3], points[i]);
        assert_int_equal(toy_run(world, &toy), STATUS_OK);
    }
}

static int64_t behind_of(struct toy_world *world, const char *name)
{
    struct arena *arena = arena_new(1 << 20);
    struct storage_session *session;
    struct reaction_figures *figures;
    size_t count;
    int64_t behind = -1;

    assert_ok(engine_read_begin(world->engine, &session, &failure));
    assert_ok(reactions_read(session, arena, &figures, &count, &failure));
    engine_read_end(world->engine, session);
    for (size_t i = 0; i < count; i++)
        if (text_equals(figures[i].name, name))
            behind = figures[i].behind;
    arena_free(arena);
    return behind;
}

/* As if the process had died between the commands and the note. */
static void forget(struct toy_world *world)
{
    struct storage_session *session;

    assert_ok(storage_session_new(world->storage, false, &session, &failure));
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        for (int64_t seq = 1; seq < 40; seq++) {
            const struct storage_value values[] = {value_integer(bucket), value_string("reaction:echo"),
                                                   value_integer(seq), value_integer(0)};
            assert_ok(storage_run(session, &query_engine_cursor_move, values, 1, NULL, &failure));
        }
    }
    storage_session_free(session);
}

/* ---- tests ---- */

static void each_row_is_followed_once(void **state)
{
    static const int points[] = {1, 2, 3, 4, 5};
    struct toy_world *world = *state;

    run_toys(world, points, 5);
    assert_ok(reactions_drain(world->engine, both, 2, &failure));
    assert_int_equal(toy_check_journal(world), 10);
    assert_int_equal(behind_of(world, "echo"), 0);
    assert_int_equal(behind_of(world, "idle"), 0);
    assert_ok(reactions_drain(world->engine, both, 2, &failure));
    assert_int_equal(toy_check_journal(world), 10);
}

static void a_row_that_is_read_again_changes_nothing(void **state)
{
    static const int points[] = {1, 2, 3, 4, 5};
    struct toy_world *world = *state;

    run_toys(world, points, 5);
    assert_ok(reactions_drain(world->engine, both, 2, &failure));
    forget(world);
    assert_true(behind_of(world, "echo") >= 10); /* not every number of a bucket is of a row */
    assert_ok(reactions_drain(world->engine, both, 2, &failure));
    assert_int_equal(toy_check_journal(world), 10);
    assert_int_equal(behind_of(world, "echo"), 0);
}

static void a_refused_command_holds_nobody_up(void **state)
{
    static const int points[] = {1, 13, 3, 13};
    struct toy_world *world = *state;

    run_toys(world, points, 4);
    assert_ok(reactions_drain(world->engine, both, 2, &failure));
    assert_int_equal(toy_check_journal(world), 6);
    assert_int_equal(behind_of(world, "echo"), 0);
}

static void two_processes_may_follow_one_journal(void **state)
{
    static const int points[] = {1, 2, 3, 4, 5, 6};
    struct toy_world *world = *state;
    struct reactions *first, *second;
    bool behind;

    assert_ok(reactions_new(world->engine, both, 2, &first, &failure));
    assert_ok(reactions_new(world->engine, both, 2, &second, &failure));
    run_toys(world, points, 3);
    assert_ok(reactions_pass(first, &behind, &failure));
    assert_true(behind);
    assert_ok(reactions_pass(second, &behind, &failure));
    run_toys(world, points + 3, 3);
    assert_ok(reactions_pass(second, &behind, &failure));
    assert_ok(reactions_pass(first, &behind, &failure));
    reactions_free(first);
    reactions_free(second);
    assert_int_equal(toy_check_journal(world), 12);
}

/* What commands load must not pile up, however long nobody looked. */
static void a_long_journal_is_followed_piece_by_piece(void **state)
{
    enum { PEOPLE = 12, EACH = 60, ROWS = PEOPLE * EACH };
    struct toy_world *world = *state;
    struct reactions *reactions;
    struct toy toy;
    char name[8];
    bool behind = false;

    for (int i = 0; i < ROWS; i++) {
        snprintf(name, sizeof name, "toy%d", i % PEOPLE);
        toy_init(&toy, name, 1);
        assert_int_equal(toy_run(world, &toy), STATUS_OK);
    }
    assert_ok(reactions_new(world->engine, both, 2, &reactions, &failure));
    assert_ok(reactions_pass(reactions, &behind, &failure));
    assert_true(behind);
    assert_in_range(toy_check_journal(world), ROWS + 1, 2 * ROWS - 1);
    reactions_free(reactions);
    assert_ok(reactions_drain(world->engine, both, 2, &failure));
    assert_int_equal(toy_check_journal(world), 2 * ROWS);
    assert_int_equal(behind_of(world, "echo"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_is_followed_once, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_row_that_is_read_again_changes_nothing, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_refused_command_holds_nobody_up, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(two_processes_may_follow_one_journal, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_long_journal_is_followed_piece_by_piece, toy_setup, toy_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

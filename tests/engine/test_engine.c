#include "toy.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void commands_of_one_batch_see_each_other(void **state)
{
    struct toy_world *world = *state;
    struct toy toys[3];
    struct command *commands[3];

    toy_init(&toys[0], "ada", 100);
    toy_init(&toys[1], "ada", 50);
    toy_init(&toys[2], "ada", -120);
    for (int i = 0; i < 3; i++)
        commands[i] = &toys[i].command;
    assert_ok(engine_run(world->engine, commands, 3, &failure));
    for (int i = 0; i < 3; i++)
        assert_int_equal(commands[i]->status, STATUS_OK);
    assert_int_equal(toy_points(world, "ada"), 30);
    assert_int_equal(toy_check_journal(world), 3);
}

static void an_error_never_touches_its_neighbours(void **state)
{
    struct toy_world *world = *state;
    struct toy toys[3];
    struct command *commands[3];

    toy_init(&toys[0], "ada", 100);
    toy_init(&toys[1], "ada", -500);
    toy_init(&toys[2], "bea", 7);
    for (int i = 0; i < 3; i++)
        commands[i] = &toys[i].command;
    assert_ok(engine_run(world->engine, commands, 3, &failure));
    assert_int_equal(commands[0]->status, STATUS_OK);
    assert_int_equal(commands[1]->status, STATUS_CONFLICT);
    assert_string_equal(commands[1]->error.code, "points.insufficient");
    assert_int_equal(commands[2]->status, STATUS_OK);
    assert_int_equal(toy_points(world, "ada"), 100);
    assert_int_equal(toy_points(world, "bea"), 7);
    assert_int_equal(toy_check_journal(world), 2);
}

static void a_request_is_answered_again_and_posted_once(void **state)
{
    struct toy_world *world = *state;
    struct arena *arena = arena_new(1 << 20);
    struct toy toy;
    struct text first = {0};

    for (int i = 0; i < 3; i++) {
        toy_init(&toy, "ada", 100);
        toy.command.request_scope = TEXT("key:till/purchases");
        toy.command.request_key = TEXT("k1");
        toy.command.request_digest[0] = i == 2;
        toy.command.arena = arena;
        enum status status = toy_run(world, &toy);
        if (i == 0)
            first = text_from(arena_format(arena, "{\"id\":%lld}", (long long)toy.command.id));
        assert_int_equal(status, i == 2 ? STATUS_INVALID : STATUS_OK);
        assert_int_equal(toy.command.replayed, i == 1);
        if (i == 1)
            assert_true(text_equal(toy.command.stored_reply, first));
    }
    assert_int_equal(toy_points(world, "ada"), 100);
    arena_free(arena);
}

/* ---- many at once ---- */

enum { THREADS = 6, RECEIPTS = 150, NAMES = 20 };

struct till {
    struct toy_world *world;
    int accepted, refused;
};

static void *ring_up(void *context)
{
    struct till *till = context;
    char name[32], receipt[32];
    struct toy toy;

    for (int i = 0; i < RECEIPTS; i++) {
        snprintf(name, sizeof name, "member-%d", i % NAMES);
        snprintf(receipt, sizeof receipt, "receipt-%d", i);
        toy_init(&toy, name, 1);
        toy_receipt(&toy, receipt);
        if (toy_run(till->world, &toy) == STATUS_OK)
            till->accepted++;
        else if (strcmp(toy.command.error.code, "receipt.known") == 0)
            till->refused++;
        else
            fail_msg("%s: %s", toy.command.error.code, toy.command.error.message);
    }
    return NULL;
}

static void a_receipt_counts_once_whatever_races(void **state)
{
    struct toy_world *world = *state, other = {.clock = world->clock};
    struct till tills[THREADS] = {{0}};
    pthread_t threads[THREADS];
    int accepted = 0, refused = 0;
    int64_t points = 0;

    /* A second engine on the same database stands for another process. */
    strcpy(other.database, world->database);
    toy_start(&other);
    for (int i = 0; i < THREADS; i++) {
        tills[i].world = i % 2 == 0 ? world : &other;
        assert_int_equal(pthread_create(&threads[i], NULL, ring_up, &tills[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        accepted += tills[i].accepted;
        refused += tills[i].refused;
    }
    toy_stop(&other);
    assert_int_equal(accepted, RECEIPTS);
    assert_int_equal(refused, RECEIPTS * (THREADS - 1));
    for (int i = 0; i < NAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, "member-%d", i);
        points += toy_points(world, name);
    }
    assert_int_equal(points, RECEIPTS);
    assert_int_equal(toy_check_journal(world), RECEIPTS);
}

static void count_done(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

static void a_full_queue_refuses_and_loses_nothing(void **state)
{
    struct toy_world *world = *state;
    static struct toy toys[ENGINE_QUEUE_MAX + 2 * ENGINE_BATCH_MAX];
    enum { ALL = sizeof toys / sizeof *toys };
    struct storage_session *blocker;
    atomic_int done = 0;
    int taken = 0;
    struct error error;
    const struct storage_value bucket = value_integer(claim_bucket("external", TEXT("ada")));

    /* Another program holds the lock, so that the queue fills. */
    assert_ok(storage_session_new(world->storage, false, &blocker, &failure));
    assert_ok(storage_begin(blocker, &failure));
    assert_ok(storage_run(blocker, &query_engine_head_take, &bucket, 1, NULL, &failure));
    enum status status = STATUS_OK;
    while (taken < ALL && status == STATUS_OK) {
        struct command *command = &toys[taken].command;
        toy_init(&toys[taken], "ada", 1);
        status = engine_submit(world->engine, &command, 1, (struct completion){count_done, &done}, &error);
        taken += status == STATUS_OK;
    }
    assert_int_equal(status, STATUS_BUSY);
    assert_string_equal(error.code, "engine.busy");
    assert_true(taken >= ENGINE_QUEUE_MAX);
    storage_rollback(blocker);
    storage_session_free(blocker);
    for (int wait = 0; wait < 60000 && atomic_load(&done) < taken; wait++)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    assert_int_equal(atomic_load(&done), taken);
    assert_int_equal(toy_points(world, "ada"), taken);
}

/* ---- time ---- */

static void earn_expiring(struct toy_world *world)
{
    struct toy toy;

    for (int i = 1; i <= 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "member-%d", i % 4);
        toy_init(&toy, name, i);
        toy.expires_at = TOY_START + i * INSTANT_DAY;
        assert_int_equal(toy_run(world, &toy), STATUS_OK);
    }
}

static void results_do_not_depend_on_when_the_sweeper_ran(void **state)
{
    struct toy_world *world = *state;
    size_t rows[2];
    int64_t points[2][4];

    for (int daily = 0; daily < 2; daily++) {
        earn_expiring(world);
        for (int day = 0; day < 20; day++) {
            toy_forward(world, INSTANT_DAY);
            if (daily)
                assert_ok(engine_sweep(world->engine, &failure));
        }
        for (int i = 0; i < 4; i++) {
            char name[32];
            snprintf(name, sizeof name, "member-%d", i);
            points[daily][i] = toy_points(world, name);
        }
        assert_ok(engine_sweep(world->engine, &failure));
        rows[daily] = toy_check_journal(world);
        toy_teardown(state);
        toy_setup(state);
        world = *state;
    }
    assert_int_equal(rows[0], rows[1]);
    assert_memory_equal(points[0], points[1], sizeof points[0]);
}

static void a_clock_that_jumps_stops_the_sweeper_until_confirmed(void **state)
{
    struct toy_world *world = *state;
    struct engine_figures figures;
    struct toy toy;

    toy_stop(world);
    world->sweep = true;
    toy_start(world);
    toy_init(&toy, "ada", 10);
    toy.expires_at = TOY_START + INSTANT_MINUTE;
    assert_int_equal(toy_run(world, &toy), STATUS_OK);
    atomic_fetch_add(&world->now, 2 * INSTANT_HOUR);
    for (int wait = 0; wait < 500; wait++) {
        engine_figures(world->engine, &figures);
        if (figures.sweeper_stopped)
            break;
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    assert_true(figures.sweeper_stopped);
    assert_int_equal(figures.swept, 0);
    engine_sweeper_confirm(world->engine);
    for (int wait = 0; wait < 500 && figures.swept == 0; wait++) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        engine_figures(world->engine, &figures);
    }
    assert_int_equal(figures.swept, 1);
}

static void time_never_goes_backwards(void **state)
{
    struct toy_world *world = *state;
    struct toy toy;

    toy_init(&toy, "ada", 10);
    toy.expires_at = TOY_START + INSTANT_MINUTE;
    assert_int_equal(toy_run(world, &toy), STATUS_OK);
    atomic_fetch_add(&world->now, INSTANT_HOUR);
    toy_init(&toy, "ada", 5);
    assert_int_equal(toy_run(world, &toy), STATUS_OK);
    atomic_fetch_sub(&world->now, INSTANT_HOUR);
    toy_init(&toy, "ada", -5);
    assert_int_equal(toy_run(world, &toy), STATUS_OK);
    toy_init(&toy, "ada", -1);
    assert_int_equal(toy_run(world, &toy), STATUS_CONFLICT);
}

/* ---- faults ---- */

static void every_fault_leaves_each_command_once_or_not_at_all(void **state)
{
    static const struct {
        enum storage_operation operation;
        int after;
        enum status status;
    } faults[] = {{STORAGE_OPERATION_BEGIN, 0, STATUS_BUSY},  {STORAGE_OPERATION_SEND, 0, STATUS_BUSY},
                  {STORAGE_OPERATION_FLUSH, 0, STATUS_BUSY},  {STORAGE_OPERATION_COMMIT, 0, STATUS_BUSY},
                  {STORAGE_OPERATION_COMMIT, 0, STATUS_IO},   {STORAGE_OPERATION_COMMIT, 1, STATUS_IO},
                  {STORAGE_OPERATION_SEND, 0, STATUS_DEFECT}, {STORAGE_OPERATION_FLUSH, 0, STATUS_IO},
                  {STORAGE_OPERATION_SETTLE, 0, STATUS_IO}};
    struct toy_world *world = *state;
    int64_t expected = 0;

    world->faulty = true;
    toy_stop(world);
    toy_start(world);
    for (size_t f = 0; f < sizeof faults / sizeof *faults; f++)
        for (int countdown = 0; countdown < 12; countdown++) {
            struct toy toy;
            toy_init(&toy, "ada", 1);
            world->fault.operation = faults[f].operation;
            world->fault.after = faults[f].after;
            world->fault.status = faults[f].status;
            atomic_store(&world->fault.countdown, countdown);
            if (toy_run(world, &toy) == STATUS_OK)
                expected++;
            atomic_store(&world->fault.countdown, -1);
            assert_int_equal(toy_points(world, "ada"), expected);
        }
    assert_true(expected > 70);
    assert_int_equal(toy_check_journal(world), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commands_of_one_batch_see_each_other, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(an_error_never_touches_its_neighbours, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_request_is_answered_again_and_posted_once, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_receipt_counts_once_whatever_races, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses_and_loses_nothing, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(results_do_not_depend_on_when_the_sweeper_ran, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_jumps_stops_the_sweeper_until_confirmed, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(time_never_goes_backwards, toy_setup, toy_teardown),
        cmocka_unit_test_setup_teardown(every_fault_leaves_each_command_once_or_not_at_all, toy_setup, toy_teardown),
    };

    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}

/* Tasks and their ladders, with times worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/events/events.h"
#include "features/tasks/ladder.h"
#include "foundation/instant.h"

struct desk {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct store stores[3];
    struct task_reason reasons[2];
    struct programme_set set;
    struct error error;
};

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

/* Company HQ over region EAST over store SH1; reason "call": due in 60 minutes, then EAST after 30, HQ's finance after 90. */
static void desk_open(struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    desk->arena = arena_new(16 << 20);
    assert_int_equal(
        programme_parse(desk->arena,
                        TEXT("{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"}]}"),
                        &desk->programme, &desk->error),
        STATUS_OK);
    desk->stores[0] = (struct store){.code = TEXT("EAST"), .kind = PLACE_REGION, .parent = TEXT("HQ")};
    desk->stores[1] = (struct store){.code = TEXT("HQ"), .kind = PLACE_COMPANY};
    desk->stores[2] = (struct store){.code = TEXT("SH1"), .kind = PLACE_STORE, .parent = TEXT("EAST")};
    desk->reasons[0] =
        (struct task_reason){.code = TEXT("call"), .name = TEXT("Call"), .priority = TASK_HIGH, .due_minutes = 60};
    assert_true(task_ladder_read(desk->arena, TEXT("30:1:,90:7:finance"), &desk->reasons[0]));
    assert_true(task_outcomes_read(desk->arena, TEXT("reached,missed"), &desk->reasons[0]));
    desk->reasons[1] = (struct task_reason){.code = TEXT("plain"), .name = TEXT("Plain"), .proof = true};
    desk->set = (struct programme_set){.versions = &desk->programme,
                                       .version_count = 1,
                                       .stores = desk->stores,
                                       .store_count = 3,
                                       .task_reasons = desk->reasons,
                                       .task_reason_count = 2};
    decision_start(&desk->decision, desk->arena, at("2026-11-22T10:00:00Z"), &desk->set);
}

static enum status open_task(struct desk *desk, const struct task_spec *spec, struct task *out)
{
    static const struct command command = {.bucket = 3};
    bool existed;

    return task_open(&desk->decision, &command, spec, out, &existed, &desk->error);
}

static struct task opened(struct desk *desk)
{
    const struct task_spec spec = {
        .bucket = 3, .reason = TEXT("call"), .store = TEXT("SH1"), .text = TEXT("ring Anna"), .priority = -1};
    struct task task;

    assert_int_equal(open_task(desk, &spec, &task), STATUS_OK);
    return task;
}

/* The change at `now`, on what the one before left. */
static enum status change(struct desk *desk, struct task *task, struct change_task body, const char *now)
{
    struct command command = {.type = &change_task_type, .body = &body, .bucket = -1, .arena = desk->arena};

    body.task = *task;
    desk->decision.now = at(now);
    enum status status = change_task_type.decide(&desk->decision, &command, &desk->error);
    if (status == STATUS_OK)
        *task = body.result;
    return status;
}

static void assert_holder(const struct task *task, const char *now, const char *place, int64_t step)
{
    const struct task_holder *holder = task_holder_at(task, at(now));

    if (!text_equals(holder->owner.place, place) || holder->step != step)
        fail_msg("%s: '%.*s' step %lld, not '%s' step %lld", now, (int)holder->owner.place.size,
                 holder->owner.place.bytes, (long long)holder->step, place, (long long)step);
}

static const struct journal_row *last_row(const struct desk *desk, size_t back)
{
    const struct effects *effects = desk->decision.effects;

    return effects->rows[effects->row_count - 1 - back];
}

static void a_task_rises_at_the_minutes_of_its_ladder(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk);
    struct task task = opened(&desk);
    assert_int_equal(task.due_at, at("2026-11-22T11:00:00Z"));
    assert_holder(&task, "2026-11-22T10:00:00Z", "SH1", 0);
    assert_holder(&task, "2026-11-22T11:29:59.999999Z", "SH1", 0);
    assert_holder(&task, "2026-11-22T11:30:00Z", "EAST", 1);
    assert_holder(&task, "2026-11-22T12:29:59Z", "EAST", 1);
    assert_holder(&task, "2026-11-22T12:30:00Z", "HQ", 2); /* seven levels above is the root */
    assert_true(text_equals(task_holder_at(&task, at("2030-01-01T00:00:00Z"))->owner.role, "finance"));
    assert_false(task_overdue(&task, at("2026-11-22T10:59:59Z")));
    assert_true(task_overdue(&task, at("2026-11-22T11:00:00Z")));
    arena_free(desk.arena);
}

static void each_step_is_noted_once_at_its_own_instant(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk);
    struct task task = opened(&desk);
    size_t before = desk.decision.effects->row_count;
    assert_int_equal(
        change(&desk, &task, (struct change_task){.action = TASK_NOTE, .priority = -1}, "2026-11-22T13:00:00Z"),
        STATUS_OK);
    assert_int_equal(desk.decision.effects->row_count, before + 2);
    assert_int_equal(last_row(&desk, 1)->at, at("2026-11-22T11:30:00Z"));
    assert_int_equal(last_row(&desk, 0)->at, at("2026-11-22T12:30:00Z"));
    assert_int_equal(task.version, 1);
    assert_int_equal(
        change(&desk, &task, (struct change_task){.action = TASK_NOTE, .priority = -1}, "2026-11-22T14:00:00Z"),
        STATUS_OK);
    assert_int_equal(desk.decision.effects->row_count, before + 2);
    arena_free(desk.arena);
}

static void whoever_takes_it_late_notes_the_steps_before(void **state)
{
    struct desk desk;
    const struct change_task take = {.action = TASK_TAKE, .priority = -1, .by = TEXT("mei")};

    (void)state;
    desk_open(&desk);
    struct task task = opened(&desk);
    assert_int_equal(change(&desk, &task, take, "2026-11-22T11:45:00Z"), STATUS_OK);
    assert_true(text_equals(last_row(&desk, 1)->kind, "task_escalation"));
    assert_true(text_equals(last_row(&desk, 0)->kind, "task_taken"));
    assert_int_equal(task.state, TASK_TAKEN);
    assert_holder(&task, "2026-11-22T11:44:59Z", "EAST", 1);
    assert_true(text_equals(task_holder_at(&task, at("2026-11-22T12:00:00Z"))->owner.person, "mei"));
    assert_holder(&task, "2026-11-22T12:30:00Z", "HQ", 2); /* taken and still not done: it rises on */
    arena_free(desk.arena);
}

static void a_new_due_time_moves_the_steps_to_come_only(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk);
    struct task task = opened(&desk);
    const struct change_task later = {.action = TASK_CHANGE, .priority = -1, .due_at = at("2026-11-22T15:00:00Z")};
    assert_int_equal(change(&desk, &task, later, "2026-11-22T12:00:00Z"), STATUS_OK);
    assert_holder(&task, "2026-11-22T11:30:00Z", "EAST", 1);
    assert_holder(&task, "2026-11-22T16:29:59Z", "EAST", 1);
    assert_holder(&task, "2026-11-22T16:30:00Z", "HQ", 2);
    const struct change_task never = {.action = TASK_CHANGE, .priority = -1, .due_at = INSTANT_NEVER};
    assert_int_equal(change(&desk, &task, never, "2026-11-22T12:10:00Z"), STATUS_OK);
    assert_holder(&task, "2036-11-22T16:30:00Z", "EAST", 1);
    arena_free(desk.arena);
}

static void what_is_done_rises_no_more_and_is_closed(void **state)
{
    struct desk desk;
    const struct change_task unsaid = {.action = TASK_FINISH, .priority = -1, .by = TEXT("mei")};
    struct change_task done = unsaid;

    (void)state;
    desk_open(&desk);
    struct task task = opened(&desk);
    assert_int_equal(change(&desk, &task, unsaid, "2026-11-22T10:30:00Z"), STATUS_INVALID);
    assert_string_equal(desk.error.code, "task.outcome");
    done.outcome = TEXT("reached");
    done.version = 2;
    assert_int_equal(change(&desk, &task, done, "2026-11-22T10:30:00Z"), STATUS_STALE);
    done.version = 1;
    assert_int_equal(change(&desk, &task, done, "2026-11-22T10:30:00Z"), STATUS_OK);
    assert_holder(&task, "2026-11-23T00:00:00Z", "SH1", 0);
    assert_false(task_overdue(&task, at("2026-11-23T00:00:00Z")));
    done.version = 0;
    assert_int_equal(change(&desk, &task, done, "2026-11-22T10:31:00Z"), STATUS_CONFLICT);
    assert_string_equal(desk.error.code, "task.closed");
    arena_free(desk.arena);
}

static void without_its_proof_it_is_not_done(void **state)
{
    struct desk desk;
    const struct task_spec spec = {
        .bucket = 3, .reason = TEXT("plain"), .owner = {.person = TEXT("mei")}, .priority = 0};
    struct change_task done = {.action = TASK_FINISH, .priority = -1};
    struct task task;

    (void)state;
    desk_open(&desk);
    assert_int_equal(open_task(&desk, &spec, &task), STATUS_OK);
    assert_true(task.due_at == INSTANT_NEVER && task.priority == TASK_LOW);
    assert_int_equal(change(&desk, &task, done, "2026-11-22T10:30:00Z"), STATUS_INVALID);
    assert_string_equal(desk.error.code, "task.proof");
    done.reference = TEXT("photo 17");
    assert_int_equal(change(&desk, &task, done, "2026-11-22T10:30:00Z"), STATUS_OK);
    arena_free(desk.arena);
}

static void the_same_cause_opens_it_once(void **state)
{
    struct desk desk;
    struct claim_key held = {.kind = TASK_CLAIM, .key = TEXT("birthday:7:2026"), .reference = 4711};
    const struct task_spec spec = {.bucket = 3, .reason = TEXT("call"), .store = TEXT("SH1"), .claim = &held};
    const struct command command = {.bucket = 3};
    struct task task;
    bool existed = false;

    (void)state;
    desk_open(&desk);
    assert_int_equal(task_open(&desk.decision, &command, &spec, &task, &existed, &desk.error), STATUS_OK);
    assert_true(existed && task.id == 4711 && desk.decision.effects->row_count == 0);
    arena_free(desk.arena);
}

static void a_ladder_is_its_text_and_nothing_else(void **state)
{
    static const char *const wrong[] = {
        "30:1:,30:2:", "0:1:", "x:1:", "30:-1:", "30:99:", "1:0:,2:0:,3:0:,4:0:,5:0:,6:0:,7:0:,8:0:,9:0:"};
    struct arena *arena = arena_new(1 << 20);
    struct task_reason reason = {.step_count = 0};

    (void)state;
    assert_true(task_ladder_read(arena, TEXT("240:1:,1440:0:administrator"), &reason));
    struct text written = task_ladder_write(arena, &reason);
    assert_true(text_equals(written, "240:1:,1440:0:administrator"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (task_ladder_read(arena, text_from(wrong[i]), &reason))
            fail_msg("'%s' was read", wrong[i]);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_rises_at_the_minutes_of_its_ladder),
        cmocka_unit_test(each_step_is_noted_once_at_its_own_instant),
        cmocka_unit_test(whoever_takes_it_late_notes_the_steps_before),
        cmocka_unit_test(a_new_due_time_moves_the_steps_to_come_only),
        cmocka_unit_test(what_is_done_rises_no_more_and_is_closed),
        cmocka_unit_test(without_its_proof_it_is_not_done),
        cmocka_unit_test(the_same_cause_opens_it_once),
        cmocka_unit_test(a_ladder_is_its_text_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

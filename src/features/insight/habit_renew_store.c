/* habit_renew_store.c: counts anew whoever did something since the last time. */
#include "features/insight/habit_store.h"

#include "features/insight/habit_count_store.h"
#include "features/insight/pause_store.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { PERSONS_AT_ONCE = 256, HABIT_COLUMNS = 13, ARENA_MAX = 1 << 30 };

/* What is to be done for a bucket. */
struct touched {
    struct arena *arena;
    int64_t *persons, *gone; /* to count; whose row goes */
    size_t person_count, person_capacity, gone_count, gone_capacity;
    struct map *seen;
};

static enum status receive_touched(void *context, const struct storage_row *row, struct error *err)
{
    struct touched *touched = context;
    int64_t member = row_integer(row, 0), leader = row_integer(row, 1);

    (void)err;
    if (member != leader || row_integer(row, 2) != 1) {
        touched->gone = arena_grow(touched->arena, touched->gone, &touched->gone_capacity, touched->gone_count + 1,
                                   sizeof *touched->gone);
        touched->gone[touched->gone_count++] = member;
    }
    if (row_integer(row, 2) != 1 || map_get_id(touched->seen, leader) != NULL)
        return STATUS_OK;
    map_put_id(touched->seen, leader, touched);
    touched->persons = arena_grow(touched->arena, touched->persons, &touched->person_capacity,
                                  touched->person_count + 1, sizeof *touched->persons);
    touched->persons[touched->person_count++] = leader;
    return STATUS_OK;
}

struct cursor_state {
    int64_t head, done;
};

static enum status receive_state(void *context, const struct storage_row *row, struct error *err)
{
    struct cursor_state *state = context;

    (void)err;
    *state = (struct cursor_state){row_integer(row, 0), row_integer(row, 1)};
    return STATUS_OK;
}

static enum status read_touched(struct storage_session *reads, int bucket, struct cursor_state *state,
                                struct touched *touched, struct error *err)
{
    const struct storage_receiver of_state = {.row = receive_state, .context = state},
                                  of_member = {.row = receive_touched, .context = touched};
    const struct storage_value value = value_integer(bucket);
    enum status status = storage_begin(reads, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(reads, &query_insight_habit_state, &value, 1, &of_state, err);
    if (status == STATUS_OK) {
        const struct storage_value values[] = {value, value_integer(state->done)};

        status = storage_run(reads, &query_insight_habit_touched, values, 1, &of_member, err);
    }
    storage_rollback(reads);
    return status;
}

static void habit_values(const struct habit *habit, int64_t now, struct storage_value *values)
{
    const struct type_evidence *evidence = habit->member.evidence;

    values[0] = value_integer(id_bucket(habit->person));
    values[1] = value_integer(habit->person);
    values[2] = value_integer(now);
    values[3] = value_integer((int64_t)evidence[TYPE_VALUE].of);
    values[4] = value_integer((int64_t)evidence[TYPE_VALUE].count);
    values[5] = value_integer((int64_t)evidence[TYPE_BRAND].of);
    values[6] = value_integer((int64_t)evidence[TYPE_BRAND].count);
    values[7] = value_integer(habit->member.brands);
    values[8] = value_text(habit->brand.size > 0 ? habit->brand : TEXT(""));
    values[9] = value_integer((int64_t)evidence[TYPE_IMPULSE].of);
    values[10] = value_integer((int64_t)evidence[TYPE_IMPULSE].count);
    values[11] = value_integer((int64_t)evidence[TYPE_INFORMATION].of);
    values[12] = value_integer((int64_t)evidence[TYPE_INFORMATION].count);
}

/* In one transaction. */
static enum status put_rows(struct storage_session *writes, const struct storage_query *query,
                            const struct storage_value *values, size_t count, struct error *err)
{
    struct pause pause;
    enum status status = storage_begin(writes, err);

    if (status != STATUS_OK)
        return status;
    pause_start(&pause);
    status = storage_run(writes, query, values, count, NULL, err);
    if (status == STATUS_OK)
        status = storage_commit(writes, err);
    else
        storage_rollback(writes);
    pause_take(&pause);
    return status;
}

/* Who bought nothing and looked at nothing needs no row. */
static bool is_blank(const struct habit *habit)
{
    return habit->member.evidence[TYPE_VALUE].of == 0 && habit->member.evidence[TYPE_INFORMATION].count == 0;
}

struct renewal {
    struct storage_session *reads, *writes;
    struct habit_window window;
    int64_t now;
    struct arena *arena;
};

static enum status renew_persons(struct renewal *renewal, const struct persons *persons, struct error *err)
{
    size_t count = persons->count;
    struct habit *habits = arena_array(renewal->arena, count, sizeof *habits);
    struct storage_value *values = arena_array(renewal->arena, count * HABIT_COLUMNS, sizeof *values);
    size_t filled = 0;
    enum status status = storage_begin(renewal->reads, err);

    if (status != STATUS_OK)
        return status;
    status = habits_count(renewal->reads, renewal->arena, persons, &renewal->window, habits, err);
    storage_rollback(renewal->reads);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (!is_blank(&habits[i]))
            habit_values(&habits[i], renewal->now, values + HABIT_COLUMNS * filled++);
    if (status == STATUS_OK && filled > 0)
        status = put_rows(renewal->writes, &query_insight_habits_put, values, filled, err);
    return status;
}

static enum status drop_gone(struct renewal *renewal, const struct touched *touched, struct error *err)
{
    struct storage_value *values = arena_array(touched->arena, touched->gone_count * 2 + 1, sizeof *values);

    for (size_t i = 0; i < touched->gone_count; i++) {
        values[i * 2] = value_integer(id_bucket(touched->gone[i]));
        values[i * 2 + 1] = value_integer(touched->gone[i]);
    }
    return touched->gone_count > 0
               ? put_rows(renewal->writes, &query_insight_habits_drop, values, touched->gone_count, err)
               : STATUS_OK;
}

/* The cursor moves last: what was counted before a fault is counted again, with the same result. */
static enum status renew_bucket(struct renewal *renewal, struct arena *arena, int bucket, struct error *err)
{
    struct touched touched = {.arena = arena, .seen = map_new(arena, 64)};
    struct cursor_state state = {0};
    enum status status = read_touched(renewal->reads, bucket, &state, &touched, err);

    if (status == STATUS_OK)
        status = drop_gone(renewal, &touched, err);
    for (size_t at = 0; status == STATUS_OK && at < touched.person_count; at += PERSONS_AT_ONCE) {
        size_t left = touched.person_count - at;

        const struct persons some = {touched.persons + at, left < PERSONS_AT_ONCE ? left : PERSONS_AT_ONCE};

        arena_reset(renewal->arena);
        status = renew_persons(renewal, &some, err);
    }
    const struct storage_value values[] = {value_integer(bucket), value_integer(state.head)};

    if (status == STATUS_OK && touched.person_count + touched.gone_count > 0 && state.head > state.done)
        status = put_rows(renewal->writes, &query_insight_habit_cursor_put, values, 1, err);
    return status;
}

enum status habits_renew(struct engine *engine, struct storage_session *writes, int64_t now, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    struct arena *arena = arena_new(ARENA_MAX);
    struct renewal renewal = {.writes = writes,
                              .window = habit_window_at(configuration.programmes, now),
                              .now = now,
                              .arena = arena_new(ARENA_MAX)};
    enum status status = arena != NULL && renewal.arena != NULL
                             ? storage_session_new(engine_storage(engine), true, &renewal.reads, err)
                             : error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory to count with");

    engine_configuration_release(engine, configuration);
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        arena_reset(arena);
        status = renew_bucket(&renewal, arena, bucket, err);
    }
    storage_session_free(renewal.reads);
    arena_free(renewal.arena);
    arena_free(arena);
    return status;
}

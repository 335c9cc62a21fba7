/* ladder.c: declared reasons, their ladders as text, and who has a task when. */
#include <string.h>

#include "features/events/events.h"
#include "features/tasks/ladder.h"
#include "foundation/instant.h"

const char *const task_state_names[] = {"open", "taken", "done", "dropped", NULL};
const char *const task_priority_names[] = {"low", "normal", "high", "urgent", NULL};

const struct task_reason *task_reason_find(const struct programme_set *set, struct text code)
{
    size_t low = 0, high = set->task_reason_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(set->task_reasons[middle].code, code);
        if (order == 0)
            return &set->task_reasons[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- the ladder as text ---- */

/* What comes before the next `end`, which is taken away too. */
static struct text next_part(struct text *rest, char end)
{
    const char *at = rest->size > 0 ? memchr(rest->bytes, end, rest->size) : NULL;
    size_t size = at != NULL ? (size_t)(at - rest->bytes) : rest->size;
    struct text part = {rest->bytes, size};
    size_t taken = size + (at != NULL ? 1 : 0);

    *rest = (struct text){rest->bytes + taken, rest->size - taken};
    return part;
}

static bool read_step(struct text part, struct task_step *out)
{
    struct text rest = part, minutes = next_part(&rest, ':'), above = next_part(&rest, ':');

    out->role = rest;
    return text_to_integer(minutes, &out->after_minutes) && text_to_integer(above, &out->above) &&
           out->after_minutes > 0 && out->after_minutes <= TASK_MINUTES_MAX && out->above >= 0 &&
           out->above <= TASK_LEVELS_MAX;
}

bool task_ladder_read(struct arena *arena, struct text ladder, struct task_reason *out)
{
    struct task_step *steps = arena_array(arena, TASK_STEPS_MAX, sizeof *steps);
    struct text rest = ladder;
    size_t count = 0;

    while (rest.size > 0) {
        if (count == TASK_STEPS_MAX || !read_step(next_part(&rest, ','), &steps[count]))
            return false;
        if (count > 0 && steps[count].after_minutes <= steps[count - 1].after_minutes)
            return false;
        steps[count].role = text_copy(arena, steps[count].role);
        count++;
    }
    out->steps = steps;
    out->step_count = count;
    return true;
}

struct text task_ladder_write(struct arena *arena, const struct task_reason *reason)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < reason->step_count; i++)
        builder_format(&out, "%s%lld:%lld:%.*s", i > 0 ? "," : "", (long long)reason->steps[i].after_minutes,
                       (long long)reason->steps[i].above, (int)reason->steps[i].role.size, reason->steps[i].role.bytes);
    return builder_done(&out);
}

bool task_outcomes_read(struct arena *arena, struct text codes, struct task_reason *out)
{
    struct text *outcomes = arena_array(arena, TASK_OUTCOMES_MAX, sizeof *outcomes);
    struct text rest = text_copy(arena, codes);
    size_t count = 0;

    while (rest.size > 0) {
        if (count == TASK_OUTCOMES_MAX)
            return false;
        outcomes[count++] = next_part(&rest, ',');
    }
    out->outcomes = outcomes;
    out->outcome_count = count;
    return true;
}

/* ---- who has it ---- */

const struct task_holder *task_holder_at(const struct task *task, int64_t at)
{
    const struct task_holder *found = &task->holders[0];

    for (size_t i = 0; i < task->holder_count; i++)
        if (task->holders[i].from_at <= at && at < task->holders[i].until_at)
            found = &task->holders[i];
    return found;
}

bool task_overdue(const struct task *task, int64_t at)
{
    return task->state < TASK_DONE && task->due_at <= at;
}

static struct task_holder *holder_add(struct arena *arena, struct task *task, int64_t from_at, int64_t step)
{
    int64_t number = task->holder_count > 0 ? task->holders[task->holder_count - 1].number + 1 : 0;

    task->holders =
        arena_grow(arena, task->holders, &task->holder_capacity, task->holder_count + 1, sizeof *task->holders);
    struct task_holder *holder = &task->holders[task->holder_count++];
    *holder = (struct task_holder){.number = number, .from_at = from_at, .until_at = INSTANT_NEVER, .step = step};
    return holder;
}

/* The first instant after `now` at which the ladder gives it to somebody else. */
static int64_t next_step_at(const struct task *task, int64_t now)
{
    int64_t at = INSTANT_NEVER;

    for (size_t i = 0; i < task->holder_count; i++)
        if (task->holders[i].step > 0 && task->holders[i].from_at > now && task->holders[i].from_at < at)
            at = task->holders[i].from_at;
    return at;
}

static struct task_holder *current(struct task *task, int64_t now)
{
    for (size_t i = task->holder_count; i-- > 0;)
        if (task->holders[i].from_at <= now && now < task->holders[i].until_at)
            return &task->holders[i];
    return NULL;
}

void task_give(struct arena *arena, struct task *task, const struct task_owner *owner, int64_t now)
{
    struct task_holder *before = current(task, now);

    if (before != NULL)
        before->until_at = now;
    int64_t until = next_step_at(task, now);
    struct task_holder *holder = holder_add(arena, task, now, 0);
    holder->until_at = until;
    holder->owner = *owner;
}

void task_ladder_drop(struct task *task, int64_t now)
{
    for (size_t i = 0; i < task->holder_count; i++) {
        struct task_holder *holder = &task->holders[i];
        if (holder->from_at > now && holder->step > 0) {
            holder->until_at = holder->from_at;
            holder->step = 0;
        }
    }
    struct task_holder *holder = current(task, now);
    if (holder != NULL)
        holder->until_at = INSTANT_NEVER;
}

/* The place so many levels above; the root when there are fewer. */
static struct text place_above(const struct programme_set *set, struct text place, int64_t levels)
{
    for (int64_t i = 0; i < levels; i++) {
        const struct store *store = place.size > 0 ? store_find(set, place) : NULL;
        if (store == NULL || store->parent.size == 0)
            break;
        place = store->parent;
    }
    return place;
}

void task_ladder_plan(struct arena *arena, const struct programme_set *set, const struct task_reason *reason,
                      struct task *task, int64_t now)
{
    task_ladder_drop(task, now);
    if (task->due_at == INSTANT_NEVER)
        return;
    for (size_t i = 0; i < reason->step_count; i++) {
        const struct task_step *step = &reason->steps[i];
        int64_t at = task->due_at + step->after_minutes * INSTANT_MINUTE;
        if ((int64_t)i < task->noted)
            continue;
        at = at > now ? at : now;
        struct task_holder *before = current(task, at);
        if (before != NULL)
            before->until_at = at;
        holder_add(arena, task, at, (int64_t)i + 1)->owner = (struct task_owner){
            .place = text_copy(arena, place_above(set, task->store, step->above)), .role = step->role};
    }
}

/* ---- due times ---- */

int64_t task_due_local(const struct programme_set *set, struct text place, int32_t day, int minutes, int64_t now)
{
    const struct store *store = place.size > 0 ? store_find(set, place) : NULL;
    const struct zone *zone = store != NULL && store->zone != NULL ? store->zone : programme_at(set, now)->zone;

    return minutes == 24 * 60 ? zone_day_start(zone, day + 1) : zone_local(zone, day, minutes * INSTANT_MINUTE);
}

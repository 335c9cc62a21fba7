/* What happens to bookings of events by itself: seats for who waits, the end of events, events that are called off. */
#include "features/member_events/member_events_store.h"
#include "features/redemption/fraud_facts.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { AT_ONCE = 200, WAITING_LOOKED_AT = 20000, FOLLOW_ARENA = 64 << 20 };
#define LOOK_ANYWAY INSTANT_MINUTE

/* ---- one change ---- */

/* Those whose points a row moved: they may get them back. */
static enum status name_owners(struct storage_session *session, struct command *command, int64_t row, struct error *err)
{
    struct past_event *event;
    enum status status = engine_event(session, row, LOAD_FOLLOWERS, command->arena, &event, err);

    return status == STATUS_OK ? points_name_owners(command, event, err) : status;
}

enum status change_event_booking_command(struct storage_session *session, const struct programme_set *set,
                                         struct command *command, const struct event_booking *booking,
                                         struct error *err)
{
    command->subject_count = 0;
    if (!change_event_booking_name(command, command->arena, set, booking))
        return error_set(err, STATUS_LIMIT, "member_event.limits", "", "the event has seats for too many tiers");
    enum status status = name_owners(session, command, booking->id, err);
    if (status == STATUS_OK && booking->spent_by != 0 && booking->spent_by != booking->id)
        status = name_owners(session, command, booking->spent_by, err);
    return status;
}

static struct command *make_change(struct arena *arena, enum event_booking_action action)
{
    struct command *command = arena_alloc(arena, sizeof *command);
    struct change_event_booking *body = arena_alloc(arena, sizeof *body);

    body->action = action;
    *command = (struct command){
        .type = &change_event_booking_type, .body = body, .day = DAY_NONE, .bucket = -1, .arena = arena};
    return command;
}

/* ---- the waiting list ---- */

static bool any_seat(const struct seating *seating)
{
    bool any = false;

    for (int group = SEATING_NO_GROUP; group < (int)seating->group_count; group++)
        any = any || seating_has_seat(seating, group);
    return any;
}

/* Those who wait and can be seated now, in order. */
static enum status find_seated(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                               const struct member_event *event, struct event_booking_list *out, struct error *err)
{
    const struct event_booking_queue queue = {
        .event = event->code, .from = EVENT_WAITING, .until = EVENT_WAITING, .limit = WAITING_LOOKED_AT};
    struct event_booking_list waiting = {.arena = arena};
    struct seating seating;
    enum status status = event_seating_read(session, arena, set, event, &seating, err);

    out->arena = arena;
    if (status == STATUS_OK && seating.waiting > 0 && any_seat(&seating))
        status = event_queue_read(session, &queue, &waiting, err);
    if (status != STATUS_OK || waiting.count == 0)
        return status;
    int *groups = arena_array(arena, waiting.count, sizeof *groups);
    bool *seated = arena_array(arena, waiting.count, sizeof *seated);
    for (size_t i = 0; i < waiting.count; i++)
        groups[i] = member_event_group(event, waiting.items[i].tier);
    seating_promote(&seating, groups, waiting.count, seated);
    for (size_t i = 0; i < waiting.count; i++)
        if (seated[i] && out->count < AT_ONCE) {
            out->items = arena_grow(arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
            out->items[out->count++] = waiting.items[i];
        }
    return status;
}

/* ---- the reaction ---- */

static bool idle(const struct programme_set *programmes)
{
    return definitions_of(programmes, &member_event_kind)->count == 0;
}

static bool posted(const struct reaction_call *call, int64_t booking)
{
    for (size_t i = 0; i < call->command_count; i++)
        if (call->commands[i]->events[0].id == booking)
            return true;
    return false;
}

static enum status post(struct reaction_call *call, const struct journal_row *row, enum event_booking_action action,
                        const struct event_booking *booking, struct error *err)
{
    if (posted(call, booking->id))
        return STATUS_OK;
    const char *part = arena_format(call->arena, "%lld", (long long)booking->id);
    struct command *command =
        reaction_command(call, row, part, &change_event_booking_type, sizeof(struct change_event_booking));
    ((struct change_event_booking *)command->body)->action = action;
    return change_event_booking_command(call->session, call->programmes, command, booking, err);
}

static enum status forget(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct event_booking_list own = {.arena = call->arena};
    struct condition_person known = {.parts = 0};
    struct person person;
    enum status status = engine_view(call->engine, call->session, row->member, call->arena, &person, err);

    if (status == STATUS_OK)
        status = event_person_read(call->session, call->arena, &person, &known, &own, err);
    for (size_t i = 0; i < own.count && status == STATUS_OK; i++)
        if (own.items[i].state == EVENT_WAITING || own.items[i].state == EVENT_BOOKED)
            status = post(call, row, EVENT_FORGET, &own.items[i], err);
    return status;
}

static enum status react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    if (text_equals(row->kind, "erasure"))
        return row->member != 0 ? forget(call, row, err) : STATUS_OK;
    struct text code = fact_find(call->arena, row->facts, "event");
    const struct definition *definition =
        definition_at(call->programmes, &member_event_kind, code, clock_now(engine_clock(call->engine)));
    struct event_booking_list seated = {.arena = call->arena};
    if (definition == NULL)
        return STATUS_OK;
    enum status status = find_seated(call->session, call->arena, call->programmes, definition->parsed, &seated, err);
    for (size_t i = 0; i < seated.count && status == STATUS_OK; i++)
        status = post(call, row, EVENT_PROMOTE, &seated.items[i], err);
    return status;
}

static const char *const kinds[] = {"member_event_cancelled", "erasure", NULL};
const struct reaction member_events_reaction = {.name = "member_events", .kinds = kinds, .idle = idle, .react = react};

/* ---- time and publications ---- */

struct following {
    struct engine *engine;
    struct storage_session *session;
    const struct programme_set *set;
    struct arena *arena;
    int64_t now;
    struct command *commands[AT_ONCE];
    size_t count, changed;
};

static bool passed(const struct following *following, int64_t instant, int64_t since)
{
    return instant > since && instant <= following->now;
}

/* Whether anything was published, began or ended after `since`. */
static bool may_be_due(const struct following *following, int64_t since)
{
    const struct definition_list *list = definitions_of(following->set, &member_event_kind);

    for (size_t i = 0; i < list->count; i++) {
        const struct definition *one = &list->items[i];
        const struct member_event *event = one->parsed;
        if (passed(following, one->from, since) || passed(following, one->until, since) ||
            passed(following, event->starts, since) || passed(following, event->ends + event->no_show.after, since))
            return true;
    }
    return false;
}

static enum status add(struct following *following, enum event_booking_action action,
                       const struct event_booking *booking, struct error *err)
{
    if (following->count == AT_ONCE)
        return STATUS_OK;
    struct command *command = make_change(following->arena, action);
    enum status status = change_event_booking_command(following->session, following->set, command, booking, err);
    following->commands[following->count++] = command;
    return status;
}

static enum status add_all(struct following *following, enum event_booking_action action, struct text event,
                           const enum event_booking_state states[2], struct error *err)
{
    const struct event_booking_queue queue = {
        .event = event, .from = states[0], .until = states[1], .limit = AT_ONCE - following->count};
    struct event_booking_list list = {.arena = following->arena};
    enum status status = queue.limit > 0 ? event_queue_read(following->session, &queue, &list, err) : STATUS_OK;

    for (size_t i = 0; i < list.count && status == STATUS_OK; i++)
        status = add(following, action, &list.items[i], err);
    return status;
}

static enum status follow_event(struct following *following, struct text code, struct error *err)
{
    static const enum event_booking_state open[] = {EVENT_WAITING, EVENT_BOOKED},
                                          waiting[] = {EVENT_WAITING, EVENT_WAITING},
                                          booked[] = {EVENT_BOOKED, EVENT_BOOKED};
    const struct member_event_known known = member_event_known(following->set, code, following->now);
    const struct member_event *event = known.event;
    struct event_booking_list seated = {.arena = following->arena};
    enum status status = STATUS_OK;

    if (event == NULL)
        return STATUS_OK;
    if (known.called_off)
        return add_all(following, EVENT_CALL_OFF, code, open, err);
    if (following->now >= event->ends + event->no_show.after)
        status = add_all(following, EVENT_MISS, code, booked, err);
    if (status == STATUS_OK && following->now >= event->starts)
        return add_all(following, EVENT_LAPSE, code, waiting, err);
    if (status == STATUS_OK && known.in_force)
        status = find_seated(following->session, following->arena, following->set, event, &seated, err);
    for (size_t i = 0; i < seated.count && status == STATUS_OK; i++)
        status = add(following, EVENT_PROMOTE, &seated.items[i], err);
    return status;
}

struct code_list {
    struct arena *arena;
    struct text *items;
    size_t count, capacity;
};

static enum status receive_code(void *context, const struct storage_row *row, struct error *err)
{
    struct code_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = row_text_copy(row, 0, list->arena);
    return STATUS_OK;
}

static enum status follow_events(struct following *following, struct error *err)
{
    struct code_list codes = {.arena = following->arena};
    const struct storage_receiver receiver = {.row = receive_code, .context = &codes};
    enum status status = engine_read_begin(following->engine, &following->session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(following->session, &query_member_events_events_open, NULL, 1, &receiver, err);
    for (size_t i = 0; i < codes.count && status == STATUS_OK; i++)
        status = follow_event(following, codes.items[i], err);
    engine_read_end(following->engine, following->session);
    if (status == STATUS_OK && following->count > 0)
        status = engine_run(following->engine, following->commands, following->count, err);
    for (size_t i = 0; i < following->count && status == STATUS_OK; i++)
        following->changed += following->commands[i]->status == STATUS_OK && following->commands[i]->id != 0;
    return status;
}

enum status member_events_follow(struct engine *engine, int64_t *looked_at, bool *behind, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    struct following following = {
        .engine = engine, .set = configuration.programmes, .now = clock_now(engine_clock(engine))};
    enum status status = STATUS_OK;

    *behind = false;
    if (!idle(following.set) && (following.now - *looked_at >= LOOK_ANYWAY || may_be_due(&following, *looked_at))) {
        following.arena = arena_new(FOLLOW_ARENA);
        status = following.arena != NULL
                     ? follow_events(&following, err)
                     : error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to follow events");
        *behind = status == STATUS_OK && following.count == AT_ONCE && following.changed > 0;
        arena_free(following.arena);
        if (status == STATUS_OK && !*behind)
            *looked_at = following.now;
    }
    engine_configuration_release(engine, configuration);
    return status;
}

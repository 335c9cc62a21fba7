#include "features/challenges/challenges_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/challenges/challenges_store.h"
#include "features/conditions/conditions_store.h"
#include "features/coupons/granted_api.h"
#include "foundation/id.h"

/* ---- shapes ---- */

static const struct field step_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "count",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "What is counted: events, quantity, amount, distinct or streak."},
    {.name = "reached", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "A decimal, in the unit of the target."},
    {.name = "target", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "done", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
};
static const struct shape step_shape = {.name = "ChallengeStep", SHAPE_FIELDS(step_fields)};
static const struct field member_challenge_fields[] = {
    {.name = "challenge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "about", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "enrolment",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "automatic, open (the member may enrol), or enrolled."},
    {.name = "window_from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "window_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The first instant after it; null: no end, or none has begun."},
    {.name = "steps", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &step_shape},
    {.name = "completed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Rounds, over all windows."},
    {.name = "completed_in_window", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "completed_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "finished", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "No further round in this window."},
    {.name = "rewards", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Given and not taken back."},
};
const struct shape member_challenge_shape = {
    .name = "MemberChallenge", .about = "Where a person stands.", SHAPE_FIELDS(member_challenge_fields)};

static const struct field reward_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "challenge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "number", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of the round."},
    {.name = "event",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "evt",
     .about = "That ended the round; null after a merge."},
    {.name = "given_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "badge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "item", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "What is handed over; empty: nothing."},
    {.name = "used_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "taken_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "It was taken back, because what it was for came back."},
    GRANTED_FIELD,
};
const struct shape challenge_reward_shape = {.name = "ChallengeReward", SHAPE_FIELDS(reward_fields)};

static const struct field enrolment_fields[] = {
    {.name = "challenge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "enrolled_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
const struct shape enrolment_shape = {.name = "ChallengeEnrolment", SHAPE_FIELDS(enrolment_fields)};

static const struct field figures_fields[] = {
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Who have something counted."},
    {.name = "events", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "That count."},
    {.name = "rewards", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Ever given."},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Ever given."},
    {.name = "taken_back", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Rewards."},
    {.name = "handed_over", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Items."},
};
const struct shape challenge_figures_shape = {.name = "ChallengeFigures", SHAPE_FIELDS(figures_fields)};

/* ---- the person ---- */

enum status challenge_view(struct call *call, const struct text *codes, size_t code_count, struct person *person,
                           struct challenge_state *state, struct error *err)
{
    struct challenge_load load = {.codes = codes, .code_count = code_count};
    struct storage_session *session;
    int64_t member = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, person, err);
    if (status == STATUS_OK)
        status = challenge_state_read(session, call->arena, person, &load, err);
    call_read_end(call, session);
    *state = load.state;
    return status;
}

/* ---- where a person stands ---- */

static void write_bound(struct json_writer *writer, const char *name, int64_t at)
{
    if (at == 0 || at == INT64_MIN || at == INSTANT_NEVER)
        writer_null(writer, name);
    else
        writer_instant(writer, name, at);
}

static void write_steps(const struct call *call, struct json_writer *writer, const struct challenge *challenge,
                        const struct challenge_progress *progress)
{
    const struct programme *programme = programme_at(call->programmes, call->now);

    writer_list(writer, "steps");
    for (size_t i = 0; i < challenge->step_count; i++) {
        const struct challenge_step *step = &challenge->steps[i];
        writer_object(writer, NULL);
        writer_text(writer, "code", step->code);
        writer_text(writer, "name", step->name);
        writer_string(writer, "count", challenge_measure_names[step->measure]);
        writer_text(writer, "reached",
                    challenge_units_text(call->arena, step, progress->reached[i], programme->exponent));
        writer_text(writer, "target", challenge_units_text(call->arena, step, step->target, programme->exponent));
        writer_boolean(writer, "done", progress->done[i]);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_challenge(const struct call *call, struct json_writer *writer, const struct definition *definition,
                            const struct challenge_state *state)
{
    const struct challenge *challenge = definition->parsed;
    struct challenge_folding folding = {.zone = programme_at(call->programmes, call->now)->zone, .now = call->now};
    struct challenge_progress progress;
    bool takes_part = challenge_taken_part(challenge, state, definition->code, call->now, &folding.enrolled_at);
    folding.rows = challenge_rows_of(call->arena, state, definition->code, &folding.count);

    challenge_fold(call->arena, challenge, &folding, &progress);
    writer_text(writer, "challenge", definition->code);
    writer_text(writer, "name", challenge->name);
    writer_text(writer, "about", challenge->about);
    writer_string(writer, "enrolment", !challenge->by_member ? "automatic" : takes_part ? "enrolled" : "open");
    write_bound(writer, "window_from", progress.window_from);
    write_bound(writer, "window_until", progress.window_until);
    write_steps(call, writer, challenge, &progress);
    writer_integer(writer, "completed", progress.completed);
    writer_integer(writer, "completed_in_window", progress.completed_here);
    write_bound(writer, "completed_at", progress.completed_at);
    writer_boolean(writer, "finished", progress.finished);
    writer_integer(writer, "rewards", (int64_t)challenge_given(state, definition->code));
}

static const struct text *codes_now(const struct call *call, size_t *count)
{
    const struct definition_list *list = definitions_of(call->programmes, &challenge_kind);
    struct text *codes = arena_array(call->arena, list->count + 1, sizeof *codes);

    *count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (definition_in_force(&list->items[i], call->now))
            codes[(*count)++] = list->items[i].code;
    return codes;
}

/* For whom a challenge is: as the reaction will find at the next event. Who has something counted stays in it. */
static enum status for_whom(struct call *call, const struct person *person, struct condition_world *world,
                            struct error *err)
{
    struct condition_person *known = arena_alloc(call->arena, sizeof *known);
    struct person *kept = arena_copy(call->arena, person, sizeof *person);
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = conditions_read(session, call->arena, person, CONDITION_PROFILE | CONDITION_SEGMENTS, known, err);
    call_read_end(call, session);
    *world = (struct condition_world){.arena = call->arena,
                                      .programmes = call->programmes,
                                      .programme = programme_at(call->programmes, call->now),
                                      .now = call->now,
                                      .person = kept,
                                      .known = known};
    if (status == STATUS_OK)
        condition_start(world);
    return status;
}

static bool is_shown(const struct call *call, struct condition_world *world, const struct definition *definition,
                     const struct challenge_state *state)
{
    const struct challenge *challenge = definition->parsed;
    size_t count;

    challenge_rows_of(call->arena, state, definition->code, &count);
    return count > 0 || challenge->when.program == NULL || condition_holds(world, &challenge->when);
}

enum status member_challenge_list_handle(struct call *call, struct item *item, struct error *err)
{
    size_t count;
    const struct text *codes = codes_now(call, &count);
    struct condition_world world;
    struct challenge_state state;
    struct person person;
    enum status status = challenge_view(call, codes, count, &person, &state, err);

    if (status == STATUS_OK)
        status = for_whom(call, &person, &world, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        const struct definition *definition = definition_at(call->programmes, &challenge_kind, codes[i], call->now);
        if (!is_shown(call, &world, definition, &state))
            continue;
        writer_object(&item->writer, NULL);
        write_challenge(call, &item->writer, definition, &state);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* The version in force, or the last one that was. */
static const struct definition *challenge_of_path(const struct call *call)
{
    const struct definition_list *list = definitions_of(call->programmes, &challenge_kind);
    const struct definition *found = NULL;

    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i].code, call->parameters[1]) && list->items[i].from <= call->now)
            found = &list->items[i];
    return found;
}

static enum status unknown(const struct call *call, struct error *err)
{
    return error_set(err, STATUS_MISSING, "challenge.unknown", "challenge", "there is no challenge '%.*s' now",
                     (int)call->parameters[1].size, call->parameters[1].bytes);
}

enum status member_challenge_get_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition *definition = challenge_of_path(call);
    struct challenge_state state;
    struct person person;

    if (definition == NULL)
        return unknown(call, err);
    enum status status = challenge_view(call, &definition->code, 1, &person, &state, err);
    if (status == STATUS_OK)
        write_challenge(call, &item->writer, definition, &state);
    return status;
}

/* ---- enrolment ---- */

static enum status change_enrolment(struct call *call, struct item *item, bool leave, struct error *err)
{
    const struct definition *definition =
        definition_at(call->programmes, &challenge_kind, call->parameters[1], call->now);
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK && definition == NULL)
        status = unknown(call, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &enrol_challenge_type, sizeof(struct enrol_challenge));
    struct enrol_challenge *body = command->body;
    body->code = call->parameters[1];
    body->leave = leave;
    body->load.parts = ((const struct challenge *)definition->parsed)->when.parts;
    command_subject_member(command, member);
    return STATUS_OK;
}

enum status challenge_enrol_handle(struct call *call, struct item *item, struct error *err)
{
    return change_enrolment(call, item, false, err);
}

enum status challenge_leave_handle(struct call *call, struct item *item, struct error *err)
{
    return change_enrolment(call, item, true, err);
}

void challenge_enrol_finish(struct item *item, struct json_writer *writer)
{
    const struct enrol_challenge *body = item->command->body;

    if (body->leave)
        return;
    writer_text(writer, "challenge", body->code);
    writer_instant(writer, "enrolled_at", body->enrolled_at);
}

/* ---- rewards ---- */

/* The badge that came with it; not one that the person had before. */
static void add_badge(struct arena *arena, const struct challenge_state *state, int64_t reward,
                      struct granted_list *granted)
{
    char id[ID_TEXT_SIZE];

    for (size_t i = 0; i < state->badge_count; i++) {
        const struct member_badge *badge = &state->badges[i];
        if (badge->source != reward)
            continue;
        const struct granted one = {.kind = badge_kind.name,
                                    .code = badge->badge,
                                    .holding = text_copy(arena, text_from(id_format("bdg", badge->id, id)))};
        granted_add(arena, granted, &one);
    }
}

static void write_reward(struct call *call, struct json_writer *writer, const struct challenge_reward *reward,
                         const struct granted_list *granted)
{
    writer_id(writer, "id", "evt", reward->id);
    writer_id(writer, "member", "mbr", reward->member);
    writer_text(writer, "challenge", reward->challenge);
    writer_integer(writer, "number", reward->number);
    writer_id(writer, "event", "evt", reward->event);
    writer_instant(writer, "given_at", reward->given_at);
    writer_integer(writer, "points", reward->points);
    writer_text(writer, "wallet", reward->wallet);
    writer_text(writer, "badge", reward->badge);
    writer_text(writer, "item", reward->item);
    write_bound(writer, "used_at", reward->used_at);
    write_bound(writer, "taken_at", reward->taken_at);
    granted_write(call, writer, granted, reward->given_at);
}

enum status challenge_reward_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct challenge_state state;
    struct person person;
    enum status status = challenge_view(call, NULL, 0, &person, &state, err);

    if (status != STATUS_OK)
        return status;
    int64_t *ids = arena_array(call->arena, state.reward_count + 1, sizeof *ids);
    struct granted_list *granted = arena_array(call->arena, state.reward_count + 1, sizeof *granted);
    for (size_t i = 0; i < state.reward_count; i++)
        ids[i] = state.rewards[i].id;
    status = granted_call_read(call, ids, state.reward_count, granted, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = state.reward_count; i-- > 0;) {
        writer_object(&item->writer, NULL);
        add_badge(call->arena, &state, state.rewards[i].id, &granted[i]);
        write_reward(call, &item->writer, &state.rewards[i], &granted[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

static enum status use(struct call *call, struct item *item, bool undo, struct error *err)
{
    struct challenge_state *state = arena_alloc(call->arena, sizeof *state);
    struct person person;
    int64_t member, reward;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_path_id(call, 1, "evt", &reward, err);
    if (status == STATUS_OK)
        status = challenge_view(call, NULL, 0, &person, state, err);
    if (status != STATUS_OK)
        return status;
    item->user = state;
    struct command *command = item_command(item, &use_reward_type, sizeof(struct use_reward));
    struct use_reward *body = command->body;
    body->reward = reward;
    body->undo = undo;
    command_subject_member(command, member);
    return STATUS_OK;
}

enum status challenge_reward_use_handle(struct call *call, struct item *item, struct error *err)
{
    return use(call, item, false, err);
}

enum status challenge_reward_undo_handle(struct call *call, struct item *item, struct error *err)
{
    return use(call, item, true, err);
}

void challenge_reward_finish(struct item *item, struct json_writer *writer)
{
    const struct challenge_reward *reward = &((const struct use_reward *)item->command->body)->result;
    struct granted_list granted = granted_call_find(item->call, reward->id);

    add_badge(item->call->arena, item->user, reward->id, &granted);
    write_reward(item->call, writer, reward, &granted);
}

/* ---- figures ---- */

enum status challenge_figures_handle(struct call *call, struct item *item, struct error *err)
{
    struct challenge_figures figures = {0};
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = challenge_figures_read(session, call->parameters[0], &figures, err);
    call_read_end(call, session);
    writer_integer(&item->writer, "members", figures.members);
    writer_integer(&item->writer, "events", figures.events);
    writer_integer(&item->writer, "rewards", figures.rounds);
    writer_integer(&item->writer, "points", figures.points);
    writer_integer(&item->writer, "taken_back", figures.taken_back);
    writer_integer(&item->writer, "handed_over", figures.handed_over);
    return status;
}

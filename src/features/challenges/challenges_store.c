#include "features/challenges/challenges_store.h"

#include "features/conditions/conditions_store.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_counts(struct decision *decision, const struct challenge_row *row)
{
    const struct storage_value values[] = {value_integer(id_bucket(row->member)),
                                           value_integer(row->member),
                                           value_text(row->challenge),
                                           value_integer(row->event),
                                           value_text(row->step),
                                           value_text(row->value),
                                           value_integer(row->at),
                                           value_integer(row->units)};

    row_add(decision, &query_challenges_counts_put, arena_copy(decision->arena, values, sizeof values));
}

void store_counts_delete(struct decision *decision, const struct challenge_row *row)
{
    const struct storage_value values[] = {value_integer(id_bucket(row->member)),
                                           value_integer(row->member),
                                           value_text(row->challenge),
                                           value_integer(row->event),
                                           value_text(row->step),
                                           value_text(row->value)};

    row_add(decision, &query_challenges_counts_delete, arena_copy(decision->arena, values, sizeof values));
}

void store_reward(struct decision *decision, const struct challenge_reward *reward)
{
    const struct storage_value values[] = {value_integer(id_bucket(reward->member)),
                                           value_integer(reward->member),
                                           value_integer(reward->id),
                                           value_text(reward->challenge),
                                           value_integer(reward->number),
                                           value_integer(reward->event),
                                           value_integer(reward->given_at),
                                           value_text(reward->wallet),
                                           value_integer(reward->points),
                                           value_text(reward->badge),
                                           value_text(reward->item),
                                           value_integer(reward->used_at),
                                           value_integer(reward->taken_at)};

    row_add(decision, &query_challenges_reward_put, arena_copy(decision->arena, values, sizeof values));
}

void store_enrolment(struct decision *decision, const struct challenge_enrolment *enrolment)
{
    const struct storage_value values[] = {value_integer(id_bucket(enrolment->member)),
                                           value_integer(enrolment->member), value_text(enrolment->challenge),
                                           value_integer(enrolment->enrolled_at), value_integer(enrolment->left_at)};

    row_add(decision, &query_challenges_enrolment_put, arena_copy(decision->arena, values, sizeof values));
}

void store_badge(struct decision *decision, const struct member_badge *badge)
{
    const struct storage_value values[] = {value_integer(id_bucket(badge->member)),
                                           value_integer(badge->member),
                                           value_integer(badge->id),
                                           value_text(badge->badge),
                                           value_integer(badge->awarded_at),
                                           value_integer(badge->source),
                                           value_integer(badge->revoked_at)};

    row_add(decision, &query_challenges_badge_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- read: for a batch, or for one ---- */

/* The persons whose state is wanted, a slot each. */
struct reading {
    struct storage_session *session;
    struct arena *arena;
    struct challenge_state **states;
    struct storage_value *members; /* (slot, bucket, member) */
    size_t member_count, member_capacity;
    struct storage_value *rows; /* (slot, bucket, member, challenge) */
    size_t row_count, row_capacity;
};

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct challenge_state *state = reading->states[row_integer(row, 0)];

    (void)err;
    state->rows =
        arena_grow(reading->arena, state->rows, &state->row_capacity, state->row_count + 1, sizeof *state->rows);
    state->rows[state->row_count++] = (struct challenge_row){.challenge = row_text_copy(row, 1, reading->arena),
                                                             .step = row_text_copy(row, 2, reading->arena),
                                                             .member = row_integer(row, 3),
                                                             .event = row_integer(row, 4),
                                                             .at = row_integer(row, 5),
                                                             .value = row_text_copy(row, 6, reading->arena),
                                                             .units = row_integer(row, 7)};
    return STATUS_OK;
}

static enum status receive_reward(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct challenge_state *state = reading->states[row_integer(row, 0)];

    (void)err;
    state->rewards = arena_grow(reading->arena, state->rewards, &state->reward_capacity, state->reward_count + 1,
                                sizeof *state->rewards);
    state->rewards[state->reward_count++] =
        (struct challenge_reward){.member = row_integer(row, 1),
                                  .id = row_integer(row, 2),
                                  .challenge = row_text_copy(row, 3, reading->arena),
                                  .number = row_integer(row, 4),
                                  .event = row_integer(row, 5),
                                  .given_at = row_integer(row, 6),
                                  .wallet = row_text_copy(row, 7, reading->arena),
                                  .points = row_integer(row, 8),
                                  .badge = row_text_copy(row, 9, reading->arena),
                                  .item = row_text_copy(row, 10, reading->arena),
                                  .used_at = row_integer(row, 11),
                                  .taken_at = row_integer(row, 12)};
    return STATUS_OK;
}

static enum status receive_enrolment(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct challenge_state *state = reading->states[row_integer(row, 0)];

    (void)err;
    state->enrolments = arena_grow(reading->arena, state->enrolments, &state->enrolment_capacity,
                                   state->enrolment_count + 1, sizeof *state->enrolments);
    state->enrolments[state->enrolment_count++] = (struct challenge_enrolment){
        row_integer(row, 1), row_text_copy(row, 2, reading->arena), row_integer(row, 3), row_integer(row, 4)};
    return STATUS_OK;
}

static enum status receive_badge(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct challenge_state *state = reading->states[row_integer(row, 0)];

    (void)err;
    state->badges = arena_grow(reading->arena, state->badges, &state->badge_capacity, state->badge_count + 1,
                               sizeof *state->badges);
    state->badges[state->badge_count++] = (struct member_badge){.member = row_integer(row, 1),
                                                                .id = row_integer(row, 2),
                                                                .badge = row_text_copy(row, 3, reading->arena),
                                                                .awarded_at = row_integer(row, 4),
                                                                .source = row_integer(row, 5),
                                                                .revoked_at = row_integer(row, 6)};
    return STATUS_OK;
}

static void want_member(struct reading *reading, size_t slot, int64_t member, const struct challenge_load *load)
{
    reading->members = arena_grow(reading->arena, reading->members, &reading->member_capacity,
                                  (reading->member_count + 1) * 3, sizeof *reading->members);
    struct storage_value *key = &reading->members[reading->member_count++ * 3];
    key[0] = value_integer((int64_t)slot);
    key[1] = value_integer(id_bucket(member));
    key[2] = value_integer(member);
    reading->rows = arena_grow(reading->arena, reading->rows, &reading->row_capacity,
                               (reading->row_count + load->code_count) * 4 + 1, sizeof *reading->rows);
    for (size_t i = 0; i < load->code_count; i++) {
        struct storage_value *row = &reading->rows[reading->row_count++ * 4];
        row[0] = value_integer((int64_t)slot);
        row[1] = value_integer(id_bucket(member));
        row[2] = value_integer(member);
        row[3] = value_text(load->codes[i]);
    }
}

/* All members of the person of `member` in `group`. */
static void want_person(struct reading *reading, size_t slot, const struct group *group, int64_t member,
                        const struct challenge_load *load)
{
    int64_t leader = group_find((struct group *)(uintptr_t)group, member)->leader;

    for (size_t i = 0; i < group->member_count; i++)
        if (group->members[i].leader == leader)
            want_member(reading, slot, group->members[i].id, load);
}

static enum status send(struct reading *reading, struct error *err)
{
    const struct storage_receiver counts = {.row = receive_count, .context = reading};
    const struct storage_receiver rewards = {.row = receive_reward, .context = reading};
    const struct storage_receiver enrolments = {.row = receive_enrolment, .context = reading};
    const struct storage_receiver badges = {.row = receive_badge, .context = reading};
    struct storage_session *session = reading->session;
    enum status status =
        storage_send(session, &query_challenges_counts_load, reading->rows, reading->row_count, &counts, err);

    if (status == STATUS_OK)
        status = storage_send(session, &query_challenges_rewards_load, reading->members, reading->member_count,
                              &rewards, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_challenges_enrolments_load, reading->members, reading->member_count,
                              &enrolments, err);
    if (status == STATUS_OK)
        status =
            storage_send(session, &query_challenges_badges_load, reading->members, reading->member_count, &badges, err);
    return status;
}

enum status challenges_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct reading *reading = arena_alloc(context->arena, sizeof *reading);
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);

    *reading = (struct reading){.session = context->session,
                                .arena = context->arena,
                                .states = arena_array(context->arena, count + 1, sizeof(struct challenge_state *))};
    for (size_t i = 0; i < count; i++) {
        struct challenge_load *load = commands[i]->body;
        int64_t member = context->member_of(context, commands[i], 0);
        const struct group *group = context->group_of(context, commands[i], 0);
        load->state = (struct challenge_state){.rows = NULL};
        reading->states[i] = &load->state;
        loads[i] = (struct condition_load){commands[i], 0, load->parts, &load->known};
        if (member != 0 && group != NULL)
            want_person(reading, i, group, member, load);
    }
    enum status status = send(reading, err);
    return status == STATUS_OK ? conditions_load(context, loads, count, err) : status;
}

enum status challenges_back_load(struct load_context *context, struct command **commands, size_t count,
                                 struct error *err)
{
    struct entitled **outs = arena_array(context->arena, count + 1, sizeof *outs);

    for (size_t i = 0; i < count; i++)
        outs[i] = &((struct challenge_load *)commands[i]->body)->entitled;
    enum status status = challenges_load(context, commands, count, err);
    return status == STATUS_OK ? benefit_uses_load(context, commands, outs, count, err) : status;
}

enum status challenge_state_read(struct storage_session *session, struct arena *arena, const struct person *person,
                                 struct challenge_load *load, struct error *err)
{
    struct challenge_state *state = &load->state;
    struct reading reading = {.session = session, .arena = arena, .states = &state};

    *state = (struct challenge_state){.rows = NULL};
    want_person(&reading, 0, person->group, person->member->id, load);
    enum status status = send(&reading, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

/* ---- figures ---- */

static enum status receive_figures(void *context, const struct storage_row *row, struct error *err)
{
    struct challenge_figures *figures = context;

    (void)err;
    figures->members = row_integer(row, 0);
    figures->events = row_integer(row, 1);
    return STATUS_OK;
}

static enum status receive_given(void *context, const struct storage_row *row, struct error *err)
{
    struct challenge_figures *figures = context;

    (void)err;
    figures->rounds = row_integer(row, 0);
    figures->points = row_integer(row, 1);
    figures->taken_back = row_integer(row, 2);
    figures->handed_over = row_integer(row, 3);
    return STATUS_OK;
}

enum status challenge_figures_read(struct storage_session *session, struct text code, struct challenge_figures *out,
                                   struct error *err)
{
    const struct storage_receiver counts = {.row = receive_figures, .context = out};
    const struct storage_receiver rewards = {.row = receive_given, .context = out};
    const struct storage_value key = value_text(code);
    enum status status = storage_run(session, &query_challenges_figures, &key, 1, &counts, err);

    return status == STATUS_OK ? storage_run(session, &query_challenges_figures_rewards, &key, 1, &rewards, err)
                               : status;
}

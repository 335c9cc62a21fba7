#include "features/referrals/referrals_store.h"

#include <stdio.h>

#include "features/conditions/conditions_store.h"
#include "foundation/id.h"
#include "foundation/secret.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_referral_code(struct decision *decision, const struct referral_code *code)
{
    const struct storage_value values[] = {value_integer(id_bucket(code->member)), value_integer(code->member),
                                           value_text(code->programme), value_text(code->code),
                                           value_integer(code->made_at)};

    row_add(decision, &query_referrals_code_put, arena_copy(decision->arena, values, sizeof values));
}

static void store_side(struct decision *decision, const struct referral *referral, int side)
{
    int64_t member = side == 0 ? referral->friend_member : referral->referrer;
    const struct storage_value values[] = {value_integer(id_bucket(member)),
                                           value_integer(member),
                                           value_integer(referral->id),
                                           value_integer(side),
                                           value_integer(side == 0 ? referral->referrer : referral->friend_member),
                                           value_text(referral->programme),
                                           value_integer(referral->joined_at),
                                           value_integer(referral->state),
                                           value_text(referral->reason),
                                           value_integer(referral->purchase),
                                           value_integer(referral->qualified_at),
                                           value_text(referral->friend_wallet),
                                           value_integer(referral->friend_points),
                                           value_integer(referral->friend_row),
                                           value_text(referral->referrer_wallet),
                                           value_integer(referral->referrer_points),
                                           value_integer(referral->referrer_row),
                                           value_integer(referral->decided_at),
                                           value_text(referral->decided_by)};

    row_add(decision, &query_referrals_referral_put, arena_copy(decision->arena, values, sizeof values));
}

void store_referral(struct decision *decision, const struct referral *referral)
{
    store_side(decision, referral, 0);
    store_side(decision, referral, 1);
}

/* ---- read ---- */

/* The persons whose state is wanted, a slot each. */
struct reading {
    struct storage_session *session;
    struct arena *arena;
    struct referral_state_of **states;
    struct storage_value *members; /* (slot, bucket, member) */
    size_t count, capacity;
};

static struct referral decode(const struct storage_row *row, struct arena *arena)
{
    bool of_friend = row_integer(row, 3) == 0;
    int64_t member = row_integer(row, 1), other = row_integer(row, 4);

    return (struct referral){.friend_member = of_friend ? member : other,
                             .referrer = of_friend ? other : member,
                             .id = row_integer(row, 2),
                             .programme = row_text_copy(row, 5, arena),
                             .joined_at = row_integer(row, 6),
                             .state = row_integer(row, 7),
                             .reason = row_text_copy(row, 8, arena),
                             .purchase = row_integer(row, 9),
                             .qualified_at = row_integer(row, 10),
                             .friend_wallet = row_text_copy(row, 11, arena),
                             .friend_points = row_integer(row, 12),
                             .friend_row = row_integer(row, 13),
                             .referrer_wallet = row_text_copy(row, 14, arena),
                             .referrer_points = row_integer(row, 15),
                             .referrer_row = row_integer(row, 16),
                             .decided_at = row_integer(row, 17),
                             .decided_by = row_text_copy(row, 18, arena)};
}

static enum status receive_referral(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct referral_state_of *state = reading->states[row_integer(row, 0)];

    (void)err;
    state->referrals = arena_grow(reading->arena, state->referrals, &state->referral_capacity,
                                  state->referral_count + 1, sizeof *state->referrals);
    state->referrals[state->referral_count++] = decode(row, reading->arena);
    return STATUS_OK;
}

static enum status receive_code(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct referral_state_of *state = reading->states[row_integer(row, 0)];

    (void)err;
    state->codes =
        arena_grow(reading->arena, state->codes, &state->code_capacity, state->code_count + 1, sizeof *state->codes);
    state->codes[state->code_count++] =
        (struct referral_code){row_integer(row, 1), row_text_copy(row, 2, reading->arena),
                               row_text_copy(row, 3, reading->arena), row_integer(row, 4)};
    return STATUS_OK;
}

static void want_person(struct reading *reading, size_t slot, const struct group *group, int64_t member)
{
    int64_t leader = group_find((struct group *)(uintptr_t)group, member)->leader;

    for (size_t i = 0; i < group->member_count; i++) {
        if (group->members[i].leader != leader)
            continue;
        reading->members = arena_grow(reading->arena, reading->members, &reading->capacity, (reading->count + 1) * 3,
                                      sizeof *reading->members);
        struct storage_value *key = &reading->members[reading->count++ * 3];
        key[0] = value_integer((int64_t)slot);
        key[1] = value_integer(id_bucket(group->members[i].id));
        key[2] = value_integer(group->members[i].id);
    }
}

static enum status send(struct reading *reading, struct error *err)
{
    const struct storage_receiver referrals = {.row = receive_referral, .context = reading};
    const struct storage_receiver codes = {.row = receive_code, .context = reading};
    enum status status = storage_send(reading->session, &query_referrals_referrals_load, reading->members,
                                      reading->count, &referrals, err);

    return status == STATUS_OK ? storage_send(reading->session, &query_referrals_codes_load, reading->members,
                                              reading->count, &codes, err)
                               : status;
}

enum status referrals_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct reading *reading = arena_alloc(context->arena, sizeof *reading);
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);

    *reading =
        (struct reading){.session = context->session,
                         .arena = context->arena,
                         .states = arena_array(context->arena, count * REFERRAL_SIDES + 1, sizeof *reading->states)};
    for (size_t i = 0; i < count; i++) {
        struct referral_load *load = commands[i]->body;
        loads[i] = (struct condition_load){commands[i], 0, load->parts, &load->known};
        for (int side = 0; side < REFERRAL_SIDES; side++) {
            load->of[side] = (struct referral_state_of){.referrals = NULL};
            reading->states[i * REFERRAL_SIDES + (size_t)side] = &load->of[side];
            if ((size_t)side >= commands[i]->subject_count)
                continue;
            int64_t member = context->member_of(context, commands[i], side);
            const struct group *group = context->group_of(context, commands[i], side);
            if (member != 0 && group != NULL)
                want_person(reading, i * REFERRAL_SIDES + (size_t)side, group, member);
        }
    }
    enum status status = send(reading, err);
    return status == STATUS_OK ? conditions_load(context, loads, count, err) : status;
}

enum status referrals_read(struct storage_session *session, struct arena *arena, const struct person *person,
                           struct referral_state_of *out, struct error *err)
{
    struct reading reading = {.session = session, .arena = arena, .states = &out};

    *out = (struct referral_state_of){.referrals = NULL};
    want_person(&reading, 0, person->group, person->member->id);
    enum status status = send(&reading, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

enum status referral_read(struct storage_session *session, struct arena *arena, int64_t id, struct referral *out,
                          struct error *err)
{
    struct referral_state_of state = {.referrals = NULL}, *slot = &state;
    struct reading reading = {.session = session, .arena = arena, .states = &slot};
    const struct storage_receiver receiver = {.row = receive_referral, .context = &reading};
    const struct storage_value key[] = {value_integer(id_bucket(id)), value_integer(id)};
    enum status status = storage_run(session, &query_referrals_referral_read, key, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    if (state.referral_count == 0)
        return error_set(err, STATUS_MISSING, "referral.unknown", "referral", "there is no such referral");
    *out = state.referrals[0];
    return STATUS_OK;
}

enum status referrals_held(struct storage_session *session, struct arena *arena, const struct referral_page *page,
                           struct referral **out, size_t *count, struct error *err)
{
    struct referral_state_of state = {.referrals = NULL}, *slot = &state;
    struct reading reading = {.session = session, .arena = arena, .states = &slot};
    const struct storage_receiver receiver = {.row = receive_referral, .context = &reading};
    const struct storage_value values[] = {value_integer(page->after_at),
                                           value_integer(page->after_id == 0 ? -1 : id_bucket(page->after_id)),
                                           value_integer(page->after_id), value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_referrals_referrals_held, values, 1, &receiver, err);

    *out = state.referrals;
    *count = state.referral_count;
    return status;
}

enum status referral_chain(struct storage_session *session, struct arena *arena, int64_t member, int64_t **out,
                           size_t *count, struct error *err)
{
    int64_t *chain = arena_array(arena, REFERRAL_CHAIN_MAX, sizeof *chain);
    enum status status = STATUS_OK;

    *out = chain;
    *count = 0;
    while (member != 0 && *count < REFERRAL_CHAIN_MAX && status == STATUS_OK) {
        struct referral_state_of state = {.referrals = NULL}, *slot = &state;
        struct storage_value key[] = {value_integer(0), value_integer(id_bucket(member)), value_integer(member)};
        struct reading reading = {.session = session, .arena = arena, .states = &slot, .members = key, .count = 1};
        int64_t above = 0;
        status = send(&reading, err);
        if (status == STATUS_OK)
            status = storage_flush(session, err);
        for (size_t i = 0; i < state.referral_count; i++)
            if (state.referrals[i].friend_member == member)
                above = state.referrals[i].referrer;
        if (above != 0)
            chain[(*count)++] = above;
        member = above;
    }
    return status;
}

/* ---- codes and marks ---- */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct text referral_code_make(struct arena *arena)
{
    unsigned char random[REFERRAL_CODE_SIZE];
    char *code = arena_alloc(arena, REFERRAL_CODE_SIZE + 1);

    secret_random(random, sizeof random);
    for (size_t i = 0; i < REFERRAL_CODE_SIZE; i++)
        code[i] = alphabet[random[i] % (sizeof alphabet - 1)];
    return (struct text){code, REFERRAL_CODE_SIZE};
}

struct text referral_code_read(struct arena *arena, struct text typed)
{
    char *code = arena_alloc(arena, typed.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < typed.size; i++) {
        char c = typed.bytes[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        if (c != ' ' && c != '-')
            code[size++] = c;
    }
    return (struct text){code, size};
}

struct text referral_mark(struct engine *engine, struct arena *arena, struct text mark)
{
    unsigned char digest[DIGEST_SIZE];
    char *text = arena_alloc(arena, 2 * SEAL_SIZE + 1);

    hmac_sha256(engine_seal_key(engine), SEAL_KEY_SIZE, mark.bytes, mark.size, digest);
    for (size_t i = 0; i < SEAL_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return (struct text){text, 2 * SEAL_SIZE};
}

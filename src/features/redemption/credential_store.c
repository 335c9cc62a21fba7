#include "features/redemption/credential_store.h"

#include "queries.h"
#include "storage/storage.h"

/* ---- reading ---- */

static struct credentials credentials_of(const struct storage_row *row, struct arena *arena)
{
    return (struct credentials){.known = true,
                                .generation = row_integer(row, 1),
                                .step = row_integer(row, 2),
                                .code_number = row_integer(row, 3),
                                .code_expires_at = row_integer(row, 4),
                                .code_tries = row_integer(row, 5),
                                .code_used = row_integer(row, 6),
                                .code_issued_at = row_integer(row, 7),
                                .code_hour = row_integer(row, 8),
                                .code_count = row_integer(row, 9),
                                .pin_version = row_integer(row, 10),
                                .pin_locked_until = row_integer(row, 11),
                                .pin_hash = row_text_copy(row, 12, arena)};
}

struct reading {
    struct arena *arena;
    struct credentials *out;
};

static enum status receive_credentials(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;

    (void)err;
    *reading->out = credentials_of(row, reading->arena);
    return STATUS_OK;
}

enum status credentials_read(struct storage_session *session, struct arena *arena, int64_t owner,
                             struct credentials *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_credentials, .context = &reading};
    const struct storage_value values[] = {value_integer(id_bucket(owner)), value_integer(owner)};

    *out = (struct credentials){.known = false};
    return storage_run(session, &query_redemption_credential_read, values, 1, &receiver, err);
}

struct owner {
    int64_t leader, status;
};

static enum status receive_owner(void *context, const struct storage_row *row, struct error *err)
{
    struct owner *owner = context;

    (void)err;
    *owner = (struct owner){row_integer(row, 0), row_integer(row, 1)};
    return STATUS_OK;
}

enum status credential_owner(struct storage_session *session, int64_t member, int64_t *out, struct error *err)
{
    struct owner owner = {0, 0};
    const struct storage_receiver receiver = {.row = receive_owner, .context = &owner};
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member)};
    enum status status = storage_run(session, &query_redemption_member_leader, values, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    if (owner.leader == 0)
        return error_set(err, STATUS_MISSING, "member.unknown", "member", "there is no such member");
    if (owner.status != MEMBER_ACTIVE)
        return error_set(err, STATUS_MISSING, "member.erased", "member", "the member was erased");
    *out = owner.leader;
    return STATUS_OK;
}

/* ---- loading for commands ---- */

struct proofs_loading {
    struct arena *arena;
    struct proof **proofs;
};

static enum status receive_loaded(void *context, const struct storage_row *row, struct error *err)
{
    const struct proofs_loading *loading = context;

    (void)err;
    loading->proofs[row_integer(row, 0)]->stored = credentials_of(row, loading->arena);
    return STATUS_OK;
}

enum status proofs_load(struct load_context *context, struct proof *const *proofs, size_t count, struct error *err)
{
    enum { COLUMNS = 3 };
    struct proofs_loading *loading = arena_alloc(context->arena, sizeof *loading);
    struct storage_value *values = arena_array(context->arena, COLUMNS * count + 1, sizeof *values);
    const struct storage_receiver receiver = {.row = receive_loaded, .context = loading};
    size_t used = 0;

    *loading = (struct proofs_loading){context->arena, arena_array(context->arena, count + 1, sizeof *loading->proofs)};
    for (size_t i = 0; i < count; i++) {
        proofs[i]->stored = (struct credentials){.known = false};
        if (proofs[i]->owner == 0)
            continue;
        values[COLUMNS * used] = value_integer((int64_t)used);
        values[COLUMNS * used + 1] = value_integer(id_bucket(proofs[i]->owner));
        values[COLUMNS * used + 2] = value_integer(proofs[i]->owner);
        loading->proofs[used++] = proofs[i];
    }
    return storage_send(context->session, &query_redemption_credentials_load, values, used, &receiver, err);
}

enum status set_pin_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct proof **proofs = arena_array(context->arena, count + 1, sizeof *proofs);

    for (size_t i = 0; i < count; i++)
        proofs[i] = &((struct pin_change *)commands[i]->body)->proof;
    return proofs_load(context, proofs, count, err);
}

/* ---- written with commands ---- */

static void add_row(struct decision *decision, const struct storage_query *query, const struct storage_value *values,
                    size_t count)
{
    row_add(decision, query, arena_copy(decision->arena, values, count * sizeof *values));
}

void store_step_used(struct decision *decision, int64_t member, int64_t step)
{
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member),
                                           value_integer(step)};

    add_row(decision, &query_redemption_step_used, values, sizeof values / sizeof values[0]);
}

void store_code_used(struct decision *decision, int64_t member, int64_t number)
{
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member),
                                           value_integer(number)};

    add_row(decision, &query_redemption_code_used, values, sizeof values / sizeof values[0]);
}

void store_pin(struct decision *decision, int64_t member, struct text hash, int64_t version)
{
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member), value_text(hash),
                                           value_integer(version)};

    add_row(decision, &query_redemption_pin_put, values, sizeof values / sizeof values[0]);
}

/* ---- written at once ---- */

struct returned {
    int64_t value;
    bool any;
};

static enum status receive_returned(void *context, const struct storage_row *row, struct error *err)
{
    struct returned *returned = context;

    (void)err;
    *returned = (struct returned){row_integer(row, 0), true};
    return STATUS_OK;
}

static enum status run_returning(struct storage_session *session, const struct storage_query *query,
                                 const struct storage_value *values, struct returned *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_returned, .context = out};

    *out = (struct returned){0, false};
    return storage_run(session, query, values, 1, &receiver, err);
}

enum status pin_attempt(struct storage_session *session, int64_t owner, int64_t now, bool *taken, struct error *err)
{
    const struct storage_value values[] = {value_integer(id_bucket(owner)), value_integer(owner), value_integer(now)};
    struct returned returned;
    enum status status = run_returning(session, &query_redemption_pin_attempt, values, &returned, err);

    *taken = returned.any;
    return status;
}

enum status pin_right(struct storage_session *session, int64_t owner, int64_t version, struct error *err)
{
    const struct storage_value values[] = {value_integer(id_bucket(owner)), value_integer(owner),
                                           value_integer(version)};

    return storage_run(session, &query_redemption_pin_right, values, 1, NULL, err);
}

enum status code_attempt(struct storage_session *session, int64_t owner, int64_t number, bool *taken, struct error *err)
{
    const struct storage_value values[] = {value_integer(id_bucket(owner)), value_integer(owner), value_integer(number),
                                           value_integer(PROOF_CODE_TRIES)};
    struct returned returned;
    enum status status = run_returning(session, &query_redemption_code_attempt, values, &returned, err);

    *taken = returned.any;
    return status;
}

static enum status start(struct storage_session *session, int64_t owner, struct error *err)
{
    const struct storage_value values[] = {value_integer(id_bucket(owner)), value_integer(owner)};

    return storage_run(session, &query_redemption_credential_start, values, 1, NULL, err);
}

static enum status check_rate(const struct credentials *stored, int64_t now, struct error *err)
{
    int64_t next = stored->code_issued_at + PROOF_CODE_REST;
    char text[INSTANT_TEXT_SIZE];

    if (stored->code_count >= PROOF_CODES_HOUR && now < stored->code_hour + INSTANT_HOUR)
        next = stored->code_hour + INSTANT_HOUR;
    if (now >= next)
        return STATUS_OK;
    return error_set(err, STATUS_LIMIT, "code.rate", "member", "the next code of this member may be had at %s",
                     instant_format(next, text));
}

enum status code_issue(struct storage_session *session, struct arena *arena, int64_t owner, int64_t now,
                       int64_t *number, struct error *err)
{
    struct credentials stored;
    struct returned returned;
    enum status status = start(session, owner, err);

    if (status == STATUS_OK)
        status = credentials_read(session, arena, owner, &stored, err);
    if (status == STATUS_OK)
        status = check_rate(&stored, now, err);
    if (status != STATUS_OK)
        return status;
    bool same_hour = now < stored.code_hour + INSTANT_HOUR;
    const struct storage_value values[] = {value_integer(id_bucket(owner)),
                                           value_integer(owner),
                                           value_integer(stored.code_number),
                                           value_integer(now + PROOF_CODE_LIFE),
                                           value_integer(now),
                                           value_integer(same_hour ? stored.code_hour : now),
                                           value_integer(same_hour ? stored.code_count + 1 : 1)};
    status = run_returning(session, &query_redemption_code_issue, values, &returned, err);
    if (status == STATUS_OK && !returned.any)
        return error_set(err, STATUS_BUSY, "engine.again", "", "another code was issued at the same moment");
    *number = returned.value;
    return status;
}

enum status generation_next(struct storage_session *session, int64_t owner, int64_t *generation, struct error *err)
{
    const struct storage_value values[] = {value_integer(id_bucket(owner)), value_integer(owner)};
    struct returned returned;
    enum status status = start(session, owner, err);

    if (status == STATUS_OK)
        status = run_returning(session, &query_redemption_generation_next, values, &returned, err);
    *generation = returned.value;
    return status;
}
